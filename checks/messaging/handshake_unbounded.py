"""A broker that accepts the connection and then stays silent blocks the service for ever.

py-amqp before 5.2.0 puts no limit on the TLS handshake: kombu's five seconds hold for TCP alone. A black hole behind
the port, such as a load balancer without a backend, hangs the thread, and no other broker is tried (measured with
py-amqp 5.1.1 of Zed; 5.2.0 and newer give up after five seconds).
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
    Scope,
    Service,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import CA_FILES, VERIFYING, is_rabbit, is_unlisted, require_cells
from auditor.semantics.libraries import required
from auditor.semantics.rabbit import bounds_handshake
from auditor.semantics.transports import transports


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a connection to RabbitMQ uses TLS through a py-amqp that waits for ever."""
    encrypted = [
        transport
        for transport in transports(service)
        if not is_unlisted(transport)
        and is_rabbit(transport)
        and (transport.posture is Posture.ENCRYPTED or transport.posture in VERIFYING)
    ]
    if not encrypted:
        require_cells(service)
        return not_applicable("no connection to RabbitMQ uses TLS")
    amqp = required(service, "amqp")
    if not bounds_handshake(service):
        return failed(f"py-amqp {amqp.version} waits for ever for a TLS handshake", amqp, encrypted[0].url)
    return passed(f"py-amqp {amqp.version} gives a TLS handshake five seconds", amqp)


CHECK = Check(
    id="messaging-handshake-unbounded",
    title="A silent broker blocks the service for ever",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Install py-amqp 5.2.0 or newer (2024.1 and newer have it).",
    options=("oslo_messaging_rabbit.ssl",),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="zed",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="2024.1",
        ),
        moot(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n",
            release="zed",
        ),
    ),
)
