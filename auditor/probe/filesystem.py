"""Rooted, bounded, read-only access to a tree of files: nothing in the tree can lead out of it or block.

Links are resolved here, component by component below the root: an absolute link starts at the root, ``..`` stops there,
and the links of procfs (``/proc/PID/root``), which lead where their text does not say, are refused. Only regular files
are opened for reading, never devices, sockets or pipes. Each limit that is met is recorded.
"""

import errno
import os
import stat
import time
from typing import List, NamedTuple, Optional, Tuple


#: status: ``read`` (there is text), ``metadata`` (there is, but nobody asked for text), or why there is nothing, as
#: ``auditor/evidence.py`` lists. reason: in words, or "". stat: of the file, or None. text: or None.
class Entry(NamedTuple):
    """What is known of a path."""

    status: str
    reason: str
    stat: Optional[os.stat_result]
    text: Optional[str]


#: Bytes of all files together.
TOTAL = 32 << 20

LINKS = 40  # as the kernel: more than this is a loop
DEPTH = 256
NAMES = 10000

_PATH_ONLY = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
#: What the statuses say in words.
REASONS = {
    "absent": "there is no such file",
    "denied": "permission denied",
    "not-regular": "not a regular file",
    "binary": "it holds NUL bytes",
    "undecodable": "it is not UTF-8",
    "loop": "too many links",
    "outside": "a link of /proc",
    "limit": "more of them than the probe looks at",
}


class OutOfTime(Exception):
    """The time limit has passed. Not an OSError: nothing on the way takes it for a missing file."""


class _Refused(Exception):
    """Resolution ended; the argument is the status."""


class Budget:
    """What may be read in one run, whatever the roots: ``files`` of them, each of at most ``file_bytes``, until ``deadline``.

    ``deadline`` is of `time.monotonic`; when it has passed, work ends with `OutOfTime`.
    """

    def __init__(self, deadline: float, files: int, file_bytes: int) -> None:
        self.deadline = deadline
        self.files = files
        self.file_bytes = file_bytes
        self.opened = 0
        self.total = 0


class Tree:
    """The files below a root: a folder on this machine, ``/`` for the machine itself, or ``/proc/PID/root``."""

    def __init__(self, root: str, budget: Budget) -> None:
        self.budget = budget
        self._root = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._procfs = set()
        for place in ("/proc/self", root + "/proc/self"):
            try:
                self._procfs.add(os.lstat(place).st_dev)
            except OSError:
                pass

    def close(self) -> None:
        """Let go of the root; nothing can be asked afterwards."""
        os.close(self._root)

    def check_time(self) -> None:
        """Raise `OutOfTime` when the time limit has passed."""
        if time.monotonic() > self.budget.deadline:
            raise OutOfTime("the time limit passed")

    def look(self, path: str) -> Entry:
        """Return the `Entry` of a path, of status ``metadata`` (whatever kind of file it is), or why there is none."""
        try:
            parent, name = self._walk(path)
        except _Refused as refused:
            return _missing(str(refused))
        try:
            return Entry("metadata", "", os.stat(name, dir_fd=parent, follow_symlinks=False), None)
        except OSError as error:
            return _missing(_status(error))
        finally:
            os.close(parent)

    def exists(self, path: str) -> bool:
        """Return whether something is there, or might be: where we may not look, a service may find something."""
        return self.look(path).status != "absent"

    def is_folder(self, path: str) -> bool:
        """Return whether it is a folder, as far as we can see."""
        entry = self.look(path)
        return entry.stat is not None and stat.S_ISDIR(entry.stat.st_mode)

    def is_file(self, path: str) -> bool:
        """Return whether it is a regular file, as far as we can see."""
        entry = self.look(path)
        return entry.stat is not None and stat.S_ISREG(entry.stat.st_mode)

    def link(self, path: str) -> Optional[str]:
        """Return the text of a symbolic link without following it, or None where it is none."""
        try:
            parent, name = self._walk(path, follow=False)
        except _Refused:
            return None
        try:
            return os.readlink(name, dir_fd=parent)
        except OSError:
            return None
        finally:
            os.close(parent)

    def list(self, path: str) -> Tuple[List[str], str]:
        """Return (names in order, status) of a folder; the status is ``read`` unless something kept us from all names."""
        self.check_time()
        try:
            parent, name = self._walk(path)
        except _Refused as refused:
            return [], str(refused)
        try:
            folder = _open(name, _READ | os.O_DIRECTORY, parent)
        except OSError as error:
            return [], "not-regular" if error.errno == errno.ENOTDIR else _status(error)
        finally:
            os.close(parent)
        try:
            names, status = _names(folder)
        except OSError as error:
            return [], _status(error)
        finally:
            os.close(folder)
        return sorted(names), status

    def read(self, path: str) -> Entry:
        """Return the `Entry` of a file with its text, or why it has none."""
        self.check_time()
        try:
            parent, name = self._walk(path)
        except _Refused as refused:
            return _missing(str(refused))
        try:
            return self._read(parent, name)
        except OSError as error:
            return _missing(_status(error))
        finally:
            os.close(parent)

    def _read(self, parent: int, name: str) -> Entry:
        seen = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if not stat.S_ISREG(seen.st_mode):
            return _irregular(seen)
        budget = self.budget
        if seen.st_size > budget.file_bytes:
            return Entry(
                "too-large", "{} bytes, more than {}".format(seen.st_size, budget.file_bytes), seen, None
            )
        if budget.opened >= budget.files or budget.total + seen.st_size > TOTAL:
            return _missing("limit", seen)
        budget.opened += 1
        try:
            file = _open(name, _READ, parent)
        except OSError as error:
            return _missing(_status(error), seen)
        try:
            opened = os.fstat(file)
            if not stat.S_ISREG(opened.st_mode):
                return _irregular(opened)
            data = self._data(file)
        finally:
            os.close(file)
        budget.total += len(data)
        if len(data) > budget.file_bytes:
            return Entry("too-large", "more than {} bytes".format(budget.file_bytes), opened, None)
        if b"\0" in data:
            return _missing("binary", opened)
        try:
            return Entry("read", "", opened, data.decode("utf-8"))
        except UnicodeDecodeError as error:
            return Entry("undecodable", "not UTF-8 at byte {}".format(error.start), opened, None)

    def _data(self, file: int) -> bytes:
        parts = []
        size = 0
        while size <= self.budget.file_bytes:
            self.check_time()
            part = os.read(file, 1 << 18)
            if not part:
                break
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def _walk(self, path: str, follow: bool = True) -> Tuple[int, str]:
        """Return (file descriptor of the folder, last name) of a path, links resolved below the root."""
        waiting = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        stack = [os.dup(self._root)]
        links = 0
        try:
            while waiting:
                name = waiting.pop()
                if name == "..":
                    if len(stack) > 1:
                        os.close(stack.pop())
                    continue
                if "\0" in name or len(stack) > DEPTH:
                    raise _Refused("absent" if "\0" in name else "loop")
                try:
                    found = os.stat(name, dir_fd=stack[-1], follow_symlinks=False)
                except OSError as error:
                    raise _Refused(_status(error)) from None
                if stat.S_ISLNK(found.st_mode) and (waiting or follow):
                    links += 1
                    if links > LINKS:
                        raise _Refused("loop")
                    if found.st_dev in self._procfs:
                        raise _Refused("outside")
                    self._follow(name, stack, waiting)
                elif waiting:
                    self._enter(name, found, stack)
                else:
                    return os.dup(stack[-1]), name
            return os.dup(stack[-1]), "."
        finally:
            for descriptor in stack:
                os.close(descriptor)

    def _follow(self, name: str, stack: List[int], waiting: List[str]) -> None:
        try:
            target = os.readlink(name, dir_fd=stack[-1])
        except OSError as error:
            raise _Refused(_status(error)) from None
        if target.startswith("/"):
            while len(stack) > 1:
                os.close(stack.pop())
        waiting.extend(part for part in reversed(target.split("/")) if part not in ("", "."))
        if len(waiting) > 4 * DEPTH:
            raise _Refused("loop")

    @staticmethod
    def _enter(name: str, found: os.stat_result, stack: List[int]) -> None:
        if not stat.S_ISDIR(found.st_mode):
            raise _Refused("absent")
        try:
            stack.append(os.open(name, _PATH_ONLY | os.O_DIRECTORY, dir_fd=stack[-1]))
        except OSError as error:
            raise _Refused(_status(error)) from None


def _missing(status: str, seen: Optional[os.stat_result] = None) -> Entry:
    return Entry(status, REASONS.get(status, status), seen, None)


def _irregular(seen: os.stat_result) -> Entry:
    if stat.S_ISDIR(seen.st_mode):
        return Entry("not-regular", "it is a folder", seen, None)
    return _missing("not-regular", seen)


def _status(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "denied"
    if error.errno == errno.ELOOP:
        return "loop"
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
        return "absent"
    return "denied" if error.errno in (errno.EIO, errno.ESTALE, errno.ENXIO) else "not-regular"


def _open(name: str, flags: int, parent: int) -> int:
    # Only an owner may ask for the access time to stay as it is.
    try:
        return os.open(name, flags | os.O_NOATIME, dir_fd=parent)
    except OSError as error:
        if error.errno != errno.EPERM:
            raise
    return os.open(name, flags, dir_fd=parent)


def _names(folder: int) -> Tuple[List[str], str]:
    if os.scandir not in os.supports_fd:  # before Python 3.7
        names = os.listdir(folder)
        return names[:NAMES], "read" if len(names) <= NAMES else "limit"
    names = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if len(names) == NAMES:
                return names, "limit"
            names.append(entry.name)
    return names, "read"
