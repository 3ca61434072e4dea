"""A certificate in a file expired, or does so soon.

Where it is a service's own, the other side refuses it; where it is the authority that a service believes, the service
refuses everybody else. ``certificate_days`` of the site file says what is soon; 30 days unless told otherwise. It is judged
by the time at which the file was looked at. An authority that lies beside its successor does not count.
"""

from auditor.check import (
    Check,
    File,
    Outcome,
    Scope,
    Severity,
    Site,
    bad,
    failed,
    good,
    not_applicable,
    passed,
)
from auditor.checks.exhibits import AUTHORITY, EXPIRED, EXPIRING, GOOD, LOOKED_AT
from auditor.semantics import pem


def evaluate(file: File, site: Site) -> Outcome:
    """Fail where a certificate is over, or will be soon."""
    if pem.is_bundle(file):
        return not_applicable("it is a bundle of public authorities, which the distribution keeps")
    shown = pem.shown(file)
    if not shown:
        return not_applicable("it holds no certificate")
    wrong = pem.untimely(file, site.thresholds.certificate_days)
    if wrong:
        return failed(f"{file.path}: {'; '.join(wrong)}", *shown)
    return passed(f"{file.path}: the certificates are valid for a while yet", *shown)


_PEM = "/etc/nova/server.pem"
_CONF = f"[oslo_messaging_rabbit]\nssl_cert_file = {_PEM}\n"

CHECK = Check(
    id="files-certificate-expiring",
    title="A certificate in a file expires",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    formats=frozenset({"pem"}),
    doc=__doc__,
    remediation="Renew the certificate, and have the services that use it start anew.",
    options=("oslo_messaging_rabbit.ssl_cert_file", "oslo_messaging_rabbit.ssl_ca_file", "placement.cafile"),
    evaluate=evaluate,
    examples=(
        bad(_CONF, files={_PEM: EXPIRED}, evidence=LOOKED_AT),
        bad(_CONF, files={_PEM: EXPIRING}, evidence=LOOKED_AT, why="two weeks are left"),
        good(_CONF, files={_PEM: GOOD + AUTHORITY}, evidence=LOOKED_AT),
        good(_CONF, files={_PEM: EXPIRED + GOOD}, evidence=LOOKED_AT, why="its successor lies beside it"),
    ),
)
