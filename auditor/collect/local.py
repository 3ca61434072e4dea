"""The collector for this machine: the probe in a child process, for the machine itself or a tree of files on it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from auditor.collect import payload
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Target

#: Seconds beyond the probe's own limit before its process is ended.
GRACE = 5.0

#: The child's environment: nothing of ours that could change what it does or that it could reveal.
ENVIRONMENT = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TZ")


def collect(target: Target, request: Mapping[str, Any]) -> Document | Lost:
    """Return the evidence of a target, or why there is none.

    Args:
        target: this machine or a tree.
        request: of `auditor.probe.run.collect`.
    """
    seconds = float(request["seconds"]) + GRACE
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-I", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd="/",
        env=environment,
        start_new_session=True,
    )
    try:
        output, errors = child.communicate(payload.script(request).encode("ascii"), timeout=seconds)
    except subprocess.TimeoutExpired:
        return Lost(target.name, Coverage.TIMEOUT, f"no answer within {seconds:g} seconds", target.kind)
    finally:
        _end(child)
    try:
        content = payload.answer(output)
    except ValueError as error:
        return Lost(target.name, Coverage.UNREACHABLE, str(error), target.kind)
    if content is None:
        last = (errors.decode("utf-8", "replace").strip().splitlines() or ["nothing was said"])[-1]
        reason = f"the probe gave no answer (exit {child.returncode}): {last}"
        return Lost(target.name, Coverage.UNREACHABLE, reason, target.kind)
    return Document(target.name, content)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        # Its own session, so that only it and what it started are ended.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    for stream in (child.stdin, child.stdout, child.stderr):
        # What was not sent yet has nowhere to go.
        with contextlib.suppress(BrokenPipeError):
            if stream is not None:
                stream.close()
    child.wait()
