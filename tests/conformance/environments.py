"""Make the environments in which Nova of older and newer releases really runs: ``.real/<release>``.

Each is a virtual environment with exactly the distributions of ``pins/<release>.txt``. One that is there and fits its
pins is used again. Run as ``python -m tests.conformance.environments [RELEASE ...]``.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).with_name("pins")


def releases() -> tuple[str, ...]:
    """The releases that have pins here."""
    return tuple(sorted(path.stem for path in PINS.glob("*.txt")))


def interpreter(release: str) -> Path:
    """The Python of that release's environment, made on the first call (about a minute, most of it pip)."""
    pins = PINS / f"{release}.txt"
    folder = ROOT / ".real" / release
    python = folder / "bin" / "python"
    stamp = folder / "pins.sha256"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return python
    venv.create(folder, with_pip=True, clear=True)
    install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    # Old source distributions import pkg_resources while they build.
    subprocess.run([*install, "setuptools<70", "wheel"], check=True)
    subprocess.run([*install, "--no-deps", "--no-build-isolation", "-r", str(pins)], check=True)
    stamp.write_text(digest)
    return python


if __name__ == "__main__":
    for name in sys.argv[1:] or releases():
        sys.stdout.write(f"{interpreter(name)}\n")
