"""A service reads its configuration from the home of its user, where the service itself may write.

oslo.config takes the first nova.conf of ``~/.nova``, ``~``, ``/etc/nova`` and ``/etc``, and does likewise with nova.conf.d. Who
breaks into the service then decides what it connects to after its next start, and an operator who edits or audits
``/etc/nova`` looks at a file that nobody reads.
"""

from auditor.check import (
    Check,
    Outcome,
    Scope,
    Service,
    Severity,
    Site,
    Unavailable,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.semantics.precedence import HOME_ELSEWHERE, hides, is_home_seen, shadows

_CONF = "[DEFAULT]\ndebug = false\n"


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a file or drop-in that oslo.config finds by itself lies in the home."""
    if service.refusal is not None:
        raise Unavailable(str(service.refusal))
    if not is_home_seen(service):
        return not_applicable(HOME_ELSEWHERE)
    found = shadows(service)
    if found:
        told = ", ".join(f"{file.path} and not {hidden}" for file, hidden in found)
        return failed(f"{service} reads {told}", *(hides(file, hidden) for file, hidden in found))
    return passed(f"{service} reads nothing from {service.home}")


CHECK = Check(
    id="files-shadowed-in-home",
    title="A file in the service's home takes the place of /etc/nova",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Move what is meant into /etc/nova, remove the file from the home, and restart the service.",
    evaluate=evaluate,
    examples=(
        bad(_CONF, files={"/var/lib/nova/.nova/nova.conf": "[DEFAULT]\ndebug = true\n"}),
        bad(
            _CONF,
            files={"/var/lib/nova/nova.conf.d/90-site.conf": "[DEFAULT]\ndebug = true\n"},
            why="the folder hides /etc/nova/nova.conf.d",
        ),
        bad(
            _CONF,
            service="nova-compute",
            files={"/var/lib/nova/nova-compute.conf": "[DEFAULT]\ndebug = true\n"},
            why="a file by the name of the program is looked for in the same places",
        ),
        good(_CONF, files={"/etc/nova/nova.conf.d/90-site.conf": "[DEFAULT]\ndebug = true\n"}),
        good(
            _CONF,
            files={"/var/lib/nova/.nova/nova.conf": "[DEFAULT]\ndebug = true\n"},
            arguments=("--config-file", "/etc/nova/nova.conf"),
            why="nothing is searched for where the command line names a file",
        ),
        moot(
            "",
            files={
                "/lib/systemd/system/nova-conductor.service": "",
                "/etc/kolla/nova-conductor/config.json": (
                    '{"command": "nova-conductor", "config_files": [{"source": "/var/lib/kolla/config_files/nova.conf", '
                    '"dest": "/etc/nova/nova.conf", "owner": "nova", "perm": "0600"}]}'
                ),
                "/etc/kolla/nova-conductor/nova.conf": _CONF,
            },
            why="the home lies in the container's image, and nothing shows what is in it",
        ),
    ),
)
