"""The payload: the probe and a request as one script."""

import ast
import base64
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.collect import Options, payload, request
from auditor.model import Kind, Target
from auditor.probe.answer import MARK


def script(root: Path) -> str:
    return payload.script(request(Target("host", Kind.TREE, str(root)), Options(salt=b"x" * 32)))


def test_the_script_fits_into_one_argument(tmp_path: Path) -> None:
    assert len(script(tmp_path)) <= payload.LIMIT
    assert script(tmp_path).isascii()


def test_the_script_answers_from_standard_input_and_from_an_argument(tmp_path: Path) -> None:
    text = script(tmp_path)
    fed = subprocess.run([sys.executable, "-I", "-"], input=text.encode(), capture_output=True, check=True)
    argued = subprocess.run([sys.executable, "-I", "-c", text], capture_output=True, check=True)

    for done in (fed, argued):
        document = payload.answer(done.stdout)
        assert document is not None
        assert (document["host"], document["incomplete"]) == ("host", [])
        assert done.stderr == b""


def test_the_script_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "root").mkdir()
    environment = {
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "home"),
        "PATH": os.environ["PATH"],
    }
    subprocess.run(
        [sys.executable, "-I", "-"],
        input=script(tmp_path / "root").encode(),
        capture_output=True,
        check=True,
        cwd=tmp_path / "home",
        env=environment,
    )

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["home", "root"]


def test_the_same_request_makes_the_same_payload(tmp_path: Path) -> None:
    assert script(tmp_path) == script(tmp_path)


def test_the_first_question_holds_nothing_that_connects() -> None:
    modules = payload.modules()

    assert {"__init__.py", "run.py", "redact.py", "allowed.json"} <= set(modules)
    assert not {"wire.py", "handshake.py", "resolver.py", "trust.py"} & set(modules)
    for name, text in modules.items():
        assert not re.search(
            rb"connect(_ex)?\(|create_connection|getaddrinfo|gethost|socket\.socket\b", text
        ), name


def test_the_second_question_holds_what_it_needs_and_nothing_else() -> None:
    asked = {"host": "h", "salt_id": "s", "wire": [], "seconds": 5}
    done = subprocess.run(
        [sys.executable, "-I", "-c", payload.wire_script(asked)], capture_output=True, check=True
    )
    document = payload.answer(done.stdout)

    assert document is not None
    assert document["schema"] == "nova-auditor/wire/1"
    assert (document["handshakes"], document["incomplete"]) == ([], [])
    assert set(payload.modules(payload.WIRE)) == {f"{name}.py" for name in imported("wire")}
    assert len(payload.wire_script(asked)) < 40 * 1024


def imported(name: str) -> set[str]:
    """The modules of the probe that one of them needs at run time, itself and the package among them."""
    found, waiting = {"__init__"}, [name]
    while waiting:
        name = waiting.pop()
        found.add(name)
        body = ast.parse(payload.modules(payload.WIRE)[f"{name}.py"]).body
        for node in body:
            if isinstance(node, ast.ImportFrom) and node.level:
                names = [node.module] if node.module else [alias.name for alias in node.names]
                waiting.extend(other for other in names if other not in found)
    return found


def test_the_second_question_answers_a_module_of_ansible_too() -> None:
    asked = {"host": "all", "salt_id": "s", "wire": []}
    own = base64.b64encode(json.dumps({"host": "h"}).encode()).decode()
    arguments = repr(json.dumps({"asked": own}))
    module = payload.wire_module(asked).replace('"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"', arguments)
    for text in (payload.wire_program({**asked, "host": "h"}), module):
        done = subprocess.run(
            [sys.executable, "-I", "-"], input=text.encode(), capture_output=True, check=True
        )
        said = json.loads(done.stdout)

        assert payload.unpack(said["evidence"], said["sha256"])["host"] == "h"


def test_noise_around_the_answer_is_harmless(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-"], input=script(tmp_path).encode(), capture_output=True, check=True
    )
    noisy = b"Welcome!\r\n\xff\xfe" + done.stdout.replace(b"\n", b"\r\n") + b"\r\nlogout\r\n"

    assert payload.answer(noisy) == payload.answer(done.stdout)


def test_no_answer_is_none_and_a_damaged_one_is_an_error(tmp_path: Path) -> None:
    mark = payload.MARK.encode()

    assert payload.answer(b"Permission denied\n") is None
    for content in (
        b"!!!",
        base64.b64encode(b"no gzip"),
        b"",
        base64.b64encode(b"\x1f\x8b\x08" + b"\0" * 7 + b"garbage"),
    ):
        with pytest.raises(ValueError, match="the answer is damaged: "):
            payload.answer(mark + content + b"\n")


def test_the_salt_travels_in_the_payload_and_comes_back_as_a_name_only(tmp_path: Path) -> None:
    salt = b"the salt of this run, 32 bytes.."
    asked = request(Target("h", Kind.TREE, str(tmp_path)), Options(salt=salt))
    done = subprocess.run(
        [sys.executable, "-I", "-"], input=payload.script(asked).encode(), capture_output=True, check=True
    )
    document = payload.answer(done.stdout)

    assert document is not None
    text = json.dumps(document)
    assert salt.decode() not in text
    assert base64.b64encode(salt).decode() not in text
    assert document["salt_id"] == asked["salt_id"]
    assert repr(Options(salt=salt)).find("salt") < 0


def test_an_answer_that_unpacks_without_end_is_no_evidence() -> None:
    bomb = base64.b64encode(gzip.compress(bytes(payload.UNPACKED + 1)))

    with pytest.raises(ValueError, match="unpacks to more than 64 MiB"):
        payload.answer(MARK.encode() + bomb)
