"""An option is written that this release does not know.

oslo.config ignores it without a word: a name mistyped, spelled with hyphens as on the command line, put into another
section, or removed from Nova since. Only sections that the release knows are looked at, because drivers from elsewhere
bring sections of their own.
"""

from difflib import get_close_matches

from auditor.check import (
    Check,
    Outcome,
    Scope,
    Service,
    Setting,
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
    """Fail where a name stands in a section that the release knows, and the name is unknown."""
    known: dict[str, list[str]] = {}
    for setting in service.settings.effective():
        if not setting.unknown:
            known.setdefault(setting.group, []).append(setting.name)
    written = [setting for setting in service.settings.written() if setting.group in known]
    if not written:
        return not_applicable("nothing is written")
    unknown = [setting for setting in written if setting.unknown]
    if unknown:
        names = ", ".join(_named(setting, known[setting.group]) for setting in unknown)
        return failed(f"{service.project} of {service.release} ignores {names}", *unknown)
    return passed(f"all {len(written)} written options are known")


def _named(setting: Setting, known: list[str]) -> str:
    similar = get_close_matches(setting.name.replace("-", "_").lower(), known, n=1, cutoff=0.85)
    return f"{setting} (did you mean {similar[0]}?)" if similar else str(setting)


CHECK = Check(
    id="release-option-unknown",
    title="An option that this release does not know",
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
        good("[oslo_messaging_rabbit]\nrabbit_quorum_queue = true\n"),
        moot("[vendor_driver]\naddress = 192.0.2.1\n"),
    ),
)
