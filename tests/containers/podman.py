"""How podman runs a container on this machine: as the machine has it, else with limits that it can grant."""

import os
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Where a fixture comes from, on everything that we make: nothing without it is ever removed.
LABEL = "nova-auditor.fixture"

#: Seconds that one command of podman may take.
LIMIT = 120

TRIAL = "localhost/nova-auditor-fixture/trial:1"


class CannotRun(Exception):
    """This machine cannot run containers; the message says in one line why."""


@dataclass(frozen=True, slots=True)
class Options:
    """What podman is told on this machine, before its command (``engine``) and behind ``run`` (``run``)."""

    engine: tuple[str, ...] = ()
    run: tuple[str, ...] = ()


#: The machine's own settings first. The second are for machines whose cgroups or capabilities are those of a container:
#: crun wants one kind of cgroups, and Debian's default limits are higher than what such a machine may grant.
CANDIDATES = (
    Options(),
    Options(("--runtime=runc",), ("--ulimit=nofile=1024:4096", "--ulimit=nproc=1024:2048")),
)


def podman(*words: str | Path, stdin: int | None = None, limit: float = LIMIT) -> str:
    """What a command of podman prints.

    Raises:
        subprocess.CalledProcessError: it failed; its ``stderr`` says why.
        FileNotFoundError: there is no podman.
    """
    done = subprocess.run(
        ["podman", *words], stdin=stdin, capture_output=True, text=True, check=True, timeout=limit
    )
    return done.stdout.strip()


def exists(kind: str, name: str) -> bool:
    """Whether there is an ``image`` or ``container`` of that name."""
    done = subprocess.run(["podman", kind, "exists", name], capture_output=True, check=False, timeout=LIMIT)
    return done.returncode == 0


@cache
def options() -> Options:
    """What podman needs to be told here, found out by running ``true`` in a container without a network.

    Raises:
        CannotRun: nothing that we know makes it work.
    """
    reasons = []
    try:
        if not exists("image", TRIAL):
            _import_trial()
        for candidate in CANDIDATES:
            try:
                podman(*candidate.engine, "run", "--rm", "--network=none", *candidate.run, TRIAL, "/bin/true")
            except subprocess.CalledProcessError as error:
                reasons.append(_last_line(error))
            else:
                return candidate
    except FileNotFoundError as error:
        raise CannotRun("podman is not installed; run tests/containers/install as root") from error
    except subprocess.CalledProcessError as error:
        raise CannotRun(f"podman cannot keep an image: {_last_line(error)}") from error
    raise CannotRun(f"podman cannot start a container: {'; then: '.join(reasons)}")


def _import_trial() -> None:
    """An image of this machine's own ``true`` and the libraries that it loads: two megabytes, made in a second."""
    program = Path("/bin/true")
    loaded = subprocess.run(
        ["ldd", program], capture_output=True, text=True, check=True, timeout=LIMIT
    ).stdout
    files = [Path(word) for word in loaded.split() if word.startswith("/")]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "trial.tar"
        with tarfile.open(archive, "w", dereference=True) as tar:
            for path in (program, *files):
                tar.add(path, arcname=str(path).lstrip("/"))
        podman("import", "--quiet", archive, TRIAL)


def _last_line(error: subprocess.CalledProcessError) -> str:
    return (error.stderr or "").strip().rpartition("\n")[2] or f"exit {error.returncode}"


def remove(names: Sequence[str]) -> None:
    """Remove containers that we made, running or not; others of these names stay."""
    for name in names:
        if exists("container", name) and podman(
            "container", "inspect", "--format", f'{{{{index .Config.Labels "{LABEL}"}}}}', name
        ):
            podman("rm", "--force", "--time=0", name)


def required() -> bool:
    """Whether a machine that cannot run containers is a failure rather than a reason to skip."""
    return os.environ.get("CI", "").lower() in {"true", "1", "yes"}
