"""The database server's certificate does not lead to the authorities that the service believes.

The driver refuses it, and no connection comes about. The server has a new certificate, or does not send the intermediate
one, or the file of authorities is old, or somebody else answers.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, OF_ANOTHER_AUTHORITY, asked, plain
from auditor.checks.wires import of_databases
from auditor.semantics import wire

_TLS = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_ca=/etc/nova/ca.pem\n"
_PLAIN = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova\n"
_UNVERIFIED = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_check_hostname=true\n"

CHECK = Check(
    id="database-certificate-untrusted",
    title="The database server's certificate comes from nobody that the service believes",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give the connection the authority that signed the certificate, or the server a certificate from that authority with the intermediate ones.",
    needs=frozenset({"config", "wire"}),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(
        wire.untrusted, "the certificate leads to an authority that is believed", is_about_trust=True
    ),
    examples=(
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked("mysql", "mysql.example", 3306, chain=[OF_ANOTHER_AUTHORITY]),
        ),
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked(
                "mysql",
                "mysql.example",
                3306,
                result="rejected",
                verified=False,
                verify_error="unable to get local issuer certificate",
                trust={"kind": "file", "path": "/etc/nova/ca.pem"},
                chain=[],
            ),
            why="the host itself refused it",
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
        moot(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("mysql", "mysql.example", 3306, "its greeting says that it has no TLS"),
            why="that is a finding of its own",
        ),
        moot(
            _UNVERIFIED,
            files=AUTHORITIES,
            evidence=asked("mysql", "mysql.example", 3306, chain=[OF_ANOTHER_AUTHORITY]),
            why="nothing is verified, which is a finding of its own",
        ),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
    ),
)
