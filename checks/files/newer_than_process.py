"""A configuration file changed after its service had read it.

What runs is not what lies on disk. A change that was made to protect something protects nothing until the service starts
anew, and a mistake waits for that moment. A SIGHUP is not enough: Nova takes over the few options that oslo.config marks
as mutable, no connection among them, and new workers are forks of the process that had read the file before.
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
from auditor.semantics.processes import NOT_RUNNING, change, configuration, start, unread

_NO_FILE = "it reads no configuration file"


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a file is newer than the process that read it, unless a WSGI server may have loaded it anew."""
    process = service.process
    if process is None:
        return not_applicable(NOT_RUNNING)
    files = configuration(service)
    if not files:
        return not_applicable(_NO_FILE)
    newer = unread(service, process)
    if newer:
        names = ", ".join(file.path for file in newer)
        return failed(
            f"{service} runs with what stood there before: {names} changed after it had started",
            *map(change, newer),
            start(process),
        )
    return passed(f"{service} has read its files as they are", start(process))


_CHANGED = {"/etc/nova/nova.conf": {"changed": 1795260600.0}}


def _running(started: float, latest: float) -> dict[str, object]:
    process = {
        "status": "running",
        "reason": "",
        "pid": 4711,
        "started": started,
        "latest": latest,
        "count": 5,
    }
    return {"process": {**process, "user": "nova", "environment": "process", "container": None, "peers": []}}


CHECK = Check(
    id="files-newer-than-process",
    title="Configuration that the running service has not read",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    needs=frozenset({"config", "processes"}),
    doc=__doc__,
    remediation="Restart the service, once what the files say now is what it shall do.",
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ndebug = false\n",
            evidence={"files": _CHANGED},
            why="the file changed half an hour before the audit, the process is an hour old",
        ),
        bad(
            "[DEFAULT]\ndebug = false\n",
            evidence={"files": _CHANGED},
            record=_running(1795258800.0, 1795262000.0),
            why="young workers are forks of the old process",
        ),
        good(
            "[DEFAULT]\ndebug = false\n",
            evidence={"files": _CHANGED},
            record=_running(1795260599.0, 1795260600.0),
            why="the kernel tells in whole seconds when it was booted",
        ),
        moot("[DEFAULT]\ndebug = false\n", record={"process": {"status": "none"}}, why=NOT_RUNNING),
        moot("[DEFAULT]\ndebug = false\n", why="a captured tree has no processes"),
    ),
)
