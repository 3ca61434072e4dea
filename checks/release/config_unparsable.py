"""The service cannot start: oslo.config refuses its configuration.

A line that is no option, an option before the first section, a byte that is not UTF-8, a file named on the command line
that is not there, a value that a command-line option does not take: oslo.config raises before the service has read
anything. A running service shows it at its next restart. Nothing else of that service can be judged.
"""

from auditor.check import Check, Outcome, Scope, Service, Severity, Site, bad, failed, good, passed

_NOT_INDENTED = (
    "Start the line in its first column: an indented line, even a comment, continues the value above it."
)


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where oslo.config raised."""
    if service.refusal is not None:
        remedy = _NOT_INDENTED if "continuation" in service.refusal.message else None
        return failed(f"{service} cannot start: {service.refusal}", service.refusal, remedy=remedy)
    return passed(f"{service} starts with its configuration")


CHECK = Check(
    id="release-config-unparsable",
    title="oslo.config refuses the configuration",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Mend the line that the finding names.",
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\ndebug\n", why="neither = nor :"),
        bad(
            "[DEFAULT]\ndebug = enabled\n",
            why="debug is a command-line option, whose value is checked at once",
        ),
        bad("[database] # of the cell\nmax_retries = 3\n", why="nothing may follow the bracket"),
        good("[DEFAULT]\ndebug = yes\n"),
    ),
)
