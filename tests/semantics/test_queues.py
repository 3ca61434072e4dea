"""What the rabbit driver refuses about its pools, its heartbeat and its queues; the truth is in tests/conformance."""

from typing import Any

import pytest

from auditor.model import Posture, Role
from tests.semantics.build import rabbit, transport

URL = "rabbit://nova:pw@rabbit1.example:5672/"
BOTH = {"rabbit_quorum_queue": True, "rabbit_ha_queues": True}
TRANSIENT = {"rabbit_transient_quorum_queue": True, "rabbit_ha_queues": True}
STREAM = {"rabbit_stream_fanout": True}

#: Section, and what the reason names.
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"rpc_conn_pool_size": 1}, "conn_pool_min_size (2)"),
    ({"rpc_conn_pool_size": None}, "rpc_conn_pool_size is empty"),
    ({"conn_pool_min_size": None}, "conn_pool_min_size is empty"),
    ({"heartbeat_rate": 0}, "ZeroDivisionError"),
    ({"heartbeat_rate": None}, "heartbeat_rate is empty"),
    ({"heartbeat_timeout_threshold": None}, "TypeError"),
    ({"rabbit_login_method": "RABBIT-CR-DEMO"}, "ValueError"),
    (STREAM, "rabbit_stream_fanout needs"),
    ({**STREAM, "rabbit_qos_prefetch_count": 10}, "rabbit_stream_fanout needs"),
    ({**STREAM, "rabbit_transient_quorum_queue": True}, "rabbit_stream_fanout needs"),
    (BOTH, "rabbit_quorum_queue and rabbit_ha_queues"),
    (TRANSIENT, "rabbit_transient_quorum_queue and rabbit_ha_queues"),
]


@pytest.mark.parametrize(("section", "reason"), REFUSED)
def test_options_that_contradict_each_other_break_the_connection(
    section: dict[str, Any], reason: str
) -> None:
    found = rabbit(URL, section, release="2026.2")

    assert found.posture is Posture.BROKEN
    assert reason in found.reason
    assert "for ever" not in found.reason


def test_options_that_fit_do_not() -> None:
    section = {**STREAM, "rabbit_qos_prefetch_count": 10, "rabbit_transient_quorum_queue": True}

    found = rabbit(URL, section, release="2026.2")

    assert found.posture is Posture.PLAINTEXT


@pytest.mark.parametrize("section", [STREAM, TRANSIENT])
def test_an_option_that_the_release_does_not_know_changes_nothing(section: dict[str, Any]) -> None:
    assert rabbit(URL, section, release="zed").posture is Posture.PLAINTEXT


@pytest.mark.parametrize("role", [Role.API, Role.METADATA, Role.CONSOLE_PROXY])
def test_who_only_calls_declares_no_queue_of_a_server(role: Role) -> None:
    replicated, replies = (rabbit(URL, section, release="2026.2", role=role) for section in (BOTH, TRANSIENT))

    assert replicated.posture is Posture.PLAINTEXT
    assert replies.posture is Posture.BROKEN


def test_notifications_are_never_sent_to_a_queue_of_both_kinds() -> None:
    options = {
        ("DEFAULT", "transport_url"): URL,
        ("oslo_messaging_notifications", "driver"): ("messagingv2",),
        **{("oslo_messaging_rabbit", name): value for name, value in BOTH.items()},
    }

    found = transport("notifications", options, role=Role.API)

    assert found.posture is Posture.BROKEN
    assert found.remedy == "Remove `rabbit_ha_queues` from `[oslo_messaging_rabbit]`."
