"""Nova keeps its data in SQLite.

A file on one host serves neither several services nor several hosts: writers lock each other out, and Nova's own tests
are the only user that upstream supports. Packages ship it as a default so that the service can be installed.
"""

from auditor.check import (
    Check,
    Outcome,
    Scope,
    Severity,
    Site,
    Transport,
    bad,
    failed,
    good,
    moot,
    passed,
)
from auditor.checks.subjects import DATABASE_ROLES, in_cell, of_another_area, require_url

_REMEDY = "Write a `mysql+pymysql://` or `postgresql://` URL."


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the driver is SQLite."""
    other = of_another_area(transport, messaging=False)
    if other is not None:
        return other
    require_url(transport)
    if transport.driver.partition("+")[0] == "sqlite":
        remedy = in_cell(transport, _REMEDY)
        return failed(f"{transport.url} is SQLite, a file of this host", transport.url, remedy=remedy)
    return passed(f"{transport.url} is a database server", transport.url)


CHECK = Check(
    id="database-sqlite",
    title="Nova keeps its data in SQLite",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation=_REMEDY,
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=evaluate,
    examples=(
        bad("[database]\nconnection = sqlite:////var/lib/nova/nova.sqlite\n"),
        good("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
