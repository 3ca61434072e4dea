"""Profiling is on with the key that everybody knows.

With ``[profiler] enabled`` and the default ``hmac_keys = SECRET_KEY``, anybody who may send a request can have it traced
through every service (``osprofiler.web``), which slows them down and fills the trace store; with ``trace_sqlalchemy``
the SQL goes there as well.
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

_DEFAULT = "SECRET_KEY"


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where profiling is on and its key is the default or a placeholder."""
    enabled, keys = service.find("profiler", "enabled"), service.find("profiler", "hmac_keys")
    if enabled is None or keys is None:
        return not_applicable("this release knows no profiler")
    if not enabled.value:
        return not_applicable("profiling is off")
    if keys.is_withheld:
        is_known = any(trait in "ekp" for trait in keys.resolved.traits)
    else:
        is_known = _DEFAULT in str(keys.value or _DEFAULT).split(",")
    if is_known:
        return failed("anybody can have requests traced: the profiler's key is the default", enabled, keys)
    return passed("requests are traced for those who know the key", enabled, keys)


CHECK = Check(
    id="logging-profiler-default-key",
    title="The profiler is on with its default key",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write `[profiler] enabled = false`, or a random `hmac_keys`.",
    options=("profiler.enabled", "profiler.hmac_keys"),
    evaluate=evaluate,
    examples=(
        bad("[profiler]\nenabled = true\n"),
        good("[profiler]\nenabled = true\nhmac_keys = yFw7hPq2kZ4tLm9sXc\n"),
        moot("[profiler]\nenabled = false\n"),
    ),
)
