"""How many hosts ask endpoints at a time, over a whole fleet and at any one of them."""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from auditor.collect import Options, request
from auditor.collect.asker import Asker
from auditor.collect.turns import Turns
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target
from tests.collect.test_live import RABBIT, running


class Crowd:
    """Counts who is there at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def stay(self, *places: str) -> None:
        """Be at these places, and with all others, for a moment."""
        with self._lock:
            self._now.update((*places, "all"))
            self.most |= self._now
        time.sleep(0.02)
        with self._lock:
            self._now.subtract((*places, "all"))


def crowd(turns: Turns, visits: Sequence[Sequence[str]]) -> Mapping[str, int]:
    """How many were at each place at a time, of visitors that come at once."""
    seen = Crowd()

    def visit(places: Sequence[str]) -> None:
        with turns.take(places) as has_turn:
            assert has_turn
            seen.stay(*places)

    with ThreadPoolExecutor(len(visits)) as pool:
        list(pool.map(visit, visits))
    return seen.most


def test_no_more_hosts_ask_at_a_time_than_may() -> None:
    assert crowd(Turns(3, 9), [[str(number)] for number in range(20)])["all"] == 3


def test_fewer_ask_at_any_one_endpoint() -> None:
    visits = [["mq1", f"own{number}"] for number in range(10)] + [["mq2"]] * 10
    most = crowd(Turns(8, 2), visits)

    assert (most["mq1"], most["mq2"]) == (2, 2)
    assert most["all"] == 4


def test_an_endpoint_that_is_named_twice_is_one() -> None:
    turns = Turns(8, 2)
    with turns.take(["mq1", "mq1"]), turns.take(["mq1"]) as has_turn:
        assert has_turn


def test_a_turn_is_given_back_when_its_holder_fails() -> None:
    turns = Turns(1, 1)
    with pytest.raises(LookupError), turns.take(["mq1"]):
        raise LookupError

    with turns.take(["mq1"]) as has_turn:
        assert has_turn


def test_nobody_gets_a_turn_after_the_end() -> None:
    turns = Turns(1, 1)
    with ThreadPoolExecutor(1) as pool, turns.take(["mq1"]):

        def ask() -> bool:
            with turns.take(["mq1"]) as has_turn:
                return has_turn

        waits = pool.submit(ask)
        turns.end()

        assert waits.result(5) is False


def asker(first: Document | Lost, asked: list[Mapping[str, Any]], **options: Any) -> Asker:
    """An asker whose hosts give this at first, and one handshake for each endpoint then."""

    def obtain(target: Target, request: Mapping[str, Any]) -> Document | Lost:
        asked.append(request)
        if "wire" not in request:
            return first
        told = [{**item, "result": "tls", "reason": "TLS is spoken"} for item in request["wire"]]
        return Document(target.name, {"asked_at": 7, "handshakes": told, "incomplete": []})

    return Asker(obtain, Options(live=True, **options))


TARGET = Target("host", Kind.LIVE)


def test_a_host_is_asked_twice_and_gives_one_document(tmp_path: Path) -> None:
    asked: list[Mapping[str, Any]] = []
    found = asker(running(tmp_path), asked)(TARGET, request(TARGET, Options()))
    assert isinstance(found, Document)
    handshakes = found.read().handshakes
    assert handshakes is not None

    assert [one.result for one in handshakes] == ["tls", "tls"]
    assert [one["id"] for one in asked[1]["wire"]] == ["amqp mq1.example:5671", "amqp mq2.example:5671"]
    assert "salt" not in asked[1]
    assert "secret" not in json.dumps(asked[1])


def test_a_host_that_is_lost_is_not_asked_again() -> None:
    asked: list[Mapping[str, Any]] = []
    lost = Lost("host", Coverage.UNREACHABLE, "gone", Kind.LIVE)

    assert asker(lost, asked)(TARGET, {}) == lost
    assert len(asked) == 1


def test_a_host_without_an_endpoint_is_not_asked_again(tmp_path: Path) -> None:
    asked: list[Mapping[str, Any]] = []
    document = running(tmp_path, RABBIT.replace("ssl = true", ""))
    found = asker(document, asked)(TARGET, request(TARGET, Options()))
    assert isinstance(found, Document)

    assert len(asked) == 1
    assert found.read().handshakes == ()
    assert "wire" in found.read().asked


def test_after_an_interruption_the_first_evidence_stands(tmp_path: Path) -> None:
    asked: list[Mapping[str, Any]] = []
    ended = asker(running(tmp_path), asked)
    ended.end()
    found = ended(TARGET, request(TARGET, Options()))
    assert isinstance(found, Document)

    assert len(asked) == 1
    assert found.read().unasked == ("the run ended before it could ask",)
