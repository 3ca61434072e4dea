"""The installed library cannot check the name in the broker's certificate.

Whoever holds any certificate of the trusted authority answers for the broker, whatever the configuration says:
oslo.messaging's ``ssl_enforce_hostname_verification`` came with 18.1.0 and was carried back to 16.1.2, 17.1.1 and 17.3.1,
and by some distributions to older versions (CVE-2026-44393, OSSN-0096); Kafka's client checks names from
confluent-kafka 2.0.2 on. Only an upgrade mends it; until then an authority that signs for nothing but the brokers does.
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
from auditor.checks.subjects import (
    CA_FILES,
    VERIFYING,
    is_rabbit,
    once_encrypted,
    with_every_name,
)


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the library leaves names unchecked."""
    found = once_encrypted(transport)
    if found not in VERIFYING:
        return not_applicable("its certificate is not verified at all")
    if found is Posture.VERIFIED_FULL:
        return passed(f"{transport} checks the name", transport)
    limit = transport.limited_by
    if limit is not None and limit.kind == "library":
        upgrade = f"Install {limit.name} {limit.fixed_in} or newer"
        if is_rabbit(transport):
            upgrade += ", and write `[oslo_messaging_rabbit] ssl_enforce_hostname_verification = true`"
        return failed(
            f"{transport} checks no name: {transport.reason}",
            transport,
            remedy=with_every_name(transport, f"{upgrade}." if limit.fixed_in else None),
        )
    return not_applicable("the configuration leaves names unchecked, which is a finding of its own")


CHECK = Check(
    id="messaging-name-unchecked-by-library",
    title="The installed library cannot check the broker's name",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    is_of_path=True,
    doc=__doc__,
    remediation="Install an oslo.messaging that has `ssl_enforce_hostname_verification`, and set it to true.",
    options=(
        "oslo_messaging_rabbit.ssl_ca_file",
        "oslo_messaging_rabbit.ssl_enforce_hostname_verification",
    ),
    is_per_library=True,
    evaluate=of_messaging(evaluate),
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="zed",
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"
            "[oslo_messaging_notifications]\ndriver = messagingv2\n"
            "transport_url = kafka://nova:yFw7hPq2kZ4tLm9sXc@kafka.example:9093/\n"
            "[oslo_messaging_kafka]\nsecurity_protocol = SASL_SSL\nssl_cafile = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="zed",
            why="librdkafka before 2.0 checks no names",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="2026.2",
        ),
        moot(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
    ),
)
