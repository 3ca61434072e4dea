"""A fleet with faults in it, and the command line run on it as an operator runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.trees import CERTIFICATE, grow, unit

#: A compute host without a fault: with `ASKED` it is green.
SOUND = {
    **unit("nova-compute"),
    "/etc/nova/nova.conf": (
        "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@mq.example:5672/\n"
        "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"
    ),
    "/etc/nova/ca.pem": CERTIFICATE,
}

#: What is asked of it.
ASKED = ("--check", "messaging-plaintext", "--release", "2026.2")

#: What every host of a fleet has: this machine, this Python, one tree for all. A template, so that the hosts are not
#: taken for one machine.
EVERYWHERE: Mapping[str, Any] = {
    "ansible_connection": "local",
    "ansible_python_interpreter": sys.executable,
    "tree": "{{ inventory_dir }}/tree",
    "nova_auditor_root": "{{ tree }}",
}

Hosts = Mapping[str, Mapping[str, Any]]


def write_fleet(folder: Path, hosts: Hosts, **variables: Any) -> Path:
    """Write an inventory, and the tree that its hosts are; return the inventory."""
    grow(folder / "tree", SOUND)
    return write_inventory(folder / "hosts.yml", hosts, **{**EVERYWHERE, **variables})


def write_inventory(path: Path, hosts: Hosts, **variables: Any) -> Path:
    """Write an inventory of hosts with their variables, and those of all."""
    # JSON is YAML.
    path.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))
    return path


def write_script(path: Path, text: str) -> str:
    """Write a program; return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run came to: its exit code, its report in JSON and as text without line breaks, its standard error."""

    code: int
    report: Mapping[str, Any]
    text: str
    errors: str

    @property
    def hosts(self) -> Mapping[str, tuple[str, str | None]]:
        """The coverage of each host, and the reason."""
        return {host["name"]: (host["coverage"], host["reason"]) for host in self.report["hosts"]}

    @property
    def why(self) -> str:
        """The reason of the exit code."""
        return str(self.report["exit"]["reason"])


def words(folder: Path, *asked: object) -> list[str]:
    """The command line of an audit with two reports: the text on standard output, JSON in the folder."""
    formats = ("-f", "text", "-f", f"json={folder / 'report.json'}")
    return [sys.executable, "-m", "auditor.cli", "audit", *map(str, asked), *ASKED, *formats]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of an operator who has nothing set, and whose home is in a folder."""
    (folder / "home").mkdir(exist_ok=True)
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": str(folder / "home"), "LANG": "C.UTF-8", **more}


def audit(folder: Path, *asked: object, where: Path | None = None, **more: str) -> Ended:
    """Run an audit in a folder, by default the one of its report, and wait for it."""
    done = subprocess.run(
        words(folder, *asked),
        capture_output=True,
        text=True,
        cwd=where or folder,
        env=environment(folder, **more),
        timeout=120,
        check=False,
    )
    return ended(folder, done.returncode, done.stdout, done.stderr)


def ended(folder: Path, code: int, output: str, errors: str) -> Ended:
    """Read what a run has left."""
    place = folder / "report.json"
    report = json.loads(place.read_text()) if place.exists() else {}
    place.unlink(missing_ok=True)
    return Ended(code, report, " ".join(output.split()), errors)


def judged(ended_run: Ended) -> Sequence[str]:
    """The hosts of which the report says anything that was judged: passed, failed or not concerned."""
    report = ended_run.report
    found = {finding["host"] for finding in report["findings"]}
    found.update(host for hosts in report["passed"].values() for host in hosts)
    found.update(
        host for why in report["not_applicable"].values() for hosts in why.values() for host in hosts
    )
    return sorted(found)
