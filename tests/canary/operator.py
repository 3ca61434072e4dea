"""An operator's machine with secrets of its own, and runs there that are watched."""

import contextlib
import json
import os
import secrets
import string
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.canary.host import CANARIES, TAG
from tests.canary.songs import songs
from tests.canary.watch import Watch, watched

#: What the operator has besides the host: in the inventory, in its vault, on the command line, in the environment.
SECRETS = {
    place: f"Yj{number}{TAG}"
    for number, place in enumerate(
        (
            "ansible_become_password",
            "ansible_password",
            "a variable of the operator's own",
            "a vaulted variable",
            "the password of the vault",
            "an extra variable",
            "the password for sudo",
            "OS_PASSWORD",
        ),
        100,
    )
}
SALT = {"salt": "".join(secrets.choice(string.ascii_letters) for _ in range(32))}
WORDS = {**CANARIES, **SECRETS}

AUDITOR = (sys.executable, "-m", "auditor.cli")

#: How the folder begins in which a run writes down what it must.
PRIVATE = "/run/nova-auditor-"

#: Seconds that a run may take.
LIMIT = 300


@dataclass(frozen=True, slots=True)
class Operator:
    """Where an operator works: ``home`` holds all that is theirs, and all places where a run may write."""

    home: Path
    environment: Mapping[str, str]

    @property
    def salt(self) -> Path:
        """The salt that the hosts share."""
        return self.home / "salt"

    @property
    def work(self) -> Path:
        """The folder that commands are started in, where reports go."""
        return self.home / "work"

    @property
    def places(self) -> tuple[Path, ...]:
        """Where a run may write."""
        return tuple(self.home / name for name in ("run", "tmp", ".ansible", "work"))

    def fleet(self, variables: Mapping[str, object], hosts: Mapping[str, Mapping[str, object]]) -> list[str]:
        """Write an inventory full of secrets, one of them in a vault; the options that select it.

        Args:
            variables: of all hosts; None leaves out what would be there.
            hosts: with their own variables.
        """
        folder = self.home / "fleet"
        (folder / "group_vars" / "all").mkdir(parents=True)
        said = {
            "ansible_become_password": SECRETS["ansible_become_password"],
            "ansible_password": SECRETS["ansible_password"],
            "vendor_token": SECRETS["a variable of the operator's own"],
            **variables,
        }
        said = {name: value for name, value in said.items() if value is not None}
        (folder / "hosts.json").write_text(json.dumps({"all": {"vars": said, "hosts": hosts}}))
        password = self.home / "vault-password"
        password.write_text(SECRETS["the password of the vault"])
        vault = folder / "group_vars" / "all" / "vault.yml"
        vault.write_text(f"vaulted: {SECRETS['a vaulted variable']}\n")
        command = ["ansible-vault", "encrypt", "--vault-password-file", str(password), str(vault)]
        subprocess.run(command, check=True, capture_output=True, env=self.environment)
        extra = f"vendor_password={SECRETS['an extra variable']}"
        return ["-i", str(folder / "hosts.json"), "--vault-password-file", str(password), "-e", extra]

    def start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a command in a session of its own: without a terminal, -K asks standard input."""
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            cwd=self.work,
            start_new_session=True,
        )

    def observe(self, command: Sequence[str], said: bytes = b"") -> "Seen":
        """Run a command to its end, and watch it."""
        with watched(self.places) as watch:
            run = self.start(command)
            output, _ = run.communicate(said, timeout=LIMIT)
        return Seen(run.returncode, output, watch, self.left())

    def left(self) -> Mapping[str, bytes]:
        """The files that are there after a run."""
        files = [path for place in self.places for path in place.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.home)): path.read_bytes() for path in files}

    def running(self) -> list[str]:
        """The processes that have this home and are still there, zombies aside."""
        home = f"HOME={self.home}\0".encode()
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if home in (place / "environ").read_bytes():
                    found.append((place / "cmdline").read_text().replace("\0", " "))
        return found


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run said, what it wrote down and showed of itself meanwhile, and what it left."""

    code: int
    output: bytes
    watch: Watch
    left: Mapping[str, bytes]

    def sung(self, ours: str) -> dict[str, dict[str, bytes]]:
        """The secrets that were found: where, of which place, in which form.

        Args:
            ours: in the command line of the process that was started, which cannot but show what it was given.
        """
        everything = {**WORDS, **SALT}
        return {
            "output": songs(self.output, everything),
            "private files": songs(self.watch.written(PRIVATE), WORDS),
            "other files": songs(self.watch.written(but=PRIVATE), everything),
            "processes": songs(self.watch.shown(but=ours), everything),
            "left": songs(self.left.values(), everything),
        }


#: `Seen.sung` of a run in which no canary sang.
SILENCE: dict[str, dict[str, bytes]] = {
    place: {} for place in ("output", "private files", "other files", "processes", "left")
}


def employ(home: Path) -> Operator:
    """Make the home of an operator."""
    for name in ("run", "tmp", ".ansible", "work"):
        (home / name).mkdir(parents=True, mode=0o700)
    (home / "salt").write_text(SALT["salt"])
    (home / "salt").chmod(0o600)
    environment = {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "TMPDIR": str(home / "tmp"),
        "COLUMNS": "200",
        "LANG": "C.UTF-8",
        "OS_PASSWORD": SECRETS["OS_PASSWORD"],
    }
    return Operator(home, environment)
