"""Folders of our own for what a run must write down: 0700, in memory where there is a place, and gone when we are.

A folder is removed when its run ends. A watcher, a shell in a session of its own that only waits for us to end, removes
it where we are killed; where even that was killed, the next run removes what nobody holds any more.
"""

import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "nova-auditor-"

#: Held (flock) by the run whose folder it lies in.
_LOCK = ".held"

_WATCH = 'read -r _; rm -rf -- "$1"'


def places(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Where folders may be made, the best first: of this user and in memory, in memory, for temporary files."""
    named = (environment.get("XDG_RUNTIME_DIR"), "/dev/shm", environment.get("TMPDIR"), "/tmp")  # noqa: S108
    return tuple(Path(name) for name in named if name and Path(name).is_absolute())


@contextmanager
def folder(where: tuple[Path, ...] | None = None) -> Iterator[Path]:
    """Make a folder for the time of a `with`, after removing what dead runs have left.

    Args:
        where: tried in turn; by default `places`.

    Raises:
        OSError: it can be made nowhere.
    """
    candidates = places(os.environ) if where is None else where
    sweep(candidates)
    path = _make(candidates)
    lock = os.open(path / _LOCK, os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", _WATCH, "sh", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": os.defpath},
        start_new_session=True,
    )
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)
        if watcher.stdin is not None:
            watcher.stdin.close()
        watcher.wait()


def sweep(where: tuple[Path, ...]) -> tuple[Path, ...]:
    """Remove the folders of runs of this user that are dead; return them."""
    return tuple(path for place in where for path in _ours(place) if _removed(path))


def _make(where: tuple[Path, ...]) -> Path:
    refused: OSError | None = None
    for place in where:
        try:
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        except OSError as error:
            refused = error
    raise refused or FileNotFoundError("there is no folder for temporary files")


def _ours(place: Path) -> Iterator[Path]:
    with suppress(OSError):
        for path in sorted(place.glob(f"{PREFIX}*")):
            found = path.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
                yield path


def _removed(path: Path) -> bool:
    try:
        lock = os.open(path / _LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:  # it is being made, or being removed
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        shutil.rmtree(path, ignore_errors=True)
        return True
    finally:
        os.close(lock)
