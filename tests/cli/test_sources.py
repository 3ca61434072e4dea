"""The options of the doors: which go together, and what is said of those that do not."""

from pathlib import Path
from typing import Any

import pytest

from auditor.cli.sources import Sources
from auditor.errors import UsageError

ONE_DOOR = [
    {},
    {"roots": ("tree",), "config_files": ("etc/nova/nova.conf",), "service": "nova-compute"},
    {"inventories": ("inventory.yml",), "limit": "compute", "become": True, "via": "ansible-runner worker"},
    {"inventories": ("inventory.yml",), "config_files": ("/etc/nova/nova.conf",)},
    {"hosts": ("ssh://cmp01",), "salt_file": Path("salt")},
    {"hosts": ("ssh://cmp01",), "probe": "/usr/local/sbin/nova-auditor-probe", "live": True},
    {"manifest": Path("-"), "service": "nova-conductor", "salt_file": Path("salt")},
    {"evidence": (Path("bundles"),), "expect": "inventory.yml", "max_age": "24h"},
    {"live": True, "cells": True, "servers": True},
    {"hosts": ("ssh://cmp01",), "live": True},
    {"inventories": ("inventory.yml",), "servers": True, "cells": True},
    {"evidence": (Path("bundles"),), "live": True},
]

REFUSED = [
    ({"roots": ("tree",), "inventories": ("i",)}, "--root and -i are two ways to look; give one of them"),
    ({"hosts": ("h",), "manifest": Path("-")}, "--hosts and --manifest are two ways to look"),
    ({"evidence": (Path("b"),), "roots": ("tree",)}, "--root and --evidence are two ways to look"),
    ({"limit": "compute"}, "--limit belongs to -i INVENTORY; leave it away, or give that"),
    ({"hosts": ("h",), "become": True}, "--become belongs to -i INVENTORY"),
    ({"roots": ("tree",), "via": "x"}, "--via belongs to -i INVENTORY"),
    ({"max_age": "24h"}, "--max-age belongs to --expect INVENTORY"),
    ({"inventories": ("i",), "expect": "i"}, "--expect belongs to --evidence BUNDLE"),
    ({"evidence": (Path("b"),), "salt_file": Path("s")}, "--salt-file belongs to another way to look"),
    ({"manifest": Path("-"), "config_dirs": ("/etc/nova",)}, "--config-dir belongs to another way to look"),
    (
        {"roots": ("tree",), "live": True},
        "--live asks what runs, and nothing runs in the files of --root; leave it away",
    ),
    ({"roots": ("tree",), "cells": True}, "--cells asks what runs, and nothing runs in the files of --root"),
    (
        {"manifest": Path("-"), "servers": True},
        "--servers asks what runs, and nothing runs in the files of --m",
    ),
    ({"roots": ("tree",), "probe": "/usr/sbin/p"}, "--probe asks what is installed on a running host"),
    ({"probe": "/usr/sbin/p", "config_files": ("/etc/nova/nova.conf",)}, "--probe asks what is installed"),
    ({"probe": "/usr/sbin/p;id"}, "--probe /usr/sbin/p;id: it has a form that sudo or a shell"),
    (
        {"inventories": ("i",), "config_files": ("nova.conf",)},
        "nova.conf: give its path on the hosts, from /",
    ),
]


@pytest.mark.parametrize("options", ONE_DOOR)
def test_the_options_of_one_door_go_together(options: dict[str, Any]) -> None:
    assert Sources(**options).roots == options.get("roots", ())


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_options_of_two_doors_are_refused_in_a_line(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        Sources(**options)

    assert str(refused.value).startswith(said)


def test_documents_end_with_the_door(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with Sources(roots=(str(tmp_path / "a"), str(tmp_path / "b"))).open(1) as opened:
        first = next(opened.documents)

    assert first.host == "a"
    assert list(opened.documents) == []


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, set()),
        ({"live": True}, {"wire"}),
        ({"cells": True, "servers": True}, {"cells", "servers"}),
        ({"evidence": (Path("bundles"),), "live": True, "servers": True}, {"wire", "servers"}),
    ],
)
def test_what_is_asked_besides_is_a_kind_of_evidence(given: dict[str, Any], asked: set[str]) -> None:
    assert Sources(**given).asked == asked
