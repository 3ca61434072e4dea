"""A database password is none, a default or a placeholder.

Whoever reaches the database logs in with the words of the manuals, and then reads and changes everything that Nova
knows. Passwords never leave their host: the host itself compares them with the known defaults and placeholders.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import guessable_password, of_databases
from auditor.checks.subjects import DATABASE_ROLES

CHECK = Check(
    id="database-guessable-password",
    title="A database password is a default or a placeholder",
    severity=Severity.CRITICAL,
    scope=Scope.TRANSPORT,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Give the database user a random password and write it into the URL.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=of_databases(guessable_password),
    examples=(
        bad("[database]\nconnection = mysql+pymysql://nova:NOVA_DBPASS@db.example/nova\n"),
        good("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
        moot("[database]\nconnection = sqlite:////var/lib/nova/nova.sqlite\n"),
    ),
)
