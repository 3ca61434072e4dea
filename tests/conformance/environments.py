"""Make the environments in which Nova of older and newer releases really runs: ``.real/<release>``.

Each is a virtual environment with exactly the distributions of ``pins/<release>.txt``. An overlay is one of them with
some libraries in another version, in a folder of its own that comes first on PYTHONPATH: ``.real/overlays/<name>``.
What is there and fits its pins is used again; what is half made is made anew; callers at the same time wait for each
other. Run as ``python -m tests.conformance.environments [RELEASE|OVERLAY ...]``; without names all releases are made.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).with_name("pins")
PYTHON = (
    "python3.11"  # the one Python on which every release from Zed to 2026.2 runs, and for which the pins are
)
STAMP = "pins.sha256"


@dataclass(frozen=True, slots=True)
class Overlay:
    """A release with some libraries in other versions: a point release, or what a deployment upgraded by hand."""

    name: str
    release: str
    distributions: tuple[str, ...]  # as `name==version`
    why: str


OVERLAYS = (
    Overlay(
        "zed+pymysql-1.1.2",
        "zed",
        ("PyMySQL==1.1.2",),
        "the last PyMySQL but one that steps down to plain text",
    ),
    Overlay("zed+pymysql-1.2.4", "zed", ("PyMySQL==1.2.4",), "a PyMySQL that does not step down"),
    Overlay(
        "zed+mysqlclient-2.2.7",
        "zed",
        ("mysqlclient==2.2.7",),
        "ssl_mode is known, ssl=true is another thing",
    ),
    Overlay(
        "2025.1+oslo.messaging-16.1.1",
        "2025.1",
        ("oslo.messaging==16.1.1",),
        "before ssl_enforce_hostname_verification came back to 2025.1",
    ),
    Overlay(
        "2025.2+oslo.messaging-17.1.1",
        "2025.2",
        ("oslo.messaging==17.1.1",),
        "ssl_enforce_hostname_verification came back to 2025.2",
    ),
    Overlay(
        "2026.1+oslo.messaging-17.3.1",
        "2026.1",
        ("oslo.messaging==17.3.1",),
        "ssl_enforce_hostname_verification came back to 2026.1",
    ),
    Overlay("2026.1+oslo.messaging-17.3.2", "2026.1", ("oslo.messaging==17.3.2",), "the newest of 2026.1"),
    Overlay(
        "2026.2+oslo.messaging-18.0.0",
        "2026.2",
        ("oslo.messaging==18.0.0",),
        "names of brokers are not checked",
    ),
    Overlay(
        "2026.2+oslo.messaging-18.1.0",
        "2026.2",
        ("oslo.messaging==18.1.0",),
        "names of brokers are checked, and the check can be switched off",
    ),
    Overlay(
        "2026.2+pymysql-1.2.0",
        "2026.2",
        ("PyMySQL==1.2.0",),
        "the constraints of 2026.2; ssl_verify_identity is odd",
    ),
    Overlay(
        "2026.2+openstacksdk-4.11.0",
        "2026.2",
        ("openstacksdk==4.11.0",),
        "retry options of clients as of 4.11",
    ),
    Overlay(
        "2026.2+openstacksdk-4.18.0",
        "2026.2",
        ("openstacksdk==4.18.0", "keystoneauth1==5.15.0"),
        "the constraints of 2026.2",
    ),
)


def releases() -> tuple[str, ...]:
    """The releases that have pins here, the oldest first."""
    return tuple(
        sorted((path.stem for path in PINS.glob("*.txt")), key=lambda name: (name[0].isdigit(), name))
    )


def overlays() -> tuple[Overlay, ...]:
    """The variants of releases that can be made."""
    return OVERLAYS


def interpreter(release: str) -> Path:
    """The Python of that release's environment, made on the first call (about a minute, most of it pip)."""
    pins = PINS / f"{release}.txt"
    folder = ROOT / ".real" / release
    python = folder / "bin" / "python"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()
    with locked(folder):
        if stamp_of(folder) == digest:
            return python
        subprocess.run([base(), "-m", "venv", "--copies", "--clear", folder], check=True)
        # The sdists among the pins build with the setuptools of their time, which the pins name.
        tools = [line for line in pins.read_text().splitlines() if line.startswith("setuptools==")]
        pip(python, *tools, "wheel")
        pip(python, "--no-deps", "--no-build-isolation", "-r", str(pins))
        (folder / STAMP).write_text(digest)
    return python


def overlay(name: str) -> tuple[Path, Path]:
    """The Python of that overlay's release, and the folder that comes first on its PYTHONPATH; made on the first call."""
    variant = next(variant for variant in OVERLAYS if variant.name == name)
    python = interpreter(variant.release)
    folder = ROOT / ".real" / "overlays" / name
    digest = hashlib.sha256("\n".join(variant.distributions).encode()).hexdigest()
    with locked(folder):
        if stamp_of(folder) != digest:
            shutil.rmtree(folder, ignore_errors=True)
            pip(
                python,
                "--no-deps",
                "--no-build-isolation",
                "--target",
                str(folder),
                *variant.distributions,
            )
            (folder / STAMP).write_text(digest)
    return python, folder


def pip(python: Path, *arguments: str) -> None:
    """Install by that Python's pip. Nothing is compiled to bytecode ahead: most modules are never imported."""
    options = ["--quiet", "--no-compile", "--disable-pip-version-check", "--no-warn-script-location"]
    subprocess.run([python, "-m", "pip", "install", *options, *arguments], check=True)


def base() -> str:
    """The command of the Python that the environments are made with."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    found = shutil.which(PYTHON)
    if found is None:
        raise SystemExit(f"the environments of older releases need {PYTHON}; install it")
    return found


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone at this folder among all processes that make environments here."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def stamp_of(folder: Path) -> str:
    """What the folder was made from, or nothing: it is not there, or was never finished."""
    stamp = folder / STAMP
    return stamp.read_text() if stamp.exists() else ""


def main(names: Sequence[str]) -> None:
    """Make those releases and overlays, two at a time, and print where they are."""
    unknown = set(names) - {*releases(), *(variant.name for variant in OVERLAYS)}
    if unknown:
        raise SystemExit(f"no release or overlay: {', '.join(sorted(unknown))}")

    def make(name: str) -> Path:
        return interpreter(name) if name in releases() else overlay(name)[1]

    with ThreadPoolExecutor(2) as pool:
        for path in pool.map(make, names or releases()):
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
