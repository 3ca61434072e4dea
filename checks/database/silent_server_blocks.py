"""A database that accepts the connection and then stays silent blocks the service for ever.

PyMySQL waits for an answer without limit unless ``read_timeout`` is in the URL; ``pool_timeout``, ``max_retries`` and
``connection_recycle_time`` do not help (measured with 1.0.2 to 1.2.4). A load balancer or ProxySQL in front of a dead
server is enough.
"""

from auditor.check import (
    Check,
    Outcome,
    Role,
    Scope,
    Service,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import DATABASE_ROLES

_URLS = (
    ("database", "connection"),
    ("database", "slave_connection"),
    ("api_database", "connection"),
    ("placement_database", "connection"),
)


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a URL of PyMySQL has no read_timeout."""
    urls = [
        setting
        for setting in (service.find(group, name) for group, name in _URLS if _is_opened(service, group))
        if setting is not None and setting.is_written and "pymysql://" in str(setting.value or "")
    ]
    if not urls:
        return not_applicable("it has no connection of PyMySQL")
    silent = [
        url
        for url in urls
        if "read_timeout=" not in f"{url.value}&{_value(service, url.group, 'connection_parameters')}"
    ]
    if silent:
        return failed(
            f"no read_timeout in {', '.join(str(url) for url in silent)}: a silent server is waited for for ever",
            *silent,
        )
    return passed("an answer of the database is waited for with a limit", *urls)


def _is_opened(service: Service, group: str) -> bool:
    return service.role is not Role.CONSOLE_PROXY or group != "api_database"


def _value(service: Service, group: str, name: str) -> str:
    setting = service.find(group, name)
    return "" if setting is None else str(setting.value or "")


CHECK = Check(
    id="database-silent-server-blocks",
    title="A silent database blocks the service for ever",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Add `read_timeout=60` to the URL's query, above the longest query that you accept.",
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=evaluate,
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?charset=utf8\n"
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?read_timeout=60\n"
        ),
        moot("[database]\nconnection = postgresql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
