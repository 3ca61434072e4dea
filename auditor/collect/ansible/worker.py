"""What runs Ansible: ansible-runner's worker, which ends with the process that started it, and everything with it.

Started as ``python -m auditor.collect.ansible.worker FOLDER PARENT`` with a job of ansible-runner's on standard input;
answers with its events on standard output. Ansible's own processes each open a session of their own, so that neither a
signal to a group nor ansible-runner's way to cancel reaches them: here they are found as descendants.
"""

import ctypes
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NoReturn

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main(folder: str, parent: int) -> int:
    """Run the job; return 0 whatever Ansible came to, which the events tell."""
    signal.signal(signal.SIGTERM, _end)
    control = ctypes.CDLL(None).prctl
    control(_PR_SET_CHILD_SUBREAPER, 1)
    control(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return 1
    import ansible_runner

    # Where its archives lie: they hold the salt, and the folder is removed even where we are killed.
    tempfile.tempdir = str(Path(folder).parent)
    # Not in the main thread, where it would take our signals.
    run = Thread(
        target=ansible_runner.run, kwargs={"streamer": "worker", "private_data_dir": folder}, daemon=True
    )
    run.start()
    run.join()
    end_descendants()
    return 0


def _end(_signal: int, _frame: object) -> NoReturn:
    end_descendants()
    os._exit(128 + signal.SIGTERM)


def end_descendants() -> None:
    """Kill whatever this process has started and what that has started: orphans become its own children.

    What became another user (sudo on this machine) is not ours to kill; its probe ends by its own limit of time.
    """
    others: set[int] = set()
    while children := set(_children(os.getpid())) - others:
        for child in children:
            _kill_tree(child, others)


def _kill_tree(process: int, others: set[int]) -> None:
    try:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGSTOP)
    except PermissionError:
        others.add(process)
    for child in _children(process):
        _kill_tree(child, others)
    if process not in others:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(process, 0)


def _children(process: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        # One that has just ended has no status any more.
        with suppress(OSError, ValueError):
            if entry.name.isdecimal() and _parent(entry) == process:
                found.append(int(entry.name))
    return found


def _parent(entry: Path) -> int:
    # pid (name) state ppid: the name may hold anything, brackets and spaces too (proc(5)).
    return int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
