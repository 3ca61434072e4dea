"""The profiler sends SQL to the trace store.

``trace_sqlalchemy`` adds every statement with its parameters to the traces (``osprofiler.sqlalchemy``), and the trace
store is a database or a bus of its own, with readers of its own.
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
    """Fail where profiling is on and traces SQL."""
    enabled, sql = service.find("profiler", "enabled"), service.find("profiler", "trace_sqlalchemy")
    if enabled is None or sql is None:
        return not_applicable("this release knows no profiler")
    if not enabled.value:
        return not_applicable("profiling is off")
    if sql.value:
        return failed("SQL goes to the trace store", enabled, sql)
    return passed("traces hold no SQL", enabled, sql)


CHECK = Check(
    id="logging-sql-traced",
    title="SQL goes to the trace store",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write `[profiler] trace_sqlalchemy = false`.",
    options=("profiler.enabled", "profiler.trace_sqlalchemy"),
    evaluate=evaluate,
    examples=(
        bad("[profiler]\nenabled = true\nhmac_keys = yFw7hPq2kZ4tLm9sXc\ntrace_sqlalchemy = true\n"),
        good("[profiler]\nenabled = true\nhmac_keys = yFw7hPq2kZ4tLm9sXc\n"),
        moot("[profiler]\ntrace_sqlalchemy = true\n"),
    ),
)
