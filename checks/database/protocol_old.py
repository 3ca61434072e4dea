"""The database server knows nothing newer than TLS 1.1.

TLS 1.0 and 1.1 are retired (RFC 8996): their handshakes are signed with MD5 and SHA-1. Python refuses them from 3.10 on, so
that the next upgrade of the service cuts it off.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, asked, plain
from auditor.checks.wires import of_databases
from auditor.semantics import wire

_TLS = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_ca=/etc/nova/ca.pem\n"
_PLAIN = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova\n"

CHECK = Check(
    id="database-protocol-old",
    title="The database server knows retired versions of TLS only",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Allow TLS 1.2 and 1.3 in the server: `tls_version = TLSv1.2,TLSv1.3` of MariaDB and MySQL, `ssl_min_protocol_version = TLSv1.2` of PostgreSQL.",
    needs=frozenset({"config", "wire"}),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(wire.old, "it knows TLS 1.2 or newer"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306, version="TLSv1.1")),
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
