"""A certificate on the way from an address of a client to its authority expired, or does so soon.

From then on every call fails: without keystone no request is authorized, without placement nothing is scheduled.
``certificate_days`` of the site file says what is soon; 30 days unless told otherwise.
"""

from auditor.check import Check, Scope, Severity, bad, good, moot
from auditor.checks.exhibits import AUTHORITIES, EXPIRED, EXPIRING, asked, plain
from auditor.checks.wires import services_expiring

_TLS = (
    "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"
    "username = placement\npassword = yFw7hPq2kZ4tLm9sXc\ncafile = /etc/nova/ca.pem\n"
)
_PLAIN = "[placement]\nauth_type = password\nauth_url = http://keystone.example:5000/v3\n"

CHECK = Check(
    id="clients-certificate-expiring",
    title="Another service's certificate expires",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Renew the certificate, and have the other service load it.",
    needs=frozenset({"config", "wire"}),
    options=("placement.cafile", "placement.insecure", "keystone_authtoken.cafile"),
    evaluate=services_expiring(),
    examples=(
        bad(_TLS, files=AUTHORITIES, evidence=asked("https", "keystone.example", 5000, chain=[EXPIRED])),
        bad(
            _TLS,
            files=AUTHORITIES,
            evidence=asked("https", "keystone.example", 5000, chain=[EXPIRING]),
            why="two weeks are left",
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
