"""The broker's port is the one for TLS and the connection is plain text, or the other way round.

RabbitMQ listens for plain text on 5672 and for TLS on 5671 unless told otherwise, and Nova's port switches nothing on.
So one of the two is not what its writer believes: either the connection fails, or it is plain text where TLS was meant.
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
from auditor.checks.subjects import posture, set_aside


def evaluate(transport: Transport, _site: Site) -> Outcome:
    """Fail where the usual port of the one goes with the other."""
    aside = set_aside(transport, messaging=True)
    if aside is not None:
        return aside
    if transport.driver == "kafka":
        return not_applicable("Kafka has no such ports")
    ports = {endpoint.rpartition(":")[2] for endpoint in transport.endpoints}
    if posture(transport) is Posture.PLAINTEXT:
        if "5671" in ports:
            return failed(
                f"{transport} is plain text, to the port for TLS", transport, remedy=transport.remedy
            )
    elif "5672" in ports:
        return failed(f"{transport} uses TLS, to the port for plain text", transport)
    return passed(f"{transport} goes to a port that fits", transport)


CHECK = Check(
    id="messaging-port-contradicts-tls",
    title="The broker's port contradicts the use of TLS",
    severity=Severity.MEDIUM,
    scope=Scope.TRANSPORT,
    doc=__doc__,
    remediation="Write port 5671 with `[oslo_messaging_rabbit] ssl = true`, or make the broker's listener fit.",
    options=("DEFAULT.transport_url", "oslo_messaging_rabbit.ssl"),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example/\n"
            "[oslo_messaging_rabbit]\nssl = true\n",
            why="without a port it is 5672, with TLS too",
        ),
        good("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\n"
        ),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
