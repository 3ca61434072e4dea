"""Child processes that do the looking: each in a session of its own, ended as a whole when its time is up."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

# Those at work, for `stop`.
_RUNNING: set[subprocess.Popen[bytes]] = set()


@contextmanager
def child(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command with pipes to its three streams for the time of a ``with``; it does not outlive that."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env=environment,
        start_new_session=True,
    )
    _RUNNING.add(process)
    try:
        yield process
    finally:
        _RUNNING.discard(process)
        # Also what outlives it and keeps its output open.
        _kill(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            # What was not sent yet has nowhere to go.
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()
        process.wait()


def stop() -> None:
    """End what is at work: the run was interrupted, and nobody waits for its answers."""
    for process in tuple(_RUNNING):
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # Its own session, so that only it and what it started are ended. Not reaped yet, its number is nobody else's.
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
