"""A live container says the same through each door: to the byte, times aside.

The four hosts of the lab, and one with a canary in each secret place, are looked at from inside, by Ansible, testinfra,
pytest, the collection and from a bundle.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.canary.host import write_host
from tests.containers import connection
from tests.containers.lab import KINDS, Lab
from tests.containers.podman import options, podman
from tests.parity import live
from tests.parity.reports import run, write_salt

pytestmark = pytest.mark.real

#: Which host, and how a test calls it.
HOSTS = (*KINDS, "canary")

#: What every door is asked for.
ASKED = ("--profile", "strict", "--full", "-f", "json")


@dataclass(frozen=True, slots=True)
class Fleet:
    """The running containers by what `HOSTS` calls them, the salt of all doors, and an inventory."""

    folder: Path
    names: Mapping[str, str]
    salt: Path
    inventory: Path

    @property
    def specs(self) -> list[str]:
        """What selects the containers for testinfra."""
        return [word for name in self.names.values() for word in ("--hosts", f"podman://{name}")]


@pytest.fixture(scope="module")
def fleet(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("parity")
    site = live.install(folder)
    (folder / "ansible.cfg").write_text(f"[defaults]\ncollections_path = {connection.make()}\n")
    with live.running("parity", "controller", write_host(folder / "canary")) as canary:
        names = {**lab.names, "canary": canary}
        for name in names.values():
            podman("cp", site, f"{name}:{live.PLACE}")
        hosts = {name: {"ansible_python_interpreter": "/usr/bin/python3"} for name in names.values()}
        inventory = folder / "hosts.json"
        variables = {"ansible_connection": "containers.podman.podman"}
        inventory.write_text(json.dumps({"all": {"vars": variables, "hosts": hosts}}))
        yield Fleet(folder, names, write_salt(folder), inventory)
        for name in lab.names.values():
            podman(*options().engine, "exec", name, "rm", "-rf", live.PLACE, "/tmp/salt")


def of_host(report: Mapping[str, Any], name: str) -> dict[str, Any]:
    """All that a report says of one host."""
    return {
        "host": [host for host in report["hosts"] if host["name"] == name],
        "findings": [finding for finding in report["findings"] if finding["host"] == name],
        "passed": {check: hosts[name] for check, hosts in report["passed"].items() if name in hosts},
        "not_applicable": {
            check: {reason: hosts[name] for reason, hosts in reasons.items() if name in hosts}
            for check, reasons in report["not_applicable"].items()
            if any(name in hosts for hosts in reasons.values())
        },
        "checks": report["selection"]["checks"],
    }


def lines(told: Mapping[str, Any]) -> list[str]:
    """As text, of which a test shows what differs."""
    return json.dumps(told, indent=1, sort_keys=True).splitlines()


def by_testinfra(fleet: Fleet) -> list[Mapping[str, Any]]:
    return [json.loads(run(["audit", *fleet.specs, "--salt-file", fleet.salt, *ASKED], fleet.folder))]


def by_ansible(fleet: Fleet) -> list[Mapping[str, Any]]:
    return [
        json.loads(run(["audit", "-i", fleet.inventory, "--salt-file", fleet.salt, *ASKED], fleet.folder))
    ]


def from_inside(fleet: Fleet) -> list[Mapping[str, Any]]:
    reports = []
    for name in fleet.names.values():
        # The salt has to be a file of its own user's: it is written where the container alone sees it.
        subprocess.run(
            ["podman", *options().engine, "exec", "-i", name, "sh", "-c", "umask 077; cat >/tmp/salt"],
            input=fleet.salt.read_bytes(),
            check=True,
        )
        done = live.inside(name, "audit", "--salt-file", "/tmp/salt", *ASKED)
        if done.returncode not in (0, 1, 3):
            raise AssertionError(done.stderr.decode())
        reports.append(json.loads(done.stdout))
    return reports


def by_replay(fleet: Fleet) -> list[Mapping[str, Any]]:
    run(["collect", *fleet.specs, "--salt-file", fleet.salt, "-o", fleet.folder / "testinfra"], fleet.folder)
    return [json.loads(run(["audit", "--evidence", fleet.folder / "testinfra", *ASKED], fleet.folder))]


def by_replay_of_ansible(fleet: Fleet) -> list[Mapping[str, Any]]:
    run(
        ["collect", "-i", fleet.inventory, "--salt-file", fleet.salt, "-o", fleet.folder / "ansible"],
        fleet.folder,
    )
    return [json.loads(run(["audit", "--evidence", fleet.folder / "ansible", *ASKED], fleet.folder))]


def by_the_collection(fleet: Fleet) -> list[Mapping[str, Any]]:
    asked = {
        "profile": "strict",
        "full": True,
        "salt_file": str(fleet.salt),
        "report_file": f"{fleet.folder}/{{{{ inventory_hostname }}}}.json",
    }
    tasks = [{"nova.auditor.audit": asked, "ignore_errors": True}]
    play = fleet.folder / "play.json"
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    paths = (str(connection.make()), str(live.ROOT / "tests" / "ansible"))
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(paths)}
    program = Path(sys.executable).with_name("ansible-playbook")
    subprocess.run(
        [program, "-i", fleet.inventory, play],
        check=True,
        capture_output=True,
        env=environment,
        cwd=fleet.folder,
    )
    return [json.loads((fleet.folder / f"{name}.json").read_bytes()) for name in fleet.names.values()]


DOORS: Mapping[str, Callable[[Fleet], list[Mapping[str, Any]]]] = {
    "inside": from_inside,
    "ansible": by_ansible,
    "collection": by_the_collection,
    "replay": by_replay,
    "replay of ansible": by_replay_of_ansible,
}


@pytest.fixture(scope="module")
def truth(fleet: Fleet) -> Mapping[str, Any]:
    (report,) = by_testinfra(fleet)
    return report


def test_the_containers_have_something_to_compare(truth: Mapping[str, Any], fleet: Fleet) -> None:
    hosts = {host["name"]: host for host in truth["hosts"]}
    statuses = {finding["status"] for finding in truth["findings"]}

    assert set(hosts) == set(fleet.names.values())
    assert {host["kind"] for host in hosts.values()} == {"live"}
    assert {host["coverage"] for host in hosts.values()} == {"audited"}
    assert {service["source"] for host in hosts.values() for service in host["services"]} >= {"unit"}
    assert len([service for host in hosts.values() for service in host["services"]]) > 8
    assert statuses >= {"fail", "pass", "unknown", "error"}


@pytest.fixture(scope="module", params=DOORS)
def another(request: pytest.FixtureRequest, fleet: Fleet) -> list[Mapping[str, Any]]:
    return DOORS[request.param](fleet)


@pytest.mark.parametrize("host", HOSTS)
def test_another_door_says_the_same(
    another: list[Mapping[str, Any]], host: str, truth: Mapping[str, Any], fleet: Fleet
) -> None:
    name = fleet.names[host]
    said = next(report for report in another if any(entry["name"] == name for entry in report["hosts"]))

    assert lines(of_host(said, name)) == lines(of_host(truth, name))


def test_pytest_fails_where_a_report_has_a_finding(truth: Mapping[str, Any], fleet: Fleet) -> None:
    hosts = ",".join(f"podman://{name}" for name in fleet.names.values())
    words = [
        "--pyargs",
        "auditor.suite",
        f"--hosts={hosts}",
        "--audit-profile=strict",
        "--audit-fail-on=info",
    ]
    command = [sys.executable, "-m", "pytest", *words, "-q", "-p", "no:cacheprovider", "--junitxml=junit.xml"]
    done = subprocess.run(command, cwd=fleet.folder, capture_output=True, check=False, timeout=300)
    cases = ElementTree.parse(fleet.folder / "junit.xml").getroot().iter("testcase")  # noqa: S314 - our own
    outcomes = {case.get("name"): sorted(child.tag for child in case) for case in cases}
    wrong = {
        f"test_check[{'/'.join(filter(None, (finding['host'], finding['service'], finding['check'])))}]"
        for finding in truth["findings"]
        if finding["status"] != "pass"
    }

    assert done.returncode == 1, done.stdout.decode()
    assert {name for name, outcome in outcomes.items() if outcome == ["failure"]} == wrong
    assert outcomes["test_audit_ran[run]"] == []
    assert [outcomes[f"test_host_audited[{name}]"] for name in fleet.names.values()] == [[]] * len(HOSTS)
