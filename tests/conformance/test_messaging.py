"""What was measured of RPC, notifications and cells: how much, and a backport that only its source shows."""

from collections import Counter

from tests.conformance import truth

HOSTNAME = "oslo.messaging:ssl_enforce_hostname_verification"
DEBIAN = "zed+debian-oslo.messaging-14.0.3"


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


def test_cells_have_their_grid() -> None:
    assert len(truth.cases("cells")) >= 500
