"""Documents of the first question that wait for the second: on disk, so that memory does not grow with the fleet."""

import base64
import gzip
import hashlib
import json
from pathlib import Path

from auditor.collect import Options, live, wire
from auditor.evidence import Document, Lost


class Waiting:
    """What waits in a private folder. ``hosts`` are those that have something to ask, ``plans`` holds what."""

    def __init__(self, folder: Path, options: Options) -> None:
        self._documents = folder / "documents"
        self.plans = folder / "plans"
        self._options = options
        self.hosts: set[str] = set()
        for place in (self._documents, self.plans):
            place.mkdir(mode=0o700)

    def take(self, source: Document | Lost) -> Document | Lost | None:
        """Return what has nothing more to say, and None for what waits from now on."""
        if isinstance(source, Lost) or not wire.is_running(source):
            return source
        planned = live.plan(source, self._options.release)
        document = wire.prepared(source, planned)
        if not planned.items:
            return document
        name = _name(source.host)
        asked = json.dumps(wire.asked(source, planned)).encode("ascii")
        (self.plans / name).write_bytes(base64.b64encode(asked))
        text = json.dumps(document.content, separators=(",", ":"))
        (self._documents / name).write_bytes(gzip.compress(text.encode("ascii"), 1))
        self.hosts.add(source.host)
        return None

    def complete(self, second: Document | Lost) -> Document:
        """Return a document that waited, with what came of the second question."""
        packed = (self._documents / _name(second.host)).read_bytes()
        document = Document(second.host, json.loads(gzip.decompress(packed)))
        return wire.completed(document, second)


def _name(host: str) -> str:
    """What Ansible makes of the host's name too, with its filter ``hash``."""
    return hashlib.sha256(host.encode("utf-8", "surrogatepass")).hexdigest()
