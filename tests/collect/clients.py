"""Programs that stand in for ssh, podman and the like: they run the command they are given here, or fail as told."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

#: The last argument is the command for a shell, in all of testinfra's backends; ssh hands it to a login shell.
_PROGRAM = """#!/bin/sh
for command; do :; done
printf '%s\\n' "$@" > "{folder}/arguments"
env > "{folder}/environment"
{does}
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a program was started with."""

    folder: Path

    def arguments(self) -> str:
        return (self.folder / "arguments").read_text()

    def environment(self) -> str:
        return (self.folder / "environment").read_text()


def client(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, does: str = '/bin/sh -c "$command"'
) -> Seen:
    """Put a program of that name first on the path."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(_PROGRAM.format(folder=folder, does=does))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    return Seen(folder)
