"""The broker knows nothing newer than TLS 1.1.

TLS 1.0 and 1.1 are retired (RFC 8996): their handshakes are signed with MD5 and SHA-1. Python refuses them from 3.10 on, so
that the next upgrade of the service cuts it off.
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
    id="messaging-protocol-old",
    title="The broker knows retired versions of TLS only",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Allow TLS 1.2 and 1.3 in the broker: `ssl_options.versions.1 = tlsv1.3` and `ssl_options.versions.2 = tlsv1.2`.",
    needs=frozenset({"config", "wire"}),
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=of_brokers(wire.old, "it knows TLS 1.2 or newer"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671, version="TLSv1.1")),
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
