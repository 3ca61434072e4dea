"""What is asked besides, of planes as they should be: endpoints, cells and servers all answer."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cloud.cloud import RELEASES, Cloud
from tests.cloud.configuration import CELLS, HOST, LOGIN, PASSWORD
from tests.cloud.seen import Seen, collect, judge
from tests.cloud.test_processes import EXPECTED

pytestmark = pytest.mark.real

#: The posture of a connection to the broker and of one to the database, with Zed's libraries and with those of 2026.2.
POSTURES = {"zed": ("verified-ca", "opportunistic"), "2026.2": ("verified-full", "verified-full")}


@pytest.fixture(scope="module")
def evidence(cloud: Cloud) -> Mapping[str, Any]:
    return collect("--live", "--cells", "--servers")


@pytest.fixture(scope="module")
def seen(evidence: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return judge(evidence, tmp_path_factory.mktemp("asked"), "--live", "--cells", "--servers")


def test_every_endpoint_is_asked_once_and_answers_with_tls(cloud: Cloud, evidence: Mapping[str, Any]) -> None:
    handshakes = evidence["wire"]["handshakes"]
    (identity,) = {plane.ends.identity for plane in cloud.planes.values()}

    assert evidence["wire"]["incomplete"] == []
    assert sorted((one["protocol"], one["port"]) for one in handshakes) == [
        ("amqp", cloud.broker.port),
        ("https", identity),
        ("mysql", cloud.database.port),
    ]
    assert {(one["host"], one["result"], one["version"]) for one in handshakes} == {(HOST, "tls", "TLSv1.3")}
    assert all(one["verified"] for one in handshakes)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ["nova-conductor", "nova-scheduler", "nova-api"])
def test_every_cell_has_a_posture(cloud: Cloud, seen: Seen, release: str, name: str) -> None:
    ends = cloud.planes[release].ends
    rpc, database = POSTURES[release]
    found = {
        one["purpose"]: (one["endpoints"], one["posture"])
        for one in seen.services[f"{release}/{name}"]["transports"]
        if one["purpose"].startswith("cell:")
    }

    # Those of cell2 are templates, which nova-manage prints as they are: the auditor resolves them.
    assert found == {
        "cell:cell0:database": ([f"{HOST}:{ends.database}"], database),
        **{f"cell:{cell}:rpc": ([f"{HOST}:{ends.broker}"], rpc) for cell in CELLS},
        **{f"cell:{cell}:database": ([f"{HOST}:{ends.database}"], database) for cell in CELLS},
    }


def test_broker_and_database_are_asked_as_they_run(evidence: Mapping[str, Any]) -> None:
    servers = {one["kind"]: one for one in evidence["servers"]}
    accounts = {kind: {one["name"] for one in server["accounts"]} for kind, server in servers.items()}

    assert {kind: server["source"] for kind, server in servers.items()} == {
        "rabbitmq": "running",
        "mysql": "running",
    }
    assert LOGIN in accounts["rabbitmq"]
    assert LOGIN in accounts["mysql"]


def test_nothing_that_was_asked_is_left_open(seen: Seen) -> None:
    asked = ("wire-plaintext", "certificate-", "protocol-old", "endpoint-silent")
    about = [
        one
        for one in seen.findings
        if one.check.startswith("servers-") or any(part in one.check for part in asked)
    ]

    assert about == []
    assert seen.report["selection"]["not_asked"] == []


def test_every_service_is_there_whatever_is_asked(seen: Seen) -> None:
    assert set(seen.services) == {f"{release}/{name}" for release in RELEASES for name in EXPECTED}


def test_no_password_comes_back(evidence: Mapping[str, Any]) -> None:
    assert evidence["asked"]
    assert PASSWORD not in str(evidence)


def test_broker_and_database_notice_one_short_visit(cloud: Cloud) -> None:
    counted = (
        "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'ABORTED_CONNECTS'"
    )
    log = cloud.broker.folder / "rabbitmq-server.log"
    aborted, said = int(cloud.database.execute(counted)), log.read_text()
    collect("--live")

    assert int(cloud.database.execute(counted)) == aborted + 1
    assert "error" not in log.read_text()[len(said) :]
