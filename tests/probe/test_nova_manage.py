"""The real nova-manage of the oldest and the newest release, asked for the cells as another user than root."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.probe import cells
from tests.cloud.environments import lay_out
from tests.conformance.servers.process import give, identity, owned_folder, put
from tests.probe.asked import Host

USER = "daemon"
SECRET = "S3cret-pw"

#: Where the log would go that the configuration names, each in a way of its own.
LOGGING = {
    "log_file": "log_dir = @/log\nlog_file = nova.log\nuse_json = true\npublish_errors = true\ndebug = true\n",
    "log_config_append": "log_config_append = @/logging.conf\n",
}
LOGGING_CONF = """[loggers]
keys = root
[handlers]
keys = file
[formatters]
keys =
[logger_root]
level = DEBUG
handlers = file
[handler_file]
class = FileHandler
args = ('@/log/own.log',)
"""

#: UUID without its dashes, name, row, disabled.
ROWS = (
    ("0", "cell0", "none:///", "{scheme}://{username}:{password}@{hostname}:{port}/nova_cell0?{query}", 0),
    (
        "1",
        "cell1",
        "{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}",
        f"mysql+pymysql://nova:{SECRET}@db2.example:3307/nova_cell1?charset=utf8",
        0,
    ),
    (
        "2",
        None,
        f"rabbit://a:{SECRET}@h1:1,b:{SECRET}@h2:2/v?ssl=1",
        f"mysql+pymysql://n:x/{SECRET}@db2/n",
        1,
    ),
    ("3", "two\nlines | and 東京", "rabbit://{hostname9}/", "mysql+pymysql:///n?unix_socket=/run/s", 0),
    ("4", "long", f"rabbit://u:{SECRET}@h/", f"postgresql://u:{SECRET}@h/{'x' * 400}", 0),
    ("5", "file", "fake:///", "sqlite:////var/x.db", 0),
)


def uuid(digit: str) -> str:
    """A UUID of one digit."""
    return "-".join(digit * count for count in (8, 4, 4, 4, 12))


@dataclass(frozen=True, slots=True)
class Installed:
    """A release with its API database in a folder of the service's user."""

    folder: Path
    program: Path

    def configure(self, logging: str = "", database: str | None = None) -> Path:
        """Write nova.conf, for its user alone."""
        text = (
            f"[DEFAULT]\n{logging}"
            f"transport_url = rabbit://nova:{SECRET}@rabbit1.example:5671/v?ssl=1\n"
            f"[api_database]\nconnection = {database or 'sqlite:///@/api.db'}\nmax_retries = 1\nretry_interval = 1\n"
            f"[database]\nconnection = mysql+pymysql://nova:{SECRET}@db1.example/nova?ssl_ca=/etc/ca.pem\n"
        )
        return put(self.folder / "nova.conf", text.replace("@/", f"{self.folder}/"), USER)

    def host(self) -> Host:
        """The host with its scheduler."""
        scheduler = str(self.program.parent / "nova-scheduler")
        arguments = ["--config-file", f"{self.folder}/nova.conf"]
        return Host(Path("/"), arguments=arguments, user=USER, home=str(self.folder), executable=scheduler)

    def files(self) -> Mapping[str, tuple[int, float]]:
        """What lies in the folder, the installed release apart: size and time of change."""
        found = [*self.folder.rglob("*")]
        return {
            str(path): (path.stat().st_size, path.stat().st_mtime)
            for path in found
            if not path.is_relative_to(self.program.parents[1])
        }


@pytest.fixture(scope="module", params=["zed", "2026.2"])
def installed(request: pytest.FixtureRequest) -> Iterator[Installed]:
    """A release that its user can run, with a database of cells."""
    with owned_folder(USER) as folder:
        program = lay_out(request.param, folder / "venv") / "bin" / "nova-manage"
        (folder / "log").mkdir()
        give(folder / "log", USER)
        put(folder / "logging.conf", LOGGING_CONF.replace("@/", f"{folder}/"), USER)
        made = Installed(folder, program)
        conf = made.configure()
        subprocess.run(
            [program, f"--config-file={conf}", "--log-file=", "api_db", "sync"],
            check=True,
            capture_output=True,
            env={"PATH": os.environ["PATH"]},
            **identity(USER),
        )
        fill(made, ROWS)
        yield made


def fill(installed: Installed, rows: tuple[tuple[str, str | None, str, str, int], ...]) -> None:
    """Write the table of cells."""
    with closing(sqlite3.connect(installed.folder / "api.db")) as database, database:
        database.execute("DELETE FROM cell_mappings")
        database.executemany(
            "INSERT INTO cell_mappings (uuid, name, transport_url, database_connection, disabled) VALUES (?, ?, ?, ?, ?)",
            [(uuid(digit), *rest) for digit, *rest in rows],
        )


@pytest.mark.real
@pytest.mark.parametrize("logging", LOGGING.values(), ids=LOGGING)
def test_the_cells_are_listed_and_nothing_is_written(installed: Installed, logging: str) -> None:
    installed.configure(logging)
    before = installed.files()

    found = installed.host().asked()

    assert found is not None
    assert (found["status"], found["reason"]) == ("read", None)
    assert (found["user"], found["program"]) == (USER, str(installed.program))
    assert [(row["name"], row["uuid"], row["transport_url"], row["disabled"]) for row in found["rows"]][
        :5
    ] == [
        ("", uuid("2"), "rabbit://a:****@h2:2/v?ssl=1", True),
        ("cell0", uuid("0"), "none:///", False),
        ("cell1", uuid("1"), "rabbit://nova:****@rabbit1.example:5671/v?ssl=1", False),
        ("file", uuid("5"), "fake:///", False),
        ("long", uuid("4"), "rabbit://u:****@h/", False),
    ]
    assert [row["database_connection"] for row in found["rows"]][1:5] == [
        "mysql+pymysql://nova:****@db1.example:None/nova_cell0?ssl_ca=/etc/ca.pem",
        "mysql+pymysql://nova:****@db2.example:3307/nova_cell1?charset=utf8",
        "sqlite:////var/x.db",
        "postgresql://u:****@h/" + "x" * 400,
    ]
    assert found["rows"][5]["transport_url"] == "rabbit://{hostname9}/"
    assert SECRET not in repr(found)
    assert installed.files() == before


@pytest.mark.real
@pytest.mark.parametrize("logging", LOGGING.values(), ids=LOGGING)
def test_without_our_arguments_nova_manage_writes_a_log(installed: Installed, logging: str) -> None:
    conf = installed.configure(logging)
    before = installed.files()

    subprocess.run(
        [installed.program, f"--config-file={conf}", "cell_v2", "list_cells"],
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"]},
        **identity(USER),
    )
    logs = sorted(installed.files().keys() - before.keys())

    assert len(logs) == 1
    assert logs[0].startswith(f"{installed.folder}/log/")
    Path(logs[0]).unlink()


@pytest.mark.real
def test_the_files_of_nova_manage_itself_are_not_read(installed: Installed) -> None:
    conf = installed.configure()
    own = installed.folder / ".nova" / "nova-manage.conf.d"
    own.mkdir(parents=True)
    put(own / "x.conf", "[api_database]\nmax_pool_size = many\n", USER)
    for path in (own, own.parent):
        give(path, USER)
    environment = {"PATH": os.environ["PATH"], "HOME": str(installed.folder)}
    command = [str(installed.program), f"--config-file={conf}", "--log-file=", "cell_v2", "list_cells"]

    plain = subprocess.run(command, check=False, capture_output=True, env=environment, **identity(USER))
    found = installed.host().asked()

    assert plain.returncode != 0
    assert found is not None
    assert found["status"] == "read"


@pytest.mark.real
def test_a_database_that_refuses_is_told_without_the_password(installed: Installed) -> None:
    installed.configure(database=f"mysql+pymysql://nova:{SECRET}@127.0.0.1:1/nova_api")

    found = installed.host().asked()

    assert found == cells.unknown(
        f"{installed.program} ended with status 255, by oslo_db.exception.DBConnectionError", USER
    )


@pytest.mark.real
def test_an_option_that_the_release_rejects_is_told(installed: Installed) -> None:
    installed.configure(database=f"sqlite:///@/api.db\nmax_pool_size = {SECRET}")

    found = installed.host().asked()

    assert found == cells.unknown(
        f"{installed.program} ended with status 1, by oslo_config.cfg.ConfigFileValueError", USER
    )


@pytest.mark.real
def test_an_address_in_brackets_among_several_ends_nova_manage(installed: Installed) -> None:
    installed.configure()
    fill(installed, (*ROWS, ("6", "v6", f"rabbit://a:{SECRET}@h1:1,b:{SECRET}@[::1]:2/", "sqlite://", 0)))
    try:
        found = installed.host().asked()
    finally:
        fill(installed, ROWS)

    assert found is not None
    assert (
        found["status"] == "read"
        or found["reason"] == f"{installed.program} ended with status 255, by ValueError"
    )
