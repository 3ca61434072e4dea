"""How the probe answers: one document on standard output, whatever it was asked."""

import base64
import gzip
import hashlib
import json
import signal
import sys
from typing import Any, Dict

from . import filesystem

#: The line on standard output that holds the answer: everything else there is noise.
MARK = "NOVA-AUDITOR-EVIDENCE:"


def as_line(document: Dict[str, Any]) -> None:
    """Write a document as one marked line of base64 of gzipped JSON."""
    sys.stdout.write("\n" + MARK + base64.b64encode(_packed(document)).decode("ascii") + "\n")
    sys.stdout.flush()


def as_module(document: Dict[str, Any]) -> None:
    """Write a document as a module of Ansible does: one JSON object.

    ``evidence`` is base64 of gzipped JSON, ``sha256`` the digest of what it encodes.
    """
    packed = _packed(document)
    answer = {
        "changed": False,
        "evidence": base64.b64encode(packed).decode("ascii"),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _packed(document: Dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(document, separators=(",", ":")).encode("ascii"), 6)


def printable(text: str) -> str:
    """Return a text with what is no valid Unicode (bytes of a file name) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def all_printable(value: Any) -> Any:
    """Return a JSON value with all its texts `printable`."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): all_printable(item) for key, item in value.items()}
    return [all_printable(item) for item in value] if isinstance(value, list) else value


def start_clock(seconds: float) -> None:
    """Raise `filesystem.OutOfTime` a second after the limit, in a call that hangs: a file system that does not answer."""

    def expire(_signal: int, _frame: Any) -> None:
        raise filesystem.OutOfTime("the time limit passed")

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)


def stop_clock() -> None:
    """Take `start_clock` back."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def place(error: BaseException) -> str:
    """Name an error and where it was raised; never its text, which may hold what was read."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    at = (
        ""
        if frame is None
        else " at {}:{}".format(frame.tb_frame.f_code.co_filename.rpartition("/")[2], frame.tb_lineno)
    )
    return type(error).__name__ + at
