"""A running service is connected to a database server that its configuration does not name.

It was started with another configuration, a name leads it elsewhere than the operator thinks, or something in the path
answers in the server's place. What the configuration says about protection does not hold for that connection.
"""

from auditor.check import Check, Scope, Severity, Transport, bad, good, moot
from auditor.checks.peers import configured_only, talking
from auditor.checks.subjects import is_messaging
from auditor.semantics.peers import DATABASE_PORTS


def _is_database(transport: Transport) -> bool:
    return not is_messaging(transport)


_URL = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@{}/nova\n"
_ADDRESS = _URL.format("192.0.2.20")
_API = "[api_database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9sXc@192.0.2.21/nova_api\n"

CHECK = Check(
    id="database-unconfigured-server",
    title="A connection to a database server that is not configured",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    needs=frozenset({"config", "processes"}),
    doc=__doc__,
    remediation=(
        "Find out whose address it is. Restart the service if its configuration has changed since; correct the name in "
        "/etc/hosts or DNS if it leads astray."
    ),
    options=("database.connection", "api_database.connection", "placement_database.connection"),
    evaluate=configured_only(_is_database, DATABASE_PORTS, "it has no database connection"),
    examples=(
        bad(_ADDRESS, record=talking(("192.0.2.66", 3306))),
        bad(
            "[DEFAULT]\ndebug = false\n",
            service="nova-compute",
            record=talking(("192.0.2.20", 3306)),
            why="nova-compute has no business with a database",
        ),
        bad(
            _URL.format("db.example:3307"),
            record=talking(("192.0.2.20", 3306)),
            why="whatever address the name has, another port is meant",
        ),
        good(_ADDRESS, record=talking(("192.0.2.20", 3306), ("192.0.2.66", 5671))),
        good(_URL.format("localhost"), record=talking(("127.0.0.1", 3306))),
        good(
            _API + _ADDRESS,
            record=talking(("192.0.2.20", 3306), ("192.0.2.21", 3306)),
            why="both are configured",
        ),
        moot(_API + _ADDRESS, record=talking(("192.0.2.66", 3306)), why="it may be the database of a cell"),
        moot("[DEFAULT]\ndebug = false\n", record=talking(), why="it has no database connection"),
    ),
)
