"""Bundles on disk."""

import gzip
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.collect import bundle
from auditor.errors import FileError
from auditor.evidence import Document, Lost, read_documents
from auditor.model import Coverage, Kind, Target


def document(host: str) -> Document:
    return Document(host, {"host": host, "schema": "x"})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    lost = Lost("gone", Coverage.TIMEOUT, "no answer")
    passed = list(bundle.write(folder, [document("a"), lost, document("b")]))

    assert passed == [document("a"), lost, document("b")]
    assert list(read_documents(folder)) == [document("a"), document("b"), lost]


def test_a_host_that_was_never_reached_is_kept_as_lost(tmp_path: Path) -> None:
    targets = [Target("a", Kind.LIVE), Target("b", Kind.LIVE)]
    writing = bundle.write(tmp_path / "bundle", iter([document("a"), document("b")]), targets)
    next(writing)
    writing.close()

    assert list(read_documents(tmp_path / "bundle")) == [
        document("a"),
        Lost("b", Coverage.NOT_ATTEMPTED, "the run ended before its turn", Kind.LIVE),
    ]


@pytest.mark.parametrize(
    "lost", [{"coverage": "audited", "reason": "fine"}, {"coverage": "lost"}, None, {"coverage": "timeout"}]
)
def test_a_loss_that_is_none_is_refused(tmp_path: Path, lost: object) -> None:
    content = {"schema": "nova-auditor/evidence/1", "host": "a", "kind": "live", "lost": lost}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))

    with pytest.raises(FileError, match="cannot be read as evidence"):
        list(read_documents(path))


def test_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    list(bundle.write(folder, [document("a")]))

    assert oct(folder.stat().st_mode) == "0o40700"
    assert {oct(path.stat().st_mode) for path in folder.iterdir()} == {"0o100600"}


def test_the_manifest_is_one_that_sha256sum_checks(tmp_path: Path) -> None:
    list(bundle.write(tmp_path / "b", [document("a"), document("host.example")]))
    done = subprocess.run(
        ["sha256sum", "-c", bundle.MANIFEST], cwd=tmp_path / "b", capture_output=True, check=False
    )

    assert done.returncode == 0


def test_hosts_come_one_by_one(tmp_path: Path) -> None:
    writing = bundle.write(tmp_path / "b", (document(name) for name in "ab"))
    next(writing)

    assert json.loads(gzip.decompress((tmp_path / "b" / "a.json.gz").read_bytes()))["host"] == "a"
    assert not (tmp_path / "b" / "b.json.gz").exists()


def test_an_interrupted_bundle_names_what_it_has(tmp_path: Path) -> None:
    def interrupted() -> Iterator[Document]:
        yield document("a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(bundle.write(tmp_path / "b", interrupted()))

    assert [item.host for item in read_documents(tmp_path / "b")] == ["a"]


def test_an_earlier_bundle_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "b"
    list(bundle.write(folder, [document("a"), document("b")]))
    list(bundle.write(folder, [document("b")]))

    assert sorted(path.name for path in folder.iterdir()) == [bundle.MANIFEST, "b.json.gz"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").touch()

    with pytest.raises(FileError, match="it is not empty and no bundle; give a new folder"):
        list(bundle.write(tmp_path, [document("a")]))
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").touch()

    with pytest.raises(FileError, match="it is a file"):
        list(bundle.write(tmp_path / "x", [document("a")]))


@pytest.mark.parametrize(
    "damaged",
    [
        gzip.compress(b'{"host": "a"}', mtime=0)[:-9],
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff",
        b"{",
        b'{"host": 1}',
    ],
)
def test_damaged_evidence_is_told_in_a_line(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "a.json.gz").write_bytes(damaged)

    with pytest.raises(FileError, match="collect it again"):
        list(bundle.read([tmp_path / "a.json.gz"]))


def test_two_documents_of_one_host_are_refused(tmp_path: Path) -> None:
    for name in ("x", "y"):
        list(bundle.write(tmp_path / name, [document("a")]))

    with pytest.raises(FileError, match="a second document of a; one is in"):
        list(bundle.read([tmp_path / "x", tmp_path / "y"]))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("node1.example", "node1.example.json.gz"),
        ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd.json.gz"),
        (".", "%2E.json.gz"),
        ("a b\n", "a%20b%0A.json.gz"),
    ],
)
def test_a_hosts_name_makes_a_safe_file_name(host: str, name: str) -> None:
    assert bundle.file_name(host) == name


def test_long_names_stay_apart() -> None:
    one, other = bundle.file_name("é" * 250 + "a"), bundle.file_name("é" * 250 + "b")

    assert one != other
    assert len(one) < 255
