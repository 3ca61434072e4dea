"""The judgement that messaging and databases share: whether a running service talks to other servers than configured."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from auditor.check import Outcome, Service, Site, Transport, Undecidable, failed, not_applicable, passed
from auditor.semantics.peers import fact, of_ports, require_known, strangers, uses_cells
from auditor.semantics.processes import NOT_RUNNING
from auditor.semantics.transports import transports
from auditor.semantics.urls import endpoint

#: Why nothing is said of a service whose cells nobody asked for.
CELLS_UNASKED = "its cells decide where else it connects: give --cells"


def configured_only(
    concerns: Callable[[Transport], bool], ports: Collection[int], nothing: str
) -> Callable[[Service, Site], Outcome]:
    """The judgement for the connections of one area.

    Args:
        concerns: whether a connection belongs to the area.
        ports: where such servers listen unless told otherwise.
        nothing: why a service is set aside that neither has nor holds such a connection.
    """

    def evaluate(service: Service, _site: Site) -> Outcome:
        process = service.process
        if process is None:
            return not_applicable(NOT_RUNNING)
        connections = tuple(one for one in transports(service) if concerns(one))
        peers = of_ports(process, connections, ports)
        if not connections and not peers:
            return not_applicable(nothing)
        found = strangers(service, connections, peers)
        if not found:
            return passed(
                f"{service} talks to configured servers only",
                *(fact(process, peer) for peer in peers),
                *connections,
            )
        if uses_cells(service):
            if service.cells is None:
                return not_applicable(CELLS_UNASKED)
            if service.cells.reason is not None:
                raise Undecidable(f"its cells decide where else it connects: {service.cells.reason}")
        require_known(service, process, connections, found)
        places = ", ".join(endpoint(peer.address, peer.port) for peer in found)
        return failed(
            f"{service} is connected to {places}, which its configuration does not name",
            *(fact(process, peer) for peer in found),
            *(connection.url for connection in connections),
        )

    return evaluate


def talking(*peers: tuple[str, int], **record: Any) -> Mapping[str, Any]:
    """The record of an example: a running service with these connections."""
    return {
        "process": {
            "status": "running",
            "reason": "",
            "pid": 4711,
            "started": 1795258800.0,
            "latest": 1795258800.0,
            "count": 3,
            "user": "nova",
            "environment": "process",
            "container": None,
            "peers": [{"address": address, "port": port, "count": 2} for address, port in peers],
        },
        **record,
    }
