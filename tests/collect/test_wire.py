"""The second question to a host, and what becomes of its answer: values in, values out."""

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.collect import Options, wire
from auditor.collect.live import Item, Plan, plan
from auditor.collect.wire import answered, completed, failed, is_running, prepared
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Trust
from tests.collect.test_live import CA, running


def test_what_a_host_is_asked_holds_no_secret(tmp_path: Path) -> None:
    document = running(tmp_path)

    assert "secret" not in json.dumps(wire.asked(document, plan(document)))
    assert len(plan(document).items) == 2


def test_a_plan_that_names_a_container_says_where_it_is(tmp_path: Path) -> None:
    item = Item("amqp", "mq.example", 5671, "nova-api rpc", Trust("file", "ctl:/etc/nova/ca.pem"))
    processes = [
        {"pid": 7, "root": ""},
        {"pid": 11, "root": "ctl"},
        {"pid": 12, "root": "ctl"},
        {"pid": 13, "root": "other"},
    ]
    document = Document("host", {**running(tmp_path).content, "processes": processes})

    assert wire.asked(document, Plan((item,)))["roots"] == {"ctl": 11}


def test_the_second_request_says_whom_and_by_whom_but_not_the_salt() -> None:
    first = {"tool": {}, "host": "cmp1", "kind": "live", "salt": "c2FsdA==", "salt_id": "id", "told": {}}

    assert wire.question(first, Options(jitter=0.5)) == {
        "tool": {},
        "host": "cmp1",
        "kind": "live",
        "salt_id": "id",
        "seconds": 30,
        "jitter": 0.5,
    }


def said(place: str, **rest: Any) -> dict[str, Any]:
    host, _, port = place.rpartition(":")
    return {
        "id": "x",
        "protocol": "amqp",
        "host": host,
        "port": int(port),
        "result": "tls",
        "reason": "TLS is spoken",
        "version": "TLSv1.3",
        "cipher": "TLS_AES_256_GCM_SHA384",
        "chain": ["-----BEGIN CERTIFICATE-----"],
        "verified": True,
        "asks_client": False,
        "address": "192.0.2.7",
        "addresses": ["192.0.2.7"],
        **rest,
    }


def test_an_answer_takes_its_place_in_the_document(tmp_path: Path) -> None:
    first = running(tmp_path)
    waiting = prepared(first, plan(first))
    second = {"asked_at": 1795262400.5, "handshakes": [said("mq2.example:5671")], "incomplete": ["late"]}
    found = answered(waiting, second).read()
    assert found.handshakes is not None
    unanswered, answer = found.handshakes

    assert found.asked == {"processes", "wire"}
    assert (unanswered.endpoint, unanswered.result) == ("mq1.example:5671", "unasked")
    assert (answer.endpoint, answer.result, answer.version) == ("mq2.example:5671", "tls", "TLSv1.3")
    assert (answer.verified, answer.trust, answer.at) == (True, Trust("file", CA), 1795262400.5)
    assert found.unasked == ("late",)


def test_only_what_was_asked_is_taken_and_nothing_else_is_believed(tmp_path: Path) -> None:
    first = running(tmp_path)
    waiting = prepared(first, plan(first))
    strange = said(
        "mq1.example:5671", trust={"kind": "system"}, verified="yes", extra=[1], chain=[7], version=13
    )
    second = {"asked_at": 1, "handshakes": [said("evil.example:5671"), strange], "incomplete": []}
    found = answered(waiting, second).read().handshakes
    assert found is not None

    assert [one.endpoint for one in found] == ["mq1.example:5671", "mq2.example:5671"]
    assert (found[0].verified, found[0].trust, found[0].chain) == (None, Trust("file", CA), ("7",))
    assert found[0].version == "13"


@pytest.mark.parametrize(
    "second",
    [
        {},
        {"asked_at": 1, "handshakes": [{}], "incomplete": []},
        {"asked_at": "x", "handshakes": [], "incomplete": []},
    ],
)
def test_an_answer_of_another_form_leaves_the_first_evidence(tmp_path: Path, second: dict[str, Any]) -> None:
    first = running(tmp_path)
    found = answered(prepared(first, plan(first)), second)

    assert found.content["wire"]["handshakes"] == []
    assert found.content["wire"]["incomplete"][0].startswith("its answer does not have the form")
    assert found.content["services"] == first.content["services"]


def test_a_host_whose_second_question_fails_keeps_its_first_evidence(tmp_path: Path) -> None:
    first = running(tmp_path)
    lost = Lost("host", Coverage.TIMEOUT, "no answer within 35 seconds", Kind.LIVE)
    found = completed(prepared(first, plan(first)), lost)

    assert found.content["wire"]["handshakes"] == []
    assert found.read().unasked == ("its endpoints were not asked: timeout, no answer within 35 seconds",)
    assert found.read().services == first.read().services


def test_the_endpoints_of_a_failed_question_were_not_asked(tmp_path: Path) -> None:
    first = running(tmp_path)
    found = failed(prepared(first, plan(first)), "gone").read()

    assert "wire" in found.asked
    assert found.handshakes == ()


def test_a_tree_has_no_endpoints_to_ask(tmp_path: Path) -> None:
    document = running(tmp_path)

    assert is_running(document)
    assert not is_running(Document("host", {**document.content, "kind": "tree"}))
