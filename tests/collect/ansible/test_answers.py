"""From an event of ansible-runner to the evidence of a host, or why there is none.

The results are those of ansible-core 2.16 and 2.19, shortened.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from auditor.collect import Options, salt_id
from auditor.collect.ansible.answers import answer, unpack
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target

TARGET = Target("cmp1", Kind.LIVE)
OPTIONS = Options(salt=b"a salt of thirty-two bytes, fixed")
DOCUMENT = {"host": "cmp1", "salt_id": salt_id(OPTIONS.salt), "services": []}


def result(document: object, **replaced: Any) -> Mapping[str, Any]:
    """What the module answers."""
    packed = gzip.compress(json.dumps(document).encode())
    return {
        "changed": False,
        "evidence": base64.b64encode(packed).decode(),
        "sha256": hashlib.sha256(packed).hexdigest(),
        **replaced,
    }


def raw(packed: bytes) -> Mapping[str, Any]:
    """An answer of bytes that are no evidence, with their right digest."""
    return {"evidence": base64.b64encode(packed).decode(), "sha256": hashlib.sha256(packed).hexdigest()}


def asked(event: str, res: object) -> Document | Lost | None:
    return answer({"event": event, "event_data": {"host": "cmp1", "res": res}}, TARGET, OPTIONS)


def lost(event: str, res: object) -> tuple[Coverage, str]:
    item = asked(event, res)

    assert isinstance(item, Lost)
    assert (item.host, item.kind) == ("cmp1", Kind.LIVE)
    return item.coverage, item.reason


def test_a_whole_answer_is_the_evidence() -> None:
    item = asked("runner_on_ok", result(DOCUMENT))

    assert isinstance(item, Document)
    assert (item.host, item.content) == ("cmp1", DOCUMENT)


@pytest.mark.parametrize(
    "event", ["runner_on_start", "playbook_on_stats", "verbose", "runner_item_on_ok", ""]
)
def test_other_events_say_nothing_final(event: str) -> None:
    assert asked(event, result(DOCUMENT)) is None


@pytest.mark.parametrize(
    "event", [{}, {"event": "runner_on_start"}, {"event": "runner_on_start", "event_data": None}]
)
def test_an_event_without_data_says_nothing(event: Mapping[str, Any]) -> None:
    assert answer(event, TARGET, OPTIONS) is None


@pytest.mark.parametrize("res", [{}, None, "", []])
def test_an_answer_that_was_dropped_is_lost_with_the_limit_that_drops_it(res: object) -> None:
    coverage, reason = lost("runner_on_ok", res)

    assert coverage is Coverage.UNREACHABLE
    assert "longer than the 700,000 characters that ansible-runner passes on" in reason


@pytest.mark.parametrize(
    ("res", "said"),
    [
        ({"changed": False}, "it lacks evidence or digest"),
        (result(DOCUMENT, sha256=None), "it lacks evidence or digest"),
        (result(DOCUMENT, evidence=7), "it lacks evidence or digest"),
        (result(DOCUMENT, sha256="0" * 64), "its digest is another"),
        (result(DOCUMENT, evidence="not base64"), "it is damaged"),
        (result(DOCUMENT, evidence=result(DOCUMENT)["evidence"][:-8]), "its digest is another"),
        (raw(b""), "it is cut"),
        (raw(b"no gzip"), "it is damaged"),
        (raw(gzip.compress(b"{}")[:-4]), "it is cut"),
        (raw(gzip.compress(b"{")), "Expecting property name"),
        (raw(gzip.compress(b"\xff")), "it is damaged"),
        (raw(gzip.compress(b"[" * 100_000)), "it is damaged"),
        (raw(gzip.compress(b" " * (65 << 20))), "unpacks to more than 64 MiB"),
        (result([]), "it is not a document"),
        (result({**DOCUMENT, "host": "cmp2"}), "it answers another question than ours"),
        (result({**DOCUMENT, "salt_id": "0" * 16}), "it answers another question than ours"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_damaged_or_of_another_run_is_no_evidence(res: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        unpack(res, "cmp1", OPTIONS)

    coverage, reason = lost("runner_on_ok", res)
    assert (coverage, reason.startswith("its answer is no evidence: ")) == (Coverage.UNREACHABLE, True)


FAILED = "runner_on_failed"
DEAD = "runner_on_unreachable"
GENERAL_216 = "MODULE FAILURE\nSee stdout/stderr for the exact error"
GENERAL_219 = "Module result deserialization failed: No start of json char found"
EVIDENCE = '{"changed": false, "evidence": "H4sIAJa9AWsA/'

LOSSES: tuple[tuple[str, Mapping[str, Any], Coverage, str], ...] = (
    (
        DEAD,
        {"msg": "Failed to connect to the host via ssh: ssh: connect to host h port 22: Connection refused"},
        Coverage.UNREACHABLE,
        "Failed to connect to the host via ssh: ssh: connect to host h port 22: Connection refused",
    ),
    (
        DEAD,
        {"msg": "Task failed: Failed to connect to the host via ssh: nova@h: Permission denied (publickey)."},
        Coverage.DENIED,
        "Failed to connect to the host via ssh: nova@h: Permission denied (publickey).",
    ),
    (
        DEAD,
        {
            "msg": "Data could not be sent: No ED25519 host key is known for h.\nHost key verification failed.\n"
        },
        Coverage.DENIED,
        "Host key verification failed.",
    ),
    (
        DEAD,
        {"msg": "Failed to create temporary directory. In some cases, you may have been able to"},
        Coverage.UNREACHABLE,
        (
            "Ansible cannot write its module there: the disk is full, or not ours to write to; "
            "with ansible_pipelining it need not"
        ),
    ),
    (
        DEAD,
        {
            "msg": 'Failed to create temporary directory. ... "` echo ~/.ansible/tmp/x `" ), exited with result 255'
        },
        Coverage.UNREACHABLE,
        "Ansible can run nothing there (exit 255): there is no such user, perhaps, or no shell",
    ),
    (
        FAILED,
        {
            "msg": "failed to transfer file to /tmp/a /tmp/b:\n\ndd: error writing '/tmp/b': No space left on device"
        },
        Coverage.UNREACHABLE,
        (
            "Ansible cannot write its module there: the disk is full, or not ours to write to; "
            "with ansible_pipelining it need not"
        ),
    ),
    (
        FAILED,
        {"msg": "Task failed: Timed out after 50 second(s).", "timedout": {"period": 50}},
        Coverage.TIMEOUT,
        "no answer in time: it was given up on",
    ),
    (
        FAILED,
        {"msg": "The probe action failed to execute in the expected time frame (50) and was terminated"},
        Coverage.TIMEOUT,
        "no answer in time: it was given up on",
    ),
    (
        FAILED,
        {"msg": "Missing sudo password"},
        Coverage.DENIED,
        "Missing sudo password",
    ),
    (
        FAILED,
        {
            "msg": "Task failed: Premature end of stream waiting for become success.\n>>> Standard Error\nsudo: a password is required"
        },
        Coverage.DENIED,
        "sudo: a password is required",
    ),
    (
        FAILED,
        {"msg": GENERAL_216, "rc": 1, "module_stderr": "nova is not in the sudoers file.\n"},
        Coverage.DENIED,
        "nova is not in the sudoers file.",
    ),
    (
        FAILED,
        {"msg": GENERAL_216, "rc": 1, "module_stderr": "sudo: sorry, you must have a tty to run sudo\n"},
        Coverage.DENIED,
        "sudo: sorry, you must have a tty to run sudo; sudo wants a terminal there: set ansible_pipelining to false for it",
    ),
    (
        FAILED,
        {"msg": GENERAL_216, "rc": 127, "module_stderr": "/bin/sh: 1: /usr/bin/python4: not found\n"},
        Coverage.UNREACHABLE,
        (
            "there is no Python where Ansible looked (/bin/sh: 1: /usr/bin/python4: not found); "
            "set ansible_python_interpreter"
        ),
    ),
    (
        FAILED,
        {"msg": "The module interpreter '/usr/bin/python4' was not found.", "rc": 127},
        Coverage.UNREACHABLE,
        (
            "there is no Python where Ansible looked (The module interpreter '/usr/bin/python4' was not found.); "
            "set ansible_python_interpreter"
        ),
    ),
    (
        FAILED,
        {"msg": "ansible-core requires a minimum of Python version 3.9. Current version: 3.6.8"},
        Coverage.UNREACHABLE,
        (
            "ansible-core requires a minimum of Python version 3.9. Current version: 3.6.8; try the testinfra door, "
            "which needs Python 3.6 there: nova-auditor audit --hosts ssh://HOST"
        ),
    ),
    (
        FAILED,
        {"msg": GENERAL_219, "rc": 137, "module_stderr": "Killed\n", "module_stdout": EVIDENCE},
        Coverage.UNREACHABLE,
        "the probe was ended there by SIGKILL",
    ),
    (
        FAILED,
        {"msg": GENERAL_216, "rc": -11},
        Coverage.UNREACHABLE,
        "the probe was ended there by SIGSEGV",
    ),
    (
        FAILED,
        {
            "msg": "Module result deserialization failed: No end of json char found",
            "rc": 0,
            "module_stdout": EVIDENCE,
        },
        Coverage.UNREACHABLE,
        "its answer is cut, or mixed with other text",
    ),
    (
        FAILED,
        {"msg": GENERAL_216, "rc": 0, "module_stdout": f"{EVIDENCE}\nlogout\n"},
        Coverage.UNREACHABLE,
        "its answer is cut, or mixed with other text: logout",
    ),
    (
        FAILED,
        {"msg": GENERAL_219, "rc": 0, "exception": "(traceback unavailable)", "module_stdout": ""},
        Coverage.UNREACHABLE,
        "the probe gave no answer, and nobody says why",
    ),
    (
        FAILED,
        {
            "msg": GENERAL_216,
            "rc": 1,
            "module_stderr": "Traceback\nMemoryError\nShared connection to h closed.\n",
        },
        Coverage.UNREACHABLE,
        "MemoryError",
    ),
    (
        FAILED,
        {
            "msg": "Task failed: Finalization of task args for 'p' failed: Error while resolving value for 'asked': 'x' is undefined"
        },
        Coverage.NOT_ATTEMPTED,
        "a variable of the inventory comes to nothing: 'x' is undefined",
    ),
    (
        FAILED,
        {
            "msg": "The task includes an option with an undefined variable. The error was: {{ x }}: 'x' is undefined. 'x' is"
        },
        Coverage.NOT_ATTEMPTED,
        "a variable of the inventory comes to nothing: 'x' is undefined",
    ),
    (FAILED, {}, Coverage.UNREACHABLE, "the probe gave no answer, and nobody says why"),
    ("runner_on_skipped", {"changed": False}, Coverage.NOT_ATTEMPTED, "Ansible skipped it"),
)


@pytest.mark.parametrize(("event", "res", "coverage", "reason"), LOSSES)
def test_a_loss_has_its_coverage_and_the_line_that_tells_most(
    event: str, res: Mapping[str, Any], coverage: Coverage, reason: str
) -> None:
    assert lost(event, res) == (coverage, reason)


def test_a_reason_is_never_long() -> None:
    _, reason = lost(FAILED, {"msg": "x" * 10_000})

    assert len(reason) == 300
