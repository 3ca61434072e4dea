"""A real PostgreSQL: one server for each face, each with a database that Nova may log in to."""

import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.conformance.servers.process import free_ports, give, owned_folder, put, run, running

USER = "postgres"
BINARIES = Path("/usr/lib/postgresql")


def programs() -> Path:
    """The folder of the newest PostgreSQL here."""
    found = sorted(BINARIES.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    assert found, f"no PostgreSQL below {BINARIES}; run tests/conformance/install"
    return found[-1].parent


@contextmanager
def started(
    faces: Mapping[str, Path | None], login: str, password: str, database: str
) -> Iterator[Mapping[str, int]]:
    """Face to port. ``faces`` maps a face to the certificate and key of its server, or to None: it has no TLS."""
    with owned_folder(USER) as folder, ExitStack() as stack:
        secret = put(folder / "password", password, USER)
        tools, data = programs(), folder / "data"
        options = f"-U {login} -A scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions".split()
        run([tools / "initdb", "-D", data, "--pwfile", secret, *options], USER, folder)
        run(
            [tools / "postgres", "--single", "-D", data, "postgres"],
            USER,
            folder,
            text=f"CREATE DATABASE {database};",
        )
        ports = dict(zip(faces, free_ports(len(faces)), strict=True))
        for face, certificate in faces.items():
            stack.enter_context(server(tools, folder, face, ports[face], certificate))
        yield ports


@contextmanager
def server(tools: Path, folder: Path, face: str, port: int, certificate: Path | None) -> Iterator[None]:
    home = folder / face
    home.mkdir()
    give(home, USER)
    run(["cp", "-r", folder / "data", home / "data"], USER, folder)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(home),
        "fsync": "off",
        "ssl": "off",
    }
    if certificate is not None:
        own = str(put(home / "server.pem", certificate.read_text(), USER))
        settings |= {"ssl": "on", "ssl_cert_file": own, "ssl_key_file": own}
    options = [f"--{name}={value}" for name, value in settings.items()]
    command: Sequence[str | Path] = [tools / "postgres", "-D", home / "data", *options]
    try:
        with running(
            command, USER, home, {}, "database system is ready to accept connections", signal.SIGQUIT
        ):
            yield
    finally:
        shutil.rmtree(home, ignore_errors=True)
