"""A drop-in in nova.conf.d says something, and the file that the command line names says something else: the drop-in loses.

Without arguments oslo.config reads nova.conf.d after nova.conf, and drop-ins win. With ``--config-file`` alone, as Debian's
units pass it, it reads nova.conf.d all the same, but first: the file that is named wins over every drop-in. Whoever
secured a transport in a drop-in has changed nothing.
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
from auditor.semantics.precedence import drop_ins, lost_to_arguments

_NONE = "it reads no drop-in by itself"
_NAMED = ("--config-file", "/etc/nova/nova.conf")


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a value of a drop-in differs from the one of a named file that counts."""
    if not drop_ins(service):
        return not_applicable(_NONE)
    lost = tuple(lost_to_arguments(service))
    if lost:
        told = "; ".join(
            f"{setting} of {setting.origin} loses to {counts.origin}" for setting, counts in lost
        )
        return failed(told, *(setting for pair in lost for setting in pair))
    return passed("no drop-in loses to a file that the command line names")


CHECK = Check(
    id="files-drop-in-overridden",
    title="A drop-in that loses to --config-file",
    severity=Severity.MEDIUM,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation=(
        "Name the folder on the command line too, after the file: `--config-dir /etc/nova/nova.conf.d`; or write the value "
        "into the file that the finding names, and remove it from the drop-in."
    ),
    evaluate=evaluate,
    examples=(
        bad(
            "[oslo_messaging_rabbit]\nssl = false\n",
            files={"/etc/nova/nova.conf.d/50-tls.conf": "[oslo_messaging_rabbit]\nssl = true\n"},
            arguments=_NAMED,
        ),
        bad(
            "[DEFAULT]\nverbose = true\n[oslo_messaging_rabbit]\nrabbit_use_ssl = false\n",
            files={"/etc/nova/nova.conf.d/50-tls.conf": "[oslo_messaging_rabbit]\nssl = true\n"},
            arguments=_NAMED,
            release="2024.2",
            why="under an older name too",
        ),
        good(
            "[oslo_messaging_rabbit]\nssl = False\n",
            files={
                "/etc/nova/nova.conf.d/50-tls.conf": "[oslo_messaging_rabbit]\nssl = no\n[DEFAULT]\ndebug = false\n"
            },
            arguments=_NAMED,
            why="they say the same",
        ),
        good(
            "[oslo_messaging_rabbit]\nssl = false\n",
            files={"/etc/nova/nova.conf.d/50-tls.conf": "[oslo_messaging_rabbit]\nssl = true\n"},
            why="without arguments the drop-in wins",
        ),
        moot(
            "[oslo_messaging_rabbit]\nssl = false\n",
            files={"/etc/nova/nova.conf.d/50-tls.conf": "[oslo_messaging_rabbit]\nssl = true\n"},
            arguments=(*_NAMED, "--config-dir", "/etc/nova/nova.conf.d"),
            why="it is named as well, and what is named last wins",
        ),
    ),
)
