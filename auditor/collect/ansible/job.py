"""One run of Ansible as a job of ansible-runner: transmitted to a worker, whose events are read as they come.

The worker is a process beside us, or, with ``via``, wherever a command carries the job to: a bastion by ssh, a node of
Receptor. Both are given the same: a play of one task, the module around our payload, and the hosts it is for. A run that
asks endpoints too is two jobs, the second of which carries each host's plan in a file of its own.
"""

import contextlib
import importlib
import json
import math
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO, Any

from auditor.collect import Options, installed, payload, private, request
from auditor.collect.ansible import answers, inventory, settings
from auditor.collect.ansible.fleet import Fleet
from auditor.collect.ansible.inventory import complaint
from auditor.collect.turns import HOSTS
from auditor.errors import UsageError
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target

#: Seconds that the worker has to end Ansible before it is killed.
_PATIENCE = 10

#: How long our folder's path may be for ssh to have its sockets there: a socket's has 108 bytes (unix(7)), of which
#: the folders of a job take 20, and a name of Ansible's with what ssh adds while it makes it 28.
_ROOM_FOR_SOCKETS = 60

_MODULE = "nova_auditor_probe"

#: Where the project of a second job has the plan of each host, under the digest of its name.
_PLANS = "plans"

_PLANNED = (
    f"{{{{ lookup('ansible.builtin.file', '{_PLANS}/' ~ (inventory_hostname | hash('sha256'))) | trim }}}}"
)

# What the request of one host has in place of what is the same for all (`auditor.collect.request`); base64, because a
# module's arguments pass through templates and shells.
_ASKED = """\
{{ {
  "host": inventory_hostname,
  "kind": "tree" if nova_auditor_said.root else "live",
  "root": nova_auditor_said.root or "/",
  "told": {
    "release": nova_auditor_said.release | string or none,
    "services": nova_auditor_named,
    "expects_none": nova_auditor_said.expect == "none",
  },
} | combine({"services": nova_auditor_named} if nova_auditor_named else {})
  | combine({"ask": []} if nova_auditor_said.root else {})
  | combine({"probe": nova_auditor_said.root and "" or nova_auditor_said.probe or nova_auditor_probe_everywhere})
  | to_json | b64encode }}"""

# Not Jinja's default(): it would also take the place of a template that comes to nothing, and another tree than the one
# that was meant, or no expectation at all, would be audited.
_SAID = {
    name: f"{{{{ (nova_auditor_{name} or '') if 'nova_auditor_{name}' in hostvars[inventory_hostname] else '' }}}}"
    for name in ("root", "release", "services", "expect", "probe")
}

_NAMED = """\
{{ nova_auditor_said.services.replace(",", " ").split() if nova_auditor_said.services is string
   else nova_auditor_said.services }}"""

#: What ssh asks where it does not know a host: never answered with yes.
_UNKNOWN_HOST = r"Are you sure you want to continue connecting.*\? *$"
_BECOME = r"BECOME password.*: *$"

_Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What one job asks: the module, its one argument (a template) with variables, seconds, and how many hosts at a time.

    ``plans`` is the folder whose files the argument takes, if any.
    """

    module: str
    asked: str
    seconds: float
    variables: Mapping[str, Any] = field(default_factory=dict)
    most: int | None = None
    plans: Path | None = None


def first(options: Options) -> Question:
    """Return the question what is there."""
    module = installed.module(request(Target("", Kind.LIVE), options))
    said = {
        "nova_auditor_said": _SAID,
        "nova_auditor_named": _NAMED,
        "nova_auditor_probe_everywhere": options.probe or "",
    }
    return Question(module, _ASKED, options.limit, said)


def second(options: Options, plans: Path) -> Question:
    """Return the question to the endpoints, by the plans in a folder (`auditor.collect.ansible.waiting`)."""
    from auditor.collect import wire

    module = payload.wire_module(wire.question(request(Target("", Kind.LIVE), options), options))
    return Question(module, _PLANNED, options.live_limit, most=HOSTS, plans=plans)


def play(question: Question, reach: float) -> list[dict[str, Any]]:
    """Return the play: one task on every host, which changes nothing and is given up ``reach`` after its own seconds."""
    return [
        {
            "name": "nova-auditor",
            "hosts": "all",
            "gather_facts": False,
            "check_mode": True,
            "any_errors_fatal": False,
            "tasks": [
                {
                    "name": "probe",
                    _MODULE: {"asked": question.asked},
                    "vars": {**question.variables},
                    "timeout": math.ceil(question.seconds + reach),
                }
            ],
        }
    ]


def run(fleet: Fleet, targets: Sequence[Target], options: Options) -> Iterator[Document | Lost]:
    """Yield each target's evidence or loss, in the order in which they answer; what never answers comes last."""
    if not targets:
        return
    found = _answers(fleet, targets, options, first(options))
    if not options.live:
        yield from found
        return
    from auditor.collect.ansible.waiting import Waiting

    with private.folder() as folder, contextlib.closing(found):
        waiting = Waiting(folder, options)
        for source in found:
            planned = waiting.take(source)
            if planned is not None:
                yield planned
        asking = [target for target in targets if target.name in waiting.hosts]
        if asking:
            for source in _answers(fleet, asking, options, second(options, waiting.plans)):
                yield waiting.complete(source)


def _answers(
    fleet: Fleet, targets: Sequence[Target], options: Options, question: Question
) -> Generator[Document | Lost, None, None]:
    """Yield what each target says to one question, once."""
    waiting = {target.name: target for target in targets}
    with private.folder() as folder, _temporary_files(folder):
        config = settings.operators_config(os.environ)
        data = folder / "job"
        _write(data, fleet, targets, question, settings.sections(config))
        arguments = _arguments(data, fleet, settings.variables(os.environ, config), question, len(targets))
        job = _Job(folder, arguments, fleet.via)
        try:
            for event in job.events():
                name = (event.get("event_data") or {}).get("host")
                target = waiting.get(name) if isinstance(name, str) else None
                found = None if target is None else answers.answer(event, target, options)
                if found is not None:
                    del waiting[found.host]
                    yield found
            reason = job.complaint()
        finally:
            job.end()
    for target in waiting.values():
        yield Lost(target.name, Coverage.NOT_ATTEMPTED, f"Ansible told nothing of it: {reason}", target.kind)


@contextlib.contextmanager
def _temporary_files(folder: Path) -> Iterator[None]:
    """Let ansible-runner's archives lie in a folder, which goes away with us: our job holds the salt.

    It makes them, under a name, wherever `tempfile` does (ansible-runner 2.4, utils/streaming.py, stream_dir).
    """
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _write(data: Path, fleet: Fleet, targets: Sequence[Target], question: Question, config: str) -> None:
    """Write what the job consists of, readable by us alone."""
    project = data / "project"
    (project / "library").mkdir(parents=True, mode=0o700)
    (project / "ansible.cfg").write_text(config)
    (project / "library" / f"{_MODULE}.py").write_text(question.module)
    if question.plans is not None:
        shutil.copytree(question.plans, project / _PLANS)
    (project / "hosts.txt").write_text("".join(f"{target.name}\n" for target in targets))
    for number, text in enumerate(fleet.extra_vars):
        if not text.startswith("@"):
            (project / f"extra{number}.json").write_text(_extra(text))
    if fleet.via is not None:
        _copy_inventory(fleet, data / "inventory")


def _extra(text: str) -> str:
    """Return the text of a file for ``-e``: our command line is seen by everybody, a file is not."""
    if text.lstrip().startswith(("{", "[")):
        return text
    pairs = [part.partition("=") for part in shlex.split(text)]
    wrong = next((name for name, separator, _ in pairs if not separator or not name), None)
    if wrong is not None or not pairs:
        raise UsageError("-e: it is not NAME=VALUE, JSON or @FILE")
    return json.dumps({name: value for name, _, value in pairs})


def _copy_inventory(fleet: Fleet, place: Path) -> None:
    place.mkdir(mode=0o700)
    for number, source in enumerate(inventory.sources(fleet.inventories)):
        if "," in source:
            continue
        path, own = Path(source), place / str(number)
        if path.is_dir():
            shutil.copytree(path, own, symlinks=False)
            continue
        own.mkdir()
        shutil.copy(path, own / path.name)
        for beside in ("group_vars", "host_vars"):
            if (path.parent / beside).is_dir():
                shutil.copytree(path.parent / beside, own / beside, symlinks=False)


def _arguments(
    data: Path, fleet: Fleet, variables: Mapping[str, str], question: Question, count: int
) -> dict[str, Any]:
    """Return what ansible-runner's worker is asked to run."""
    words = []
    for number, source in enumerate(inventory.sources(fleet.inventories)):
        path = Path(source)
        carried = f"../inventory/{number}" if path.is_dir() else f"../inventory/{number}/{path.name}"
        words += ["-i", source if fleet.via is None or "," in source else carried]
    words += ["--limit", "@hosts.txt"]
    words += ["--become"] * fleet.become
    words += ["--ask-become-pass"] * (fleet.become_password is not None)
    words += [] if fleet.user is None else ["--user", fleet.user]
    words += [] if fleet.private_key is None else ["--private-key", _absolute(fleet.private_key)]
    for path in fleet.vault_password_files:
        words += ["--vault-password-file", _absolute(path)]
    for number, text in enumerate(fleet.extra_vars):
        words += ["-e", f"@{_absolute(Path(text[1:]))}" if text.startswith("@") else f"@extra{number}.json"]
    envvars = {**variables, "ANSIBLE_CONFIG": "ansible.cfg", "ANSIBLE_LOCAL_TEMP": "tmp"}
    if len(str(data)) > _ROOM_FOR_SOCKETS:
        del envvars["ANSIBLE_SSH_CONTROL_PATH_DIR"]
    passwords = {_UNKNOWN_HOST: "no"}
    if fleet.become_password is not None:
        passwords[_BECOME] = fleet.become_password
    return {
        "private_data_dir": str(data),
        "ident": uuid.uuid4().hex,
        "playbook": play(question, fleet.reach),
        "cmdline": shlex.join(words),
        "forks": _forks(fleet, variables, count if question.most is None else min(count, question.most)),
        "envvars": envvars,
        "passwords": passwords,
        "quiet": True,
        "suppress_env_files": True,
        "settings": {"suppress_output_file": True},
    }


def _forks(fleet: Fleet, variables: Mapping[str, str], count: int) -> int:
    asked = fleet.forks or int(variables.get("ANSIBLE_FORKS", "0") or 0)
    # Each is a process of Ansible's, which is busy before and after it waits for its host.
    return min(count, asked or min(100, max(20, 10 * (os.cpu_count() or 1))))


def _absolute(path: Path) -> str:
    return str(path.expanduser().absolute())


class _Job:
    """A running worker, and the threads that give it its job and take its events."""

    def __init__(self, folder: Path, arguments: dict[str, Any], via: str | None) -> None:
        self._folder = folder
        answer = folder / "answer"
        answer.mkdir(mode=0o700)
        (folder / "worker").mkdir(mode=0o700)
        self._errors = (folder / "errors").open("wb+")
        self._worker = subprocess.Popen(
            _command(folder / "worker") if via is None else ["/bin/sh", "-c", via],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=settings.environment(os.environ),
            cwd=folder,
            start_new_session=True,
        )
        self._events: queue.SimpleQueue[_Event | None] = queue.SimpleQueue()
        self._said: list[str] = []
        runner = importlib.import_module("ansible_runner")
        self._threads = [
            Thread(target=_transmit, args=(runner, arguments, self._worker.stdin), daemon=True),
            Thread(target=self._process, args=(runner, str(answer), self._worker.stdout), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def events(self) -> Iterator[_Event]:
        """Yield the events of Ansible until the worker is done."""
        while (event := self._events.get()) is not None:
            yield event

    def complaint(self) -> str:
        """Return why the job told nothing of some host: what Ansible, the worker or the command said."""
        self._errors.seek(0)
        errors = self._errors.read(1 << 20).decode("utf-8", "replace")
        said = complaint("\n".join(self._said))
        if said != complaint(""):
            return said
        last = [line.strip() for line in errors.splitlines() if line.strip()][-1:]
        return last[0][:300] if last else f"its run ended early ({self._exit()})"

    def _exit(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return f"exit {self._worker.wait(_PATIENCE)}"
        return "it goes on"

    def end(self) -> None:
        """End the worker, and Ansible with it, and wait for both."""
        if self._worker.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._worker.pid, signal.SIGTERM)
            try:
                self._worker.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(self._worker.pid, signal.SIGKILL)
                self._worker.wait()
        if self._worker.returncode < 0:
            end_inside(self._folder)
        for thread in self._threads:
            thread.join(_PATIENCE)
        for stream in (self._worker.stdin, self._worker.stdout, self._errors):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _process(self, runner: Any, folder: str, stream: IO[bytes]) -> None:
        try:
            runner.run(
                streamer="process",
                private_data_dir=folder,
                _input=stream,
                event_handler=self._take,
                status_handler=self._note,
                cancel_callback=bool,
                quiet=True,
            )
        finally:
            self._events.put(None)

    def _take(self, event: _Event) -> bool:
        # Nothing is done here: a slow handler would hold up Ansible, and an exception would end the run.
        if event.get("event") in ("verbose", "error", "warning", "playbook_on_no_hosts_matched"):
            self._said.append(str(event.get("stdout"))[:10_000])
            del self._said[:-20]
        elif event.get("event", "").startswith("runner_on"):
            self._events.put(event)
        return False

    def _note(self, status: Mapping[str, Any], **_: Any) -> None:
        explanation = status.get("job_explanation") or ""
        # Its answer ended before it was whole: what the worker or the command said last tells why.
        if explanation.startswith("Unexpected empty line"):
            return
        # The text of that explanation holds the line.
        if explanation.startswith("Failed to JSON parse"):
            explanation = "what came back is cut, or mixed with other text"
        if explanation:
            self._said.append(f"ERROR! {explanation}")


def end_inside(folder: Path) -> None:
    """Kill what runs in a folder: a worker that was killed could not end what it had started."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        inside = [process for process, place in _places() if place.is_relative_to(folder)]
        for process in inside:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if not inside:
            return
        time.sleep(0.01)


def _places() -> Iterator[tuple[int, Path]]:
    """Yield the processes that we may look at and end, and where each runs."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and entry.stat().st_uid == os.geteuid():
                yield int(entry.name), (entry / "cwd").readlink()


def _command(folder: Path) -> list[str]:
    return [sys.executable, "-I", "-m", "auditor.collect.ansible.worker", str(folder), str(os.getpid())]


def _transmit(runner: Any, arguments: dict[str, Any], stream: IO[bytes]) -> None:
    # A worker that went away tells its own reason.
    with contextlib.suppress(OSError):
        runner.run(streamer="transmit", _output=stream, cancel_callback=bool, **arguments)
        stream.close()
