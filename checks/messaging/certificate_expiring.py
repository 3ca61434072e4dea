"""A certificate on the way from the broker to its authority expired, or does so soon.

From then on no service connects to the broker, and those that are connected stay so until they have to do it again: the
outage begins with the next restart. ``certificate_days`` of the site file says what is soon; 30 days unless told otherwise.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, EXPIRED, EXPIRING, asked, plain
from auditor.checks.wires import brokers_expiring

_TLS = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
    "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\nssl_enforce_hostname_verification = true\n"
)
_PLAIN = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"

CHECK = Check(
    id="messaging-certificate-expiring",
    title="The broker's certificate expires",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Renew the certificate, and have the broker load it.",
    needs=frozenset({"config", "wire"}),
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=brokers_expiring(),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671, chain=[EXPIRED])),
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked("amqp", "rabbit.example", 5671, chain=[EXPIRING]),
            why="two weeks are left",
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
