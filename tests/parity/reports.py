"""Reports of the same hosts through different doors, and what of them must be the same to the byte."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "inventories" / "example"

#: What differs between two runs of one door, too.
_TIMES = ("started", "finished")


def write_salt(folder: Path) -> Path:
    """A salt that several runs share, without which their digests would differ."""
    path = folder / "salt"
    path.write_bytes(b"a salt that all the doors are given")
    path.chmod(0o600)
    return path


def run(words: Sequence[str | Path], folder: Path, *, input_: bytes | None = None) -> bytes:
    """What the command line prints, whatever it finds."""
    done = subprocess.run(
        [sys.executable, "-m", "auditor.cli", *words],
        capture_output=True,
        cwd=folder,
        check=False,
        timeout=300,
        input=input_,
        env={**os.environ, "XDG_CONFIG_HOME": "/nonexistent"},
    )
    if done.returncode not in (0, 1, 3):
        raise AssertionError(f"{words}: exit {done.returncode}: {done.stderr.decode()}")
    return done.stdout


def audited(words: Sequence[str | Path], folder: Path) -> str:
    """The report of an audit through one door, by every check, with what passed and its evidence: `comparable`."""
    return comparable(run(["audit", *words, "--profile", "strict", "--full", "-f", "json"], folder))


def comparable(report: bytes) -> str:
    """A JSON report as text without its times, hosts by name: those of a fleet come in the order of their answers."""
    content = json.loads(report)
    for name in _TIMES:
        del content[name]
    content["hosts"].sort(key=lambda host: host["name"])
    return json.dumps(content, indent=1, sort_keys=True)
