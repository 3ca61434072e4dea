"""What runs is found by its processes: real ones, started here under the names of Nova's programs."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from auditor.probe import processes, run, running, services, view
from auditor.probe.filesystem import Budget, Tree
from auditor.probe.roots import Roots

#: Sleeps, with as many forked workers as its last argument says, and says when it does.
PROGRAM = """#!{python}
import os, sys, time
sys.stdin.close()
for _ in range(int(os.environ.get("WORKERS", "0"))):
    if os.fork() == 0:
        break
else:
    print("up", flush=True)
time.sleep(60)
"""


@contextmanager
def started(folder: Path, name: str, *arguments: str, **environment: str) -> Iterator[int]:
    """A process of that name, whose pid is given, with all its children ended at last."""
    program = folder / name
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    with subprocess.Popen(
        [str(program), *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"up\n"
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def looked(**asked: object) -> dict[str, Any]:
    """The document of this machine."""
    salt = base64.b64encode(b"a salt of thirty-two bytes, fixed").decode()
    return run.collect({"host": "here", "kind": "live", "salt": salt, "salt_id": "fixed", **asked})


def of(document: dict[str, Any], pid: int) -> dict[str, Any]:
    (found,) = [one for one in document["services"] if (one["process"] or {}).get("pid") == pid]
    return found


def test_a_process_is_found_with_its_arguments_its_folder_and_its_files(tmp_path: Path) -> None:
    (tmp_path / "nova.conf").write_text("[DEFAULT]\ndebug = true\n")
    with started(tmp_path, "nova-conductor", "--config-file", "nova.conf") as pid:
        document = looked()
        found = of(document, pid)

    assert found["name"] == "nova-conductor"
    assert found["source"] == "process"
    assert [item["path"] for item in found["sources"]][-1] == f"{tmp_path}/nova.conf"
    assert document["files"][f"{tmp_path}/nova.conf"]["text"] == "[DEFAULT]\ndebug = true\n"
    assert abs(found["process"]["started"] - document["clock"]) < 20
    assert found["process"]["peers"] == []


def test_workers_belong_to_their_parent(tmp_path: Path) -> None:
    with started(tmp_path, "nova-scheduler", WORKERS="3") as pid:
        document = looked()
        found = of(document, pid)
    listed = [one for one in document["processes"] if one["service"] == found["id"]]

    assert found["process"]["count"] == 4
    assert sorted(one["kind"] for one in listed) == ["main", "worker", "worker", "worker"]
    assert {one["parent"] for one in listed if one["kind"] == "worker"} == {pid}


def test_variables_that_configure_are_seen_and_the_others_are_not(tmp_path: Path) -> None:
    with started(
        tmp_path,
        "nova-compute",
        OS_DEFAULT__DEBUG="true",
        OS_DATABASE__CONNECTION="mysql://u:hunter2@h/n",
        X_KEY="k",
    ) as pid:
        document = looked()
        found = of(document, pid)

    assert found["environment"]["OS_DEFAULT__DEBUG"] == "true"
    assert "X_KEY" not in found["environment"]
    assert found["process"]["environment"] == "process"
    assert "hunter2" not in json.dumps(document)


def test_what_follows_from_an_unseen_environment_is_not_guessed(tmp_path: Path) -> None:
    main = processes.Process(7, 1, 0, 1.0, ["uwsgi"], "", "/usr/bin/uwsgi", None, None, None, "", [])
    group = running.Group(main, "", None, None)
    seen = view.View(Roots(Tree("/", Budget(time.monotonic() + 9, 9, 9))))
    loaded = services.Definition("nova-api", "nova", "plain", seen, wsgi=True)
    named = services.Definition("nova-compute", "nova", "plain", seen, arguments=["--config-file", "n.conf"])
    whole = services.Definition("nova-compute", "nova", "plain", seen, arguments=["--config-file=/n.conf"])
    for definition in (loaded, named, whole):
        definition.group = group

    assert services.hidden(loaded) is not None
    assert services.hidden(named) is not None
    assert services.hidden(whole) is None


def test_who_only_speaks_of_nova_is_no_service(tmp_path: Path) -> None:
    with (
        subprocess.Popen(["sleep", "nova-compute"], stderr=subprocess.DEVNULL),
        started(tmp_path, "vim", "nova-compute") as pid,
    ):
        document = looked()

    assert all(one["pid"] != pid for one in document["processes"])


@pytest.mark.parametrize(
    ("argv", "name", "arguments"),
    [
        (
            ["/usr/bin/python3", "/usr/bin/nova-conductor", "--config-file", "a"],
            "nova-conductor",
            ["--config-file", "a"],
        ),
        (["python3.11", "-sP", "/usr/bin/nova-compute"], "nova-compute", []),
        (
            ["/usr/bin/nova-novncproxy", "--web", "/usr/share/novnc"],
            "nova-novncproxy",
            ["--web", "/usr/share/novnc"],
        ),
        (["uwsgi", "--ini", "/etc/nova/nova-api-uwsgi.ini"], "", ["--ini", "/etc/nova/nova-api-uwsgi.ini"]),
        (
            ["/usr/bin/uwsgi", "--wsgi-file", "/usr/bin/nova-api-wsgi"],
            "nova-api",
            ["--wsgi-file", "/usr/bin/nova-api-wsgi"],
        ),
        (["/usr/bin/placement-api"], "placement-api", []),
    ],
)
def test_a_command_line_says_what_it_starts(argv: Sequence[str], name: str, arguments: Sequence[str]) -> None:
    found = running.started_by(list(argv))

    assert found is not None
    assert (found.name, found.arguments) == (name, list(arguments))


@pytest.mark.parametrize(
    "argv",
    [
        ["grep", "nova-compute"],
        ["bash", "-c", "nova-compute"],
        ["python3", "-c", "nova-compute"],
        ["sudo", "nova-compute"],
        [""],
        [],
    ],
)
def test_a_command_line_that_mentions_a_service_starts_none(argv: Sequence[str]) -> None:
    assert running.started_by(list(argv)) is None


@pytest.mark.parametrize(
    ("raw", "argv", "title"),
    [
        (
            b"nova-conductor: master process [/opt/bin/nova-conductor --config-file /etc/n.conf]\0\0\0",
            ["/opt/bin/nova-conductor", "--config-file", "/etc/n.conf"],
            "master",
        ),
        (b"nova-conductor: ServiceWrapper worker(0)\0\0", ["nova-conductor"], "worker"),
        (b"/usr/bin/nova-compute\0--debug\0", ["/usr/bin/nova-compute", "--debug"], ""),
        (
            b"nova-api uWSGI master\0     \0em,b.pem\0--module\0nova.wsgi.osapi_compute:application\0",
            ["nova-api", "--module", "nova.wsgi.osapi_compute:application"],
            "uwsgi master",
        ),
        (b"nova-apiuWSGI worker 2\0", ["nova-api"], "uwsgi worker"),
        (b"uWSGI http 1\0", [""], "uwsgi worker"),
        (b"", [""], ""),
    ],
)
def test_a_rewritten_title_is_taken_apart(raw: bytes, argv: Sequence[str], title: str) -> None:
    assert processes._command(raw) == (list(argv), title)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        (f"0::/system.slice/docker-{'a' * 64}.scope\n", ("docker", "a" * 64)),
        (f"12:pids:/docker/{'b' * 64}\n", ("docker", "b" * 64)),
        (f"0::/machine.slice/libpod-{'c' * 64}.scope/container\n", ("podman", "c" * 64)),
        (
            f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-{'d' * 64}.scope\n",
            ("kubernetes", "d" * 64),
        ),
        (
            "0::/lxc.payload.controller1_nova_api_container-1a2b\n",
            ("lxc", "controller1_nova_api_container-1a2b"),
        ),
        ("0::/system.slice/nova-conductor.service\n", None),
    ],
)
def test_a_cgroup_names_the_container(text: str, held: tuple[str, str] | None) -> None:
    assert processes.container(text) == held


def test_a_cgroup_names_the_unit() -> None:
    assert (
        processes.unit("0::/system.slice/system-devstack.slice/devstack@n-cond.service\n")
        == "devstack@n-cond"
    )
    assert processes.unit("0::/user.slice/user-0.slice/session-1.scope\n") is None
