"""A server for a test starts, fails and ends so that nothing of it stays."""

import getpass
import os
import signal
import time
from pathlib import Path

import pytest

from tests.conformance.servers.process import ServerFailed, free_ports, owned_folder, put, run, running

USER = getpass.getuser()


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_server_that_ends_at_once_shows_the_end_of_its_log() -> None:
    with (
        owned_folder(USER) as folder,
        pytest.raises(ServerFailed) as failure,
        running(["sh", "-c", "echo no certificate here; exit 3"], USER, folder, {}, "ready"),
    ):
        pass

    assert "exit 3" in str(failure.value)
    assert "no certificate here" in str(failure.value)


def test_the_children_of_a_server_end_with_it() -> None:
    script = "trap 'exit 0' TERM; sh -c 'trap \"\" TERM; echo $$ >child; echo ready; while :; do sleep 1; done' & wait"
    with owned_folder(USER) as folder:
        with running(["sh", "-c", script], USER, folder, {}, "ready"):
            child = int((folder / "child").read_text())

            assert is_alive(child)
        deadline = time.monotonic() + 10
        while is_alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)

        assert not is_alive(child)
    assert not folder.exists()


def test_a_child_that_left_the_group_of_its_server_ends_with_it() -> None:
    script = "trap 'exit 0' TERM; setsid sh -c 'echo $$ >child; echo ready; while :; do sleep 1; done' & wait"
    with owned_folder(USER) as folder:
        with running(["sh", "-c", script], USER, folder, {}, "ready"):
            child = int((folder / "child").read_text())
        deadline = time.monotonic() + 10
        while is_alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)

        assert not is_alive(child)


def test_a_server_gets_the_signal_on_which_it_ends() -> None:
    script = "trap 'echo ended >mark; exit 0' INT; echo ready; while :; do sleep 0.1; done"
    with owned_folder(USER) as folder:
        with running(["sh", "-c", script], USER, folder, {}, "ready", signal.SIGINT):
            pass

        assert (folder / "mark").read_text() == "ended\n"


def test_a_tool_of_a_server_reads_its_text_and_nothing_of_our_environment() -> None:
    with owned_folder(USER) as folder:
        printed = run(["sh", "-c", "cat; env"], USER, folder, {"NAME": "value"}, text="hello\n")

    assert printed.startswith("hello\n")
    assert "NAME=value\n" in printed
    assert f"HOME={folder}\n" in printed
    assert "PYTEST_CURRENT_TEST" in os.environ
    assert "PYTEST_CURRENT_TEST" not in printed


def test_a_tool_that_fails_says_why() -> None:
    with owned_folder(USER) as folder, pytest.raises(ServerFailed, match="ended with 4\nout\nerr\n"):
        run(["sh", "-c", "echo out; echo err >&2; exit 4"], USER, folder)


def test_only_its_server_reads_a_key() -> None:
    with owned_folder(USER) as folder:
        path = put(folder / "server.pem", "key", USER)

        assert path.stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700


def test_ports_are_different() -> None:
    assert len(set(free_ports(20))) == 20
