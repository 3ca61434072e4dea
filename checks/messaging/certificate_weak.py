"""A certificate on the way from the broker to its authority has a key or a signature that is too weak.

RSA below 2048 bits, curves below 224, signatures by SHA-1 or MD5: OpenSSL refuses them at its security level 2, which
Python asks for from 3.10 on, so that the next upgrade of the service cuts it off; until then a forged certificate is cheap.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, WEAK, asked, plain
from auditor.checks.wires import of_brokers
from auditor.semantics import wire

_TLS = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
    "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\nssl_enforce_hostname_verification = true\n"
)
_PLAIN = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"

CHECK = Check(
    id="messaging-certificate-weak",
    title="The broker's certificate has a weak key or signature",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Issue the certificate anew, with RSA of 2048 bits or more or an elliptic curve, signed with SHA-256.",
    needs=frozenset({"config", "wire"}),
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=of_brokers(wire.weak, "keys and signatures are strong enough"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671, chain=[WEAK])),
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
