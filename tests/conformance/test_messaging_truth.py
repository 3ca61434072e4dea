"""The auditor agrees with what oslo.messaging, kombu, py-amqp and librdkafka did with each configuration."""

from collections import Counter

import pytest

from tests.conformance import truth
from tests.conformance.agreement import agreement, known
from tests.conformance.environments import releases

HOSTNAME = "oslo.messaging:ssl_enforce_hostname_verification"
DEBIAN = "zed+debian-oslo.messaging-14.0.3"


@pytest.mark.parametrize("release", truth.recorded("messaging"))
def test_the_auditor_agrees_with_every_case(release: str) -> None:
    differing = agreement("messaging", release).disagreements

    assert {name: line for name, line in differing.items() if name not in known("messaging")} == {}


def test_what_is_known_to_differ_does() -> None:
    differing = {
        name for one in truth.recorded("messaging") for name in agreement("messaging", one).disagreements
    }

    assert differing == set(known("messaging"))


def test_every_release_was_measured_and_the_point_releases_that_learned_names() -> None:
    recorded = truth.recorded("messaging")

    assert recorded[:9] == releases()
    assert {
        DEBIAN,
        "zed+confluent-kafka-1.9.2",
        "2023.1+confluent-kafka-1.9.2",
        "2025.1+oslo.messaging-16.1.1",
        "2025.2+oslo.messaging-17.1.1",
        "2026.1+oslo.messaging-17.3.1",
        "2026.1+oslo.messaging-17.3.2",
        "2026.2+oslo.messaging-18.0.0",
        "2026.2+oslo.messaging-18.1.0",
    } <= set(recorded)


def test_rabbitmq_and_kafka_have_their_grid() -> None:
    drivers = Counter(case["driver"] for case in truth.cases("messaging"))

    assert drivers["oslo.messaging rabbit"] >= 400
    assert drivers["confluent-kafka"] >= 30


def test_a_backport_is_known_by_its_source() -> None:
    own, debian = truth.read("messaging", "zed"), truth.read("messaging", DEBIAN)
    names = "tls-ca-any-names-true"

    assert own["libraries"]["oslo.messaging"] == debian["libraries"]["oslo.messaging"] == "14.0.3"
    assert (own["results"]["source"][HOSTNAME], debian["results"]["source"][HOSTNAME]) == (False, True)
    assert own["results"][names]["faces"]["name"]["login"] == "tls"
    assert debian["results"][names]["faces"]["name"]["login"] == "refused"


@pytest.mark.parametrize("release", truth.recorded("cells"))
def test_the_auditor_fills_in_every_row_of_cells_as_nova_does(release: str) -> None:
    assert set(agreement("cells", release).disagreements) == set(known("cells"))


def test_cells_were_measured_in_every_release() -> None:
    assert truth.recorded("cells") == releases()
    assert len(truth.cases("cells")) >= 60
