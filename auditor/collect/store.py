"""What hosts that audit themselves left in a folder: files of evidence, found and read within bounds.

The hosts may write there, so that nothing in it is believed: links are not followed, folders are entered to a depth,
files are read and unpacked to a size, and whatever cannot be used is a piece that says why, never an exception.
"""

import gzip
import hashlib
import json
import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from auditor.collect.bundle import MANIFEST
from auditor.errors import FileError
from auditor.evidence import Document, Lost, received

#: How deep below the named folder a bundle may lie: site, role, host and day, say.
DEPTH = 5

#: Bytes of a document, packed or not. One of a controller with all services has less than one million.
LARGEST = 32 << 20

_ENDS = (".json.gz", ".json")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of evidence, not read yet.

    ``within`` are the folders between the one that was named and the file, ``digest`` is what the manifest beside it
    says. With ``trouble``, a whole sentence's worth of why, it cannot be used; it may then be a folder.
    """

    path: Path
    within: tuple[str, ...] = ()
    digest: str | None = None
    trouble: str | None = None

    @property
    def name(self) -> str:
        """The file's name as `auditor.collect.bundle.file_name` has it, also where it is unpacked or a folder."""
        stem = next((self.path.name[: -len(end)] for end in _ENDS if self.path.name.endswith(end)), None)
        return f"{self.path.name if stem is None else stem}.json.gz"


@dataclass(frozen=True, slots=True)
class Damage:
    """Why a piece cannot be used."""

    reason: str


def find(paths: Iterable[Path]) -> Iterator[Piece]:
    """Find every piece in files and folders of bundles, in the order of their names, each once.

    Hidden files are left out: no document has such a name, and transfers under way do.

    Raises:
        FileError: a path that the operator named does not exist or cannot be entered.
    """
    seen: set[str] = set()
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            raise FileError(
                path, error.strerror or str(error), "give the folder that the bundles are gathered in"
            ) from None
        # A file that the operator names may be a link; what it is called after is what it leads to.
        for piece in _below(path, path) if is_folder else (Piece(path.resolve()),):
            place = os.path.realpath(piece.path)
            if place not in seen:
                seen.add(place)
                yield piece


def _below(folder: Path, top: Path) -> Iterator[Piece]:
    within = folder.relative_to(top).parts
    if len(within) > DEPTH:
        yield Piece(folder, within[:-1], trouble=f"it lies more than {DEPTH} folders deep")
        return
    try:
        with os.scandir(folder) as entries:
            listed = sorted((entry for entry in entries if entry.name[:1] != "."), key=lambda one: one.name)
    except OSError as error:
        if folder == top:
            raise FileError(
                folder, error.strerror or str(error), "run as a user who may read the bundles"
            ) from None
        yield Piece(folder, within[:-1], trouble=f"it cannot be listed: {error.strerror}")
        return
    names = {entry.name for entry in listed}
    digests, damage = _manifest(folder / MANIFEST) if MANIFEST in names else (None, None)
    for entry in listed:
        path = folder / entry.name
        is_evidence = entry.name.endswith(_ENDS) or entry.name in (digests or {})
        if entry.is_symlink():
            if (is_evidence or path.is_dir()) and not _leads_inside(path, top):
                yield Piece(path, within, trouble="it is a link out of the folder, and not followed")
        elif entry.is_dir():
            yield from _below(path, top)
        elif is_evidence and digests is not None and entry.name not in digests:
            yield Piece(path, within, trouble=f"the {MANIFEST} beside it does not name it")
        elif is_evidence:
            yield Piece(path, within, (digests or {}).get(entry.name), damage)
    if damage is not None and not any(name.endswith(_ENDS) for name in names):
        yield Piece(folder / MANIFEST, within, trouble=damage)
    for name in sorted((digests or {}).keys() - names):
        yield Piece(folder / name, within, trouble=f"the {MANIFEST} names it, and it is not there")


def _leads_inside(path: Path, top: Path) -> bool:
    """Whether a link leads to what is found without it."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(top)) and path.exists()


def _manifest(path: Path) -> tuple[Mapping[str, str] | None, str | None]:
    """The digests by file name, or why there are none."""
    content = _bytes(path)
    if isinstance(content, Damage):
        return None, f"its {MANIFEST} cannot be read: {content.reason}"
    digests = {}
    for line in content.decode("utf-8", "replace").splitlines():
        digest, separator, name = line.partition("  ")
        if not separator or "/" in name or name[:1] in ("", ".") or len(digest) != 64:
            return None, f"its {MANIFEST} is not one of sha256sum"
        digests[name] = digest
    return digests, None


def read(piece: Piece) -> Document | Lost | Damage:
    """Read what a piece says of a host, or say why it cannot be read. A document's form is checked when it is judged."""
    if piece.trouble is not None:
        return Damage(piece.trouble)
    content = _bytes(piece.path)
    if isinstance(content, Damage):
        return content
    if piece.digest is not None and hashlib.sha256(content).hexdigest() != piece.digest:
        return Damage(f"its content is not what the {MANIFEST} beside it says")
    try:
        value = json.loads(_unpacked(content))
        return received(value if isinstance(value, dict) else {})
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        return Damage(f"it cannot be read as evidence: {error}")


def _bytes(path: Path) -> bytes | Damage:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Damage("it is not a regular file")
            content = file.read(LARGEST + 1)
    except OSError as error:
        return Damage(error.strerror or type(error).__name__)
    return content if len(content) <= LARGEST else Damage(f"it is larger than {LARGEST >> 20} MiB")


def _unpacked(content: bytes) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    with gzip.GzipFile(fileobj=BytesIO(content)) as file:
        unpacked = file.read(LARGEST + 1)
    if len(unpacked) > LARGEST:
        raise ValueError(f"it unpacks to more than {LARGEST >> 20} MiB")
    return unpacked
