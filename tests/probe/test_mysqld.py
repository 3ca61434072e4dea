"""The option files of MariaDB and MySQL; `test_real_servers.py` proves them against a real MariaDB."""

from pathlib import Path

import pytest

from tests.probe.seen import by_files, listening, lost, places, values

MARIADB = ("/usr/sbin/mariadbd",)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("[mysqld]\nmax_connections = 100", "max_connections", "100"),
        ("[mysqld]\nmax-connections=100", "max_connections", "100"),
        ("  [mysqld] \n  max_connections=1\n", "max_connections", "1"),
        ("[mysqld]\nmax_connections = 100 # many", "max_connections", "100"),
        ("[mysqld]\nssl_ca = '/etc/a#b.pem' # this", "ssl_ca", None),
        ('[mysqld]\nssl_ca = "/etc/a.pem"', "ssl_ca", "/etc/a.pem"),
        ("[mysqld]\nrequire_secure_transport", "require_secure_transport", "ON"),
        ("[mysqld]\nskip-ssl", "ssl", "OFF"),
        ("[mysqld]\ndisable-require-secure-transport", "require_secure_transport", "OFF"),
        ("[mysqld]\nenable-ssl", "ssl", "ON"),
        ("[mysqld]\nskip-networking", "skip_networking", "ON"),
        ("[mysqld]\nloose-ssl-ca=/a.pem", "ssl_ca", "/a.pem"),
        ("[mysqld]\nmax_connections=1\n[mysqld]\nmax_connections=2", "max_connections", "2"),
        ("[server]\nmax_connections=1", "max_connections", "1"),
        ("[mariadb]\nmax_connections=1", "max_connections", "1"),
        ("[mysqld]\nbind-address = *", "bind_address", "*"),
        ("[mysqld]\nbind-address = 192.0.2.1,::1", "bind_address", "192.0.2.1,::1"),
    ],
)
def test_an_option_is_read(tmp_path: Path, text: str, name: str, value: str | None) -> None:
    assert values(by_files(tmp_path, "mysql", {"/etc/my.cnf": text}, MARIADB)) == {name: value}


@pytest.mark.parametrize(
    "text",
    [
        "[client]\nmax_connections = 1",
        "max_connections = 1",
        "[mysqld]\n# max_connections = 1\n; port = 1",
        "[mysqldump]\nport=1",
    ],
)
def test_what_is_not_the_servers_is_passed_over(tmp_path: Path, text: str) -> None:
    assert values(by_files(tmp_path, "mysql", {"/etc/my.cnf": text}, MARIADB)) == {}


def test_a_group_of_mariadbs_is_not_mysqls(tmp_path: Path) -> None:
    text = "[mariadb]\nport=1\n[mysqld]\nmax_connections=2"

    assert values(by_files(tmp_path, "mysql", {"/etc/my.cnf": text}, ["/usr/sbin/mysqld"])) == {
        "max_connections": "2"
    }


def test_later_files_win_and_includes_stand_where_they_are_written(tmp_path: Path) -> None:
    files = {
        "/etc/my.cnf": "[mysqld]\nport = 1\nmax_connections = 1\n!includedir /etc/my.cnf.d\nextra_port = 5",
        "/etc/my.cnf.d/b.cnf": "[mysqld]\nport = 3\nextra_port = 3",
        "/etc/my.cnf.d/a.cnf": "[mysqld]\nport = 2\n!include c.inc",
        "/etc/my.cnf.d/c.inc": "[mysqld]\nadmin_port = 7",
        "/etc/my.cnf.d/notes.txt": "[mysqld]\nport = 9",
        "/etc/mysql/my.cnf": "[mysqld]\nmax_connections = 2",
    }
    found = by_files(tmp_path, "mysql", files, MARIADB)

    assert values(found) == {"port": "3", "max_connections": "2", "extra_port": "5", "admin_port": "7"}
    assert places(found)["port"] == ("/etc/my.cnf.d/b.cnf", 2)


@pytest.mark.parametrize(
    ("arguments", "port"),
    [
        ((), "1"),
        (("--defaults-file=/srv/own.cnf",), "2"),
        (("--defaults-extra-file=/srv/own.cnf",), "2"),
        (("--no-defaults",), None),
        (("--port=3",), "3"),
        (("--defaults-group-suffix=-two",), "4"),
    ],
)
def test_arguments_choose_files_and_come_last(
    tmp_path: Path, arguments: tuple[str, ...], port: str | None
) -> None:
    files = {
        "/etc/my.cnf": "[mysqld]\nport = 1\n[mysqld-two]\nport = 4",
        "/srv/own.cnf": "[mysqld]\nport = 2",
    }
    found = by_files(tmp_path, "mysql", files, [*MARIADB, *arguments])

    assert values(found).get("port") == port


def test_a_file_that_everybody_may_write_is_ignored_as_the_server_does(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/my.cnf").write_text("[mysqld]\nport = 1")
    (tmp_path / "etc/my.cnf").chmod(0o666)
    found = by_files(tmp_path, "mysql", {}, MARIADB)

    assert values(found) == {}
    assert lost(found) == ["/etc/my.cnf: everybody may write it, so the server ignores it"]


def test_the_group_of_a_version_leaves_it_open(tmp_path: Path) -> None:
    found = by_files(tmp_path, "mysql", {"/etc/my.cnf": "[mariadb-11.4]\nport = 1"}, MARIADB)

    assert lost(found) == ["/etc/my.cnf:1: whether [mariadb-11.4] counts depends on the version"]


def test_a_file_that_includes_itself_comes_to_an_end(tmp_path: Path) -> None:
    found = by_files(tmp_path, "mysql", {"/etc/my.cnf": "[mysqld]\nport = 1\n!include /etc/my.cnf"}, MARIADB)

    assert values(found) == {"port": "1"}


@pytest.mark.parametrize(
    ("text", "listeners"),
    [
        ("", [("*", 3306, "mysql")]),
        ("bind-address = 127.0.0.1", [("127.0.0.1", 3306, "mysql")]),
        ("bind-address = 192.0.2.1, ::1\nport = 7", [("192.0.2.1", 7, "mysql"), ("::1", 7, "mysql")]),
        ("extra_port = 3307", [("*", 3306, "mysql"), ("*", 3307, "mysql")]),
        ("mysqlx_port = 33060", [("*", 3306, "mysql"), ("*", 33060, "mysqlx")]),
        ("skip-networking", []),
        ("skip-networking = 0", [("*", 3306, "mysql")]),
    ],
)
def test_listeners_follow_from_the_settings(
    tmp_path: Path, text: str, listeners: list[tuple[str, int, str]]
) -> None:
    assert listening(by_files(tmp_path, "mysql", {"/etc/my.cnf": f"[mysqld]\n{text}"}, MARIADB)) == listeners


def test_only_what_is_listed_leaves_and_only_in_its_form(tmp_path: Path) -> None:
    text = (
        "[mysqld]\nssl_passphrase = Kanarienvogel\nport = Kanarienvogel\nwsrep_sst_auth = a:Kanarienvogel\n"
    )
    found = by_files(tmp_path, "mysql", {"/etc/my.cnf": text}, [*MARIADB, "--wsrep_sst_auth=Kanarienvogel"])

    assert values(found) == {"port": None}
    assert "Kanarienvogel" not in repr(found)
