"""What the auditor says of pools, attempts and silence, beside what oslo.db and the drivers did."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from auditor.model import Service
from auditor.semantics import mysql, pools
from tests.conformance.replay.host import opener, service_of

#: Case id to the reason why the auditor says otherwise.
KNOWN: Mapping[str, str] = {}

#: How a server of a kind fails, as the driver's error says it.
_CODES = {"refused": 2003, "lost": 2013, "untrusted": 2003}

#: Seconds within which a measurement agrees: attempts take a moment themselves.
TOLERANCE = 1


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where the auditor and the library differ about a case, None where they agree."""
    result = truth["results"][case["id"]]
    service = service_of(case, truth, 3306, opener(case))
    url = str(service[case["group"], "connection"].value)
    if case["server"].startswith("asks"):
        answer = "the password" if case["server"].split()[1] in mysql.SURRENDERED_TO else "nothing"
        return (
            None
            if (answer == "the password") == (result["told"] == "pw")
            else f"the auditor says {answer} is told"
        )
    if case["server"] == "none":
        said = _pool(service, case["group"])
        true = {name: result[name] for name in said}
    elif "silent" in case["server"]:
        said, true = _silence(case, url, truth), {"blocks": "blocked" in result}
        return None if said == true else f"the auditor says {said}, the library {true}"
    else:
        said = _start(service, case, url)
        true = {key: value for key, value in result.items() if key != "error"}
    differing = [name for name in true if not _is_near(said.get(name), true[name])]
    if case["server"] == "none" and not set(result["ignored"]) <= set(pools.IGNORED):
        differing.append("ignored")
    return (
        "; ".join(
            f"{one}: the auditor says {said.get(one)}, the library {true.get(one)}" for one in differing
        )
        or None
    )


def _is_near(said: Any, true: Any) -> bool:
    if isinstance(said, (int, float)) and isinstance(true, (int, float)):
        return abs(said - true) <= (TOLERANCE if isinstance(said, float) else 0)
    return bool(said == true)


def _pool(service: Service, group: str) -> dict[str, Any]:
    found = pools.pool(service, group)
    return {"most": found.most, "wait": found.wait, "recycle": found.recycle}


def _start(service: Service, case: Mapping[str, Any], url: str) -> dict[str, Any]:
    """The attempts and seconds until the engine gives up."""
    start, kind = pools.start(service, case["group"]), case["server"]
    code = int(kind.split()[1]) if kind.startswith("error") else _CODES[kind]
    scheme = url.partition(":")[0]
    if "missing.pem" in url:
        return {"attempts": 0, "seconds": 0.0}
    if start.attempts is None:
        # The server lets twelve go, and its answer to the next ends the attempts.
        return {"attempts": 13, "seconds": 0.0}
    if not pools.is_retried(code, scheme):
        return {"attempts": 1, "seconds": 0.0}
    return {"attempts": start.attempts, "seconds": start.bound(0.0).seconds}


def _silence(case: Mapping[str, Any], url: str, truth: Mapping[str, Any]) -> dict[str, Any]:
    """Whether the client waits for ever: only for a timeout that matters where its server falls silent."""
    driver = "PyMySQL" if "pymysql" in url else "mysqlclient"
    parameters = dict(parse_qsl(url.partition("?")[2]))
    missing = set(pools.missing_timeouts(driver, parameters, speaks_tls="TLS" in case["server"]))
    if case["server"] == "silent after the login":
        missing.discard("connect_timeout")
    elif driver == "mysqlclient" or "TLS" in case["server"]:
        missing.discard("read_timeout")
    return {"blocks": bool(missing)}
