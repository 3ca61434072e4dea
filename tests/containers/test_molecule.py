"""The scenarios of ``molecule/``, run whole by the command that `make molecule` runs."""

import subprocess
from pathlib import Path

import pytest

from tests.containers import images
from tests.containers.podman import CannotRun, required

pytestmark = pytest.mark.real

PROGRAM = Path(__file__).with_name("molecule")


def test_the_scenarios_pass_from_create_to_destroy() -> None:
    try:
        images.make()
    except CannotRun as reason:
        if required():
            raise
        pytest.skip(f"this machine cannot run containers: {reason}")
    done = subprocess.run([PROGRAM], capture_output=True, text=True, check=False, timeout=1800)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "idempotence: Executed: Successful" in plain(done.stderr + done.stdout)
    assert plain(done.stderr + done.stdout).count("verify: Executed: Successful") >= 2


def plain(text: str) -> str:
    """Text without the colours of a terminal."""
    parts = text.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])
