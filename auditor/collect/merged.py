"""Bundles of hosts that audit themselves, merged against the list of hosts that are expected.

Who is missing, stale, doubled or misnamed is coverage: each expected host comes to its document or is lost with the
reason, and what speaks of nobody expected is lost under its own path. Nothing is left out in silence.

Only names of files are kept, never documents: memory does not grow with what the bundles hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.collect.ages import say_age
from auditor.collect.bundle import file_name
from auditor.collect.store import Damage, Piece, find, read
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target

#: How far a host's clock may be ahead of ours.
SKEW = timedelta(minutes=5)


def merge(
    paths: Sequence[Path], expected: Sequence[Target], max_age: timedelta | None, now: datetime
) -> Iterator[Document | Lost]:
    """Yield one item for each expected host, in their order, then one for each piece that speaks of nobody expected.

    A document is its host's where the file is called after the host (as `auditor.collect.bundle.write` does), no
    folder on the way to it is called after another expected host, and it speaks of that host itself. Of several, the
    newest is taken where they lie below one folder that is called after the host, which is its history, or side by
    side; elsewhere two machines may be using one name, and the host is lost, unless what they hold is the same.

    What the operator says of a host (`Target.told`) goes before what its document says.

    Args:
        paths: bundles, folders of bundles to a depth of `auditor.collect.store.DEPTH`, and single files.
        expected: the hosts, each once.
        max_age: how old evidence may be; None for any age.
        now: the time that ages are reckoned from, with its zone.

    Raises:
        FileError: a path does not exist or cannot be entered.
    """
    hosts = {file_name(target.name): target for target in expected}
    pieces: dict[str, list[Piece]] = {}
    strangers: list[Piece] = []
    for piece in find(paths):
        if piece.name in hosts and not _elsewhere(piece, hosts):
            pieces.setdefault(piece.name, []).append(piece)
        else:
            strangers.append(piece)
    return _items(hosts, pieces, strangers, _Window(max_age, now))


@dataclass(frozen=True, slots=True)
class _Window:
    """When evidence must have been collected."""

    max_age: timedelta | None
    now: datetime

    def misses(self, collected: datetime) -> str | None:
        """Why evidence of that time cannot be used, None where it can."""
        age = self.now - collected
        if age < -SKEW:
            return f"is dated {say_age(-age)} ahead of this machine's clock"
        if self.max_age is not None and age > self.max_age:
            return f"is {say_age(age)} old, more than the {say_age(self.max_age)} of --max-age"
        return None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A document that may be its host's."""

    piece: Piece
    document: Document
    collected: datetime
    line: Path


def _items(
    hosts: Mapping[str, Target],
    pieces: Mapping[str, Sequence[Piece]],
    strangers: Sequence[Piece],
    window: _Window,
) -> Iterator[Document | Lost]:
    for name, target in hosts.items():
        found = _settle(target, name, pieces.get(name, ()), window)
        yield _lost(target, found) if isinstance(found, str) else found
    for piece in strangers:
        yield Lost(str(piece.path), Coverage.NOT_ATTEMPTED, _why_strange(piece, hosts), Kind.LIVE)


def _lost(target: Target, reason: str) -> Lost:
    return Lost(target.name, Coverage.NOT_ATTEMPTED, reason, target.kind)


def _settle(target: Target, name: str, pieces: Sequence[Piece], window: _Window) -> Document | Lost | str:
    """The document of a host, or why there is none: what a bundle says of that counts only where no document is."""
    newest: _Candidate | None = None
    without: Lost | str = "no bundle speaks of it"
    for piece in pieces:
        candidate = _candidate(piece, target, name)
        if isinstance(candidate, str):
            return candidate
        if isinstance(candidate, Lost):
            without = replace(candidate, kind=target.kind)
            continue
        if newest is not None and candidate.line != newest.line and candidate.document != newest.document:
            return f"two bundles speak of it: {newest.piece.path} and {piece.path}"
        if newest is None or candidate.collected > newest.collected:
            newest = candidate
    if newest is None:
        return without
    trouble = window.misses(newest.collected)
    if trouble is not None:
        return f"its evidence {trouble}: {newest.piece.path}"
    return _told(newest.document, target)


def _candidate(piece: Piece, target: Target, name: str) -> _Candidate | Lost | str:
    document = read(piece)
    if isinstance(document, Damage):
        return f"{piece.path}: {document.reason}"
    if document.host != target.name:
        return f"{piece.path}: it speaks of {document.host}, not of the host that it is called after"
    if isinstance(document, Lost):
        return document
    collected = _time(document.content.get("collected"))
    if collected is None:
        return f"{piece.path}: it does not say when it was collected"
    return _Candidate(piece, document, collected, _line(piece, name))


def _line(piece: Piece, name: str) -> Path:
    """What the pieces of one history share: the folder that is called after the host, else the one they lie in."""
    folders = piece.path.absolute().parents
    return next((folder for folder in folders if f"{folder.name}.json.gz" == name), folders[0])


def _time(stamp: object) -> datetime | None:
    try:
        return datetime.strptime(str(stamp), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _told(document: Document, target: Target) -> Document:
    """The document with what the operator says of its host, which goes before what it says itself."""
    told = target.told
    said = {
        key: value
        for key, value in (
            ("release", told.release),
            ("services", list(told.services)),
            ("expects_none", told.expects_none),
        )
        if value
    }
    if not said:
        return document
    own = document.content.get("told")
    return Document(
        document.host, {**document.content, "told": {**(own if isinstance(own, dict) else {}), **said}}
    )


def _elsewhere(piece: Piece, hosts: Mapping[str, Target]) -> str | None:
    """The other expected host after which a folder on the way to a piece is called."""
    for folder in piece.within:
        name = f"{folder}.json.gz"
        if name in hosts and name != piece.name:
            return hosts[name].name
    return None


def _why_strange(piece: Piece, hosts: Mapping[str, Target]) -> str:
    document = read(piece)
    other = _elsewhere(piece, hosts)
    if isinstance(document, Damage):
        return document.reason
    if other is not None:
        return f"it speaks of {document.host}, from a folder that is called after {other}"
    if file_name(document.host) == piece.name:
        return f"it speaks of {document.host}, which is not expected"
    expected = "" if file_name(document.host) in hosts else ", which is not expected either"
    return f"it speaks of {document.host}{expected}, and its name does not"
