"""The connections of a service, how long they can block, and how their endpoints answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.model.libraries import Library, Limit
from auditor.model.settings import File, Judged, Missing, Origin, Setting, Settings, Withheld
from auditor.model.words import OriginKind, Posture, Role


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose certificates are believed: ``system`` roots, a ``file`` (or folder), ``none``, or ``unknown``."""

    kind: str
    path: str | None = None


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
