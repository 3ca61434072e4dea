"""What the auditor says of the cases of `tests.conformance.cases.traps`, by the function that knows."""

from collections.abc import Callable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

from auditor.errors import Undecidable
from auditor.model import Posture, Service
from auditor.semantics import authtoken, clients, logfiles, logs, outages, pools, rpc
from auditor.semantics.transports import transports
from tests.conformance.replay.host import view

#: Case id to the reason why the auditor may differ there.
KNOWN: Mapping[str, str] = MappingProxyType({})

#: The ports of a case's servers, as far as the auditor cares.
_PORTS = {"@R1@": "5671", "@R2@": "5673", "@PLACEMENT@": "8778", "@SILENT@": "8779", "@CLOSED@": "8780"}

#: What is measured, to the service that does it; the others are done by any.
_SERVICES = {
    "barbican": "nova-compute",
    "middleware": "nova-api",
    "placement": "nova-scheduler",
    "database_on_compute": "nova-compute",
}


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where auditor and library differ."""
    placed = dict(case)
    for name, port in _PORTS.items():
        placed["conf"] = placed["conf"].replace(name, port)
    service = view(placed, truth, 5672, _SERVICES.get(case["measure"], "nova-conductor")).service
    assert isinstance(service, Service)
    said = _SAYS[case["measure"]](case, service)
    measured = truth["results"][case["id"]]
    return None if said == measured else f"the auditor says {said}, the library did {measured}"


def _heartbeat(_: Mapping[str, Any], service: Service) -> Any:
    found = rpc.heartbeat(service)
    assert found is not None
    # The broker of the measurement proposes 60 seconds, as RabbitMQ does.
    return {
        "agreed": min(found.asked, 60),
        "socket": found.socket,
        "user_timeout": found.unacknowledged,
    }


def _order(_: Mapping[str, Any], service: Service) -> Any:
    found = rpc.reconnection(service)
    assert found is not None
    return {"first": ["r1", "r2"] if found.is_shuffled else ["r1"]}


def _reconnection(_: Mapping[str, Any], service: Service) -> Any:
    if _is_broken(service):
        return {"error": "ConfigFileValueError"}
    found = rpc.reconnection(service)
    assert found is not None
    delays = (found.pauses[min(number, len(found.pauses) - 1)] for number in range(100))
    return {
        "delays": list(islice(delays, 20)),
        "pauses": [(number + 1) % found.brokers == 0 for number in range(4)],
        "attempts": None,
        "connect_timeout": found.connect,
    }


def _connection(_: Mapping[str, Any], service: Service) -> Any:
    return {"error": "ConfigFileValueError"} if _is_broken(service) else {"connected": True}


def _pool(_: Mapping[str, Any], service: Service) -> Any:
    if _is_broken(service):
        return {"error": "DriverLoadFailure"}
    return {"pool": service["oslo_messaging_rabbit", "rpc_conn_pool_size"].value}


def _is_broken(service: Service) -> bool:
    return transports(service)[0].posture is Posture.BROKEN


def _reply(_: Mapping[str, Any], service: Service) -> Any:
    after = rpc.seconds_after_caller(service)
    assert after == 0  # the caller of the measurement waits a minute, longer than the server tries
    return {"seconds": service["oslo_messaging_rabbit", "kombu_missing_consumer_retry_timeout"].value}


def _calls(_: Mapping[str, Any], service: Service) -> Any:
    kinds = {
        "get_host_uptime": "compute",
        "object_backport_versions": "conductor",
        "select_destinations": "long",
        "set_host_enabled": "long",
    }
    try:
        found = rpc.calls(service)
    except Undecidable:
        return {"error": "TypeError"}
    return {
        method: {"timeout": found[kind].timeout, "monitor": found[kind].monitor}
        for method, kind in kinds.items()
    }


def _placement(case: Mapping[str, Any], service: Service) -> Any:
    of = outages.of_silence if case["silent"] else outages.of_refusal
    ending = of(service, from_start=case["from_start"])
    if ending.is_at_start:
        return {"client": ending.error}
    return {"client": None, "call": "caught" if ending.is_caught else ending.error}


def _middleware(case: Mapping[str, Any], service: Service) -> Any:
    found = {name: authtoken.setting(service, name) for name in case["options"]}
    cache = authtoken.token_cache(service)
    if cache.broken or any(setting is not None and setting.error for setting in found.values()):
        return {"error": "ConfigurationError"}
    strategy = authtoken.setting(service, "memcache_security_strategy")
    assert strategy is not None
    assert (cache.place, cache.protection) == ("process", "none")
    return {
        "options": {name: None if setting is None else setting.value for name, setting in found.items()},
        "cache": "TokenCache" if strategy.value in (None, "None") else "SecureTokenCache",
        "pool": "_CachePool",
    }


def _barbican(_: Mapping[str, Any], service: Service) -> Any:
    (client,) = (client for client in clients.clients(service) if client.section == "barbican")
    verify = {"none": False, "system": True, "file": client.trust.path}
    return {"verify": verify[client.trust.kind]}


def _api_servers(_: Mapping[str, Any], service: Service) -> Any:
    return {"asked": sorted(service["glance", "api_servers"].value)}


def _logs(case: Mapping[str, Any], service: Service) -> Any:
    limit = logfiles.rate_limit(service)
    if logfiles.refusal(service) is not None:
        return {"error": "RuntimeError"}
    if logs.levels(service).broken is not None:
        return {"error": "NoSuchOptError"}
    # The records of the measurement are INFO.
    is_limited = limit is not None and limit.exempt not in ("DEBUG", "INFO")
    kinds = {
        "none": "WatchedFileHandler",
        "size": "RotatingFileHandler",
        "interval": "TimedRotatingFileHandler",
    }
    found = kinds[logfiles.rotation(service)]
    watched = service.find("DEFAULT", "watch_log_file")
    if watched is not None and watched.value:
        found = "FastWatchedFileHandler"
    is_file = "log_file" in case["conf"] or "log_dir" in case["conf"]
    return {"written": 100 if is_limited else 300, "file": found if is_file else None}


def _engine(_: Mapping[str, Any], service: Service) -> Any:
    found = pools.pool(service, "database")
    return {
        "connections": found.most,
        "waits": found.wait,
        "recycle": found.recycle,
        "pings": found.is_checked,
        "threads": service["DEFAULT", "executor_thread_pool_size"].value,
    }


def _database_on_compute(_: Mapping[str, Any], service: Service) -> Any:
    opened = [found for found in transports(service) if found.purpose == "api_database" and found.is_opened]
    return {"database": None if opened else "DBNotAllowed", "version": None}


_SAYS: Mapping[str, Callable[[Mapping[str, Any], Service], Any]] = MappingProxyType(
    {
        "api_servers": _api_servers,
        "barbican": _barbican,
        "calls": _calls,
        "connection": _connection,
        "database_on_compute": _database_on_compute,
        "engine": _engine,
        "heartbeat": _heartbeat,
        "logs": _logs,
        "middleware": _middleware,
        "order": _order,
        "placement": _placement,
        "pool": _pool,
        "reconnection": _reconnection,
        "reply": _reply,
    }
)
