"""An option is written whose name is almost that of another.

oslo.config ignores a name that it does not know without a word: mistyped, spelled with hyphens as on the command line, or
without its underscore. What was meant keeps its default: ``ca_file`` for ``cafile`` leaves the system's authorities in
charge, ``rabbit_quorum_queues`` for ``rabbit_quorum_queue`` leaves queues unreplicated.
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
from auditor.checks.subjects import leftovers, meant


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where an unknown name resembles a known one of the same section."""
    unknown = leftovers(service)
    if not unknown:
        return not_applicable("no unknown option is written")
    misspelt = [(setting, meant(service, setting)) for setting in unknown]
    found = [(setting, name) for setting, name in misspelt if name is not None]
    if found:
        names = ", ".join(f"{setting} (is {name} meant?)" for setting, name in found)
        return failed(
            f"{service.project} of {service.release} ignores {names}", *(setting for setting, _ in found)
        )
    return passed("no unknown option resembles a known one")


CHECK = Check(
    id="release-option-misspelt",
    title="An option that is almost another",
    severity=Severity.LOW,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Correct the name, or remove the line.",
    evaluate=evaluate,
    examples=(
        bad("[oslo_messaging_rabbit]\nrabbit_quorum_queues = true\n", why="the name is rabbit_quorum_queue"),
        bad("[placement]\nca_file = /etc/nova/ca.pem\n", why="the name is cafile"),
        bad(
            "[DEFAULT]\nlog-config-append = /etc/nova/logging.conf\n", why="hyphens are for the command line"
        ),
        good("[libvirt]\nvif_driver = nova.virt.libvirt.vif.LibvirtGenericVIFDriver\n"),
        moot("[oslo_messaging_rabbit]\nrabbit_quorum_queue = true\n"),
    ),
)
