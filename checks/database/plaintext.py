"""A database connection is plain text.

Whoever can listen on the network reads every row: instance data, connection data of volumes, console tokens. Whoever
answers in the server's place asks for the password itself (``mysql_clear_password``), and is told. The driver encrypts
only where the URL, ``connection_parameters`` or the option file it names asks for it (PyMySQL before 1.2;
``ssl_disabled``, whatever its value, switches it off). mysqlclient is plain text, too, where it cannot load the authority
or the certificate that is written: then no server with TLS can be reached, and one without it gets the login.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_databases, plain_text
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES

CHECK = Check(
    id="database-plaintext",
    title="A database connection in plain text",
    severity=Severity.CRITICAL,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Add `?ssl_ca=/path/to/ca.pem` to the URL once the server speaks TLS.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=of_databases(plain_text),
    examples=(
        bad("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
        bad(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem&ssl_disabled=false\n",
            files=CA_FILES,
            why="PyMySQL takes any value of ssl_disabled for true",
        ),
        good(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@127.0.0.1/nova\n"),
        moot(
            "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n",
            service="nova-compute",
            why="nova-compute never opens it",
        ),
    ),
)
