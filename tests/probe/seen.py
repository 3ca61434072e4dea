"""A server as the tests have it: files below a folder, a command line, and nobody or a script to ask."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from auditor.probe import filesystem, gather, roots, servers, sight
from auditor.probe.children import Identity
from tests.probe.redaction import REDACTOR
from tests.trees import grow

#: The user whom nobody may become in a test: root's processes are never asked.
ROOT = Identity(0, 0, ())

NOBODY = 65534


def by_files(
    root: Path,
    kind: str,
    files: Mapping[str, str],
    argv: Sequence[str] = ("daemon",),
    environ: Mapping[str, str] | None = None,
    label: str = "",
) -> Mapping[str, Any]:
    """The SERVER of one that cannot be asked, by its files."""
    budget = filesystem.Budget(time.monotonic() + 20, 100, 1 << 20)
    tree = roots.Roots(filesystem.Tree(str(grow(root, files)), budget))
    if label:
        tree.enter(label, str(root))
    gathered = gather.Gathered(tree, REDACTOR, shows_owners=True)
    running = sight.Running(kind, 4711, ROOT, kind, list(argv), "", environ or {"LANG": "C"}, label)
    return servers.record(running, gathered, time.monotonic() + 20)


def values(record: Mapping[str, Any]) -> Mapping[str, str | None]:
    """The settings by name."""
    return {entry["name"]: entry["value"] for entry in record["settings"]}


def places(record: Mapping[str, Any]) -> Mapping[str, tuple[str | None, int | None]]:
    """Where the settings stand, by name."""
    return {entry["name"]: (entry["path"], entry["line"]) for entry in record["settings"]}


def lost(record: Mapping[str, Any]) -> Sequence[str]:
    """Why something is not known, but that it was not asked."""
    return [reason for reason in record["unseen"] if not reason.startswith("it could not be asked")]


def listening(record: Mapping[str, Any]) -> Sequence[tuple[str, int, str]]:
    """Where it listens."""
    return [(one["address"], one["port"], one["protocol"]) for one in record["listeners"]]


def asked(
    kind: str,
    clients: Mapping[str, str],
    files: Mapping[str, str] | None = None,
    argv: Sequence[str] = ("daemon",),
    seconds: float = 20,
) -> Mapping[str, Any]:
    """The SERVER of one whose clients are these shell scripts, by name; they run as nobody, or as ourselves."""
    with TemporaryDirectory(dir="/tmp") as folder:
        home = Path(folder)
        home.chmod(0o755)
        for path, text in {f"bin/{name}": f"#!/bin/sh\n{text}" for name, text in clients.items()}.items():
            file = grow(home, {path: text}) / path
            file.chmod(0o755)
        tree = roots.Roots(filesystem.Tree("/", filesystem.Budget(time.monotonic() + 20, 100, 1 << 20)))
        gathered = gather.Gathered(tree, REDACTOR, shows_owners=True)
        who = Identity(NOBODY, NOBODY, ()) if os.geteuid() == 0 else Identity(os.geteuid(), os.getegid(), ())
        environ = {"ERL_LIBS": f"{home}/plugins", "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq"}
        (home / "sbin").symlink_to("bin")
        grow(home, files or {})
        command = [word.replace("@DIR@", str(home)) for word in argv]
        running = sight.Running(kind, 4711, who, kind, command, f"{home}/bin/daemon", environ, "")
        return servers.record(running, gathered, time.monotonic() + seconds + sight.RESERVE)
