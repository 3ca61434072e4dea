"""RPC or notifications are pinned to TLS 1.2.

``ssl_version = TLSv1_2`` means TLS 1.2 and nothing newer: 1.3 is refused, and so is a broker that speaks only 1.3.
Without the option py-amqp negotiates TLS 1.2 or newer by itself (``ssl.PROTOCOL_TLS_CLIENT`` with OpenSSL 3); and
without ``ssl_ca_file`` beside it the option even switches verification off, which is a finding of its own.
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
from auditor.checks.shapes import of_messaging
from auditor.checks.subjects import CA_FILES, is_rabbit, posture


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where ssl_version allows one protocol only."""
    if not is_rabbit(transport):
        return not_applicable("it is not a connection to RabbitMQ")
    if posture(transport) is Posture.PLAINTEXT:
        return not_applicable("it is not encrypted at all")
    if transport.posture is Posture.ENCRYPTED:
        return not_applicable("its certificate is not verified, which is a finding of its own")
    for setting in transport.judging:
        if setting.name.endswith("ssl_version") and str(setting.value or "").lower() == "tlsv1_2":
            return failed(f"{transport} speaks TLS 1.2 and nothing newer", setting)
    return passed(f"{transport} negotiates TLS 1.2 or newer", transport)


CHECK = Check(
    id="messaging-tls-version-pinned",
    title="RPC or notifications are pinned to TLS 1.2",
    severity=Severity.LOW,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Remove `ssl_version` from `[oslo_messaging_rabbit]` or from the URL's query.",
    options=("oslo_messaging_rabbit.ssl_version",),
    evaluate=of_messaging(evaluate),
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_version = TLSv1_2\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_version = SSLv23\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            why="in Python, SSLv23 negotiates the newest that both sides have",
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
    ),
)
