"""A database connection accepts a certificate of any public authority, for any name.

Whoever owns any domain gets a certificate from a public authority for nothing, and with it answers for the database.
``ssl_verify_cert=true`` leads there: it makes PyMySQL load the system's roots and check no name, also where ``ssl_ca``
stands beside it.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_databases, public_authorities
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES

CHECK = Check(
    id="database-trusts-public-cas",
    title="Any public certificate authority can answer for the database",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Write `?ssl_ca=/path/to/ca.pem` with the authority of the database, and neither `ssl_verify_cert` nor `ssl_verify_identity`.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=of_databases(public_authorities),
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_verify_cert=true\n"
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
