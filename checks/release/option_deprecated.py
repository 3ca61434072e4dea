"""An option is written under an old name.

It still counts in this release, and some later release drops the old name without a word: ``rabbit_use_ssl`` turned
into plain text with 2025.1, ``sql_connection`` into no database with 2024.1.
"""

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
    """Fail where what counts was written under another name than the option's own."""
    written = [setting for setting in service.settings.written() if not setting.unknown]
    if not written:
        return not_applicable("nothing is written")
    old = [setting for setting in written if _is_old(setting)]
    if old:
        names = "; ".join(f"[{_place(setting)[0]}] {_place(setting)[1]} is now {setting}" for setting in old)
        return failed(f"old names: {names}", *old)
    return passed(f"all {len(written)} written options have their present names")


def _is_old(setting: Setting) -> bool:
    return _place(setting) != (setting.group, setting.name)


def _place(setting: Setting) -> tuple[str, str]:
    """The section and the name under which it is written."""
    group, _, name = (setting.written_as or setting.name).rpartition(".")
    return group or setting.group, name


CHECK = Check(
    id="release-option-deprecated",
    title="An option under an old name",
    severity=Severity.INFO,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write the present name, before an upgrade drops the old one.",
    evaluate=evaluate,
    examples=(
        bad("[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n", release="2024.2"),
        good("[oslo_messaging_rabbit]\nssl = true\n", release="2024.2"),
        moot("# nothing\n"),
    ),
)
