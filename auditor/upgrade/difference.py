"""What an upgrade changes, as values: one difference, and what the services, the hosts and the run come to."""

from dataclasses import dataclass
from enum import StrEnum

from auditor.model import Coverage, Judged, Kind, Role, Severity
from auditor.report import Exit

SCHEMA = "nova-auditor/upgrade/1"


class Aspect(StrEnum):
    """What is different."""

    START = "start"
    TRANSPORT = "transport"
    CHECK = "check"
    SETTING = "setting"
    CLIENT = "client"
    LOGGING = "logging"
    DEFAULT = "default"


class Effect(StrEnum):
    """For whom the difference is: ``undecided`` is what was or will be a verdict and cannot be decided any more."""

    WORSE = "worse"
    UNDECIDED = "undecided"
    BETTER = "better"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise once the other release is installed.

    ``subject`` is the transport, the check (with ``#object`` where it has one), the option as it is written, the
    sections or ``loggers``. ``before`` and ``after`` are a word each: postures, statuses, values. ``severity`` is None
    unless it gets worse. ``remedy`` is the one change that mends it; ``is_early`` says whether the present release
    reads that change too, so that it can be made before the upgrade (None: not known). ``checks`` are those whose
    verdict changes with it; a verdict told by another difference names that one's subject in ``within``.
    ``is_judged``: some check of the catalogue judges the option.
    """

    aspect: Aspect
    effect: Effect
    subject: str
    message: str
    before: str | None = None
    after: str | None = None
    severity: Severity | None = None
    evidence: tuple[Judged, ...] = ()
    remedy: str | None = None
    is_early: bool | None = None
    checks: tuple[str, ...] = ()
    within: str | None = None
    is_judged: bool = False


@dataclass(frozen=True, slots=True)
class ServiceUpgrade:
    """A service before and after. ``reason`` says why it was not compared; ``release`` is None where it is not known."""

    id: str
    name: str
    role: Role
    release: str | None
    is_assumed: bool
    reason: str | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class HostUpgrade:
    """An expected host, how far it was looked at, and what changes on it.

    ``differences`` are those of the host as a whole. ``errors`` and ``unknowns`` count the checks that could not be
    evaluated or decided before or after; ``unchanged`` the failures that stay.
    """

    name: str
    kind: Kind
    coverage: Coverage
    reason: str | None = None
    services: tuple[ServiceUpgrade, ...] = ()
    differences: tuple[Difference, ...] = ()
    errors: int = 0
    unknowns: int = 0
    unchanged: int = 0

    @property
    def is_compared(self) -> bool:
        """True where a service of the host was seen as it is and as it will be."""
        return any(service.reason is None for service in self.services)

    def found(self) -> tuple[tuple[str | None, Difference], ...]:
        """Each difference with the id of its service, None for the host's own."""
        own = [(None, difference) for difference in self.differences]
        return (*own, *((service.id, one) for service in self.services for one in service.differences))


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Everything that a run found out. ``present`` is the release assumed where none is in evidence."""

    tool_version: str
    started: str
    finished: str
    release: str
    present: str | None
    profile: str
    checks: tuple[str, ...]
    not_asked: tuple[str, ...]
    complete: bool
    hosts_expected: int
    exit: Exit
    hosts: tuple[HostUpgrade, ...]
