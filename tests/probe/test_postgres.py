"""The files of PostgreSQL; `test_real_servers.py` proves them against a real one."""

from pathlib import Path

import pytest

from tests.probe.seen import by_files, listening, lost, places, values

DATA = "/var/lib/postgresql/15/main"
ARGV = ("/usr/lib/postgresql/15/bin/postgres", "-D", DATA)
HBA = f"{DATA}/pg_hba.conf"


def found(
    root: Path, conf: str, hba: str = "local all all peer\n", *arguments: str, **files: str
) -> dict[str, str | None]:
    given = {f"{DATA}/postgresql.conf": conf, HBA: hba, **files}
    return dict(values(by_files(root, "postgresql", given, [*ARGV, *arguments])))


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("max_connections = 100", "max_connections", "100"),
        ("max_connections 100", "max_connections", "100"),
        ("Max_Connections=100# many", "max_connections", "100"),
        ("listen_addresses = '*'", "listen_addresses", "*"),
        ("listen_addresses = 'localhost, 192.0.2.1'", "listen_addresses", "localhost, 192.0.2.1"),
        ("ssl_cert_file = '/etc/it''s.pem'", "ssl_cert_file", None),
        ("ssl = on\nssl = off", "ssl", "off"),
        ("ssl_min_protocol_version = 'TLSv1.2'", "ssl_min_protocol_version", "TLSv1.2"),
        ("ssl_passphrase_command = 'echo Kanarienvogel'\nport = 1", "port", "1"),
    ],
)
def test_a_setting_is_read(tmp_path: Path, text: str, name: str, value: str | None) -> None:
    assert found(tmp_path, text) == {name: value, "hba.1": "local all all peer"}


def test_what_alter_system_wrote_and_the_command_line_come_last(tmp_path: Path) -> None:
    files = {f"{DATA}/postgresql.auto.conf": "port = '2'\nmax_connections = '2'\n"}
    settings = found(tmp_path, "port = 1\nssl = off\n", "", "-c", "max_connections=3", "--ssl=on", **files)

    assert settings == {"port": "2", "max_connections": "3", "ssl": "on"}


def test_includes_stand_where_they_are_written(tmp_path: Path) -> None:
    files = {
        f"{DATA}/more/b.conf": "port = 3",
        f"{DATA}/more/a.conf": "port = 2\nssl = on",
        f"{DATA}/more/.hidden.conf": "port = 9",
        "/srv/one.conf": "max_connections = 7",
    }
    conf = "port = 1\ninclude_dir 'more'\ninclude = '/srv/one.conf'\ninclude_if_exists '/srv/none.conf'\n"

    assert found(tmp_path, conf, "", **files) == {"port": "3", "ssl": "on", "max_connections": "7"}


def test_debian_keeps_the_files_elsewhere(tmp_path: Path) -> None:
    folder = "/etc/postgresql/15/main"
    files = {
        f"{folder}/postgresql.conf": f"data_directory = '{DATA}'\nhba_file = '{folder}/pg_hba.conf'\nport = 1",
        f"{folder}/pg_hba.conf": "hostssl all all all scram-sha-256",
        f"{DATA}/postgresql.auto.conf": "port = 2",
        f"{DATA}/PG_VERSION": "15\n",
    }
    record = by_files(tmp_path, "postgresql", files, [*ARGV, "-c", f"config_file={folder}/postgresql.conf"])

    assert (values(record)["port"], values(record)["hba.1"]) == ("2", "hostssl all all all scram-sha-256")
    assert (record["version"], places(record)["hba.1"]) == ("15", (f"{folder}/pg_hba.conf", 1))


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("host\tall\tall  10.0.0.0/8 md5", "host all all 10.0.0.0/8 md5"),
        ("host all all 10.0.0.0 255.0.0.0 md5 # these", "host all all 10.0.0.0 255.0.0.0 md5"),
        ("host all, nova x,y samenet trust", "host all,nova x,y samenet trust"),
        ('host "two words" all all md5', "host two_words all all md5"),
        ("host all all all radius radiussecrets=Kanarienvogel", "host all all all radius"),
        (
            "hostssl all all all cert clientcert=verify-full map=x",
            "hostssl all all all cert clientcert=verify-full",
        ),
        ("local all postgres peer", "local all postgres peer"),
    ],
)
def test_a_record_is_shown_up_to_its_method(tmp_path: Path, line: str, record: str) -> None:
    settings = found(tmp_path, "", f"# first\n{line}\n")

    assert settings == {"hba.1": record}


@pytest.mark.parametrize("line", ["host all all", "include other.conf", "host all all all Kanarienvogel"])
def test_what_is_no_record_is_withheld_and_said(tmp_path: Path, line: str) -> None:
    record = by_files(tmp_path, "postgresql", {HBA: f"{line}\nlocal all all peer\n"}, ARGV)

    assert values(record) == {"hba.1": None, "hba.2": "local all all peer"}
    assert lost(record) == [f"{HBA}:1: it is no record that we know"]
    assert "Kanarienvogel" not in repr(record)


def test_a_list_that_is_not_there_is_said(tmp_path: Path) -> None:
    record = by_files(tmp_path, "postgresql", {f"{DATA}/postgresql.conf": "ssl = on"}, ARGV)

    assert lost(record) == [f"{HBA}: it could not be read"]


@pytest.mark.parametrize(
    ("conf", "listeners"),
    [
        ("", [("localhost", 5432, "postgresql")]),
        ("listen_addresses = '*'\nport = 7", [("*", 7, "postgresql")]),
        ("listen_addresses = ''", []),
        (
            "listen_addresses = '192.0.2.1,::1'",
            [("192.0.2.1", 5432, "postgresql"), ("::1", 5432, "postgresql")],
        ),
    ],
)
def test_listeners_follow_from_the_settings(
    tmp_path: Path, conf: str, listeners: list[tuple[str, int, str]]
) -> None:
    record = by_files(tmp_path, "postgresql", {f"{DATA}/postgresql.conf": conf, HBA: ""}, ARGV)

    assert listening(record) == listeners
