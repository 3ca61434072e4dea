"""Hosts with more processes than anybody has, with processes that come and go, and with a /proc that tells little."""

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.evidence import Document
from tests.cloud.crowd import RESTLESS, crowd
from tests.cloud.probing import HIDING, NOBODY, probe
from tests.cloud.seen import Seen, judge

pytestmark = pytest.mark.real

MASTERS, WORKERS = 40, 4


def of(folder: Path, document: Document) -> list[Mapping[str, Any]]:
    """The services of a crowd: whatever else runs is none of its."""
    conf = str(folder / "nova.conf")
    return [one for one in document.content["services"] if conf in one["arguments"]]


def kinds(folder: Path, document: Document) -> Counter[str]:
    """How many processes of which kind a crowd has."""
    own = {one["id"] for one in of(folder, document)}
    return Counter(one["kind"] for one in document.content["processes"] if one["service"] in own)


def sight(document: Document) -> Mapping[str, Any]:
    """What the probe says it could see of /proc."""
    seen: Mapping[str, Any] = document.content["probe"]["proc"]
    return seen


def test_two_hundred_processes_are_found_in_time() -> None:
    with crowd(MASTERS, WORKERS) as folder:
        began = time.monotonic()
        document = probe()
        took = time.monotonic() - began

    assert document.content["incomplete"] == []
    assert kinds(folder, document) == {"main": MASTERS, "worker": MASTERS * WORKERS}
    assert {one["process"]["count"] for one in of(folder, document)} == {1 + WORKERS}
    assert took < document.content["limits"]["seconds"]


def test_a_probe_without_the_time_for_all_of_them_says_so(tmp_path: Path) -> None:
    with crowd(MASTERS, WORKERS):
        began = time.monotonic()
        document = probe(seconds=0.05)
        took = time.monotonic() - began
    seen = judge(document.content, tmp_path)
    (host,) = seen.report["hosts"]

    assert document.content["incomplete"] == ["the time limit of 0.05 seconds passed"]
    assert host["coverage"] == "partial"
    assert seen.report["passed"] == {}
    assert took < 10


def test_processes_that_end_while_they_are_read_are_no_trouble() -> None:
    with crowd(4, 0, RESTLESS) as folder:
        for _ in range(5):
            document = probe()

            assert document.content["incomplete"] == []
            assert [one["process"]["status"] for one in of(folder, document)] == ["running"] * 4


def test_nobody_sees_less_and_says_so(tmp_path: Path) -> None:
    with crowd(2, 1) as folder:
        document, ours = probe(NOBODY), probe()
    seen = judge(document.content, tmp_path)
    services = of(folder, document)
    own = {one["id"] for one in services}

    assert sight(ours)["status"] == "all"
    assert sight(document)["status"] == "some"
    assert sight(document)["denied"] >= 4
    # Command lines are for everybody; working directories, environments and sockets are not.
    assert {one["name"] for one in services} == {"nova-conductor"}
    assert {one["process"]["environment"] for one in services} == {"unseen"}
    assert {one["process"]["peers"] for one in services} == {None}
    assert not own & passed(seen, "files-environment-overrides")
    assert not own & passed(seen, "messaging-unconfigured-server")


@pytest.mark.parametrize("hidepid", [1, 2])
def test_where_processes_are_hidden_nothing_is_taken_for_stopped(hidepid: int, tmp_path: Path) -> None:
    with crowd(2, 1):
        document = probe([*HIDING, str(hidepid), *NOBODY])
    seen = judge(document.content, tmp_path)

    assert "hidepid" in sight(document)["reason"]
    assert sight(document)["status"] == "some"
    assert document.content["services"] == []
    assert seen.report["exit"]["code"] in (3, 4)


def passed(seen: Seen, check: str) -> set[str]:
    """The services for which a check passed, and what else it judged."""
    return {name for names in seen.report["passed"].get(check, {}).values() for name in names}
