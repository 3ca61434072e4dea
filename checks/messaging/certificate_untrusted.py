"""The broker's certificate does not lead to the authorities that the service believes.

py-amqp refuses it, and oslo.messaging tries again for ever: the service looks alive and does nothing. The broker has a
new certificate, or does not send the intermediate one, or the file of authorities is old, or somebody else answers.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, OF_ANOTHER_AUTHORITY, asked, plain
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
    id="messaging-certificate-untrusted",
    title="The broker's certificate comes from nobody that the service believes",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Give `ssl_ca_file` the authority that signed the certificate, or the broker a certificate from that authority with the intermediate ones.",
    needs=frozenset({"config", "wire"}),
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=of_brokers(
        wire.untrusted, "the certificate leads to an authority that is believed", is_about_trust=True
    ),
    examples=(
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked("amqp", "rabbit.example", 5671, chain=[OF_ANOTHER_AUTHORITY]),
        ),
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked(
                "amqp",
                "rabbit.example",
                5671,
                result="rejected",
                verified=False,
                verify_error="unable to get local issuer certificate",
                trust={"kind": "file", "path": "/etc/nova/ca.pem"},
                chain=[],
            ),
            why="the host itself refused it",
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
        moot(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("amqp", "rabbit.example", 5671, "it answered with AMQP where TLS was due"),
            why="that is a finding of its own",
        ),
        moot(
            _UNVERIFIED,
            files=AUTHORITIES,
            evidence=asked("amqp", "rabbit.example", 5671, chain=[OF_ANOTHER_AUTHORITY]),
            why="nothing is verified, which is a finding of its own",
        ),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
