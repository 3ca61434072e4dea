"""The payload: the probe and a request as one script."""

import base64
import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from auditor.collect import Options, payload, request
from auditor.model import Kind, Target
from auditor.probe.run import MARK


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


def test_the_archive_holds_the_probe_and_nothing_else(tmp_path: Path) -> None:
    packed = payload.archive(request(Target("h", Kind.TREE, str(tmp_path)), Options()))
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()

    assert {"__init__.py", "run.py", "redact.py", "allowed.json", "request.json"} <= set(names)
    assert all(name.endswith((".py", ".json")) and "/" not in name for name in names)


def test_what_a_module_means_is_sent_but_no_comments() -> None:
    source = b'"""Doc."""\nimport x  # why\n\n\ndef f(a):\n    """Doc\n    more."""\n    # why\n    b = "# no comment"\n    return """text"""\n\n\nclass C:\n    """Doc."""\n'
    sent = payload.without_prose(source)

    assert sent.count(b"\n") == source.count(b"\n")
    assert b"Doc" not in sent
    assert b"why" not in sent
    assert b'"# no comment"' in sent
    assert b'"""text"""' in sent
    compile(sent, "x", "exec")


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
