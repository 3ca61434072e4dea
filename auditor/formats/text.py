"""The report for a reader: coverage, a line per host, what is wrong by severity and how to mend it, the exit reason.

Readable at 80 columns and without colour. A finding that several hosts or services share stands there once.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from auditor.check import Check
from auditor.formats import Page, visible
from auditor.formats.lines import COLOURS, Line, inset, shown, write_up
from auditor.gate import counted
from auditor.model import Coverage, Judged, OriginKind, Posture, Severity, Status
from auditor.report import WEAKEST, Disposition, Finding, HostEntry, Report

_SHORT = {
    "database": "db",
    "api_database": "api db",
    "database_replica": "replica",
    "placement_database": "placement db",
}

#: Where a sentence ends and another begins.
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\[(])")

#: What an operator gives to have checks judged that need more than every run looks at.
_ASKED_BY = {"wire": "--live", "cells": "--cells", "servers": "--servers"}

#: How many places or messages of one kind are written out.
_SHOWN = 4


def render(report: Report, catalogue: Sequence[Check], page: Page) -> str:
    """The report as text."""
    checks = {check.id: check for check in catalogue}
    parts = (
        _head(report),
        _hosts(report),
        _failures(report, checks),
        _accepted(report),
        _undecided(report, checks),
        _coverage(report),
        _rest(report, checks),
    )
    return write_up(parts, report.exit, page)


def _head(report: Report) -> Iterator[Text]:
    coverage, selection = report.coverage, report.selection
    yield Text(
        f"{coverage.hosts_audited} of {counted(coverage.hosts_expected, 'host')} audited, "
        f"{coverage.results_recorded} of {counted(coverage.results_expected, 'result')}; "
        f"profile {visible(selection.profile)}, {counted(len(selection.checks), 'check')}",
        style="bold",
    )
    yield Text()


def _hosts(report: Report) -> Iterator[Table | Text | Line]:
    if not report.hosts:
        return
    found: dict[str, Counter[str]] = {host.name: Counter() for host in report.hosts}
    for finding in report.findings:
        if finding.status is Status.FAIL:
            found[finding.host]["waived" if _is_accepted(finding) else finding.severity] += 1
        elif finding.status is not Status.PASS:
            found[finding.host][finding.status] += 1
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("host", overflow="fold", max_width=24)
    table.add_column("release")
    for letter in ("svc", "crit", "high", "med", "low", "err", "unk"):
        table.add_column(letter, justify="right")
    table.add_column("transports", overflow="fold")
    for host in report.hosts:
        counts = found[host.name]
        shown = (
            Severity.CRITICAL,
            Severity.HIGH,
            Severity.MEDIUM,
            Severity.LOW,
            Status.ERROR,
            Status.UNKNOWN,
        )
        table.add_row(
            Text(visible(host.name)),
            Text(visible(_releases(host))),
            Text(_services(host)),
            *(Text(str(counts[word] or "-")) for word in shown),
            Text(_postures(host) if host.services else str(host.coverage)),
        )
    yield table
    for host in report.hosts:
        idle = [one.id for one in host.services if one.process and one.process.status == "none"]
        if idle:
            names = ", ".join(visible(name) for name in idle)
            yield inset(f"{visible(host.name)}: no process runs {names}: configured only", by=0, hang=2)
    yield Text()


def _services(host: HostEntry) -> str:
    """How many services there are; of a live host, how many of them run."""
    looked = [service.process for service in host.services if service.process is not None]
    running = sum(process.status == "running" for process in looked)
    return f"{running}/{len(host.services)}" if looked else str(len(host.services))


def _releases(host: HostEntry) -> str:
    return host.release or ("mixed" if any(service.release for service in host.services) else "?")


def _postures(host: HostEntry) -> str:
    weakest: dict[str, Posture] = {}
    for service in host.services:
        for transport in service.transports:
            known = weakest.get(transport.purpose)
            if known is None or WEAKEST.index(transport.posture) < WEAKEST.index(known):
                weakest[transport.purpose] = transport.posture
    return ", ".join(
        f"{_SHORT.get(purpose, visible(purpose))} {posture}" for purpose, posture in weakest.items()
    )


def _is_accepted(finding: Finding) -> bool:
    return finding.disposition in (Disposition.WAIVED, Disposition.BASELINED)


def _failures(report: Report, checks: Mapping[str, Check]) -> Iterator[Text | Line]:
    failures = [one for one in report.findings if one.status is Status.FAIL and not _is_accepted(one)]
    if not failures:
        yield Text("No open failure." if report.coverage.hosts_audited else "Nothing was judged.")
        yield Text()
    blocks: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in failures:
        blocks.setdefault((finding.severity, finding.check), []).append(finding)
    for (severity, check), findings in sorted(
        blocks.items(), key=lambda item: (_rank(item[0][0]), item[0][1])
    ):
        yield from _block(severity, check, findings, checks.get(check))
    if failures:
        yield inset("nova-auditor explain CHECK tells why, and shows examples.", by=0, hang=0)
        yield Text()


def _rank(severity: Severity) -> int:
    return -list(Severity).index(severity)


def _block(
    severity: Severity, name: str, findings: Sequence[Finding], check: Check | None
) -> Iterator[Text | Line]:
    heading = Text.assemble((f"{severity.upper()}  ", COLOURS[severity]), (visible(name), "bold"))
    if check is not None:
        heading.append(f"  {check.title}")
    yield heading
    if check is not None:
        yield inset(_why(check), hang=0)
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        values = tuple((line.setting, line.value) for line in finding.evidence)
        alike.setdefault((finding.message, values, finding.remediation, finding.waiver), []).append(finding)
    groups = list(alike.values())
    remedies = {finding.remediation for finding in findings}
    for group in groups[:_SHOWN]:
        yield from _group(group, with_remedy=len(remedies) > 1)
    if len(groups) > _SHOWN:
        rest = [finding for group in groups[_SHOWN:] for finding in group]
        yield inset(f"and {len(rest)} more like these, on {_places(rest)}", mark="- ")
    if len(remedies) == 1:
        yield inset(findings[0].remediation, mark="> ", style="green")
    yield Text()


def _why(check: Check) -> str:
    """The first sentence of why the problem matters."""
    paragraphs = check.doc.strip().split("\n\n")
    text = " ".join((paragraphs[1] if len(paragraphs) > 1 else paragraphs[0]).replace("``", "`").split())
    return _SENTENCE.split(text, maxsplit=1)[0]


def _group(findings: Sequence[Finding], *, with_remedy: bool) -> Iterator[Text | Line]:
    first = findings[0]
    yield inset(first.message, mark="- ")
    yield inset(f"on {_places(findings)}", by=4)
    origins: dict[tuple[str, str | None], dict[str, None]] = {}
    for finding in findings:
        for line in finding.evidence:
            origins.setdefault((line.setting, line.value), {})[_place(line)] = None
    for (setting, value), places in origins.items():
        said = setting if value is None else f"{setting} = {value}"
        where = ", ".join(list(places)[:2]) + (f" and {len(places) - 2} more" if len(places) > 2 else "")
        yield inset(f"{said}  ({where})" if where else said, by=4, style="dim")
    if first.waiver is not None:
        yield inset(
            f"its waiver {first.waiver.id} ({first.waiver.owner}) expired on {first.waiver.expires}", by=4
        )
    if with_remedy:
        yield inset(first.remediation, by=4, mark="> ", style="green")


def _place(line: Judged) -> str:
    """Where a line of evidence stands; a library that is assumed stands nowhere."""
    is_library = not line.setting.startswith("[")
    return "" if is_library and line.origin.kind is OriginKind.DEFAULT else str(line.origin)


def _places(findings: Iterable[Finding]) -> str:
    """``host1 (nova-api, nova-conductor: rpc; ...); host2 ...``, what has the same objects together."""
    objects: dict[str, dict[str, list[str]]] = {}
    for finding in findings:
        service = "" if finding.service is None else finding.service
        objects.setdefault(finding.host, {}).setdefault(service, []).append(finding.object or "")
    said: dict[str, list[str]] = {}
    for host, services in objects.items():
        alike: dict[str, list[str]] = {}
        for service, names in services.items():
            alike.setdefault(", ".join(filter(None, names)), []).append(service)
        called = [": ".join(filter(None, (", ".join(one), names))) for names, one in alike.items()]
        said.setdefault("; ".join(called), []).append(host)
    parts = []
    for words, named in said.items():
        listed = ", ".join(named[:_SHOWN]) + (
            f" and {len(named) - _SHOWN} more hosts" if len(named) > _SHOWN else ""
        )
        parts.append(visible(f"{listed} ({words})" if words else listed))
    return "; ".join(parts[:_SHOWN]) + (f"; and {len(parts) - _SHOWN} more" if len(parts) > _SHOWN else "")


def _accepted(report: Report) -> Iterator[Text | Line]:
    accepted = [one for one in report.findings if one.status is Status.FAIL and _is_accepted(one)]
    if not accepted:
        return
    yield Text("Accepted failures", style="bold")
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in accepted:
        groups.setdefault((finding.check, finding.severity, finding.waiver), []).append(finding)
    for group in groups.values():
        first = group[0]
        by = (
            ""
            if first.waiver is None
            else f", until {first.waiver.expires} by {first.waiver.owner} ({first.waiver.id})"
        )
        yield inset(f"{first.check} ({first.severity}){by}: {_places(group)}", mark="- ")
    yield Text()


def _undecided(report: Report, checks: Mapping[str, Check]) -> Iterator[Text | Line]:
    for status, title in ((Status.ERROR, "Could not be evaluated"), (Status.UNKNOWN, "Could not be decided")):
        reasons: dict[str, dict[str, list[Finding]]] = {}
        for finding in report.findings:
            if finding.status is status:
                reasons.setdefault(finding.check, {}).setdefault(finding.message, []).append(finding)
        if not reasons:
            continue
        yield Text(title, style="bold")
        # One cause, such as a file that does not parse, may keep many checks from it: then they stand together.
        together: dict[tuple[tuple[str, str], ...], list[str]] = {}
        for check, groups in reasons.items():
            said = tuple((message, _places(findings)) for message, findings in groups.items())
            together.setdefault(said, []).append(check)
        for said, names in together.items():
            known = checks.get(names[0]) if len(names) == 1 else None
            yield inset(_several(names) + (f"  {known.title}" if known is not None else ""), mark="- ")
            for message, places in said[:_SHOWN]:
                yield inset(message, by=4)
                yield inset(f"on {places}", by=6)
            if len(said) > _SHOWN:
                yield inset(f"and {len(said) - _SHOWN} more reasons", by=4)
        yield Text()


def _several(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {counted(more, 'more check')}" if more > 0 else "")


def _coverage(report: Report) -> Iterator[Text | Line]:
    noted = [host for host in report.hosts if host.coverage is not Coverage.AUDITED]
    if not noted:
        return
    yield Text("Coverage", style="bold")
    for host in noted:
        yield inset(f"{host.name}: {host.coverage}" + (f", {host.reason}" if host.reason else ""), mark="- ")
    yield Text()


def _rest(report: Report, checks: Mapping[str, Check]) -> Iterator[Text]:
    passed = sum(len(names) for hosts in report.passed.values() for names in hosts.values())
    reasons: Counter[str] = Counter()
    for by_reason in report.not_applicable.values():
        for reason, hosts in by_reason.items():
            reasons[reason] += sum(len(names) for names in hosts.values())
    line = f"Passed: {passed}. Not applicable: {sum(reasons.values())}"
    if reasons:
        line += (
            " (" + "; ".join(f"{shown(reason)}: {number}" for reason, number in reasons.most_common(3)) + ")"
        )
    yield Text(f"{line}.")
    if report.selection.not_asked:
        yield from _not_asked(report.selection.not_asked, checks)
    waivers = report.selection.waivers
    if waivers is not None:
        for word, ids in (
            ("expired", waivers.expired),
            ("unused", waivers.unused),
            ("over-broad", waivers.over_broad),
        ):
            if ids:
                yield Text(visible(f"Waivers {word}: {', '.join(ids)}."))


def _not_asked(ids: Iterable[str], checks: Mapping[str, Check]) -> Iterator[Text]:
    """What was left out: how many checks wait for which option, and the names of those that no option asks for."""
    waiting: Counter[str] = Counter()
    others = []
    for name in ids:
        needs = checks[name].needs if name in checks else frozenset[str]()
        option = next((option for need, option in _ASKED_BY.items() if need in needs), None)
        if option is None:
            others.append(name)
        else:
            waiting[option] += 1
    if waiting:
        told = ", ".join(f"{counted(number, 'check')} by {option}" for option, number in waiting.items())
        yield Text(f"Not asked, but would be: {told}.")
    if others:
        yield Text(f"Not asked, for want of evidence: {', '.join(others)}.")
