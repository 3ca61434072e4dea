"""From evidence to the round of a fleet: each host's diagnosis in the order in which they are expected, and the exit code."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import auditor
from auditor.doctor import cures
from auditor.doctor.diagnosis import Aspect, Diagnosis, Obstacle, Round, Sight, Sighting
from auditor.doctor.examination import diagnose
from auditor.evidence import Document, Lost
from auditor.gate import counted
from auditor.model import Coverage, Target
from auditor.report import Exit

_UNTOUCHED = "the run ended before its turn"


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def visit(
    sources: Iterable[Document | Lost],
    *,
    targets: Sequence[Target] | None = None,
    release: str | None = None,
    asked: Sequence[str] = (),
    doubt: str | None = None,
    clock: Callable[[], datetime] = now,
    watch: Callable[[Diagnosis], object] = lambda _host: None,
) -> Round:
    """Return what can be seen of hosts.

    Args:
        sources: the evidence of each host, or why there is none, taken one by one.
        targets: the hosts that are expected; by default those that `sources` speak of.
        release: the operator's word on services that show none.
        asked: the options of `auditor.doctor.diagnosis` that were given.
        doubt: why nobody can say that the evidence is of all hosts, and new enough.
        clock: tells the time, UTC.
        watch: called with each host as it is done.

    Raises:
        AuditorError: an evidence file is wrong.
    """
    started = clock()
    found: dict[str, Diagnosis] = {}
    interrupted = False
    try:
        for source in sources:
            host = diagnose(source, release=release, asked=asked)
            found[host.host] = host
            watch(host)
    except KeyboardInterrupt:
        interrupted = True
    expected = {target.name: target for target in targets or ()}
    ordered = [found.get(name) or _untouched(target, asked) for name, target in expected.items()]
    ordered += [host for name, host in found.items() if name not in expected]
    return Round(
        tool_version=auditor.__version__,
        started=_stamp(started),
        finished=_stamp(clock()),
        asked=tuple(asked),
        exit=conclude(ordered, doubt=doubt, interrupted=interrupted),
        diagnoses=tuple(ordered),
    )


def _untouched(target: Target, asked: Sequence[str]) -> Diagnosis:
    obstacle = Obstacle(f"{Coverage.NOT_ATTEMPTED}: {_UNTOUCHED}", cures.AGAIN)
    seen = Sighting(Aspect.REACH, Sight.NONE, str(Coverage.NOT_ATTEMPTED), "not asked", obstacles=(obstacle,))
    return Diagnosis(target.name, target.kind, Coverage.NOT_ATTEMPTED, (seen,), tuple(asked))


def conclude(hosts: Sequence[Diagnosis], *, doubt: str | None = None, interrupted: bool = False) -> Exit:
    """Return the exit code with its reason in a sentence."""
    if interrupted:
        return Exit(130, f"interrupted after {counted(_looked_at(hosts), 'host')}")
    if not hosts:
        return Exit(4, "nothing examined: no host matched")
    obstructed = sum(not host.is_clear for host in hosts)
    if obstructed:
        what = f"on {obstructed} of {counted(len(hosts), 'host')}"
        return Exit(3, f"an audit would not see everything {what}")
    if doubt is not None:
        return Exit(3, f"an audit would be incomplete: {doubt}")
    return Exit(0, f"an audit would see everything it needs on {counted(len(hosts), 'host')}")


def _looked_at(hosts: Sequence[Diagnosis]) -> int:
    return sum(host.coverage is not Coverage.NOT_ATTEMPTED for host in hosts)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
