"""The installed probe as text: one program, one rule, one line as its question."""

import ast
import base64
import gzip
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.collect import Options, installed, payload, request, salt_id
from auditor.errors import UsageError
from auditor.model import Kind, Target
from auditor.probe import door
from auditor.probe.answer import MARK


def asked(kind: Kind = Kind.LIVE, **options: object) -> dict[str, object]:
    return dict(request(Target("cmp01", kind, "/srv/tree"), Options(salt=b"s" * 32, **options)))  # type: ignore[arg-type]


def test_the_program_is_the_same_for_the_same_words_and_holds_no_secret() -> None:
    text = installed.program("0.1.0")

    assert text == installed.program("0.1.0")
    assert text.isascii()
    assert "salt" not in text.replace("nova-auditor salt", "")
    ast.parse(text)


def test_it_starts_isolated_from_environment_user_and_what_else_is_installed() -> None:
    assert installed.program("0.1.0").startswith("#!/usr/bin/python3 -IBS\n")
    assert installed.program("0.1.0", python="/usr/libexec/platform-python").startswith(
        "#!/usr/libexec/platform-python -IBS\n"
    )


def test_what_is_allowed_is_written_into_it() -> None:
    assert installed.program("0.1.0").endswith('\nentry.main("0.1.0", ())\n')
    assert installed.program("0.1.0", ("servers", "cells")).endswith("\"0.1.0\", ('cells', 'servers'))\n")
    assert installed.rule(installed.program("0.1.0")) != installed.rule(
        installed.program("0.1.0", ("cells",))
    )


def test_it_can_connect_nowhere_for_want_of_the_modules_that_would() -> None:
    assert "door.py" in payload.modules(payload.DOOR)
    assert "door.py" not in payload.modules(payload.RUN)
    assert not {"wire.py", "handshake.py"} & set(payload.modules(payload.DOOR))


@pytest.mark.parametrize(
    ("allowed", "has"),
    [((), set()), (("cells",), {"cells.py"}), (("cells", "servers"), {"cells.py", "servers.py"})],
)
def test_what_runs_programs_is_in_it_only_where_it_is_allowed(
    allowed: tuple[str, ...], has: set[str]
) -> None:
    found = set(payload.modules(payload.DOOR, frozenset(allowed)))

    assert found & {"cells.py", "servers.py"} == has
    assert ("children.py" in found) is bool(allowed)


def test_the_question_is_one_line_that_the_door_takes() -> None:
    line = installed.question(asked(ask=("cells",)))

    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert door.read(line.rstrip(b"\n"), ("cells",))["host"] == "cmp01"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Kind.TREE, {}),
        (Kind.LIVE, {"config_files": ("/etc/shadow",)}),
        (Kind.LIVE, {"config_dirs": ("/etc",)}),
    ],
)
def test_what_the_door_would_refuse_is_not_sent(kind: Kind, options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="looks at its host alone"):
        installed.question(asked(kind, **options))


def test_an_answer_says_what_was_asked_beside_its_own_salt() -> None:
    salt = salt_id(b"s" * 32)
    payload.check_question({"host": "cmp01", "question": salt, "salt_id": "another"}, "cmp01", salt)

    for content in ({"host": "cmp02", "question": salt}, {"host": "cmp01", "question": "x", "salt_id": salt}):
        with pytest.raises(ValueError, match="another question"):
            payload.check_question(content, "cmp01", salt)


def test_a_request_that_names_a_probe_goes_through_sudo_and_any_other_does_not() -> None:
    words, line = installed.asked(asked(probe="/usr/sbin/p")) or ([], b"")

    assert words == ["sudo", "-n", "/usr/sbin/p"]
    assert line == installed.question(asked())
    assert installed.asked(asked()) is None
    assert installed.asked(asked(Kind.TREE, probe="/usr/sbin/p")) is None


LYING = "#!/bin/sh\ntest \"$1 $2\" = '-n /usr/sbin/p' || exit 9\n{}\n"


def through(folder: Path, sudo: str, **changes: object) -> subprocess.CompletedProcess[bytes]:
    """What the module of Ansible prints where a program stands for sudo."""
    (folder / "sudo").write_text(LYING.format(sudo))
    (folder / "sudo").chmod(0o755)
    encoded = base64.b64encode(json.dumps({"probe": "/usr/sbin/p", **changes}).encode()).decode()
    arguments = json.dumps(json.dumps({"asked": encoded}))
    text = installed.module(asked()).replace('"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"', arguments)
    return subprocess.run(
        [sys.executable, "-I", "-"],
        input=text.encode(),
        capture_output=True,
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        check=False,
    )


def test_the_module_of_a_fleet_asks_the_installed_probe_where_the_host_has_one(tmp_path: Path) -> None:
    packed = base64.b64encode(gzip.compress(b'{"host": "cmp01"}')).decode()
    done = through(tmp_path, f"cat > {tmp_path}/line; echo noise; echo {MARK}{packed}")
    answer = json.loads(done.stdout)

    assert done.returncode == 0
    assert payload.unpack(answer["evidence"], answer["sha256"]) == {"host": "cmp01"}
    assert door.read((tmp_path / "line").read_bytes().rstrip(b"\n"), ())["host"] == "cmp01"


@pytest.mark.parametrize(
    ("sudo", "changes", "said"),
    [
        (
            "cat >/dev/null; echo 'sudo: a password is required' >&2; exit 1",
            {},
            "sudo: a password is required",
        ),
        ("cat >/dev/null", {}, "nothing was said"),
        ("exit 1", {"config_files": ["/etc/shadow"]}, "looks at its host alone"),
    ],
)
def test_the_module_says_why_the_installed_probe_gave_nothing(
    tmp_path: Path, sudo: str, changes: dict[str, object], said: str
) -> None:
    done = through(tmp_path, sudo, **changes)
    answer = json.loads(done.stdout)

    assert (done.returncode, answer["failed"]) == (1, True)
    assert said in answer["msg"]


@pytest.mark.parametrize(
    "path", ["probe", "/usr/sbin/a b", "/usr/sbin/a;b", "/a/../b", "/", "/usr/sbin/$(id)"]
)
def test_a_path_that_a_shell_would_take_apart_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        installed.check_path(path)


def start(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    program = folder / "nova-auditor-probe"
    program.write_text(installed.program("0.1.0", python=sys.executable))
    program.chmod(stat.S_IRWXU)
    line = installed.question(asked())
    return subprocess.run(
        [program, *words], input=line, capture_output=True, env=environment, check=False, timeout=60
    )


def test_it_does_nothing_without_sudo(tmp_path: Path) -> None:
    done = start(tmp_path)
    reason = (
        "who asks is not known: run it through sudo"
        if os.geteuid() == 0
        else "it runs as root alone, through sudo"
    )

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"nova-auditor-probe: refused: {reason}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="it runs as root alone")
def test_it_takes_no_arguments(tmp_path: Path) -> None:
    done = start(tmp_path, "--root=/etc", SUDO_UID="1000")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"nova-auditor-probe: refused: it takes no arguments\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="it runs as root alone")
def test_its_answer_is_a_document_under_a_salt_of_its_own(tmp_path: Path) -> None:
    done = start(tmp_path, SUDO_UID="1000")
    content = payload.answer(done.stdout)
    sent = json.loads(installed.question(asked()))

    assert (done.returncode, done.stderr) == (0, b"")
    assert content is not None
    assert content["host"] == "cmp01"
    assert content["salt_id"] != content["question"]
    assert len(content["question"]) == len(sent["salt_id"])
    assert content["probe"]["installed"]["allowed"] == []
