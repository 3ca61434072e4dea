"""Heartbeats to the broker are switched off.

``heartbeat_timeout_threshold = 0`` also takes away the limits on the socket (TCP_USER_TIMEOUT), so that a broker which
vanished without closing the connection is noticed only after the kernel's own time, and messages are lost until then
(oslo.messaging, ``impl_rabbit.Connection``).
"""

from auditor.check import (
    Check,
    Outcome,
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
from auditor.checks.subjects import is_rabbit, is_unlisted
from auditor.semantics.transports import transports


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where the threshold is 0."""
    threshold = service.find("oslo_messaging_rabbit", "heartbeat_timeout_threshold")
    brokers = [one for one in transports(service) if not is_unlisted(one) and is_rabbit(one)]
    if threshold is None or not brokers:
        return not_applicable("it has no connection to RabbitMQ")
    if threshold.value == 0:
        return failed("heartbeats to the broker are off, and a vanished broker goes unnoticed", threshold)
    return passed("a broker that vanished is noticed by its heartbeats", threshold)


CHECK = Check(
    id="messaging-heartbeat-disabled",
    title="Heartbeats to the broker are switched off",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Remove `heartbeat_timeout_threshold` from `[oslo_messaging_rabbit]`: the default is 60 seconds.",
    options=("oslo_messaging_rabbit.heartbeat_timeout_threshold",),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"
            "[oslo_messaging_rabbit]\nheartbeat_timeout_threshold = 0\n"
        ),
        good("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
        moot("[DEFAULT]\ntransport_url = fake://\n"),
    ),
)
