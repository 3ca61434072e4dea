"""Who PostgreSQL lets in without TLS: the records of pg_hba.conf, of which the first that matches a connection decides.

Source: ``hba.c:check_hba`` of PostgreSQL 15. ``host`` matches with and without TLS, ``hostssl`` and ``hostnossl`` one of
both; there is no way to refuse plain text but by what the list does not let in.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from auditor.errors import Unavailable
from auditor.model import Server, Setting
from auditor.semantics.servers import check_seen, value_of

Network = IPv4Network | IPv6Network

#: Types of records that match a connection in plain text.
_PLAIN = frozenset({"host", "hostnossl", "hostnogssenc"})

_EVERYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
_LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its type, whom it concerns, and what it does.

    ``networks`` are what the address stands for, empty where it is a name or a word of its own such as ``samenet``.
    """

    type: str
    databases: frozenset[str]
    users: frozenset[str]
    address: str
    networks: tuple[Network, ...]
    method: str
    setting: Setting

    @property
    def is_local(self) -> bool:
        """Whether it only concerns connections from the machine itself."""
        if self.type == "local" or self.address in ("samehost", "localhost"):
            return True
        return bool(self.networks) and all(_is_within(one, _LOOPBACK) for one in self.networks)

    def covers(self, other: "Record") -> bool:
        """Whether every connection that another record matches is matched by this one."""
        names = _holds(self.databases, other.databases) and _holds(self.users, other.users)
        return (
            names and bool(other.networks) and all(_is_within(one, self.networks) for one in other.networks)
        )


def records(server: Server) -> tuple[Record, ...]:
    """The records in their order; raises `Unavailable` where they could not be seen, all of them."""
    check_seen(server)
    if server.source == "running" and server.unseen:
        raise Unavailable("; ".join(server.unseen))
    names = sorted(
        (name for name in server.settings if name.startswith("hba.")), key=lambda name: int(name[4:])
    )
    if not names:
        raise Unavailable("; ".join(server.unseen) or "pg_hba.conf holds no record")
    return tuple(_record(value_of(server, name) or "", server.settings[name]) for name in names)


def plain_records(server: Server) -> tuple[Record, ...]:
    """The records that let other machines log in without TLS, and no earlier one refuses all that they let in."""
    plain = [record for record in records(server) if record.type in _PLAIN]
    refusing: list[Record] = []
    found = []
    for record in plain:
        if record.method == "reject":
            refusing.append(record)
        elif not record.is_local and not _is_refused(record, refusing):
            found.append(record)
    return tuple(found)


def _is_refused(record: Record, refusing: list[Record]) -> bool:
    if not record.networks:
        return any(one.networks == _EVERYWHERE and one.covers(_everywhere(record)) for one in refusing)
    return all(any(one.covers(_only(record, network)) for one in refusing) for network in record.networks)


def _everywhere(record: Record) -> Record:
    return _with(record, _EVERYWHERE)


def _only(record: Record, network: Network) -> Record:
    return _with(record, (network,))


def _with(record: Record, networks: tuple[Network, ...]) -> Record:
    return Record(
        record.type, record.databases, record.users, record.address, networks, record.method, record.setting
    )


def _record(text: str, setting: Setting) -> Record:
    words = [word for word in text.split() if not word.startswith("clientcert=")]
    kind, databases, users = words[0], frozenset(words[1].split(",")), frozenset(words[2].split(","))
    address = "/".join(words[3:-1])
    return Record(kind, databases, users, address, _networks(address), words[-1], setting)


def _networks(address: str) -> tuple[Network, ...]:
    if address == "all":
        return _EVERYWHERE
    try:
        return (_network(address),)
    except ValueError:
        return ()


def _network(address: str) -> Network:
    host, _, mask = address.partition("/")
    if ":" in mask:  # ipaddress takes masks of IPv4 only
        mask = str(int(ip_network(mask).network_address).bit_count())
    return ip_network(f"{host}/{mask}" if mask else host, strict=False)


def _holds(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    # "all" stands for every database but those of replication, which has to be named.
    return theirs <= ours or ("all" in ours and "replication" not in theirs - ours)


def _is_within(network: Network, others: tuple[Network, ...]) -> bool:
    return any(network.version == one.version and network.subnet_of(one) for one in others)  # type: ignore[arg-type]
