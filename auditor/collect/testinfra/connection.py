"""One command through a backend of testinfra, in a process of its own; `auditor.collect.testinfra` starts it.

It reads a job from standard input and writes what came of it to standard output, both as one line of JSON::

    {"host", "options": keyword arguments of testinfra.get_host, "command", "script",
     "inventory": what ansible-inventory would list, or null}
    {"code", "output": base64, "errors": text}   or   {"trouble": text}

testinfra's backends hand nothing to a command's standard input (10.2, backend/base.py, BaseBackend.run_local). This one
does: a payload among the arguments would stand in process lists, in the log of sudo on the host and in the audit log of
Kubernetes, and with it the salt.
"""

import base64
import json
import os
import subprocess
import sys
from functools import partial
from typing import Any

#: Backends whose client passes standard input on only when told to (``podman exec -i``).
_EXEC = ("docker", "kubectl", "openshift", "podman")


def main(job: dict[str, Any]) -> None:
    """Do the job; whatever else writes to standard output writes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    with answers:
        answers.write(json.dumps(_answer(job)) + "\n")


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    try:
        code, output, errors = _run(_backend(job), job["command"], job["script"].encode("ascii"))
    except RuntimeError as error:
        # testinfra raises the result of ssh where ssh itself failed, and text where a library is missing.
        result = error.args[0]
        if isinstance(result, str):
            return {"trouble": result}
        code, output, errors = result.exit_status, b"", result.stderr_bytes
    except OSError as error:
        return {"trouble": f"{type(error).__name__}: {error}"}
    return {
        "code": code,
        "output": base64.b64encode(output).decode("ascii"),
        "errors": errors.decode("utf-8", "replace"),
    }


def _backend(job: dict[str, Any]) -> Any:
    import testinfra  # type: ignore[import-untyped]

    backend = testinfra.get_host(job["host"], **job["options"]).backend
    if backend.NAME != "ansible":
        return backend
    runner = backend.ansible_runner
    runner.inventory = job["inventory"]
    reached = runner.get_host(
        backend.host, ssh_config=backend.ssh_config, ssh_identity_file=backend.ssh_identity_file
    )
    if reached is None:
        raise RuntimeError("testinfra does not reach it without Ansible")
    if backend.sudo:
        reached.backend.sudo, reached.backend.sudo_user = True, backend.sudo_user
    return reached.backend


def _run(backend: Any, command: str, script: bytes) -> tuple[int, bytes, bytes]:
    if backend.NAME == "paramiko":
        return _run_in_channel(backend, command, script)
    backend.run_local = partial(_run_local, backend, script)
    result = backend.run(command)
    return result.exit_status, result.stdout_bytes, result.stderr_bytes


def _run_local(backend: Any, script: bytes, command: str, *args: str) -> Any:
    """Stand in for `BaseBackend.run_local`, with something to read for the command."""
    if backend.NAME in _EXEC:
        command = command.replace("exec ", "exec -i ", 1)
    line = backend.quote(command, *args)
    done = subprocess.run(line, shell=True, input=script, capture_output=True, check=False)  # noqa: S602 - as testinfra does; it has quoted
    return backend.result(done.returncode, line.encode(), done.stdout, done.stderr)


def _run_in_channel(backend: Any, command: str, script: bytes) -> tuple[int, bytes, bytes]:
    import paramiko  # type: ignore[import-untyped]

    try:
        channel = backend.client.get_transport().open_session()
        channel.exec_command(backend.get_command(command))
        channel.sendall(script)
        channel.shutdown_write()
        output, errors = (b"".join(file) for file in (channel.makefile("rb"), channel.makefile_stderr("rb")))
        return channel.recv_exit_status(), output, errors
    except paramiko.SSHException as error:
        raise RuntimeError(f"{type(error).__name__}: {error}") from None


def read_job() -> dict[str, Any]:
    """Return the job on standard input."""
    job: dict[str, Any] = json.loads(sys.stdin.readline())
    return job
