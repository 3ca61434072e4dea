"""From evidence to report: every document is judged as it comes, in other processes where there are many.

    for document in collect(targets): evaluate -> ledger, findings      then waivers, the exit code, the report

The catalogue is an argument; nothing here knows a check, a format or a terminal.
"""

import ctypes
import gc
import hashlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain, count, islice
from typing import Any, TypeVar

import auditor
from auditor.check import Check, Outcome, Scope
from auditor.evaluate import HostResult, evaluate, lost
from auditor.evidence import Document, Lost, with_cells
from auditor.gate import Gate, conclude
from auditor.ledger import Ledger, is_lost
from auditor.model import Coverage, Kind, Target
from auditor.profiles import DEFAULT, Profile, find, load
from auditor.releases import UnknownRelease, canonical
from auditor.report import Finding, HostEntry, Report, Selection, SourceFile
from auditor.site import Site, SiteFile, read_thresholds
from auditor.views import attempt
from auditor.waivers import Waivers, apply

_T = TypeVar("_T")

#: The kinds of evidence that every run asks for; ``wire``, ``cells`` and ``servers`` only where somebody wants them.
ASKED = frozenset({"config", "files", "processes"})

#: Those that only some runs ask for: ``--live``, ``--cells``, ``--servers``.
FURTHER = frozenset({"wire", "cells", "servers"})

#: From how many hosts on other processes are worth their start.
MANY = 24

#: After how many hosts a process looks for garbage in cycles, which bounds the memory too.
COLLECTED = 40

#: How many documents each process may have waiting, which bounds the memory.
WAITING = 4


@dataclass(frozen=True, slots=True)
class Selected:
    """The checks of a run, and the ids of those in the profile whose evidence was not asked for."""

    profile: str
    checks: tuple[Check, ...]
    not_asked: tuple[str, ...]


def select(
    catalogue: Sequence[Check], profile: Profile, only: Sequence[str] = (), asked: frozenset[str] = ASKED
) -> Selected:
    """The checks of a profile, or exactly those named by ``only``, in the order of the catalogue.

    Left out, and named, are those that need evidence of a kind which is not among ``asked``.

    Raises:
        UsageError: a name of ``only`` is no check.
    """
    wanted = {find(name, catalogue).id for name in only} if only else set(profile.checks)
    chosen = [check for check in catalogue if check.id in wanted]
    able = tuple(check for check in chosen if check.needs <= asked and check.scope is not Scope.FLEET)
    return Selected(
        "custom" if only else profile.name,
        able,
        tuple(check.id for check in chosen if check not in able),
    )


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges one document or lost host; what every host of a run has in common."""

    checks: tuple[Check, ...]
    site: Site
    release: str | None = None
    full: bool = False
    expect_none: frozenset[str] = frozenset()
    asked: frozenset[str] = ASKED

    def __call__(self, source: Document | Lost) -> HostResult:
        """The result of one host; never raises for what a host gave."""
        if isinstance(source, Lost):
            return lost(source.host, source.kind, source.coverage, source.reason, self.checks)
        kind = Kind(source.content["kind"]) if source.content.get("kind") in set(Kind) else Kind.LIVE
        try:
            evidence = with_cells(source.read(), are_asked="cells" in self.asked)
        except ValueError as error:
            return lost(
                source.host,
                kind,
                Coverage.NOT_ATTEMPTED,
                f"its evidence cannot be read: {error}",
                self.checks,
            )
        told = evidence.told
        try:
            release = self.release if told.release is None else canonical(told.release)
        except UnknownRelease as error:
            return lost(source.host, kind, Coverage.NOT_ATTEMPTED, f"its release: {error}", self.checks)
        judged = attempt(
            partial(
                evaluate,
                evidence,
                self.checks,
                self.site,
                release,
                full=self.full,
                expects_none=told.expects_none or source.host in self.expect_none,
            ),
            f"judging {source.host}",
        )
        if isinstance(judged, Outcome):
            return lost(source.host, kind, Coverage.NOT_ATTEMPTED, judged.message, self.checks)
        return judged


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def audit(
    sources: Iterable[Document | Lost],
    catalogue: Sequence[Check],
    *,
    targets: Sequence[Target] | None = None,
    profile: Profile | str = DEFAULT,
    only: Sequence[str] = (),
    asked: frozenset[str] = ASKED,
    site: SiteFile | None = None,
    waivers: Waivers | None = None,
    release: str | None = None,
    gate: Gate | None = None,
    full: bool = False,
    expect_none: Iterable[str] = (),
    groups: Mapping[str, Sequence[str]] | None = None,
    jobs: int = 1,
    clock: Callable[[], datetime] = now,
    watch: Callable[[HostEntry], object] = lambda _host: None,
) -> Report:
    """Judge hosts by their evidence.

    Args:
        sources: the evidence of each host, or why there is none, taken one by one.
        catalogue: every check there is.
        targets: the hosts that are expected, whose evidence `sources` collects; by default those that `sources`
            speak of, for each of which a bundle's manifest vouches.
        profile: what is selected from the catalogue, or the name of it.
        only: ids of checks to run instead.
        asked: the kinds of evidence that were asked for.
        site: the inputs of the site, read with the profile's thresholds.
        waivers: failures accepted by an owner.
        release: the release of services that show none.
        gate: what the exit code lets pass.
        full: list what passed among the findings.
        expect_none: hosts on which no service is as it should be.
        groups: the groups of each host, which waivers may name.
        jobs: how many processes judge, where there are many hosts.
        clock: tells the time, UTC.
        watch: called with each host's entry as it is done.

    Raises:
        AuditorError: the profile, a check's name or an evidence file is wrong.
    """
    started = clock()
    chosen = load(profile, catalogue) if isinstance(profile, str) else profile
    selected = select(catalogue, chosen, only, asked)
    inputs = Site(read_thresholds(chosen.name, chosen.thresholds)) if site is None else site.site
    judge = Judge(selected.checks, inputs, release, full, frozenset(expect_none), asked)
    ledger = Ledger([check.id for check in selected.checks], [target.name for target in targets or ()])
    found = Gathered(ledger, takes_any=targets is None)
    interrupted = False
    try:
        for result in judged(sources, judge, jobs, None if targets is None else len(targets)):
            found.add(result)
            watch(result.host)
    except KeyboardInterrupt:
        interrupted = True
    findings, account = tuple(found.findings), None
    if waivers is not None:
        findings, account = apply(waivers, findings, clock().date(), groups)
    complete, outcome = conclude(gate or Gate(), ledger, found.hosts, findings, interrupted=interrupted)
    return Report(
        tool_version=auditor.__version__,
        started=_stamp(started),
        finished=_stamp(clock()),
        selection=Selection(
            profile=selected.profile,
            checks=ledger.checks,
            not_asked=selected.not_asked,
            catalogue=SourceFile("auditor.checks", digest(catalogue)),
            site=None if site is None else SourceFile(site.name, site.digest),
            waivers=account,
        ),
        complete=complete,
        coverage=ledger.totals(),
        exit=outcome,
        hosts=_in_order((*found.hosts, *_never_attempted(ledger, targets or ())), ledger),
        findings=tuple(sorted(findings, key=_order)),
        passed=found.passed,
        not_applicable=found.not_applicable,
    )


def _in_order(hosts: Iterable[HostEntry], ledger: Ledger) -> tuple[HostEntry, ...]:
    """Hosts as they are expected, not as they happened to answer."""
    place = {name: number for number, name in enumerate(ledger.hosts)}
    return tuple(sorted(hosts, key=lambda host: place[host.name]))


def _never_attempted(ledger: Ledger, targets: Sequence[Target]) -> Iterator[HostEntry]:
    kinds = {target.name: target.kind for target in targets}
    for name in ledger.outstanding:
        yield HostEntry(name, kinds[name], Coverage.NOT_ATTEMPTED, "the run ended before its turn")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _order(finding: Finding) -> tuple[object, ...]:
    severity = -sum(finding.severity > other for other in type(finding.severity))
    return severity, finding.check, finding.host, finding.service or "", finding.object or ""


def digest(catalogue: Sequence[Check]) -> str:
    """The SHA-256 of what the checks of a catalogue say about themselves."""
    said = hashlib.sha256()
    for check in catalogue:
        said.update("\0".join((check.id, check.severity, check.scope, check.title, check.doc)).encode())
    return said.hexdigest()


@dataclass(slots=True)
class Gathered:
    """What the hosts came to, as it comes in. Equal values are kept once, or a large fleet would not fit.

    ``takes_any``: whoever comes was expected, as the manifest of a bundle says.
    """

    ledger: Ledger
    takes_any: bool
    hosts: list[HostEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    passed: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    not_applicable: dict[str, dict[str, dict[str, tuple[str, ...]]]] = field(default_factory=dict)
    _kept: dict[Any, Any] = field(default_factory=dict)

    def add(self, result: HostResult) -> None:
        """Take in the result of one host."""
        services = tuple(
            replace(
                service,
                transports=self._once(service.transports),
                clients=self._once(service.clients),
                logging=self._once(service.logging),
                libraries=self._once(service.libraries),
            )
            for service in result.host.services
        )
        host = replace(result.host, services=services)
        self.hosts.append(host)
        self.findings.extend(replace(one, evidence=self._once(one.evidence)) for one in result.findings)
        for check, names in (result.passed or {}).items():
            self.passed.setdefault(check, {})[host.name] = self._once(names)
        for check, reasons in (result.not_applicable or {}).items():
            for reason, names in reasons.items():
                by_host = self.not_applicable.setdefault(check, {}).setdefault(self._once(reason), {})
                by_host[host.name] = self._once(names)
        # Who is lost counts even if nobody expected it: evidence that speaks of no expected host is not left out.
        if self.takes_any or is_lost(host.coverage):
            self.ledger.expect(host.name)
        cells = {check: self._once(cell) for check, cell in result.cells.items()}
        self.ledger.record(host.name, host.coverage, cells)

    def _once(self, value: _T) -> _T:
        kept: _T = self._kept.setdefault(value, value)
        return kept


def judged(
    sources: Iterable[Document | Lost], judge: Judge, jobs: int, count: int | None = None
) -> Iterator[HostResult]:
    """The result of each source, in their order, judged in ``jobs`` processes where there are many."""
    if count is None:
        waiting = iter(sources)
        first = list(islice(waiting, MANY))
        count, sources = len(first), chain(first, waiting)
    if jobs < 2 or count < MANY:
        yield from map(judge, sources)
    else:
        yield from _in_processes(sources, judge, jobs)


#: The judge of a process of the pool, set when it starts: a check may be a closure, which cannot be sent later.
_JUDGE: list[Judge] = []


_PR_SET_PDEATHSIG = 1  # linux/prctl.h

# How many hosts this process has judged.
_JUDGED = count(1)


def _start(judge: Judge) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Killed with us: it would wait for ever, and keep open what tells others that we are gone.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Judging makes many values and few cycles: looking for these once in some hosts saves a sixth of the time.
    gc.freeze()
    gc.disable()
    _JUDGE[:] = [judge]


def _judge(source: Document | Lost) -> HostResult:
    result = _JUDGE[0](source)
    if next(_JUDGED) % COLLECTED == 0:
        gc.collect()
    return result


def _in_processes(sources: Iterable[Document | Lost], judge: Judge, jobs: int) -> Iterator[HostResult]:
    # Forked, so that the judge need not be sent, and before the first source is asked for, which may start threads.
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _start, (judge,))
    waiting: deque[tuple[Document | Lost, Future[HostResult] | None]] = deque()
    try:
        pool.submit(int).result()
        for source in sources:
            waiting.append((source, _submit(pool, source)))
            if len(waiting) >= WAITING * jobs:
                yield _result(*waiting.popleft(), judge)
        while waiting:
            yield _result(*waiting.popleft(), judge)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, source: Document | Lost) -> "Future[HostResult] | None":
    try:
        return pool.submit(_judge, source)
    except BrokenProcessPool:
        return None


def _result(source: Document | Lost, future: "Future[HostResult] | None", judge: Judge) -> HostResult:
    try:
        if future is not None:
            return future.result()
    except BrokenProcessPool:
        pass
    reason = "a process that judges was ended from outside, for want of memory perhaps"
    return lost(source.host, Kind.LIVE, Coverage.NOT_ATTEMPTED, reason, judge.checks)
