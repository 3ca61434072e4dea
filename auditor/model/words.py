"""The words that the report and the house are written in, as enumerations."""

from enum import StrEnum


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
