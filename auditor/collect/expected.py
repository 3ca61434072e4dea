"""The hosts that are expected, from a plain list of names: what works where there is no Ansible."""

import os
import re
from pathlib import Path

from auditor import inputs
from auditor.errors import FileError
from auditor.model import Kind, Target

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}", re.ASCII)

#: Folders beside an inventory from which Ansible takes variables of its hosts.
_VARIABLES = ("group_vars", "host_vars")


def is_plain(path: Path) -> bool:
    """Tell whether a file is a list of names: one bare name on each line, blank lines and ``#`` comments apart.

    Such a list is an inventory of Ansible's too and means the same to it, so that nothing depends on which of the two
    reads it. Sections, variables, ranges, YAML, folders, programs, and a list beside ``group_vars`` or ``host_vars``
    are for Ansible.

    Raises:
        FileError: it cannot be read.
    """
    if path.is_dir() or os.access(path, os.X_OK):
        return False
    if any((path.parent / name).is_dir() for name in _VARIABLES):
        return False
    content = inputs.read(path, "give an inventory of Ansible's, or a file of host names, one on each line")
    try:
        names = [name for _, name in _lines(content.decode("utf-8"))]
    except UnicodeDecodeError:
        return False
    return all(_NAME.fullmatch(name) for name in names)


def read_names(path: Path) -> tuple[Target, ...]:
    """Read the expected hosts from a list of names, in its order.

    Raises:
        FileError: it cannot be read, names no host or one twice, or holds what is no name.
    """
    cure = "write one host name on each line"
    found: dict[str, int] = {}
    for number, name in _lines(inputs.read_text(path, cure)):
        if not _NAME.fullmatch(name):
            raise FileError(f"{path}:{number}", f"{name!r} is no host name", cure)
        if name in found:
            raise FileError(
                f"{path}:{number}", f"{name} is expected already, in line {found[name]}", "remove one of them"
            )
        found[name] = number
    if not found:
        raise FileError(path, "it names no host", cure)
    return tuple(Target(name, Kind.LIVE) for name in found)


def _lines(text: str) -> list[tuple[int, str]]:
    """Number and text of each line that says something."""
    said = ((number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in said if line]
