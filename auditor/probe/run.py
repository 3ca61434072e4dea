"""Runs on the audited host: from a request to a document of evidence, within the limits, whatever it meets."""

import base64
import gzip
import hashlib
import json
import os
import signal
import sys
import time
from typing import Any, Dict, Iterator

from . import (
    filesystem,
    gather,
    layouts,
    libraries,
    processes,
    redact,
    roots,
    running,
    schema,
    services,
    sockets,
)

#: The line on standard output that holds the answer: everything else there is noise.
MARK = "NOVA-AUDITOR-EVIDENCE:"

SCHEMA = "nova-auditor/evidence/1"
SECONDS = 20
FILES = 2000
FILE_BYTES = 1 << 20


def collect(request: Dict[str, Any]) -> Dict[str, Any]:
    """Return the document of evidence (``auditor/evidence.py``) of a request; never raises.

    Args:
        request: ``host``, ``kind`` (live, container, tree), ``root``, ``salt`` (base64), ``salt_id``, ``tool``, and as
            far as they differ from the defaults ``seconds``, ``files``, ``file_bytes``; ``config_files``, ``config_dirs`` and
            ``services`` as `layouts.find` has them; ``told``, which the document repeats; ``ask``, of ``cells`` and
            ``servers``, without which no program is run.
    """
    limits = {
        "seconds": request.get("seconds", SECONDS),
        "files": request.get("files", FILES),
        "file_bytes": request.get("file_bytes", FILE_BYTES),
    }
    document = {
        "schema": SCHEMA,
        "tool": request.get("tool", {}),
        "host": request["host"],
        "kind": request["kind"],
        "salt_id": request["salt_id"],
        "collected": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "limits": limits,
        "told": request.get("told", {}),
        "left_out": [],
        "incomplete": [],
        "services": [],
        "files": {},
        "libraries": [],
        "asked": [],
        "clock": time.time(),
        "processes": [],
        "listeners": [],
        "pairs": [],
        "servers": [],
    }
    try:
        _fill(document, request, limits)
    except filesystem.OutOfTime:
        document["incomplete"].append("the time limit of {} seconds passed".format(limits["seconds"]))
    except Exception as error:  # noqa: BLE001 - the outermost frame: what was gathered is sent, the host is partial
        document["incomplete"].append("the probe failed: {}".format(_place(error)))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    services.name_apart(document["services"])
    printable: Dict[str, Any] = _printable(document)
    return printable


def _fill(document: Dict[str, Any], request: Dict[str, Any], limits: Dict[str, Any]) -> None:
    _start_clock(limits["seconds"])
    root = request.get("root") or "/"
    budget = filesystem.Budget(time.monotonic() + limits["seconds"], limits["files"], limits["file_bytes"])
    try:
        tree = roots.Roots(filesystem.Tree(root, budget))
    except OSError as error:
        document["incomplete"].append("the root {} cannot be entered: {}".format(root, error.strerror))
        return
    redactor = redact.Redactor(schema.load(), base64.b64decode(request["salt"]))
    gathered = gather.Gathered(tree, redactor, request["kind"] != "tree")
    document["files"] = gathered.files
    document["left_out"] = gathered.left_out
    environments = libraries.Environments(tree, gathered)
    document["libraries"] = environments.found
    definitions = layouts.find(tree, gathered, request)
    if request["kind"] == "tree":
        for definition in definitions:
            document["services"].append(services.record(definition, gathered, environments))
    else:
        _fill_live(document, tree, gathered, environments, definitions)


def _fill_live(
    document: Dict[str, Any],
    tree: roots.Roots,
    gathered: gather.Gathered,
    environments: libraries.Environments,
    configured: Iterator[services.Definition],
) -> None:
    found = processes.Processes("/proc", tree.check_time)
    held = sockets.Sockets("/proc", tree.check_time)
    live = running.Running(tree, gathered, found, held)
    document["asked"].append("processes")
    document["probe"] = _sight(found, gathered)
    recorded = []
    for definition in live.definitions(list(configured)):
        record = services.record(definition, gathered, environments)
        record["process"] = live.record(definition)
        document["services"].append(record)
        recorded.append((definition, record))
    services.name_apart(document["services"])
    document["processes"].extend(live.listed(recorded))
    one_of = {label: pid for pid, label in live.labels.items()}
    document["listeners"], reason = held.listeners({pid: label for label, pid in one_of.items()})
    if reason:
        gathered.leave_out("/proc", reason)


def _sight(found: processes.Processes, gathered: gather.Gathered) -> Dict[str, Any]:
    """What the probe itself is and may see: for whoever wants to know why something is missing."""
    status = "some" if found.reason or found.denied else "all"
    return {
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "uid": os.geteuid(),
        "user": gathered.redactor.value(gathered.user(os.geteuid()), ("word",)),
        "proc": {
            "status": status if found.seen else "none",
            "seen": found.seen,
            "denied": found.denied,
            "reason": found.reason,
        },
    }


def _printable(value: Any) -> Any:
    """Return a JSON value with what is no valid Unicode (bytes in the names of files) written as escapes."""
    if isinstance(value, str):
        return gather.printable(value)
    if isinstance(value, dict):
        return {gather.printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value


def _start_clock(seconds: float) -> None:
    # For a call that hangs: a file system that does not answer.
    def expire(_signal: int, _frame: Any) -> None:
        raise filesystem.OutOfTime("the time limit passed")

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)


def _place(error: BaseException) -> str:
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


def main(request: Dict[str, Any]) -> None:
    """Answer a request on standard output: one marked line of base64 of gzipped JSON."""
    sys.stdout.write("\n" + MARK + base64.b64encode(_packed(request)).decode("ascii") + "\n")
    sys.stdout.flush()


def module(request: Dict[str, Any]) -> None:
    """Answer a request as a module of Ansible does: one JSON object on standard output.

    ``evidence`` is base64 of gzipped JSON, ``sha256`` the digest of what it encodes.
    """
    packed = _packed(request)
    answer = {
        "changed": False,
        "evidence": base64.b64encode(packed).decode("ascii"),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _packed(request: Dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(collect(request), separators=(",", ":")).encode("ascii"), 6)
