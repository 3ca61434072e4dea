"""Roots on the command line."""

from pathlib import Path

import pytest

from auditor.collect import targets
from auditor.errors import UsageError
from auditor.model import Kind, Target


def test_a_tree_is_called_after_its_folder(tmp_path: Path) -> None:
    (tmp_path / "cmp01").mkdir()

    assert targets.trees([str(tmp_path / "cmp01")]) == (Target("cmp01", Kind.TREE, str(tmp_path / "cmp01")),)


def test_a_name_may_be_given(tmp_path: Path) -> None:
    assert targets.trees([f"node1={tmp_path}"]) == (Target("node1", Kind.TREE, str(tmp_path)),)


def test_a_folder_with_an_equals_sign_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a=b" / "host").mkdir(parents=True)

    assert targets.trees([str(tmp_path / "a=b" / "host")])[0].name == "host"


def test_a_folder_through_a_link_or_dots_has_its_real_name(tmp_path: Path) -> None:
    (tmp_path / "cmp01").mkdir()

    assert targets.trees([f"{tmp_path}/cmp01/../cmp01/."])[0].name == "cmp01"


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ("/no/such/folder", "there is no such folder"),
        ("x=/no/such/folder", "there is no such folder"),
        ("", "there is no such folder"),
        ("/etc/hostname", "it is not a folder"),
        ("/", "'' is no name for a host"),
        ("a b=/", "'a b' is no name for a host"),
    ],
)
def test_a_bad_root_is_one_line_that_names_the_cure(root: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        targets.trees([root])

    assert str(caught.value).startswith(f"--root {root}: ")
    assert "give" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_trees_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a" / "host").mkdir(parents=True)
    (tmp_path / "b" / "host").mkdir(parents=True)

    with pytest.raises(UsageError, match="give this one another: --root NAME="):
        targets.trees([str(tmp_path / "a" / "host"), str(tmp_path / "b" / "host")])


def test_this_host_is_live() -> None:
    assert targets.this_host().kind is Kind.LIVE
    assert targets.this_host().name
