import pytest

from auditor.errors import Undecidable
from auditor.semantics import rpc
from auditor.semantics.rpc import Call, Heartbeat, Reconnection
from tests.semantics.build import Rejected, service, withheld

RABBIT = "oslo_messaging_rabbit"
URL = ("DEFAULT", "transport_url")
PAIR = "rabbit://nova:pw@r1:5672,nova:pw@r2:5672/"


def test_heartbeats_limit_the_socket_too() -> None:
    assert rpc.heartbeat(service()) == Heartbeat(60, 60, 60)
    assert rpc.heartbeat(service({(RABBIT, "heartbeat_timeout_threshold"): 10})) == Heartbeat(10, 10, 10)


def test_without_heartbeats_nothing_limits_the_socket() -> None:
    found = rpc.heartbeat(service({(RABBIT, "heartbeat_timeout_threshold"): 0}))

    assert found == Heartbeat(0, None, None)


def test_the_query_of_the_url_switches_heartbeats_off() -> None:
    found = rpc.heartbeat(service({URL: "rabbit://nova:pw@r1/?heartbeat_timeout_threshold=0"}))

    assert found == Heartbeat(0, None, None)


@pytest.mark.parametrize("url", ["fake://", "kafka://k1:9092/"])
def test_other_drivers_have_none_of_it(url: str) -> None:
    found = service({URL: url})

    assert rpc.heartbeat(found) is None
    assert rpc.reconnection(found) is None
    assert rpc.seconds_after_caller(found) is None


def test_placement_has_no_rpc() -> None:
    assert rpc.heartbeat(service(project="placement")) is None


def test_a_withheld_threshold_cannot_be_told() -> None:
    found = service({(RABBIT, "heartbeat_timeout_threshold"): withheld()})

    with pytest.raises(Undecidable, match="heartbeat_timeout_threshold"):
        rpc.heartbeat(found)


def test_a_service_that_does_not_start_has_no_heartbeats() -> None:
    found = service({(RABBIT, "kombu_reconnect_delay"): Rejected("should be less than or equal to 4.5")})

    with pytest.raises(Undecidable, match=r"4\.5"):
        rpc.heartbeat(found)


def test_an_unreadable_url_cannot_be_told() -> None:
    with pytest.raises(Undecidable):
        rpc.reconnection(service({URL: "rabbit://nova:pw@r1:port/"}))


def test_pauses_grow_by_two_up_to_the_longest_and_the_first() -> None:
    found = rpc.reconnection(service({URL: PAIR}, release="zed"))

    assert found == Reconnection(
        tuple(float(pause) for pause in range(1, 32, 2)), brokers=2, is_shuffled=True
    )


def test_newer_kombu_takes_the_longest_pause_at_its_word() -> None:
    found = rpc.reconnection(service({URL: PAIR}, release="2026.2", libraries={"kombu": "5.7.0"}))

    assert found is not None
    assert found.pauses == (*(float(pause) for pause in range(1, 30, 2)), 30.0)


def test_large_steps_never_reach_the_longest_pause() -> None:
    options = {
        (RABBIT, "rabbit_retry_interval"): 1,
        (RABBIT, "rabbit_retry_backoff"): 10,
        (RABBIT, "rabbit_interval_max"): 12,
    }
    older = rpc.reconnection(service(options, libraries={"kombu": "5.6.2"}))
    newer = rpc.reconnection(service(options, libraries={"kombu": "5.7.0"}))

    assert older is not None
    assert newer is not None
    assert older.pauses == newer.pauses == (1.0, 11.0)


def test_an_interval_of_zero_is_a_second() -> None:
    found = rpc.reconnection(service({(RABBIT, "rabbit_retry_interval"): 0}, release="2024.2"))

    assert found is not None
    assert found.pauses[0] == 1.0


def test_steps_of_zero_keep_the_pause() -> None:
    found = rpc.reconnection(service({(RABBIT, "rabbit_retry_backoff"): 0}, release="zed"))

    assert found is not None
    assert found.pauses == (1.0,)


def test_one_broker_has_no_order() -> None:
    found = rpc.reconnection(service({URL: "rabbit://nova:pw@r1/"}))

    assert found is not None
    assert (found.brokers, found.is_shuffled) == (1, False)


def test_calls_to_computes_are_monitored_from_a_minute_on() -> None:
    found = rpc.calls(service({("DEFAULT", "rpc_response_timeout"): 61}))

    assert found == {"compute": Call(61, 60), "conductor": Call(61, None), "long": Call(1800, 61)}


def test_short_calls_are_not_monitored() -> None:
    options = {("DEFAULT", "rpc_response_timeout"): 30, ("DEFAULT", "long_rpc_timeout"): 900}

    assert rpc.calls(service(options)) == {
        "compute": Call(30, None),
        "conductor": Call(30, None),
        "long": Call(900, 30),
    }


def test_a_blank_timeout_of_calls_is_none_that_nova_can_compare() -> None:
    with pytest.raises(Undecidable, match="blank"):
        rpc.calls(service({("DEFAULT", "rpc_response_timeout"): None}))


@pytest.mark.parametrize(("tries", "after"), [(300, 240.0), (60, 0.0), (10, 0.0)])
def test_a_server_may_answer_long_after_its_caller_gave_up(tries: int, after: float) -> None:
    found = service({(RABBIT, "kombu_missing_consumer_retry_timeout"): tries})

    assert rpc.seconds_after_caller(found) == after
