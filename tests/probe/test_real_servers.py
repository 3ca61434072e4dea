"""What the probe says of real servers: what they answer, and that their files, read by us, come to the same."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from auditor.collect import payload
from tests.conformance.servers.process import identity
from tests.probe import daemons
from tests.probe.daemons import TLS, Daemon, asked

pytestmark = pytest.mark.real

CANARY = "Kanarienvogel-7Qx"


def values(record: Mapping[str, Any]) -> Mapping[str, str]:
    """The settings by name, their lists in order: RabbitMQ sorts what its files hold."""
    return {entry["name"]: ",".join(sorted(entry["value"].split(","))) for entry in record["settings"]}


def listeners(record: Mapping[str, Any]) -> set[tuple[str, int, str]]:
    found = ((one["address"], one["port"], one["protocol"]) for one in record["listeners"])
    return {one for one in found if one[2] != "clustering"}


RABBITMQ = f"""\
listeners.tcp.local = 127.0.0.1:@PORT@ # for the monitoring
listeners.ssl.1 = 127.0.0.1:@OTHER@
ssl_options.verify = verify_none
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
default_user = nova
default_pass = {CANARY}
connection_max = 4000
loopback_users.guest = true
"""


@pytest.fixture(scope="module")
def broker() -> Iterator[Daemon]:
    more = "loopback_users.guest = false\nloopback_users.nova = true\n"
    with daemons.rabbitmq(RABBITMQ + TLS["rabbitmq"], more=more) as daemon:
        yield daemon


def test_a_broker_says_what_it_runs_with(broker: Daemon) -> None:
    record = asked(broker)

    assert (record["source"], record["version"], record["unseen"]) == ("running", "3.10.8", [])
    assert listeners(record) == {
        ("127.0.0.1", broker.port, "amqp"),
        ("127.0.0.1", broker.other, "amqp/ssl"),
    }
    assert record["accounts"] == [
        {"name": "nova", "host": "", "tls": "unknown", "locked": False, "tags": ["administrator"]}
    ]
    assert values(record)["ssl_options.versions"] == "tlsv1.2,tlsv1.3"
    assert values(record)["loopback_users"] == "nova"


def test_the_files_of_a_broker_come_to_what_it_runs_with(broker: Daemon) -> None:
    by_files, running = asked(broker, seconds=0), asked(broker)

    assert by_files["source"] == "files"
    assert listeners(by_files) == listeners(running)
    assert set(values(by_files).items()) <= set(values(running).items())
    assert {"ssl_options.versions", "loopback_users", "connection_max"} <= set(values(by_files))


ADVANCED = """\
%% "what overrides"
[{rabbit, [
   {tcp_listeners, []},
   {ssl_listeners, [{"127.0.0.1", @OTHER@}]},
   {loopback_users, [<<"guest">>, <<"nova">>]},
   {ssl_options, [{certfile, "@DIR@/cert.pem"}, {keyfile, "@DIR@/key.pem"}, {versions, ['tlsv1.2']}, {password, "CANARY"}]}
 ]},
 {kernel, [{net_ticktime, 60}]}].
"""


@pytest.fixture(scope="module")
def advanced() -> Iterator[Daemon]:
    conf = f"listeners.tcp.1 = 127.0.0.1:@PORT@\nssl_options.versions.1 = tlsv1.3\ndefault_pass = {CANARY}\n"
    plugins = "[rabbitmq_management,rabbitmq_stomp,rabbitmq_mqtt]."
    conf += "management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = @PORT@\nstomp.listeners.tcp = none\n"
    conf += "mqtt.listeners.tcp.1 = 127.0.0.1:@THIRD@\n"
    with daemons.rabbitmq(conf, advanced=ADVANCED.replace("CANARY", CANARY), plugins=plugins) as daemon:
        yield daemon


def test_an_advanced_configuration_overrides_the_other(advanced: Daemon) -> None:
    by_files, running = asked(advanced, seconds=0), asked(advanced)

    assert listeners(running) == {
        ("127.0.0.1", advanced.other, "amqp/ssl"),
        ("127.0.0.1", advanced.port, "http"),
        ("127.0.0.1", advanced.third, "mqtt"),
    }
    assert listeners(by_files) == listeners(running)
    assert set(values(by_files).items()) <= set(values(running).items())
    assert values(by_files)["ssl_options.versions"] == "tlsv1.2"


MARIADB = f"""\
require_secure_transport = 1
ssl-cert = "@DIR@/cert.pem"   # of the server
loose-ssl_key = @DIR@/key.pem
tls_version = TLSv1.1,TLSv1.2
[mysqld-5.5]
max_connections = 55
[client]
password = {CANARY}
max_connections = 66
[server]
max-connections=88#more
!includedir @DIR@/more.d
[mariadbd]
require-secure-transport=OFF
"""

STATEMENTS = f"""\
CREATE USER nova@'%' IDENTIFIED BY '{CANARY}';
CREATE USER tls@'10.%' REQUIRE SSL;
CREATE USER shown@'%' REQUIRE X509;
CREATE USER named@'%' REQUIRE SUBJECT '/CN={CANARY}';
CREATE USER late@'%' ACCOUNT LOCK;
CREATE ROLE reader;
"""


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Daemon]:
    more = "[mysqld]\nmax_connections = 99\n[mysqldump]\nmax_connections = 11\n"
    with daemons.mariadb(MARIADB, more=more, statements=STATEMENTS) as daemon:
        yield daemon


def test_a_mariadb_says_what_it_runs_with(mariadb: Daemon) -> None:
    record = asked(mariadb)
    found = values(record)

    assert (record["source"], record["unseen"]) == ("running", [])
    assert record["version"].startswith("10.11.")
    assert (found["require_secure_transport"], found["have_ssl"]) == ("OFF", "YES")
    assert listeners(record) == {("127.0.0.1", mariadb.port, "mysql")}


def test_accounts_are_shown_with_what_they_demand(mariadb: Daemon) -> None:
    accounts = {one["name"]: (one["host"], one["tls"], one["locked"]) for one in asked(mariadb)["accounts"]}

    assert accounts == {
        "mariadb.sys": ("localhost", "none", True),
        "root": ("localhost", "none", False),
        "mysql": ("localhost", "none", False),
        "nova": ("%", "none", False),
        "tls": ("10.%", "any", False),
        "shown": ("%", "x509", False),
        "named": ("%", "x509", False),
        "late": ("%", "none", True),
    }


def test_the_option_files_of_a_mariadb_come_to_what_it_runs_with(mariadb: Daemon) -> None:
    by_files, running = asked(mariadb, seconds=0), asked(mariadb)
    switches = {"1": "ON", "0": "OFF"}
    found = {name: switches.get(value, value) for name, value in values(by_files).items()}

    assert by_files["source"] == "files"
    assert listeners(by_files) == listeners(running)
    assert set(found.items()) <= set(values(running).items())
    assert (found["max_connections"], found["require_secure_transport"]) == ("99", "OFF")
    assert found["tls_version"] == "TLSv1.1,TLSv1.2"


POSTGRESQL = """\
max_connections = 33            # min 1
max_connections 44
password_encryption = 'scram-sha-256'
include_if_exists '@DIR@/none.conf'
include_dir = '../more.d'
ssl_min_protocol_version = 'TLSv1.1'
"""
HBA = f"""\
local all all peer
# a comment
hostssl nova,"placement" all 10.0.0.0/8 scram-sha-256
host all postgres, nova 192.0.2.0 255.255.255.0 ldap ldapserver=example ldapbasedn="dc=x" ldapbindpasswd="{CANARY}"
hostnossl all all all reject
hostssl all all ::1/128 cert clientcert=verify-full
"""


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Daemon]:
    auto, more = "ssl_max_protocol_version = 'TLSv1.3'\n", "password_encryption = md5\n"
    conf = POSTGRESQL + TLS["postgresql"] + "ssl_ca_file = '@DIR@/cert.pem'\n"
    with daemons.postgresql(conf, HBA, auto=auto, more=more, arguments="-c max_connections=22") as daemon:
        yield daemon


def test_a_postgresql_says_what_it_runs_with(postgresql: Daemon) -> None:
    record = asked(postgresql)
    found = values(record)

    assert (record["source"], record["unseen"]) == ("running", [])
    assert record["version"].startswith("15.")
    assert (found["ssl"], found["max_connections"], found["ssl_min_protocol_version"]) == (
        "on",
        "22",
        "TLSv1.1",
    )
    assert [one["name"] for one in record["accounts"]] == ["postgres"]
    assert listeners(record) == {("127.0.0.1", postgresql.port, "postgresql")}


def test_the_files_of_a_postgresql_come_to_what_it_runs_with(postgresql: Daemon) -> None:
    by_files, running = asked(postgresql, seconds=0), asked(postgresql)
    plain = [
        {name: value for name, value in values(one).items() if not name.startswith("hba.")}
        for one in (by_files, running)
    ]

    assert listeners(by_files) == listeners(running)
    assert set(plain[0].items()) <= set(plain[1].items())
    assert (plain[0]["max_connections"], plain[0]["password_encryption"]) == ("22", "md5")
    assert plain[0]["ssl_max_protocol_version"] == "TLSv1.3"


def test_the_records_of_a_postgresql_are_the_same_from_either(postgresql: Daemon) -> None:
    found = [
        [
            (one["value"], one["line"])
            for one in asked(postgresql, seconds=seconds)["settings"]
            if "hba." in one["name"]
        ]
        for seconds in (0, 30)
    ]
    masked = [(value.replace("10.0.0.0 255.0.0.0", "10.0.0.0/8"), line) for value, line in found[1]]
    masked = [
        (value.replace("::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1/128"), line)
        for value, line in masked
    ]

    assert found[0] == masked
    assert found[0] == [
        ("local all all peer", 1),
        ("hostssl nova,placement all 10.0.0.0/8 scram-sha-256", 3),
        ("host all postgres,nova 192.0.2.0 255.255.255.0 ldap", 4),
        ("hostnossl all all all reject", 5),
        ("hostssl all all ::1/128 cert clientcert=verify-full", 6),
    ]


@pytest.mark.parametrize("name", ["broker", "advanced", "mariadb", "postgresql"])
@pytest.mark.parametrize("seconds", [0, 30])
def test_no_password_leaves_whichever_way_it_was_learnt(
    name: str, seconds: float, request: pytest.FixtureRequest
) -> None:
    daemon: Daemon = request.getfixturevalue(name)
    held = b"".join(file.read_bytes() for file in daemon.folder.rglob("*.con*"))

    assert CANARY not in json.dumps(asked(daemon, seconds=seconds))
    assert CANARY.encode() in held or name == "mariadb"


def test_a_broker_in_a_network_of_its_own_is_asked_there() -> None:
    conf = f"listeners.tcp.1 = {daemons.ADDRESS}:@PORT@\n"
    with daemons.island() as address, daemons.rabbitmq(conf) as daemon, daemons.network_of(os.getppid()):
        record = asked(daemon)

    assert (record["source"], record["unseen"]) == ("running", [])
    assert listeners(record) == {(address, daemon.port, "amqp")}


def test_a_server_in_a_root_of_its_own_is_asked_there_and_its_files_are_those() -> None:
    with daemons.mariadb("max_connections = 17\n", has_root=True) as daemon:
        by_files, running = asked(daemon, seconds=0), asked(daemon)

    assert running["source"] == "running"
    assert values(running)["max_connections"] == "17"
    (entry,) = [one for one in by_files["settings"] if one["name"] == "max_connections"]
    assert (entry["value"], entry["path"]) == ("17", f"pid{daemon.pid}:/etc/my.cnf")


def collected(user: str, *ask: str) -> list[Mapping[str, Any]]:
    """The servers, as the probe that a user runs sends them."""
    request = {"host": "here", "kind": "live", "salt": "c2FsdA==", "salt_id": "1", "ask": list(ask)}
    done = subprocess.run(
        ["/usr/bin/python3", "-I", "-"],
        input=payload.script(request).encode(),
        capture_output=True,
        check=True,
        timeout=60,
        **(identity(user) if user != "root" else {}),
    )
    document = payload.answer(done.stdout)
    assert document is not None
    assert document["incomplete"] == []
    assert [word for word in ask if word not in document["asked"]] == []
    return list(document["servers"])


def on(port: int, found: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    (server,) = [one for one in found if port in [at["port"] for at in one["listeners"]]]
    return server


@pytest.mark.parametrize("user", ["root", "mysql"])
def test_a_server_answers_root_and_its_own_user(mariadb: Daemon, user: str) -> None:
    found = on(mariadb.port, collected(user, "servers"))

    assert (found["source"], found["unseen"]) == ("running", [])


def test_no_server_is_asked_where_nobody_wants_it(mariadb: Daemon) -> None:
    assert collected("root") == []


def test_another_user_learns_nothing_and_is_told_why(mariadb: Daemon) -> None:
    found = [
        one for one in collected("nobody", "servers") if str(mariadb.folder) in json.dumps(one["unseen"])
    ]

    assert [(one["source"], one["settings"], one["accounts"]) for one in found] == [("files", [], None)]
    assert [reason for reason in found[0]["unseen"] if "permission denied" in reason]
