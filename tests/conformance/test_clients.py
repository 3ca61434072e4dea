"""What was measured of service clients: every section, each call to its end, and that dripping has no end."""

import pytest

from tests.conformance import truth
from tests.conformance.replay.clients import made

SUBJECT = "clients"


@pytest.mark.parametrize("name", truth.recorded(SUBJECT))
def test_every_case_was_measured_to_its_end(name: str) -> None:
    outcomes = {id_: result["outcome"] for id_, result in truth.read(SUBJECT, name)["results"].items()}

    assert [id_ for id_, outcome in outcomes.items() if outcome.startswith("cannot start")] == []


def test_every_section_is_measured() -> None:
    sections = {case["driver"] for case in truth.cases(SUBJECT)}

    assert sections == {
        "placement",
        "neutron",
        "cinder",
        "glance",
        "keystone",
        "ironic",
        "cyborg",
        "manila",
        "barbican",
        "keystone_authtoken",
        "vendordata_dynamic_auth",
        "oslo_limit",
    }


@pytest.mark.parametrize("section", ["placement", "neutron", "glance", "keystone_authtoken"])
def test_no_timeout_holds_against_a_server_that_drips(section: str) -> None:
    (case,) = (
        case
        for case in truth.cases(SUBJECT)
        if case["driver"] == section and case["id"].endswith("/dripping")
    )
    for name in truth.recorded(SUBJECT):
        recorded = truth.read(SUBJECT, name)
        client = made(case, recorded)
        assert client is not None

        assert client.worst_cases["dripping"].bound == "unbounded"
        assert recorded["results"][case["id"]]["seconds"] > 4 * case["timeout"]
