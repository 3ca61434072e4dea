"""Make the controllers that the collection runs on: ``.real/ansible/<name>``, each with the wheel of this tree.

Each is a virtual environment with one ansible-core and nova-auditor's wheel, so that Ansible finds the collection where
the wheel lays it. What is there is used again; the wheel is built and laid anew each time. Run as ``python -m
tests.ansible.controllers [NAME ...]``; without names all are made.
"""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.environments import ROOT, STAMP, locked, pip, stamp_of
from tests.conformance.test_old_interpreters import interpreters


@dataclass(frozen=True, slots=True)
class Controller:
    """What pip installs, and the Pythons it may run on, the best first; the first that is here is taken."""

    name: str
    requirements: tuple[str, ...]
    pythons: tuple[str, ...]


CONTROLLERS = (
    Controller("2.16", ("ansible-core>=2.16.19,<2.17",), ("3.11", "3.12")),
    Controller("current", ("ansible-core",), ("3.13", "3.12", "3.11")),
    Controller("lint", ("ansible-lint",), ("3.13", "3.12", "3.11")),
)


def binaries(name: str) -> Path:
    """The folder of that controller's programs, made on the first call (about half a minute)."""
    controller = next(one for one in CONTROLLERS if one.name == name)
    here = interpreters()
    python = next((here[version] for version in controller.pythons if version in here), sys.executable)
    folder = ROOT / ".real" / "ansible" / name
    digest = hashlib.sha256(f"{controller} {python}".encode()).hexdigest()
    with locked(folder):
        if stamp_of(folder) != digest:
            subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
            pip(folder / "bin" / "python", *controller.requirements, f"{ROOT}")
            (folder / STAMP).write_text(digest)
        with tempfile.TemporaryDirectory() as scratch:
            pip_wheel = [
                "-m",
                "pip",
                "wheel",
                "-qq",
                "--no-deps",
                "--disable-pip-version-check",
                "-w",
                scratch,
                ROOT,
            ]
            subprocess.run([folder / "bin" / "python", *pip_wheel], check=True)
            (wheel,) = Path(scratch).glob("*.whl")
            pip(folder / "bin" / "python", "--no-deps", "--force-reinstall", str(wheel))
    return folder / "bin"


def main(names: Sequence[str]) -> None:
    """Make those controllers, and print where they are."""
    for name in names or [one.name for one in CONTROLLERS]:
        sys.stdout.write(f"{binaries(name)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
