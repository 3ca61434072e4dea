"""Which releases a service may be running, and what is left to say when they differ.

Where the release is in evidence there is one candidate; else ``--release`` gives one; else every release is judged.
What all agree on is the verdict, whatever else is ``unknown`` (`docs/decisions/0006-candidates.md`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from auditor.check import Outcome
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import Client, Libraries, Library, Limit, Posture, Status, Transport, Trust
from auditor.releases import RELEASES, default_libraries, release_of_nova, release_of_placement
from auditor.report import ClientEntry, LoggingEntry, TransportEntry

_T = TypeVar("_T")

#: What would decide between candidates.
CURE = "give --release, or audit where the installed packages are visible"

_RELEASE_OF: Mapping[str, tuple[str, Callable[[str], str | None]]] = {
    "nova": ("nova", release_of_nova),
    "placement": ("openstack-placement", release_of_placement),
}

#: Statuses that agree with each other: nothing is to be mended in any candidate.
_HARMLESS = {Status.PASS, Status.NOT_APPLICABLE}

_VERBS = {
    Status.PASS: "passes",
    Status.FAIL: "fails",
    Status.UNKNOWN: "cannot be decided",
    Status.ERROR: "cannot be evaluated",
    Status.NOT_APPLICABLE: "does not apply",
}


def candidates(
    evidence: Evidence, record: ServiceRecord, release: str | None
) -> tuple[bool, Mapping[str, Libraries]]:
    """Whether the release is assumed, and the candidate releases, each with the libraries to judge by.

    ``release`` fills a gap and never overrides evidence. The libraries of an interpreter that shows the project
    itself are all it has; those of one that does not are kept, and the release's pins fill the gaps.
    """
    installed = evidence.libraries_of(record)
    distribution, release_of = _RELEASE_OF[record.project]
    project = None if installed is None else installed.find(distribution)
    known = None if project is None else release_of(project.version)
    if installed is not None and known is not None:
        return False, {known: installed}
    names = RELEASES if release is None else (release,)
    if installed is not None and project is not None:
        return True, dict.fromkeys(names, installed)
    return True, {name: _filled(installed, name) for name in names}


def _filled(installed: Libraries | None, release: str) -> Libraries:
    if installed is None:
        return _pins(release)
    return Libraries({**_pins(release).installed, **installed.installed}, installed.capabilities)


@cache
def _pins(release: str) -> Libraries:
    pinned = default_libraries(release)
    return Libraries({name: Library(name, version, assumed=True) for name, version in pinned.items()})


def spans(releases: Sequence[str]) -> str:
    """Releases in words, those that follow each other as a span: ``zed to 2023.2, 2026.2``."""
    runs: list[list[str]] = []
    for release in sorted(releases, key=RELEASES.index):
        if runs and RELEASES.index(runs[-1][-1]) + 1 == RELEASES.index(release):
            runs[-1].append(release)
        else:
            runs.append([release])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def merge_outcomes(outcomes: Mapping[str, Outcome]) -> Outcome:
    """One outcome from those of the candidates, by release, oldest first.

    Statuses that agree are the verdict, in the words of the newest release that says so. To pass here and not to
    apply there agree that nothing is to be mended: that is a pass.
    """
    *_, newest = outcomes.values()
    if len(outcomes) == 1:
        return newest
    statuses = {outcome.status for outcome in outcomes.values()}
    if len(statuses) == 1:
        remedies = {outcome.remedy for outcome in outcomes.values()}
        return newest if len(remedies) == 1 else replace(newest, remedy=None)
    if statuses == _HARMLESS:
        return [outcome for outcome in outcomes.values() if outcome.status is Status.PASS][-1]
    said = _said({release: _VERBS[outcome.status] for release, outcome in outcomes.items()})
    failing = [outcome for outcome in outcomes.values() if outcome.status is Status.FAIL]
    shown = failing[-1] if failing else newest
    return Outcome(Status.UNKNOWN, f"{said}: {CURE}", shown.evidence)


def merge_transports(transports: Mapping[str, Transport | None]) -> TransportEntry:
    """One entry from a transport as the candidates see it, by release; None where one has it not."""
    seen = {release: transport for release, transport in transports.items() if transport is not None}
    *_, newest = seen.values()
    every = tuple(seen.values())
    postures = {
        release: str(transport.posture) if transport is not None else "absent"
        for release, transport in transports.items()
    }
    agreed = len(set(postures.values())) == 1
    limits = {transport.limited_by for transport in every}
    return TransportEntry(
        purpose=newest.purpose,
        driver=newest.driver,
        endpoints=newest.endpoints,
        posture=newest.posture if agreed else Posture.UNKNOWN,
        when_encrypted=_agreed([transport.when_encrypted for transport in every], None) if agreed else None,
        limited_by=_merged_limit([limit for limit in limits if limit is not None])
        if agreed and None not in limits
        else None,
        trust=_agreed([transport.trust for transport in every], Trust("unknown")),
        client_certificate=_agreed([transport.client_certificate for transport in every], "unknown"),
        reason=newest.reason if agreed else f"{_said(postures)}: {CURE}",
        origin=newest.url.origin,
    )


def _merged_limit(limits: Sequence[Limit]) -> Limit | None:
    if len({(limit.kind, limit.name) for limit in limits}) != 1:
        return None
    return Limit(
        limits[0].kind,
        limits[0].name,
        _agreed([limit.installed for limit in limits], None),
        _agreed([limit.fixed_in for limit in limits], None),
    )


def merge_levels(levels: Mapping[str, Any]) -> LoggingEntry:
    """One entry from the logging of the candidates; a logger's level is ``unknown`` where they differ."""
    *_, newest = levels.values()
    loggers = dict.fromkeys(logger for one in levels.values() for logger in one.levels)
    return LoggingEntry(
        source=newest.source,
        levels=tuple(
            (logger, _agreed([one.levels.get(logger, "unknown") for one in levels.values()], "unknown"))
            for logger in loggers
        ),
    )


def merge_clients(clients: Mapping[str, Client | None]) -> ClientEntry:
    """One entry from a client section as the candidates see it; None where one has it not."""
    every = [client for client in clients.values() if client is not None]
    attempts = dict.fromkeys(kind for client in every for kind in client.attempts)
    bounds = {(client.request_worst_case.bound, client.request_worst_case.seconds) for client in every}
    bound, seconds = bounds.pop() if len(bounds) == 1 else ("unknown", None)
    return ClientEntry(
        section=every[-1].section,
        attempts=tuple(
            (kind, _agreed([client.attempts.get(kind) for client in every], None)) for kind in attempts
        ),
        bound=bound,
        seconds=seconds,
    )


def _agreed(values: Sequence[_T], otherwise: _T) -> _T:
    return values[-1] if all(value == values[-1] for value in values) else otherwise


def _said(words: Mapping[str, str]) -> str:
    return "; ".join(
        f"{word} on {spans([release for release, one in words.items() if one == word])}"
        for word in dict.fromkeys(words.values())
    )
