"""RPC or notifications are configured for TLS, and the broker answers in plain text.

py-amqp never steps down, so the service cannot connect: the port is that of the plain listener, or the broker lost its
TLS. Whoever mends it by switching ``ssl`` off sends the password and every message in the clear.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, asked, plain
from auditor.checks.wires import of_brokers
from auditor.semantics import wire

_TLS = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
    "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\nssl_enforce_hostname_verification = true\n"
)
_PLAIN = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"

CHECK = Check(
    id="messaging-wire-plaintext",
    title="The broker speaks plain text where TLS is configured",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give the broker a TLS listener on this port, or name the port of the one it has.",
    needs=frozenset({"config", "wire"}),
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=of_brokers(wire.plain, "the other side speaks TLS"),
    examples=(
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("amqp", "rabbit.example", 5671, "it answered with AMQP where TLS was due"),
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
