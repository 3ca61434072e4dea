"""A real MariaDB: one server for each face, each with a database that Nova may log in to."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.conformance.servers.process import free_ports, give, owned_folder, put, run, running

USER = "mysql"


@contextmanager
def started(
    faces: Mapping[str, Path | None], login: str, password: str, database: str
) -> Iterator[Mapping[str, int]]:
    """Face to port. ``faces`` maps a face to the certificate and key of its server, or to None: it has no TLS."""
    with owned_folder(USER) as folder, ExitStack() as stack:
        install = ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal"]
        options = ["--skip-test-db", f"--datadir={folder / 'data'}", "--innodb-log-file-size=8M"]
        run([*install, *options], USER, folder)
        user = f"'{login}'@'127.0.0.1'"
        create = f"CREATE DATABASE {database};\nCREATE USER {user} IDENTIFIED BY '{password}';\n"
        put(folder / "grants.sql", f"{create}GRANT ALL ON {database}.* TO {user};\n", USER)
        ports = dict(zip(faces, free_ports(len(faces)), strict=True))
        for face, certificate in faces.items():
            stack.enter_context(server(folder, face, ports[face], certificate))
        yield ports


@contextmanager
def server(folder: Path, face: str, port: int, certificate: Path | None) -> Iterator[None]:
    home = folder / face
    home.mkdir()
    give(home, USER)
    run(["cp", "-r", folder / "data", home / "data"], USER, folder)
    options = [
        f"--datadir={home / 'data'}",
        "--bind-address=127.0.0.1",
        f"--port={port}",
        f"--socket={home / 's.sock'}",
        f"--pid-file={home / 'pid'}",
        f"--init-file={folder / 'grants.sql'}",
        "--skip-name-resolve",
        "--innodb-log-file-size=8M",
        "--innodb-buffer-pool-size=16M",
        "--innodb-flush-log-at-trx-commit=0",
    ]
    if certificate is None:
        options.append("--skip-ssl")
    else:
        own = put(home / "server.pem", certificate.read_text(), USER)
        options += [f"--ssl-cert={own}", f"--ssl-key={own}"]
    with running(
        ["mariadbd", "--no-defaults", *options], USER, home, {}, "ready for connections", signal.SIGKILL
    ):
        yield
