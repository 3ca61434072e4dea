"""The certificate at an address of a client does not carry the name in it.

Where certificates are verified every call fails, since urllib3 checks names too; from 2.0 on the common name counts for
nothing. Where they are not, switching that on would cut the client off.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, OF_ANOTHER_NAME, asked, plain
from auditor.checks.wires import of_services
from auditor.semantics import wire

_TLS = (
    "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"
    "username = placement\npassword = yFw7hPq2kZ4tLm9sXc\ncafile = /etc/nova/ca.pem\n"
)
_PLAIN = "[placement]\nauth_type = password\nauth_url = http://keystone.example:5000/v3\n"
_UNVERIFIED = (
    "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"
    "username = placement\npassword = yFw7hPq2kZ4tLm9sXc\ninsecure = true\n"
)

CHECK = Check(
    id="clients-certificate-name-missing",
    title="Another service's certificate lacks the name in its address",
    severity=Severity.MEDIUM,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Give the other service a certificate that carries the name of its address as an alternative name, or write the address by a name that it carries.",
    needs=frozenset({"config", "wire"}),
    options=("placement.cafile", "placement.insecure", "keystone_authtoken.cafile"),
    evaluate=of_services(wire.unnamed, "the certificate carries the name"),
    examples=(
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked("https", "keystone.example", 5000, chain=[OF_ANOTHER_NAME]),
        ),
        bad(
            _UNVERIFIED,
            files=AUTHORITIES,
            evidence=asked("https", "keystone.example", 5000, chain=[OF_ANOTHER_NAME]),
            why="verifying it would cut off the host",
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("https", "keystone.example", 5000)),
        moot(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("https", "keystone.example", 5000, "it answered with HTTP where TLS was due"),
            why="that is a finding of its own",
        ),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
