"""The example fleet says the same through each door that reads trees: to the byte, times aside."""

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.parity.reports import EXAMPLE, audited, run, write_salt

HOSTS = sorted(path.name for path in EXAMPLE.iterdir() if path.is_dir())
ROOTS = [word for name in HOSTS for word in ("--root", str(EXAMPLE / name))]
INVENTORY = ["-i", str(EXAMPLE / "hosts.yml")]
WORKER = shlex.join([sys.executable, "-m", "ansible_runner", "worker"])


def by_ansible(folder: Path, salt: Path) -> str:
    return audited([*INVENTORY, "--salt-file", salt], folder)


def by_testinfra(folder: Path, salt: Path) -> str:
    # Which reads the inventory itself, and knows no templates but its folder and the host's name.
    said = {"ansible_connection": "local", "nova_auditor_root": f"{EXAMPLE}/{{{{ inventory_hostname }}}}"}
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps({"all": {"vars": said, "hosts": {name: {} for name in HOSTS}}}))
    return audited(["--hosts", f"ansible://all?ansible_inventory={inventory}", "--salt-file", salt], folder)


def by_replay(folder: Path, salt: Path) -> str:
    run(["collect", *ROOTS, "--salt-file", salt, "-o", folder / "trees"], folder)
    return audited(["--evidence", folder / "trees"], folder)


def by_replay_of_ansible(folder: Path, salt: Path) -> str:
    run(["collect", *INVENTORY, "--salt-file", salt, "-o", folder / "fleet"], folder)
    return audited(["--evidence", folder / "fleet"], folder)


DOORS: Mapping[str, Callable[[Path, Path], str]] = {
    "ansible": by_ansible,
    "testinfra": by_testinfra,
    "replay": by_replay,
    "replay of ansible": by_replay_of_ansible,
}


@pytest.fixture(scope="module")
def salt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_salt(tmp_path_factory.mktemp("salt"))


@pytest.fixture(scope="module")
def by_root(tmp_path_factory: pytest.TempPathFactory, salt: Path) -> str:
    return audited([*ROOTS, "--salt-file", salt], tmp_path_factory.mktemp("root"))


def test_the_fleet_has_something_to_compare(by_root: str) -> None:
    content = json.loads(by_root)

    assert [host["name"] for host in content["hosts"]] == HOSTS
    assert len(content["findings"]) > 500
    assert {finding["status"] for finding in content["findings"]} >= {"pass", "fail", "unknown"}
    assert len(content["passed"]) > 20
    assert len(content["not_applicable"]) > 20


@pytest.mark.parametrize("door", DOORS)
def test_another_door_says_the_same(door: str, by_root: str, salt: Path, tmp_path: Path) -> None:
    assert DOORS[door](tmp_path, salt).splitlines() == by_root.splitlines()


@pytest.mark.real
def test_a_worker_elsewhere_says_the_same(by_root: str, salt: Path, tmp_path: Path) -> None:
    # It has a copy of the inventory: trees are named by where they are.
    trees = f"nova_auditor_root={EXAMPLE}/{{{{inventory_hostname}}}}"
    said = audited([*INVENTORY, "--salt-file", salt, "-e", trees, "--via", WORKER], tmp_path)

    assert said.splitlines() == by_root.splitlines()
