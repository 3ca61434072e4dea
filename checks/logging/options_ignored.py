"""Options of logging are written, and ``log_config_append`` makes oslo.log ignore them.

With a file, ``debug``, ``default_log_levels``, destinations, formats, rotation and rate limits count for nothing
(``oslo_log.log.setup``): whoever switches ``debug`` off in nova.conf has switched nothing off.
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
from auditor.checks.logfiles import LOGGING, root_at

_IGNORED = (
    "debug",
    "default_log_levels",
    "log_date_format",
    "log_dir",
    "log_file",
    "log_rotation_type",
    "publish_errors",
    "rate_limit_burst",
    "rate_limit_interval",
    "use_journal",
    "use_json",
    "use_stderr",
    "use_syslog",
    "watch_log_file",
)


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where options stand beside log_config_append."""
    append = service["DEFAULT", "log_config_append"]
    if not append.value:
        return not_applicable("log_config_append is not set")
    settings = [service.find("DEFAULT", name) for name in _IGNORED]
    written = [setting for setting in settings if setting is not None and setting.is_written]
    if written:
        names = ", ".join(setting.name for setting in written)
        return failed(f"no effect, because {append.value} decides alone: {names}", append, *written)
    return passed(f"{append.value} decides alone, and nothing beside it pretends otherwise", append)


CHECK = Check(
    id="logging-options-ignored",
    title="Options of logging that nothing reads",
    severity=Severity.INFO,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Remove the options that the finding names, or `log_config_append`.",
    options=("DEFAULT.log_config_append", "DEFAULT.debug", "DEFAULT.default_log_levels"),
    evaluate=evaluate,
    examples=(
        bad(
            f"[DEFAULT]\ndebug = false\nlog_config_append = {LOGGING}\n",
            files={LOGGING: root_at("DEBUG")},
        ),
        good(f"[DEFAULT]\nlog_config_append = {LOGGING}\n", files={LOGGING: root_at("INFO")}),
        moot("[DEFAULT]\ndebug = false\n"),
    ),
)
