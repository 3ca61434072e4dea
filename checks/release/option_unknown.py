"""An option is written that this release does not know.

oslo.config ignores it without a word. Most are left over from an older release or from another project's template and do
no harm; some were put into the wrong section. Only sections that the release knows are looked at, because drivers from
elsewhere bring sections of their own.
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
from auditor.checks.subjects import OLD_TLS_OPTIONS, leftovers, listed, meant


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where a name is unknown and resembles none that is known."""
    unknown = leftovers(service)
    if not unknown:
        return passed("every written option is known")
    ignored = [
        setting
        for setting in unknown
        if setting.name not in OLD_TLS_OPTIONS and meant(service, setting) is None
    ]
    if ignored:
        return failed(f"{service.project} of {service.release} ignores {listed(ignored)}", *ignored)
    return not_applicable("what is unknown is misspelt or an old name, which is a finding of its own")


CHECK = Check(
    id="release-option-unknown",
    title="An option that this release does not know",
    severity=Severity.INFO,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Remove the line, or move it to the section where it belongs.",
    evaluate=evaluate,
    examples=(
        bad("[libvirt]\nvif_driver = nova.virt.libvirt.vif.LibvirtGenericVIFDriver\n"),
        good("[oslo_messaging_rabbit]\nrabbit_quorum_queue = true\n"),
        good("[vendor_driver]\naddress = 192.0.2.1\n", why="a section of somebody else's"),
        good(
            "[service_user]\nregion_name = RegionOne\n",
            why="keystoneauth knows it, and Nova has no use for it there",
        ),
        moot("[placement]\nca_file = /etc/nova/ca.pem\n", why="that one is misspelt"),
    ),
)
