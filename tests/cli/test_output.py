"""Where the command line writes: at once or not at all, and for the owner only."""

import os
import stat
from pathlib import Path

import pytest

from auditor.cli.output import check_writable, outputs, page, write_private
from auditor.errors import FileError, UsageError
from auditor.formats import Page


def test_a_file_is_replaced_at_once_and_private(tmp_path: Path) -> None:
    place = tmp_path / "report"
    place.write_text("old")
    write_private(place, b"new")

    assert place.read_bytes() == b"new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [place]


def test_a_pipe_or_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_private(pipe, b"text")
    read = os.read(reader, 10)
    os.close(reader)

    assert read == b"text"
    assert pipe.is_fifo()


def test_a_file_that_cannot_be_written_is_told_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file or directory; name a file that can be written"):
        write_private(tmp_path / "absent" / "report", b"")
    with pytest.raises(UsageError, match="there is no folder"):
        check_writable(tmp_path / "absent" / "report")
    with pytest.raises(UsageError, match="it is a folder"):
        check_writable(tmp_path)


def test_what_is_asked_for_is_a_format_and_a_place(tmp_path: Path) -> None:
    place = tmp_path / "r"

    assert outputs((), None) == (("text", None),)
    assert outputs((), place) == (("text", place),)
    assert outputs(("json",), place) == (("json", place),)
    assert outputs(("text", f"json={place}"), None) == (("text", None), ("json", place))


def test_a_file_is_a_plain_page_of_80_columns(tmp_path: Path) -> None:
    assert page(tmp_path / "report.txt") == Page(80, colour=False)
