"""What Ansible reports of a host, as its evidence or the reason why there is none.

Only a `runner_on_ok` with evidence whose digest is right counts; everything else is lost, whatever Ansible calls it.
"""

import re
import signal
from collections.abc import Mapping
from typing import Any

from auditor.collect import Options, payload, salt_id
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Target

#: ansible-runner drops a result whose text is longer, and calls the host ok (2.4, awx_display.py, MAX_EVENT_RES).
LARGEST = 700_000

_LONGEST = 300

#: Text in what Ansible, ssh and sudo say when a login or becoming root is refused.
_DENIED = re.compile(
    r"permission denied|authentication fail|incorrect \S* ?password|missing \S* ?password|a password is required"
    r"|not in the sudoers|is not allowed to (?:run|execute)|may not run sudo|must have a tty|tty present"
    r"|nova-auditor-probe: refused|no new privileges|host key verification failed|access denied|failed to authenticate",
    re.IGNORECASE,
)

_REQUIRES_TTY = re.compile(r"must have a tty|no tty present", re.IGNORECASE)

_TIMED_OUT = re.compile(r"timed out after|in the expected time frame|exceeded.{0,20}timeout", re.IGNORECASE)

#: What the shell and Ansible say where there is no interpreter.
_NO_PYTHON = re.compile(
    r"python[\d.]*\S*: (?:\S+: )?(?:not found|no such file|command not found|cannot execute)"
    r"|(?:not found|no such file or directory).*python|no python interpreters found|interpreter.{0,80}not found"
    r"|python.{0,40}was not found",
    re.IGNORECASE | re.DOTALL,
)

#: What Ansible says where it does not run on a target's Python.
_OLD_PYTHON = re.compile(
    r"requires a minimum of Python|minimum.{0,20}Python.{0,20}is required|requires Python|older than 3\.6|unsupported python|not a supported python",
    re.IGNORECASE,
)

#: What Ansible says where a variable of the inventory comes to nothing, before it reaches for the host.
_UNRESOLVED = re.compile(r"finalization of task args|option with an undefined variable", re.IGNORECASE)
_UNDEFINED = re.compile(r"'[^'\n]{1,100}' is undefined")

_ENDED = re.compile(r"exited with result (\d+)")
_NOT_WRITTEN = ("Failed to create temporary directory", "failed to transfer file")

#: How Ansible's messages begin that say only that there was no answer.
_GENERAL = (
    "MODULE FAILURE",
    "Module result deserialization failed",
    "No start of json char found",
    "Module failed",
    "Premature end of stream",
)

#: Lines of ssh's and Ansible's own that tell nothing of the host.
_NOISE = (
    "ControlSocket ",
    "Shared connection to ",
    "Connection to ",
    "Warning: Permanently added",
    "(traceback unavailable)",
    ">>> Standard ",
    "See stdout/stderr for the exact error",
)

#: What holds what was said beside the message; what tells most comes last.
_SPOKEN = ("module_stdout", "stderr", "exception", "module_stderr")

#: How the probe's answer begins (`auditor.probe.run.module`).
_ANSWER = '{"changed": false, "evidence": '

_OTHER_DOOR = "; try the testinfra door, which needs Python 3.6 there: nova-auditor audit --hosts ssh://HOST"


def answer(event: Mapping[str, Any], target: Target, options: Options) -> Document | Lost | None:
    """Return what an event of ansible-runner says of its host; None where it says nothing final.

    Args:
        event: as ansible-runner hands it to its event handler.
        target: the host that it speaks of.
        options: what was asked, which the evidence must answer.
    """
    said = event.get("event_data") or {}
    result = said.get("res")
    match event.get("event"):
        case "runner_on_ok":
            return _evidence(result, target, options)
        case "runner_on_unreachable":
            return _lost(target, Coverage.UNREACHABLE, result)
        case "runner_on_failed":
            return _lost(target, Coverage.UNREACHABLE, result)
        case "runner_on_skipped":
            return Lost(target.name, Coverage.NOT_ATTEMPTED, "Ansible skipped it", target.kind)
    return None


def _evidence(result: object, target: Target, options: Options) -> Document | Lost:
    if not isinstance(result, Mapping) or not result:
        reason = (
            f"its answer was dropped: it is empty, or longer than the {LARGEST:,} characters that ansible-runner "
            "passes on; audit it with --hosts, or by a bundle of its own (nova-auditor collect)"
        )
        return Lost(target.name, Coverage.UNREACHABLE, reason, target.kind)
    try:
        return Document(target.name, unpack(result, target.name, options))
    except ValueError as error:
        return Lost(target.name, Coverage.UNREACHABLE, f"its answer is no evidence: {error}", target.kind)


def unpack(result: Mapping[str, Any], host: str, options: Options) -> Mapping[str, Any]:
    """Return the document in what `auditor.probe.run.module` answered.

    Raises:
        ValueError: it is damaged, or answers another question: another host, another run.
    """
    packed, digest = result.get("evidence"), result.get("sha256")
    if not isinstance(packed, str) or not isinstance(digest, str):
        raise ValueError("it lacks evidence or digest")  # noqa: TRY004 - data, not an argument
    content = payload.unpack(packed, digest)
    payload.check_question(content, host, salt_id(options.salt))
    return content


def _lost(target: Target, coverage: Coverage, result: object) -> Lost:
    """Return the loss of a host by what Ansible, or the host, said last."""
    said = result if isinstance(result, Mapping) else {}
    whole = "\n".join(
        str(said.get(name) or "") for name in ("msg", "module_stderr", "module_stdout", "stderr")
    )
    reason = _line(said)
    if _UNRESOLVED.search(whole):
        undefined = _UNDEFINED.search(whole)
        reason = f"a variable of the inventory comes to nothing: {undefined[0] if undefined else reason}"
        return Lost(target.name, Coverage.NOT_ATTEMPTED, reason, target.kind)
    if said.get("timedout") or _TIMED_OUT.search(whole):
        return Lost(target.name, Coverage.TIMEOUT, "no answer in time: it was given up on", target.kind)
    if _REQUIRES_TTY.search(whole):
        reason = f"{reason}; sudo wants a terminal there: set ansible_pipelining to false for it"
    if _DENIED.search(whole):
        return Lost(target.name, Coverage.DENIED, reason, target.kind)
    if _OLD_PYTHON.search(whole):
        reason += _OTHER_DOOR
    elif _NO_PYTHON.search(whole) or said.get("rc") == 127:
        reason = f"there is no Python where Ansible looked ({reason}); set ansible_python_interpreter"
    return Lost(target.name, coverage, reason, target.kind)


def _line(said: Mapping[str, Any]) -> str:
    """Return the one line that tells most: Ansible's message unless it is a general one, else what the host said last."""
    messages = _lines(said.get("msg"))
    message = messages[0].removeprefix("Task failed: ") if messages else ""
    if message.startswith(_NOT_WRITTEN):
        ended = _ENDED.search(message)
        if ended is not None and ended[1] != "1":
            return f"Ansible can run nothing there (exit {ended[1]}): there is no such user, perhaps, or no shell"
        return (
            "Ansible cannot write its module there: the disk is full, or not ours to write to; "
            "with ansible_pipelining it need not"
        )
    refusal = next((line for line in messages if _DENIED.search(line)), None)
    if refusal is not None or (message and not message.startswith(_GENERAL)):
        return (refusal or message).removeprefix("Task failed: ")[:_LONGEST]
    killer = _signal(said.get("rc"))
    if killer is not None:
        return f"the probe was ended there by {killer}"
    told = [
        line
        for text in ("\n".join(messages[1:]), *map(said.get, _SPOKEN))
        for line in _lines(text)
        if not line.startswith(_NOISE)
    ]
    last = next((line[:_LONGEST] for line in reversed(told) if _ANSWER not in line), None)
    if any(_ANSWER in line for line in told):
        return "its answer is cut, or mixed with other text" + (f": {last}" if last else "")
    return last or "the probe gave no answer, and nobody says why"


def _signal(code: object) -> str | None:
    """Return the name of the signal that an exit code tells of, as Python and shells have it."""
    number = 0 if not isinstance(code, int) else -code if code < 0 else code - 128
    try:
        return signal.Signals(number).name
    except ValueError:
        return None


def _lines(text: object) -> list[str]:
    return [line.strip() for line in str(text or "").splitlines() if line.strip()]
