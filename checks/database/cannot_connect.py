"""A database connection cannot be made with what is written.

The service stops at its first query, or retries it: a driver that is not installed, a CA file that is not there, a
parameter that the driver does not know, a parameter written twice. No other check judges such a connection.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import no_connection
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES

CHECK = Check(
    id="database-cannot-connect",
    title="A database connection cannot be made",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Mend the URL or the parameter that the finding names.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=no_connection(messaging=False),
    examples=(
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/missing.pem\n"
        ),
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_mode=VERIFY_IDENTITY\n",
            why="a keyword of mysqlclient, which PyMySQL refuses with TypeError",
        ),
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl=true\n",
            why="PyMySQL takes the text for a dictionary: AttributeError on every connect",
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
