"""Whether the servers that a running service talks to are those of its configuration."""

from collections.abc import Collection, Mapping, Sequence
from ipaddress import ip_address

from auditor.errors import Unavailable, Undecidable
from auditor.model import Missing, Origin, OriginKind, Peer, Posture, Process, Role, Service, Transport
from auditor.semantics.processes import Fact
from auditor.semantics.urls import endpoint

#: Where brokers listen unless told otherwise, and databases.
BROKER_PORTS = frozenset({5671, 5672})
DATABASE_PORTS = frozenset({3306, 3307, 5432})

#: Roles that connect to the broker and the database of every cell (``nova.context.load_cells``).
_ROLES_OF_CELLS = frozenset({Role.API, Role.METADATA, Role.SCHEDULER})

#: What ``/etc/hosts`` says everywhere, and glibc where it does not.
_LOCALHOST = ("127.0.0.1", "::1")

Place = tuple[str, int]


def of_ports(process: Process, transports: Sequence[Transport], ports: Collection[int]) -> tuple[Peer, ...]:
    """The peers of a process on these ports and on those that its connections name.

    Raises `Unavailable` where its sockets were not seen.
    """
    if isinstance(process.peers, Missing):
        raise Unavailable(process.peers.reason)
    named = {port for transport in transports for _, port in _places(transport)}
    return tuple(peer for peer in process.peers if peer.port in named or peer.port in ports)


def strangers(service: Service, transports: Sequence[Transport], peers: Sequence[Peer]) -> tuple[Peer, ...]:
    """The peers that are no endpoint of these connections, as far as the addresses of these are known."""
    known = {
        (address, port)
        for transport in transports
        for host, port in _places(transport)
        for address in _addresses(host, service.names)
    }
    return tuple(peer for peer in peers if (_plain(peer.address), peer.port) not in known)


def require_known(
    service: Service, process: Process, transports: Sequence[Transport], found: Sequence[Peer]
) -> None:
    """Raise `Undecidable` where a stranger may be an endpoint of these connections all the same, or another program's."""
    for peer in found if process.is_shared else ():
        raise Undecidable(
            f"the connection to {endpoint(peer.address, peer.port)} may be that of another program in the same web server"
        )
    unresolved = sorted(
        {
            place
            for transport in transports
            for place in _places(transport)
            if not _addresses(place[0], service.names)
        }
    )
    for peer in found:
        may_be = next((host for host, port in unresolved if port == peer.port), None)
        if may_be is not None:
            raise Undecidable(
                f"it talks to {endpoint(peer.address, peer.port)}, which may be what the name {may_be} stands for: "
                "its address is not in evidence (--live looks it up)"
            )
        unseen = next((one for one in transports if _is_anywhere(one)), None)
        if unseen is not None:
            raise Undecidable(f"{unseen} may lead to {endpoint(peer.address, peer.port)}: {unseen.reason}")


def uses_cells(service: Service) -> bool:
    """True for a service that connects to cells, whose URLs stand in the API's database."""
    if service.project != "nova":
        return False
    if service.role is Role.CONDUCTOR:
        own = service.find("api_database", "connection")
        return own is not None and (own.is_withheld or bool(own.value))
    return service.role in _ROLES_OF_CELLS


def fact(process: Process, peer: Peer) -> Fact:
    """A peer as a line of evidence."""
    times = "1 connection" if peer.count == 1 else f"{peer.count} connections"
    origin = Origin(OriginKind.FILE, f"/proc/{process.pid}/net/tcp")
    return Fact(f"established to {endpoint(peer.address, peer.port)}", times, origin)


def _is_anywhere(transport: Transport) -> bool:
    """True where a connection leads to places that its configuration does not name, or that were not seen."""
    return transport.driver.startswith("kafka") or (
        not transport.endpoints and transport.posture is Posture.UNKNOWN
    )


def _places(transport: Transport) -> tuple[Place, ...]:
    """The hosts and ports of a transport's endpoints; paths of sockets are left out."""
    found = []
    for text in transport.endpoints:
        host, _, port = text.rpartition(":")
        if host and port.isdecimal() and not text.startswith("/"):
            found.append((host.strip("[]"), int(port)))
    return tuple(found)


def _addresses(host: str, names: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The addresses that a host of the configuration stands for, none where that is not known."""
    try:
        return (str(ip_address(host)),)
    except ValueError:
        pass
    listed = names.get(host) or names.get(host.lower()) or ()
    return (*map(_plain, listed), *(_LOCALHOST if host == "localhost" else ()))


def _plain(address: str) -> str:
    """An address in its canonical form, without the zone of a link-local one."""
    try:
        return str(ip_address(address.partition("%")[0]))
    except ValueError:
        return address
