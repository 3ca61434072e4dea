"""Live containers with a configuration of ours, and nova-auditor itself inside of them."""

import contextlib
import os
import secrets
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.containers import images
from tests.containers.podman import LABEL, options, podman, remove

ROOT = Path(__file__).resolve().parents[2]

#: The Python of the images (Debian 12).
PYTHON = "3.11"

#: Where nova-auditor is put in a container.
PLACE = "/opt/nova-auditor"


def install(folder: Path) -> Path:
    """Install nova-auditor from its wheel, with what it needs, for the Python of the images; the folder for PYTHONPATH."""
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("nova_auditor-*.whl")
    chosen = ["--only-binary=:all:", f"--python-version={PYTHON}", "--target", str(folder / "site")]
    subprocess.run([*pip, "install", *chosen, str(wheel)], check=True)
    return folder / "site"


@contextlib.contextmanager
def running(prefix: str, image: str, tree: Path) -> Iterator[str]:
    """Run a container for the time of a `with`, with the files of a tree over its own; its name.

    Args:
        prefix: of its name, which is its host name too, so that each door calls it the same.
        image: the name of one of `images.HOSTS`.
        tree: what it gets below /.
    """
    (recipe,) = (recipe for recipe in images.HOSTS if recipe.name == image)
    told = options()
    name = f"{prefix}-{os.getpid()}-{secrets.token_hex(3)}"
    words = [
        "run",
        "--detach",
        "--network=none",
        f"--name={name}",
        f"--hostname={name}",
        f"--label={LABEL}={image}",
    ]
    podman(*told.engine, *words, *told.run, recipe.tag, "sleep", "3600")
    try:
        with tempfile.TemporaryFile() as packed:
            with tarfile.open(fileobj=packed, mode="w") as archive:
                archive.add(tree, arcname=".")
            packed.seek(0)
            unpack = [
                "tar",
                "-x",
                "-C",
                "/",
                "--no-same-owner",
                "--no-overwrite-dir",
                "--keep-directory-symlink",
            ]
            podman(*told.engine, "exec", "-i", name, *unpack, stdin=packed.fileno())
        yield name
    finally:
        remove([name])


def inside(name: str, *words: str, stdin: int | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run nova-auditor in a container."""
    told = options()
    command = ["podman", *told.engine, "exec", "-i", f"--env=PYTHONPATH={PLACE}", name]
    return subprocess.run(
        [*command, "python3", "-m", "auditor.cli", *words],
        stdin=stdin or subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=300,
    )
