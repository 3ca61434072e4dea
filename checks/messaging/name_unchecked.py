"""RPC or notifications accept a certificate of the right authority for any name, although the library could check it.

Whoever holds any certificate of that authority, such as the next service or a compute host, answers for the broker.
oslo.messaging checks the name by default from 18.1 on and always from 18.2 on; the fixed versions of 2025.1, 2025.2
and 2026.1 (16.1.2, 17.1.1, 17.3.1) and distributions' backports have ``ssl_enforce_hostname_verification`` with the
default false (CVE-2026-44393, OSSN-0096).
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
    Scope,
    Severity,
    Site,
    Transport,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import VERIFYING, is_limited_by_library, once_encrypted, set_aside, trusts_public


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the configuration leaves names unchecked."""
    aside = set_aside(transport, messaging=True)
    if aside is not None:
        return aside
    found = once_encrypted(transport)
    if found not in VERIFYING:
        return not_applicable("its certificate is not verified at all")
    if found is Posture.VERIFIED_FULL:
        return passed(f"{transport} checks the name", transport)
    if trusts_public(transport):
        return not_applicable("it trusts public authorities, which is judged by messaging-trusts-public-cas")
    if is_limited_by_library(transport):
        return not_applicable("the installed library cannot check names")
    return failed(f"{transport} accepts any name: {transport.reason}", transport, remedy=transport.remedy)


CHECK = Check(
    id="messaging-name-unchecked",
    title="The name in the broker's certificate is not checked",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl_enforce_hostname_verification = true`.",
    options=("oslo_messaging_rabbit.ssl_ca_file", "oslo_messaging_rabbit.ssl_enforce_hostname_verification"),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files={"/etc/nova/ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
            why="oslo.messaging 16.1.2 of 2025.1 can, and does not unless asked",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"
            "ssl_enforce_hostname_verification = true\n",
            files={"/etc/nova/ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files={"/etc/nova/ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
            release="2026.2",
            why="oslo.messaging 18.2 and newer always check",
        ),
        moot(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files={"/etc/nova/ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
            release="zed",
            why="oslo.messaging 14.0.3 cannot check names",
        ),
    ),
)
