"""The wheel in an environment of its own, on the oldest and the newest Ansible, against the oldest Python at hand."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ansible import controllers
from tests.ansible.plays import EXAMPLE, HERE, environment, inventory, play, run, task
from tests.ansible.test_secrets import hidden, loudest, salt_id
from tests.conformance.test_old_interpreters import interpreters

TREES = tuple(sorted(path.name for path in EXAMPLE.iterdir() if path.is_dir()))
NAMES = ("2.16", "current")

pytestmark = pytest.mark.real


@pytest.fixture(scope="module", params=NAMES)
def binaries(request: pytest.FixtureRequest) -> Path:
    return controllers.binaries(request.param)


@pytest.fixture(scope="module")
def commanded(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What the command says of the example fleet, under a salt that is given."""
    folder = tmp_path_factory.mktemp("commanded")
    salt = folder / "salt"
    salt.write_bytes(b"a salt that both doors are given")
    salt.chmod(0o600)
    roots = [word for name in TREES for word in ("--root", str(EXAMPLE / name))]
    command = [sys.executable, "-m", "auditor.cli", "audit", *roots, "--salt-file", salt, "-f", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {"salt": salt, "findings": json.loads(done.stdout)["findings"]}


def alone(folder: Path) -> dict[str, str]:
    """Variables with which Ansible finds no collection but those installed beside it."""
    return {**environment(folder), "ANSIBLE_COLLECTIONS_PATH": str(folder / "none")}


def test_the_oldest_python_on_the_target_and_the_command_give_the_same_findings(
    binaries: Path, commanded: Mapping[str, Any], tmp_path: Path
) -> None:
    oldest = next(iter(interpreters().values()))
    hosts = inventory({name: {"nova_auditor_root": str(EXAMPLE / name)} for name in TREES}, oldest)
    tasks = [task("audit", "nova.auditor.audit", {"salt_file": str(commanded["salt"])})]
    done = run(tmp_path, play(tasks), hosts, binaries=binaries, extra=alone(tmp_path))

    found = {name: done.result("audit", name)["findings"] for name in TREES}
    assert found == {name: [one for one in commanded["findings"] if one["host"] == name] for name in TREES}
    assert sum(map(len, found.values())) > 100


def test_the_documentation_is_found_without_configuration(binaries: Path, tmp_path: Path) -> None:
    def told(*words: str) -> str:
        done = subprocess.run(
            [binaries / words[0], *words[1:]], capture_output=True, text=True, env=alone(tmp_path), check=True
        )
        return " ".join(done.stdout.split())

    assert "judges it on the controller" in told("ansible-doc", "nova.auditor.audit")
    assert "returns redacted evidence" in told("ansible-doc", "nova.auditor.probe")
    assert "precheck_configurations" in told("ansible-doc", "-t", "role", "nova.auditor.precheck")
    assert "nova.auditor" in told("ansible-galaxy", "collection", "list")


def test_the_playbook_is_found_without_configuration(binaries: Path, tmp_path: Path) -> None:
    hosts = inventory({"hardened": {"nova_auditor_root": str(EXAMPLE / "hardened")}})
    words = ("-e", "nova_auditor_become=false")
    done = run(tmp_path, "nova.auditor.audit", hosts, *words, binaries=binaries, extra=alone(tmp_path))
    nobody = run(
        tmp_path,
        "nova.auditor.audit",
        hosts,
        *words,
        "-e",
        "nova_auditor_hosts=nobody",
        binaries=binaries,
        extra=alone(tmp_path),
    )

    assert done.code == 0, done.output
    assert nobody.code == 4
    assert "no host of the inventory matches nobody" in nobody.output


def test_a_target_that_is_too_old_is_told_so(binaries: Path, tmp_path: Path) -> None:
    python = tmp_path / "python2"
    # What a Python that old would print; the module asks it for its version before anything else.
    python.write_text(
        "#!/bin/sh\n"
        f"exec {sys.executable} -c 'import sys; source = open(sys.argv[1]).read() if sys.argv[1:] else sys.stdin.read();"
        ' sys.version_info = (2, 7, 18); exec(source)\' "$@"\n'
    )
    python.chmod(0o755)
    hosts = inventory({"old": {"nova_auditor_root": str(EXAMPLE / "hardened")}}, str(python))
    done = run(
        tmp_path,
        play([task("audit", "nova.auditor.audit", {"report_only": True})]),
        hosts,
        binaries=binaries,
        extra=alone(tmp_path),
    )

    assert done.outcome("audit", "old") == "failed"
    assert (
        "nova-auditor needs Python 3.6 or later there, and this is 2.7" in done.result("audit", "old")["msg"]
    )


def test_nothing_that_is_secret_is_in_the_output_at_its_loudest(binaries: Path, tmp_path: Path) -> None:
    done = loudest(tmp_path, binaries=binaries, extra=alone(tmp_path))

    assert "done with _execute_module (nova.auditor.probe" in done.output
    assert done.outcome("audit", "piped") == "failed"
    assert hidden(done.output) == []
    assert "exec_module" not in done.output
    assert salt_id(done, "own salt", "piped") == salt_id(done, "own salt", "filed")


def test_ansible_lint_finds_nothing_for_production(tmp_path: Path) -> None:
    programs = controllers.binaries("lint")
    collection = HERE.parents[1] / "auditor" / "ansible"
    words = [
        "--offline",
        "--profile",
        "production",
        "--strict",
        "--nocolor",
    ]
    done = subprocess.run(
        [programs / "ansible-lint", *words],
        cwd=collection,
        capture_output=True,
        text=True,
        env={**alone(tmp_path), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert yaml.safe_load((collection / "meta" / "runtime.yml").read_text()) == {
        "requires_ansible": ">=2.16.0"
    }
