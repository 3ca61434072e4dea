"""Requests to other services are written with their bodies.

At DEBUG, keystoneauth writes every request and answer: tokens only as a hash, but bodies unmasked, such as the
connection data of volumes with CHAP passwords, user data and credentials (``keystoneauth1.session``). ``debug = true``
alone does not lead there, because the default of ``default_log_levels`` holds keystoneauth at WARN; but the option
replaces that whole list, so ``default_log_levels = nova=DEBUG`` beside ``debug = true`` does.
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
    """Fail where keystoneauth's debug messages reach a log."""
    if service.role is Role.CONSOLE_PROXY:
        return not_applicable("a console proxy sends no such requests")
    found = levels(service)
    if found.broken is not None:
        return not_applicable("the service cannot start with this logging")
    record = found.holding("request-bodies", "response-bodies")
    if record is not None:
        return failed(
            f"requests to other services are written with their bodies: {at(found, record.logger)}",
            *found.evidence(record.logger),
            remedy=guard(found, "keystoneauth", "WARN"),
        )
    return passed(
        "the bodies of requests to other services are not written",
        *found.evidence("keystoneauth.session"),
    )


CHECK = Check(
    id="logging-tokens-and-bodies",
    title="Bodies of requests to other services are written",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Remove `default_log_levels`, or write `keystoneauth=WARN` into it or into the logging configuration.",
    options=("DEFAULT.debug", "DEFAULT.default_log_levels", "DEFAULT.log_config_append"),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ndebug = true\ndefault_log_levels = nova=DEBUG\n",
            why="the option replaces the default list",
        ),
        bad("[DEFAULT]\ndefault_log_levels = keystoneauth=DEBUG\n"),
        bad(f"[DEFAULT]\nlog_config_append = {LOGGING}\n", files={LOGGING: root_at("DEBUG")}),
        good("[DEFAULT]\ndebug = true\n", why="the default list holds keystoneauth at WARN"),
        good(
            f"[DEFAULT]\nlog_config_append = {LOGGING}\n",
            files={LOGGING: root_at("DEBUG", handler="class = logging.NullHandler")},
            why="a handler that writes nothing",
        ),
        moot("[DEFAULT]\ndebug = true\ndefault_log_levels = nova=DEBUG\n", service="nova-novncproxy"),
    ),
)
