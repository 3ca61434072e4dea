"""One host under its present release and under another: from evidence to what changes on it.

The host is judged twice by the engine of the audit, and its settings are resolved twice. Only the differences outlive
this; what they were seen in is dropped with the host.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from auditor.candidates import candidates, upgraded
from auditor.check import Check, Outcome
from auditor.errors import Verdictless
from auditor.evaluate import HostResult, evaluate
from auditor.evidence import Document, Evidence, Lost, ServiceRecord
from auditor.ledger import is_lost
from auditor.model import Coverage, Kind, Service, Status
from auditor.releases import RELEASES
from auditor.site import Site
from auditor.upgrade.behaviour import compare_clients, compare_levels, compare_start, compare_transports
from auditor.upgrade.difference import Aspect, Difference, Effect, HostUpgrade, ServiceUpgrade
from auditor.upgrade.settings import compare_defaults, compare_settings
from auditor.upgrade.verdicts import Verdicts, by_service, compare_verdicts, count_unchanged, folded
from auditor.views import View, attempt, views_of

#: Why a service is not compared whose release may be any.
UNDECIDED = "its present release is not in evidence; give it with --from"

_ORDER = tuple(Effect)
_ASPECTS = tuple(Aspect)


@dataclass(frozen=True, slots=True)
class Words:
    """What the selected checks speak of: options as ``group.name``, and the ids of those about a connection's path."""

    options: frozenset[str]
    of_path: frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparer:
    """Compares one document; what every host of a run has in common.

    ``release`` is what is installed then, ``present`` what is installed now where the evidence does not show it.
    """

    checks: tuple[Check, ...]
    site: Site
    release: str
    present: str | None = None

    def __call__(self, source: Document | Lost) -> HostUpgrade:
        """What changes on one host; never raises for what a host gave."""
        if isinstance(source, Lost):
            return HostUpgrade(source.host, source.kind, source.coverage, source.reason)
        kind = Kind(source.content["kind"]) if source.content.get("kind") in set(Kind) else Kind.LIVE
        try:
            evidence = source.read()
        except ValueError as error:
            reason = f"its evidence cannot be read: {error}"
            return HostUpgrade(source.host, kind, Coverage.NOT_ATTEMPTED, reason)
        found = attempt(lambda: self.compare(evidence), f"comparing {source.host}")
        if isinstance(found, Outcome):
            return HostUpgrade(source.host, kind, Coverage.NOT_ATTEMPTED, found.message)
        return found

    def compare(self, evidence: Evidence) -> HostUpgrade:
        """What changes on a host by its evidence."""
        # The engine tells failures that share a library as one; here each is compared with what it was.
        checks = tuple(replace(check, is_per_library=False) for check in self.checks)
        known = {record.id: self._release(evidence, record) for record in evidence.services}
        refused = {record.id: self._refusal(known[record.id]) for record in evidence.services}
        judged = [record for record in evidence.services if refused[record.id] is None]
        if evidence.services and not judged:
            services = tuple(
                _uncompared(record, known[record.id], refused[record.id]) for record in evidence.services
            )
            coverage = Coverage.PARTIAL if evidence.incomplete else Coverage.AUDITED
            reason = "; ".join(evidence.incomplete) or None
            return HostUpgrade(evidence.host, evidence.kind, coverage, reason, services)
        present = replace(evidence, services=tuple(judged))
        future = upgraded(present, self.release)
        # Made once for the engine and for the comparison: a service's settings are resolved twice, not four times.
        views = _views(present, self.present), _views(future, self.release)
        before = evaluate(present, checks, self.site, full=True, views=tuple(views[0].values()))
        is_there = all(known[record.id][0] == self.release for record in judged)
        after = (
            before
            if is_there
            else evaluate(future, checks, self.site, full=True, views=tuple(views[1].values()))
        )
        found = HostUpgrade(evidence.host, evidence.kind, before.host.coverage, before.host.reason)
        if is_lost(before.host.coverage) or not judged:
            return found
        verdicts = by_service(before.findings), by_service(after.findings)
        words = Words(
            frozenset(option for check in checks for option in check.options),
            frozenset(check.id for check in checks if check.is_of_path),
        )
        services = tuple(
            self._compared(
                record, known[record.id], (views[0][record.id], views[1][record.id]), verdicts, words
            )
            if record.id in views[0]
            else _uncompared(record, known[record.id], refused[record.id])
            for record in evidence.services
        )
        own = compare_verdicts(verdicts[0].get(None, {}), verdicts[1].get(None, {}), None)
        return replace(
            found,
            services=services,
            differences=_ordered(own),
            errors=_count(Status.ERROR, before, after),
            unknowns=_count(Status.UNKNOWN, before, after),
            unchanged=sum(
                count_unchanged(seen, verdicts[1].get(name, {})) for name, seen in verdicts[0].items()
            ),
        )

    def _release(self, evidence: Evidence, record: ServiceRecord) -> tuple[str | None, bool]:
        """The present release of a service, None where it may be any, and whether it is assumed."""
        is_assumed, releases = candidates(evidence, record, self.present)
        return (next(iter(releases)) if len(releases) == 1 else None), is_assumed

    def _refusal(self, known: tuple[str | None, bool]) -> str | None:
        """Why a service is not compared, or None."""
        release, _ = known
        if release is None:
            return UNDECIDED
        if RELEASES.index(release) > RELEASES.index(self.release):
            return f"it runs {release} already, and {self.release} is older: a downgrade is not supported"
        return None

    def _compared(
        self,
        record: ServiceRecord,
        known: tuple[str | None, bool],
        views: tuple[tuple[View, ...], tuple[View, ...]],
        verdicts: tuple[Mapping[str | None, Verdicts], Mapping[str | None, Verdicts]],
        words: "Words",
    ) -> ServiceUpgrade:
        found = _uncompared(record, known, None)
        if found.release == self.release:
            return found
        ((before,), (after,)) = views
        unread = _unread(before, after)
        if unread is not None:
            return replace(found, reason=unread)
        seen = verdicts[0].get(record.id, {}), verdicts[1].get(record.id, {})
        try:
            return replace(found, differences=_differences(before, after, seen, self.site, words))
        except Verdictless as error:
            return replace(found, reason=f"its settings cannot be compared: {error}")


def _views(evidence: Evidence, release: str | None) -> Mapping[str, tuple[View, ...]]:
    return {record.id: views_of(evidence, record, release) for record in evidence.services}


def _uncompared(record: ServiceRecord, known: tuple[str | None, bool], reason: str | None) -> ServiceUpgrade:
    """A service without its differences; ``known`` is its release, and whether that is assumed."""
    return ServiceUpgrade(record.id, record.name, record.role, *known, reason)


def _unread(before: View, after: View) -> str | None:
    """Why nothing can be said of a service that oslo.config starts neither today nor then, or None."""
    if isinstance(before.service, Outcome):
        return before.service.message
    if before.service.refusal is None:
        return None
    if isinstance(after.service, Service) and after.service.refusal is None:
        return None
    return f"it does not start today, nor then: {before.service.refusal}"


def _differences(
    before: View, after: View, verdicts: tuple[Verdicts, Verdicts], site: Site, words: Words
) -> tuple[Difference, ...]:
    if isinstance(before.service, Outcome) or isinstance(after.service, Outcome):
        present = before.service if isinstance(before.service, Service) else None
        return _ordered(compare_verdicts(*verdicts, present))
    started = tuple(compare_start(before.service, after.service))
    if before.service.refusal is not None or after.service.refusal is not None:
        # What does not start has no settings, so that every other check ends in an error.
        changed = compare_verdicts(*verdicts, before.service)
        told = (one for one in changed if one.effect is not Effect.UNDECIDED)
        return _ordered(folded((*started, *told), words.of_path))
    settings = tuple(compare_settings(before.service, after.service, words.options))
    defaults = tuple(compare_defaults(before.service, after.service, words.options))
    broken = tuple(one for one in settings if one.after in ("not read", "rejected"))
    return _ordered(
        folded(
            (
                *compare_transports(before, after, site, broken),
                *settings,
                *compare_verdicts(*verdicts, before.service),
                *compare_clients(before, after),
                *compare_levels(before, after),
                *defaults,
            ),
            words.of_path,
        )
    )


def _ordered(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """What gets worse first, the gravest of that first; then by aspect, as they were found."""
    return tuple(sorted(differences, key=rank))


def rank(difference: Difference) -> tuple[int, int, int]:
    """The place of a difference among others."""
    severity = (
        0 if difference.severity is None else -list(type(difference.severity)).index(difference.severity) - 1
    )
    return _ORDER.index(difference.effect), severity, _ASPECTS.index(difference.aspect)


def _count(status: Status, before: HostResult, after: HostResult) -> int:
    """How many checks came to a status on some object, before or after."""
    return sum(
        any(status in dict(result.cells[check].counts) for result in (before, after))
        for check in before.cells
    )
