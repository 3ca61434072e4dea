"""The service cannot start with this logging configuration.

A file named by ``log_config_append`` that is not there or does not hold together raises LogConfigError; a level that
Python does not know (``WARN `` with a space, ``warn``, ``10`` in a file) raises ValueError; and both end the service
before it does anything; so does a ``connection_debug`` that is no number up to 100, and with oslo.log before 6.0 a
rate limit (5.2.1, 5.3.2 and 5.5.2 were mended). A running service shows it at its next restart.
"""

from auditor.check import Check, Outcome, Scope, Service, Severity, Site, bad, failed, good, passed
from auditor.checks.logfiles import LOGGING, root_at
from auditor.semantics.logs import levels


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where oslo.log or logging.config would raise."""
    found = levels(service)
    if found.broken is not None:
        return failed(f"{service} cannot start: {found.broken}", *found.settings)
    return passed(f"{service} starts with this logging", *found.settings)


CHECK = Check(
    id="logging-configuration-broken",
    title="The service cannot start with this logging configuration",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Mend the file that `log_config_append` names, or write pairs such as `keystoneauth=WARN` without spaces; remove what the finding names.",
    options=(
        "DEFAULT.log_config_append",
        "DEFAULT.default_log_levels",
        "DEFAULT.rate_limit_burst",
        "database.connection_debug",
    ),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\nlog_config_append = /etc/nova/missing.conf\n"),
        bad(
            "[DEFAULT]\ndefault_log_levels = amqp=warn,keystoneauth=WARN\n",
            why="names of levels are upper case",
        ),
        bad(f"[DEFAULT]\nlog_config_append = {LOGGING}\n", files={LOGGING: root_at("warning")}),
        bad(
            "[DEFAULT]\nrate_limit_burst = 100\nrate_limit_interval = 1\n",
            release="2024.1",
            why="oslo.log 5.5.1 reads an option by a name that it does not have",
        ),
        good("[DEFAULT]\ndebug = true\n"),
        good("[DEFAULT]\nrate_limit_burst = 100\nrate_limit_interval = 1\n", release="2025.1"),
        good(f"[DEFAULT]\nlog_config_append = {LOGGING}\n", files={LOGGING: root_at("WARNING")}),
    ),
)
