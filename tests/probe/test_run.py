"""The probe as a whole: bounded, never raising, without a trace."""

import base64
import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from auditor.evidence import decode
from auditor.model import File, Missing
from auditor.probe import answer, run
from tests.probe.hosts import evidence, lay_out

CONF = "[DEFAULT]\ndebug = true\n"


def snapshot(root: Path) -> dict[str, Any]:
    """Everything that can be seen of a tree; access times too, but those of folders and links."""
    found = {}
    for path in [root, *root.rglob("*")]:
        seen = path.lstat()
        accessed = seen.st_atime_ns if stat.S_ISREG(seen.st_mode) else 0
        times = (seen.st_mtime_ns, seen.st_ctime_ns, accessed)
        found[str(path)] = (seen.st_mode, seen.st_size, seen.st_ino, seen.st_nlink, *times)
    return found


def hostile(root: Path) -> Path:
    """A tree whose configuration points at everything that could hurt."""
    root.mkdir()
    lay_out(
        root,
        {
            "/etc/nova/nova.conf": (
                "[DEFAULT]\nlog_config_append = /srv/fifo\n[placement]\ncafile = /srv/loop\ncertfile = /srv/out\nkeyfile = /dev/zero\n"
                "[glance]\ncafile = /srv/large\n[neutron]\ncafile = /srv/binary\n[cinder]\ncafile = /proc/self/environ\n"
                "[database]\nconnection = mysql://h/n?read_default_file=/srv/again.cnf\n"
            ),
            "/srv/loop": "-> loop",
            "/srv/out": f"-> {'../' * 20}etc/hostname",
            "/srv/again.cnf": "!include /srv/again.cnf\n!includedir /srv\n[client]\nssl-ca=/srv/again.cnf\n",
            "/etc/nova/nova.conf.d/1.conf": "-> ../nova.conf.d/1.conf",
            "/etc/nova/nova.conf.d/2.conf": "-> /nowhere",
            "/etc/nova/policy.d": "-> /",
            "/etc/systemd/system/nova-compute.service": "[Service]\nExecStart=/usr/bin/nova-compute --config-file /etc/nova/nova.conf --config-file /srv/fifo\n" + "#" * 10_000,
            "/etc/systemd/system/nova-loop.service": "-> nova-loop.service",
            "/etc/kolla/nova-api/config.json": '{"command": "nova-api", "config_files": [{"source": "../../../../..", "dest": "/"}, 3, {"source": {}}]}',
        },
    )  # fmt: skip
    os.mkfifo(root / "srv" / "fifo")
    with (root / "srv" / "large").open("wb") as file:
        file.truncate(100 << 20)
    (root / "srv" / "binary").write_bytes(b"\0" * 100)
    return root


def test_a_hostile_tree_is_read_to_the_end_and_left_as_it_was(tmp_path: Path) -> None:
    root = hostile(tmp_path / "host")
    before = snapshot(root)
    started = time.monotonic()
    document = evidence(root)

    assert document["incomplete"] == []
    assert snapshot(root) == before
    assert time.monotonic() - started < 10
    statuses = {path: item["status"] for path, item in document["files"].items()}
    assert statuses["/srv/fifo"] == "not-regular"
    assert statuses["/srv/loop"] == "loop"
    assert statuses["/srv/large"] == "too-large"
    assert statuses["/srv/binary"] == "binary"
    assert statuses["/etc/nova/nova.conf.d/1.conf"] == "loop"
    assert statuses["/etc/nova/nova.conf.d/2.conf"] == "absent"
    left_out = {item["path"] for item in document["left_out"]}
    assert {"/srv/fifo", "/srv/loop", "/srv/large", "/srv/binary"} <= left_out


def test_the_document_is_what_the_contract_says(tmp_path: Path) -> None:
    found = decode(evidence(hostile(tmp_path / "host")))

    assert found.services
    assert isinstance(found.files["/etc/nova/nova.conf"], File)
    assert isinstance(found.files["/srv/loop"], Missing)
    assert found.incomplete == ()


def test_a_tree_carries_no_owners_and_modes(tmp_path: Path) -> None:
    (item,) = [
        value
        for key, value in evidence(tmp_path, {"/etc/nova/nova.conf": CONF})["files"].items()
        if key.endswith("nova.conf")
    ]

    assert (item["owner"], item["group"], item["mode"]) == (None, None, None)


def test_a_live_host_carries_owners_and_modes(tmp_path: Path) -> None:
    lay_out(tmp_path, {"/etc/nova/nova.conf": CONF, "/etc/passwd": f"stack:x:{os.getuid()}:1::/:\n"})
    (tmp_path / "etc/nova/nova.conf").chmod(0o640)
    item = evidence(tmp_path, kind="container")["files"]["/etc/nova/nova.conf"]

    assert (item["owner"], item["group"], item["mode"]) == ("stack", str(os.getgid()), "0640")


def test_what_was_gathered_when_the_time_is_over_is_sent(tmp_path: Path) -> None:
    document = evidence(tmp_path, {"/etc/nova/nova.conf": CONF}, seconds=0)

    assert document["incomplete"] == ["the time limit of 0 seconds passed"]
    assert decode(document).incomplete


def test_a_failure_of_the_probe_is_told_without_what_was_read(tmp_path: Path) -> None:
    document = evidence(tmp_path, salt="no base64 hunter2")

    assert document["incomplete"][0].startswith("the probe failed: Error at base64.py:")
    assert "hunter2" not in json.dumps(document)


def test_a_root_that_is_gone_makes_the_document_incomplete(tmp_path: Path) -> None:
    document = run.collect(
        {"host": "h", "kind": "tree", "root": str(tmp_path / "gone"), "salt": "", "salt_id": ""}
    )

    assert document["incomplete"] == [
        f"the root {tmp_path}/gone cannot be entered: No such file or directory"
    ]


def test_the_number_of_files_is_bounded_and_told(tmp_path: Path) -> None:
    lay_out(tmp_path, {f"/etc/nova/nova.conf.d/{number:02}.conf": CONF for number in range(20)})
    asked = {"host": "h", "kind": "tree", "root": str(tmp_path), "salt": "eHh4", "salt_id": "s", "files": 10}
    document = run.collect(asked)

    assert {item["reason"] for item in document["left_out"]} == {"more of them than the probe looks at"}
    assert len([item for item in document["files"].values() if item["status"] == "limit"]) >= 10


def test_a_folder_with_too_many_drop_ins_is_a_source_that_cannot_be_read(tmp_path: Path) -> None:
    lay_out(tmp_path, {"/etc/nova/nova.conf": CONF, "/etc/nova/nova.conf.d/00000.conf": CONF})
    first = tmp_path / "etc/nova/nova.conf.d/00000.conf"
    for number in range(1, 10_002):
        os.link(first, first.with_name(f"{number:05}.conf"))
    document = evidence(tmp_path)

    assert document["services"][0]["sources"][-1] == {
        "path": "/etc/nova/nova.conf.d", "file": "/etc/nova/nova.conf.d", "how": "default-dir"
    }  # fmt: skip
    assert document["files"]["/etc/nova/nova.conf.d"]["status"] == "limit"


@pytest.mark.parametrize("name", [b"caf\xe9.conf", b"a\nb.conf", b"\x1b[31m.conf"])
def test_a_strange_file_name_does_not_break_the_answer(tmp_path: Path, name: bytes) -> None:
    folder = tmp_path / "etc/nova/nova.conf.d"
    folder.mkdir(parents=True)
    (folder / os.fsdecode(name)).write_text(CONF)
    document = evidence(tmp_path)

    json.dumps(document).encode("ascii")
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert document["incomplete"] == []


def test_the_answer_is_one_marked_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run.main(
        {
            "host": "h",
            "kind": "tree",
            "root": str(tmp_path),
            "salt": base64.b64encode(b"x" * 32).decode(),
            "salt_id": "s",
        }
    )
    lines = capsys.readouterr().out.strip().split("\n")

    assert len(lines) == 1
    assert lines[0].startswith(answer.MARK)
