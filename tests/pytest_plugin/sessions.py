"""Sessions of pytest in a process of their own, over a small fleet of trees beside an inventory."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import auditor

CANARY = "xK9canary7Qz"

PLACEMENT = """\
[placement]
auth_type = password
auth_url = https://keystone.example/v3
username = placement
password = {canary}
project_name = service
user_domain_name = Default
project_domain_name = Default
"""

#: Two computes: one as it should be, as far as the essential checks go, and one careless.
CONFIGURATIONS = {
    "careful": """\
[DEFAULT]
transport_url = rabbit://nova:{canary}@mq.example:5671/
[oslo_messaging_rabbit]
ssl = true
""",
    "careless": """\
[DEFAULT]
transport_url = rabbit://nova:{canary}@mq.example:5672/
debug = true
""",
}

INVENTORY = """\
all:
  vars:
    ansible_connection: local
    nova_auditor_root: "{{ inventory_dir }}/{{ inventory_hostname }}"
    nova_auditor_release: "2025.1"
    nova_auditor_services: [nova-compute]
  hosts:
    careful:
    careless:
  children:
    storage: {}
"""


@dataclass(frozen=True, slots=True)
class Session:
    """How a session ended: its exit code, what it printed, and its JUnit file."""

    code: int
    text: str
    junit: str

    @property
    def counts(self) -> Mapping[str, int]:
        """The numbers of its last line."""
        last = self.text.strip().splitlines()[-1]
        return {
            word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last.partition(" in ")[0])
        }


def fleet(folder: Path) -> Path:
    """Write the trees and their inventory; return it."""
    for name, text in CONFIGURATIONS.items():
        place = folder / name / "etc/nova"
        place.mkdir(parents=True)
        (place / "nova.conf").write_text((text + PLACEMENT).format(canary=CANARY))
    path = folder / "hosts.yml"
    path.write_text(INVENTORY)
    return path


def without_testinfra(folder: Path) -> str:
    """Python that makes the environment one in which testinfra is not installed."""
    installed = Path(pytest.__file__).parent.parent
    links = folder / "site-packages"
    links.mkdir()
    for path in installed.iterdir():
        if "testinfra" not in path.name:
            (links / path.name).symlink_to(path)
    ours = Path(auditor.__file__).parent.parent
    return f"sys.path[:] = [*(path for path in sys.path if path != {str(installed)!r}), {str(links)!r}, {str(ours)!r}]"


def run(folder: Path, *arguments: str, before: str = "", **environment: str) -> Session:
    """Run pytest in a folder; ``before`` is Python that comes first."""
    junit = folder / "junit.xml"
    own = ["-p", "no:cacheprovider", "-W", "error", "--strict-markers", f"--junitxml={junit}", "-rA"]
    program = f"import sys; {before}\nimport pytest; sys.exit(pytest.main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", program, *own, *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Session(done.returncode, done.stdout + done.stderr, junit.read_text() if junit.exists() else "")
