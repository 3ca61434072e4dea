"""A service with its effective configuration, its cells, and the host that it runs on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.errors import Unavailable
from auditor.model.libraries import Libraries
from auditor.model.running import Copy, Listener, Pair, Process
from auditor.model.settings import File, Files, Judged, Missing, Origin, Setting, Settings
from auditor.model.words import Kind, Role


@dataclass(frozen=True, slots=True)
class Source:
    """One step of the order in which a service parses its configuration.

    ``path`` is as the service sees it, ``file`` the key of the file among the host's, None where it was not seen, ``how``
    one of ``default``, ``default-dir``, ``argument`` and ``argument-dir``.
    """

    path: str
    file: str | None
    how: str


@dataclass(frozen=True, slots=True)
class CellRow:
    """A row of the table of cells as ``nova-manage cell_v2 list_cells`` shows it: passwords are masked."""

    name: str
    uuid: str
    transport_url: str
    database_connection: str
    is_disabled: bool = False


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a service, or the reason why they could not be read."""

    rows: tuple[CellRow, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why oslo.config does not start a service with its configuration: its error class, its words, and where."""

    error: str
    message: str
    origin: Origin

    def judged(self) -> Judged:
        """Return the refusal as a line of evidence."""
        return Judged(self.error, self.message, self.origin)

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A process or configured unit with its effective configuration, as one candidate release sees it.

    Two are never equal, so that what the semantics derive from one can be kept for the next check that asks.

    ``assumed`` is True where the release is not in evidence but a candidate or ``--release``. Where ``refusal`` is
    set, oslo.config cannot start the service, and reading any setting raises `Unavailable`. ``sources`` are the files
    in the order in which they are parsed. ``names`` maps host names of the configuration to the addresses that the
    service's own /etc/hosts gives them (with ``--live`` those that the host's resolver does). ``cells`` are the rows that
    ``nova-manage`` listed, None where nobody asked. ``is_wsgi`` is True where a WSGI server loads it.
    """

    id: str
    name: str
    role: Role
    source: str
    project: str
    release: str
    assumed: bool
    settings: Settings
    libraries: Libraries
    files: Files
    config_files: tuple[str, ...]
    config_dirs: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    seen: "Process | Missing | None" = None
    sources: tuple["Source", ...] = ()
    home: str | None = None
    copies: tuple[Copy, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cells: "Cells | None" = None
    is_wsgi: bool = False

    @property
    def process(self) -> "Process | None":
        """The processes that run it, None where it is configured only; raises `Unavailable` where /proc was not seen."""
        if isinstance(self.seen, Missing):
            raise Unavailable(self.seen.reason)
        return self.seen

    def __getitem__(self, option: tuple[str, str]) -> Setting:
        return self.settings[option]

    def find(self, group: str, name: str) -> Setting | None:
        """The setting, or None where this release does not know the option."""
        return self.settings.find(group, name)

    def file(self, path: str) -> File:
        """The file at a path the service uses; raises `Unavailable` where it is there but could not be read.

        An absent file raises `Unavailable` too: ask ``files.at`` where absence has a meaning of its own.
        """
        found = self.files.at(path)
        if isinstance(found, Missing):
            raise Unavailable(f"{found.path}: {found.reason}")
        return found

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Host:
    """A host with its services and their transports, for checks that judge a host as a whole.

    ``listeners`` is a `Missing` where /proc was not seen. ``pairs`` are the certificates with their keys that its
    services name. ``collected`` is when it was looked at, in seconds since the epoch by its own clock.
    """

    name: str
    kind: Kind
    services: tuple[Service, ...]
    listeners: tuple[Listener, ...] | Missing = ()
    pairs: tuple[Pair, ...] = ()
    collected: float = 0.0
