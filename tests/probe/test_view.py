"""Files in the eyes of a service."""

import time
from pathlib import Path

import pytest

from auditor.probe.filesystem import Budget, Tree
from auditor.probe.view import View
from tests.probe.hosts import lay_out

FILES = {
    "/etc/kolla/x/nova.conf": "",
    "/etc/kolla/x/ca/root.crt": "",
    "/generated/etc/nova/nova.conf.d/a.conf": "",
    "/etc/nova/nova.conf": "",
}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(str(lay_out(tmp_path, FILES)), Budget(time.monotonic() + 60, 100, 1 << 20))


def test_without_a_mapping_paths_are_the_hosts_own(tree: Tree) -> None:
    view = View(tree)

    assert view.host("/etc/nova/../nova/nova.conf") == "/etc/nova/nova.conf"
    assert view.exists("/etc/nova/nova.conf")
    assert not view.is_opaque


def test_what_is_mapped_is_seen_and_the_rest_lies_in_the_image(tree: Tree) -> None:
    view = View(tree, [("/etc/nova/nova.conf", "/etc/kolla/x/nova.conf"), ("/share/ca", "/etc/kolla/x/ca")])

    assert view.host("/etc/nova/nova.conf") == "/etc/kolla/x/nova.conf"
    assert view.host("/share/ca/root.crt") == "/etc/kolla/x/ca/root.crt"
    assert view.host("/share/ca/other.crt") is None
    assert view.host("/etc/nova/other.conf") is None
    assert view.exists("/etc/nova")
    assert view.listdir("/etc/nova") == ["nova.conf"]


def test_a_whole_tree_may_be_mapped_to_the_root(tree: Tree) -> None:
    view = View(tree, [("/", "/generated")])

    assert view.host("/etc/nova/nova.conf.d/a.conf") == "/generated/etc/nova/nova.conf.d/a.conf"
    assert view.host("/etc/nova/nova.conf") is None
    assert view.listdir("/etc/nova/nova.conf.d") == ["a.conf"]


def test_a_file_is_no_folder(tree: Tree) -> None:
    with pytest.raises(NotADirectoryError):
        View(tree).listdir("/etc/nova/nova.conf")
    with pytest.raises(NotADirectoryError):
        View(tree).listdir("/none")
