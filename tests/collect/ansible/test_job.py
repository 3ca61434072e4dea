"""The job that is handed to ansible-runner, and the processes that it takes with it when it ends."""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.collect import Options
from auditor.collect.ansible import Fleet, Frozen, collect
from auditor.collect.ansible.job import Question, end_inside, play, run
from auditor.errors import UsageError
from auditor.evidence import Document
from auditor.model import Kind, Target, Told
from tests.faults.fleet import Hosts, write_fleet, write_script


def test_the_play_is_one_task_that_changes_nothing_on_all_hosts() -> None:
    (only,) = play(Question("", "", 10), 2.5)
    (task,) = only["tasks"]

    assert {name: only[name] for name in ("hosts", "gather_facts", "check_mode", "any_errors_fatal")} == {
        "hosts": "all",
        "gather_facts": False,
        "check_mode": True,
        "any_errors_fatal": False,
    }
    assert task["timeout"] == 13


def test_a_fleet_of_nobody_starts_nothing() -> None:
    assert list(run(Fleet(("absent",)), (), Options())) == []


@pytest.mark.parametrize("text", ["nova_auditor_release", "=x", "", "a=b c"])
def test_an_extra_variable_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    fleet = Fleet((str(write_fleet(tmp_path, {"cmp1": {}})),), extra_vars=(text,))

    with pytest.raises(UsageError, match="-e: it is not NAME=VALUE, JSON or @FILE"):
        list(run(fleet, [Target("cmp1", Kind.LIVE)], Options()))


LOOK = """\
#!{python}
import json, pathlib, sys
job = [line for line in sys.stdin.buffer][:1]
folder = pathlib.Path.cwd()
seen = {{
    "kwargs": json.loads(job[0])["kwargs"],
    "mode": folder.stat().st_mode & 0o777,
    "texts": " ".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()),
}}
pathlib.Path({out!r}).write_text(json.dumps(seen))
"""


def test_a_job_says_what_the_operator_said_and_passwords_are_on_no_command_line(tmp_path: Path) -> None:
    out = tmp_path / "seen.json"
    look = write_script(tmp_path / "look", LOOK.format(python=sys.executable, out=str(out)))
    key = tmp_path / "a key"
    key.write_text("")
    fleet = Fleet(
        (str(write_fleet(tmp_path, {"cmp1": {}})), "cmp2,"),
        limit="cmp1",
        forks=7,
        become=True,
        become_password="tr0ub4dor",
        user="op",
        private_key=key,
        extra_vars=("vendor_password=c0rrect", '{"x": [1]}', f"@{key}"),
        via=look,
    )
    (item,) = run(fleet, [Target("cmp1", Kind.LIVE)], Options())
    seen = json.loads(out.read_text())
    words = shlex.split(seen["kwargs"]["cmdline"])

    assert item.host == "cmp1"
    assert words == [
        *("-i", "../inventory/0/hosts.yml", "-i", "cmp2,", "--limit", "@hosts.txt", "--become"),
        *("--ask-become-pass", "--user", "op", "--private-key", str(key)),
        *("-e", "@extra0.json", "-e", "@extra1.json", "-e", f"@{key}"),
    ]
    assert seen["kwargs"]["forks"] == 1
    assert "tr0ub4dor" in seen["kwargs"]["passwords"].values()
    assert "no" in seen["kwargs"]["passwords"].values()
    assert seen["kwargs"]["suppress_env_files"] is True
    assert seen["mode"] == 0o700
    assert "tr0ub4dor" not in seen["texts"]


def test_each_host_is_asked_with_what_the_inventory_says_of_it(tmp_path: Path) -> None:
    hosts = {
        "plain": {},
        "told": {
            "nova_auditor_release": "{{ 2025.1 }}",
            "nova_auditor_services": "{{ ['nova-compute'] }}",
            "nova_auditor_expect": "none",
        },
        "listed": {"nova_auditor_services": "nova-compute, nova-api"},
    }
    inventory = write_fleet(tmp_path, hosts)
    targets = tuple(Target(name, Kind.TREE, "/") for name in hosts)
    found = {item.host: item for item in collect(Fleet((str(inventory),)), Frozen(targets, {}), Options())}
    told = {}
    for name, item in found.items():
        assert isinstance(item, Document), item
        told[name] = item.read().told

    assert told == {
        "plain": Told(),
        "told": Told("2025.1", ("nova-compute",), expects_none=True),
        "listed": Told(services=("nova-compute", "nova-api")),
    }


def test_one_service_that_is_asked_for_keeps_its_name_unless_the_inventory_has_others(tmp_path: Path) -> None:
    hosts: Hosts = {"plain": {}, "told": {"nova_auditor_services": ["nova-compute"]}}
    inventory = write_fleet(tmp_path, hosts)
    targets = tuple(Target(name, Kind.TREE, "/") for name in hosts)
    options = Options(("/etc/nova/nova.conf",), service="nova-conductor")
    found = {}
    for item in collect(Fleet((str(inventory),)), Frozen(targets, {}), options):
        assert isinstance(item, Document), item
        found[item.host] = [service.name for service in item.read().services]

    assert found == {"plain": ["nova-conductor"], "told": ["nova-compute"]}


def test_what_runs_in_a_folder_is_ended_and_nothing_else(tmp_path: Path) -> None:
    inside, beside = tmp_path / "inside", tmp_path / "inside-not"
    for folder in (inside / "deep", beside):
        folder.mkdir(parents=True)
    ours, deep, other = (
        subprocess.Popen(["/bin/sleep", "60"], cwd=folder, start_new_session=True)
        for folder in (inside, inside / "deep", beside)
    )
    try:
        end_inside(inside)

        assert [ours.wait(5), deep.wait(5), other.poll()] == [-signal.SIGKILL, -signal.SIGKILL, None]
    finally:
        for process in (ours, deep, other):
            process.kill()
            process.wait()


TREE = """\
import ctypes, subprocess, time
from auditor.collect.ansible.worker import end_descendants
from tests.collect.ansible.test_job import commands
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER, as the worker does
subprocess.Popen(["/bin/sh", "-c", "setsid sleep {n} & setsid sh -c 'sleep {n} & sleep {n} & wait' & wait"])
while commands().count("sleep {n}") < 3:
    time.sleep(0.02)
end_descendants()
print("ended")
"""


def commands() -> list[str]:
    """The command lines of all processes."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
            found.append(line.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace"))
    return found


def test_a_worker_that_ends_takes_with_it_whatever_session_it_is_in() -> None:
    number = f"61.{os.getpid()}"
    done = subprocess.run(
        [sys.executable, "-c", TREE.format(n=number)], capture_output=True, text=True, timeout=30, check=False
    )

    assert (done.stdout, [line for line in commands() if number in line]) == ("ended\n", []), done.stderr
