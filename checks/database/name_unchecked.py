"""A database connection accepts the right authority's certificate for any name.

Whoever holds any certificate of that authority, such as the next service or a compute host, answers for the database.
With PyMySQL, ``ssl_ca`` alone checks the name and ``ssl_check_hostname=false`` switches that off; PostgreSQL checks it
only with ``sslmode=verify-full``.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import any_name, of_databases
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES

CHECK = Check(
    id="database-name-unchecked",
    title="The name in the database's certificate is not checked",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Remove `ssl_check_hostname` from the URL, or write `sslmode=verify-full` for PostgreSQL.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=of_databases(any_name),
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem&ssl_check_hostname=false\n",
            files=CA_FILES,
        ),
        bad(
            "[database]\nconnection = postgresql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova"
            "?sslmode=verify-ca&sslrootcert=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
