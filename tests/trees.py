"""Trees of files as deployers write them, and their evidence by the real probe."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.check import Case
from auditor.checks.exhibits import AUTHORITY
from auditor.evidence import Evidence, decode
from auditor.probe import run

#: An authority whose certificate ends in 2049.
CERTIFICATE = AUTHORITY


def grow(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a root, each under its path on the host."""
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def probed(root: Path, host: str = "host", **asked: object) -> Evidence:
    """The evidence of a tree, as the probe sends it and `auditor.evidence` reads it."""
    return decode(answered(root, host, **asked))


def answered(root: Path, host: str = "host", **asked: object) -> dict[str, Any]:
    """The document that the probe sends of a tree."""
    request = {
        "tool": {"name": "test", "version": "0"},
        "host": host,
        "kind": "tree",
        "root": str(root),
        "salt": base64.b64encode(b"a salt of thirty-two bytes, fixed").decode(),
        "salt_id": "fixed",
        **asked,
    }
    return run.collect(request)


def unit(program: str, arguments: str = "") -> dict[str, str]:
    """A systemd unit that starts a program."""
    text = f"[Service]\nUser=nova\nExecStart=/usr/bin/{program} {arguments}\n"
    return {f"/lib/systemd/system/{program}.service": text}


def example(root: Path, case: Case) -> Evidence:
    """The evidence of an example of a check: one unit that runs its program with its configuration."""
    project = "placement" if case.service.startswith("placement") else "nova"
    files = {f"/etc/{project}/{project}.conf": case.nova_conf, **case.files}
    grow(root, {**unit(case.service, " ".join(case.arguments)), **files})
    return decode(running(answered(root), case))


#: When the hosts of examples are looked at: noon of 21 November 2026, UTC.
CLOCK = 1795262400.0

#: What every running service of an example has, unless its record says otherwise.
RUNNING = {
    "status": "running",
    "reason": "",
    "pid": 4711,
    "started": CLOCK - 3600,
    "latest": CLOCK - 3600,
    "count": 3,
    "user": "nova",
    "environment": "process",
    "container": None,
    "peers": [],
}


def running(document: dict[str, Any], case: Case) -> dict[str, Any]:
    """A document with what an example says of a running host; a tree stays one where it says nothing."""
    if not case.evidence and not case.record:
        return document
    document.update(kind="live", clock=CLOCK, asked=["processes", "wire", "servers", "cells"])
    for path, item in document["files"].items():
        item.update({"changed": CLOCK - 7200, **case.evidence.get("files", {}).get(path, {})})
    for record in document["services"]:
        record.update({"process": RUNNING, **case.record})
    document.update({key: value for key, value in case.evidence.items() if key != "files"})
    return document
