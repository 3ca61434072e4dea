"""Documents that wait between the two questions to a fleet."""

import base64
import hashlib
import json
from pathlib import Path

from auditor.collect import Options
from auditor.collect.ansible.waiting import Waiting
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind
from tests.collect.test_live import RABBIT, running

OPTIONS = Options(live=True, release="2025.1")


def test_what_has_something_to_ask_waits_on_disk_for_us_alone(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, OPTIONS)
    document = running(tmp_path / "tree")
    name = hashlib.sha256(b"host").hexdigest()

    assert waiting.take(document) is None
    assert waiting.hosts == {"host"}
    assert [path.name for path in waiting.plans.iterdir()] == [name]
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "documents", waiting.plans)} == {0o700}


def test_a_plan_holds_the_host_and_its_endpoints_and_no_secret(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, OPTIONS)
    waiting.take(running(tmp_path / "tree"))
    (path,) = waiting.plans.iterdir()
    asked = json.loads(base64.b64decode(path.read_bytes()))

    assert asked["host"] == "host"
    assert [item["id"] for item in asked["wire"]] == ["amqp mq1.example:5671", "amqp mq2.example:5671"]
    assert "secret" not in json.dumps(asked)


def test_what_waited_comes_back_whole(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, OPTIONS)
    document = running(tmp_path / "tree")
    waiting.take(document)
    told = {"protocol": "amqp", "host": "mq1.example", "port": 5671, "result": "refused", "reason": "gone"}
    found = waiting.complete(Document("host", {"asked_at": 7, "handshakes": [told], "incomplete": []}))
    handshakes = found.read().handshakes
    assert handshakes is not None

    assert [one.result for one in handshakes] == ["refused", "unasked"]
    assert found.content["files"] == document.content["files"]


def test_what_has_nothing_to_ask_does_not_wait(tmp_path: Path) -> None:
    waiting = Waiting(tmp_path, OPTIONS)
    lost = Lost("gone", Coverage.DENIED, "no login", Kind.LIVE)
    silent = waiting.take(running(tmp_path / "tree", RABBIT.replace("ssl = true", "")))
    tree = Document("tree", {**running(tmp_path / "tree").content, "kind": "tree"})
    assert isinstance(silent, Document)

    assert silent.read().handshakes == ()
    assert waiting.take(lost) is lost
    assert waiting.take(tree) is tree
    assert not waiting.hosts
