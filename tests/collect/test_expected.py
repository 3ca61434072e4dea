"""The list of expected hosts."""

from pathlib import Path

import pytest

from auditor.collect.expected import is_plain, read_names
from auditor.errors import FileError
from auditor.model import Kind, Target


def write(folder: Path, text: str, name: str = "hosts") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_each_line_is_a_host(tmp_path: Path) -> None:
    path = write(tmp_path, "# computes\ncmp01.example  # rack 7\n\n  cmp02\r\n10.0.0.7\n")

    assert is_plain(path)
    assert read_names(path) == tuple(
        Target(name, Kind.LIVE) for name in ("cmp01.example", "cmp02", "10.0.0.7")
    )


@pytest.mark.parametrize(
    "text",
    [
        "[computes]\ncmp01\n",
        "cmp01 ansible_host=10.0.0.7\n",
        "cmp[01:20]\n",
        "cmp01:2222\n",
        "---\nall:\n",
        '{"all": {}}\n',
        "; a comment of INI\ncmp01\n",
        "\xff\n",
    ],
)
def test_what_only_ansible_can_read_is_no_plain_list(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(text.encode("latin-1"))

    assert not is_plain(path)


def test_folders_programs_and_lists_with_variables_are_for_ansible(tmp_path: Path) -> None:
    program = write(tmp_path, "cmp01\n", "program")
    program.chmod(0o755)
    (tmp_path / "site" / "group_vars").mkdir(parents=True)

    assert not is_plain(tmp_path)
    assert not is_plain(program)
    assert not is_plain(write(tmp_path / "site", "cmp01\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cmp01\ncmp02\ncmp01\n", ":3: cmp01 is expected already, in line 1; remove one of them"),
        ("cmp01 cmp02\n", ":1: 'cmp01 cmp02' is no host name; write one host name on each line"),
        ("# nobody\n", ": it names no host; write one host name on each line"),
    ],
)
def test_a_list_that_cannot_be_used_is_told_in_a_line(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, text)

    with pytest.raises(FileError) as raised:
        read_names(path)
    assert str(raised.value) == f"{path}{said}"


def test_a_list_that_is_not_there_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(
        FileError, match="No such file; give an inventory of Ansible's, or a file of host names"
    ):
        is_plain(tmp_path / "typo")
