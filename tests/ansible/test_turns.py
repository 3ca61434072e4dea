"""How many hosts of one run of Ansible ask endpoints at a time, whatever its forks."""

import multiprocessing
import os
import signal
import time
from pathlib import Path
from typing import Any

from auditor.collect.turns import HOSTS
from tests.ansible.test_documentation import plugin

FORKED: Any = multiprocessing.get_context("fork")


def ask(now: Any, most: Any) -> None:
    with plugin("turns").take():
        with now.get_lock():
            now.value += 1
            most.value = max(most.value, now.value)
        time.sleep(0.3)
        with now.get_lock():
            now.value -= 1


def test_no_more_processes_have_a_turn_than_there_are() -> None:
    now, most = FORKED.Value("i", 0), FORKED.Value("i", 0)
    processes = [FORKED.Process(target=ask, args=(now, most)) for _ in range(HOSTS + 6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0] * len(processes)
    assert 1 < most.value <= HOSTS


def die() -> None:
    with plugin("turns").take():
        os.kill(os.getpid(), signal.SIGKILL)


def test_who_is_killed_gives_its_turn_back() -> None:
    for _ in range(HOSTS + 1):
        process = FORKED.Process(target=die)
        process.start()
        process.join(30)

        assert process.exitcode == -9


def test_a_turn_leaves_no_socket() -> None:
    before = open_sockets()
    with plugin("turns").take():
        during = open_sockets()

    assert (during, open_sockets()) == (before + 1, before)


def open_sockets() -> int:
    return sum("nova-auditor-" in line for line in Path("/proc/net/unix").read_text().splitlines())
