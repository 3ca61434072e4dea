"""A report as the cases of a test suite, and the run that it comes from.

A case is a check on one service of one host (or on the host as a whole); what it found on several objects is told in one
text. It fails with a failure that counts, with ``unknown`` and with ``error``. It is an expected failure, never a pass,
where all that failed is waived or below ``--audit-fail-on``. It is skipped where the check does not concern the service.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from auditor.check import Check
from auditor.formats import visible, without_tokens
from auditor.gate import Gate, is_open
from auditor.model import Coverage, Severity, Status
from auditor.report import Disposition, Finding, HostEntry, Report

#: How many hosts are asked at a time: they are waited for, not worked for.
AT_A_TIME = 16


class Verdict(StrEnum):
    """What becomes of a test."""

    PASS = "pass"
    FAIL = "fail"
    EXPECTED = "expected"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Case:
    """A test that is decided already: what becomes of it, and the text that says why."""

    id: str
    host: str
    verdict: Verdict
    text: str = ""
    marks: tuple[str, ...] = ()

    def conclude(self) -> None:
        """End the test; the text is all that is shown, whatever pytest is asked to show."""
        import pytest

        __tracebackhide__ = True
        if self.verdict is Verdict.SKIP:
            pytest.skip(self.text)
        if self.verdict is Verdict.EXPECTED:
            pytest.xfail(self.text)
        # --runxfail makes pytest.xfail return.
        if self.verdict is not Verdict.PASS:
            pytest.fail(self.text, pytrace=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an audit is asked: the hosts as `auditor.collect.testinfra.hosts` takes them, and the options of pytest."""

    specs: tuple[str, ...] | None
    defaults: tuple[tuple[str, Any], ...]
    profile: str
    waivers: str | None
    site: str | None
    release: str | None
    fail_on: Severity | None
    live: bool = False
    ask: tuple[str, ...] = ()

    def run(self) -> Report:
        """Audit the hosts, each asked once, all with one salt.

        Raises:
            AuditorError: something named does not exist, or is wrong.
            KeyboardInterrupt: the run was ended.
        """
        from auditor import standard
        from auditor.checks import CATALOGUE
        from auditor.collect import Options, collect, testinfra
        from auditor.pipeline import audit

        by = standard.read(
            CATALOGUE,
            self.profile,
            site=None if self.site is None else Path(self.site),
            accepted=None if self.waivers is None else Path(self.waivers),
            release=self.release,
            further=frozenset(self.ask) | ({"wire"} if self.live else set()),
        )
        targets = testinfra.hosts(self.specs, dict(self.defaults))
        options = Options(live=self.live, ask=self.ask, release=by.release)
        report = audit(
            collect(targets, options, collector="testinfra", jobs=min(len(targets), AT_A_TIME)),
            CATALOGUE,
            targets=targets,
            profile=by.profile,
            asked=by.asked,
            site=by.site,
            waivers=by.waivers,
            release=by.release,
            gate=Gate(self.fail_on),
            groups=testinfra.groups(targets),
            jobs=os.cpu_count() or 1,
        )
        if report.exit.code == 130:
            raise KeyboardInterrupt
        return report


def run_case(report: Report) -> Case:
    """The case of the run as a whole: it fails where nothing was audited, or results are missing."""
    totals = report.coverage
    if report.exit.code == 4:
        return Case("run", "", Verdict.FAIL, report.exit.reason)
    if totals.results_recorded != totals.results_expected:
        missing = totals.results_expected - totals.results_recorded
        return Case("run", "", Verdict.FAIL, f"{missing} of {totals.results_expected} results are missing")
    return Case("run", "", Verdict.PASS)


def host_cases(report: Report) -> Iterator[Case]:
    """A case per host: it fails where the host could not be audited, or only in part."""
    for host in report.hosts:
        is_audited = host.coverage is Coverage.AUDITED
        yield Case(
            _shown(host.name),
            host.name,
            Verdict.PASS if is_audited else Verdict.FAIL,
            "" if is_audited else _loss(host),
        )


def check_cases(report: Report, catalogue: Sequence[Check], fail_on: Severity | None) -> Iterator[Case]:
    """A case per host, service and check; a check that says nothing of a host is one that fails, with the reason."""
    checks = {check.id: check for check in catalogue}
    told = _told(report)
    for host in report.hosts:
        for name in report.selection.checks:
            marks = (f"severity_{checks[name].severity}", f"area_{checks[name].area}")
            services = told.get((host.name, name))
            if not services:
                yield Case(f"{_shown(host.name)}/{name}", host.name, Verdict.FAIL, _loss(host), marks)
                continue
            for service, told_of in services.items():
                place = "/".join(_shown(part) for part in (host.name, service, name) if part is not None)
                verdict, text = told_of.settle(place, fail_on)
                yield Case(place, host.name, verdict, text, marks)


@dataclass(slots=True)
class Told:
    """What a check said of one service, over its objects."""

    findings: list[Finding]
    passed: int = 0
    reasons: dict[str, None] | None = None

    def settle(self, place: str, fail_on: Severity | None) -> tuple[Verdict, str]:
        """What becomes of the case, and why."""
        counting = [one for one in self.findings if one.status is not Status.FAIL or is_open(one, fail_on)]
        others = [one for one in self.findings if one not in counting]
        if counting:
            blocks = [*map(_described, counting), *(f"accepted: {_accepted(one, fail_on)}" for one in others)]
            return Verdict.FAIL, "\n".join([place, *blocks])
        if others:
            return Verdict.EXPECTED, "; ".join(_accepted(one, fail_on) for one in others)
        if self.passed:
            return Verdict.PASS, ""
        return Verdict.SKIP, f"not applicable: {_shown('; '.join(self.reasons or ()))}"


def _told(report: Report) -> Mapping[tuple[str, str], Mapping[str | None, Told]]:
    """By host and check, then by service (None for the host as a whole), what was said."""
    services = {host.name: {service.id for service in host.services} for host in report.hosts}
    found: dict[tuple[str, str], dict[str | None, Told]] = {}

    def of(host: str, check: str, service: str | None) -> Told:
        return found.setdefault((host, check), {}).setdefault(service, Told([]))

    def named(host: str, names: Iterable[str]) -> Iterator[str | None]:
        for name in names:
            service = name if name in services[host] else name.partition("#")[0]
            yield service if service in services[host] else None

    for finding in report.findings:
        of(finding.host, finding.check, finding.service).findings.append(finding)
    for check, hosts in report.passed.items():
        for host, names in hosts.items():
            for service in named(host, names):
                of(host, check, service).passed += 1
    for check, by_reason in report.not_applicable.items():
        for reason, hosts in by_reason.items():
            for host, names in hosts.items():
                for service in named(host, names):
                    told = of(host, check, service)
                    told.reasons = {**(told.reasons or {}), reason: None}
    return found


def _described(finding: Finding) -> str:
    about = f" of {finding.object}" if finding.object else ""
    lines = [f"{finding.status}{about} ({finding.severity}): {finding.message}"]
    if finding.disposition is Disposition.WAIVER_EXPIRED and finding.waiver is not None:
        lines.append(f"  its waiver {finding.waiver.id} expired on {finding.waiver.expires}")
    lines.extend(f"  {line.setting} = {line.value}  ({line.origin})" for line in finding.evidence)
    lines.extend(f"  {line}" for line in f"remedy: {finding.remediation}".splitlines())
    return "\n".join(map(_shown, lines))


def _accepted(finding: Finding, fail_on: Severity | None) -> str:
    if finding.disposition is Disposition.WAIVED and finding.waiver is not None:
        waiver = finding.waiver
        return _shown(f"waived by {waiver.owner} until {waiver.expires} ({waiver.id}): {finding.message}")
    return _shown(f"{finding.severity}, below --audit-fail-on {fail_on or 'none'}: {finding.message}")


def _loss(host: HostEntry) -> str:
    return _shown(
        f"{host.name} is not audited as a whole: {host.coverage}, {host.reason or 'nobody says why'}"
    )


def _shown(text: str) -> str:
    """Text of a host: no control characters, and stars for what was withheld."""
    return without_tokens(visible(text), "***")
