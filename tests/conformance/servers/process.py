"""A server of its own for a test: its folder, its process group, its deadline; nothing of the machine's is touched."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

#: Seconds a server has to get ready, to end, and after which it ends by itself whatever became of the test.
STARTING, ENDING, LIFETIME = 90, 20, 900

LOG_LINES = 40


class ServerFailed(Exception):
    """A server did not start; the message ends with the last lines of its log."""


def free_ports(count: int) -> list[int]:
    """Ports of the loopback on which nobody listens now, all different."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


@contextmanager
def owned_folder(user: str) -> Iterator[Path]:
    """A folder that belongs to the server's user and goes at the end (only we may enter pytest's own)."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-server-", dir="/tmp"))
    try:
        give(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give(path: Path, user: str) -> None:
    """Make a user the owner of a file or folder, where we may."""
    if os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def put(path: Path, content: str, user: str) -> Path:
    """Write what its server reads, and no one else."""
    path.write_text(content)
    path.chmod(0o600)
    give(path, user)
    return path


def run(
    command: Sequence[str | Path],
    user: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    text: str = "",
) -> str:
    """What a server's own tool prints when it is given a text; raises ServerFailed with what it said where it fails."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command,
        cwd=folder,
        env=surroundings(folder, environment or {}),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=STARTING,
        **identity(user),
    )
    if done.returncode:
        raise ServerFailed(f"{command[0]} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def running(
    command: Sequence[str | Path],
    user: str,
    folder: Path,
    environment: Mapping[str, str],
    ready: str,
    ends_on: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    """Run a server in the foreground, from the line of its log that says it is ready to the end of the block.

    ``ends_on`` is what ends it; SIGKILL where nothing outlives the process: its data are thrown away in any case.
    """
    log = folder / f"{Path(command[0]).name}.log"
    bounded = ["timeout", "--kill-after=10", str(LIFETIME), *command]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            bounded,
            cwd=folder,
            env=surroundings(folder, environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **identity(user),
        )
    try:
        deadline = time.monotonic() + STARTING
        while ready not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > deadline:
                last = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
                raise ServerFailed(
                    "\n".join([f"{command[0]} is not ready (exit {process.returncode})", *last])
                )
            time.sleep(0.1)
        yield
    finally:
        end(process, ends_on)


def end(process: subprocess.Popen[bytes], ends_on: signal.Signals) -> None:
    """End a server and whatever it started, those children too that left its group."""
    started = descendants(process.pid)
    process.send_signal(ends_on)
    with suppress(subprocess.TimeoutExpired):
        process.wait(ENDING)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(ENDING)
    for pid, began in started:
        # The kernel may have given the number of one that has ended to another.
        if stat(pid)[1:] == (began,):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> Sequence[tuple[int, int]]:
    """What a process started, directly or not: pid and the clock tick at which each began."""
    known = {int(path.name): stat(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    found: list[tuple[int, int]] = []
    parents = {pid}
    while parents:
        children = {child: began for child, (parent, began) in known.items() if parent in parents}
        found += children.items()
        parents = set(children)
    return found


def stat(pid: int) -> tuple[int, int]:
    """The parent of a process and the clock tick at which it began; zeros where there is none (man 5 proc)."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(words[1]), int(words[19])


def identity(user: str) -> dict[str, Any]:
    """The arguments of subprocess that make a process another user's, where we may."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def surroundings(folder: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """An environment that holds nothing of ours."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "TMPDIR": str(folder), **environment}
