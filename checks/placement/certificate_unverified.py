"""Calls to placement verify no certificate.

``insecure = true`` beats ``cafile``: an attacker in the path answers for placement, or for Keystone where the token is
fetched, and receives Nova's password (``keystoneauth1.loading.session``).
"""

from auditor.check import Check, Client, Outcome, Scope, Severity, Site, bad, failed, good, moot, passed
from auditor.checks.subjects import not_placement


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where insecure is on."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    insecure = client.setting("insecure")
    if insecure is not None and insecure.value:
        return failed(
            "calls to placement accept any certificate: insecure is on", insecure, client.setting("cafile")
        )
    return passed("where placement and Keystone speak TLS, their certificates are verified", insecure)


CHECK = Check(
    id="placement-certificate-unverified",
    title="Calls to placement verify no certificate",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Remove `[placement] insecure`, and write `cafile = /path/to/ca.pem`.",
    options=("placement.insecure", "placement.cafile"),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ninsecure = true\ncafile = /etc/nova/ca.pem\n"
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ncafile = /etc/nova/ca.pem\n"
        ),
        moot("[placement]\nregion_name = RegionOne\n", why="without credentials no call is made"),
        moot(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n",
            service="nova-novncproxy",
            why="a console proxy never calls placement",
        ),
    ),
)
