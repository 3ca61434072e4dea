"""A container has another configuration than the host prepares for it.

Kolla copies its files into the container when that starts, and keeps them where it is told to copy once only. Whoever
changed the file on the host since has changed nothing, and whoever reads it there does not see what runs.
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
from auditor.semantics.processes import NOT_RUNNING, copied

_NO_CONTAINER = "it runs in no container"
_NO_COPY = "the host prepares no file for its container"


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a file inside the container differs from the host's."""
    process = service.process
    if process is None:
        return not_applicable(NOT_RUNNING)
    if process.container is None:
        return not_applicable(_NO_CONTAINER)
    if not service.copies:
        return not_applicable(_NO_COPY)
    differing = [copy for copy in service.copies if copy.differs]
    if differing:
        told = ", ".join(f"{copy.path} is not what {copy.host} says" for copy in differing)
        return failed(f"in the container of {service}, {told}", *map(copied, differing))
    return passed("the container has the files that the host prepares", *map(copied, service.copies))


_CONF = "[DEFAULT]\ndebug = false\n"
_PROCESS = {
    "status": "running",
    "reason": "",
    "pid": 4711,
    "started": 1795258800.0,
    "latest": 1795258800.0,
    "count": 3,
    "user": "nova",
    "environment": "process",
    "container": {"engine": "podman", "id": "0123456789ab", "name": "nova_conductor"},
    "peers": [],
}


def _copy(differs: bool) -> dict[str, object]:
    copy = {"path": "/etc/nova/nova.conf", "host": "/etc/kolla/nova-conductor/nova.conf", "differs": differs}
    return {"process": _PROCESS, "copies": [copy]}


CHECK = Check(
    id="files-container-copy-differs",
    title="A container's copy differs from the host's file",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    needs=frozenset({"config", "processes"}),
    doc=__doc__,
    remediation="Start the container anew, so that it copies the host's file (kolla: `KOLLA_CONFIG_STRATEGY=COPY_ALWAYS`).",
    evaluate=evaluate,
    examples=(
        bad(_CONF, record=_copy(differs=True)),
        good(_CONF, record=_copy(differs=False)),
        moot(_CONF, record={"copies": []}, why=_NO_CONTAINER),
        moot(_CONF, record={"process": {"status": "none"}}, why=NOT_RUNNING),
    ),
)
