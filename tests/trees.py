"""Trees of files as deployers write them, and their evidence by the real probe."""

import base64
from collections.abc import Mapping
from pathlib import Path

from auditor.check import Case
from auditor.evidence import Evidence, decode
from auditor.probe import run

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nRVhBTVBMRQ==\n-----END CERTIFICATE-----\n"


def grow(root: Path, files: Mapping[str, str]) -> Path:
    """Write files below a root, each under its path on the host."""
    for path, text in files.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def probed(root: Path, host: str = "host", **asked: object) -> Evidence:
    """The evidence of a tree, as the probe sends it and `auditor.evidence` reads it."""
    request = {
        "tool": {"name": "test", "version": "0"},
        "host": host,
        "kind": "tree",
        "root": str(root),
        "salt": base64.b64encode(b"a salt of thirty-two bytes, fixed").decode(),
        "salt_id": "fixed",
        **asked,
    }
    return decode(run.collect(request))


def unit(program: str, arguments: str = "") -> dict[str, str]:
    """A systemd unit that starts a program."""
    text = f"[Service]\nUser=nova\nExecStart=/usr/bin/{program} {arguments}\n"
    return {f"/lib/systemd/system/{program}.service": text}


def example(root: Path, case: Case) -> Evidence:
    """The evidence of an example of a check: one unit that runs its program with its configuration."""
    project = "placement" if case.service.startswith("placement") else "nova"
    files = {f"/etc/{project}/{project}.conf": case.nova_conf, **case.files}
    return probed(grow(root, {**unit(case.service, " ".join(case.arguments)), **files}))
