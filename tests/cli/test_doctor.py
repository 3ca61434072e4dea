"""``nova-auditor doctor`` and ``nova-auditor probe``: what is asked, what is written where, and the exit code."""

import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import PASSWORD
from tests.faults.fleet import environment, write_fleet
from tests.trees import grow

Run = Callable[..., Result]


def test_a_tree_that_shows_all_is_exit_0(run: Run, root: Path) -> None:
    result = run("doctor", "--root", root, "--release", "2025.1")

    assert result.exit_code == 0, result.stderr
    assert "nova-compute: 2025.1, as it was said" in result.stdout
    assert result.stdout.splitlines()[-1] == "exit 0: an audit would see everything it needs on 1 host"
    assert PASSWORD not in result.output


def test_a_release_that_is_not_in_evidence_is_exit_3_with_its_cure(run: Run, root: Path) -> None:
    result = run("doctor", "--root", root)

    assert result.exit_code == 3
    assert "libraries: its release is not in evidence" in result.stdout
    assert "> say it: --release" in result.stdout
    assert run("doctor", "--root", root, "--exit-zero").exit_code == 0


def test_the_json_goes_to_a_private_file(run: Run, root: Path, tmp_path: Path) -> None:
    file = tmp_path / "doctor.json"
    result = run("doctor", "--root", root, "-f", "json", "-o", file)
    content = json.loads(file.read_text())

    assert (result.exit_code, result.stdout) == (3, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert content["hosts"][0]["name"] == "cmp01"


def test_collected_evidence_is_examined_like_the_host(run: Run, root: Path, tmp_path: Path) -> None:
    assert run("collect", "--root", root, "-o", tmp_path / "bundle").exit_code == 0

    assert run("doctor", "--evidence", tmp_path / "bundle").stdout == run("doctor", "--root", root).stdout


def test_a_fleet_is_examined_over_ansible_with_a_lost_host_and_its_cure(tmp_path: Path) -> None:
    inventory = write_fleet(
        tmp_path,
        {
            "sound": {"nova_auditor_release": "2025.1"},
            "lost": {"ansible_python_interpreter": "/nonexistent/python3"},
        },
    )
    done = subprocess.run(
        [sys.executable, "-m", "auditor.cli", "doctor", "-i", inventory],
        capture_output=True,
        text=True,
        env=environment(tmp_path),
        timeout=120,
        check=False,
    )
    said = " ".join(done.stdout.split())

    assert done.returncode == 3, done.stderr
    assert said.startswith("1 of 2 hosts can be seen as an audit needs it")
    assert "reachability: unreachable: there is no Python where Ansible looked" in said
    assert "> install Python 3.6 or newer there, or name the one it has" in said
    assert PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--live", "--root", "."), "--live asks what runs"),
        (("--release", "2019.1"), "unknown release '2019.1'"),
        (("--evidence", "/nonexistent"), "/nonexistent"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_2(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("doctor", *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert said in result.stderr


def test_a_tree_without_nova_is_exit_3(run: Run, tmp_path: Path) -> None:
    result = run("doctor", "--root", grow(tmp_path / "empty", {"/etc/hostname": "x\n"}))

    assert result.exit_code == 3
    assert "no Nova or placement service was found" in result.stdout


def test_the_help_documents_the_exit_codes(run: Run) -> None:
    said = run("doctor", "--help").stdout

    for code in ("0", "2", "3", "4", "70", "130"):
        assert f"\n    {code:<4}" in said


def test_the_probe_is_written_with_the_rule_of_its_digest(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "nova-auditor-probe"
    result = run("probe", "-o", file, "--user", "watcher", "--path", "/opt/sbin/probe")
    rule = (tmp_path / "nova-auditor-probe.sudoers").read_text()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()

    assert result.exit_code == 0, result.stderr
    assert rule == f'watcher ALL=(root) NOPASSWD: sha256:{digest} /opt/sbin/probe ""\n'
    assert f"  {rule}" in result.stdout
    assert "install -o root -g root -m 0700 nova-auditor-probe /opt/sbin/probe" in result.stdout


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--user", "a,b"),
        ("--user", "%wheel"),
        ("--user", "ALL ALL=(ALL) NOPASSWD: ALL #"),
        ("--path", "relative/probe"),
        ("--path", "/usr/sbin/probe,/bin/sh"),
        ("--path", "/usr/../bin/sh"),
        ("--path", "/usr/sbin/probe*"),
        ("--python", "/usr/bin/env python3"),
    ],
)
def test_what_sudo_would_take_for_something_else_is_refused(
    run: Run, tmp_path: Path, option: str, value: str
) -> None:
    result = run("probe", "-o", tmp_path / "probe", option, value)

    assert result.exit_code == 2
    assert "it has a form that sudo or a shell would take for something else" in result.stderr
    assert not (tmp_path / "probe").exists()
