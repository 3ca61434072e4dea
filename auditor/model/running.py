"""What runs on a host: processes, sockets, and what containers have of the host's files."""

from dataclasses import dataclass

from auditor.model.settings import Judged, Missing, Origin
from auditor.model.words import OriginKind


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
