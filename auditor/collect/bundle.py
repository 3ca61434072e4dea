"""Bundles: a folder of evidence, one gzipped JSON per host, with a manifest of SHA-256 digests.

Files are 0600 in a folder of 0700, and appear under their names only when
whole; the manifest comes last, in the format of ``sha256sum``.
"""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from auditor.errors import FileError
from auditor.evidence import Document, Lost, read_documents
from auditor.model import Coverage, Target
from auditor.outputs import write_whole

MANIFEST = "MANIFEST.sha256"

_LONGEST = 200  # file systems take 255


def write(
    folder: Path, evidence: Iterable[Document | Lost], targets: Iterable[Target] = ()
) -> Iterator[Document | Lost]:
    """Write each document, or that a host gave none, into the folder as it comes, and yield it on.

    An earlier bundle in the folder is replaced. When the iteration ends early, the manifest names what was written.

    Args:
        folder: of the bundle; made where it does not exist.
        evidence: taken one by one.
        targets: the expected hosts; those that were never reached are kept as lost.

    Raises:
        FileError: the folder holds something else than a bundle, or cannot be written.
    """
    earlier = _prepare(folder)
    digests: dict[str, str] = {}
    outstanding = {target.name: target for target in targets}

    def keep(item: Document | Lost) -> None:
        name = file_name(item.host)
        content = gzip.compress(json.dumps(item.content, separators=(",", ":")).encode("ascii"), 6, mtime=0)
        _store(folder / name, content)
        digests[name] = hashlib.sha256(content).hexdigest()

    try:
        for item in evidence:
            keep(item)
            outstanding.pop(item.host, None)
            yield item
    finally:
        for target in outstanding.values():
            keep(Lost(target.name, Coverage.NOT_ATTEMPTED, "the run ended before its turn", target.kind))
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
        _store(folder / MANIFEST, lines.encode())
        for name in earlier - digests.keys():
            (folder / name).unlink(missing_ok=True)


def read(paths: Iterable[Path]) -> Iterator[Document | Lost]:
    """Yield the evidence in bundles and single files (`auditor.evidence.read_documents`), one document at a time.

    Raises:
        FileError: one holds no evidence, or two documents speak of the same host.
    """
    seen: dict[str, Path] = {}
    for path in paths:
        for document in read_documents(path):
            if document.host in seen:
                raise FileError(
                    path, f"a second document of {document.host}", f"one is in {seen[document.host]}"
                )
            seen[document.host] = path
            yield document


def file_name(host: str) -> str:
    """Return the name of a host's file: what is no letter, digit, dot or dash in the host's name is percent-encoded."""
    name = quote(host, safe="", errors="surrogatepass")
    name = f"%2E{name[1:]}" if name.startswith(".") else name
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{hashlib.sha256(host.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    return f"{name}.json.gz"


def _prepare(folder: Path) -> set[str]:
    """Make the folder; return the names of the files of an earlier bundle in it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
        if names and MANIFEST not in names:
            raise FileError(folder, "it is not empty and no bundle", "give a new folder")
        folder.chmod(0o700)
        listed = (folder / MANIFEST).read_text().splitlines() if names else []
    except FileExistsError:
        raise FileError(folder, "it is a file", "give a folder") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(folder, f"it cannot be written: {error}", "give a folder of your own") from None
    return {
        name
        for name in (line.partition("  ")[2] for line in listed)
        if name.endswith(".json.gz") and "/" not in name
    }


def _store(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as error:
        raise FileError(
            path, f"it cannot be written: {error.strerror}", "free the space or give another folder"
        ) from None
