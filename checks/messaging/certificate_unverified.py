"""RPC or notifications are encrypted for whoever answers: the broker's certificate is not verified.

An attacker in the path answers for the broker with a certificate of their own, reads the login and every message, and
sends their own. It happens without a word in the log: setting ``ssl_version`` without ``ssl_ca_file`` switches
verification off, because oslo.messaging then asks for neither and py-amqp verifies by default only when it chooses
the protocol itself (``amqp.transport.SSLTransport._wrap_socket_sni``; measured with py-amqp 5.0.9 to 5.4.2).
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
from auditor.checks.subjects import once_encrypted, set_aside


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where any certificate is accepted."""
    aside = set_aside(transport, messaging=True)
    if aside is not None:
        return aside
    found = once_encrypted(transport)
    if found is None:
        return not_applicable("it is not encrypted at all")
    if found is Posture.ENCRYPTED:
        return failed(
            f"{transport} accepts any certificate: {transport.reason}", transport, remedy=transport.remedy
        )
    return passed(f"{transport} verifies the certificate", transport)


CHECK = Check(
    id="messaging-certificate-unverified",
    title="The broker's certificate is not verified",
    severity=Severity.HIGH,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl_ca_file = /path/to/ca.pem` and remove `ssl_version`.",
    options=(
        "DEFAULT.transport_url",
        "oslo_messaging_rabbit.ssl",
        "oslo_messaging_rabbit.ssl_ca_file",
        "oslo_messaging_rabbit.ssl_version",
    ),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_version = TLSv1_2\n",
            why="ssl_version without ssl_ca_file switches verification off",
        ),
        bad(
            "[DEFAULT]\n"
            "transport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/nova?ssl=1&ssl_version=TLSv1_2&ssl_ca_file=\n",
            why="OpenStack-Ansible's template with its empty default: a blank value in the query is dropped",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_version = TLSv1_2\nssl_ca_file = /etc/nova/ca.pem\n",
            files={"/etc/nova/ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@rabbit.example:5672/\n"),
    ),
)
