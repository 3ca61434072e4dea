"""Collecting from this machine and from trees, end to end through the child process."""

import base64
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from auditor.collect import COLLECTORS, Options, collect, load, request
from auditor.collect.local import collect as collect_locally
from auditor.collect.testinfra import collect as collect_by_testinfra
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Missing, Target

CONF = "[DEFAULT]\ntransport_url = rabbit://nova:{}@h.example:5672/\n"


def tree(root: Path, word: str = "tr0ub4dor") -> Target:
    (root / "etc" / "nova").mkdir(parents=True)
    (root / "etc" / "nova" / "nova.conf").write_text(CONF.format(word))
    return Target(root.name, Kind.TREE, str(root))


def document(item: Document | Lost) -> Document:
    assert isinstance(item, Document)
    return item


def test_a_tree_gives_its_services(tmp_path: Path) -> None:
    (item,) = collect([tree(tmp_path / "host")])
    found = document(item).read()

    assert (found.host, found.kind, [service.id for service in found.services]) == (
        "host",
        Kind.TREE,
        ["nova"],
    )


def test_targets_come_in_their_order_with_comparable_digests(tmp_path: Path) -> None:
    targets = [tree(tmp_path / name) for name in ("c", "a", "b")]
    found = [document(item).read() for item in collect(targets, jobs=2)]
    texts = {json.dumps([repr(file) for file in item.files.values()]) for item in found}

    assert [item.host for item in found] == ["c", "a", "b"]
    assert len({item.salt_id for item in found}) == 1
    assert len(texts) == 1


def test_two_runs_have_different_salts(tmp_path: Path) -> None:
    target = tree(tmp_path / "host")
    one, other = (document(next(iter(collect([target])))).read() for _ in range(2))

    assert one.salt_id != other.salt_id
    assert one.files["/etc/nova/nova.conf"] != other.files["/etc/nova/nova.conf"]


def test_targets_are_asked_as_they_are_taken(tmp_path: Path) -> None:
    asked = []

    def targets() -> Iterator[Target]:
        for name in "abcdef":
            asked.append(name)
            yield tree(tmp_path / name)

    evidence = collect(targets(), jobs=1)
    next(evidence)

    assert asked == ["a"]
    evidence.close()


def test_a_host_that_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    (item,) = collect([tree(tmp_path / "host")], Options(seconds=0))
    found = document(item).read()

    assert found.incomplete == ("the time limit of 0 seconds passed",)


def test_a_probe_that_hangs_is_ended(tmp_path: Path) -> None:
    target = tree(tmp_path / "host")
    started = time.monotonic()
    item = collect_locally(target, {**request(target, Options()), "seconds": -4.999})

    assert isinstance(item, Lost)
    assert (item.coverage, item.reason) == (Coverage.TIMEOUT, "no answer within 0.001 seconds")
    assert time.monotonic() - started < 5


def test_a_probe_that_fails_is_a_lost_host_with_the_reason(tmp_path: Path) -> None:
    item = collect_locally(tree(tmp_path / "host"), {"seconds": 5})

    assert isinstance(item, Lost)
    assert item.coverage is Coverage.UNREACHABLE
    assert "KeyError: 'host'" in item.reason


def test_collectors_are_loaded_by_name() -> None:
    assert {name: load(name) for name in COLLECTORS} == {
        "local": collect_locally,
        "testinfra": collect_by_testinfra,
    }


def test_this_host_is_audited_as_live() -> None:
    (item,) = collect([Target("here", Kind.LIVE)])
    found = document(item).read()

    assert (found.kind, found.incomplete) == (Kind.LIVE, ())


DENIED = """
import json, os, sys
sys.path.insert(0, sys.argv[2])
import encodings.idna, pkgutil
from auditor.probe import run, schema, formats
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(json.dumps(run.collect({"host": "h", "kind": "tree", "root": sys.argv[1], "salt": "eHh4", "salt_id": "s"})))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize(
    "closed", ["etc/nova", "etc/nova/nova.conf", "etc/nova/nova.conf.d", "etc/nova/nova.conf.d/x.conf"]
)
def test_what_is_denied_is_still_a_service_that_could_not_be_read(tmp_path: Path, closed: str) -> None:
    root = tmp_path / "host"
    tree(root)
    (root / "etc/nova/nova.conf.d").mkdir()
    (root / "etc/nova/nova.conf.d/x.conf").write_text("")
    (root / closed).chmod(0)
    for folder in [root, *root.parents]:
        if len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IXGRP)
    source = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", DENIED, str(root), source], capture_output=True, text=True, check=True
    )
    found = Document("h", json.loads(done.stdout)).read()

    assert found.incomplete == ()
    (service,) = found.services
    files = [found.files[entry.file] for entry in service.sources if entry.file]
    assert "denied" in [file.status for file in files if isinstance(file, Missing)]
    assert any(reason == "permission denied" for _, reason in found.left_out)


SECRET = "Zk7QvXw9"


def forms(word: str) -> list[bytes]:
    """A word raw, percent-encoded, and in base64 at its three offsets."""
    found = [
        word.encode(),
        quote(word, safe="").encode(),
        "".join(f"%{byte:02X}" for byte in word.encode()).encode(),
    ]
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + word.encode())
        found.append(encoded[4 if offset else 0 : -4])
    return found


def test_no_secret_is_in_the_document_or_in_a_temporary_file(tmp_path: Path) -> None:
    root = tmp_path / "host"
    target = tree(root, SECRET)
    (root / "etc/kolla/nova-api").mkdir(parents=True)
    (root / "etc/kolla/nova-api/config.json").write_text(
        json.dumps(
            {
                "command": f"nova-api --password {SECRET}",
                "config_files": [{"source": SECRET, "dest": f"/etc/{SECRET} x"}],
            }
        )
    )
    (root / "lib/systemd/system").mkdir(parents=True)
    (root / "lib/systemd/system/nova-conductor.service").write_text(
        f"[Service]\nEnvironment=OS_DATABASE__CONNECTION=mysql://u:{SECRET}@h/n X={SECRET}\nExecStart=/usr/bin/nova-conductor --token {SECRET}\n"
    )
    (root / "etc/nova/nova.conf").write_text(
        (root / "etc/nova/nova.conf").read_text()
        + f"# {SECRET}\n[database]\nconnection = mysql://u:{SECRET}@h/n?read_default_file=/etc/nova/my.cnf&x={SECRET}\n"
    )
    (root / "etc/nova/my.cnf").write_text(f"[client]\npassword={SECRET}\n# {SECRET}\n")
    (item,) = collect([target])
    written = json.dumps(document(item).content).encode()

    assert b"/etc/nova/my.cnf" in written
    assert b"nova-api" in written
    assert [form for form in forms(SECRET) if form in written] == []


@pytest.mark.parametrize(
    ("options", "first", "second"),
    [
        (Options(), 20, 30),
        (Options(live=True), 20, 30),
        (Options(ask=("cells",)), 80, 30),
        (Options(ask=("cells", "servers")), 140, 30),
        (Options(seconds=5, ask=("cells", "servers")), 5, 5),
    ],
)
def test_what_is_asked_says_how_long_it_may_take(options: Options, first: float, second: float) -> None:
    assert (options.limit, options.live_limit) == (first, second)


def test_only_what_runs_is_asked_for_more_than_what_lies_there(tmp_path: Path) -> None:
    options = Options(ask=("cells", "servers"))

    assert request(Target("h", Kind.LIVE), options)["ask"] == ["cells", "servers"]
    assert request(Target("h", Kind.TREE, str(tmp_path)), options)["ask"] == []
