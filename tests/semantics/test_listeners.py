"""Which listeners of a host speak plain text by convention."""

import pytest

from auditor.check import Unavailable, Undecidable
from auditor.model import Host, Kind, Listener, Missing
from auditor.semantics.listeners import conventional, in_plain_text, place


def host(*listeners: Listener) -> Host:
    """A host with these listeners."""
    return Host("host", Kind.LIVE, (), listeners)


def plain(*listeners: Listener) -> list[int]:
    """The ports that speak plain text."""
    return [listener.port for listener, _ in in_plain_text(conventional(host(*listeners)))]


@pytest.mark.parametrize(
    ("program", "port"),
    [("beam.smp", 5672), ("beam.smp", 15672), ("libvirtd", 16509), ("virtproxyd", 16509), ("systemd", 16509)],
)
def test_a_well_known_port_of_the_program_is_plain_text(program: str, port: int) -> None:
    assert plain(Listener("::", port, program)) == [port]


@pytest.mark.parametrize(
    ("program", "port"),
    [("beam.smp", 5671), ("beam.smp", 15671), ("libvirtd", 16514), ("beam.smp", 16509), ("haproxy", 5672)],
)
def test_ports_with_tls_and_those_of_other_programs_are_not(program: str, port: int) -> None:
    assert plain(Listener("::", port, program)) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.1.1", "::1"])
def test_what_stays_on_the_machine_is_not(address: str) -> None:
    assert plain(Listener(address, 5672, "beam.smp")) == []


def test_a_port_whose_program_was_not_seen_settles_nothing() -> None:
    with pytest.raises(Undecidable, match=r"whose port \[::\]:5672 is was not seen"):
        plain(Listener("::", 5672, None))


def test_one_that_was_seen_fails_whatever_else_was_not() -> None:
    assert plain(Listener("::", 16509, None), Listener("::", 5672, "beam.smp")) == [5672]


def test_a_host_whose_sockets_were_not_seen_settles_nothing() -> None:
    unseen = Host("host", Kind.LIVE, (), Missing("/proc", "denied", "its sockets were not seen"))

    with pytest.raises(Unavailable, match="its sockets were not seen"):
        conventional(unseen)


def test_a_listener_of_a_container_is_told_with_it() -> None:
    assert place(Listener("10.0.0.5", 5672, "beam.smp", "rabbitmq")) == "10.0.0.5:5672 in rabbitmq"
