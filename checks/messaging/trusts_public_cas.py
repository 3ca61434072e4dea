"""RPC or notifications accept a certificate of any public authority, for any name.

Whoever owns any domain gets a certificate from a public authority for nothing, and with it answers for the broker:
names are not checked. It is so where ``ssl_ca_file`` is unset (py-amqp then loads the system's roots, and never checks
names) and where it names the system's bundle, which is the default of kolla-ansible's ``rabbitmq_cacert``.
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
from auditor.checks.subjects import VERIFYING, once_encrypted, set_aside, trusts_public


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where public authorities are trusted and names are not checked."""
    aside = set_aside(transport, messaging=True)
    if aside is not None:
        return aside
    found = once_encrypted(transport)
    if found not in VERIFYING:
        return not_applicable("its certificate is not verified at all")
    if found is Posture.VERIFIED_CA and trusts_public(transport):
        return failed(
            f"{transport} accepts any certificate of a public authority, for any name",
            transport,
            remedy=transport.remedy,
        )
    return passed(f"{transport} trusts {transport.trust.path or transport.trust.kind} only", transport)


CHECK = Check(
    id="messaging-trusts-public-cas",
    title="Any public certificate authority can answer for the broker",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl_ca_file` with the one authority that signed the broker's certificate.",
    options=("oslo_messaging_rabbit.ssl", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\n",
            why="without ssl_ca_file the system's roots are trusted",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/ssl/certs/ca-certificates.crt\n",
            files={
                "/etc/ssl/certs/ca-certificates.crt": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
            },
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files={"/etc/nova/ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5672/\n"),
    ),
)
