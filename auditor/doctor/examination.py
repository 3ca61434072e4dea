"""From what one host gave to its `Diagnosis`: pure, aspect by aspect, in the order of `Aspect`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from auditor.candidates import candidates, spans
from auditor.check import Outcome
from auditor.collect import live
from auditor.doctor import cures, runtime
from auditor.doctor.diagnosis import LIVE, Aspect, Diagnosis, Obstacle, Sight, Sighting
from auditor.evidence import Document, Evidence, Lost, ServiceRecord
from auditor.gate import counted
from auditor.model import Coverage, Kind, Missing, Service, Setting
from auditor.views import attempt, views_of


def diagnose(source: Document | Lost, *, release: str | None = None, asked: Sequence[str] = ()) -> Diagnosis:
    """Return what can be seen of a host by what it gave; never raises for what that is.

    Args:
        source: its first answer, or why there is none.
        release: the operator's word on services that show none.
        asked: the options of `diagnosis` that were given with the question.
    """
    given = tuple(asked)
    if isinstance(source, Lost):
        return _lost(source.host, source.kind, source.coverage, source.reason, given)
    try:
        evidence = source.read()
    except ValueError as error:
        return _lost(source.host, Kind.LIVE, Coverage.UNREACHABLE, f"its evidence: {error}", given)
    host = Examined(evidence, source.content, evidence.told.release or release)
    coverage = Coverage.PARTIAL if evidence.incomplete else Coverage.AUDITED
    return Diagnosis(evidence.host, evidence.kind, coverage, tuple(_sightings(host, source, given)), given)


def _lost(host: str, kind: Kind, coverage: Coverage, reason: str, asked: tuple[str, ...]) -> Diagnosis:
    obstacle = Obstacle(f"{coverage}: {reason}", cures.of_loss(coverage, reason))
    seen = Sighting(Aspect.REACH, Sight.NONE, str(coverage), "it gave no answer", obstacles=(obstacle,))
    return Diagnosis(host, kind, coverage, (seen,), asked)


@dataclass(frozen=True)
class Examined:
    """A host under examination: its evidence, the same as JSON, and the operator's word on its release."""

    evidence: Evidence
    content: Mapping[str, Any]
    release: str | None

    @property
    def is_live(self) -> bool:
        """True where something may run: in a tree of files nothing does."""
        return self.evidence.kind is Kind.LIVE

    @property
    def has_processes(self) -> bool:
        """True where it was looked for what runs, which older versions did not."""
        return "processes" in self.evidence.asked

    @cached_property
    def options_by_file(self) -> Mapping[str, tuple[str, ...]]:
        """What each file is for, by its key among the host's files: ``nova-compute [oslo_messaging_rabbit] ssl_ca_file``."""
        found: dict[str, dict[str, None]] = {}
        for record in self.evidence.services:
            for source in record.sources:
                if source.file is not None:
                    found.setdefault(source.file, {})[f"the configuration of {record.id}"] = None
            for path, name in self._naming(record):
                key = record.paths[path]
                if key is not None:
                    found.setdefault(key, {})[f"{record.id} {name}"] = None
        return {key: tuple(names) for key, names in found.items()}

    def _naming(self, record: ServiceRecord) -> Iterator[tuple[str, str]]:
        """Yield the paths that a service uses, each with an option that names it."""
        for view in views_of(self.evidence, record, self.release)[-1:]:
            if isinstance(view.service, Outcome):
                return
            written = attempt(partial(_written, view.service), f"reading the settings of {record.id}")
            for setting in () if isinstance(written, Outcome) else written:
                text = str(setting.resolved)
                for path in record.paths:
                    if path in text:
                        yield path, str(setting)


def _written(service: Service) -> tuple[Setting, ...]:
    return tuple(service.settings.written())


def _sightings(host: Examined, source: Document, asked: Sequence[str]) -> Iterator[Sighting]:
    evidence, content = host.evidence, host.content
    yield _reach(host)
    if host.is_live:
        yield from runtime.prober(content)
    yield _services(host)
    if host.has_processes:
        yield from runtime.containers(evidence, content)
    yield _files(host)
    if host.has_processes:
        yield from runtime.environment(evidence, content)
        yield from runtime.connections(evidence, content)
    yield _libraries(host)
    yield _endpoints(host, source, asked)
    if host.is_live:
        yield from runtime.cells(evidence, content, asked)
        yield from runtime.servers(evidence, content, asked)


def _reach(host: Examined) -> Sighting:
    obstacles = tuple(
        Obstacle(
            f"the probe did not come to its end: {reason}",
            cures.TIME if "time limit" in reason else cures.AGAIN,
        )
        for reason in host.evidence.incomplete
    )
    sight = Sight.SOME if obstacles else Sight.ALL
    said = "a tree of files: nothing runs there" if not host.is_live else "it answered"
    return Sighting(Aspect.REACH, sight, "part" if obstacles else "yes", said, obstacles=obstacles)


def _services(host: Examined) -> Sighting:
    evidence = host.evidence
    records = evidence.services
    running = tuple(runtime.running(evidence))
    unseen = {record.id: record.seen.reason for record in records if isinstance(record.seen, Missing)}
    items = tuple(f"{record.id}: {_state(record, has_processes=host.has_processes)}" for record in records)
    missing = [name for name in evidence.told.services if name not in {record.name for record in records}]
    obstacles = []
    if missing:
        obstacles.append(
            Obstacle("a service that must be there was not found", cures.CONFIGURED, tuple(missing))
        )
    if not records and not evidence.told.expects_none:
        obstacles.append(Obstacle("no Nova or placement service was found", cures.NO_SERVICE))
    if unseen:
        reason = f"whether it runs is not seen: {next(iter(unseen.values()))}"
        cure = runtime.by_root(host.content, cures.HIDDEN_PROC)
        obstacles.append(Obstacle(reason, cure, tuple(unseen)))
    brief = f"{len(running)}/{len(records)}" if host.has_processes else str(len(records))
    said = (
        f"{counted(len(records), 'service')} configured, {len(running)} running"
        if host.has_processes
        else f"{counted(len(records), 'service')} configured"
    )
    sight = Sight.SOME if obstacles and records else Sight.NONE if obstacles else Sight.ALL
    return Sighting(Aspect.SERVICES, sight, brief, said, items, tuple(obstacles))


def _state(record: ServiceRecord, *, has_processes: bool) -> str:
    if not has_processes:
        return "configured"
    if record.seen is None:
        return "configured only"
    if isinstance(record.seen, Missing):
        return "configured; not seen whether it runs"
    held = record.seen.container
    place = "" if held is None else f" in {held.engine} container {held.name or held.id}"
    return f"running{place}, {record.seen.count} processes" if record.seen.has_workers else f"running{place}"


def _files(host: Examined) -> Sighting:
    evidence = host.evidence
    found = {
        key: file
        for key, file in evidence.files.items()
        if not (isinstance(file, Missing) and file.is_absent)
    }
    missing = {key: file for key, file in found.items() if isinstance(file, Missing)}
    reasons: dict[tuple[str, str], list[str]] = {}
    for key, file in missing.items():
        uses = host.options_by_file.get(key, ())
        named = f"{key} ({', '.join(uses[:2])}{', ...' if len(uses) > 2 else ''})" if uses else key
        reasons.setdefault((file.status, file.reason), []).append(named)
    for path, reason in evidence.left_out:
        if path not in evidence.files and "/proc" not in path and "image of" not in reason:
            status = "denied" if reason == "permission denied" else "limit"
            reasons.setdefault((status, reason), []).append(path)
    obstacles = [
        Obstacle(f"not read: {reason}", _cure(host, status), tuple(sorted(paths)))
        for (status, reason), paths in reasons.items()
    ]
    opaque = [record.id for record in evidence.services if record.is_opaque and _is_hidden(record)]
    if opaque:
        obstacles.append(Obstacle("its files lie in an image that is not seen", cures.IMAGE, tuple(opaque)))
    seen = len(found) - len(missing)
    sight = Sight.ALL if not obstacles else Sight.SOME if seen else Sight.NONE
    return Sighting(
        Aspect.FILES, sight, str(seen), f"{counted(seen, 'file')} seen", obstacles=tuple(obstacles)
    )


def _cure(host: Examined, status: str) -> str:
    if status == "denied":
        return runtime.by_root(host.content, cures.DENIED_TO_ROOT)
    return cures.FILES.get(status, cures.UNREADABLE)


def _is_hidden(record: ServiceRecord) -> bool:
    """Whether none of the files that a service starts with was seen."""
    return not any(source.file for source in record.sources)


def _libraries(host: Examined) -> Sighting:
    items, unsaid = [], []
    releases: dict[str, None] = {}
    for record in host.evidence.services:
        is_assumed, known = candidates(host.evidence, record, host.release)
        names = tuple(known)
        releases[spans(names)] = None
        if len(names) > 1:
            unsaid.append(record.id)
            items.append(f"{record.id}: judged as every release, {spans(names)}")
        else:
            items.append(f"{record.id}: {names[0]}{', as it was said' if is_assumed else ', as installed'}")
    obstacles = (
        (
            Obstacle(
                "its release is not in evidence, nor are all of its libraries", cures.RELEASE, tuple(unsaid)
            ),
        )
        if unsaid
        else ()
    )
    sight = Sight.NONE if unsaid and len(unsaid) == len(items) else Sight.SOME if unsaid else Sight.ALL
    brief = "?" if unsaid else next(iter(releases), "-") if len(releases) < 2 else "mixed"
    said = f"releases: {', '.join(releases)}" if releases else "no service to have libraries"
    return Sighting(Aspect.LIBRARIES, sight, brief, said, tuple(items), obstacles)


#: Results of a handshake that say how an endpoint speaks, whatever it spoke.
_ANSWERS = frozenset({"tls", "plaintext", "rejected"})


def _endpoints(host: Examined, source: Document, asked: Sequence[str]) -> Sighting:
    if host.evidence.handshakes is not None:
        return _answers(host.evidence)
    planned = live.plan(source, host.release)
    items = tuple(item.endpoint for item in planned.items)
    said = planned.trouble or f"{counted(len(items), 'endpoint')} where TLS is spoken"
    if not host.is_live:
        return Sighting(Aspect.ENDPOINTS, Sight.NOT_APPLICABLE, "-", said, items)
    if LIVE in asked:
        obstacles = (Obstacle(runtime.UNASKED, cures.ANEW, needed_for=LIVE),)
        return Sighting(Aspect.ENDPOINTS, Sight.NONE, "-", said, items, obstacles)
    return Sighting(Aspect.ENDPOINTS, Sight.NOT_ASKED, "-", f"{said}; --live asks them", items)


def _answers(evidence: Evidence) -> Sighting:
    answered = evidence.handshakes or ()
    dumb: dict[str, list[str]] = {}
    items = []
    for one in answered:
        place = f"{one.protocol} {one.endpoint}"
        items.append(f"{place}: {one.result}")
        if one.result not in _ANSWERS:
            dumb.setdefault(f"{one.result}: {one.reason}", []).append(place)
    obstacles = tuple(
        Obstacle(reason, cures.ENDPOINT, tuple(places), LIVE) for reason, places in dumb.items()
    )
    obstacles += tuple(Obstacle(reason, cures.AGAIN, (), LIVE) for reason in evidence.unasked)
    count = len(answered) - sum(map(len, dumb.values()))
    sight = Sight.ALL if not obstacles else Sight.SOME if count else Sight.NONE
    said = f"{count} of {counted(len(answered), 'endpoint')} answered"
    return Sighting(Aspect.ENDPOINTS, sight, f"{count}/{len(answered)}", said, tuple(items), obstacles)
