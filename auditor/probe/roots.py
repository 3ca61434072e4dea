"""The host's own files and those of its containers under one way to name them: ``/path`` and ``LABEL:/path``.

A container is entered through ``/proc/PID/root`` of a process in it, whatever engine started it. One whose root we may
not enter keeps its label: every path in it is denied.
"""

from typing import Dict, List, Optional, Tuple

from . import filesystem


class Roots:
    """Answers as a `filesystem.Tree` does, for paths in any of the roots.

    Args:
        own: `filesystem.Tree` of the host itself.
    """

    def __init__(self, own: "filesystem.Tree") -> None:
        self.own = own
        self._others: Dict[str, Optional[filesystem.Tree]] = {}

    def enter(self, label: str, root: str) -> bool:
        """Make the files of another root known by its label; return whether we may look at them."""
        if label not in self._others:
            try:
                self._others[label] = filesystem.Tree(root, self.own.budget)
            except OSError:
                self._others[label] = None
        return self._others[label] is not None

    def close(self) -> None:
        """Let go of all roots; nothing can be asked afterwards."""
        for tree in (self.own, *self._others.values()):
            if tree is not None:
                tree.close()

    def check_time(self) -> None:
        """Raise `filesystem.OutOfTime` when the time limit has passed."""
        self.own.check_time()

    def look(self, path: str) -> "filesystem.Entry":
        """Return the `filesystem.Entry` of a path without its text."""
        tree, inside = self._of(path)
        return _DENIED if tree is None else tree.look(inside)

    def exists(self, path: str) -> bool:
        """Return whether something is there, or might be."""
        return self.look(path).status != "absent"

    def is_folder(self, path: str) -> bool:
        """Return whether it is a folder, as far as we can see."""
        tree, inside = self._of(path)
        return tree is not None and tree.is_folder(inside)

    def is_file(self, path: str) -> bool:
        """Return whether it is a regular file, as far as we can see."""
        tree, inside = self._of(path)
        return tree is not None and tree.is_file(inside)

    def link(self, path: str) -> Optional[str]:
        """Return the text of a symbolic link, or None where it is none."""
        tree, inside = self._of(path)
        return None if tree is None else tree.link(inside)

    def list(self, path: str) -> Tuple[List[str], str]:
        """Return (names in order, status) of a folder."""
        tree, inside = self._of(path)
        return ([], "denied") if tree is None else tree.list(inside)

    def read(self, path: str) -> "filesystem.Entry":
        """Return the `filesystem.Entry` of a file with its text, or why it has none."""
        tree, inside = self._of(path)
        return _DENIED if tree is None else tree.read(inside)

    def _of(self, path: str) -> Tuple[Optional["filesystem.Tree"], str]:
        label, inside = split(path)
        return (self._others[label], inside) if label in self._others else (self.own, path)


_DENIED = filesystem.Entry("denied", filesystem.REASONS["denied"], None, None)


def split(path: str) -> Tuple[str, str]:
    """Return (label, path inside), the label empty for the host's own."""
    label, colon, inside = path.partition(":")
    return (label, inside) if colon and inside.startswith("/") and "/" not in label else ("", path)


def joined(label: str, path: str) -> str:
    """Return how a path inside a root is written, the host's own as it is."""
    return label + ":" + path if label else path
