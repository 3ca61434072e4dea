"""A certificate on the way from the database server to its authority expired, or does so soon.

From then on no connection comes about, and pools renew theirs every hour (``connection_recycle_time``).
``certificate_days`` of the site file says what is soon; 30 days unless told otherwise.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, EXPIRED, EXPIRING, asked, plain
from auditor.checks.wires import databases_expiring

_TLS = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_ca=/etc/nova/ca.pem\n"
_PLAIN = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova\n"

CHECK = Check(
    id="database-certificate-expiring",
    title="The database server's certificate expires",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Renew the certificate, and have the server load it.",
    needs=frozenset({"config", "wire"}),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=databases_expiring(),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306, chain=[EXPIRED])),
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked("mysql", "mysql.example", 3306, chain=[EXPIRING]),
            why="two weeks are left",
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
        moot(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("mysql", "mysql.example", 3306, "its greeting says that it has no TLS"),
            why="that is a finding of its own",
        ),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
    ),
)
