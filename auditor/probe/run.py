"""Runs on the audited host: from a request to a document of evidence, within the limits, whatever it meets."""

import base64
import os
import sys
import time
from typing import Any, Callable, Dict, Iterator, Sequence

from . import (
    answer,
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

SCHEMA = "nova-auditor/evidence/1"
SECONDS = 20
FILES = 2000
FILE_BYTES = 1 << 20


def collect(request: Dict[str, Any], is_behind: Callable[[int], bool] = lambda _pid: False) -> Dict[str, Any]:
    """Return the document of evidence (``auditor/evidence.py``) of a request; never raises.

    Args:
        request: ``host``, ``kind`` (live, container, tree), ``root``, ``salt`` (base64), ``salt_id``, ``tool``, and as
            far as they differ from the defaults ``seconds``, ``files``, ``file_bytes``; ``config_files``, ``config_dirs`` and
            ``services`` as `layouts.find` has them; ``told``, which the document repeats; ``ask``, of ``cells`` and
            ``servers``, without which no program is run.
        is_behind: whether a process, by its number, is of whoever asks and is passed over (`door.Asker`).
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
        _fill(document, request, limits, is_behind)
    except filesystem.OutOfTime:
        document["incomplete"].append("the time limit of {} seconds passed".format(limits["seconds"]))
    except Exception as error:  # noqa: BLE001 - the outermost frame: what was gathered is sent, the host is partial
        document["incomplete"].append("the probe failed: {}".format(answer.place(error)))
    finally:
        answer.stop_clock()
    services.name_apart(document["services"])
    printable: Dict[str, Any] = answer.all_printable(document)
    return printable


def _fill(
    document: Dict[str, Any],
    request: Dict[str, Any],
    limits: Dict[str, Any],
    is_behind: Callable[[int], bool],
) -> None:
    answer.start_clock(limits["seconds"])
    root = request.get("root") or "/"
    budget = filesystem.Budget(time.monotonic() + limits["seconds"], limits["files"], limits["file_bytes"])
    try:
        tree = roots.Roots(filesystem.Tree(root, budget))
    except OSError as error:
        document["incomplete"].append("the root {} cannot be entered: {}".format(root, error.strerror))
        return
    try:
        _fill_from(tree, document, request, is_behind)
    finally:
        tree.close()


def _fill_from(
    tree: roots.Roots,
    document: Dict[str, Any],
    request: Dict[str, Any],
    is_behind: Callable[[int], bool],
) -> None:
    redactor = redact.Redactor(schema.load(), base64.b64decode(request["salt"]))
    gathered = gather.Gathered(tree, redactor, request["kind"] != "tree")
    document["files"] = gathered.files
    document["left_out"] = gathered.left_out
    environments = libraries.Environments(tree, gathered)
    document["libraries"] = environments.found
    definitions = layouts.find(tree, gathered, request)
    if request["kind"] != "live":
        for definition in definitions:
            document["services"].append(services.record(definition, gathered, environments))
    else:
        ask = request.get("ask") or ()
        # Somebody who names the files of one service asks of that one, whatever runs beside it.
        is_one = bool(request.get("config_files") or request.get("config_dirs"))
        _fill_live(document, tree, gathered, environments, definitions, ask, is_behind, is_one)
    if gathered.pairs:
        from . import pairs

        document["pairs"] = pairs.judged(tree, gathered.pairs)


def _fill_live(
    document: Dict[str, Any],
    tree: roots.Roots,
    gathered: gather.Gathered,
    environments: libraries.Environments,
    configured: Iterator[services.Definition],
    ask: Sequence[str],
    is_behind: Callable[[int], bool],
    is_one: bool,
) -> None:
    found = processes.Processes("/proc", tree.check_time, is_behind)
    is_cut = len(found.passed_over) == processes.PASSED_OVER
    if is_cut or any(running.started_by(argv) for argv in found.passed_over):
        found.reason = found.reason or "processes that are, or may be, of whoever asks are not looked into"
    held = sockets.Sockets("/proc", tree.check_time)
    live = running.Running(tree, gathered, found, held)
    document["asked"].append("processes")
    document["probe"] = _sight(found, gathered)
    listings = None
    if "cells" in ask:
        from . import cells

        document["asked"].append("cells")
        listings = cells.Listings(gathered, tree.own.budget.deadline)
    recorded = []
    for definition in configured if is_one else live.definitions(list(configured)):
        record = services.record(definition, gathered, environments, listings)
        record["process"] = live.record(definition)
        document["services"].append(record)
        recorded.append((definition, record))
    document["incomplete"].extend(live.riddles)
    services.name_apart(document["services"])
    document["processes"].extend(live.listed(recorded))
    one_of = {label: pid for pid, label in live.labels.items()}
    document["listeners"], reason = held.listeners({pid: label for label, pid in one_of.items()})
    if reason:
        gathered.leave_out("/proc", reason)
    if "servers" in ask:
        from . import servers

        document["asked"].append("servers")
        document["servers"] = servers.find(
            gathered, tree.enter, tree.own.budget.deadline, is_behind=is_behind
        )


def _sight(found: processes.Processes, gathered: gather.Gathered) -> Dict[str, Any]:
    """What the probe itself is and may see: for whoever wants to know why something is missing."""
    status = "some" if found.reason or found.denied else "all"
    denied = "{} of the processes that may be ours are not ours to look into".format(found.denied)
    return {
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "uid": os.geteuid(),
        "user": gathered.redactor.value(gathered.user(os.geteuid()), ("word",)),
        "proc": {
            "status": status if found.seen else "none",
            "seen": found.seen,
            "denied": found.denied,
            "reason": found.reason or (denied if found.denied else ""),
        },
    }


def main(request: Dict[str, Any]) -> None:
    """Answer a request on standard output, as `answer.as_line` does."""
    answer.as_line(collect(request))


def module(request: Dict[str, Any]) -> None:
    """Answer a request on standard output, as `answer.as_module` does."""
    answer.as_module(collect(request))
