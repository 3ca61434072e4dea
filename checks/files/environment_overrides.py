"""A variable of the service's environment decides an option, whatever the files say.

oslo.config takes ``OS_<GROUP>__<OPTION>`` over every file. The variable stands in a unit, a container or a deployer's
template: nobody who reads nova.conf sees it, and a secret in it is handed to every program that the service starts.
"""

from auditor.check import Check, Outcome, Scope, Service, Severity, Site, bad, failed, good, passed
from auditor.model import OriginKind
from auditor.semantics.processes import require_seen_environment

_CONF = "[oslo_messaging_rabbit]\nssl = true\n"
_UNIT = "/lib/systemd/system/nova-conductor.service"


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where the value of a known option comes from the environment."""
    decided = [
        setting
        for setting in service.settings.written()
        if setting.origin.kind is OriginKind.ENVIRONMENT and not setting.unknown
    ]
    if decided:
        return failed(f"the environment decides {', '.join(map(str, decided))}", *decided)
    require_seen_environment(service)
    return passed("no option is set by the environment")


CHECK = Check(
    id="files-environment-overrides",
    title="An option that the environment decides",
    severity=Severity.LOW,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write the value into a file that the service reads, and remove the variable from where it is set.",
    evaluate=evaluate,
    examples=(
        bad(
            _CONF,
            files={
                _UNIT: (
                    "[Service]\nUser=nova\nEnvironment=OS_OSLO_MESSAGING_RABBIT__SSL=false\n"
                    "ExecStart=/usr/bin/nova-conductor\n"
                )
            },
        ),
        good(_CONF),
        good(
            _CONF,
            files={
                _UNIT: "[Service]\nUser=nova\nEnvironment=OS_CLOUD=site LANG=C\nExecStart=/usr/bin/nova-conductor\n"
            },
            why="it is no variable of oslo.config's",
        ),
    ),
)
