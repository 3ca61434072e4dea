"""Whether the servers that a running service talks to are configured."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from auditor.check import Unavailable, Undecidable
from auditor.model import Missing, Peer, Process, Role, Service, Transport
from auditor.semantics.peers import (
    BROKER_PORTS,
    DATABASE_PORTS,
    fact,
    of_ports,
    require_known,
    strangers,
    uses_cells,
)
from auditor.semantics.transports import transports
from tests.semantics.build import service, withheld

BROKER, DATABASE, MEMCACHED = Peer("192.0.2.10", 5671), Peer("192.0.2.20", 3306), Peer("192.0.2.30", 11211)


def process(*peers: Peer, is_shared: bool = False) -> Process:
    """A process with these connections."""
    return Process(4711, 0.0, 0.0, 1, "nova", "process", peers=peers, is_shared=is_shared)


def configured(url: str, names: Mapping[str, tuple[str, ...]] | None = None) -> Service:
    """A service with that ``transport_url``."""
    return replace(service({("DEFAULT", "transport_url"): url}), names=names or {})


def found(url: str, *peers: Peer, names: Mapping[str, tuple[str, ...]] | None = None) -> list[str]:
    """The addresses of the strangers among peers."""
    made = configured(url, names)
    return [peer.address for peer in strangers(made, transports(made), peers)]


def test_only_the_ports_of_the_area_are_looked_at() -> None:
    running = process(BROKER, DATABASE, MEMCACHED)

    assert of_ports(running, (), BROKER_PORTS) == (BROKER,)
    assert of_ports(running, (), DATABASE_PORTS) == (DATABASE,)


def test_the_ports_that_the_configuration_names_are_looked_at_too() -> None:
    odd = Peer("192.0.2.10", 25671)
    connections = transports(configured("rabbit://u:p@192.0.2.11:25671/"))

    assert of_ports(process(odd, DATABASE), connections, BROKER_PORTS) == (odd,)


def test_sockets_that_were_not_seen_settle_nothing() -> None:
    unseen = replace(process(), peers=Missing("/proc", "denied", "permission denied"))

    with pytest.raises(Unavailable, match="permission denied"):
        of_ports(unseen, (), BROKER_PORTS)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("rabbit://u:p@192.0.2.10:5671/", "192.0.2.10"),
        ("rabbit://u:p@192.0.2.9:5671,u:p@192.0.2.10:5671/", "192.0.2.10"),
        ("rabbit://u:p@[2001:DB8:0::10]:5671/", "2001:db8::10"),
        ("rabbit://u:p@localhost:5671/", "127.0.0.1"),
        ("rabbit://u:p@localhost:5671/", "::1"),
    ],
)
def test_an_address_of_the_configuration_is_no_stranger(url: str, address: str) -> None:
    assert found(url, Peer(address, 5671)) == []


def test_every_address_of_a_name_is_meant() -> None:
    names = {"mq.example": ("192.0.2.10", "2001:db8::10")}
    peers = [Peer(address, 5671) for address in (*names["mq.example"], "192.0.2.66")]

    assert found("rabbit://u:p@mq.example:5671/", *peers, names=names) == ["192.0.2.66"]


def test_another_port_of_a_configured_address_is_a_stranger() -> None:
    assert found("rabbit://u:p@192.0.2.10:5671/", Peer("192.0.2.10", 5672)) == ["192.0.2.10"]


def required(made: Service, peer: Peer, running: Process | None = None) -> None:
    """What remains to be said of a stranger, or `Undecidable`."""
    connections: tuple[Transport, ...] = transports(made)
    require_known(made, running or process(peer), connections, [peer])


def test_a_name_without_an_address_may_be_the_stranger() -> None:
    with pytest.raises(
        Undecidable, match=r"192\.0\.2\.66:5671, which may be what the name mq\.example stands for"
    ):
        required(configured("rabbit://u:p@mq.example:5671/"), Peer("192.0.2.66", 5671))


def test_a_name_without_an_address_is_not_the_stranger_on_another_port() -> None:
    made = configured("rabbit://u:p@mq.example:5671/")

    assert required(made, Peer("192.0.2.66", 5672)) is None  # type: ignore[func-returns-value]


def test_a_url_that_was_withheld_may_name_the_stranger() -> None:
    made = service({("DEFAULT", "transport_url"): withheld()})

    with pytest.raises(Undecidable, match="may lead to"):
        required(made, BROKER)


def test_brokers_of_kafka_name_others() -> None:
    with pytest.raises(Undecidable, match="may lead to"):
        required(configured("kafka://192.0.2.40:9092/"), Peer("192.0.2.66", 5672))


def test_another_program_in_the_same_web_server_may_hold_the_connection() -> None:
    with pytest.raises(Undecidable, match="another program in the same web server"):
        required(configured("rabbit://u:p@192.0.2.10/"), BROKER, process(BROKER, is_shared=True))


@pytest.mark.parametrize(
    ("role", "url", "expected"),
    [
        (Role.API, None, True),
        (Role.METADATA, None, True),
        (Role.SCHEDULER, None, True),
        (Role.COMPUTE, None, False),
        (Role.CONSOLE_PROXY, None, False),
        (Role.CONDUCTOR, None, False),
        (Role.CONDUCTOR, "", False),
        (Role.CONDUCTOR, "mysql+pymysql://u:p@h/nova_api", True),
        (Role.CONDUCTOR, withheld(), True),
    ],
)
def test_who_connects_to_cells(role: Role, url: object, expected: bool) -> None:
    options = {} if url is None else {("api_database", "connection"): url}

    assert uses_cells(service(options, role=role)) is expected


def test_placement_connects_to_no_cell() -> None:
    assert not uses_cells(service(project="placement", role=Role.PLACEMENT))


def test_a_peer_is_shown_with_the_number_of_its_connections() -> None:
    shown = fact(process(), Peer("2001:db8::10", 5671, 4)).judged()

    assert (shown.setting, shown.value) == ("established to [2001:db8::10]:5671", "4 connections")
    assert shown.origin.path == "/proc/4711/net/tcp"
