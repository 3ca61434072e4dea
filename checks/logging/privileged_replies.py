"""The answers of privileged commands are written.

At DEBUG, oslo.privsep writes what its root daemon answers: file contents, keys of encrypted volumes, output of commands.
Nova holds it at INFO in its default levels, because "DEBUG logging in privsep will result in some large and potentially
sensitive things being logged" (nova/config.py); setting ``default_log_levels`` replaces that guard with the whole list.
"""

from auditor.check import (
    Check,
    Outcome,
    Role,
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
    """Fail where the privilege daemon's debug messages reach a log."""
    found = levels(service)
    if found.broken is not None:
        return not_applicable("the service cannot start with this logging")
    record = found.holding("privileged-replies")
    if record is not None:
        return failed(
            f"the answers of privileged commands are written: {at(found, record.logger)}",
            *found.evidence(record.logger),
            remedy=guard(found, record.logger, "INFO"),
        )
    return passed(
        "the answers of privileged commands are not written", *found.evidence("oslo.privsep.daemon")
    )


CHECK = Check(
    id="logging-privileged-replies",
    title="Answers of privileged commands are written",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    roles=frozenset({Role.COMPUTE}),
    doc=__doc__,
    remediation="Remove `default_log_levels`, or write `oslo.privsep.daemon=INFO` into it or into the logging configuration.",
    options=("DEFAULT.debug", "DEFAULT.default_log_levels", "DEFAULT.log_config_append"),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ndebug = true\ndefault_log_levels = nova=INFO,keystoneauth=WARN\n",
            service="nova-compute",
        ),
        bad(
            f"[DEFAULT]\nlog_config_append = {LOGGING}\n",
            files={LOGGING: root_at("DEBUG", "keystoneauth=WARN")},
            service="nova-compute",
        ),
        good("[DEFAULT]\ndebug = true\n", service="nova-compute"),
        moot(
            "[DEFAULT]\ndebug = true\ndefault_log_levels = nova=INFO\n",
            why="a conductor runs no such commands",
        ),
    ),
)
