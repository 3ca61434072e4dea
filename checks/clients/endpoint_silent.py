"""What a client is told to call gave no answer from this host.

It is down, its name stands for nothing, a firewall is in the way, or what listens there does not speak TLS. Where it is
keystone, a token that the client still holds hides it for an hour.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, asked, silent
from auditor.checks.wires import of_services
from auditor.semantics import wire

_TLS = (
    "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"
    "username = placement\npassword = yFw7hPq2kZ4tLm9sXc\ncafile = /etc/nova/ca.pem\n"
)
_PLAIN = "[placement]\nauth_type = password\nauth_url = http://keystone.example:5000/v3\n"

CHECK = Check(
    id="clients-endpoint-silent",
    title="Another service does not answer",
    severity=Severity.MEDIUM,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Start the other service or open the way to it, or write the right address.",
    needs=frozenset({"config", "wire"}),
    options=("placement.cafile", "placement.insecure", "keystone_authtoken.cafile"),
    evaluate=of_services(wire.silent, "it answers"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=silent("https", "keystone.example", 5000)),
        good(_TLS, files=AUTHORITIES, evidence=asked("https", "keystone.example", 5000)),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
