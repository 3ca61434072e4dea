"""Bundles of hosts that audit themselves, merged."""

import base64
import gzip
import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.checks import CATALOGUE
from auditor.collect import bundle, salt_id, store
from auditor.collect.merged import merge
from auditor.errors import FileError
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target, Told
from auditor.pipeline import audit
from auditor.probe import run
from tests.trees import grow, unit

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


def document(host: str, hours: float = 1, **more: object) -> Document:
    """What a host said so many hours ago."""
    collected = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Document(host, {"schema": "nova-auditor/evidence/1", "host": host, "collected": collected, **more})


def put(folder: Path, *documents: Document | Lost) -> Path:
    """Write a bundle."""
    list(bundle.write(folder, documents))
    return folder


def expect(*names: str) -> tuple[Target, ...]:
    return tuple(Target(name, Kind.LIVE) for name in names)


def merged(
    paths: Path | Sequence[Path], *hosts: str, max_age: timedelta | None = DAY
) -> list[Document | Lost]:
    return list(merge([paths] if isinstance(paths, Path) else paths, expect(*hosts), max_age, NOW))


def why(item: Document | Lost) -> str:
    """The reason for which a host is lost."""
    assert isinstance(item, Lost), item
    assert item.coverage is Coverage.NOT_ATTEMPTED
    return item.reason


def test_a_folder_of_bundles_gives_each_host_its_document(tmp_path: Path) -> None:
    for name in ("cmp02", "cmp01", "ctl.example"):
        put(tmp_path / name, document(name))

    assert merged(tmp_path, "cmp01", "cmp02", "ctl.example") == [
        document(name) for name in ("cmp01", "cmp02", "ctl.example")
    ]


@pytest.mark.parametrize("below", ["", "cmp01", "site/computes/cmp01/2026-11-21"])
def test_a_bundle_may_lie_deeper(tmp_path: Path, below: str) -> None:
    put(tmp_path / "store" / below, document("cmp01"))

    assert merged(tmp_path / "store", "cmp01") == [document("cmp01")]


def test_single_files_are_taken_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "cmp01.json").write_text(json.dumps(document("cmp01").content))
    put(tmp_path / "b", document("cmp02"))
    paths = (tmp_path / "cmp01.json", tmp_path / "b" / "cmp02.json.gz")

    assert merged(paths, "cmp01", "cmp02") == [document("cmp01"), document("cmp02")]


def test_one_bundle_of_many_hosts_merges_with_bundles_of_one(tmp_path: Path) -> None:
    put(tmp_path / "site1", document("cmp01"), document("cmp02"))
    put(tmp_path / "pulled" / "cmp03", document("cmp03"))

    assert [
        item.host for item in merged((tmp_path / "site1", tmp_path / "pulled"), "cmp03", "cmp01", "cmp02")
    ] == [
        "cmp03",
        "cmp01",
        "cmp02",
    ]


def test_a_path_named_twice_is_read_once(tmp_path: Path) -> None:
    put(tmp_path / "cmp01", document("cmp01"))

    assert merged((tmp_path, tmp_path / "cmp01"), "cmp01") == [document("cmp01")]


def test_a_missing_host_is_lost(tmp_path: Path) -> None:
    put(tmp_path / "cmp01", document("cmp01"))
    _, gone = merged(tmp_path, "cmp01", "cmp02")

    assert gone == Lost("cmp02", Coverage.NOT_ATTEMPTED, "no bundle speaks of it", Kind.LIVE)


def unreachable(host: str) -> Lost:
    return Lost(host, Coverage.UNREACHABLE, "no route to host", Kind.LIVE)


def test_a_host_that_gave_nothing_when_a_bundle_was_made_is_lost_as_it_was_then(tmp_path: Path) -> None:
    put(tmp_path, document("cmp01"), unreachable("cmp02"))

    assert merged(tmp_path, "cmp01", "cmp02") == [document("cmp01"), unreachable("cmp02")]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_what_a_host_said_itself_counts_more_than_that_another_could_not_reach_it(
    tmp_path: Path, order: str
) -> None:
    put(tmp_path / order[0], unreachable("cmp01"))
    put(tmp_path / order[1], document("cmp01"))

    assert merged(tmp_path, "cmp01") == [document("cmp01")]


def test_that_a_host_nobody_expects_was_lost_is_not_forgotten(tmp_path: Path) -> None:
    put(tmp_path, unreachable("cmp09"))
    (item,) = merged(tmp_path)

    assert why(item) == "it speaks of cmp09, which is not expected"


def test_an_empty_store_loses_every_host(tmp_path: Path) -> None:
    assert {why(item) for item in merged(tmp_path, "cmp01", "cmp02")} == {"no bundle speaks of it"}


def test_a_path_that_does_not_exist_is_the_operators_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file or directory; give the folder"):
        merge([tmp_path / "typo"], expect("cmp01"), DAY, NOW)


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (24.02, "is 24 h 1 min old, more than the 24 h of --max-age"),
        (76, "is 3 d 4 h old, more than the 24 h of --max-age"),
        (-0.1, "is dated 6 min ahead of this machine's clock"),
        (-24 * 365, "is dated 365 d ahead of this machine's clock"),
    ],
)
def test_stale_evidence_and_evidence_from_the_future_lose_the_host(
    tmp_path: Path, hours: float, said: str
) -> None:
    put(tmp_path, document("cmp01", hours))
    (item,) = merged(tmp_path, "cmp01")

    assert why(item) == f"its evidence {said}: {tmp_path}/cmp01.json.gz"


@pytest.mark.parametrize("hours", [0, 23.99, 24, -0.05])
def test_evidence_within_the_age_is_taken_with_a_little_skew(tmp_path: Path, hours: float) -> None:
    put(tmp_path, document("cmp01", hours))

    assert merged(tmp_path, "cmp01") == [document("cmp01", hours)]


def test_without_a_limit_any_age_is_taken_but_the_future(tmp_path: Path) -> None:
    put(tmp_path, document("old", 9999), document("odd", -9))
    old, odd = merged(tmp_path, "old", "odd", max_age=None)

    assert old == document("old", 9999)
    assert "ahead of this machine's clock" in why(odd)


@pytest.mark.parametrize("stamp", [None, "", "yesterday", "2026-11-21", 1795262400, "9999-99-99T00:00:00Z"])
def test_evidence_that_does_not_say_when_is_not_taken(tmp_path: Path, stamp: object) -> None:
    put(tmp_path, document("cmp01", collected=stamp))
    (item,) = merged(tmp_path, "cmp01", max_age=None)

    assert why(item) == f"{tmp_path}/cmp01.json.gz: it does not say when it was collected"


@pytest.mark.parametrize("days", [("19", "20", "21"), ("21", "20", "19"), ("20", "21", "19")])
def test_the_newest_of_a_hosts_history_is_taken(tmp_path: Path, days: tuple[str, str, str]) -> None:
    for hours, day in zip((49, 25, 1), days, strict=True):
        put(tmp_path / "cmp01" / day, document("cmp01", hours))

    assert merged(tmp_path, "cmp01") == [document("cmp01", 1)]
    assert merged(tmp_path / "cmp01", "cmp01") == [document("cmp01", 1)]


def test_a_history_that_has_ended_is_stale(tmp_path: Path) -> None:
    for hours in (49, 30):
        put(tmp_path / "cmp01" / str(hours), document("cmp01", hours))
    (item,) = merged(tmp_path, "cmp01")

    assert "is 30 h old" in why(item) or "is 1 d 6 h old" in why(item)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_two_machines_that_speak_for_one_host_lose_it(tmp_path: Path, order: tuple[int, int]) -> None:
    for place, hours in zip("ab", order, strict=True):
        put(tmp_path / place, document("cmp01", hours))
    (item,) = merged(tmp_path, "cmp01")

    assert why(item) == (
        f"two bundles speak of it: {tmp_path}/a/cmp01.json.gz and {tmp_path}/b/cmp01.json.gz"
    )


def test_histories_of_one_name_in_two_stores_lose_the_host(tmp_path: Path) -> None:
    for site, hours in (("site1", 1), ("site2", 2)):
        put(tmp_path / site / "cmp01" / "today", document("cmp01", hours))
    (item,) = merged((tmp_path / "site1", tmp_path / "site2"), "cmp01")

    assert why(item).startswith("two bundles speak of it: ")


def test_two_copies_of_one_document_are_one(tmp_path: Path) -> None:
    put(tmp_path / "a", document("cmp01"))
    shutil.copytree(tmp_path / "a", tmp_path / "b")

    assert merged(tmp_path, "cmp01") == [document("cmp01")]


def packed(host: str) -> bytes:
    return gzip.compress(json.dumps(document(host).content).encode())


def test_a_document_of_another_host_under_a_hosts_name_loses_it(tmp_path: Path) -> None:
    (tmp_path / "cmp01.json.gz").write_bytes(packed("cmp02"))
    one, other = merged(tmp_path, "cmp01", "cmp02")

    assert why(one).endswith("cmp01.json.gz: it speaks of cmp02, not of the host that it is called after")
    assert why(other) == "no bundle speaks of it"


@pytest.mark.parametrize(
    ("file", "host", "said"),
    [
        ("cmp09.json.gz", "cmp09", "it speaks of cmp09, which is not expected"),
        ("cmp09.json.gz", "cmp01", "it speaks of cmp01, and its name does not"),
        ("cmp01-2026-11-20.json.gz", "cmp01", "it speaks of cmp01, and its name does not"),
        ("x.json.gz", "cmp09", "it speaks of cmp09, which is not expected either, and its name does not"),
        ("CMP01.json.gz", "cmp01", "it speaks of cmp01, and its name does not"),
    ],
)
def test_what_speaks_of_nobody_expected_is_lost_under_its_own_path(
    tmp_path: Path, file: str, host: str, said: str
) -> None:
    put(tmp_path / "good", document("cmp01"))
    (tmp_path / file).write_bytes(packed(host))
    good, stranger = merged(tmp_path, "cmp01")

    assert good == document("cmp01")
    assert stranger == Lost(str(tmp_path / file), Coverage.NOT_ATTEMPTED, said, Kind.LIVE)


def test_a_host_cannot_speak_for_another_from_its_own_folder(tmp_path: Path) -> None:
    put(tmp_path / "cmp01", document("cmp01"), document("cmp02"))
    own, forged, stranger = merged(tmp_path, "cmp01", "cmp02")

    assert own == document("cmp01")
    assert why(forged) == "no bundle speaks of it"
    assert stranger.host == f"{tmp_path}/cmp01/cmp02.json.gz"
    assert why(stranger) == "it speaks of cmp02, from a folder that is called after cmp01"


def test_nor_can_it_take_the_other_ones_evidence_away(tmp_path: Path) -> None:
    put(tmp_path / "cmp01", document("cmp01"), document("cmp02", 0))
    put(tmp_path / "cmp02", document("cmp02"))
    _, other, stranger = merged(tmp_path, "cmp01", "cmp02")

    assert other == document("cmp02")
    assert "from a folder that is called after cmp01" in why(stranger)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def swap(path: Path) -> None:
    path.write_bytes(packed("cmp01") + b"\0")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "its content is not what the MANIFEST.sha256 beside it says"),
        (swap, "its content is not what the MANIFEST.sha256 beside it says"),
        (empty, "its content is not what the MANIFEST.sha256 beside it says"),
        (remove, "the MANIFEST.sha256 names it, and it is not there"),
    ],
)
def test_a_bundle_that_is_not_what_its_manifest_says_loses_its_host(
    tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    put(tmp_path / "b", document("cmp01"), document("cmp02"))
    damage(tmp_path / "b" / "cmp01.json.gz")
    hurt, whole = merged(tmp_path, "cmp01", "cmp02")

    assert why(hurt) == f"{tmp_path}/b/cmp01.json.gz: {said}"
    assert whole == document("cmp02")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it cannot be read as evidence: "),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff", "it cannot be read as evidence: "),
        (packed("cmp01")[:-9], "it cannot be read as evidence: "),
        (b"[" * 100_000, "it cannot be read as evidence: "),
        (b"[]", "it cannot be read as evidence: it is not an evidence document"),
        (b'{"host": 7}', "it cannot be read as evidence: it is not an evidence document"),
        (b" " * (store.LARGEST + 1), "it is larger than 32 MiB"),
        (
            gzip.compress(b" " * (store.LARGEST + 1)),
            "it cannot be read as evidence: it unpacks to more than 32 MiB",
        ),
    ],
    ids=["empty", "broken", "cut", "deep", "list", "number", "large", "unpacks-large"],
)
def test_a_damaged_document_loses_the_host_it_is_called_after(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "cmp01.json.gz").write_bytes(content)
    (item,) = merged(tmp_path, "cmp01")

    assert why(item).startswith(f"{tmp_path}/cmp01.json.gz: {said}")


def test_damage_beside_good_evidence_still_loses_the_host(tmp_path: Path) -> None:
    put(tmp_path / "cmp01" / "20", document("cmp01"))
    put(tmp_path / "cmp01" / "21", document("cmp01", 0))
    cut(tmp_path / "cmp01" / "21" / "cmp01.json.gz")
    (item,) = merged(tmp_path, "cmp01")

    assert "/21/cmp01.json.gz: its content is not what" in why(item)


def test_damage_without_a_hosts_name_is_lost_under_its_path(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("[]")
    (item,) = merged(tmp_path)

    assert item == Lost(
        f"{tmp_path}/report.json",
        Coverage.NOT_ATTEMPTED,
        "it cannot be read as evidence: it is not an evidence document",
        Kind.LIVE,
    )


def test_what_the_manifest_does_not_name_is_not_taken(tmp_path: Path) -> None:
    put(tmp_path / "b", document("cmp01"))
    (tmp_path / "b" / "cmp02.json.gz").write_bytes(packed("cmp02"))
    _, item = merged(tmp_path, "cmp01", "cmp02")

    assert why(item).endswith("cmp02.json.gz: the MANIFEST.sha256 beside it does not name it")


@pytest.mark.parametrize(
    "manifest", ["what?\n", f"{'0' * 64}  ../cmp01.json.gz\n", f"{'0' * 64}  .\n", "0  x\n"]
)
def test_a_broken_manifest_loses_what_lies_beside_it(tmp_path: Path, manifest: str) -> None:
    put(tmp_path, document("cmp01"))
    (tmp_path / bundle.MANIFEST).write_text(manifest)
    (item,) = merged(tmp_path, "cmp01")

    assert why(item).endswith("cmp01.json.gz: its MANIFEST.sha256 is not one of sha256sum")


def test_a_broken_manifest_alone_is_lost_under_its_path(tmp_path: Path) -> None:
    (tmp_path / bundle.MANIFEST).write_text("what?\n")
    (item,) = merged(tmp_path)

    assert item.host == f"{tmp_path}/MANIFEST.sha256"


def test_transfers_under_way_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path, document("cmp01"))
    (tmp_path / ".cmp01.json.gz.Ab3dE9").write_bytes(packed("cmp01")[:50])

    assert merged(tmp_path, "cmp01") == [document("cmp01")]


def test_links_out_of_the_store_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "outside", document("cmp01"))
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "cmp01.json.gz").symlink_to(tmp_path / "outside" / "cmp01.json.gz")
    (tmp_path / "store" / "cmp02").symlink_to(tmp_path / "outside")
    one, other = merged(tmp_path / "store", "cmp01", "cmp02")

    assert why(one).endswith("store/cmp01.json.gz: it is a link out of the folder, and not followed")
    assert why(other).endswith("store/cmp02: it is a link out of the folder, and not followed")


def test_links_within_the_store_add_nothing(tmp_path: Path) -> None:
    put(tmp_path / "cmp01" / "2026-11-21", document("cmp01"))
    (tmp_path / "cmp01" / "latest").symlink_to("2026-11-21")
    (tmp_path / "cmp01" / "loop").symlink_to("..")

    assert merged(tmp_path, "cmp01") == [document("cmp01")]


def test_a_link_that_the_operator_names_is_followed(tmp_path: Path) -> None:
    put(tmp_path / "b", document("cmp01"))
    (tmp_path / "latest").symlink_to("b")
    (tmp_path / "one.json.gz").symlink_to("b/cmp01.json.gz")

    assert merged(tmp_path / "latest", "cmp01") == [document("cmp01")]
    assert merged(tmp_path / "one.json.gz", "cmp01") == [document("cmp01")]


def test_a_pipe_in_place_of_a_document_does_not_stop_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cmp01.json.gz")
    (item,) = merged(tmp_path, "cmp01")

    assert why(item).endswith("it is not a regular file")


def test_folders_too_deep_are_named(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdef")
    put(deep / "g", document("cmp01"))
    missing, stranger = merged(tmp_path, "cmp01")

    assert why(missing) == "no bundle speaks of it"
    assert (stranger.host, why(stranger)) == (str(deep), "it lies more than 5 folders deep")


def test_what_the_operator_says_of_a_host_goes_first(tmp_path: Path) -> None:
    put(tmp_path, document("cmp01", told={"release": "zed", "services": ["nova-api"]}))
    target = Target("cmp01", Kind.LIVE, told=Told("2025.1", (), expects_none=True))
    (item,) = merge([tmp_path], [target], DAY, NOW)

    assert isinstance(item, Document)
    assert item.content["told"] == {"release": "2025.1", "services": ["nova-api"], "expects_none": True}


def collected(root: Path, host: str, salt: bytes = b"salt") -> Document:
    """What the probe says of a tree."""
    asked = {
        "host": host,
        "kind": "tree",
        "root": str(root),
        "salt": base64.b64encode(salt).decode(),
        "salt_id": salt_id(salt),
    }
    content = run.collect(asked)
    return Document(host, {**content, "collected": "2026-11-21T11:00:00Z"})


def test_the_same_secret_is_the_same_in_bundles_of_one_salt_and_of_no_other(tmp_path: Path) -> None:
    conf = "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@mq.example:5672/\n"
    root = grow(tmp_path / "tree", {**unit("nova-compute"), "/etc/nova/nova.conf": conf})
    for host, salt in (("cmp01", b"shared"), ("cmp02", b"shared"), ("cmp03", b"another")):
        put(tmp_path / "store" / host, collected(root, host, salt))
    read = {
        item.host: item.read()
        for item in merged(tmp_path / "store", "cmp01", "cmp02", "cmp03")
        if isinstance(item, Document)
    }
    said = {
        host: (evidence.salt_id, evidence.files["/etc/nova/nova.conf"]) for host, evidence in read.items()
    }

    assert said["cmp01"] == said["cmp02"]
    assert said["cmp01"][0] != said["cmp03"][0]
    assert said["cmp01"][1] != said["cmp03"][1]


def test_a_merged_audit_says_who_is_missing_and_is_incomplete(tmp_path: Path) -> None:
    root = grow(
        tmp_path / "tree", {**unit("nova-compute"), "/etc/nova/nova.conf": "[DEFAULT]\ndebug = false\n"}
    )
    put(tmp_path / "store" / "cmp01", collected(root, "cmp01"))
    hosts = expect("cmp01", "cmp02")
    report = audit(
        merge([tmp_path / "store"], hosts, DAY, NOW), CATALOGUE, targets=hosts, only=["logging-debug-enabled"]
    )

    assert {host.name: (host.coverage, host.reason) for host in report.hosts} == {
        "cmp01": (Coverage.AUDITED, None),
        "cmp02": (Coverage.NOT_ATTEMPTED, "no bundle speaks of it"),
    }
    assert (report.exit.code, report.complete) == (3, False)
