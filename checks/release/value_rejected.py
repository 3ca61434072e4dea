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
from auditor.checks.subjects import not_placement
from auditor.semantics.clients import placement


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where oslo.config rejects a written value."""
    written = [setting for setting in service.settings.written() if not setting.unknown]
    if not written:
        return not_applicable("nothing is written")
    client = placement(service)
    called = client is not None and not_placement(client) is None
    wrong = [
        setting
        for setting in written
        if setting.error is not None and not (called and str(setting) == "[placement] timeout")
    ]
    if wrong:
        return failed(
            "rejected when it is read: " + "; ".join(f"{setting}: {setting.error}" for setting in wrong),
            *wrong,
        )
    if any(setting.error is not None for setting in written):
        return not_applicable("what is rejected is a finding of its own")
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
        moot(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10s\n",
            why="where placement is called, that is `placement-timeout-invalid`",
        ),
        bad(
            "[database]\nmax_pool_size = 5 # per worker\n",
            why="oslo.config has no comments at the end of a line",
        ),
        good("[placement]\ntimeout = 10\n"),
        moot("# nothing\n"),
    ),
)
