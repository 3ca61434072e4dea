"""A certificate on the way from an address of a client to its authority has a key or a signature that is too weak.

RSA below 2048 bits, curves below 224, signatures by SHA-1 or MD5: OpenSSL refuses them at its security level 2, which
Python asks for from 3.10 on, so that the next upgrade of the service cuts it off; until then a forged certificate is cheap.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, WEAK, asked, plain
from auditor.checks.wires import of_services
from auditor.semantics import wire

_TLS = (
    "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"
    "username = placement\npassword = yFw7hPq2kZ4tLm9sXc\ncafile = /etc/nova/ca.pem\n"
)
_PLAIN = "[placement]\nauth_type = password\nauth_url = http://keystone.example:5000/v3\n"

CHECK = Check(
    id="clients-certificate-weak",
    title="Another service's certificate has a weak key or signature",
    severity=Severity.MEDIUM,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Issue the certificate anew, with RSA of 2048 bits or more or an elliptic curve, signed with SHA-256.",
    needs=frozenset({"config", "wire"}),
    options=("placement.cafile", "placement.insecure", "keystone_authtoken.cafile"),
    evaluate=of_services(wire.weak, "keys and signatures are strong enough"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("https", "keystone.example", 5000, chain=[WEAK])),
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
