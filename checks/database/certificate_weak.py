"""A certificate on the way from the database server to its authority has a key or a signature that is too weak.

RSA below 2048 bits, curves below 224, signatures by SHA-1 or MD5: OpenSSL refuses them at its security level 2, which
Python asks for from 3.10 on, so that the next upgrade of the service cuts it off; until then a forged certificate is cheap.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, WEAK, asked, plain
from auditor.checks.wires import of_databases
from auditor.semantics import wire

_TLS = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_ca=/etc/nova/ca.pem\n"
_PLAIN = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova\n"

CHECK = Check(
    id="database-certificate-weak",
    title="The database server's certificate has a weak key or signature",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Issue the certificate anew, with RSA of 2048 bits or more or an elliptic curve, signed with SHA-256.",
    needs=frozenset({"config", "wire"}),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(wire.weak, "keys and signatures are strong enough"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306, chain=[WEAK])),
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
