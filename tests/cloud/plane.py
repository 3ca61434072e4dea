"""The control plane of one release: its files, its schemas, and its services, which a test starts and ends."""

import os
import pwd
import signal
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.cloud import configuration
from tests.cloud.configuration import CELLS, Ends
from tests.cloud.environments import lay_out
from tests.cloud.servers import Database
from tests.cloud.services import NOVA, PLACEMENT, Service, placement_ini, services
from tests.conformance.servers.process import give, put, run, running


@dataclass(frozen=True, slots=True)
class Plane:
    """A control plane: where it lies, and its services, which run while their stacks are open."""

    ends: Ends
    folder: Path
    services: Mapping[str, Service]
    stacks: Mapping[str, ExitStack]

    @property
    def venv(self) -> Path:
        """The Python environment of all of its services."""
        return self.folder / "venv"

    @property
    def nova(self) -> Path:
        """The folder of nova.conf."""
        return self.folder / "etc" / "nova"

    @property
    def placement(self) -> Path:
        """The folder of placement.conf."""
        return self.folder / "etc" / "placement"

    def start(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        """Start a service that does not run, with more in its environment."""
        service = self.services[name]
        surroundings = {**service.environment, **(environment or {})}
        # Nothing that a service does while it ends is of interest, and Nova's takes its time.
        self.stacks[name].enter_context(
            running(
                service.command, service.user, service.folder, surroundings, service.ready, signal.SIGKILL
            )
        )

    def stop(self, name: str) -> None:
        """End a service."""
        self.stacks[name].close()

    def manage(self, *words: str) -> str:
        """What nova-manage says (two seconds and more)."""
        command: list[str | Path] = [
            self.venv / "bin" / "nova-manage",
            "--config-file",
            self.nova / "nova.conf",
        ]
        return run([*command, *words], NOVA, self.folder / "home")


def laid_out(folder: Path, ends: Ends, authority: bytes, certificate: bytes) -> Plane:
    """A plane whose files are there, and whose services do not run yet.

    It trusts that authority, and its HTTPS shows that certificate (with its key).
    """
    folder.mkdir()
    ends.authority.write_bytes(authority)
    venv = lay_out(ends.release, folder / "venv")
    known = services(folder, ends)
    plane = Plane(ends, folder, known, {name: ExitStack() for name in known})
    for place in (plane.nova, plane.placement):
        place.mkdir(parents=True)
    for cell in ("", *CELLS):
        write(plane.nova / configuration.file_of(cell), configuration.nova(ends, cell), NOVA)
    write(plane.placement / "placement.conf", configuration.placement(ends), PLACEMENT)
    (plane.placement / "placement-uwsgi.ini").write_text(placement_ini(folder, ends))
    (plane.nova / "api-paste.ini").write_bytes((venv / "etc" / "nova" / "api-paste.ini").read_bytes())
    for user in (NOVA, PLACEMENT):
        put(folder / f"{user}.pem", certificate.decode(), user)
    for service in (*known.values(), Service(NOVA, folder / "home")):
        service.folder.mkdir()
        give(service.folder, service.user)
    return plane


def write(file: Path, text: str, user: str) -> None:
    """Write a file with secrets as packages do: root's, and readable for the service's group."""
    file.write_text(text)
    file.chmod(0o640)
    os.chown(file, 0, pwd.getpwnam(user).pw_gid)


def fill(plane: Plane, database: Database) -> None:
    """Make the tables of a plane and map its two cells (about 15 seconds): one by its URLs, one by templates."""
    ends = plane.ends
    plane.manage("api_db", "sync")
    plane.manage("cell_v2", "map_cell0", "--database_connection", ends.connection("cell0"))
    plane.manage("db", "sync", "--local_cell")
    for cell in CELLS:
        database.copy(ends.schema("cell0"), ends.schema(cell))
    fixed = (
        "--transport-url",
        ends.transport_url("cell1"),
        "--database_connection",
        ends.connection("cell1"),
    )
    plane.manage("cell_v2", "create_cell", "--name", "cell1", *fixed)
    broker = f"{{scheme}}://{{username}}:{{password}}@{{hostname}}:{{port}}/{ends.vhost('cell2')}"
    schema = f"{{scheme}}://{{username}}:{{password}}@{{hostname}}:{{port}}/{ends.schema('cell2')}?{{query}}"
    templates = ("--transport-url", broker, "--database_connection", schema)
    plane.manage("cell_v2", "create_cell", "--name", "cell2", *templates)
    program, file = plane.venv / "bin" / "placement-manage", plane.placement / "placement.conf"
    run([program, "--config-file", file, "db", "sync"], PLACEMENT, plane.services["placement"].folder)
