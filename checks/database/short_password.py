"""A database password is short.

A short password can be tried out over the network, or from a captured login. The site decides what is short
(``secret_characters``).
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_databases, short_password
from auditor.checks.subjects import DATABASE_ROLES

CHECK = Check(
    id="database-short-password",
    title="A database password is short",
    severity=Severity.LOW,
    scope=Scope.TRANSPORT,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Give the database user a longer random password and write it into the URL.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=of_databases(short_password),
    examples=(
        bad("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2k@db.example/nova\n"),
        good("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
        moot("[database]\nconnection = sqlite:////var/lib/nova/nova.sqlite\n"),
    ),
)
