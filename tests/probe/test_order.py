"""The order of sources, against the real oslo.config where it can be asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.probe import order

ASK = """
import json, sys
from oslo_config import cfg
conf = cfg.ConfigOpts()
conf.register_opt(cfg.MultiStrOpt("mark"))
try:
    conf(sys.argv[2:], project="nova", prog=sys.argv[1])
    print(json.dumps([conf.mark, conf.config_file]))
except BaseException as error:
    print(json.dumps(type(error).__name__))
"""

FILES = (
    ".nova/nova-compute.conf", "nova.conf", ".nova/nova.conf.d/20.conf", ".nova/nova.conf.d/10.conf", ".nova/nova.conf.d/.h.conf",
    ".nova/nova.conf.d/x.bak", "nova.conf.d/99.conf", "nova-compute.conf.d/1.conf", "other/a.conf", "other/b.conf", "dir/1.conf", "dir/2.conf",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[DEFAULT]\nmark = {path}\n")
    return folder


class Folders:
    """The machine's own files."""

    exists = staticmethod(os.path.exists)
    listdir = staticmethod(os.listdir)


@pytest.mark.parametrize("program", ["nova-compute", "nova-api"])
@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "--config-file other/a.conf",
        "--config-file=other/a.conf --config-file other/b.conf",
        "--config-dir dir",
        "--config-file other/a.conf --config-dir dir",
        "--config-dir=dir --config-file ~/other/a.conf",
        "--config-f other/a.conf",
        "--config-d=dir/",
        "--config-file ./other/../other/b.conf",
    ],
)
def test_the_order_is_that_of_oslo_config(home: Path, program: str, arguments: str) -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASK, program, *arguments.split()],
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
    )
    marks, config_files = json.loads(asked.stdout)
    found = order.order("nova", program, arguments.split(), {}, str(home), False, Folders(), cwd=str(home))

    # oslo.config joins the values of an option that may be repeated in the order of its files.
    assert [source.path for source in found.sources] == marks
    assert (
        found.config_files == [os.path.normpath(home / Path(path).expanduser()) for path in config_files]
        or "~" in arguments
    )


class Names:
    """Files that only have names."""

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def exists(self, path: str) -> bool:
        return any(known == path or known.startswith(path + "/") for known in self.paths)

    def listdir(self, path: str) -> list[str]:
        return [known[len(path) + 1 :] for known in self.paths if known.startswith(path + "/")]


def paths(
    *known: str,
    project: str = "nova",
    program: str = "uwsgi",
    arguments: str = "",
    wsgi: bool = True,
    **environ: str,
) -> list[str]:
    found = order.order(project, program, arguments.split(), environ, "/var/lib/nova", wsgi, Names(*known))
    return [f"{source.path} {source.how}" for source in found.sources]


def test_under_wsgi_nova_reads_paste_and_its_own_file() -> None:
    assert paths() == ["/etc/nova/api-paste.ini default", "/etc/nova/nova.conf default"]


def test_under_wsgi_the_environment_names_the_files() -> None:
    found = paths(OS_NOVA_CONFIG_DIR=" /srv ", OS_NOVA_CONFIG_FILES="a.conf;/etc/b.conf")

    assert found == ["/srv/a.conf default", "/etc/b.conf default"]


def test_under_wsgi_drop_ins_win_and_arguments_come_last() -> None:
    found = paths("/etc/nova/nova.conf.d/1.conf", arguments="--config-file /x.conf")

    assert found == ["/etc/nova/nova.conf.d/1.conf default-dir", "/x.conf argument"]


def test_placement_searches_unless_its_folder_is_named() -> None:
    assert paths("/etc/placement/placement.conf", project="placement") == [
        "/etc/placement/placement.conf default"
    ]
    assert paths(project="placement", OS_PLACEMENT_CONFIG_DIR="/srv") == ["/srv/placement.conf default"]


def test_a_snap_is_searched_last() -> None:
    found = paths("/snap/c/etc/nova/nova.conf", wsgi=False, SNAP_COMMON="/snap/c")

    assert found == ["/snap/c/etc/nova/nova.conf default"]


def test_the_home_shadows_etc() -> None:
    found = paths(
        "/etc/nova/nova.conf", "/var/lib/nova/nova.conf", "/var/lib/nova/.nova/nova.conf", wsgi=False
    )

    assert found == ["/var/lib/nova/.nova/nova.conf default"]


def test_a_named_folder_that_is_not_there_is_a_source() -> None:
    assert paths(arguments="--config-file /x --config-dir /none", wsgi=False) == [
        "/x argument",
        "/none argument-dir",
    ]


class Closed(Names):
    """A folder that may not be listed."""

    def listdir(self, path: str) -> list[str]:
        raise PermissionError(path)


def test_a_folder_that_cannot_be_listed_stands_for_its_files() -> None:
    found = order.order("nova", "", [], {}, None, False, Closed("/etc/nova/nova.conf.d/1.conf"))

    assert found.sources == [order.Source("/etc/nova/nova.conf.d", "default-dir")]


def test_rdo_reads_what_it_ships_first() -> None:
    known = Names("/usr/share/nova/nova-dist.conf", "/etc/nova/nova.conf")
    found = order.order("nova", "nova-compute", [], {}, None, False, known, dist=True)

    assert [source.path for source in found.sources] == [
        "/usr/share/nova/nova-dist.conf",
        "/etc/nova/nova.conf",
    ]
