"""What the installed probe lets a user ask: the list and nothing else, under a salt of root's, about nobody's processes but the host's."""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from auditor.collect import salt_id
from auditor.probe import door
from auditor.probe.door import Asker, Refused

REQUEST: dict[str, Any] = {
    "host": "cmp01",
    "tool": {"name": "nova-auditor", "version": "0.1.0"},
    "kind": "live",
    "salt": base64.b64encode(b"s" * 32).decode(),
    "salt_id": "0123456789abcdef",
    "seconds": 20,
    "services": [],
    "told": {"release": None, "services": [], "expects_none": False},
    "ask": [],
}

KEY = b"k" * 32


def line(**changes: Any) -> bytes:
    return json.dumps({**REQUEST, **changes}).encode()


def test_what_stands_on_the_list_is_taken_as_it_is() -> None:
    assert door.read(line(), ()) == REQUEST
    assert door.read(line(ask=["cells"]), ("cells", "servers"))["ask"] == ["cells"]


@pytest.mark.parametrize(
    "key", ["root", "config_files", "config_dirs", "files", "file_bytes", "wire", "proc", "is_behind"]
)
def test_what_is_not_on_the_list_is_refused_by_name(key: str) -> None:
    with pytest.raises(Refused, match=f"^{key} may not be asked$"):
        door.read(line(**{key: "/etc"}), ())


def test_a_key_of_another_form_is_not_said_again() -> None:
    with pytest.raises(Refused, match=r"^a key of another form may not be asked$"):
        door.read(line(**{"\x1b[2J": 1}), ())


@pytest.mark.parametrize("key", REQUEST)
def test_what_is_missing_is_refused_by_name(key: str) -> None:
    rest = {name: value for name, value in REQUEST.items() if name != key}
    with pytest.raises(Refused, match=f"^{key} is missing$"):
        door.read(json.dumps(rest).encode(), ())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", ""),
        ("host", "a\nb"),
        ("host", "a" * 254),
        ("host", 1),
        ("tool", []),
        ("tool", {"name": "x", "more": "y"}),
        ("tool", {"name": "\x1b"}),
        ("kind", "tree"),
        ("kind", "container"),
        ("salt", "short"),
        ("salt", base64.b64encode(b"s" * 15).decode()),
        ("salt", base64.b64encode(b"s" * 65).decode()),
        ("salt", None),
        ("salt_id", "0123456789ABCDEF"),
        ("seconds", 0),
        ("seconds", 601),
        ("seconds", True),
        ("seconds", float("nan")),
        ("seconds", float("inf")),
        ("seconds", "20"),
        ("services", "nova-api"),
        ("services", ["../etc"]),
        ("services", ["a"] * 65),
        ("told", {}),
        ("told", {"release": None, "services": [], "expects_none": 1}),
        ("told", {"release": "a b", "services": [], "expects_none": False}),
        ("ask", ["wire"]),
        ("ask", "cells"),
        ("ask", ["cells", "cells", "cells"]),
        ("ask", [["cells"]]),
    ],
)
def test_what_is_not_as_it_must_be_is_refused_by_name(key: str, value: object) -> None:
    with pytest.raises(Refused, match=f"^{key} is not as it must be$"):
        door.read(line(**{key: value}), ("cells", "servers"))


@pytest.mark.parametrize("name", ["cells", "servers"])
def test_programs_are_run_only_where_the_probe_was_written_for_it(name: str) -> None:
    with pytest.raises(Refused, match=f"written without --allow {name}$"):
        door.read(line(ask=[name]), ())


@pytest.mark.parametrize("sent", [b"", b"\xff", b"{", b"[]", b"null", b"[" * 60_000])
def test_what_is_no_object_of_json_is_refused(sent: bytes) -> None:
    with pytest.raises(Refused, match="the request is not"):
        door.read(sent, ())


def sent(data: bytes, patience: float = 1.0) -> bytes:
    """What the door reads of what a writer sends and ends with."""
    out, into = os.pipe()
    writer = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"],
        stdin=subprocess.PIPE,
        stdout=into,
    )
    os.close(into)
    try:
        assert writer.stdin is not None
        writer.stdin.write(data)
        writer.stdin.close()
        return door._line(out, patience)
    finally:
        os.close(out)
        writer.wait()


def test_one_line_is_read_with_or_without_its_end() -> None:
    assert sent(b"{}\n", 10) == b"{}"
    assert sent(b"{}", 10) == b"{}"


@pytest.mark.parametrize("data", [b"{}\n{}\n", b"x" * (door.MOST + 1), b"x" * (4 * door.MOST)])
def test_more_than_a_line_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="more than"):
        sent(data, 10)


def test_who_sends_nothing_is_not_waited_for() -> None:
    out, into = os.pipe()
    started = time.monotonic()
    try:
        with pytest.raises(Refused, match=r"no request came within 0\.2 seconds"):
            door._line(out, 0.2)
    finally:
        os.close(out)
        os.close(into)

    assert time.monotonic() - started < 5


def test_the_salt_that_was_asked_for_is_not_the_one_of_the_digests(tmp_path: Path) -> None:
    key = tmp_path / "probe.key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    salt, is_shared = door.mixed(REQUEST["salt"], str(key))
    other, _ = door.mixed(base64.b64encode(b"t" * 32).decode(), str(key))

    assert is_shared
    assert salt not in (b"s" * 32, other)
    assert salt == door.mixed(REQUEST["salt"], str(key))[0]


def test_without_a_key_no_two_runs_have_one_salt(tmp_path: Path) -> None:
    absent = str(tmp_path / "probe.key")
    first, is_shared = door.mixed(REQUEST["salt"], absent)

    assert not is_shared
    assert first != door.mixed(REQUEST["salt"], absent)[0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    key = tmp_path / "probe.key"
    key.write_bytes(KEY)
    key.chmod(mode)
    with pytest.raises(Refused, match="not a file that only root may read"):
        door.mixed(REQUEST["salt"], str(key))


def test_a_short_key_and_a_link_are_refused(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_bytes(b"k" * 31)
    short.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(short)

    for path, said in ((short, "shorter than 32 bytes"), (link, "cannot be read")):
        with pytest.raises(Refused, match=said):
            door.mixed(REQUEST["salt"], str(path))


def test_a_salt_is_named_as_the_controller_names_it() -> None:
    assert door.named(KEY) == salt_id(KEY)


def proc(folder: Path, uids: str = "64055 64055 64055 64055", **changes: Any) -> Asker:
    """A procfs with one process, 7, of nova's, as user 1000 asks of it."""
    for pid in ("7", "self"):
        (folder / pid / "ns").mkdir(parents=True)
        (folder / pid / "ns" / "user").symlink_to(folder / changes.get(f"space_{pid}", "space"))
    (folder / "space").touch()
    (folder / "other").touch()
    program = folder / "python3"
    program.touch(mode=0o755)
    program.chmod(changes.get("mode", 0o755))
    (folder / "7" / "exe").symlink_to(program)
    (folder / "7" / "status").write_text(f"Name:\tnova-compute\nUid:\t{uids}\n")
    if changes.get("login") is not None:
        (folder / "7" / "loginuid").write_text(str(changes["login"]))
    return Asker(1000, str(folder))


@pytest.mark.parametrize("login", [None, 4294967295, 0])
def test_a_service_of_the_host_is_nobody_elses(tmp_path: Path, login: int | None) -> None:
    assert not proc(tmp_path, login=login).is_behind(7)


@pytest.mark.parametrize(
    "changes",
    [
        {"uids": "1000 1000 1000 1000"},
        {"uids": "1000 0 0 0"},
        {"uids": "0 0 1000 0"},
        {"login": 1000},
        {"mode": 0o4755},
        {"mode": 0o2755},
        {"space_7": "other"},
        {"uids": ""},
        {"uids": "x x x x"},
    ],
)
def test_what_the_asker_started_or_may_have_started_is_theirs(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    assert proc(tmp_path, **changes).is_behind(7)


def test_a_process_that_has_ended_is_not_looked_into(tmp_path: Path) -> None:
    assert proc(tmp_path).is_behind(8)


def test_root_asks_of_everything(tmp_path: Path) -> None:
    assert not Asker(0, str(tmp_path)).is_behind(7)


HARDENED = """
import json, os, resource, signal, sys
from auditor.probe import door
door.harden(keep=int(sys.argv[1]))
print(json.dumps({
    "files": sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)),
    "environment": sorted(os.environ), "cwd": os.getcwd(), "mask": os.umask(0),
    "ignored": [str(signal.getsignal(n)) for n in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGTTIN)],
    "child": str(signal.getsignal(signal.SIGCHLD)), "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
}))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may raise limits, and the door opens to root alone")
def test_nothing_of_whoever_started_it_is_left(tmp_path: Path) -> None:
    def spoil() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGALRM,))

    first, second = (os.open(tmp_path, os.O_RDONLY) for _ in range(2))
    try:
        done = subprocess.run(
            [sys.executable, "-c", HARDENED, str(first)],
            pass_fds=(first, second),
            cwd=Path(door.__file__).parents[2],
            env={
                "PYTHONPATH": str(Path(door.__file__).parents[2]),
                "LD_PRELOAD": "",
                "OS_DEFAULT__DEBUG": "1",
            },
            preexec_fn=spoil,
            capture_output=True,
            check=True,
        )
    finally:
        os.close(first)
        os.close(second)
    found = json.loads(done.stdout)

    assert found["files"] == [0, 1, 2, first]
    assert found["environment"] == ["LANG", "PATH"]
    assert (found["cwd"], found["mask"], found["core"]) == ("/", 0o077, [0, 0])
    assert set(found["ignored"]) == {str(signal.SIG_IGN)}
    assert (found["child"], found["blocked"]) == (str(signal.SIG_DFL), 0)


def test_the_digest_in_an_answer_cannot_be_made_from_what_was_asked(tmp_path: Path) -> None:
    key = tmp_path / "probe.key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    salt, _ = door.mixed(REQUEST["salt"], str(key))

    assert hashlib.sha256(b"s" * 32).digest() != salt
    assert door.named(salt) != door.named(b"s" * 32)
