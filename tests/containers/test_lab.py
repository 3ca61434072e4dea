"""The fixture hosts through the doors of the command line: each finds what reviewers agreed on, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.containers.golden import expected, found
from tests.containers.lab import KINDS, Lab

pytestmark = pytest.mark.real

DOORS = ("inventory", "testinfra")

PROGRAM = Path(sys.executable).with_name("nova-auditor")


@pytest.fixture(scope="module", params=DOORS)
def report(request: pytest.FixtureRequest, lab: Lab) -> Mapping[str, Any]:
    """The report of all four hosts through one door."""
    hosts = {
        "inventory": ("-i", str(lab.inventory)),
        "testinfra": ("--hosts", ",".join(lab.specs)),
    }
    return audited(lab, hosts[request.param])


def audited(lab: Lab, hosts: Sequence[str]) -> Mapping[str, Any]:
    words = ["audit", *hosts, "--profile", "strict", "-f", "json", "--exit-zero"]
    done = subprocess.run(
        [PROGRAM, *words],
        env={**os.environ, **lab.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr

    read: Mapping[str, Any] = json.loads(done.stdout)
    return read


@pytest.mark.parametrize("kind", KINDS)
def test_the_findings_are_those_of_the_golden_list(lab: Lab, report: Mapping[str, Any], kind: str) -> None:
    assert found(report, lab.names[kind]) == expected(kind)


def test_all_hosts_are_audited_and_nothing_is_missing(lab: Lab, report: Mapping[str, Any]) -> None:
    coverage = {host["name"]: host["coverage"] for host in report["hosts"]}

    assert coverage == dict.fromkeys(lab.names.values(), "audited")
    assert report["coverage"]["results_recorded"] == report["coverage"]["results_expected"]


@pytest.mark.parametrize("kind", ["hardened", "careless"])
def test_a_controller_has_the_services_of_debians_packages(
    lab: Lab, report: Mapping[str, Any], kind: str
) -> None:
    (host,) = (host for host in report["hosts"] if host["name"] == lab.names[kind])

    assert {service["id"]: service["source"] for service in host["services"]} == dict.fromkeys(
        ["nova-api", "nova-conductor", "nova-metadata", "nova-novncproxy", "nova-scheduler", "placement-api"],
        "unit",
    )
    assert host["release"] == "zed"


def test_the_libraries_are_those_that_dpkg_installed(lab: Lab, report: Mapping[str, Any]) -> None:
    (host,) = (host for host in report["hosts"] if host["name"] == lab.names["compute"])
    (service,) = host["services"]
    version = lab.run("compute", "dpkg-query", "--show", "--showformat=${Version}", "python3-oslo.messaging")

    assert service["libraries"]["oslo.messaging"] == version.partition("-")[0]
