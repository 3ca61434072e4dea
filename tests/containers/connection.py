"""Ansible's connection to podman's containers, for a machine that cannot ask Galaxy: ``.real/collections``.

PyPI's distribution ``ansible`` holds the collection containers.podman among a hundred others; of its wheel (52 MB) only
that collection (1 MB) is kept. Run as ``python -m tests.containers.connection``.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: What ANSIBLE_COLLECTIONS_PATH names.
COLLECTIONS = ROOT / ".real" / "collections"

#: containers.podman 1.18.0; its plugins run with every ansible-core that we support.
SOURCE = "ansible==12.3.0"

PREFIX = "ansible_collections/containers/podman/"
STAMP = "source.txt"


def make() -> Path:
    """The folder of collections, with containers.podman in it; fetched on the first call."""
    stamp = COLLECTIONS / STAMP
    if stamp.exists() and stamp.read_text() == SOURCE:
        return COLLECTIONS
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--no-deps", "--only-binary=:all:", "-d", folder, SOURCE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(COLLECTIONS, [name for name in archive.namelist() if name.startswith(PREFIX)])
    stamp.write_text(SOURCE)
    return COLLECTIONS


if __name__ == "__main__":
    sys.stdout.write(f"{make()}\n")
