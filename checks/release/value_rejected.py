"""A value is written that its option does not take.

oslo.config reads most options only when they are first needed, and raises then: the service starts, and fails hours
later where the value counts, such as at the first call to placement for ``[placement] timeout = 10s``.
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


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where oslo.config rejects a written value."""
    written = [setting for setting in service.settings.written() if not setting.unknown]
    if not written:
        return not_applicable("nothing is written")
    wrong = [setting for setting in written if setting.error is not None]
    if wrong:
        return failed(
            f"{', '.join(str(setting) for setting in wrong)}: a value that is rejected when it is read",
            *wrong,
        )
    return passed(f"all {len(written)} written values fit their options")


CHECK = Check(
    id="release-value-rejected",
    title="A value that its option does not take",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write a value of the option's type; oslo.config knows neither units nor inline comments.",
    evaluate=evaluate,
    examples=(
        bad("[placement]\ntimeout = 10s\n"),
        bad(
            "[database]\nmax_pool_size = 5 # per worker\n",
            why="oslo.config has no comments at the end of a line",
        ),
        good("[placement]\ntimeout = 10\n"),
        moot("# nothing\n"),
    ),
)
