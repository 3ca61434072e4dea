"""A user like any other sees little of the planes, says so, and passes nothing."""

from pathlib import Path

import pytest

from auditor.evidence import Document
from tests.cloud.cloud import Cloud
from tests.cloud.probing import MEMBER, NOBODY, probe
from tests.cloud.seen import Seen, judge

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def document(cloud: Cloud) -> Document:
    return probe(NOBODY)


@pytest.fixture(scope="module")
def seen(document: Document, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return judge(document.content, tmp_path_factory.mktemp("evidence"))


def test_it_says_how_little_it_sees(document: Document) -> None:
    probe = document.content["probe"]

    assert probe["user"] == "nobody"
    assert probe["proc"]["status"] == "some"
    assert probe["proc"]["denied"] > 0


def test_command_lines_are_for_everybody_and_nothing_else(cloud: Cloud, document: Document) -> None:
    services = document.content["services"]

    assert len(services) == sum(len(plane.services) for plane in cloud.planes.values())
    assert {one["process"]["environment"] for one in services} == {"unseen"}
    assert not any(one["process"]["peers"] for one in services)


def test_files_that_it_may_not_read_are_denied(cloud: Cloud, document: Document) -> None:
    files = document.content["files"]
    named = [
        plane.nova / name for plane in cloud.planes.values() for name in ("nova.conf", "nova-cell1.conf")
    ]

    assert {files[str(path)]["status"] for path in named} == {"denied"}


def test_nothing_passes_and_nothing_fails(seen: Seen) -> None:
    assert {one.status for one in seen.findings} <= {"error", "unknown"}
    assert seen.report["passed"] == {}
    assert seen.report["exit"]["code"] in (3, 4)


def test_every_service_is_in_error(seen: Seen) -> None:
    (host,) = seen.report["hosts"]
    lost = {one["service"] for one in seen.report["findings"] if one["check"] == "messaging-plaintext"}

    assert lost == {service["id"] for service in host["services"] if service["role"] != "placement"}


def test_a_member_of_the_group_passes_nothing_that_root_does_not(cloud: Cloud, tmp_path: Path) -> None:
    root, member = (judge(probe(words).content, tmp_path, "--full").findings for words in ((), MEMBER))
    passed = {one for one in member if one.status == "pass"}

    # It may read the files of Nova's services, neither their environments nor their sockets, and nothing of placement's.
    assert any(one.check == "messaging-plaintext" for one in passed)
    assert passed <= root
    assert not [one for one in passed if "unconfigured-server" in one.check]
    assert not [one for one in passed if one.check == "files-environment-overrides"]
    assert not [one for one in passed if "placement-api" in one.service]
