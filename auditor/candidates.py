"""Which releases a service may be running, and what is left to say when they differ.

Where the release is in evidence there is one candidate; else ``--release`` gives one; else every release is judged.
What all agree on is the verdict, whatever else is ``unknown`` (`docs/decisions/0006-candidates.md`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

from auditor.check import Outcome
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import (
    Bound,
    Client,
    Judged,
    Libraries,
    Library,
    Limit,
    Posture,
    Service,
    Status,
    Transport,
    Trust,
)
from auditor.releases import RELEASES, default_libraries, release_of_nova, release_of_placement
from auditor.report import WEAKEST, ClientEntry, LoggingEntry, TransportEntry, WriteEntry
from auditor.semantics.loggers import level_name

_T = TypeVar("_T")

#: What would decide between candidates.
CURE = "give --release, or audit where the installed packages are visible"

_RELEASE_OF: Mapping[str, tuple[str, Callable[[str], str | None]]] = {
    "nova": ("nova", release_of_nova),
    "placement": ("openstack-placement", release_of_placement),
}

#: Libraries of the pins that an installation of Nova or placement need not have: drivers, by the extras of oslo.messaging,
#: oslo.db and oslo.cache, none of them in the requirements.txt of nova 26 to 34.
_OPTIONAL = frozenset(("PyMySQL", "confluent-kafka", "psycopg2", "pymemcache", "python-memcached", "redis"))

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


def upgraded(evidence: Evidence, release: str) -> Evidence:
    """The same evidence as if ``release`` and its libraries were installed: the one thing that overrides evidence.

    The libraries are the pins of the release's stable branch. What these do not have (mysqlclient, psycopg) stays as
    it is, and so does the absence of a library that Nova does without. Markers found in the present source say nothing
    about what replaces it (`docs/decisions/0009-an-upgrade-replaces-the-libraries.md`).
    """
    replaced = {identity: _replaced(installed, release) for identity, installed in evidence.libraries.items()}
    return replace(evidence, libraries=replaced)


def _replaced(installed: Libraries, release: str) -> Libraries:
    present = installed.installed
    is_whole = any(distribution in present for distribution, _ in _RELEASE_OF.values())
    found = dict(present)
    for name, pin in _pins(release).installed.items():
        is_project = any(name == distribution for distribution, _ in _RELEASE_OF.values())
        if name in present:
            found[name] = replace(pin, assumed=False)
        elif not is_project and not (is_whole and name in _OPTIONAL):
            found[name] = replace(pin, assumed=not is_whole)
    return Libraries(found)


def spans(releases: Sequence[str]) -> str:
    """Releases in words, those that follow each other as a span: ``zed to 2023.2, 2026.2``."""
    runs: list[list[str]] = []
    for release in sorted(releases, key=RELEASES.index):
        if runs and RELEASES.index(runs[-1][-1]) + 1 == RELEASES.index(release):
            runs[-1].append(release)
        else:
            runs.append([release])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def merge_outcomes(
    outcomes: Mapping[str, Outcome], subjects: Mapping[str, Any] = MappingProxyType({})
) -> Outcome:
    """One outcome from those of the candidates, by release, oldest first; ``subjects`` are what was judged.

    Statuses that agree are the verdict, in the words of the weakest posture, then of the oldest release. To pass here
    and not to apply there agree that nothing is to be mended: that is a pass. Otherwise it is unknown, and says what
    fails, on which releases, and what decides. Evidence that the candidates do not share is left out.
    """
    if len(outcomes) == 1:
        return next(iter(outcomes.values()))
    statuses = {outcome.status for outcome in outcomes.values()}
    libraries = {release: _library(subjects.get(release), outcome) for release, outcome in outcomes.items()}
    if len(statuses) == 1 or statuses == _HARMLESS:
        wanted = Status.PASS if statuses == _HARMLESS else statuses.pop()
        said = {release: one for release, one in outcomes.items() if one.status is wanted}
        release = min(said, key=lambda one: _weakness(subjects.get(one)))
        remedies = {outcome.remedy for outcome in said.values()}
        return replace(
            said[release],
            message=_unversioned(said[release].message, release, libraries),
            evidence=_shared(said[release], outcomes.values(), libraries.values()),
            remedy=said[release].remedy if len(remedies) == 1 else None,
        )
    failing = [release for release, outcome in outcomes.items() if outcome.status is Status.FAIL]
    words = {release: _VERBS[outcome.status] for release, outcome in outcomes.items()}
    if failing:
        message = _unversioned(outcomes[failing[0]].message, failing[0], libraries)
        words.update(dict.fromkeys(failing, message))
    shown = outcomes[failing[0]] if failing else next(iter(outcomes.values()))
    return Outcome(
        Status.UNKNOWN,
        f"{_said(words)}: {_decider(words, libraries)}; {CURE}",
        _shared(shown, outcomes.values(), libraries.values()),
    )


def _library(subject: Any, outcome: Outcome | None = None) -> Library | None:
    """The library that a subject goes through, or that the outcome of a service names."""
    if isinstance(subject, Service) and outcome is not None:
        return next(
            (known for line in outcome.evidence if (known := subject.libraries.find(line.setting))), None
        )
    return subject.library if isinstance(subject, (Transport, Client)) else None


def _unversioned(text: str, release: str, libraries: Mapping[str, Library | None]) -> str:
    """What one release says, without the version of its library where other releases have another."""
    library = libraries.get(release)
    if library is None or len({one.version for one in libraries.values() if one is not None}) == 1:
        return text
    return text.replace(str(library), library.name)


def _weakness(subject: Any) -> int:
    """The place of a transport's posture among `WEAKEST`, for what is not a transport the same for all."""
    return WEAKEST.index(subject.posture) if isinstance(subject, Transport) else 0


def _shared(
    shown: Outcome, outcomes: Iterable[Outcome], libraries: Iterable[Library | None]
) -> tuple[Judged, ...]:
    """The evidence of an outcome without the lines that another candidate has otherwise."""
    values: dict[str, set[Judged]] = {}
    for line in (line for outcome in outcomes for line in outcome.evidence):
        values.setdefault(line.setting, set()).add(line)
    for library in libraries:
        if library is not None:
            values.setdefault(library.name, set()).add(library.judged())
    # An option may be judged several times in one outcome, a library by its name never.
    once = {line.setting for line in shown.evidence if not line.setting.startswith("[")}
    return tuple(
        line for line in shown.evidence if line.setting not in once or len(values[line.setting]) == 1
    )


def _decider(words: Mapping[str, str], libraries: Mapping[str, Library | None]) -> str:
    """What decides between candidates: the library of which each word has versions of its own, or the release."""
    known = {release: library for release, library in libraries.items() if library is not None}
    names = {library.name for library in known.values()}
    said: dict[str, set[str]] = {}
    for release, library in known.items():
        said.setdefault(library.version, set()).add(words[release])
    decides = len(names) == 1 and len(said) > 1 and all(len(one) == 1 for one in said.values())
    return f"the version of {names.pop()} decides" if decides else "the release decides"


def merge_transports(transports: Mapping[str, Transport | None]) -> TransportEntry:
    """One entry from a transport as the candidates see it, by release; None where one has it not.

    The words are those of the weakest posture, then of the oldest release; where postures differ, they stand beside
    the releases that have it.
    """
    seen = {release: transport for release, transport in transports.items() if transport is not None}
    every = tuple(seen.values())
    chosen = min(seen, key=lambda release: _weakness(seen[release]))
    worst = seen[chosen]
    libraries = {release: _library(transport) for release, transport in transports.items()}
    reason = _unversioned(worst.reason, chosen, libraries)
    postures = {
        release: str(transport.posture) if transport is not None else "absent"
        for release, transport in transports.items()
    }
    words = {
        release: f"{word} ({reason})" if word == worst.posture else word for release, word in postures.items()
    }
    agreed = len(set(postures.values())) == 1
    limits = {transport.limited_by for transport in every}
    return TransportEntry(
        purpose=worst.purpose,
        driver=worst.driver,
        endpoints=worst.endpoints,
        posture=worst.posture if agreed else Posture.UNKNOWN,
        when_encrypted=_agreed([transport.when_encrypted for transport in every], None) if agreed else None,
        limited_by=_merged_limit([limit for limit in limits if limit is not None])
        if agreed and None not in limits
        else None,
        trust=_agreed([transport.trust for transport in every], Trust("unknown")),
        client_certificate=_agreed([transport.client_certificate for transport in every], "unknown"),
        reason=reason if agreed else f"{_said(words)}: {_decider(words, libraries)}; {CURE}",
        origin=worst.url.origin,
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
    """One entry from the logging of the candidates; a level is ``unknown`` where they differ."""
    *_, newest = levels.values()
    writes = dict.fromkeys(record for one in levels.values() for record in one.records)
    loggers = dict.fromkeys(logger for one in levels.values() for logger in one.levels)
    return LoggingEntry(
        source=newest.source,
        levels=tuple(
            (logger, _agreed([one.levels.get(logger, "unknown") for one in levels.values()], "unknown"))
            for logger in loggers
        ),
        writes=tuple(
            WriteEntry(
                record.kind,
                record.logger,
                level_name(record.level)
                if all(record in one.records for one in levels.values())
                else "unknown",
            )
            for record in writes
        ),
    )


def merge_clients(clients: Mapping[str, Client | None]) -> ClientEntry:
    """One entry from a client section as the candidates see it; None where one has it not."""
    seen = {release: client for release, client in clients.items() if client is not None}
    every = list(seen.values())
    attempts = dict.fromkeys(kind for client in every for kind in client.attempts)
    kinds = dict.fromkeys(kind for client in every for kind in client.worst_cases if kind != "call")
    return ClientEntry(
        section=every[-1].section,
        attempts=tuple(
            (kind, _agreed([client.attempts.get(kind) for client in every], None)) for kind in attempts
        ),
        request=_merged_bound({release: client.request_worst_case for release, client in seen.items()}),
        call=_merged_bound({release: client.call_worst_case for release, client in seen.items()}),
        blocking=tuple(
            (kind, _agreed([_blocking(client.worst_cases.get(kind)) for client in every], "unknown"))
            for kind in kinds
        ),
        trust=_agreed([client.trust for client in every], Trust("unknown")),
        names=_agreed([client.names for client in every], "unknown"),
    )


def _blocking(bound: Bound | None) -> float | str:
    return "unknown" if bound is None else bound.bound if bound.seconds is None else bound.seconds


def _merged_bound(bounds: Mapping[str, Bound]) -> Bound:
    """The bound that all candidates share; unknown, and what each comes to, where they differ."""
    *_, newest = bounds.values()
    if len({(bound.bound, bound.seconds) for bound in bounds.values()}) == 1:
        return newest
    words = {
        release: bound.bound if bound.seconds is None else f"{bound.seconds:g} s"
        for release, bound in bounds.items()
    }
    return Bound("unknown", None, f"{_said(words)}; {CURE}")


def _agreed(values: Sequence[_T], otherwise: _T) -> _T:
    return values[-1] if all(value == values[-1] for value in values) else otherwise


def _said(words: Mapping[str, str]) -> str:
    return "; ".join(
        f"{word} on {spans([release for release, one in words.items() if one == word])}"
        for word in dict.fromkeys(words.values())
    )
