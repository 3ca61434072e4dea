"""The page of what the probe reads is true of the probe's source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.evidence import FORMATS
from auditor.probe import run
from docs import reads

SOURCES = sorted(Path(run.__file__).parent.glob("*.py"))

#: What follows the number of a process in a path: as a format, or as an argument of the functions that read there.
_PATHS = re.compile(r"(?:/proc|^\{\})/(?:\{[a-z:]*\}|self)/([a-z_/0-9]+)")
_READERS = {"_text", "_link", "_maybe", "_path"}

#: Where functions of those names read there, and not elsewhere.
_OF_PROC = {"door.py", "processes.py", "servers.py"}


def texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def entries(path: Path) -> Iterator[str]:
    for text in texts(path):
        for match in _PATHS.finditer(text):
            yield match.group(1).strip("/")
    for node in ast.walk(ast.parse(path.read_text())) if path.name in _OF_PROC else ():
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            named = [
                one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
            ]
            yield from (named if name in _READERS else ())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_entry_of_proc_that_is_read_stands_on_the_page(path: Path) -> None:
    # Of itself alone, its open files and children; and a folder of another tree.
    own = {"fd", "task", "ns", "self", "python"}
    told = {name for names in reads.PROC for name in re.split(r", | \.\.\.", names)} | {"loginuid"}
    found = {entry for entry in entries(path) if not set(entry.split("/")) <= own | {""}}

    assert {entry for entry in found if entry not in told and not entry.startswith(("net", "ns"))} == set()


def test_the_entries_are_found_at_all() -> None:
    found = {entry for path in SOURCES for entry in entries(path)}

    assert {"cmdline", "environ", "cgroup", "maps", "root", "fd"} <= found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_what_is_never_read_is_named_nowhere_in_the_source(path: Path) -> None:
    words = {word for text in texts(path) for word in re.split(r"[^a-z_-]+", text) if "\n" not in text}

    assert words & set(reads.NEVER_PROC) == set()


def test_every_format_of_evidence_is_on_the_page() -> None:
    assert all(f"`{name}`" in reads.page() for name in FORMATS)
