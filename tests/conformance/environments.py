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
import tempfile
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
    """A release with some libraries in other versions: a point release, or what a distribution or an operator changed.

    ``distributions`` are from PyPI, as ``name==version``; ``wheels_of`` is the Python whose wheels are taken where there
    are none for ours. ``packages`` are Debian's, as ``name=version``.
    """

    name: str
    release: str
    distributions: tuple[str, ...] = ()
    wheels_of: str = ""
    packages: tuple[str, ...] = ()


OVERLAYS = (
    # Debian 12's package has the version of Zed's own and a check of names beside it.
    Overlay("zed+debian-oslo.messaging-14.0.3", "zed", packages=("python3-oslo.messaging=14.0.3-0+deb12u1",)),
    # The last PyMySQL but one that steps down to plain text, and one that does not.
    Overlay("zed+pymysql-1.1.2", "zed", ("PyMySQL==1.1.2",)),
    Overlay("zed+pymysql-1.2.4", "zed", ("PyMySQL==1.2.4",)),
    # mysqlclient learned ssl_mode in 2.2.
    Overlay("zed+mysqlclient-2.2.7", "zed", ("mysqlclient==2.2.7",)),
    # It has wheels for Python 3.10 at most; its extension runs on 3.11 too.
    Overlay("zed+confluent-kafka-1.9.2", "zed", ("confluent-kafka==1.9.2",), wheels_of="3.10"),
    Overlay("2023.1+confluent-kafka-1.9.2", "2023.1", ("confluent-kafka==1.9.2",), wheels_of="3.10"),
    # ssl_enforce_hostname_verification came to 16.1.2, 17.1.1, 17.3.1 and 18.1.0.
    Overlay("2025.1+oslo.messaging-16.1.1", "2025.1", ("oslo.messaging==16.1.1",)),
    Overlay("2025.2+oslo.messaging-17.1.1", "2025.2", ("oslo.messaging==17.1.1",)),
    Overlay("2026.1+oslo.messaging-17.3.1", "2026.1", ("oslo.messaging==17.3.1",)),
    Overlay("2026.1+oslo.messaging-17.3.2", "2026.1", ("oslo.messaging==17.3.2",)),
    Overlay("2026.2+oslo.messaging-18.0.0", "2026.2", ("oslo.messaging==18.0.0",)),
    Overlay("2026.2+oslo.messaging-18.1.0", "2026.2", ("oslo.messaging==18.1.0",)),
    # What the published constraints of 2026.2 pin, where the freeze is newer.
    Overlay("2026.2+pymysql-1.2.0", "2026.2", ("PyMySQL==1.2.0",)),
    Overlay("2026.2+openstacksdk-4.18.0", "2026.2", ("openstacksdk==4.18.0", "keystoneauth1==5.15.0")),
    # The retry options of service clients came to openstacksdk step by step.
    Overlay("2026.2+openstacksdk-4.11.0", "2026.2", ("openstacksdk==4.11.0",)),
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
        # The sdists among the pins build with the tools of their time, which the pins name.
        tools = [line for line in pins.read_text().splitlines() if line.startswith(("setuptools==", "pbr=="))]
        pip(python, *tools, "wheel")
        pip(python, "--no-deps", "--no-build-isolation", "-r", str(pins))
        (folder / STAMP).write_text(digest)
    return python


def overlay(name: str) -> tuple[Path, Path]:
    """The Python of that overlay's release, and the folder that comes first on its PYTHONPATH; made on the first call."""
    variant = next(variant for variant in OVERLAYS if variant.name == name)
    python = interpreter(variant.release)
    folder = ROOT / ".real" / "overlays" / name
    digest = hashlib.sha256(repr(variant).encode()).hexdigest()
    with locked(folder):
        if stamp_of(folder) != digest:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            if variant.distributions:
                other = (
                    ["--python-version", variant.wheels_of, "--only-binary=:all:"]
                    if variant.wheels_of
                    else []
                )
                pip(
                    python,
                    "--no-deps",
                    "--no-build-isolation",
                    "--target",
                    str(folder),
                    *other,
                    *variant.distributions,
                )
            for extension in folder.glob("*/*.cpython-3*.so") if variant.wheels_of else ():
                extension.rename(extension.with_name(extension.name.partition(".")[0] + ".so"))
            for package in variant.packages:
                unpack(package, folder)
            (folder / STAMP).write_text(digest)
    return python, folder


def unpack(package: str, folder: Path) -> None:
    """Lay the Python modules of a Debian package into a folder; nothing is installed."""
    with tempfile.TemporaryDirectory() as scratch:
        quiet = ["-q", "-o", "APT::Sandbox::User=root"]
        subprocess.run(["apt-get", "download", *quiet, package], cwd=scratch, check=True)
        (archive,) = Path(scratch).glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, scratch], check=True)
        shutil.copytree(Path(scratch) / "usr/lib/python3/dist-packages", folder, dirs_exist_ok=True)


def pip(python: Path, *arguments: str) -> None:
    """Install by that Python's pip. Nothing is compiled to bytecode ahead: most modules are never imported."""
    options = ["-qq", "--no-compile", "--disable-pip-version-check", "--no-warn-script-location"]
    subprocess.run([python, "-m", "pip", "install", *options, *arguments], check=True)


def base() -> str:
    """The command of the Python that the environments are made with."""
    if f"python{sys.version_info.major}.{sys.version_info.minor}" == PYTHON:
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
