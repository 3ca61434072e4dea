"""Obtaining evidence: the only part that touches the world. What a host withholds is data, never an exception."""

import base64
import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

import auditor
from auditor.collect import children
from auditor.collect import salt as salts
from auditor.evidence import Document, Lost
from auditor.model import Kind, Target

#: How evidence is obtained, by name; loaded when used.
COLLECTORS: Mapping[str, str] = {
    "local": "auditor.collect.local:collect",
    "testinfra": "auditor.collect.testinfra:collect",
}

#: The probe's own limits: seconds it may take, files it may read, bytes one of them may have.
SECONDS = 20
FILES = 2000
FILE_BYTES = 1 << 20

#: What may be asked besides, of hosts that run, because programs are run for it there.
FURTHER = ("cells", "servers")

#: Seconds that each of `FURTHER` adds to the limit, and those for the question to the endpoints.
FURTHER_SECONDS = 60
LIVE_SECONDS = 30

#: Seconds within which a host begins to ask its endpoints, each at a moment of chance.
JITTER = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of every target.

    ``config_files`` and ``config_dirs`` make one explicit service, named by ``service``; ``service`` alone names the
    one that a root with a configuration, but without anything that says which services run there, holds. Paths are
    inside the root. ``salt`` makes digests comparable among the targets of one run; it is never shown.

    ``live`` has each host that runs ask its endpoints, in a second question (`auditor.collect.live`);
    ``ask`` are those of `FURTHER` that are asked in the first. ``release`` is the operator's word on
    services that show none. ``seconds`` are for either question; without, they follow from what is asked.
    ``probe`` is where running hosts have the installed probe that is to be asked (`auditor.collect.installed`).
    """

    config_files: tuple[str, ...] = ()
    config_dirs: tuple[str, ...] = ()
    service: str | None = None
    seconds: float | None = None
    files: int = FILES
    file_bytes: int = FILE_BYTES
    salt: bytes = field(default_factory=salts.fresh, repr=False)
    live: bool = False
    ask: tuple[str, ...] = ()
    release: str | None = None
    jitter: float = JITTER
    probe: str | None = None

    @property
    def limit(self) -> float:
        """Seconds that a host may take for the first question."""
        return SECONDS + FURTHER_SECONDS * len(self.ask) if self.seconds is None else self.seconds

    @property
    def live_limit(self) -> float:
        """Seconds that it may take for the second, its jitter among them."""
        return LIVE_SECONDS if self.seconds is None else self.seconds


class Collector(Protocol):
    """Obtains the evidence of one target."""

    def __call__(self, target: Target, request: Mapping[str, Any]) -> Document | Lost:
        """The evidence, or why there is none; never raises for what the target withholds."""
        ...


def collect(
    targets: Iterable[Target],
    options: Options | None = None,
    *,
    collector: str = "local",
    jobs: int | None = None,
) -> Iterator[Document | Lost]:
    """Yield the evidence of each target, or why there is none, in the order of the targets.

    Args:
        targets: asked in turn as their evidence is taken.
        options: what is asked; by default with a new salt.
        collector: one of `COLLECTORS`.
        jobs: how many targets are asked at a time; by default as many as there are processors.
    """
    asked = options or Options()
    obtain = load(collector)
    asker = None
    if asked.live:
        from auditor.collect.asker import Asker

        obtain = asker = Asker(obtain, asked)
    jobs = jobs or os.cpu_count() or 1
    waiting: deque[Future[Document | Lost]] = deque()
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for target in targets:
                waiting.append(pool.submit(obtain, target, request(target, asked)))
                if len(waiting) >= jobs:
                    yield _first(waiting)
            while waiting:
                yield _first(waiting)
        finally:
            # Interrupted, or nobody wants the rest.
            if waiting:
                for future in waiting:
                    future.cancel()
                if asker is not None:
                    asker.end()
                children.stop()


def _first(waiting: "deque[Future[Document | Lost]]") -> Document | Lost:
    """The first answer; its host counts as waited for until it is there."""
    answer = waiting[0].result()
    waiting.popleft()
    return answer


def load(collector: str) -> Collector:
    """Return a collector by its name."""
    module, _, function = COLLECTORS[collector].partition(":")
    found: Collector = getattr(import_module(module), function)
    return found


def request(target: Target, options: Options) -> Mapping[str, Any]:
    """Return what the probe is asked (see `auditor.probe.run.collect`) for a target."""
    # What the operator names is relative to where they are, what is named beside --root is inside it.
    place = os.path.abspath if target.kind is Kind.LIVE else str
    return {
        "tool": {"name": "nova-auditor", "version": auditor.__version__},
        "host": target.name,
        "kind": str(target.kind),
        "root": "/" if target.kind is Kind.LIVE or target.root is None else target.root,
        "salt": base64.b64encode(options.salt).decode("ascii"),
        "salt_id": salt_id(options.salt),
        "seconds": options.limit,
        "files": options.files,
        "file_bytes": options.file_bytes,
        "services": list(target.told.services) or [options.service] * bool(options.service),
        "told": {
            "release": target.told.release,
            "services": list(target.told.services),
            "expects_none": target.told.expects_none,
        },
        "config_files": [place(path) for path in options.config_files],
        "config_dirs": [place(path) for path in options.config_dirs],
        "ask": list(options.ask) if target.kind is Kind.LIVE else [],
        **({"probe": options.probe} if options.probe is not None and target.kind is Kind.LIVE else {}),
    }


def script(request: Mapping[str, Any]) -> str:
    """Return the script that answers a request, the first or the second to a host."""
    from auditor.collect import payload

    return payload.wire_script(request) if "wire" in request else payload.script(request)


def salt_id(salt: bytes) -> str:
    """Return the name under which evidence says which salt its digests were made with."""
    return hashlib.sha256(b"nova-auditor salt\0" + salt).hexdigest()[:16]
