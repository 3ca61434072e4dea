"""The database server that the connection names gave no answer from this host.

It is down, its name stands for nothing, a firewall is in the way, it turns the host away, or what listens there is no
database server. A connection that a service holds from before hides it until the next restart.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, asked, silent
from auditor.checks.wires import of_databases
from auditor.semantics import wire

_TLS = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_ca=/etc/nova/ca.pem\n"
_PLAIN = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova\n"

CHECK = Check(
    id="database-endpoint-silent",
    title="The database server does not answer",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Start the server or open the way to it, or name the right one.",
    needs=frozenset({"config", "wire"}),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(wire.silent, "it answers"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=silent("mysql", "mysql.example", 3306)),
        good(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
    ),
)
