"""The four fixture hosts of ``inventories/lab`` for tests: started once a session, under names of their own.

A test that takes the fixture `lab` has running containers, a name for each, and an inventory. They end with the session;
whatever becomes of it, they end by themselves after `LIFETIME`, and are then removed by podman.

``python -m tests.containers.lab up|down`` starts and ends those of ``inventories/lab/hosts.yml``.
"""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.containers import connection, images
from tests.containers.podman import CannotRun, podman, remove, required

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOKS = ROOT / "molecule" / "default"
INVENTORY = ROOT / "inventories" / "lab" / "hosts.yml"

KINDS = ("hardened", "careless", "compute", "kolla")

#: Seconds after which a container of a test session ends by itself.
LIFETIME = 3600

#: Seconds for one playbook over the four hosts, on a busy machine.
LIMIT = 600


@dataclass(frozen=True, slots=True)
class Lab:
    """Running fixture hosts.

    ``names`` has the container of each kind (``hardened``, ``careless``, ``compute``, ``kolla``), which is its name in
    the ``inventory`` too; ``environment`` is what a program that uses the inventory needs besides its own.
    """

    names: Mapping[str, str]
    inventory: Path
    environment: Mapping[str, str]

    def spec(self, kind: str) -> str:
        """The host as testinfra's specs have it."""
        return f"podman://{self.names[kind]}"

    @property
    def specs(self) -> tuple[str, ...]:
        """All hosts as testinfra's specs have them."""
        return tuple(map(self.spec, self.names))

    def run(self, kind: str, *words: str) -> str:
        """What a command prints in the container of that kind."""
        return podman("exec", self.names[kind], *words)


class PlaybookFailed(Exception):
    """A playbook of the lab failed; the message ends with what it printed last."""


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The four hosts, configured; a skip with the reason where this machine cannot run containers, with CI a failure."""
    try:
        images.make()
    except CannotRun as reason:
        if required():
            pytest.fail(f"this machine cannot run containers: {reason}", pytrace=False)
        pytest.skip(f"this machine cannot run containers: {reason}")
    connection.make()
    session = f"lab-{os.getpid()}-{secrets.token_hex(3)}"
    names = {kind: f"{session}-{kind}" for kind in KINDS}
    inventory = tmp_path_factory.mktemp("lab") / "hosts.yml"
    text = INVENTORY.read_text()
    for kind, name in names.items():
        text = text.replace(f"lab-{kind}:", f"{name}:")
    inventory.write_text(text)
    try:
        up(inventory, lifetime=str(LIFETIME))
        yield Lab(names, inventory, environment())
    finally:
        remove(tuple(names.values()))


def up(inventory: Path, lifetime: str = "infinity") -> None:
    """Start the hosts of an inventory and write their configuration."""
    play("create.yml", inventory, fixture_lifetime=lifetime)
    play("converge.yml", inventory)


def down(inventory: Path) -> None:
    """Remove the hosts of an inventory, if they are ours."""
    play("destroy.yml", inventory)


def play(name: str, inventory: Path, **variables: str) -> None:
    """Run a playbook of the scenario ``molecule/default``.

    Raises:
        PlaybookFailed: it failed.
    """
    extra = [word for key, value in variables.items() for word in ("-e", f"{key}={value}")]
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [program, "--forks=4", "-i", inventory, *extra, PLAYBOOKS / name]
    done = subprocess.run(
        command,
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    if done.returncode != 0:
        raise PlaybookFailed(f"{name}:\n{(done.stdout + done.stderr)[-4000:]}")


def environment() -> Mapping[str, str]:
    """What Ansible must be told to reach podman's containers."""
    return {"ANSIBLE_CONFIG": str(INVENTORY.with_name("ansible.cfg"))}


def main(words: list[str]) -> None:
    """Start or end the lab that ``inventories/lab/hosts.yml`` names."""
    if words not in (["up"], ["down"]):
        raise SystemExit("usage: python -m tests.containers.lab up|down")
    try:
        if words == ["up"]:
            images.make()
            connection.make()
            up(INVENTORY)
        else:
            down(INVENTORY)
    except CannotRun as reason:
        raise SystemExit(f"this machine cannot run containers: {reason}") from reason


if __name__ == "__main__":
    main(sys.argv[1:])
