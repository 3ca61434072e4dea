"""What a run's exit code is, from what was found and what could not be looked at. The codes are in the contract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.errors import UsageError
from auditor.ledger import Ledger, is_lost
from auditor.model import Coverage, Severity, Status
from auditor.report import Disposition, Exit, Finding, HostEntry

#: What `--tolerate` counts: hosts lost, hosts seen in part, and results.
TOLERABLE = ("unreachable", "partial", "error", "unknown")

DEFAULT_FAIL_ON = Severity.HIGH


@dataclass(frozen=True, slots=True)
class Gate:
    """What the operator lets pass.

    ``fail_on`` is the lowest severity of an open failure that costs exit 1, or None for none. ``tolerate`` says how
    many of each of `TOLERABLE` do not cost exit 3. ``exit_zero`` only reports. ``doubt`` is why nobody can say that the
    evidence is of all hosts, and new enough: the run is then incomplete whatever it holds.
    """

    fail_on: Severity | None = DEFAULT_FAIL_ON
    tolerate: tuple[tuple[str, int], ...] = ()
    exit_zero: bool = False
    doubt: str | None = None

    def beyond(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """Those of the counts, by the words of `TOLERABLE`, that are more than is tolerated."""
        tolerated = dict(self.tolerate)
        return {word: number for word, number in counts.items() if number > tolerated.get(word, 0)}


def read_tolerance(text: str) -> tuple[tuple[str, int], ...]:
    """``unreachable=2,error=0`` as pairs.

    Raises:
        UsageError: another word than those of `TOLERABLE`, or not a number.
    """
    pairs = []
    for part in text.split(","):
        word, separator, number = part.strip().partition("=")
        if word not in TOLERABLE or not separator or not (number.isascii() and number.isdecimal()):
            raise UsageError(
                f"--tolerate: {part.strip()!r} is not WORD=NUMBER; the words are {', '.join(TOLERABLE)}"
            )
        pairs.append((word, int(number)))
    return tuple(pairs)


def conclude(
    gate: Gate,
    ledger: Ledger,
    hosts: Iterable[HostEntry],
    findings: Iterable[Finding],
    *,
    interrupted: bool = False,
) -> tuple[bool, Exit]:
    """Whether the run is complete, and its exit code with the reason in a sentence."""
    totals, coverages, results = ledger.totals(), ledger.coverages, ledger.results
    counts = {
        "unreachable": sum(number for coverage, number in coverages.items() if is_lost(coverage)),
        "partial": coverages[Coverage.PARTIAL],
        "error": results.get(Status.ERROR, 0),
        "unknown": results.get(Status.UNKNOWN, 0),
    }
    adds_up = totals.results_recorded == totals.results_expected
    complete = adds_up and not interrupted and gate.doubt is None and not any(counts.values())
    if interrupted:
        outcome = Exit(
            130, f"interrupted after {counted(totals.hosts_expected - len(ledger.outstanding), 'host')}"
        )
    else:
        services = sum(len(host.services) for host in hosts)
        outcome = _judge(gate, ledger, counts, services, tuple(findings), adds_up=adds_up)
    if gate.exit_zero and outcome.code in (1, 3, 4):
        outcome = Exit(0, f"{outcome.reason} (--exit-zero)")
    return complete, outcome


def _judge(
    gate: Gate,
    ledger: Ledger,
    counts: Mapping[str, int],
    services: int,
    findings: tuple[Finding, ...],
    *,
    adds_up: bool,
) -> Exit:
    if not ledger.hosts:
        return Exit(4, "nothing audited: no host matched")
    if not ledger.checks:
        return Exit(4, "nothing audited: no check is selected")
    if not services and not counts["unreachable"]:
        return Exit(4, "nothing audited: every host answered, and no Nova or placement service was found")
    failures = [finding for finding in findings if is_open(finding, gate.fail_on)]
    lost = (losses(gate.beyond(counts)), "" if adds_up else "results are missing", gate.doubt or "")
    lacking = ", and ".join(part for part in lost if part)
    if failures:
        affected = len({finding.host for finding in failures})
        reason = (
            f"{counted(len(failures), 'open failure')} at or above {gate.fail_on}"
            f" on {affected} of {counted(len(ledger.hosts), 'host')}"
        )
        return Exit(1, f"{reason}; incomplete: {lacking}" if lacking else reason)
    if lacking:
        return Exit(3, f"incomplete: {lacking}")
    results = ledger.results
    if not results.get(Status.PASS) and not results.get(Status.FAIL):
        return Exit(4, "nothing audited: not one check came to pass or fail")
    nothing = "no open failure" if gate.fail_on is None else f"no open failure at or above {gate.fail_on}"
    allowed = losses(counts)
    return Exit(0, f"{nothing}; tolerated: {allowed}" if allowed else f"complete, {nothing}")


def is_open(finding: Finding, at_least: Severity | None) -> bool:
    """True for a failure that nobody accepted (or no longer), at that severity or above; none is above None."""
    return (
        at_least is not None
        and finding.status is Status.FAIL
        and finding.disposition in (Disposition.OPEN, Disposition.WAIVER_EXPIRED)
        and finding.severity >= at_least
    )


def losses(counts: Mapping[str, int]) -> str:
    """What was lost, in words: how many of each of `TOLERABLE`."""
    said = {
        "unreachable": ("host not audited", "hosts not audited"),
        "partial": ("host seen in part", "hosts seen in part"),
        "error": ("result in error", "results in error"),
        "unknown": ("result unknown", "results unknown"),
    }
    return ", ".join(f"{number} {said[word][number != 1]}" for word, number in counts.items() if number)


def counted(count: int, noun: str) -> str:
    """``1 host``, ``2 hosts``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
