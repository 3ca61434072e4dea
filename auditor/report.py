"""The report of a run as a value; `auditor.encoding` says how it stands in JSON.

What a field means is in the contract (DESIGN, "The JSON report") and in ``docs/reference/report.schema.json``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.model import (
    Bound,
    Coverage,
    Judged,
    Kind,
    Limit,
    Origin,
    Posture,
    Role,
    Severity,
    Status,
    Trust,
)

SCHEMA = "nova-auditor/report/1"


#: Postures, the weakest first: of several that one word must stand for, it is this one.
WEAKEST = (
    Posture.BROKEN,
    Posture.PLAINTEXT,
    Posture.UNKNOWN,
    Posture.OPPORTUNISTIC,
    Posture.ENCRYPTED,
    Posture.VERIFIED_CA,
    Posture.VERIFIED_FULL,
    Posture.LOCAL,
)


class Disposition(StrEnum):
    """What was made of a failure; it never rewrites the status."""

    OPEN = "open"
    WAIVED = "waived"
    WAIVER_EXPIRED = "waiver_expired"
    BASELINED = "baselined"


@dataclass(frozen=True, slots=True)
class TransportEntry:
    """A transport of a service, with what all candidate releases agree on."""

    purpose: str
    driver: str
    endpoints: tuple[str, ...]
    posture: Posture
    when_encrypted: Posture | None
    limited_by: Limit | None
    trust: Trust
    client_certificate: str
    reason: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class WriteEntry:
    """What a logger writes that a log should not hold, and the level of its records.

    ``level`` is ``unknown`` where candidate releases differ on whether it is written.
    """

    kind: str
    logger: str
    level: str


@dataclass(frozen=True, slots=True)
class LoggingEntry:
    """Where a service's log levels come from, the level each sensitive logger ends up with, and what that writes."""

    source: str
    levels: tuple[tuple[str, str], ...]
    writes: tuple[WriteEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """How often a client sends a request (None where candidate releases differ), and how long that and a call can block.

    ``blocking`` is how long one request blocks by what the other side does: seconds, or ``unbounded`` or ``unknown``.
    """

    section: str
    attempts: tuple[tuple[str, int | None], ...]
    request: Bound
    call: Bound
    blocking: tuple[tuple[str, float | str], ...]
    trust: Trust
    names: str


@dataclass(frozen=True, slots=True)
class ProcessEntry:
    """The processes of a service: ``running``, ``none`` (it is configured only), or ``unseen``.

    ``started`` is ISO 8601, UTC, by the host's clock; ``container`` is the name or id of the one it runs in. Both are None
    where nothing runs.
    """

    status: str
    count: int = 0
    started: str | None = None
    user: str | None = None
    container: str | None = None


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """A broker or database server of a host that was asked (``running``), or whose ``files`` were read."""

    id: str
    kind: str
    source: str
    version: str | None


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service of a host. ``release`` is None where several may be installed; ``libraries`` are those in evidence.

    ``process`` is None where processes were not looked at: in a tree.
    """

    id: str
    name: str
    role: Role
    source: str
    release: str | None
    config_files: tuple[str, ...]
    config_dirs: tuple[str, ...]
    libraries: tuple[tuple[str, str], ...]
    transports: tuple[TransportEntry, ...]
    logging: LoggingEntry | None
    clients: tuple[ClientEntry, ...]
    process: ProcessEntry | None = None


@dataclass(frozen=True, slots=True)
class HostEntry:
    """An expected host, and how far it was looked at. ``reason`` says why not further."""

    name: str
    kind: Kind
    coverage: Coverage
    reason: str | None = None
    release: str | None = None
    address: str | None = None
    services: tuple[ServiceEntry, ...] = ()
    servers: tuple[ServerEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """The waiver that a failure falls under, in force or expired."""

    id: str
    owner: str
    expires: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found on one object of one host, worth acting on.

    ``service`` and ``object`` are None where the host as a whole, or the service as a whole, was judged.
    ``disposition`` is None unless the status is ``fail``.
    """

    check: str
    severity: Severity
    host: str
    service: str | None
    object: str | None
    status: Status
    message: str
    evidence: tuple[Judged, ...]
    remediation: str
    disposition: Disposition | None = None
    waiver: WaiverNote | None = None
    controls: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The first 32 hexadecimal digits of a SHA-256 over check, host, service and object; never value or line."""
        identity = "\0".join((self.check, self.host, self.service or "", self.object or ""))
        return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that shaped the run: the name it was given by, and the SHA-256 of its content."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class WaiversFile:
    """The waiver file, and the ids of the waivers in it that want attention."""

    name: str
    digest: str
    expired: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    over_broad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked: the profile and its checks, those it could not ask for, and the files that shaped the run."""

    profile: str
    checks: tuple[str, ...]
    not_asked: tuple[str, ...]
    catalogue: SourceFile
    site: SourceFile | None = None
    waivers: WaiversFile | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Hosts and results (cells of the ledger: a host and a check), expected and had."""

    hosts_expected: int
    hosts_audited: int
    results_expected: int
    results_recorded: int


@dataclass(frozen=True, slots=True)
class Exit:
    """The exit code of the run, and the reason in a sentence."""

    code: int
    reason: str


#: check -> host -> ``service``, ``service#object``, or ``*`` for the host as a whole.
Passed = Mapping[str, Mapping[str, tuple[str, ...]]]
#: check -> reason -> host -> the same.
NotApplicable = Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found out. ``started`` and ``finished`` are ISO 8601, UTC."""

    tool_version: str
    started: str
    finished: str
    selection: Selection
    complete: bool
    coverage: Totals
    exit: Exit
    hosts: tuple[HostEntry, ...]
    findings: tuple[Finding, ...]
    passed: Passed = field(default_factory=dict)
    not_applicable: NotApplicable = field(default_factory=dict)


def subject_name(service: str | None, object_: str | None) -> str:
    """How an object stands in the compact maps: ``service``, ``service#object``, or ``*`` for the whole host."""
    if service is None:
        return object_ or "*"
    return service if object_ is None else f"{service}#{object_}"
