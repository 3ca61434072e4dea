"""How the endpoints of a connection answered: the handshakes of a host, brought to the connections they belong to."""

from collections.abc import Sequence
from dataclasses import replace

from auditor.evidence import Evidence
from auditor.model import Client, Handshake, Transport
from auditor.semantics.endpoints import https_endpoints

#: What a driver's connections speak.
PROTOCOLS = {
    "rabbit": "amqp",
    "kombu": "amqp",
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgresql": "postgresql",
}


def protocol(transport: Transport) -> str | None:
    """Return what is spoken on a transport, or None where nobody asks its endpoints."""
    return PROTOCOLS.get(transport.driver.partition("+")[0].lower())


def of_transport(evidence: Evidence, transport: Transport) -> Transport:
    """Return a transport with the answers of its endpoints, if they were asked."""
    if evidence.handshakes is None:
        return transport
    return replace(transport, wire=_answers(evidence, protocol(transport), transport.endpoints))


def of_client(evidence: Evidence, client: Client) -> Client:
    """Return a client with the answers of its endpoints, if they were asked."""
    if evidence.handshakes is None:
        return client
    return replace(client, wire=_answers(evidence, "https", https_endpoints(client)))


def _answers(evidence: Evidence, spoken: str | None, endpoints: Sequence[str]) -> tuple[Handshake, ...]:
    found = {one.endpoint: one for one in evidence.handshakes or () if one.protocol == spoken}
    return tuple(found.get(endpoint) or _unasked(evidence, spoken, endpoint) for endpoint in endpoints)


def _unasked(evidence: Evidence, spoken: str | None, endpoint: str) -> Handshake:
    host, _, port = endpoint.rpartition(":")
    reason = "; ".join(evidence.unasked) or "it was not asked"
    number = int(port) if port.isdigit() else 0
    return Handshake(spoken or "", host.strip("[]"), number, "unasked", reason, evidence.clock)
