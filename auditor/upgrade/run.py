"""From evidence to what an upgrade changes on a fleet, and the exit code."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import auditor
from auditor.evidence import Document, Lost
from auditor.gate import Gate, counted, losses
from auditor.ledger import is_lost
from auditor.model import Coverage, Target
from auditor.report import Exit
from auditor.upgrade.comparison import Comparer
from auditor.upgrade.difference import Effect, HostUpgrade, Upgrade

_T = TypeVar("_T")


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def compare(
    sources: Iterable[Document | Lost],
    comparer: Comparer,
    *,
    targets: Sequence[Target] | None = None,
    profile: str = "custom",
    not_asked: Sequence[str] = (),
    gate: Gate | None = None,
    clock: Callable[[], datetime] = now,
    watch: Callable[[HostUpgrade], object] = lambda _host: None,
) -> Upgrade:
    """What the release of ``comparer`` changes on hosts.

    Args:
        sources: the evidence of each host, or why there is none, taken one by one.
        comparer: compares one host.
        targets: the hosts that are expected; by default those that `sources` speak of.
        profile: the name of what was selected.
        not_asked: ids of checks whose evidence was not asked for.
        gate: what the exit code lets pass.
        clock: tells the time, UTC.
        watch: called with each host as it is done.

    Raises:
        AuditorError: an evidence file is wrong.
    """
    started = clock()
    hosts: list[HostUpgrade] = []
    kept: dict[Any, Any] = {}
    interrupted = False
    try:
        for source in sources:
            host = _once(comparer(source), kept)
            hosts.append(host)
            watch(host)
    except KeyboardInterrupt:
        interrupted = True
    seen = {host.name for host in hosts}
    for target in targets or ():
        if target.name not in seen:
            reason = "the run ended before its turn"
            hosts.append(HostUpgrade(target.name, target.kind, Coverage.NOT_ATTEMPTED, reason))
    complete, outcome = conclude(gate or Gate(), hosts, comparer.checks, interrupted=interrupted)
    return Upgrade(
        tool_version=auditor.__version__,
        started=_stamp(started),
        finished=_stamp(clock()),
        release=comparer.release,
        present=comparer.present,
        profile=profile,
        checks=tuple(check.id for check in comparer.checks),
        not_asked=tuple(not_asked),
        complete=complete,
        hosts_expected=len(hosts),
        exit=outcome,
        hosts=tuple(hosts),
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _once(host: HostUpgrade, kept: dict[Any, Any]) -> HostUpgrade:
    """The host with equal values kept once for the whole run, or a large fleet would not fit."""

    def once(value: _T) -> _T:
        found: _T = kept.setdefault(value, value)
        return found

    services = tuple(
        replace(service, differences=once(tuple(map(once, service.differences)))) for service in host.services
    )
    return replace(host, services=services, differences=once(host.differences))


def conclude(
    gate: Gate, hosts: Sequence[HostUpgrade], checks: Sequence[object], *, interrupted: bool = False
) -> tuple[bool, Exit]:
    """Whether the run is complete, and its exit code with the reason in a sentence."""
    counts = {
        "unreachable": sum(is_lost(host.coverage) for host in hosts),
        "partial": sum(host.coverage is Coverage.PARTIAL for host in hosts),
        "error": sum(host.errors for host in hosts),
        "unknown": sum(host.unknowns for host in hosts),
    }
    uncompared = sum(service.reason is not None for host in hosts for service in host.services)
    complete = not interrupted and not uncompared and gate.doubt is None and not any(counts.values())
    if interrupted:
        outcome = Exit(130, f"interrupted after {counted(len(hosts) - counts['unreachable'], 'host')}")
    else:
        outcome = _judge(gate, hosts, checks, counts, uncompared)
    if gate.exit_zero and outcome.code in (1, 3, 4):
        outcome = Exit(0, f"{outcome.reason} (--exit-zero)")
    return complete, outcome


def _judge(
    gate: Gate,
    hosts: Sequence[HostUpgrade],
    checks: Sequence[object],
    counts: dict[str, int],
    uncompared: int,
) -> Exit:
    if not hosts:
        return Exit(4, "nothing compared: no host matched")
    if not checks:
        return Exit(4, "nothing compared: no check is selected")
    if not any(host.services for host in hosts) and not counts["unreachable"]:
        return Exit(4, "nothing compared: every host answered, and no Nova or placement service was found")
    lost = losses(gate.beyond(counts))
    lacking = ", ".join(
        filter(
            None, (lost, f"{counted(uncompared, 'service')} not compared" if uncompared else "", gate.doubt)
        )
    )
    worse = [host.name for host in hosts for _ in _worse(gate, host)]
    if worse:
        reason = (
            f"{counted(len(worse), 'thing')} {'get' if len(worse) > 1 else 'gets'} worse at or above {gate.fail_on}"
            f" on {len(set(worse))} of {counted(len(hosts), 'host')}"
        )
        return Exit(1, f"{reason}; incomplete: {lacking}" if lacking else reason)
    if lacking:
        return Exit(3, f"incomplete: {lacking}")
    if gate.fail_on is None:
        return Exit(0, "complete; what gets worse is reported only (--fail-on none)")
    tolerated = losses(counts)
    return Exit(
        0,
        f"nothing gets worse at or above {gate.fail_on}; tolerated: {tolerated}"
        if tolerated
        else f"complete, nothing gets worse at or above {gate.fail_on}",
    )


def _worse(gate: Gate, host: HostUpgrade) -> Iterator[object]:
    """What gets worse on a host, at or above the bar; a verdict told with another difference counts with that."""
    bar = gate.fail_on
    for _, one in host.found():
        is_own = one.effect is Effect.WORSE and one.within is None
        if is_own and bar is not None and one.severity is not None and one.severity >= bar:
            yield one
