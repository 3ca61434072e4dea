"""Nova logs in to the database server as its superuser.

Whoever reads one nova.conf then owns every database of the server, Keystone's among them. Nova needs all rights on its
own schemas and none beyond (Security Guide, "Database access control").
"""

from auditor.check import Check, Outcome, Scope, Severity, Site, Transport, bad, failed, good, moot, passed
from auditor.checks.shapes import of_databases
from auditor.checks.subjects import DATABASE_ROLES, in_cell

_SUPERUSERS = frozenset({"root", "postgres"})


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the user is root or postgres."""
    _ = transport.url.value  # a URL that was withheld settles nothing
    if transport.user in _SUPERUSERS:
        remedy = in_cell(transport, "Make a database user of its own for the cell.")
        return failed(f"{transport} logs in as {transport.user}", transport.url, remedy=remedy)
    return passed(f"{transport} logs in as {transport.user or 'the user of the process'}", transport.url)


CHECK = Check(
    id="database-superuser-login",
    title="Nova logs in as the database's superuser",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Make a database user of its own for each of nova, nova_api and placement, and write it into the URL.",
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(evaluate),
    examples=(
        bad("[database]\nconnection = mysql+pymysql://root:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
        good("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
        moot("[database]\nconnection = sqlite:////var/lib/nova/nova.sqlite\n"),
    ),
)
