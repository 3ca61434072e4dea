"""A small tree, and the command line as a function."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from auditor.cli import main
from tests.trees import grow, unit

PASSWORD = "yFw7hPq2kZ4tLm9s"
PLAIN = f"[DEFAULT]\ntransport_url = rabbit://nova:{PASSWORD}@mq.example:5672/\n"


@pytest.fixture
def run() -> Callable[..., Result]:
    """Call the command line with words; the result has exit_code, stdout and stderr."""

    def call(*words: object) -> Result:
        return CliRunner(env={"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}).invoke(
            main, [str(word) for word in words], prog_name="nova-auditor"
        )

    return call


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A compute host whose RPC is plain text."""
    return grow(tmp_path / "cmp01", {**unit("nova-compute"), "/etc/nova/nova.conf": PLAIN})
