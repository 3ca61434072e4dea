"""What we say of servers is what they do: real clients log in, in plain text and with TLS, to real servers.

They stand in a network of their own, so that a client comes from an address which is not the loopback's.
"""

import socket
import ssl
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.check import Check, bad
from auditor.checks.servers import (
    account_without_tls,
    guest_enabled,
    plaintext_listener,
    tls_old,
    tls_optional,
)
from auditor.evaluate import evaluate
from auditor.model import Server, Status
from auditor.semantics.accesslist import plain_records
from auditor.semantics.servers import plain_accounts, requires_tls
from auditor.site import Site
from tests.probe import daemons
from tests.probe.daemons import TLS, Daemon, asked
from tests.trees import example

pytestmark = pytest.mark.real

PASSWORD = "yFw7hPq2kZ4tLm9s"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with daemons.island() as found:
        yield found


def server(daemon: Daemon, folder: Path) -> Server:
    """The server as checks see it."""
    (found,) = example(folder, bad("", evidence={"servers": [asked(daemon)]})).servers
    return found


def status(check: Check, daemon: Daemon, folder: Path) -> Status:
    case = bad("", evidence={"servers": [asked(daemon)]})
    return evaluate(example(folder, case), [check], Site(), case.release).cells[check.id].status


def succeeds(*command: str | Path, **environment: str) -> bool:
    path = "/usr/bin:/bin"
    done = subprocess.run(
        command, env={"PATH": path, **environment}, capture_output=True, timeout=20, check=False
    )
    return done.returncode == 0


# MariaDB

USERS = {"any": "REQUIRE SSL", "none": "REQUIRE NONE", "x509": "REQUIRE X509", "locked": "ACCOUNT LOCK"}


@pytest.fixture(scope="module")
def mariadb(address: str) -> Iterator[Daemon]:
    created = [f"CREATE USER '{name}'@'%' IDENTIFIED BY '{PASSWORD}' {how};" for name, how in USERS.items()]
    created += [f"CREATE USER here@localhost IDENTIFIED BY '{PASSWORD}';"]
    with daemons.mariadb(TLS["mysql"], statements="\n".join(created), address=address) as daemon:
        yield daemon


def logs_in(daemon: Daemon, address: str, user: str, *, tls: bool) -> bool:
    where = [f"--host={address}", f"--port={daemon.port}", f"--user={user}", f"--password={PASSWORD}"]
    return succeeds("mariadb", "--no-defaults", *where, "--ssl" if tls else "--skip-ssl", "-e", "SELECT 1")


@pytest.mark.parametrize("switch", ["OFF", "ON"])
def test_an_account_gets_in_without_tls_where_we_say_so(
    mariadb: Daemon, address: str, tmp_path: Path, switch: str
) -> None:
    mariadb.sql(f"SET GLOBAL require_secure_transport = {switch}")
    found = server(mariadb, tmp_path)
    said = {account.name for account in plain_accounts(found)} if not requires_tls(found) else set()

    assert {user for user in [*USERS, "here"] if logs_in(mariadb, address, user, tls=False)} == said
    assert said == ({"none"} if switch == "OFF" else set())


def test_what_demands_tls_gets_in_with_it(mariadb: Daemon, address: str) -> None:
    mariadb.sql("SET GLOBAL require_secure_transport = ON")

    assert [user for user in USERS if logs_in(mariadb, address, user, tls=True)] == ["any", "none"]


def test_requiring_tls_leaves_the_unix_socket_open(mariadb: Daemon) -> None:
    mariadb.sql("SET GLOBAL require_secure_transport = ON")
    client = [
        "mariadb",
        "--no-defaults",
        f"--socket={mariadb.folder}/s.sock",
        "--user=mysql",
        "--skip-ssl",
        "-BN",
    ]

    assert mariadb.run(*client, text="SHOW STATUS LIKE 'Ssl_version'") == "Ssl_version\t\n"


@pytest.mark.parametrize(
    ("change", "optional", "account"),
    [
        ("SET GLOBAL require_secure_transport = OFF", Status.FAIL, Status.FAIL),
        ("SET GLOBAL require_secure_transport = ON", Status.PASS, Status.PASS),
        ("SET GLOBAL require_secure_transport = OFF; ALTER USER none REQUIRE SSL", Status.PASS, Status.PASS),
        ("ALTER USER none REQUIRE NONE", Status.FAIL, Status.FAIL),
    ],
)
def test_a_change_of_the_running_server_turns_the_verdict(
    mariadb: Daemon, tmp_path: Path, change: str, optional: Status, account: Status
) -> None:
    mariadb.sql(change)
    found = [
        status(check, mariadb, tmp_path)
        for check in (plaintext_listener.CHECK, tls_optional.CHECK, account_without_tls.CHECK)
    ]

    assert found == [Status.PASS, optional, account]


def test_a_mariadb_without_a_certificate_is_in_plain_text(address: str, tmp_path: Path) -> None:
    user = f"CREATE USER nova@'%' IDENTIFIED BY '{PASSWORD}';"
    with daemons.mariadb("require_secure_transport = OFF\n", statements=user, address=address) as daemon:
        found = status(plaintext_listener.CHECK, daemon, tmp_path)
        answers = [logs_in(daemon, address, "nova", tls=False), shaken(daemon, address, "tls1_2", "mysql")]

    assert (found, answers) == (Status.FAIL, [True, False])


# PostgreSQL


@pytest.fixture(scope="module")
def postgresql(address: str) -> Iterator[Daemon]:
    with daemons.postgresql(TLS["postgresql"], "local all all peer\n", address=address) as daemon:
        daemon.sql(f"CREATE USER nova PASSWORD '{PASSWORD}'")
        yield daemon


def connects(daemon: Daemon, address: str, mode: str) -> bool:
    where = f"host={address} port={daemon.port} user=nova dbname=postgres sslmode={mode}"
    return succeeds("psql", "-XAtc", "SELECT 1", where, PGPASSWORD=PASSWORD, HOME="/nonexistent")


@pytest.mark.parametrize(
    ("records", "plain", "encrypted"),
    [
        ("hostssl all all 0.0.0.0/0 scram-sha-256", False, True),
        ("host all all 192.0.2.0/24 scram-sha-256", True, True),
        ("host all all 192.0.2.0 255.255.255.0 scram-sha-256", True, True),
        ("hostnossl all all all reject\nhost all all 192.0.2.0/24 scram-sha-256", False, True),
        ("host all all 192.0.2.0/24 reject\nhost all all 192.0.2.1/32 scram-sha-256", False, False),
        ("host all all 192.0.2.1/32 reject\nhost all all 192.0.3.0/24 trust", True, False),
        ("hostssl all all all reject\nhost all all all scram-sha-256", True, False),
        ("host replication all all reject\nhost all all all scram-sha-256", True, True),
        ("host all placement all reject\nhost all nova all scram-sha-256", True, True),
        ('hostnossl all "nova",placement all reject\nhost all nova all scram-sha-256', False, True),
        ("host all all 127.0.0.0/8 scram-sha-256", False, False),
        ("host all all ::1/128 scram-sha-256\nhostssl postgres nova all scram-sha-256", False, True),
        ("host all all samenet scram-sha-256", True, True),
        (
            "hostnossl all all 0.0.0.0/0 reject\nhostnossl all all ::/0 reject\nhost all all all md5",
            False,
            True,
        ),
    ],
)
def test_the_list_of_who_gets_in_is_read_as_postgresql_reads_it(
    postgresql: Daemon, address: str, tmp_path: Path, records: str, plain: bool, encrypted: bool
) -> None:
    hba = postgresql.folder / "data/pg_hba.conf"
    hba.write_text(f"local all all peer\n{records}\n")
    postgresql.sql("SELECT pg_reload_conf()")
    found = connects(postgresql, address, "disable"), connects(postgresql, address, "require")
    said = bool(plain_records(server(postgresql, tmp_path)))

    assert said is plain
    # Of the last but one network no client comes in this test.
    assert found == (plain and "192.0.3.0" not in records, encrypted)
    assert status(tls_optional.CHECK, postgresql, tmp_path) is (Status.FAIL if plain else Status.PASS)


def test_a_postgresql_without_tls_is_in_plain_text(address: str, tmp_path: Path) -> None:
    hba = "local all all peer\nhost all all all scram-sha-256\nhostssl all all all scram-sha-256\n"
    with daemons.postgresql("ssl = off\n", hba, address=address) as daemon:
        daemon.sql(f"CREATE USER nova PASSWORD '{PASSWORD}'")
        found = status(plaintext_listener.CHECK, daemon, tmp_path)
        answers = [connects(daemon, address, mode) for mode in ("disable", "require")]

    assert (found, answers) == (Status.FAIL, [True, False])


# RabbitMQ

LISTENERS = "listeners.tcp.1 = 192.0.2.1:@PORT@\nlisteners.tcp.2 = 127.0.0.1:@PORT@\nlisteners.ssl.1 = 192.0.2.1:@OTHER@\n"


@pytest.fixture(scope="module")
def broker(address: str) -> Iterator[Daemon]:
    with daemons.rabbitmq(LISTENERS + TLS["rabbitmq"]) as daemon:
        yield daemon


def authenticates(address: str, port: int, user: str, password: str) -> bool:
    """Whether a broker lets a user in over AMQP 0-9-1: it answers the login with Tune."""
    with socket.create_connection((address, port), timeout=10) as link:
        link.sendall(b"AMQP\0\0\x09\x01")
        _method(link)
        answer = f"\0{user}\0{password}".encode()
        arguments = (
            struct.pack(">I", 0) + b"\x05PLAIN" + struct.pack(">I", len(answer)) + answer + b"\x05en_US"
        )
        payload = struct.pack(">HH", 10, 11) + arguments
        link.sendall(struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce")
        return _method(link) == (10, 30)


def _method(link: socket.socket) -> tuple[int, ...]:
    head = _exactly(link, 7)
    return struct.unpack(">HH", _exactly(link, struct.unpack(">I", head[3:])[0] + 1)[:4]) if head else ()


def _exactly(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        try:
            part = link.recv(size - len(data))
        except ConnectionResetError:
            part = b""
        if not part:
            return b""
        data += part
    return data


@pytest.mark.parametrize(("users", "is_in"), [('[<<"guest">>]', False), ("[]", True), ('[<<"nova">>]', True)])
def test_guest_comes_in_from_elsewhere_where_we_say_so(
    broker: Daemon, address: str, tmp_path: Path, users: str, is_in: bool
) -> None:
    broker.control("eval", f"application:set_env(rabbit, loopback_users, {users}).")

    assert authenticates(address, broker.port, "guest", "guest") is is_in
    assert authenticates("127.0.0.1", broker.port, "guest", "guest")
    assert status(guest_enabled.CHECK, broker, tmp_path) is (Status.FAIL if is_in else Status.PASS)


def test_a_broker_without_guest_lets_none_in(broker: Daemon, address: str, tmp_path: Path) -> None:
    broker.control("eval", "application:set_env(rabbit, loopback_users, []).")
    broker.control("delete_user", "guest")

    assert not authenticates(address, broker.port, "guest", "guest")
    assert status(guest_enabled.CHECK, broker, tmp_path) is Status.PASS


def test_a_listener_that_is_closed_while_the_broker_runs_turns_the_verdict(
    broker: Daemon, address: str, tmp_path: Path
) -> None:
    before = status(plaintext_listener.CHECK, broker, tmp_path)
    broker.control("eval", f'rabbit_networking:stop_tcp_listener({{"{address}", {broker.port}}}).')

    assert (before, status(plaintext_listener.CHECK, broker, tmp_path)) == (Status.FAIL, Status.PASS)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address, broker.port), timeout=10)
    with socket.create_connection(("127.0.0.1", broker.port), timeout=10):
        pass


# Versions of TLS

OLD = {
    "mysql": TLS["mysql"] + "tls_version = TLSv1.0,TLSv1.1,TLSv1.2\nssl_cipher = ALL:@SECLEVEL=0\n",
    "postgres": TLS["postgresql"] + "ssl_min_protocol_version = 'TLSv1'\nssl_ciphers = 'ALL:@SECLEVEL=0'\n",
}


def shaken(daemon: Daemon, address: str, version: str, protocol: str) -> bool:
    """Whether a server goes through with a handshake of this version with a client that takes everything."""
    client = ["openssl", "s_client", "-starttls", protocol, f"-{version}", "-cipher", "ALL:@SECLEVEL=0"]
    return succeeds(*client, "-connect", f"{address}:{daemon.port}")


@pytest.mark.parametrize("is_old", [True, False])
@pytest.mark.parametrize("protocol", OLD)
def test_old_versions_of_tls_are_spoken_where_we_say_so(
    address: str, tmp_path: Path, protocol: str, is_old: bool
) -> None:
    conf = OLD[protocol] if is_old else TLS["mysql" if protocol == "mysql" else "postgresql"]
    start = (
        daemons.mariadb(conf, address=address, statements="CREATE USER nova@'%';")
        if protocol == "mysql"
        else daemons.postgresql(conf, "local all all peer\n", address=address)
    )
    with start as daemon:
        found = status(tls_old.CHECK, daemon, tmp_path)
        spoken = {
            version: shaken(daemon, address, version, protocol) for version in ("tls1", "tls1_1", "tls1_2")
        }

    assert found is (Status.FAIL if is_old else Status.PASS)
    assert spoken == {"tls1": is_old, "tls1_1": is_old, "tls1_2": True}


def test_a_broker_takes_the_versions_that_it_is_set_to(address: str, tmp_path: Path) -> None:
    conf = f"listeners.tcp = none\nlisteners.ssl.1 = {address}:@PORT@\nssl_options.versions.1 = tlsv1.3\n"
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with daemons.rabbitmq(conf + TLS["rabbitmq"]) as daemon:
        found = status(tls_old.CHECK, daemon, tmp_path)
        with (
            socket.create_connection((address, daemon.port), timeout=10) as link,
            pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"),
        ):
            context.wrap_socket(link)

    assert found is Status.PASS
