"""A database connection is configured for TLS, and the server says that it has none.

PyMySQL before 1.2 and libpq with ``sslmode=prefer`` then go on in plain text and log in with their password; others
cannot connect. What the configuration promises is not what the network carries.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, asked, plain
from auditor.checks.wires import of_databases
from auditor.semantics import wire

_TLS = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova?ssl_ca=/etc/nova/ca.pem\n"
_PLAIN = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@mysql.example/nova\n"

CHECK = Check(
    id="database-wire-plaintext",
    title="The database server has no TLS where TLS is configured",
    severity=Severity.CRITICAL,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Switch TLS on in the server: `ssl_cert` and `ssl_key` of MariaDB and MySQL, `ssl = on` of PostgreSQL.",
    needs=frozenset({"config", "wire"}),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=of_databases(wire.plain, "the other side speaks TLS"),
    examples=(
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("mysql", "mysql.example", 3306, "its greeting says that it has no TLS"),
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("mysql", "mysql.example", 3306)),
    ),
)
