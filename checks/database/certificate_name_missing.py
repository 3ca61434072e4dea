"""The database server's certificate does not carry the name that the connection has for it.

Where names are checked the service cannot connect; where they are not, switching that on would cut the host off. A
virtual address in front of several servers needs its name in the certificates of all of them.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, OF_ANOTHER_NAME, asked, plain
from auditor.checks.wires import of_databases
from auditor.semantics import wire

_TLS = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_ca=/etc/nova/ca.pem\n"
_PLAIN = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova\n"
_UNVERIFIED = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_check_hostname=true\n"

CHECK = Check(
    id="database-certificate-name-missing",
    title="The database server's certificate lacks the name in the connection",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give the server a certificate that carries, as an alternative name, what the connection calls it: a name as DNS, an address as IP.",
    needs=frozenset({"config", "wire"}),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(wire.unnamed, "the certificate carries the name"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306, chain=[OF_ANOTHER_NAME])),
        bad(
            _UNVERIFIED,
            files=AUTHORITIES,
            evidence=asked("mysql", "mysql.example", 3306, chain=[OF_ANOTHER_NAME]),
            why="verifying it would cut off the host",
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
