"""The broker's port is the one for TLS, and the connection is plain text.

The port switches nothing on: whoever wrote 5671 believes that messages are encrypted, and either the connection fails,
or it is plain text where TLS was meant. The other way round proves nothing: TripleO and OpenStack-Helm serve TLS on 5672.
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
from auditor.checks.subjects import is_rabbit, posture


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where plain text goes to the port for TLS."""
    if not is_rabbit(transport):
        return not_applicable("it is not a connection to RabbitMQ")
    ports = {endpoint.rpartition(":")[2] for endpoint in transport.endpoints}
    if posture(transport) is Posture.PLAINTEXT:
        if "5671" in ports:
            return failed(
                f"{transport} is plain text, to the port for TLS", transport, remedy=transport.remedy
            )
        return passed(f"{transport} is plain text, to no port for TLS", transport)
    return not_applicable("it uses TLS, which any port may serve")


CHECK = Check(
    id="messaging-port-contradicts-tls",
    title="The broker's port contradicts the use of TLS",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Write port 5671 with `[oslo_messaging_rabbit] ssl = true`, or make the broker's listener fit.",
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl"),
    evaluate=of_messaging(evaluate),
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"),
        good("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        moot(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"
            "[oslo_messaging_rabbit]\nssl = true\n"
        ),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
