"""A running service is connected to a broker that its configuration does not name.

It was started with another configuration, a name leads it elsewhere than the operator thinks, or something in the path
answers in the broker's place. What the configuration says about protection does not hold for that connection.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.peers import configured_only, talking
from auditor.checks.subjects import is_messaging
from auditor.semantics.peers import BROKER_PORTS

_URL = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@{}/\n"
_ADDRESS = _URL.format("192.0.2.10:5671")
_NAME = _URL.format("mq.example:5671")

CHECK = Check(
    id="messaging-unconfigured-server",
    title="A connection to a broker that is not configured",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    needs=frozenset({"config", "processes"}),
    doc=__doc__,
    remediation=(
        "Find out whose address it is. Restart the service if its configuration has changed since; correct the name in "
        "/etc/hosts or DNS if it leads astray."
    ),
    options=("DEFAULT.transport_url",),
    evaluate=configured_only(is_messaging, BROKER_PORTS, "it has no messaging connection"),
    examples=(
        bad(_ADDRESS, record=talking(("192.0.2.66", 5671))),
        bad(
            _ADDRESS,
            record=talking(("192.0.2.10", 5672)),
            why="the port in plain text of the broker whose port with TLS is configured",
        ),
        bad(_NAME, record=talking(("192.0.2.66", 5671), names={"mq.example": ["192.0.2.10"]})),
        good(_ADDRESS, record=talking(("192.0.2.10", 5671), ("192.0.2.20", 3306))),
        good(
            _NAME,
            record=talking(("2001:db8::10", 5671), names={"mq.example": ["192.0.2.10", "2001:db8:0::10"]}),
            why="every address of the name is meant",
        ),
        good(_ADDRESS, service="nova-scheduler", record=talking(("192.0.2.10", 5671))),
        moot(
            _ADDRESS,
            service="nova-scheduler",
            record=talking(("192.0.2.66", 5671)),
            why="it may be the broker of a cell",
        ),
        moot(_ADDRESS, record={"process": {"status": "none"}}, why="no process of it runs"),
    ),
)
