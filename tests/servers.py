"""Real servers with TLS on the loopback, each with a folder, ports and a user of its own: nothing of the machine's is touched.

    with mariadb(certificate, key, authority) as server:
        server.port, server.log.read_text(), server.ask("SELECT 1")

Certificates, keys and authorities are PEM, as `tests.certificates` makes them. Each server ends with its block, and by
itself after `tests.conformance.servers.process.LIFETIME` whatever becomes of the test. Debian's packages are needed
(``tests/conformance/install``).
"""

import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance.servers import mariadb as mariadb_faces
from tests.conformance.servers import postgresql as postgresql_faces
from tests.conformance.servers import rabbitmq as rabbitmq_faces
from tests.conformance.servers.process import free_ports, owned_folder, put, run, running

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs.

    Args:
        port: the one with TLS (of MariaDB and PostgreSQL also the one without: both speak on one port).
        plain_port: of a broker that has a second one, without TLS.
        folder: its own, with its configuration, data and socket; of its ``user`` alone.
        log: what it says.
        environment: what its own tools need to find it.
        command: the tool of `ask` and its arguments.
    """

    port: int
    folder: Path
    user: str
    log: Path
    plain_port: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str | Path] = ()

    def ask(self, *words: str) -> str:
        """What the server's own tool answers, run as the server's user: words of rabbitmqctl, else one SQL statement."""
        return run([*self.command, *words], self.user, self.folder, self.environment)


@contextmanager
def rabbitmq(
    certificate: bytes,
    key: bytes,
    authority: bytes = b"",
    *,
    has_plain_port: bool = False,
    settings: str = "",
    login: str = "nova",
    password: str = "nova",  # noqa: S107 - a broker of the loopback that lives for a test
) -> Iterator[Server]:
    """A broker with a TLS listener (ready after some ten seconds).

    Args:
        certificate: of the server, followed by intermediates.
        key: of the certificate.
        authority: who signs clients' certificates; without, clients are not asked for one.
        has_plain_port: it also listens without TLS.
        settings: further lines of rabbitmq.conf.
        login: its administrator.
        password: the administrator's.
    """
    with owned_folder(rabbitmq_faces.USER) as folder:
        epmd, distribution, port, plain = free_ports(4)
        paths = _certified(folder, rabbitmq_faces.USER, certificate, key, authority)
        lines = [
            f"listeners.tcp.1 = {HOST}:{plain}" if has_plain_port else "listeners.tcp = none",
            f"listeners.ssl.1 = {HOST}:{port}",
            f"ssl_options.certfile = {paths['certificate']}",
            f"ssl_options.keyfile = {paths['key']}",
            *([f"ssl_options.cacertfile = {paths['authority']}"] if authority else []),
            f"ssl_options.verify = {'verify_peer' if authority else 'verify_none'}",
            f"default_user = {login}",
            f"default_pass = {password}",
            "log.console = true",
            "log.console.level = info",
            "log.file = false",
            settings,
        ]
        user = rabbitmq_faces.USER
        environment = {
            "ERL_EPMD_ADDRESS": HOST,
            "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_NODENAME": "auditor@localhost",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONFIG_FILE": str(put(folder / "rabbitmq.conf", "\n".join(lines) + "\n", user)),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder),
        }
        names = ["epmd", "-port", str(epmd), "-address", HOST, "-d"]
        server = rabbitmq_faces.PROGRAMS / "rabbitmq-server"
        with (
            running(names, user, folder, {}, "epmd running", signal.SIGKILL),
            running([server], user, folder, environment, "Server startup complete", signal.SIGKILL),
        ):
            yield Server(
                port,
                folder,
                user,
                folder / "rabbitmq-server.log",
                plain if has_plain_port else None,
                environment,
                [rabbitmq_faces.PROGRAMS / "rabbitmqctl", "--quiet"],
            )


@contextmanager
def mariadb(
    certificate: bytes,
    key: bytes,
    authority: bytes = b"",
    *,
    options: Sequence[str] = (),
    statements: str = "",
) -> Iterator[Server]:
    """A MariaDB that offers TLS (ready after some three seconds); root logs in on its socket without a password.

    Args:
        certificate: of the server, followed by intermediates.
        key: of the certificate.
        authority: who signs clients' certificates.
        options: of mariadbd, such as ``--require-secure-transport=ON``.
        statements: SQL that it runs when it starts, each on a line of its own.
    """
    user = mariadb_faces.USER
    with owned_folder(user) as folder:
        (port,) = free_ports(1)
        paths = _certified(folder, user, certificate, key, authority)
        install = ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal"]
        run([*install, "--skip-test-db", f"--datadir={folder / 'data'}"], user, folder)
        command = [
            "mariadbd",
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            f"--bind-address={HOST}",
            f"--port={port}",
            f"--socket={folder / 's.sock'}",
            f"--pid-file={folder / 'pid'}",
            f"--init-file={put(folder / 'init.sql', statements, user)}",
            f"--ssl-cert={paths['certificate']}",
            f"--ssl-key={paths['key']}",
            *([f"--ssl-ca={paths['authority']}"] if authority else []),
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
            *options,
        ]
        client = ["mariadb", "--no-defaults", f"--socket={folder / 's.sock'}", "--user=root", "--batch"]
        with running(command, user, folder, {}, "ready for connections", signal.SIGKILL):
            yield Server(port, folder, user, folder / "mariadbd.log", command=[*client, "--execute"])


@contextmanager
def postgresql(
    certificate: bytes,
    key: bytes,
    authority: bytes = b"",
    *,
    settings: Mapping[str, str] | None = None,
    access: str = "",
    statements: str = "",
) -> Iterator[Server]:
    """A PostgreSQL that offers TLS (ready after some three seconds); postgres logs in on its socket without a password.

    Args:
        certificate: of the server, followed by intermediates.
        key: of the certificate.
        authority: who signs clients' certificates.
        settings: further parameters of the server.
        access: further lines of pg_hba.conf, before the others, which let everyone in from the loopback with a password.
        statements: SQL that is run before it starts, each on a line of its own.
    """
    user = postgresql_faces.USER
    with owned_folder(user) as folder:
        (port,) = free_ports(1)
        paths = _certified(folder, user, certificate, key, authority)
        tools, data = postgresql_faces.programs(), folder / "data"
        run([tools / "initdb", "-D", data, *_INITDB], user, folder)
        if statements:
            run([tools / "postgres", "--single", "-D", data, "postgres"], user, folder, text=statements)
        hba = data / "pg_hba.conf"
        everyone = "".join(f"host all all {net} scram-sha-256\n" for net in ("127.0.0.0/8", "::1/128"))
        put(hba, f"local all all trust\n{access}\n{everyone}", user)
        chosen = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "ssl": "on",
            "ssl_cert_file": str(paths["certificate"]),
            "ssl_key_file": str(paths["key"]),
            **({"ssl_ca_file": str(paths["authority"])} if authority else {}),
            **(settings or {}),
        }
        options = [f"--{name}={value}" for name, value in chosen.items()]
        client: list[str | Path] = [
            "psql",
            "-h",
            folder,
            "-p",
            str(port),
            "-U",
            user,
            "-d",
            "postgres",
            "-AtX",
            "-c",
        ]
        ready = "database system is ready to accept connections"
        command: list[str | Path] = [tools / "postgres", "-D", data, *options]
        with running(command, user, folder, {}, ready, signal.SIGQUIT):
            yield Server(port, folder, user, folder / "postgres.log", command=client)


_INITDB = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]


def _certified(
    folder: Path, user: str, certificate: bytes, key: bytes, authority: bytes
) -> Mapping[str, Path]:
    named = {"certificate": certificate, "key": key, "authority": authority}
    return {
        name: put(folder / f"{name}.pem", content.decode(), user)
        for name, content in named.items()
        if content
    }
