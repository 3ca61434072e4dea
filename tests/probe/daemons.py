"""Real servers that read configuration files of their own, as operators write them: for what the probe says of them.

Where `tests.servers` gives each what TLS needs, here a test writes the whole file. In the texts of files and of SQL,
``@DIR@`` is the server's folder, in which ``cert.pem`` and ``key.pem`` lie, ``@PORT@``, ``@OTHER@`` and ``@THIRD@`` are free ports.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.probe import filesystem, gather, redact, roots, schema, servers
from tests.certificates import authority, issue
from tests.conformance.servers import mariadb as mariadb_faces
from tests.conformance.servers import postgresql as postgresql_faces
from tests.conformance.servers import rabbitmq as rabbitmq_faces
from tests.conformance.servers.process import (
    free_ports,
    give,
    owned_folder,
    put,
    run,
    running,
    surroundings,
)

CLONE_NEWNET = 0x40000000

#: Of documentation's (RFC 5737), on the loopback device of an `island`.
ADDRESS = "192.0.2.1"

#: Makes a root of what there is, and a file that lies only in it.
ROOT = """\
mkdir "$0" && mount -t tmpfs none "$0" && cd "$0"
mkdir usr var proc dev tmp run etc
for name in usr var proc dev tmp run; do mount --rbind /$name $name; done
ln -s usr/bin usr/sbin usr/lib usr/lib64 .
cp /etc/passwd /etc/group /etc/ld.so.cache etc && mv "$1" etc/my.cnf
exec chroot --userspec=mysql:mysql "$0" mariadbd
"""

TLS = {
    "rabbitmq": "ssl_options.certfile = @DIR@/cert.pem\nssl_options.keyfile = @DIR@/key.pem\n",
    "mysql": "ssl-cert = @DIR@/cert.pem\nssl-key = @DIR@/key.pem\n",
    "postgresql": "ssl = on\nssl_cert_file = '@DIR@/cert.pem'\nssl_key_file = '@DIR@/key.pem'\n",
}


@dataclass(frozen=True, slots=True)
class Daemon:
    """A server that runs: its process, its folder, its ports and its user."""

    pid: int
    folder: Path
    port: int
    other: int
    third: int
    user: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *command: str | Path, text: str = "") -> str:
        """What a tool of the server's prints that runs as its user."""
        return run(command, self.user, self.folder, self.environment, text)

    def control(self, *words: str) -> str:
        """What rabbitmqctl prints."""
        return self.run(rabbitmq_faces.PROGRAMS / "rabbitmqctl", "--quiet", *words)

    def sql(self, statements: str) -> str:
        """What MariaDB or PostgreSQL answers, one row on a line."""
        place = ["-h", str(self.folder), "-p", str(self.port)]
        if self.user == "postgres":
            return self.run(
                postgresql_faces.programs() / "psql", *place, "-XAtq", "postgres", text=statements
            )
        client = ["mariadb", "--no-defaults", f"--socket={self.folder}/s.sock", "--user=mysql", "-BN"]
        return self.run(*client, text=statements)


def asked(daemon: Daemon, *, seconds: float = 30) -> Mapping[str, Any]:
    """The SERVER of a daemon as the probe finds it; with no seconds to ask, what its files say."""
    budget = filesystem.Budget(time.monotonic() + 60, 2000, 1 << 20)
    tree = roots.Roots(filesystem.Tree("/", budget))
    gathered = gather.Gathered(tree, redact.Redactor(schema.load(), b"x" * 32), shows_owners=True)
    running = servers.look(gathered, tree.enter, daemon.pid)
    assert running is not None
    return servers.record(running, gathered, time.monotonic() + seconds)


@contextmanager
def island() -> Iterator[str]:
    """A network of this process alone, and of what it starts: yields an address in it that is not the loopback's."""
    library = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/self/ns/net").open("rb") as before:
        assert library.unshare(CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
        try:
            for words in ("link set lo up", f"addr add {ADDRESS}/32 dev lo"):
                subprocess.run(["ip", *words.split()], check=True, timeout=10)
            yield ADDRESS
        finally:
            assert library.setns(before.fileno(), 0) == 0, os.strerror(ctypes.get_errno())


@contextmanager
def network_of(pid: int) -> Iterator[None]:
    """This process in the network of another, for as long as the block lasts."""
    library = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/self/ns/net").open("rb") as own, Path(f"/proc/{pid}/ns/net").open("rb") as other:
        assert library.setns(other.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
        try:
            yield
        finally:
            assert library.setns(own.fileno(), 0) == 0, os.strerror(ctypes.get_errno())


class Folder:
    """The folder of a server before it starts."""

    def __init__(self, folder: Path, user: str) -> None:
        self.folder, self.user = folder, user
        self.port, self.other, self.third, self.names, self.nodes = free_ports(5)
        own = issue(authority("the test's"), ["localhost", "127.0.0.1", ADDRESS])
        self.write("cert.pem", own[0].decode())
        self.write("key.pem", own[1].decode())

    def write(self, name: str, text: str) -> Path:
        """Write a file; folders on its way are made."""
        path = self.folder / name
        if not path.parent.exists():
            path.parent.mkdir()
            give(path.parent, self.user)
        ports = (("@PORT@", self.port), ("@OTHER@", self.other), ("@THIRD@", self.third))
        for word, value in (("@DIR@", self.folder), *ports):
            text = text.replace(word, str(value))
        return put(path, text, self.user)


@contextmanager
def rabbitmq(conf: str, *, advanced: str = "", more: str = "", plugins: str = "[].") -> Iterator[Daemon]:
    """A broker with this rabbitmq.conf, advanced.config, conf.d/more.conf and enabled_plugins."""
    with owned_folder("rabbitmq") as folder:
        home = Folder(folder, "rabbitmq")
        logs = "log.console = true\nlog.console.level = info\nlog.file = false\n"
        environment = {
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(home.names),
            "RABBITMQ_NODENAME": f"broker{home.port}@localhost",
            "RABBITMQ_DIST_PORT": str(home.nodes),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONFIG_FILE": str(home.write("rabbitmq.conf", conf + "\n" + logs)),
            "RABBITMQ_CONFIG_FILES": str(home.write("conf.d/more.conf", more + "\n").parent),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home.write("advanced.config", advanced or "[].")),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home.write("plugins", plugins)),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
        }
        names = ["epmd", "-port", str(home.names), "-address", "127.0.0.1", "-d"]
        server, ready = rabbitmq_faces.PROGRAMS / "rabbitmq-server", "Server startup complete"
        with (
            running(names, "rabbitmq", folder, {}, "epmd running", signal.SIGKILL),
            running([server], "rabbitmq", folder, environment, ready, signal.SIGKILL),
        ):
            pid = int((folder / "pid").read_text())
            yield Daemon(
                pid, folder, home.port, home.other, home.third, "rabbitmq", surroundings(folder, environment)
            )


@contextmanager
def mariadb(
    conf: str,
    *,
    statements: str = "",
    more: str = "[mysqld]\n",
    arguments: str = "",
    address: str = "127.0.0.1",
    has_root: bool = False,
) -> Iterator[Daemon]:
    """A MariaDB with this my.cnf, which may include more.d, where more.cnf lies.

    With ``has_root`` it has mounts and a root of its own, in which alone this my.cnf lies, as /etc/my.cnf.
    As Debian installs it, the operating system's users root and mysql may log in on its socket, and nobody else. Each
    of the ``statements`` stands on a line.
    """
    with owned_folder("mysql") as folder:
        home = Folder(folder, mariadb_faces.USER)
        install = "mariadb-install-db --no-defaults --auth-root-authentication-method=socket --auth-root-socket-user=mysql --skip-test-db"
        run([*install.split(), f"--datadir={folder}/data", "--innodb-log-file-size=8M"], "mysql", folder)
        own = (
            "[mysqld]\ndatadir = @DIR@/data\nsocket = @DIR@/s.sock\npid-file = @DIR@/pid\ninit-file = @DIR@/init.sql\n"
            "innodb-log-file-size = 8M\ninnodb-buffer-pool-size = 16M\ninnodb-flush-log-at-trx-commit = 0\n"
            f"bind-address = {address}\nport = @PORT@\n"
        )
        home.write("init.sql", statements + "\n")
        home.write("more.d/more.cnf", more)
        file = home.write("my.cnf", own + conf)
        command = ["mariadbd", f"--defaults-file={file}", *arguments.split()]
        if has_root:
            command = ["unshare", "--mount", "sh", "-ec", ROOT, str(folder / "root"), str(file)]
        user = "root" if has_root else "mysql"
        with running(command, user, folder, {}, "ready for connections", signal.SIGKILL):
            pid = int((folder / "pid").read_text())
            yield Daemon(pid, folder, home.port, home.other, home.third, "mysql", surroundings(folder, {}))


@contextmanager
def postgresql(
    conf: str,
    hba: str,
    *,
    auto: str = "",
    more: str = "",
    arguments: str = "",
    address: str = "127.0.0.1",
) -> Iterator[Daemon]:
    """A PostgreSQL with this at the end of its postgresql.conf, this pg_hba.conf and postgresql.auto.conf.

    Its postgresql.conf may include more.d, where more.conf lies.
    """
    with owned_folder("postgres") as folder:
        home = Folder(folder, postgresql_faces.USER)
        tools, data = postgresql_faces.programs(), folder / "data"
        make = "-U postgres -A peer -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions"
        run([tools / "initdb", "-D", data, *make.split()], "postgres", folder)
        own = (
            f"listen_addresses = '{address}'\nport = @PORT@\nunix_socket_directories = '@DIR@'\nfsync = off\n"
        )
        home.write("data/postgresql.conf", (data / "postgresql.conf").read_text() + own + conf)
        home.write("data/postgresql.auto.conf", auto)
        home.write("more.d/more.conf", more)
        home.write("data/pg_hba.conf", hba)
        ready = "database system is ready to accept connections"
        command = [tools / "postgres", "-D", data, *arguments.split()]
        with running(command, "postgres", folder, {}, ready, signal.SIGQUIT):
            pid = int((data / "postmaster.pid").read_text().split()[0])
            yield Daemon(pid, folder, home.port, home.other, home.third, "postgres", surroundings(folder, {}))
