"""What the operator names on the command line, as targets."""

import os
import re
import socket
from collections.abc import Iterable
from pathlib import Path

from auditor.errors import UsageError
from auditor.model import Kind, Target

_NAME = re.compile(r"[^\s/=\x00-\x1f\x7f]{1,253}")


def read(roots: Iterable[str], name: str | None = None) -> tuple[Target, ...]:
    """Return the trees that ``--root`` names, this host where there is none; raises as `trees` and `this_host` do."""
    return trees(roots) or (this_host(name),)


def trees(roots: Iterable[str]) -> tuple[Target, ...]:
    """Return the targets of ``--root DIR`` and ``--root NAME=DIR``; a tree is called after its folder by default.

    Raises:
        UsageError: a root is no folder, cannot be entered or has no name of its own, or two have one name.
    """
    found: dict[str, Target] = {}
    for text in roots:
        target = _tree(text)
        if target.name in found:
            raise UsageError(
                f"--root {text}: the name {target.name!r} is taken by {found[target.name].root}; "
                f"give this one another: --root NAME={target.root}"
            )
        found[target.name] = target
    return tuple(found.values())


def this_host(name: str | None = None) -> Target:
    """Return the target that stands for the machine we run on, called by its host name where no other is given.

    Raises:
        UsageError: that is no name for a host.
    """
    if name is not None and not _NAME.fullmatch(name):
        raise UsageError(f"--name {name}: that is no name for a host; give the one that the inventory has")
    return Target(name or socket.gethostname() or "localhost", Kind.LIVE)


def _tree(text: str) -> Target:
    name, separator, folder = text.partition("=")
    if not separator or Path(text).is_dir():
        name, folder = "", text
    path = Path(folder)
    if not folder or not path.exists():
        raise UsageError(
            f"--root {text}: there is no such folder; give the root of a captured or rendered host"
        )
    if not path.is_dir():
        raise UsageError(f"--root {text}: it is not a folder; give the folder that stands for /")
    if not os.access(path, os.R_OK | os.X_OK):
        raise UsageError(f"--root {text}: permission denied; run as a user that may read the tree")
    root = path.resolve()
    name = name if separator and name else root.name
    if not _NAME.fullmatch(name):
        raise UsageError(f"--root {text}: {name!r} is no name for a host; give one: --root NAME={root}")
    return Target(name, Kind.TREE, str(root))
