"""The collector for this machine: the probe in a child process, for the machine itself or a tree of files on it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from auditor.collect import installed, payload, script
from auditor.collect.children import child
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
        request: of `auditor.probe.run.collect`, or `auditor.probe.wire.collect`.
    """
    seconds = float(request["seconds"]) + GRACE
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    # Without one Python looks for the home of who it is as it starts, in whatever keeps the accounts.
    environment["HOME"] = "/"
    try:
        words, sent = installed.asked(request) or (
            [sys.executable, "-I", "-"],
            script(request).encode("ascii"),
        )
        with child(words, environment) as process:
            output, errors = process.communicate(sent, timeout=seconds)
    except ValueError as error:
        return Lost(target.name, Coverage.NOT_ATTEMPTED, str(error), target.kind)
    except subprocess.TimeoutExpired:
        return Lost(target.name, Coverage.TIMEOUT, f"no answer within {seconds:g} seconds", target.kind)
    try:
        content = payload.answer(output)
    except ValueError as error:
        return Lost(target.name, Coverage.UNREACHABLE, str(error), target.kind)
    if content is None:
        last = (errors.decode("utf-8", "replace").strip().splitlines() or ["nothing was said"])[-1]
        reason = f"the probe gave no answer (exit {process.returncode}): {last}"
        coverage = Coverage.DENIED if "probe" in request else Coverage.UNREACHABLE
        return Lost(target.name, coverage, reason, target.kind)
    return Document(target.name, content)
