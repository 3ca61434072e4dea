"""A database connection is encrypted for whoever answers: the server's certificate is not verified.

An attacker in the path answers with a certificate of their own and reads the login and every row. Parameters that sound
like more security lead there: ``ssl_verify_identity`` (whatever its value, before PyMySQL 1.2.4) and
``ssl_check_hostname`` without ``ssl_ca``, a client certificate without ``ssl_ca``, PostgreSQL's ``sslmode=require``.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import any_certificate, of_databases
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES

CHECK = Check(
    id="database-certificate-unverified",
    title="The database's certificate is not verified",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Add `?ssl_ca=/path/to/ca.pem` to the URL, and remove `ssl_verify_cert` and `ssl_verify_identity`.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=of_databases(any_certificate),
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_check_hostname=true\n"
        ),
        bad(
            "[database]\nconnection = postgresql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?sslmode=require\n"
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem&ssl_verify_cert=false\n",
            files=CA_FILES,
            why="that is `database-ca-ignored`",
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
