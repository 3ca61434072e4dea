"""The collector for whatever testinfra reaches: one command per host, through one of its backends.

testinfra runs in a child process that knows only the environment it needs, in a session of its own, which is ended as a
whole when its time is up. The payload goes to the standard input of the command: see `connection`.
"""

import base64
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from auditor.collect import installed, payload, script
from auditor.collect.children import child
from auditor.collect.testinfra import inventories
from auditor.collect.testinfra.specs import Spec, named, read
from auditor.errors import UsageError
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target

#: Seconds beyond the time to connect and the probe's own limit before the child is ended.
GRACE = 5.0

#: Seconds that a connection may take where the spec does not say: testinfra's default, which not every backend has.
CONNECT = 10

#: The program that a backend starts here, where its name is another; none for those that start nothing.
_PROGRAMS = {"safe-ssh": "ssh", "openshift": "oc", "paramiko": "", "local": "", "ansible": ""}

#: What the clients of the backends need to know, beside what Ansible's do (`auditor.collect.ansible.settings`).
_ENVIRONMENT = (
    "ANSIBLE_BECOME",
    "ANSIBLE_BECOME_USER",
    "ANSIBLE_REMOTE_PORT",
    "ANSIBLE_REMOTE_USER",
    "ANSIBLE_SSH_COMMON_ARGS",
    "ANSIBLE_SSH_EXTRA_ARGS",
    "DBUS_SESSION_BUS_ADDRESS",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_TLS_VERIFY",
    "HTTPS_PROXY",
    "LXD_CONF",
    "LXD_SOCKET",
    "NO_PROXY",
    "TMPDIR",
    "XDG_DATA_HOME",
)

_NO_PYTHON = "NOVA-AUDITOR-NO-PYTHON"

#: Where a Python may be that runs the payload: the first that is new enough does.
_INTERPRETERS = (
    "python3",
    "/usr/bin/python3",
    "/usr/libexec/platform-python",
    "/usr/local/bin/python3",
    *(f"python3.{minor}" for minor in range(14, 5, -1)),
    "/var/lib/kolla/venv/bin/python3",
    "/var/lib/openstack/bin/python3",
)

# Nothing in it that a login shell other than /bin/sh would take apart.
_COMMAND = (
    'for python in @INTERPRETERS@; do "$python" -I -c "import sys; sys.exit(sys.version_info < (3, 6))"'
    ' </dev/null >/dev/null 2>&1 && HOME="${HOME:-/}" exec "$python" -I -; done; echo ' + _NO_PYTHON
)

# What is imported is what we were imported from, wherever that is.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.readline()); "
    "from auditor.collect.testinfra import connection; connection.main(connection.read_job())"
)

_DENIED = re.compile(
    r"permission denied|authentication fail|authenticationexception|too many authentication failures"
    r"|a password is required|a terminal is required|must have a tty|no tty present|not in the sudoers"
    r"|host key verification failed|is not allowed to execute|may not run sudo|nova-auditor-probe: refused|no new privileges|\(unauthorized\)|\(forbidden\)|access denied",
    re.IGNORECASE,
)

_LONGEST = 300


def hosts(specs: Iterable[str] | None, defaults: Mapping[str, Any] | None = None) -> tuple[Target, ...]:
    """Return the targets that testinfra's specs stand for, in their order; patterns are resolved, and so frozen.

    Args:
        specs: each may be several, with commas between them. None, where nobody names any, is what testinfra makes of
            it: this machine, or the whole inventory with ``connection=ansible``.
        defaults: what testinfra's own options say for specs that do not: ``connection``, ``ssh_config``,
            ``ssh_identity_file``, ``sudo``, ``sudo_user``, ``ansible_inventory``, ``force_ansible``.

    Raises:
        UsageError: a spec stands for nothing, or not for what it seems to; two hosts have one name; testinfra is not
            installed.
    """
    if importlib.util.find_spec("testinfra") is None:
        raise UsageError(
            "--hosts needs testinfra, which is not installed; pip install 'nova-auditor[testinfra]'"
        )
    given = {name: value for name, value in (defaults or {}).items() if value}
    inventories.forget()
    found: dict[str, Target] = {}
    for text in named(specs, given):
        spec = read(text, given)
        is_pattern = spec.backend == "ansible"
        stands_for = (
            inventories.targets(spec) if is_pattern else (Target(spec.name, Kind.LIVE, address=spec.address),)
        )
        for target in stands_for:
            other = found.setdefault(target.name, target)
            if other is not target and not (is_pattern and other == target):
                raise UsageError(
                    f"--hosts: the name {target.name} is taken by {other.address}; leave {target.address} away, "
                    "or give it another name: ?name=OTHER"
                )
    return tuple(found.values())


def groups(targets: Iterable[Target]) -> Mapping[str, tuple[str, ...]]:
    """Return the groups of those targets that an inventory named."""
    return inventories.groups((target.name, _spec(target)) for target in targets)


def collect(target: Target, request: Mapping[str, Any]) -> Document | Lost:
    """Return the evidence of a target of `hosts`, or why there is none.

    Args:
        target: its address is a spec.
        request: of `auditor.probe.run.collect`, or `auditor.probe.wire.collect`.
    """
    spec = _spec(target)
    program = _PROGRAMS.get(spec.backend, spec.backend)
    if program and shutil.which(program) is None:
        return Lost(target.name, Coverage.UNREACHABLE, f"{program} is not installed here", target.kind)
    seconds = float(request["seconds"]) + int(spec.options.get("timeout", CONNECT)) + GRACE
    path = [entry or str(Path.cwd()) for entry in sys.path]
    try:
        lines = f"{json.dumps(path)}\n{json.dumps(_job(spec, request))}\n"
    except ValueError as error:
        return Lost(target.name, Coverage.NOT_ATTEMPTED, str(error), target.kind)
    try:
        with child([sys.executable, "-I", "-c", _START], _environment()) as process:
            output, errors = process.communicate(lines.encode("ascii"), timeout=seconds)
    except subprocess.TimeoutExpired:
        return Lost(target.name, Coverage.TIMEOUT, f"no answer within {seconds:g} seconds", target.kind)
    try:
        said = json.loads(output)
    except ValueError:
        return _lost(target, f"testinfra failed: {_last(errors.decode('utf-8', 'replace'))}")
    if "trouble" in said:
        return _lost(target, _last(said["trouble"]))
    return _evidence(target, request, said)


def _spec(target: Target) -> Spec:
    return read(target.address or "", {"name": target.name})


def _job(spec: Spec, request: Mapping[str, Any]) -> Mapping[str, Any]:
    options: dict[str, Any] = {"connection": spec.backend, **spec.options}
    interpreters = _INTERPRETERS
    inventory = None
    if options.pop("sudo", "false") == "true":
        options["sudo"] = True
    if spec.backend == "ansible":
        inventory = inventories.listed_for(spec)
        own = inventories.interpreter(spec)
        interpreters = (own, *interpreters) if own else interpreters
    if spec.backend in ("ssh", "safe-ssh"):
        # For one command a connection that stays is of no use.
        options.setdefault("controlpersist", 0)
    through = installed.asked(request)
    if through is None:
        command, sent = _COMMAND.replace("@INTERPRETERS@", " ".join(interpreters)), script(request)
    else:
        # It is sudo's own rule that makes it root.
        options.pop("sudo", None)
        command, sent = shlex.join(through[0]), through[1].decode("ascii")
    return {
        "host": spec.host,
        "options": options,
        "command": f"/bin/sh -c {shlex.quote(command)}",
        "script": sent,
        "inventory": inventory,
    }


def _environment() -> dict[str, str]:
    from auditor.collect.ansible import settings

    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    config = settings.operators_config(os.environ)
    named_config = {} if config is None else {"ANSIBLE_CONFIG": str(config)}
    # What ssh, sudo and the like say is read in English.
    return {**settings.environment(os.environ), **kept, **named_config, "LC_ALL": "C.UTF-8"}


def _evidence(target: Target, request: Mapping[str, Any], said: Mapping[str, Any]) -> Document | Lost:
    output, errors = base64.b64decode(said["output"]), str(said["errors"])
    try:
        content = payload.answer(output)
        if content is not None:
            payload.check_question(content, request["host"], request["salt_id"])
            return Document(target.name, content)
    except ValueError as error:
        return Lost(target.name, Coverage.UNREACHABLE, str(error), target.kind)
    if _NO_PYTHON in output.decode("utf-8", "replace").splitlines():
        reason = "there is no Python 3.6 or newer, neither on the path nor where distributions put it"
        return Lost(target.name, Coverage.UNREACHABLE, reason, target.kind)
    if said["code"] == 0:
        return _lost(target, f"the answer is missing or cut off: {_last(errors)}")
    return _lost(target, f"{_last(errors)} (exit {said['code']})")


def _lost(target: Target, reason: str) -> Lost:
    coverage = Coverage.DENIED if _DENIED.search(reason) else Coverage.UNREACHABLE
    return Lost(target.name, coverage, reason, target.kind)


def _last(text: str) -> str:
    """The last line that says something, without what could be a piece of the payload."""
    line = ([line.strip() for line in text.splitlines() if line.strip()] or ["nothing was said"])[-1]
    return re.sub(r"[A-Za-z0-9+/=]{64,}", "...", line)[:_LONGEST]
