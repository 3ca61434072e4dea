"""The records of `nova-auditor show`."""

import json

from auditor.probe import tokens
from auditor.show import show
from tests.effective.services import NOVA_CONF, settings_of

TOKEN = tokens.make("zorblatt", b"salt")  # type: ignore[no-untyped-call]


def test_a_record_holds_what_the_contract_names() -> None:
    records = list(show(settings_of("[database]\nmax_pool_size = 7\n")))

    assert records == [
        {
            "group": "database",
            "name": "max_pool_size",
            "value": 7,
            "error": None,
            "origin": {"kind": "file", "path": NOVA_CONF, "line": 2},
            "written_as": "database.max_pool_size",
            "default": 5,
            "unknown": False,
        }
    ]


def test_only_what_is_written_shows_unless_everything_is_asked_for() -> None:
    settings = settings_of("[vnc]\nenabled = no\nenabld = no\n")

    assert [record["name"] for record in show(settings)] == ["enabld", "enabled"]
    assert len(list(show(settings, everything=True))) > 1000


def test_a_group_and_an_option_select_however_they_are_spelt() -> None:
    settings = settings_of("[DEFAULT]\ntransport-url = rabbit://\n[vnc]\nenabled = no\n")
    records = list(show(settings, "default", "Transport_URL", everything=True))

    assert [(record["name"], record["unknown"]) for record in records] == [
        ("transport_url", False),
        ("transport-url", True),
    ]
    assert [record["group"] for record in show(settings, "vnc")] == ["vnc"]
    assert list(show(settings, "nowhere")) == []


def test_a_rejected_value_shows_as_its_error() -> None:
    (record,) = show(settings_of("[vnc]\nenabled = maybe\n"))

    assert record["value"] is None
    assert record["error"] == "it is not a boolean (true, false, yes, no, on, off, 1, 0)"


def test_a_withheld_value_shows_as_withheld() -> None:
    (record,) = show(settings_of(f"[placement]\npassword = {TOKEN}\n"))

    assert (record["value"], record["error"]) == ("(withheld)", None)


def test_records_are_json() -> None:
    settings = settings_of(
        "[placement]\nconnect_retry_delay = inf\n[DEFAULT]\nreserved_huge_pages = node:0\n"
    )
    records = {record["name"]: record["value"] for record in show(settings)}

    assert records == {"reserved_huge_pages": [{"node": "0"}], "connect_retry_delay": "inf"}
    assert json.dumps(list(show(settings, everything=True)), allow_nan=False)


def test_a_default_shows_as_such() -> None:
    (record,) = show(settings_of(""), "oslo_messaging_notifications", "driver", everything=True)

    assert (record["value"], record["default"]) == ([], [])
    assert record["origin"] == {"kind": "default", "path": None, "line": None}
