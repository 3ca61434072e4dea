"""The images of the fixture hosts, made of Debian's packages on this machine: no registry is asked.

``debian`` is a small Debian 12 with Python, as a Kolla host is before its containers; ``controller`` and ``compute``
have Debian's own packages of Nova and placement (Zed) besides, with their units, init scripts, accounts, libraries and
libvirt. Nothing is started. The name of an image ends with the digest of its recipe, so that what is there and fits is
used again. Run as ``python -m tests.containers.images``: it makes them, writes `FACTS` for the playbooks and says in one
line where this machine cannot run containers (exit 3).
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from tests.containers.podman import LABEL, CannotRun, exists, options, podman

ROOT = Path(__file__).resolve().parents[2]

#: What the playbooks need to know of this machine: podman's options, and image by kind of host.
FACTS = ROOT / ".real" / "containers" / "fixture.json"

#: Seconds for all of Debian's packages, on a slow machine behind a slow mirror.
LIMIT = 1200

PYTHON = ("python3", "iproute2", "procps")
CONTROLLER = ("nova-api", "nova-conductor", "nova-scheduler", "nova-novncproxy", "placement-api")
COMPUTE = ("nova-compute", "nova-compute-kvm")

#: dpkg without flushing to disk; manuals, translations and compiled bytecode are never read in a fixture.
DPKG = (
    "force-unsafe-io",
    "path-exclude=/usr/share/doc/*",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/bin/py3compile",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """An image: packages on a bare Debian, or what remains of another image without some packages."""

    name: str
    packages: tuple[str, ...] = ()
    base: "Recipe | None" = None
    without: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The name under which podman has it."""
        digest = hashlib.sha256(f"{DPKG!r} {self!r}".encode()).hexdigest()[:12]
        return f"localhost/nova-auditor-fixture/{self.name}:{digest}"


DEBIAN = Recipe("debian", PYTHON)
NOVA = Recipe("nova", PYTHON + CONTROLLER + COMPUTE)
LIBVIRT = ("libvirt-daemon-system", "libvirt-daemon-config-network", "libvirt-daemon-config-nwfilter")
HOSTS = (
    DEBIAN,
    Recipe("controller", base=NOVA, without=(*COMPUTE, *LIBVIRT)),
    Recipe("compute", base=NOVA, without=(*CONTROLLER, "nova-consoleproxy", "placement-common")),
)


def make(recipes: Sequence[Recipe] = HOSTS) -> None:
    """Make the images that are not there, and write `FACTS`.

    Raises:
        CannotRun: this machine cannot run containers.
        subprocess.CalledProcessError: an image could not be made; its ``stderr`` says why.
    """
    with locked():
        told = options()
        missing = [recipe for recipe in recipes if not exists("image", recipe.tag)]
        bases = {recipe.base or recipe for recipe in missing}
        # Two at a time: one waits for the network while the other unpacks.
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(_bootstrap, [base for base in bases if not exists("image", base.tag)]))
        for recipe in missing:
            if recipe.base:
                _reduce(recipe, recipe.base)
        facts = {
            "engine": told.engine,
            "run": told.run,
            "label": LABEL,
            # All of them, whichever are made now: others wait for the lock, and read the file later.
            "images": {recipe.name: recipe.tag for recipe in (*HOSTS, *recipes)},
        }
        FACTS.write_text(json.dumps(facts, indent=2) + "\n")


def _bootstrap(recipe: Recipe) -> None:
    """An image of Debian's packages. mmdebstrap lets no service start, and streams what podman reads."""
    chosen = [f"--dpkgopt={option}" for option in DPKG]
    words = ["mmdebstrap", "--quiet", "--variant=apt", *chosen, f"--include={','.join(recipe.packages)}"]
    with tempfile.TemporaryFile("w+") as log:
        with subprocess.Popen([*words, "bookworm", "-"], stdout=subprocess.PIPE, stderr=log) as debian:
            assert debian.stdout is not None
            made = podman("import", "--quiet", "-", stdin=debian.stdout.fileno(), limit=LIMIT)
            debian.stdout.close()
        log.seek(0)
        complaints = log.read()
    # What was imported of a half made system must never have the name.
    if debian.returncode != 0:
        podman("image", "rm", "--force", made)
        raise subprocess.CalledProcessError(debian.returncode, words, stderr=complaints)
    podman("tag", made, recipe.tag)


def _reduce(recipe: Recipe, base: Recipe) -> None:
    """An image without some packages of another, with which it shares the rest on disk."""
    told = options()
    words = ["run", "--detach", "--network=none", "--label", f"{LABEL}=image", *told.run]
    container = podman(*told.engine, *words, base.tag, "sleep", str(LIMIT))
    try:
        purge = ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--purge", *recipe.without]
        podman(*told.engine, "exec", container, *purge, limit=LIMIT)
        podman("commit", "--quiet", container, recipe.tag)
    finally:
        podman("rm", "--force", "--time=0", container)


@contextmanager
def locked() -> Iterator[None]:
    """Alone among the processes that make images from this tree."""
    FACTS.parent.mkdir(parents=True, exist_ok=True)
    with (FACTS.parent / ".lock").open("w") as file:
        flock(file, LOCK_EX)
        yield


def main() -> None:
    """Make the images and say which they are."""
    try:
        make()
    except CannotRun as reason:
        sys.stderr.write(f"this machine cannot run containers: {reason}\n")
        raise SystemExit(3) from reason
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{' '.join(map(str, error.cmd[:2]))} failed:\n{error.stderr[-2000:]}") from error
    for recipe in HOSTS:
        sys.stdout.write(f"{recipe.tag}\n")


if __name__ == "__main__":
    main()
