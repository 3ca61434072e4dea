"""Every process of a real control plane is found, with the files it reads and the connections it holds."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cloud.cloud import RELEASES, Cloud
from tests.cloud.configuration import PASSWORD
from tests.cloud.seen import Seen, audit, collect

pytestmark = pytest.mark.real

#: Service to its files below etc, its user, and how many processes it has: one that counts and those that work.
EXPECTED: Mapping[str, tuple[str, str, int]] = {
    "nova-conductor": ("nova/nova.conf", "nova", 3),
    "nova-conductor/cell1": ("nova/nova-cell1.conf", "nova", 3),
    "nova-conductor/cell2": ("nova/nova-cell2.conf", "nova", 3),
    "nova-scheduler": ("nova/nova.conf", "nova", 2),
    "nova-api": ("nova/nova.conf", "nova", 3),
    "placement-api": ("placement/placement.conf", "placement", 3),
}

#: Zed's oslo.service starts one worker within the first process.
ALONE = {("zed", "nova-scheduler"): 1}

LIBRARIES = {
    "zed": {"nova": "26.3.0", "oslo.messaging": "14.0.3", "PyMySQL": "1.0.2", "amqp": "5.1.1"},
    "2026.2": {"nova": "34.0.0", "oslo.messaging": "18.3.1", "PyMySQL": "1.2.4", "amqp": "5.4.2"},
}


@pytest.fixture(scope="module")
def seen(cloud: Cloud) -> Seen:
    return audit()


@pytest.fixture(scope="module")
def evidence(cloud: Cloud) -> Mapping[str, Any]:
    return collect()


@pytest.mark.parametrize("release", RELEASES)
def test_every_service_is_found_with_its_files_and_its_user(cloud: Cloud, seen: Seen, release: str) -> None:
    etc = cloud.planes[release].folder / "etc"
    expected = {
        f"{release}/{name}": ([str(etc / file)], "process", user, "running")
        for name, (file, user, _) in EXPECTED.items()
    }
    found = {
        name: (
            [path for path in one["config_files"] if path.endswith(".conf")],
            one["source"],
            one["process"]["user"],
            one["process"]["status"],
        )
        for name, one in seen.services.items()
        if name.startswith(f"{release}/")
    }

    assert found == expected


@pytest.mark.parametrize("release", RELEASES)
def test_workers_are_counted_with_their_service(seen: Seen, release: str) -> None:
    found = {name: seen.services[f"{release}/{name}"]["process"]["count"] for name in EXPECTED}

    assert found == {name: ALONE.get((release, name), count) for name, (_, _, count) in EXPECTED.items()}


@pytest.mark.parametrize("release", RELEASES)
def test_libraries_are_those_of_the_own_environment(seen: Seen, release: str) -> None:
    for name in EXPECTED:
        libraries = seen.services[f"{release}/{name}"]["libraries"]

        assert {library: libraries[library] for library in LIBRARIES[release]} == LIBRARIES[release], name


def test_no_other_service_is_found(seen: Seen) -> None:
    assert set(seen.services) == {f"{release}/{name}" for release in RELEASES for name in EXPECTED}


def test_each_process_is_listed_once_with_its_kind(seen: Seen, evidence: Mapping[str, Any]) -> None:
    kinds = Counter(one["kind"] for one in evidence["processes"])
    pids = [one["pid"] for one in evidence["processes"]]
    total = sum(one["process"]["count"] for one in seen.services.values())

    assert kinds == {"main": len(seen.services), "worker": total - len(seen.services)}
    assert len(set(pids)) == len(pids) == total


def test_the_connections_are_those_to_broker_and_database(cloud: Cloud, evidence: Mapping[str, Any]) -> None:
    both = {("127.0.0.1", cloud.broker.port), ("127.0.0.1", cloud.database.port)}
    webs = {
        ("127.0.0.1", port)
        for plane in cloud.planes.values()
        for port in (plane.ends.placement, plane.ends.identity)
    }
    peers = {
        one["id"]: {(peer["address"], peer["port"]) for peer in one["process"]["peers"]} - webs
        for one in evidence["services"]
    }
    rpc = {
        name: found for name, found in peers.items() if name.startswith(("nova-conductor", "nova-scheduler"))
    }

    assert set(map(frozenset, rpc.values())) == {frozenset(both)}
    assert all(found <= both for found in peers.values())


def test_the_listeners_of_broker_database_and_web_are_seen(cloud: Cloud, evidence: Mapping[str, Any]) -> None:
    listening = {(one["port"], one["program"]) for one in evidence["listeners"]}
    ends = [plane.ends for plane in cloud.planes.values()]
    webs = {(port, "uwsgi") for one in ends for port in (one.api, one.placement)}

    assert listening >= {(cloud.broker.port, "beam.smp"), (cloud.database.port, "mariadbd")} | webs


def test_a_plane_as_it_should_be_has_no_finding_of_what_runs(seen: Seen) -> None:
    found = {one.check for one in seen.findings if one.status == "fail"}

    assert not {check for check in found if check.startswith(("files-", "servers-", "identity-"))}
    assert "messaging-unconfigured-server" not in found
    assert "database-unconfigured-server" not in found


def test_no_password_of_the_planes_is_in_the_evidence(evidence: Mapping[str, Any]) -> None:
    assert evidence["services"]
    assert PASSWORD not in str(evidence)
