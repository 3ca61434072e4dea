"""The evidence of one host: the probe's program sent through Ansible's connection, and its answer checked."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleConnectionFailure
from ansible_collections.nova.auditor.plugins.plugin_utils import turns

from auditor.collect import FURTHER, Options, live, payload, request, wire
from auditor.collect import salt as salts
from auditor.collect.ansible import answers
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target, Told
from auditor.releases import canonical

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

MODULE = "nova.auditor.probe"

#: The most that a result may have: ansible-runner and AWX replace a longer one than `answers.LARGEST` by nothing and say
#: nothing, and Ansible adds to it. For comparison: the evidence of a host has some 30,000 characters.
MOST = answers.LARGEST - 50_000


class Unprinted(str):
    """A text that holds the salt. With ANSIBLE_DEBUG, Ansible prints the arguments of a module as Python writes them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'(the probe)'"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host gave, and what Ansible wants to know of how its module ran.

    ``packed`` is the evidence as base64 of gzipped JSON, and ``sha256`` its digest; both are empty where there
    is none.
    """

    source: Document | Lost
    packed: str
    sha256: str
    notes: Mapping[str, Any] = field(default_factory=dict)


def prepare() -> None:
    """Make ready what the programs of all hosts have in common, which takes longer than all that is a host's own."""
    payload.packed()


def shared_salt() -> bytes:
    """Return the salt of this run of Ansible: the same in all its processes, another in each run, and never written.

    Ansible forks a process per task and host (``ansible/executor/process/worker.py``), and Python gives each the random
    key that the first one was started with (`multiprocessing.Process.authkey`).
    """
    return hmac.digest(multiprocessing.current_process().authkey, b"nova-auditor salt", "sha256")


def target(values: Mapping[str, Any]) -> Target:
    """Return what a task looks at; ``values`` are those of `arguments.read`.

    Raises:
        UsageError: there is no such release.
    """
    release = None if values["release"] is None else canonical(values["release"])
    told = Told(release, tuple(values["services"]), values["expect"] == "none")
    return Target(values["host"], Kind.TREE if values["root"] else Kind.LIVE, values["root"], told=told)


def obtain(
    action: ActionBase, wanted: Target, values: Mapping[str, Any], variables: Mapping[str, Any]
) -> Answer:
    """Return what a host gives.

    Args:
        action: runs the module, on whatever connection its task has.
        wanted: the host or the tree on it.
        values: the options of the task.
        variables: those of the task.

    Raises:
        FileError: the file of the salt cannot be used.
        AnsibleConnectionFailure: the host cannot be reached; Ansible counts it as unreachable.
    """
    options = Options(
        tuple(values["config_files"]),
        tuple(values["config_dirs"]),
        seconds=values["timeout"],
        salt=salts.read(Path(values["salt_file"])) if values["salt_file"] else shared_salt(),
        live=values["live"],
        ask=tuple(kind for kind in FURTHER if values[kind]),
        release=wanted.told.release,
    )
    asked = request(wanted, options)
    source, result, notes = _execute(action, wanted, options, payload.program(asked), variables)
    if isinstance(source, Lost):
        return Answer(source, "", "", notes)
    if not options.live or not wire.is_running(source):
        return Answer(source, result["evidence"], result["sha256"], notes)
    planned = live.plan(source, options.release)
    document = wire.prepared(source, planned)
    if planned.items:
        program = payload.wire_program({**wire.question(asked, options), **wire.asked(source, planned)})
        with turns.take():
            try:
                second, _, more = _execute(action, wanted, options, program, variables)
            except AnsibleConnectionFailure as error:
                # What it said first stands.
                second, more = Lost(wanted.name, Coverage.UNREACHABLE, str(error), wanted.kind), {}
        document, notes = wire.completed(document, second), {**notes, **more}
    packed = gzip.compress(json.dumps(document.content, separators=(",", ":")).encode("ascii"), 6, mtime=0)
    return Answer(
        document, base64.b64encode(packed).decode("ascii"), hashlib.sha256(packed).hexdigest(), notes
    )


def _execute(
    action: ActionBase, wanted: Target, options: Options, program: str, variables: Mapping[str, Any]
) -> tuple[Document | Lost, Mapping[str, Any], Mapping[str, Any]]:
    """Run a program on the host: what it gave, the result of the module, and what Ansible found out on the way."""
    sent = {"program": Unprinted(program)}
    result = action._execute_module(module_name=MODULE, module_args=sent, task_vars=variables)
    notes = {name: result[name] for name in ("warnings", "deprecations") if result.get(name)}
    facts = result.get("ansible_facts")
    # What Ansible found out about the host's Python; nothing that the host itself says.
    if isinstance(facts, Mapping):
        known = {name: value for name, value in facts.items() if name.startswith("discovered_interpreter_")}
        notes.update({"ansible_facts": known} if known else {})
    event = "runner_on_ok" if "evidence" in result and not result.get("failed") else "runner_on_failed"
    # Ansible adds objects of its own, such as a summary of what it raised.
    said = {name: value for name, value in result.items() if isinstance(value, (str, int))}
    told = answers.answer({"event": event, "event_data": {"res": said}}, wanted, options)
    return (
        told or Lost(wanted.name, Coverage.UNREACHABLE, "Ansible says nothing of it", wanted.kind),
        result,
        notes,
    )
