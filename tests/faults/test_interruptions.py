"""Runs that end before their hosts have answered: what is reported, and what is left behind, which is nothing."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.faults.fleet import Ended, ended, environment, judged, words, write_fleet, write_script

#: How long the processes of a run may need to be gone, in seconds.
SOON = 15


@dataclass(frozen=True, slots=True)
class Running:
    """A run of which one host has answered and the other never will."""

    folder: Path
    auditor: subprocess.Popen[str]

    @property
    def processes(self) -> dict[int, str]:
        """Whatever runs for it: what has its folder for temporary files, or its inventory, in the command line."""
        marks = (str(self.folder).encode(), str(self.private).encode())
        found = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
                if any(mark in line for mark in marks):
                    found[int(entry.name)] = line.replace(b"\0", b" ").decode(errors="replace")
        return found

    def end(self) -> Ended:
        """Wait for it, and read what it has left."""
        output, errors = self.auditor.communicate(timeout=60)
        return ended(self.folder, self.auditor.returncode, output, errors)

    def named(self, word: str) -> list[int]:
        """Those of its processes whose command line has a word."""
        return [process for process, line in self.processes.items() if word in line]

    @property
    def private(self) -> Path:
        """Where its private folders are."""
        return self.folder / "memory"

    @property
    def left(self) -> list[str]:
        """The private folders that are there."""
        return sorted(path.name for path in self.private.iterdir())

    def is_gone(self) -> bool:
        """Whether nothing of it is left, soon."""
        until = time.monotonic() + SOON
        while (self.processes or self.left) and time.monotonic() < until:
            time.sleep(0.05)
        return not self.processes and not self.left


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Start a run, and wait until the first host has answered and the second is being asked."""
    late = write_script(folder / "late", f"#!/bin/sh\ntouch {folder}/asked\nwhile :; do sleep 0.2; done\n")
    write_fleet(folder, {"cmp01": {}, "cmp02": {"ansible_python_interpreter": late}})
    (folder / "memory").mkdir(mode=0o700)
    auditor = subprocess.Popen(
        [*words(folder, "-i", str(folder / "hosts.yml")), "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(folder, XDG_RUNTIME_DIR=str(folder / "memory")),
        start_new_session=True,
        # A shell starts what runs in the background deaf to Ctrl-C, and a test may be started so.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )
    run = Running(folder, auditor)
    try:
        assert auditor.stderr is not None
        for line in auditor.stderr:
            if "cmp01 audited" in line:
                break
        while not (folder / "asked").exists():
            time.sleep(0.02)
        yield run
    finally:
        for process in (auditor.pid, *run.processes):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        auditor.communicate()


def is_partial(run: Ended) -> None:
    """The report has the host that answered, and owes the other one."""
    assert run.report["complete"] is False
    assert judged(run) == ["cmp01"]
    assert run.report["coverage"]["hosts_expected"] == 2
    assert run.hosts["cmp01"] == ("audited", None)
    assert run.hosts["cmp02"][0] == "not_attempted"
    assert "cmp02: not_attempted" in run.text


def test_an_interrupted_run_reports_what_it_has_and_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        assert run.named("ansible-playbook")
        assert run.named("late")
        assert run.left
        # As a terminal does: everybody in the foreground is told.
        os.killpg(run.auditor.pid, signal.SIGINT)
        report = run.end()

        assert (report.code, report.why) == (130, "interrupted after 1 host"), report.errors
        assert report.report["exit"]["code"] == 130
        is_partial(report)
        assert run.is_gone(), run.processes


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_leaves_nothing_behind_and_no_report(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as run:
        run.auditor.send_signal(number)
        report = run.end()

        assert (report.code, report.report) == (-number, {})
        assert run.is_gone(), run.processes


@pytest.mark.parametrize(
    ("victim", "said"),
    [("ansible-playbook", "its run ended early"), ("auditor.collect.ansible.worker", "its run ended early")],
)
def test_an_ansible_that_is_killed_owes_what_it_has_not_told(tmp_path: Path, victim: str, said: str) -> None:
    with running(tmp_path) as run:
        for process in run.named(victim):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        report = run.end()

        assert (report.code, report.why) == (3, "incomplete: 1 host not audited"), report.errors
        is_partial(report)
        assert said in (report.hosts["cmp02"][1] or ""), report.hosts
        assert run.is_gone(), run.processes
