"""Debug messages are written.

Nova's own debug messages hold guest XML, request bodies and paths, masked only where somebody thought of it (OSSN-0023,
OSSN-0049), and they fill disks. What the libraries add to that is judged by checks of its own: ``debug = true`` alone
does not make them talk.
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
from auditor.checks.logfiles import LOGGING, at, root_at
from auditor.semantics.loggers import DEBUG
from auditor.semantics.logs import Levels, levels


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where root's or Nova's own debug messages reach a log."""
    found = levels(service)
    if found.broken is not None:
        return not_applicable("the service cannot start with this logging")
    for logger in ("root", "nova"):
        if found.writes(logger, DEBUG):
            return failed(
                f"debug messages are written: {at(found, logger)}",
                *found.evidence(logger),
                remedy=_remedy(found, logger),
            )
    return passed("no debug messages are written", *found.evidence("root"))


def _remedy(found: Levels, logger: str) -> str:
    if found.source == "file":
        return f"Write `level = INFO` for {logger} into {found.settings[0].value}."
    if logger == "root":
        return "Write `[DEFAULT] debug = false`."
    return f"Remove `{logger}=DEBUG` from `default_log_levels`."


CHECK = Check(
    id="logging-debug-enabled",
    title="Debug messages are written",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write `[DEFAULT] debug = false`, or a level of INFO into the file that `log_config_append` names.",
    options=("DEFAULT.debug", "DEFAULT.default_log_levels", "DEFAULT.log_config_append"),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\ndebug = true\n"),
        bad(
            f"[DEFAULT]\ndebug = false\nlog_config_append = {LOGGING}\n",
            files={LOGGING: root_at("DEBUG")},
            why="the file decides alone, and debug is ignored",
        ),
        good("[DEFAULT]\ndebug = false\n"),
        good(
            f"[DEFAULT]\ndebug = true\nlog_config_append = {LOGGING}\n",
            files={LOGGING: root_at("INFO")},
            why="the file decides alone, and debug is ignored",
        ),
        moot("[DEFAULT]\nlog_config_append = /etc/nova/missing.conf\n", why="the service does not start"),
    ),
)
