"""The services of one host as each candidate release has them, with the objects that checks judge.

Building a view never raises: what keeps us from having an object stands in its place, as the outcome it leads to.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from auditor import answers
from auditor.candidates import candidates, merge_clients, merge_levels, merge_transports
from auditor.check import Outcome
from auditor.effective import Unparsable, resolve
from auditor.errors import Unavailable, Undecidable
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import (
    Client,
    Libraries,
    Origin,
    OriginKind,
    Process,
    Refusal,
    Service,
    Setting,
    Status,
    Transport,
)
from auditor.report import LoggingEntry, ProcessEntry, ServiceEntry
from auditor.semantics import clients, logs, transports

LOG = logging.getLogger(__name__)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class View:
    """A service as one candidate release has it: the objects of each scope, or what kept us from having them."""

    release: str
    service: "Service | Outcome"
    transports: "Mapping[str | None, Transport] | Outcome"
    clients: "Mapping[str | None, Client] | Outcome"
    levels: Any


def attempt(call: Callable[[], _T], what: str) -> "_T | Outcome":
    """What ``call`` returns, or the outcome of what kept it from returning."""
    try:
        return call()
    except Undecidable as reason:
        return Outcome(Status.UNKNOWN, str(reason))
    except Unavailable as reason:
        return Outcome(Status.ERROR, str(reason))
    except Exception as error:
        LOG.debug("%s", what, exc_info=True)
        return Outcome(
            Status.ERROR,
            f"{what} ended with {type(error).__name__}: a bug of nova-auditor, please report it (-vvv shows where)",
        )


class Unstarted:
    """The settings of a service that oslo.config does not start: reading any of them raises."""

    def __init__(self, reason: Unparsable) -> None:
        self._reason = str(reason)

    def __getitem__(self, option: tuple[str, str]) -> Setting:
        raise Unavailable(self._reason)

    def find(self, group: str, name: str) -> Setting | None:  # noqa: ARG002 - the protocol has them
        """Raise `Unavailable`."""
        raise Unavailable(self._reason)

    def written(self) -> Iterator[Setting]:
        """Raise `Unavailable`."""
        raise Unavailable(self._reason)

    def effective(self) -> Iterator[Setting]:
        """Raise `Unavailable`."""
        raise Unavailable(self._reason)

    def overridden(self) -> Iterator[tuple[Setting, Setting]]:
        """Raise `Unavailable`."""
        raise Unavailable(self._reason)


def views_of(evidence: Evidence, record: ServiceRecord, release: str | None) -> tuple[View, ...]:
    """A service as each of its candidate releases has it; ``release`` fills the gap where none is in evidence."""
    assumed, libraries = candidates(evidence, record, release)
    return tuple(
        _view(evidence, record, candidate, installed, assumed=assumed)
        for candidate, installed in libraries.items()
    )


def _view(
    evidence: Evidence, record: ServiceRecord, release: str, libraries: Libraries, *, assumed: bool
) -> View:
    what = f"reading the configuration of {record.id}"
    service = attempt(partial(service_of, evidence, record, release, libraries, assumed=assumed), what)
    if isinstance(service, Outcome):
        return View(release, service, service, service, service)
    return View(
        release,
        service,
        attempt(
            lambda: {one.name: answers.of_transport(evidence, one) for one in transports.transports(service)},
            f"judging the transports of {record.id}",
        ),
        attempt(
            lambda: {
                client.section: answers.of_client(evidence, client) for client in clients.clients(service)
            },
            f"judging the clients of {record.id}",
        ),
        attempt(lambda: logs.levels(service), f"judging the logging of {record.id}"),
    )


def service_of(
    evidence: Evidence, record: ServiceRecord, release: str, libraries: Libraries, *, assumed: bool
) -> Service:
    """A service as one release with these libraries has it; raises `Unavailable` where that cannot be said."""
    refusal = None
    settings: Any
    try:
        settings = resolve(evidence, record, release)
    except Unparsable as reason:
        if not reason.is_certain:
            raise
        settings = Unstarted(reason)
        where = Origin(
            OriginKind.COMMAND_LINE if reason.path is None else OriginKind.FILE, reason.path, reason.line
        )
        refusal = Refusal(reason.error, reason.message, where)
    return Service(
        id=record.id,
        name=record.name,
        role=record.role,
        source=record.source,
        project=record.project,
        release=release,
        assumed=assumed,
        settings=settings,
        libraries=libraries,
        files=evidence.files_of(record),
        config_files=record.config_files,
        config_dirs=record.config_dirs,
        environment=record.environment,
        refusal=refusal,
        seen=record.seen,
        sources=record.sources,
        home=record.home,
        copies=record.copies,
        names=record.names,
        cells=record.cells,
        is_wsgi=record.is_wsgi,
    )


def entry_of(evidence: Evidence, record: ServiceRecord, views: Sequence[View]) -> ServiceEntry:
    """The service as the report lists it: what all candidates agree on."""
    installed = evidence.libraries_of(record)
    connections = _by_key({view.release: view.transports for view in views})
    sections = _by_key({view.release: view.clients for view in views})
    return ServiceEntry(
        id=record.id,
        name=record.name,
        role=record.role,
        source=record.source,
        release=views[0].release if len(views) == 1 else None,
        config_files=record.config_files,
        config_dirs=record.config_dirs,
        libraries=()
        if installed is None
        else tuple((name, library.version) for name, library in sorted(installed.installed.items())),
        transports=tuple(merge_transports(seen) for seen in connections.values()),
        logging=_logging(views),
        clients=tuple(merge_clients(seen) for seen in sections.values()),
        process=_process(evidence, record),
    )


def _process(evidence: Evidence, record: ServiceRecord) -> ProcessEntry | None:
    seen = record.seen
    if "processes" not in evidence.asked:
        return None
    if not isinstance(seen, Process):
        return ProcessEntry("none" if seen is None else "unseen")
    held = seen.container
    return ProcessEntry(
        "running",
        seen.count,
        datetime.fromtimestamp(seen.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        seen.user,
        None if held is None else held.name or held.id,
    )


def _by_key(
    found: Mapping[str, "Mapping[str | None, _T] | Outcome"],
) -> Mapping[str | None, Mapping[str, _T | None]]:
    """Objects by key and candidate, None where a candidate does not have one."""
    read = {release: objects for release, objects in found.items() if not isinstance(objects, Outcome)}
    keys = dict.fromkeys(key for objects in read.values() for key in objects)
    return {key: {release: objects.get(key) for release, objects in read.items()} for key in keys}


def _logging(views: Sequence[View]) -> LoggingEntry | None:
    levels = {view.release: view.levels for view in views if not isinstance(view.levels, Outcome)}
    return merge_levels(levels) if levels else None
