"""Answers that came too late are written with their bodies.

At DEBUG, oslo.messaging writes names of methods and numbers of messages, and the whole body of an answer that nobody
waits for any more: instances with their user data, connection data of volumes
(``_drivers.amqpdriver.ReplyWaiters.put``). The default of ``default_log_levels`` holds it at INFO.
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
from auditor.checks.logfiles import LOGGING, at, guard, root_at
from auditor.semantics.logs import levels


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where the messaging driver's debug messages reach a log."""
    if service.project != "nova":
        return not_applicable("placement sends no messages")
    found = levels(service)
    if found.broken is not None:
        return not_applicable("the service cannot start with this logging")
    record = found.holding("message-bodies")
    if record is not None:
        return failed(
            f"late RPC answers are written with their bodies: {at(found, record.logger)}",
            *found.evidence(record.logger),
            remedy=guard(found, "oslo_messaging", "INFO"),
        )
    return passed("the bodies of RPC answers are not written", *found.evidence("oslo_messaging"))


CHECK = Check(
    id="logging-message-bodies",
    title="Bodies of late RPC answers are written",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Remove `default_log_levels`, or write `oslo_messaging=INFO` into it or into the logging configuration.",
    options=("DEFAULT.debug", "DEFAULT.default_log_levels", "DEFAULT.log_config_append"),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\ndebug = true\ndefault_log_levels = nova=DEBUG,keystoneauth=WARN\n"),
        bad("[DEFAULT]\ndefault_log_levels = oslo_messaging=DEBUG\n"),
        good("[DEFAULT]\ndebug = true\n"),
        good(f"[DEFAULT]\nlog_config_append = {LOGGING}\n", files={LOGGING: root_at("INFO")}),
        moot("[DEFAULT]\nlog_config_append = /etc/nova/missing.conf\n", why="the service does not start"),
    ),
)
