"""A report on one host in a few lines of text, for the output of Ansible."""

from __future__ import annotations

from auditor.formats import visible, without_tokens
from auditor.gate import counted
from auditor.model import Coverage, OriginKind, Status
from auditor.report import Disposition, Finding, Report

#: How many findings the message names.
SHOWN = 3


def pressing(report: Report) -> tuple[Finding, ...]:
    """Return the findings that want attention: failures first, the worst of them first, then what is undecided."""
    wanted = (
        finding
        for finding in report.findings
        if finding.status is not Status.PASS
        and finding.disposition not in (Disposition.WAIVED, Disposition.BASELINED)
    )
    return tuple(sorted(wanted, key=lambda finding: finding.status is not Status.FAIL))


def line(finding: Finding) -> str:
    """Return a finding in one line: what is wrong, where it stands, and what mends it."""
    what = finding.severity if finding.status is Status.FAIL else finding.status
    subject = ", ".join(name for name in (finding.service, finding.object) if name)
    expired = " (its waiver has expired)" if finding.disposition is Disposition.WAIVER_EXPIRED else ""
    place = next(
        (
            f"; {judged.setting} at {judged.origin}"
            for judged in finding.evidence
            if judged.origin.kind is OriginKind.FILE and judged.origin.line is not None
        ),
        "",
    )
    text = f"{what} {finding.check} ({subject or 'host'}){expired}: {finding.message}{place}. Cure: {finding.remediation}"
    return visible(without_tokens(" ".join(text.split())))


def message(report: Report) -> str:
    """Return what a report comes to, in one line with the worst findings, one of each check."""
    host = report.hosts[0]
    parts = [f"{host.name}: {report.exit.reason}"]
    if host.reason is not None and host.coverage is not Coverage.AUDITED:
        parts.append(f"{host.coverage}: {host.reason}")
    # Where nothing was judged, each check would say that once more.
    found = pressing(report) if host.services else ()
    checks = {finding.check: finding for finding in reversed(found)}
    parts.extend(line(finding) for finding in found if finding is checks[finding.check])
    rest = len(found) - SHOWN
    shown = parts[: len(parts) - len(checks) + SHOWN]
    if rest > 0:
        shown.append(f"{counted(rest, 'further finding')} in `summary`")
    return " | ".join(visible(part) for part in shown)
