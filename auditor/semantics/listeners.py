"""Which ports of the servers on a host speak plain text by their own convention.

Sources: RabbitMQ's guide "Networking" (5672 and 5671 AMQP, 15672 and 15671 its management), libvirt's ``daemon-sockets`` and
``remote/libvirtd.conf`` (``tcp_port`` 16509, ``tls_port`` 16514). MySQL and PostgreSQL speak both on one port.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.errors import Unavailable, Undecidable
from auditor.model import Host, Listener, Missing
from auditor.semantics.urls import endpoint


@dataclass(frozen=True, slots=True)
class Convention:
    """What a program speaks on which port: in plain text, and with TLS."""

    protocol: str
    programs: frozenset[str]
    plain: int
    tls: int


#: Names of programs as the kernel has them. Where systemd opens the port for libvirt, it is systemd's.
_RABBIT = frozenset({"beam.smp", "beam"})
_LIBVIRT = frozenset({"libvirtd", "virtproxyd", "systemd"})

CONVENTIONS = (
    Convention("AMQP", _RABBIT, 5672, 5671),
    Convention("RabbitMQ's management", _RABBIT, 15672, 15671),
    Convention("libvirt", _LIBVIRT, 16509, 16514),
)


def conventional(host: Host) -> tuple[tuple[Listener, Convention], ...]:
    """The listeners on ports of `CONVENTIONS` that belong to such programs, or to nobody who was seen.

    Raises `Unavailable` where the sockets of the host were not seen.
    """
    if isinstance(host.listeners, Missing):
        raise Unavailable(host.listeners.reason)
    return tuple(
        (listener, convention)
        for listener in host.listeners
        for convention in CONVENTIONS
        if listener.port in (convention.plain, convention.tls)
        and (listener.program is None or listener.program in convention.programs)
    )


def in_plain_text(found: Iterable[tuple[Listener, Convention]]) -> tuple[tuple[Listener, Convention], ...]:
    """Those that speak plain text to other machines; raises `Undecidable` where only they are left, and nobody's."""
    plain = [
        (listener, convention)
        for listener, convention in found
        if listener.port == convention.plain and not listener.is_loopback
    ]
    known = tuple(pair for pair in plain if pair[0].program is not None)
    if plain and not known:
        raise Undecidable(f"whose port {place(plain[0][0])} is was not seen")
    return known


def place(listener: Listener) -> str:
    """Where somebody listens, as it is shown."""
    inside = f" in {listener.root}" if listener.root else ""
    return f"{endpoint(listener.address, listener.port)}{inside}"
