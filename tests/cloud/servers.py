"""The broker and the database of the plane: one real RabbitMQ and one real MariaDB for all releases, with TLS alone."""

import json
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cloud import configuration
from tests.cloud.configuration import LOGIN, PASSWORD
from tests.cloud.environments import PYTHON
from tests.conformance.servers.mariadb import USER as MYSQL
from tests.conformance.servers.process import give, put, run, running
from tests.conformance.servers.rabbitmq import PROGRAMS
from tests.conformance.servers.rabbitmq import USER as RABBITMQ


@dataclass(frozen=True, slots=True)
class Broker:
    """A RabbitMQ that runs: its port, its certificate and key in one file, and how to ask it."""

    port: int
    certificate: Path
    configuration: Path
    folder: Path
    environment: tuple[tuple[str, str], ...]

    def ask(self, *words: str) -> str:
        """What rabbitmqctl says (about two seconds)."""
        command: list[str | Path] = [PROGRAMS / "rabbitmqctl", "--quiet", *words]
        return run(command, RABBITMQ, self.folder, dict(self.environment))

    def present(self, certificate: bytes) -> None:
        """Have the broker show another certificate (with its key) to whoever connects from now on."""
        put(self.certificate, certificate.decode(), RABBITMQ)
        self.ask("eval", "ssl:clear_pem_cache().")


@dataclass(frozen=True, slots=True)
class Database:
    """A MariaDB that runs: its port, its certificate and key in one file, and how to ask it."""

    port: int
    certificate: Path
    configuration: Path
    folder: Path
    socket: Path

    def execute(self, statements: str) -> str:
        """What the server answers its own user over its socket: lines of columns parted by tabs."""
        program = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--batch", "--skip-column-names"]
        return run(program, MYSQL, self.folder, text=statements)

    def present(self, certificate: bytes) -> None:
        """Have the server show another certificate (with its key) to whoever connects from now on."""
        put(self.certificate, certificate.decode(), MYSQL)
        self.execute("FLUSH SSL;")

    def copy(self, schema: str, empty: str) -> None:
        """Fill an empty schema with all that another has."""
        where = f"--no-defaults --socket={self.socket}"
        run(["sh", "-c", f"mariadb-dump {where} {schema} | mariadb {where} {empty}"], MYSQL, self.folder)


@contextmanager
def broker(folder: Path, ports: Sequence[int], certificate: bytes, vhosts: Sequence[str]) -> Iterator[Broker]:
    """Run the broker in a folder that is made. ``ports`` are those of AMQP, of epmd and of Erlang's distribution."""
    port, epmd, distribution = ports
    folder.mkdir()
    give(folder, RABBITMQ)
    own = put(folder / "server.pem", certificate.decode(), RABBITMQ)
    definitions = put(folder / "definitions.json", json.dumps(configuration.definitions(vhosts)), RABBITMQ)
    told = put(folder / "rabbitmq.conf", configuration.broker(port, own, definitions), RABBITMQ)
    environment = {
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd),
        "RABBITMQ_NODENAME": "cloud@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none",
        "RABBITMQ_CONFIG_FILE": str(told),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder),
    }
    names = ["epmd", "-port", str(epmd), "-address", "127.0.0.1", "-d"]
    server = [PROGRAMS / "rabbitmq-server"]
    with (
        running(names, RABBITMQ, folder, {}, "epmd running", signal.SIGKILL),
        running(server, RABBITMQ, folder, environment, "Server startup complete", signal.SIGKILL),
    ):
        yield Broker(port, own, told, folder, tuple(environment.items()))


@contextmanager
def database(folder: Path, port: int, certificate: bytes, schemas: Sequence[str]) -> Iterator[Database]:
    """Run the database in a folder that is made, with those schemas, empty, and an account that may use them."""
    folder.mkdir()
    give(folder, MYSQL)
    data, socket = folder / "data", folder / "s.sock"
    # As Debian does: whoever is mysql on the machine is the server's own user of that name.
    socket_user = ["--auth-root-authentication-method=socket", f"--auth-root-socket-user={MYSQL}"]
    install = ["mariadb-install-db", "--no-defaults", *socket_user]
    run([*install, "--skip-test-db", f"--datadir={data}", "--innodb-log-file-size=8M"], MYSQL, folder)
    own = put(folder / "server.pem", certificate.decode(), MYSQL)
    account = f"'{LOGIN}'@'%'"
    created = "".join(f"CREATE DATABASE {name} CHARACTER SET utf8;\n" for name in schemas)
    granted = "".join(f"GRANT ALL ON {name}.* TO {account};\n" for name in schemas)
    user = f"CREATE USER {account} IDENTIFIED BY '{PASSWORD}';\n"
    grants = put(folder / "grants.sql", created + user + granted, MYSQL)
    text = configuration.database(port, data, socket, own, grants)
    told = put(folder / "my.cnf", text, MYSQL)
    command = ["mariadbd", f"--defaults-file={told}"]
    with running(command, MYSQL, folder, {}, "ready for connections", signal.SIGKILL):
        yield Database(port, own, told, folder, socket)


@contextmanager
def identity(folder: Path, port: int, certificate: bytes, regions: Mapping[str, str]) -> Iterator[None]:
    """Run what stands for keystone in a folder that is made. ``regions``: name to the URL of its placement."""
    folder.mkdir()
    give(folder, "nobody")
    own = put(folder / "server.pem", certificate.decode(), "nobody")
    script = put(folder / "identity.py", Path(__file__).with_name("identity.py").read_text(), "nobody")
    command: list[str | Path] = [
        PYTHON,
        script,
        str(port),
        own,
        *(f"{name}={url}" for name, url in regions.items()),
    ]
    with running(command, "nobody", folder, {}, "identity is ready", signal.SIGKILL):
        yield
