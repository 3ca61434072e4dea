"""The report as JUnit XML: a suite per host, a case per judged object, and never fewer cases than were expected.

fail is a failure; error and unknown are errors; not applicable and waived are skipped. A check that has no case on a
host (it was lost, or nothing was found there) is an error with the host's reason.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from auditor.check import Check
from auditor.formats import Page, visible
from auditor.model import Status
from auditor.report import Disposition, Finding, HostEntry, Report, subject_name

#: What XML 1.0 forbids, even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """A case of a suite: the check, the object, and what it came to (None for a pass) with message and text."""

    check: str
    subject: str
    element: str | None
    kind: str
    message: str
    text: str = ""


def render(report: Report, catalogue: Sequence[Check], page: Page) -> str:  # noqa: ARG001 - as every format
    """The report as XML."""
    findings: dict[str, list[Finding]] = {host.name: [] for host in report.hosts}
    for finding in report.findings:
        findings[finding.host].append(finding)
    suites = {host.name: list(_cases(report, host, findings[host.name])) for host in report.hosts}
    every = [case for cases in suites.values() for case in cases]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="nova-auditor" {_counts(every)}>']
    for host in report.hosts:
        lines.append(
            f"  <testsuite name={_attribute(host.name)} hostname={_attribute(host.name)} "
            f'timestamp="{report.started.removesuffix("Z")}" {_counts(suites[host.name])}>'
        )
        lines.extend(_written(case) for case in suites[host.name])
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>", ""])


def _cases(report: Report, host: HostEntry, findings: Sequence[Finding]) -> Iterator[Case]:
    told = {check: list(_told(report, host, check)) for check in report.selection.checks}
    for finding in findings:
        if finding.status is not Status.PASS:
            told.setdefault(finding.check, []).append(_found(finding))
    for check, cases in told.items():
        reason = host.reason or f"no result of {host.name}"
        yield from cases or [Case(check, host.name, "error", str(host.coverage), reason)]


def _told(report: Report, host: HostEntry, check: str) -> Iterator[Case]:
    for name in report.passed.get(check, {}).get(host.name, ()):
        yield Case(check, name, None, "", "")
    reasons: Mapping[str, Mapping[str, tuple[str, ...]]] = report.not_applicable.get(check, {})
    for reason, hosts in reasons.items():
        for name in hosts.get(host.name, ()):
            yield Case(check, name, "skipped", "not_applicable", f"not applicable: {reason}")


def _found(finding: Finding) -> Case:
    subject = subject_name(finding.service, finding.object)
    lines = [f"{line.setting} = {line.value} ({line.origin})" for line in finding.evidence]
    text = "\n".join([*lines, finding.remediation])
    if finding.disposition is Disposition.WAIVED and finding.waiver is not None:
        said = f"waived by {finding.waiver.owner} until {finding.waiver.expires}: {finding.message}"
        return Case(finding.check, subject, "skipped", "waived", said)
    element = "failure" if finding.status is Status.FAIL else "error"
    kind = str(finding.severity) if finding.status is Status.FAIL else str(finding.status)
    return Case(finding.check, subject, element, kind, finding.message, text)


def _counts(cases: Sequence[Case]) -> str:
    def count(element: str) -> int:
        return sum(case.element == element for case in cases)

    return (
        f'tests="{len(cases)}" failures="{count("failure")}" errors="{count("error")}" '
        f'skipped="{count("skipped")}" time="0"'
    )


def _written(case: Case) -> str:
    start = f'    <testcase classname={_attribute(case.check)} name={_attribute(case.subject)} time="0"'
    if case.element is None:
        return f"{start}/>"
    inner = f"<{case.element} type={_attribute(case.kind)} message={_attribute(case.message)}"
    if case.element == "skipped":
        inner = f"<skipped message={_attribute(case.message)}"
    closed = f"{inner}>{escape(_shown(case.text))}</{case.element}>" if case.text else f"{inner}/>"
    return f"{start}>{closed}</testcase>"


def _attribute(text: str) -> str:
    return quoteattr(visible(_legal(text)))


def _shown(text: str) -> str:
    return "\n".join(visible(_legal(line)) for line in text.split("\n"))


def _legal(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
