"""The files of a host as one service sees them: the host's own, or those that a deployer puts into its container."""

import posixpath
from typing import TYPE_CHECKING, List, Optional, Sequence, Tuple

from . import roots

if TYPE_CHECKING:
    from .roots import Roots


class View:
    """Maps the paths that a service uses to paths on the host.

    Args:
        tree: `roots.Roots`, or one of its trees.
        mapped: (path in the service's eyes, path on the host) of files and folders, or None where both are the same.
            With it the view is opaque: what is not mapped lies in an image that this target does not show.
        label: of the container that the service runs in, whose root is entered.
    """

    def __init__(
        self, tree: "Roots", mapped: Optional[Sequence[Tuple[str, str]]] = None, label: str = ""
    ) -> None:
        self.tree = tree
        self.label = label
        self.is_opaque = mapped is not None
        self.mapped = sorted(mapped or [], key=lambda pair: -len(pair[0]))

    def host(self, path: str) -> Optional[str]:
        """Return the path on the host, or None where it lies in an image that was not seen."""
        path = posixpath.normpath(path)
        if not self.is_opaque:
            return roots.joined(self.label, path)
        for prefix, host in self.mapped:
            if path == prefix:
                return host
            if path.startswith(prefix.rstrip("/") + "/"):
                rest = path[len(prefix.rstrip("/")) + 1 :]
                candidate = posixpath.join(host, rest)
                if self.tree.exists(candidate):
                    return candidate
        return None

    def exists(self, path: str) -> bool:
        """Return whether the service would find something there, as far as we can see."""
        host = self.host(path)
        if host is not None:
            return self.tree.exists(host)
        return any(
            prefix.startswith(path.rstrip("/") + "/") and self.tree.exists(at) for prefix, at in self.mapped
        )

    def listdir(self, path: str) -> List[str]:
        """Return the names in a folder.

        Raises:
            NotADirectoryError: it is none, or not there. PermissionError: not all names could be read.
        """
        host = self.host(path)
        names = set()
        if host is not None:
            found, status = self.tree.list(host)
            if status in ("not-regular", "absent"):
                raise NotADirectoryError(path)
            if status != "read":
                raise PermissionError(path)
            names.update(found)
        start = posixpath.normpath(path).rstrip("/") + "/"
        for prefix, at in self.mapped:
            if prefix.startswith(start) and self.tree.exists(at):
                names.add(prefix[len(start) :].split("/")[0])
        return sorted(names)
