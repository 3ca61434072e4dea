"""The other side of a client knows nothing newer than TLS 1.1.

TLS 1.0 and 1.1 are retired (RFC 8996): their handshakes are signed with MD5 and SHA-1. Python refuses them from 3.10 on, so
that the next upgrade of the service cuts it off.
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
    id="clients-protocol-old",
    title="Another service knows retired versions of TLS only",
    severity=Severity.MEDIUM,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Allow TLS 1.2 and 1.3 where the other service ends TLS.",
    needs=frozenset({"config", "wire"}),
    options=("placement.cafile", "placement.insecure", "keystone_authtoken.cafile"),
    evaluate=of_services(wire.old, "it knows TLS 1.2 or newer"),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("https", "keystone.example", 5000, version="TLSv1.1")),
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
