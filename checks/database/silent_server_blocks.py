"""A database that accepts the connection and then stays silent blocks the service for ever.

A load balancer or ProxySQL in front of a dead server is enough. PyMySQL waits for an answer without limit unless
``read_timeout`` is in the URL, and for the end of a TLS handshake unless ``write_timeout`` is; its ``connect_timeout``
ends with the TCP connection. mysqlclient waits for the login without limit unless ``connect_timeout`` is there, and for an
answer unless ``read_timeout`` is. ``pool_timeout``, ``max_retries`` and ``connection_recycle_time`` do not help (all
measured, with the drivers of Zed to 2026.2).
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
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
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES, require_cells
from auditor.semantics import pools
from auditor.semantics.cells import mend
from auditor.semantics.transports import transports


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a connection to MySQL lacks a timeout that its driver needs."""
    connections = [
        one
        for one in transports(service)
        if one.is_opened and one.posture is not Posture.BROKEN and pools.driver_of(one) is not None
    ]
    if not connections:
        require_cells(service)
        return not_applicable("it has no connection to MySQL that can be made")
    lacking = [(one, pools.lacking_timeouts(service, one)) for one in connections]
    silent = [one for one, names in lacking if names]
    if silent:
        names = tuple(dict.fromkeys(name for _, missing in lacking for name in missing))
        urls = [one.url for one in silent]
        remedy: str | None = (
            f"Add `{'&'.join(f'{name}=60' for name in names)}` to the query of "
            f"{', '.join(f'`{url}`' for url in urls)}, above the longest query that you accept."
        )
        for one in silent:
            remedy = mend(one, remedy)
        return failed(
            f"no {' and no '.join(names)} in {', '.join(map(str, urls))}: a silent server is waited for for ever",
            *urls,
            remedy=remedy,
        )
    require_cells(service)
    return passed("an answer of the database is waited for with a limit", *(one.url for one, _ in lacking))


CHECK = Check(
    id="database-silent-server-blocks",
    title="A silent database blocks the service for ever",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Add `read_timeout=60&write_timeout=60` to the URL's query, above the longest query that you accept.",
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=evaluate,
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?charset=utf8\n"
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova"
            "?read_timeout=60&write_timeout=60\n"
        ),
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova"
            "?ssl_ca=/etc/nova/ca.pem&read_timeout=60\n",
            files=CA_FILES,
            why="the TLS handshake heeds `write_timeout` alone",
        ),
        moot("[database]\nconnection = postgresql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
