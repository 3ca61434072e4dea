"""A broker's certificate does not carry the name that transport_url has for it, or those of the other brokers.

Where names are checked the service cannot connect; where they are not, switching that on
(``ssl_enforce_hostname_verification``, oslo.messaging 18.2) would cut the host off. With several brokers kombu goes on to
expect the name of the one it dialled first (up to 5.7.0), so that failover needs certificates with the names of all.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, OF_ANOTHER_NAME, asked, plain
from auditor.checks.wires import of_brokers
from auditor.semantics import wire

_TLS = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
    "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\nssl_enforce_hostname_verification = true\n"
)
_PLAIN = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"
_UNVERIFIED = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
    "[oslo_messaging_rabbit]\nssl = true\nssl_version = TLSv1_2\n"
)

CHECK = Check(
    id="messaging-certificate-name-missing",
    title="The broker's certificate lacks the name in transport_url",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give every broker a certificate that carries, as alternative names, what transport_url calls all of them: names as DNS, addresses as IP.",
    needs=frozenset({"config", "wire"}),
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=of_brokers(wire.unnamed, "the certificate carries the name"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671, chain=[OF_ANOTHER_NAME])),
        bad(
            _UNVERIFIED,
            files=AUTHORITIES,
            evidence=asked("amqp", "rabbit.example", 5671, chain=[OF_ANOTHER_NAME]),
            why="verifying it would cut off the host",
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
        moot(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("amqp", "rabbit.example", 5671, "it answered with AMQP where TLS was due"),
            why="that is a finding of its own",
        ),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
