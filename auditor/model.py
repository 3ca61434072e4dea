"""The words of the house as values: what is audited, what was read, what was found out about it.

Everything here is frozen and knows neither files, networks, oslo.config nor output. `docs/explanation/architecture.md`
says how the values flow.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from auditor.errors import Unavailable, Undecidable


class Role(StrEnum):
    """What a service does, which decides the checks that concern it."""

    API = "api"
    METADATA = "metadata"
    CONDUCTOR = "conductor"
    SCHEDULER = "scheduler"
    COMPUTE = "compute"
    CONSOLE_PROXY = "console-proxy"
    PLACEMENT = "placement"
    RABBITMQ = "rabbitmq"
    MYSQL = "mysql"
    POSTGRESQL = "postgresql"
    LIBVIRT = "libvirt"
    NEUTRON_METADATA = "neutron-metadata"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """The status of a check on an object, or of a cell of the ledger."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


#: Which status a cell takes from its objects: the first of these that occurs.
PRECEDENCE = (Status.ERROR, Status.FAIL, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)


class Severity(StrEnum):
    """How bad a failure is; ``Severity.LOW < Severity.HIGH``.

    ``critical``: whoever can listen or log in already has it. ``high``: an attacker in the path, or one mistake,
    away, because of the configuration. ``medium``: the same but only through a limit of the installed library, or
    a serious loss of robustness. ``low``: hardening. ``info``: worth knowing.
    """

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    # All four, because a string has its own, which functools.total_ordering would leave in place.
    def __lt__(self, other: str) -> bool:
        return self._rank < Severity(other)._rank

    def __le__(self, other: str) -> bool:
        return self._rank <= Severity(other)._rank

    def __gt__(self, other: str) -> bool:
        return self._rank > Severity(other)._rank

    def __ge__(self, other: str) -> bool:
        return self._rank >= Severity(other)._rank

    @property
    def _rank(self) -> int:
        return list(Severity).index(self)


class Coverage(StrEnum):
    """How far a host could be looked at."""

    AUDITED = "audited"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"
    DENIED = "denied"
    TIMEOUT = "timeout"
    NOT_ATTEMPTED = "not_attempted"


class Kind(StrEnum):
    """What a target is: this or another running host, a running container, or a tree of files."""

    LIVE = "live"
    CONTAINER = "container"
    TREE = "tree"


class Posture(StrEnum):
    """How well a transport is protected; the meanings are in DESIGN's contract and `docs/reference/glossary.md`."""

    PLAINTEXT = "plaintext"
    OPPORTUNISTIC = "opportunistic"
    ENCRYPTED = "encrypted"
    VERIFIED_CA = "verified-ca"
    VERIFIED_FULL = "verified-full"
    LOCAL = "local"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class OriginKind(StrEnum):
    """Where a value was written."""

    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command-line"
    DEFAULT = "default"
    QUERY = "query"
    CELL = "cell"
    SERVER = "server"
    WIRE = "wire"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written: a path on the audited host and a line (from 1), as far as there is one."""

    kind: OriginKind
    path: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.path is None:
            return str(self.kind)
        return self.path if self.line is None else f"{self.path}:{self.line}"


DEFAULT_ORIGIN = Origin(OriginKind.DEFAULT)


@dataclass(frozen=True, slots=True)
class Told:
    """What the operator says of one host beforehand (in an inventory: the variables ``nova_auditor_*``).

    ``release`` is that of services which show none, ``services`` are the names of those that must be there, and
    ``expects_none`` says that a host without any is as it should be.
    """

    release: str | None = None
    services: tuple[str, ...] = ()
    expects_none: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A machine or tree to audit.

    ``root`` is a folder for trees, None for live hosts. ``address`` is where a collector reaches it, where the name
    does not say so; it holds no password.
    """

    name: str
    kind: Kind
    root: str | None = None
    address: str | None = None
    told: Told = field(default_factory=Told)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something the host did not give, and why. Data, never an exception.

    ``status`` is the word the probe recorded: ``absent``, ``denied``, ``too-large``, ``not-regular``, ``binary``,
    ``undecodable``, ``loop``, ``outside``, ``limit``, ``timeout``, or ``elsewhere`` (inside a container image that
    this target does not show).
    """

    path: str
    status: str
    reason: str
    format: str = "other"

    @property
    def is_absent(self) -> bool:
        """True where we looked and there is nothing, False where we could not look."""
        return self.status == "absent"


@dataclass(frozen=True, slots=True)
class File:
    """A file as the probe saw it: its metadata, and its redacted text where its format is known.

    ``path`` is the path on the host (below the root), which for a container's file may differ from the path that
    the service uses. ``owner`` and ``group`` are names or numbers as text, None in a tree. ``mode`` is octal text
    such as ``"0640"``. ``format`` is one of `auditor.evidence.FORMATS`. ``changed`` is when its content last changed,
    in seconds since the epoch by the host's clock, None in a tree; ``seen`` is when it was looked at.
    """

    path: str
    owner: str | None
    group: str | None
    mode: str | None
    size: int
    format: str
    text: str | None
    changed: float | None = None
    seen: float = field(default=0.0, compare=False, repr=False)


class Files(Protocol):
    """The files of one service, by the path that the service uses."""

    def at(self, path: str) -> "File | Missing":
        """The file at ``path``, or why there is none to read. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Withheld:
    """A value that stayed on its host, and what may be known of it.

    ``traits`` are single letters, explained in `auditor.probe.tokens`. Two of them are comparable by ``digest``
    only where ``salt_id`` is the same.
    """

    token: str
    traits: str
    digest: str

    def __str__(self) -> str:
        return "(withheld)"


@dataclass(frozen=True, slots=True)
class Judged:
    """One line of a finding's evidence: what was judged, its value as it may be shown, and where it stands."""

    setting: str
    value: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Setting:
    """An option's value in effect for one service.

    ``resolved`` is what oslo.config gives the service (typed), a `Withheld`, or None; ``error`` is set instead
    where oslo.config rejects what is written. ``written_as`` is ``group.name`` as it stands in the file, which
    differs from the option's own where a deprecated name was used. ``unknown`` marks a written option that Nova of
    that release does not know (its value is the raw text).
    """

    group: str
    name: str
    resolved: Any
    origin: Origin
    written_as: str | None = None
    default: Any = None
    error: str | None = None
    unknown: bool = False

    @property
    def value(self) -> Any:
        """The typed value; raises `Undecidable` where it was withheld or where oslo.config rejects it."""
        if self.error is not None:
            raise Undecidable(f"{self} is rejected by oslo.config: {self.error}")
        if isinstance(self.resolved, Withheld):
            raise Undecidable(f"{self} was withheld on the host: it is not in the form its type requires")
        return self.resolved

    @property
    def is_written(self) -> bool:
        """True where somebody wrote it, False where the default applies."""
        return self.origin.kind is not OriginKind.DEFAULT

    @property
    def is_withheld(self) -> bool:
        """True where the value as a whole stayed on the host."""
        return isinstance(self.resolved, Withheld)

    def judged(self) -> Judged:
        """Return the setting as a line of evidence; never raises, never shows what was withheld."""
        shown = f"rejected: {self.error}" if self.error is not None else display(self.resolved)
        return Judged(str(self), shown, self.origin)

    def __str__(self) -> str:
        return f"[{self.group}] {self.name}"


def display(value: Any) -> str | None:
    """A value as an operator would write it in nova.conf: ``true``, ``a,b``; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(str(display(item)) for item in value)
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{display(item)}" for key, item in value.items())
    return str(value)


class Settings(Protocol):
    """The effective configuration of one service under one release: made by `auditor.effective`."""

    def __getitem__(self, option: tuple[str, str]) -> Setting:
        """The setting of ``(group, name)``; raises KeyError where this release does not know the option."""
        ...

    def find(self, group: str, name: str) -> Setting | None:
        """The setting, or None where this release does not know the option."""
        ...

    def written(self) -> Iterator[Setting]:
        """What is written somewhere, known or not, in the order of group and name."""
        ...

    def effective(self) -> Iterator[Setting]:
        """Every option of the release with the value in effect, then the written ones it does not know."""
        ...

    def overridden(self) -> Iterator[tuple[Setting, Setting]]:
        """What a file says of a known option and what counts in its place, where these differ: (lost, in effect)."""
        ...


@dataclass(frozen=True, slots=True)
class Library:
    """An installed distribution. ``assumed`` marks a version taken from a release's pins for want of evidence."""

    name: str
    version: str
    path: str | None = None
    assumed: bool = False

    @property
    def release(self) -> tuple[int, ...]:
        """The version as numbers for comparison: ``"1.2.4"`` is ``(1, 2, 4)``; suffixes are left out."""
        numbers = []
        for part in self.version.split("."):
            digits = part[: next((i for i, c in enumerate(part) if not c.isdigit()), len(part))]
            if not digits:
                break
            numbers.append(int(digits))
        return tuple(numbers)

    def judged(self) -> Judged:
        """Return the library as a line of evidence."""
        shown = f"{self.version} (assumed from the release)" if self.assumed else self.version
        return Judged(
            self.name, shown, DEFAULT_ORIGIN if self.path is None else Origin(OriginKind.FILE, self.path)
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Libraries:
    """The distributions of a service's own interpreter.

    ``capabilities`` maps a marker looked for in installed source (see `auditor.probe.libraries`) to whether it was
    found; a marker whose file was not seen is absent. Capability beats version: distributions backport.
    """

    installed: Mapping[str, Library]
    capabilities: Mapping[str, bool] = field(default_factory=dict)

    def find(self, name: str) -> Library | None:
        """The distribution, or None where the interpreter does not have it."""
        return self.installed.get(name)


@dataclass(frozen=True, slots=True)
class Limit:
    """What keeps a posture down: a library (with the version that lifts it), the configuration, or the release."""

    kind: str
    name: str
    installed: str | None = None
    fixed_in: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose certificates are believed: ``system`` roots, a ``file`` (or folder), ``none``, or ``unknown``."""

    kind: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Transport:
    """An RPC, notification or database connection of one service, and how well it is protected.

    ``purpose`` and the other words are those of the report's contract. ``judging`` are the settings that decided
    the posture, the URL among them; ``library`` is the driver whose behaviour did. ``remedy`` is the one change
    that mends it, as a whole sentence, where the semantics know it. ``is_opened`` is False for what is written but
    never used by a service of this role; its posture is what it would be. ``wire`` is how the endpoints answered, None
    where nobody asked them.
    """

    purpose: str
    driver: str
    endpoints: tuple[str, ...]
    posture: Posture
    reason: str
    url: Setting
    when_encrypted: Posture | None = None
    limited_by: Limit | None = None
    trust: Trust = Trust("none")
    client_certificate: str = "no"
    library: Library | None = None
    judging: tuple[Setting, ...] = ()
    user: str | None = None
    password: Withheld | None = None
    is_loopback: bool = False
    remedy: str | None = None
    undecided: str | None = None
    ca_file: "File | Missing | None" = None
    is_opened: bool = True
    wire: "tuple[Handshake, ...] | None" = None

    @property
    def name(self) -> str:
        """What no two transports of a service share: the purpose, and the group of the API database's replica.

        Both replicas of Nova have the purpose ``database_replica``. The names do not depend on which of them are
        written, so that a finding keeps its object when the other one comes or goes.
        """
        is_second = self.purpose == "database_replica" and self.url.group == "api_database"
        return f"{self.purpose}:{self.url.group}" if is_second else self.purpose

    def evidence(self) -> tuple[Judged, ...]:
        """The settings and the library that decided the posture, as lines of evidence without repetition."""
        lines = [setting.judged() for setting in (self.url, *self.judging)]
        if self.library is not None:
            lines.append(self.library.judged())
        return tuple(dict.fromkeys(lines))

    def __str__(self) -> str:
        where = f" to {', '.join(self.endpoints)}" if self.endpoints else ""
        return f"the {self.purpose} connection{where}"


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
class Container:
    """The container that a process runs in: its engine (docker, podman, lxc, kubernetes ...), id, and name if known."""

    engine: str
    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of established connections, and how many there are."""

    address: str
    port: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Process:
    """The processes of one service: the first of them, and what all together have.

    Times are seconds since the epoch by the host's clock: ``started`` that of the first, ``latest`` that of the youngest
    worker (of the first where it has none). ``count`` is how many there are, ``environment`` where its variables were
    seen: ``process``, ``container`` (of another process there), ``unit``, or ``unseen``. ``peers`` is a `Missing` where
    its sockets were not seen. ``is_shared`` is True where other programs may run in them as well: those of Apache.
    """

    pid: int
    started: float
    latest: float
    count: int
    user: str | None
    environment: str
    container: Container | None = None
    peers: tuple[Peer, ...] | Missing = ()
    is_shared: bool = False

    @property
    def has_workers(self) -> bool:
        """True where other processes than the first do the work."""
        return self.count > 1


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that the host prepares for a container: as the container has it, and on the host."""

    path: str
    host: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that waits for connections. ``program`` is whose it is, where that was seen; ``root`` a container's label."""

    address: str
    port: int
    program: str | None
    root: str = ""

    @property
    def is_loopback(self) -> bool:
        """True where only the host itself can connect."""
        return self.address.startswith("127.") or self.address == "::1"

    def judged(self) -> Judged:
        """Return the listener as a line of evidence."""
        where = f"[{self.address}]" if ":" in self.address else self.address
        return Judged(
            f"{self.program or 'a process'} listens on", f"{where}:{self.port}", Origin(OriginKind.WIRE)
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key by their keys among the host's files, and whether they fit: judged on the host.

    ``status`` is ``fits``, ``differs``, ``encrypted`` or ``unreadable``, with the reason in words.
    """

    certificate: str
    key: str
    status: str
    reason: str

    def judged(self) -> Judged:
        """Return the pair as a line of evidence."""
        said = f"{self.status}: {self.reason}" if self.reason else self.status
        return Judged(f"the key of {self.certificate}", said, Origin(OriginKind.FILE, self.key))


@dataclass(frozen=True, slots=True)
class Handshake:
    """How an endpoint answered when the host spoke to it as its configuration says.

    ``result`` is ``tls``, ``plaintext`` (it has no TLS, or spoke in the clear), ``rejected`` (its certificate was not
    accepted), ``refused``, ``timeout``, ``unresolved``, ``garbage``, ``closed``, ``failed``, or ``unasked`` where the question
    did not come to its end. ``chain`` are certificates in PEM, the server's own first. ``verified`` says whether the host
    accepted them by ``trust``, None where it did not verify. ``at`` is when, in seconds since the epoch by the host's clock.
    """

    protocol: str
    host: str
    port: int
    result: str
    reason: str
    at: float
    address: str | None = None
    addresses: tuple[str, ...] = ()
    version: str | None = None
    cipher: str | None = None
    chain: tuple[str, ...] = ()
    verified: bool | None = None
    verify_error: str | None = None
    asks_client: bool | None = None
    trust: Trust = Trust("none")

    @property
    def endpoint(self) -> str:
        """The place that was asked, ``host:port``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def judged(self) -> Judged:
        """Return the answer as a line of evidence."""
        said = " ".join(text for text in (self.version, self.cipher) if text) or self.result
        return Judged(f"{self.protocol} {self.endpoint}", f"{said}: {self.reason}", Origin(OriginKind.WIRE))


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
class Account:
    """Who may log in to a server. ``tls`` is what its login demands: ``none``, ``any``, ``x509`` or ``unknown``."""

    name: str
    host: str
    tls: str
    is_locked: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens, and what it speaks there (``amqp``, ``amqp/ssl``, ``mysql``, ``postgresql``, ``http`` ...)."""

    address: str
    port: int
    protocol: str

    @property
    def is_loopback(self) -> bool:
        """True where only the machine itself can connect."""
        return self.address.startswith("127.") or self.address in ("::1", "localhost")


@dataclass(frozen=True, slots=True)
class Server:
    """A broker or database server on a host, with its settings in effect as far as they could be had.

    ``source`` is ``running`` (it was asked) or ``files``; ``unseen`` are the reasons why something is not known, and
    ``accounts`` is None where they are not. ``settings`` map the server's own names to `Setting` with its group.
    """

    id: str
    role: Role
    source: str
    version: str | None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    endpoints: tuple[Endpoint, ...] = ()
    accounts: tuple[Account, ...] | None = None
    unseen: tuple[str, ...] = ()

    def setting(self, name: str) -> Setting | None:
        """The setting of that name, None where the server has none of it, or does not say."""
        return self.settings.get(name)

    @property
    def is_loopback(self) -> bool:
        """True where only the machine itself can log in, whatever the nodes of a broker say to each other."""
        return all(one.is_loopback for one in self.endpoints if one.protocol != "clustering")

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class Bound:
    """The longest time something can block: ``finite`` with seconds, ``unbounded``, or ``unknown``, and how it adds up."""

    bound: str
    seconds: float | None
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Client:
    """A section of the configuration that talks HTTP to another service, such as ``[placement]``.

    ``attempts`` says how often a request is sent when the other side gives no answer, or answers 503, 429 or another
    status that is repeated. ``worst_cases`` says how long one request blocks, by what the other side does: ``refused``,
    ``silent``, ``503``, ``429``, ``retry_after``, ``dripping``, and under ``call`` how long a whole first call does,
    versions and tokens included. ``trust`` is whose certificates are believed, ``names`` which names in them: ``any``,
    ``common-name`` (where there is no alternative name) or ``alternative-name``. ``ignored`` are written options without
    effect, each with the version of the library that gives it one, None where none does. ``role`` is the service's.
    ``ca_file`` is the file that ``trust`` names, None where it names none.
    """

    section: str
    attempts: Mapping[str, int]
    request_worst_case: Bound
    settings: Settings
    library: Library | None = None
    worst_cases: Mapping[str, Bound] = field(default_factory=dict)
    trust: Trust = Trust("unknown")
    names: str = "unknown"
    ignored: tuple[tuple[Setting, str | None], ...] = ()
    role: Role = Role.UNKNOWN
    ca_file: "File | Missing | None" = None
    wire: "tuple[Handshake, ...] | None" = None

    @property
    def call_worst_case(self) -> Bound:
        """How long a whole first call blocks at most, as far as that is finite."""
        return self.worst_cases.get("call", self.request_worst_case)

    def setting(self, name: str) -> Setting | None:
        """The option ``name`` of this section, or None where the release does not know it."""
        return self.settings.find(self.section, name)

    def __str__(self) -> str:
        return f"[{self.section}]"


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
