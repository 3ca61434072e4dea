"""Watching what a run writes down and shows of itself while it lasts: files that live a moment, and the process list."""

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds between two looks: what lives shorter may go unseen, so a test names what it must have seen.
_PAUSE = 0.005

#: Bytes of a file that are kept; what others on this machine write may be large.
_MOST = 1 << 20

#: Where a run might write though it was told of other places.
_SHARED = (Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"))

#: What begins so there may be ours: what `tempfile`, Ansible and we make.
_OURS = ("tmp", "ansible", ".ansible", "nova-auditor-")


@dataclass(slots=True)
class Watch:
    """What was seen: the contents that each file had, the modes of folders, each process's words and environment."""

    files: dict[str, set[bytes]] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    processes: set[tuple[bytes, bytes]] = field(default_factory=set)

    def written(self, below: str = "", *, but: str = "\0") -> tuple[bytes, ...]:
        """All that was in files whose path contains ``below`` and not ``but``."""
        return tuple(
            text
            for path, contents in self.files.items()
            if below in path and but not in path
            for text in contents
        )

    def shown(self, *, but: str) -> bytes:
        """The process list, without the process whose command line contains a word, and its forks."""
        return b"\n".join(
            words + b"\n" + environment for words, environment in self.processes if but.encode() not in words
        )


@contextlib.contextmanager
def watched(folders: Sequence[Path]) -> Iterator[Watch]:
    """Watch folders, what is new in those that all users share, and new processes, for the time of a `with`."""
    watch, end = Watch(), threading.Event()
    there = {path for place in _SHARED for path in place.iterdir()}
    running = set(_pids())

    def look() -> None:
        known: dict[str, tuple[int, int]] = {}
        while not end.is_set():
            new = [path for place in _SHARED for path in place.iterdir() if path not in there]
            for place in (*folders, *(path for path in new if path.name.startswith(_OURS))):
                _look_at(place, watch, known)
            for pid in _pids():
                if pid not in running:
                    _look_at_process(pid, watch)
            time.sleep(_PAUSE)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        end.set()
        thread.join()


def _look_at(place: Path, watch: Watch, known: dict[str, tuple[int, int]]) -> None:
    """Keep what the files at or below a place hold, where they changed since the last look."""
    with contextlib.suppress(OSError):
        found = place.lstat()
        if place.is_symlink() or not (place.is_dir() or place.is_file()):
            return
        watch.modes.setdefault(str(place), found.st_mode & 0o777)
        if place.is_dir():
            for path in place.iterdir():
                _look_at(path, watch, known)
        elif known.get(str(place)) != (found.st_mtime_ns, found.st_size):
            with place.open("rb") as file:
                watch.files.setdefault(str(place), set()).add(file.read(_MOST))
            known[str(place)] = (found.st_mtime_ns, found.st_size)


def _pids() -> Iterator[int]:
    return (int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit())


def _look_at_process(pid: int, watch: Watch) -> None:
    with contextlib.suppress(OSError):
        place = Path(f"/proc/{pid}")
        # First: what is still a fork of its parent, and has its environment, has its words too.
        words = (place / "cmdline").read_bytes()
        if words:  # none, while a program is being loaded
            watch.processes.add((words, (place / "environ").read_bytes()))
