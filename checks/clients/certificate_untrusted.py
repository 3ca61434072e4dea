"""The certificate at an address of a client does not lead to the authorities that it believes.

requests refuses it, and every call fails. The other side has a new certificate, or does not send the intermediate one, or
``cafile`` is old, or somebody else answers.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, OF_ANOTHER_AUTHORITY, asked, plain
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
    id="clients-certificate-untrusted",
    title="Another service's certificate comes from nobody that the client believes",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Give `cafile` the authority that signed the certificate, or the other service a certificate from that authority with the intermediate ones.",
    needs=frozenset({"config", "wire"}),
    options=("placement.cafile", "placement.insecure", "keystone_authtoken.cafile"),
    evaluate=of_services(
        wire.untrusted, "the certificate leads to an authority that is believed", is_about_trust=True
    ),
    examples=(
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked("https", "keystone.example", 5000, chain=[OF_ANOTHER_AUTHORITY]),
        ),
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked(
                "https",
                "keystone.example",
                5000,
                result="rejected",
                verified=False,
                verify_error="unable to get local issuer certificate",
                trust={"kind": "file", "path": "/etc/nova/ca.pem"},
                chain=[],
            ),
            why="the host itself refused it",
        ),
        good(_TLS, files=AUTHORITIES, evidence=asked("https", "keystone.example", 5000)),
        moot(
            _TLS,
            files=AUTHORITIES,
            evidence=plain("https", "keystone.example", 5000, "it answered with HTTP where TLS was due"),
            why="that is a finding of its own",
        ),
        moot(
            _UNVERIFIED,
            files=AUTHORITIES,
            evidence=asked("https", "keystone.example", 5000, chain=[OF_ANOTHER_AUTHORITY]),
            why="nothing is verified, which is a finding of its own",
        ),
        moot(_PLAIN, files=AUTHORITIES, evidence=asked("amqp", "rabbit.example", 5671)),
    ),
)
