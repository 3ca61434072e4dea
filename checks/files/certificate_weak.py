"""A certificate in a file has a key or a signature that is too weak.

RSA below 2048 bits, curves below 224, signatures by SHA-1 or MD5 other than an authority's own on itself: OpenSSL refuses
them at its security level 2, which Python asks for from 3.10 on, so that the next upgrade cuts somebody off; until then a
forged certificate is cheap.
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
from auditor.checks.exhibits import AUTHORITY, GOOD, LOOKED_AT, WEAK
from auditor.semantics import pem


def evaluate(file: File, _site: Site) -> Outcome:
    """Fail where a certificate has a weak key or a weak signature."""
    if pem.is_bundle(file):
        return not_applicable("it is a bundle of public authorities, which the distribution keeps")
    shown = pem.shown(file)
    if not shown:
        return not_applicable("it holds no certificate")
    wrong = pem.weak(file)
    if wrong:
        return failed(f"{file.path}: {'; '.join(wrong)}", *shown)
    return passed(f"{file.path}: keys and signatures are strong enough", *shown)


_PEM = "/etc/nova/server.pem"
_CONF = f"[oslo_messaging_rabbit]\nssl_cert_file = {_PEM}\n"

CHECK = Check(
    id="files-certificate-weak",
    title="A certificate in a file has a weak key or signature",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    formats=frozenset({"pem"}),
    doc=__doc__,
    remediation="Issue the certificate anew, with RSA of 2048 bits or more or an elliptic curve, signed with SHA-256.",
    options=("oslo_messaging_rabbit.ssl_cert_file", "oslo_messaging_rabbit.ssl_ca_file", "placement.cafile"),
    evaluate=evaluate,
    examples=(
        bad(_CONF, files={_PEM: WEAK}, evidence=LOOKED_AT),
        good(_CONF, files={_PEM: GOOD + AUTHORITY}, evidence=LOOKED_AT),
    ),
)
