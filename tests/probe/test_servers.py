"""Which processes are servers, and what becomes of one that cannot be asked."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.probe import filesystem, gather, roots, servers
from tests.probe.redaction import REDACTOR
from tests.probe.seen import by_files, lost, values
from tests.trees import grow

CONTAINER = "0123456789abcdef" * 4
CGROUP = f"0::/system.slice/docker-{CONTAINER}.scope\n"

BROKER = [
    "beam.smp",
    "-W",
    "w",
    "--",
    "-root",
    "/usr/lib/erlang",
    "-home",
    "/srv",
    "--",
    "-noshell",
    "-s",
    "rabbit",
    "boot",
]


class Procfs:
    """A procfs in a folder, in which our own number stands for a server's, since its user is looked up for real."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root"
        (folder / "self").mkdir(parents=True)
        self.root.mkdir()
        (folder / "self/root").symlink_to(self.root)

    def add(self, name: str, argv: Sequence[str], pid: int = os.getpid(), **files: str) -> None:
        home = self.folder / str(pid)
        home.mkdir()
        content = {
            "comm": f"{name}\n",
            "cmdline": "\0".join(argv) + "\0",
            "status": "PPid:\t1\n",
            "environ": "HOME=/srv\0",
            "cgroup": "0::/\n",
            **files,
        }
        root = content.pop("root", str(self.root))
        for file, text in content.items():
            (home / file).write_text(text)
        (home / "root").symlink_to(root)

    def find(self, tree: roots.Roots | None = None) -> Sequence[Mapping[str, Any]]:
        tree = tree or self.tree()
        gathered = gather.Gathered(tree, REDACTOR, shows_owners=True)
        # No time to ask.
        return servers.find(gathered, tree.enter, time.monotonic() - 1, str(self.folder))

    def tree(self) -> roots.Roots:
        return roots.Roots(
            filesystem.Tree(str(self.root), filesystem.Budget(time.monotonic() + 20, 100, 1 << 20))
        )


@pytest.fixture
def procfs(tmp_path: Path) -> Procfs:
    return Procfs(tmp_path / "proc")


@pytest.mark.parametrize(
    ("name", "argv", "kind"),
    [
        ("beam.smp", BROKER, "rabbitmq"),
        ("mariadbd", ["/usr/sbin/mariadbd"], "mysql"),
        ("mysqld", ["/usr/sbin/mysqld", "--port=1"], "mysql"),
        ("postgres", ["/usr/lib/postgresql/15/bin/postgres", "-D", "/srv"], "postgresql"),
        ("postmaster", ["/usr/bin/postmaster"], "postgresql"),
    ],
)
def test_a_server_is_found_by_its_process(procfs: Procfs, name: str, argv: Sequence[str], kind: str) -> None:
    procfs.add(name, argv)

    assert [(one["id"], one["kind"], one["source"]) for one in procfs.find()] == [(kind, kind, "files")]


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        (
            "beam.smp",
            ["beam.smp", "--", "-escript", "main", "rabbitmqctl_escript", "-extra", "rabbitmqctl", "status"],
        ),
        ("beam.smp", ["beam.smp", "--", "-s", "couch"]),
        ("postgres", ["postgres: checkpointer "]),
        ("mysqld_safe", ["/bin/sh", "/usr/bin/mysqld_safe"]),
        ("rabbit", ["rabbit"]),
        ("vi", ["vi", "mariadbd"]),
    ],
)
def test_other_processes_are_none(procfs: Procfs, name: str, argv: Sequence[str]) -> None:
    procfs.add(name, argv)

    assert procfs.find() == []


def test_a_worker_of_postgresql_before_it_has_a_title_is_none(procfs: Procfs) -> None:
    procfs.add("postgres", ["/usr/bin/postgres"], status=f"PPid:\t{os.getppid()}\n")
    procfs.add("postgres", ["postgres: x"], pid=os.getppid())

    assert procfs.find() == []


def test_the_files_of_a_container_are_its_own(procfs: Procfs, tmp_path: Path) -> None:
    inside = grow(tmp_path / "inside", {"/etc/my.cnf": "[mysqld]\nport = 7\n"})
    grow(procfs.root, {"/etc/my.cnf": "[mysqld]\nport = 1\n"})
    procfs.add("mysqld", ["mysqld"], root=str(inside), cgroup=CGROUP)
    (server,) = procfs.find()

    assert [(one["value"], one["path"]) for one in server["settings"]] == [("7", "0123456789ab:/etc/my.cnf")]


def test_a_root_without_an_engine_is_called_after_its_process(procfs: Procfs, tmp_path: Path) -> None:
    inside = grow(tmp_path / "inside", {"/etc/my.cnf": "[mysqld]\nport = 7\n"})
    procfs.add("mysqld", ["mysqld"], root=str(inside))
    (server,) = procfs.find()

    assert server["settings"][0]["path"] == f"pid{os.getpid()}:/etc/my.cnf"


def test_a_root_that_may_not_be_entered_is_said_and_nothing_is_known(procfs: Procfs) -> None:
    procfs.add("mysqld", ["mysqld"], root="/nonexistent", cgroup=CGROUP)
    (server,) = procfs.find()

    assert server["settings"] == []
    assert "/etc/my.cnf: permission denied" in lost(server)


def test_servers_of_a_kind_are_told_apart_by_their_port(tmp_path: Path) -> None:
    found = [
        dict(by_files(tmp_path / str(port), "mysql", {"/etc/my.cnf": f"[mysqld]\nport = {port}"}))
        for port in (3306, 3307)
    ]
    servers.name_apart(found)

    assert [one["id"] for one in found] == ["mysql:3306", "mysql:3307"]


def test_nothing_is_run_for_a_server_that_runs_as_root(tmp_path: Path) -> None:
    record = by_files(tmp_path, "mysql", {"/etc/my.cnf": "[mysqld]\nport = 1"})

    assert record["source"] == "files"
    assert "runs as root" in record["unseen"][0]
    assert values(record) == {"port": "1"}


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    record = by_files(tmp_path, "mysql", {"/etc/my.cnf": "[mysqld]\nport = 1\0"})

    assert lost(record) == ["/etc/my.cnf: it holds NUL bytes"]


FILES = {
    "rabbitmq": ["/etc/rabbitmq/rabbitmq.conf", "/etc/rabbitmq/advanced.config"],
    "mysql": ["/etc/my.cnf"],
    "postgresql": ["/var/lib/postgresql/data/postgresql.conf", "/var/lib/postgresql/data/pg_hba.conf"],
}

#: What lines of these files are made of.
WORDS = [
    *"[]{}()<>.,;:=#%!|&\"'\\$ \n\t",
    *(
        "[mysqld]",
        "!include",
        "!includedir",
        "listeners.tcp.1",
        "ssl_options.versions.1",
        "loopback_users",
        "rabbit",
    ),
    *(
        "tcp_listeners",
        "ssl_options",
        "<<",
        ">>",
        "port",
        "ssl",
        "include",
        "include_dir",
        "/etc",
        "host",
        "all",
        "md5",
    ),
    *(
        "hostssl",
        "10.0.0.0/8",
        "127.0.0.1",
        "none",
        "Kanarienvogel",
        "true",
        "5672",
        "-1",
        "99999999999999999999",
    ),
]


@pytest.mark.parametrize("kind", FILES)
@given(words=st.lists(st.sampled_from(WORDS), max_size=40))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_files_hold_the_probe_goes_on(tmp_path: Path, kind: str, words: list[str]) -> None:
    text = "".join(words)
    record = by_files(tmp_path, kind, dict.fromkeys(FILES[kind], text))

    assert record["source"] == "files"
    assert "what we do not know" not in str(record["unseen"])
