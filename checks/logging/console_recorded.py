"""A console proxy records what users see and type.

``[DEFAULT] record`` names a file into which websockify writes every frame of every console, passwords typed at a login
prompt among them (nova/cmd/baseproxy.py). Nothing rotates or protects it.
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


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where record is set."""
    record = service.find("DEFAULT", "record")
    if record is None:
        return not_applicable("this release knows no such option")
    if record.value:
        return failed(f"every console of {service} is recorded in {record.value}", record)
    return passed(f"{service} records no console", record)


CHECK = Check(
    id="logging-console-recorded",
    title="Consoles are recorded",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    roles=frozenset({Role.CONSOLE_PROXY}),
    doc=__doc__,
    remediation="Remove `record` from `[DEFAULT]`, and delete what was recorded.",
    options=("DEFAULT.record",),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\nrecord = /var/log/nova/consoles\n", service="nova-novncproxy"),
        good("[DEFAULT]\ndebug = false\n", service="nova-novncproxy"),
        moot("[DEFAULT]\nrecord = /var/log/nova/consoles\n", why="a conductor serves no console"),
    ),
)
