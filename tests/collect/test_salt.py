"""Salts."""

from pathlib import Path

import pytest

from auditor.collect import salt
from auditor.errors import FileError


def test_a_fresh_salt_is_nobody_elses() -> None:
    assert salt.fresh() != salt.fresh()
    assert len(salt.fresh()) == 32


def test_a_private_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "salt").write_bytes(b"x" * 32)
    (tmp_path / "salt").chmod(0o600)

    assert salt.read(tmp_path / "salt") == b"x" * 32


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "salt").write_bytes(b"x" * 32)
    (tmp_path / "salt").chmod(mode)

    with pytest.raises(FileError, match="others may read the salt"):
        salt.read(tmp_path / "salt")


def test_a_short_salt_is_refused(tmp_path: Path) -> None:
    (tmp_path / "salt").write_bytes(b"x" * 15)
    (tmp_path / "salt").chmod(0o600)

    with pytest.raises(FileError, match="it holds 15 bytes, fewer than 16"):
        salt.read(tmp_path / "salt")


def test_a_missing_file_a_folder_and_a_link_are_refused(tmp_path: Path) -> None:
    (tmp_path / "salt").write_bytes(b"x" * 32)
    (tmp_path / "link").symlink_to("salt")

    for name in ("none", "link", "."):
        with pytest.raises(FileError):
            salt.read(tmp_path / name)
