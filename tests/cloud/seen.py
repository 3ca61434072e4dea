"""What the auditor says of this machine while the planes run, as its command line prints it."""

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AUDITOR = (sys.executable, "-m", "auditor.cli")

#: What the machine is called in these reports.
NAME = "cloud"

#: Seconds that a host may take, whatever it is asked, and after which an audit is ended.
SECONDS, LIMIT = 150, 300


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A finding by what it is about: the service by `label`, ``""`` where it is of the host."""

    check: str
    service: str
    object: str
    status: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A report."""

    report: Mapping[str, Any]

    @property
    def services(self) -> Mapping[str, Mapping[str, Any]]:
        """The services by label."""
        (host,) = self.report["hosts"]
        found = {label(service): service for service in host["services"]}
        assert len(found) == len(host["services"]), "two services have the same files"
        return found

    @property
    def findings(self) -> frozenset[Finding]:
        """All findings."""
        (host,) = self.report["hosts"]
        labels = {service["id"]: label(service) for service in host["services"]}
        return frozenset(
            Finding(one["check"], labels.get(one["service"], ""), one["object"] or "", one["status"])
            for one in self.report["findings"]
        )


def label(service: Mapping[str, Any]) -> str:
    """What a service is called here, whenever it was started: ``zed/nova-conductor`` and, in a cell, ``…/cell1``."""
    file = next((path for path in service["config_files"] if path.endswith(".conf")), "")
    _, _, cell = Path(file).stem.partition("-")
    return "/".join(filter(None, (service["release"] or "?", service["name"], cell)))


def audit(*options: str) -> Seen:
    """Audit this machine, with what is asked besides."""
    return reported("--name", NAME, "--timeout", str(SECONDS), *options)


def judge(evidence: Mapping[str, Any], folder: Path, *options: str) -> Seen:
    """Audit what was collected earlier; ``folder`` is where it is laid meanwhile."""
    file = folder / f"{NAME}.json.gz"
    file.write_bytes(gzip.compress(json.dumps(evidence).encode()))
    return reported("--evidence", str(file), *options)


def reported(*options: str) -> Seen:
    """The report of an audit that looked at something, whatever it found."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        asked = ["--profile", "strict", "--format", f"json={report}", *options]
        done = subprocess.run(
            [*AUDITOR, "audit", *asked], capture_output=True, text=True, check=False, timeout=LIMIT
        )
        assert done.returncode in (0, 1, 3, 4), done.stderr
        return Seen(json.loads(report.read_text()))


def collect(*options: str) -> Mapping[str, Any]:
    """The evidence of this machine, as it is written into bundles."""
    with tempfile.TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "bundle"
        command = [
            *AUDITOR,
            "collect",
            "--name",
            NAME,
            "--timeout",
            str(SECONDS),
            "-o",
            str(bundle),
            *options,
        ]
        subprocess.run(command, capture_output=True, check=True, timeout=LIMIT)
        (file,) = bundle.glob("*.json.gz")
        document: Mapping[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
        return document
