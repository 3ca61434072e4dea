"""The module ``nova.auditor.audit`` and the command say the same of the same trees."""

import json
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.ansible.plays import EXAMPLE, Done, inventory, play, run, task

#: Some of the example fleet; `test_controllers` takes all of it.
TREES = ("debian-compute", "hardened", "kolla-controller")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parity")
    (folder / "salt").write_bytes(b"a salt that both doors are given")
    (folder / "salt").chmod(0o600)
    return folder


@pytest.fixture(scope="module")
def played(folder: Path) -> Done:
    """The example fleet, audited in check mode, each host by its variables."""
    hosts = inventory({name: {"nova_auditor_root": f"{{{{ trees }}}}/{name}"} for name in TREES})
    hosts["all"]["vars"]["trees"] = str(EXAMPLE)
    options = {"salt_file": "{{ playbook_dir }}/salt", "report_file": "reports/{{ inventory_hostname }}.json"}
    return run(folder, play([task("audit", "nova.auditor.audit", options)]), hosts, "--check")


@pytest.fixture(scope="module")
def commanded(folder: Path) -> Mapping[str, Any]:
    roots = [word for name in TREES for word in ("--root", str(EXAMPLE / name))]
    command = [
        sys.executable,
        "-m",
        "auditor.cli",
        "audit",
        *roots,
        "--salt-file",
        folder / "salt",
        "-f",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    content: Mapping[str, Any] = json.loads(done.stdout)
    return content


def test_the_findings_are_those_of_the_command(played: Done, commanded: Mapping[str, Any]) -> None:
    by_host = {name: [one for one in commanded["findings"] if one["host"] == name] for name in TREES}

    assert {name: played.result("audit", name)["findings"] for name in TREES} == by_host
    assert sum(map(len, by_host.values())) > 50


def test_a_host_is_seen_as_far_as_the_command_sees_it(played: Done, commanded: Mapping[str, Any]) -> None:
    results = {name: played.result("audit", name) for name in TREES}
    seen = {host["name"]: (host["coverage"], host["reason"]) for host in commanded["hosts"]}

    assert {name: (result["coverage"], result["coverage_reason"]) for name, result in results.items()} == seen


def test_a_task_fails_exactly_where_the_command_does(played: Done, commanded: Mapping[str, Any]) -> None:
    bad = {
        finding["host"]
        for finding in commanded["findings"]
        if finding["status"] in ("error", "unknown") or finding["severity"] in ("high", "critical")
    }

    assert {name for name in TREES if played.outcome("audit", name) == "failed"} == bad
    assert {name for name in TREES if played.outcome("audit", name) == "ok"} == set(TREES) - bad
    assert "hardened" not in bad


def test_nothing_is_ever_changed(played: Done) -> None:
    assert [line["result"]["changed"] for line in played.kept] == [False] * len(TREES)


def test_each_report_is_written_for_its_owner_alone(played: Done, folder: Path) -> None:
    assert played.code == 0  # every failure was ignored
    for name in TREES:
        path = folder / "reports" / f"{name}.json"
        report = json.loads(path.read_text())

        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert report["findings"] == played.result("audit", name)["findings"]
        assert report["exit"] == played.result("audit", name)["exit"]
        assert played.result("audit", name)["report_file"] == str(path)


def test_the_message_names_the_setting_the_line_and_the_cure(played: Done) -> None:
    message = played.result("audit", "debian-compute")["msg"]

    assert message.startswith("debian-compute: 2 open failures at or above high on 1 of 1 host | critical ")
    assert (
        "; [DEFAULT] transport_url at /etc/nova/nova.conf:6. Cure: Write `[oslo_messaging_rabbit] ssl"
        in message
    )
    assert len(played.result("audit", "debian-compute")["summary"]) == 5
