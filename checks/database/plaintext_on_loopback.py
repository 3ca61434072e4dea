"""A database connection is plain text over this machine's own loopback interface.

Nobody on the network can listen, but every process with CAP_NET_RAW on the machine can; and a proxy that listens here
(ProxySQL, HAProxy) may well carry it on in plain text.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.shapes import of_databases, plain_text_on_loopback
from auditor.checks.subjects import CA_FILES, DATABASE_ROLES

CHECK = Check(
    id="database-plaintext-on-loopback",
    title="A database connection in plain text on the loopback interface",
    severity=Severity.LOW,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    roles=DATABASE_ROLES,
    doc=__doc__,
    remediation="Add `?ssl_ca=/path/to/ca.pem` to the URL, or use the server's unix socket.",
    options=(
        "database.connection",
        "database.slave_connection",
        "database.connection_parameters",
        "api_database.connection",
        "placement_database.connection",
    ),
    evaluate=of_databases(plain_text_on_loopback),
    examples=(
        bad("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@127.0.0.1/nova\n"),
        good(
            "[database]\n"
            "connection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@localhost/nova?ssl_ca=/etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@db.example/nova\n"),
    ),
)
