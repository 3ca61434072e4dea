"""The answers of os-brick's privileged commands are written.

os-brick runs its commands as root through a daemon of its own, whose answers go to the logger ``os_brick.privileged``
(``os_brick/privileged/__init__.py`` before 7.0) and not to the one that Nova holds at INFO: ``debug = true`` alone writes
them, with the output of ``iscsiadm``, ``multipath`` and their like, and the passwords that connectors read from files.
os-brick 7.0 gave them a logger at ERROR, which a file of ``log_config_append`` resets.
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
    """Fail where the answers of os-brick's daemon reach a log."""
    found = levels(service)
    if found.broken is not None:
        return not_applicable("the service cannot start with this logging")
    record = found.holding("volume-replies")
    library = service.libraries.find("os-brick")
    if record is not None:
        return failed(
            f"the answers of os-brick's privileged commands are written: {at(found, record.logger)}",
            *found.evidence(record.logger),
            library,
            remedy=guard(found, record.logger, "INFO") if found.source == "file" else None,
        )
    return passed("the answers of os-brick's privileged commands are not written", library)


CHECK = Check(
    id="logging-volume-replies",
    title="Answers of os-brick's privileged commands are written",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    roles=frozenset({Role.COMPUTE}),
    doc=__doc__,
    remediation=(
        "Write `[DEFAULT] debug = false`, or `[privsep_osbrick] logger_name = oslo_privsep.daemon`, which the default"
        " levels hold at INFO."
    ),
    options=("DEFAULT.debug", "DEFAULT.default_log_levels", "privsep_osbrick.logger_name"),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\ndebug = true\n", service="nova-compute", why="nothing holds os_brick.privileged"),
        bad(
            f"[DEFAULT]\nlog_config_append = {LOGGING}\n",
            files={LOGGING: root_at("DEBUG")},
            service="nova-compute",
        ),
        good(
            "[DEFAULT]\ndebug = true\n[privsep_osbrick]\nlogger_name = oslo_privsep.daemon\n",
            service="nova-compute",
        ),
        good("[DEFAULT]\ndebug = true\n", service="nova-compute", release="2026.1", why="os-brick 7.0"),
        good("[DEFAULT]\ndebug = false\n", service="nova-compute"),
        moot("[DEFAULT]\ndebug = true\n", why="a conductor attaches no volumes"),
    ),
)
