"""The judgement of a running service's connections as a whole."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from auditor.check import Role, Service, Site, Status, Unavailable, Undecidable
from auditor.checks.peers import CELLS_UNASKED, configured_only
from auditor.checks.subjects import is_messaging
from auditor.model import Cells, Missing, Peer, Process
from auditor.semantics.peers import BROKER_PORTS
from tests.semantics.build import service

EVALUATE = configured_only(is_messaging, BROKER_PORTS, "it has no messaging connection")
URL = {("DEFAULT", "transport_url"): "rabbit://u:p@192.0.2.10:5671/"}


def running(
    *peers: Peer, role: Role = Role.COMPUTE, options: Mapping[tuple[str, str], Any] = URL, **more: Any
) -> Service:
    """A service that runs with these connections."""
    seen = Process(4711, 0.0, 0.0, 1, "nova", "process", peers=peers)
    return replace(service(options, role=role), **{"seen": seen, **more})


def test_a_stranger_is_told_with_what_is_configured() -> None:
    outcome = EVALUATE(running(Peer("192.0.2.66", 5671)), Site())

    assert outcome.status is Status.FAIL
    assert [line.setting for line in outcome.evidence] == [
        "established to 192.0.2.66:5671",
        "[DEFAULT] transport_url",
    ]


def test_a_service_without_any_connection_talks_to_no_stranger() -> None:
    assert EVALUATE(running(), Site()).status is Status.PASS


def test_a_service_whose_process_was_not_seen_is_not_judged() -> None:
    with pytest.raises(Unavailable, match="hidden"):
        EVALUATE(running(seen=Missing("/proc", "denied", "hidden")), Site())


def test_a_service_whose_sockets_were_not_seen_is_not_judged() -> None:
    unseen = Process(4711, 0.0, 0.0, 1, "nova", "process", peers=Missing("/proc", "denied", "denied"))

    with pytest.raises(Unavailable, match="denied"):
        EVALUATE(running(seen=unseen), Site())


def test_a_stranger_may_be_the_broker_of_a_cell_that_nobody_asked_for() -> None:
    outcome = EVALUATE(running(Peer("192.0.2.66", 5671), role=Role.SCHEDULER), Site())

    assert (outcome.status, outcome.message) == (Status.NOT_APPLICABLE, CELLS_UNASKED)


def test_a_stranger_may_be_the_broker_of_a_cell_that_could_not_be_read() -> None:
    made = running(Peer("192.0.2.66", 5671), role=Role.SCHEDULER, cells=Cells(reason="nova-manage failed"))

    with pytest.raises(Undecidable, match="nova-manage failed"):
        EVALUATE(made, Site())


def test_a_stranger_that_is_in_no_cell_either_is_told() -> None:
    made = running(Peer("192.0.2.66", 5671), role=Role.SCHEDULER, cells=Cells())

    assert EVALUATE(made, Site()).status is Status.FAIL


def test_whoever_talks_to_configured_servers_needs_no_cells() -> None:
    assert EVALUATE(running(Peer("192.0.2.10", 5671), role=Role.SCHEDULER), Site()).status is Status.PASS
