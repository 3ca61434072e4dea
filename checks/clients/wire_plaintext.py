"""A client is told an https address, and the other side answers in plain text.

No request comes through: requests raises SSLError before it sends anything. Whoever mends it by writing ``http`` sends
tokens and passwords in the clear.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, asked, plain
from auditor.checks.wires import of_services
from auditor.semantics import wire

_TLS = (
    "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"
    "username = placement\npassword = yFw7hPq2kZ4tLm9sXc\ncafile = /etc/nova/ca.pem\n"
)
_PLAIN = "[placement]\nauth_type = password\nauth_url = http://keystone.example:5000/v3\n"

CHECK = Check(
    id="clients-wire-plaintext",
    title="Another service speaks plain text where https is configured",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Give the other service TLS on this port, or name the port on which it has it.",
    needs=frozenset({"config", "wire"}),
    options=("placement.cafile", "placement.insecure", "keystone_authtoken.cafile"),
    evaluate=of_services(wire.plain, "the other side speaks TLS"),
    examples=(
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("https", "keystone.example", 5000, "it answered with HTTP where TLS was due"),
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("https", "keystone.example", 5000)),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
