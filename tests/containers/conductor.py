"""A container of its own whose first process is nova-conductor, with a configuration of the test's."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.containers import images
from tests.containers.podman import LABEL, CannotRun, options, podman, remove, required

CONF = "--config-file=/etc/nova/nova.conf"


@contextmanager
def running(folder: Path, conf: str, *command: str) -> Iterator[str]:
    """The name of a container of the controller's image that runs a command as nova, without a network.

    A skip with the reason where this machine cannot run containers, with CI a failure. It ends by itself after 15 minutes.
    """
    try:
        images.make()
    except CannotRun as reason:
        if required():
            pytest.fail(f"this machine cannot run containers: {reason}", pytrace=False)
        pytest.skip(f"this machine cannot run containers: {reason}")
    name = f"nova_conductor_{os.getpid()}_{secrets.token_hex(3)}"
    file = folder / "nova.conf"
    file.write_text(conf)
    file.chmod(0o644)
    (recipe,) = [one for one in images.HOSTS if one.name == "controller"]
    told = options()
    words = [
        "--detach",
        f"--name={name}",
        "--network=none",
        f"--label={LABEL}=test",
        "--user=nova",
        "--timeout=900",
    ]
    mount = f"--volume={file}:/etc/nova/nova.conf:ro"
    try:
        podman(*told.engine, "run", *words, mount, *told.run, recipe.tag, *command)
        yield name
    finally:
        remove((name,))
