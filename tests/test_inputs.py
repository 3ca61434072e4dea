"""The operator's own files."""

import os
from pathlib import Path

import pytest

from auditor.checks import CATALOGUE
from auditor.errors import FileError
from auditor.evidence import read_documents
from auditor.inputs import read, read_text
from auditor.site import read_thresholds
from auditor.waivers import read as read_waivers
from tests.test_waivers import TODAY


def test_a_regular_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x\xc3\xa9\r\n")

    assert read(tmp_path / "a", "cure") == b"x\xc3\xa9\r\n"
    assert read_text(tmp_path / "a", "cure") == "xé\r\n"


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(FileError, match=r"pipe: it is not a regular file; name another$"):
        read(tmp_path / "pipe", "name another")


def test_what_is_no_file_says_so_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"absent: No such file; name one$"):
        read(tmp_path / "absent", "name one")
    with pytest.raises(FileError, match=r": Is a directory; name one$"):
        read(tmp_path, "name one")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 0, -1, True, "5"])
def test_a_threshold_that_nothing_can_exceed_is_refused(value: object) -> None:
    with pytest.raises(FileError, match=r"thresholds\.placement_call_seconds is .*; give a positive number"):
        read_thresholds("site.toml", {"placement_call_seconds": value})


def test_a_waiver_until_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(
        "schema: 1\nwaivers:\n  - id: a\n    check: database-plaintext\n    reason: r\n    owner: o\n    expires: 2027-13-45\n"
    )

    with pytest.raises(FileError, match=r"waivers\.yaml:\d+: .*expires"):
        read_waivers(file, CATALOGUE, TODAY)


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    waivers, evidence = tmp_path / "waivers.yaml", tmp_path / "evidence.json"
    waivers.write_text("waivers: " + "[" * 50_000)
    evidence.write_text("[" * 200_000)

    with pytest.raises(FileError, match="nested too deeply"):
        read_waivers(waivers, CATALOGUE, TODAY)
    with pytest.raises(FileError, match="it cannot be read as evidence"):
        list(read_documents(evidence))


def test_a_manifest_that_is_no_text_or_names_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.sha256").write_bytes(b"\xff\xfe")
    with pytest.raises(FileError, match="it is not UTF-8"):
        list(read_documents(tmp_path))

    (tmp_path / "MANIFEST.sha256").write_bytes(b"")
    with pytest.raises(FileError, match="it names no document; collect the bundle again"):
        list(read_documents(tmp_path))
