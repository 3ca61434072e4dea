"""A broker that transport_url names gave no answer from this host.

It is down, its name stands for nothing, a firewall is in the way, or what listens there is no broker. Where it is one of
several, nobody notices until the others fail.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, asked, silent
from auditor.checks.wires import of_brokers
from auditor.semantics import wire

_TLS = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
    "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\nssl_enforce_hostname_verification = true\n"
)
_PLAIN = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"

CHECK = Check(
    id="messaging-endpoint-silent",
    title="A broker in transport_url does not answer",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Start the broker or open the way to it, or take it out of `transport_url`.",
    needs=frozenset({"config", "wire"}),
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=of_brokers(wire.silent, "it answers"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=silent("amqp", "rabbit.example", 5671)),
        good(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
