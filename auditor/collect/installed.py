"""The probe as a program that is installed on a host, so that a sudo rule for it alone takes the place of root for everything.

A payload that is piped into an interpreter can be allowed by no rule but one for the interpreter, and with it anything. The
installed program is one file of root's with the same modules inside, named in sudoers(5) by its path and its digest, without
arguments; its question comes in as one line of JSON, and is held against a list (`auditor.probe.door`).
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from auditor.collect import payload
from auditor.errors import UsageError
from auditor.probe.answer import MARK
from auditor.probe.door import MOST

#: Where it is installed unless somebody says otherwise, and who may run it.
PATH = "/usr/local/sbin/nova-auditor-probe"
USER = "auditor"
PYTHON = "/usr/bin/python3"

#: Keys of a request (`auditor.collect.request`) that it takes; the rest has to be as it is without being asked for.
_KEYS = ("host", "tool", "kind", "salt", "salt_id", "seconds", "services", "told", "ask")
_EMPTY = ("config_files", "config_dirs")

_NAMED = "an installed probe looks at its host alone, and at no file that somebody names"

#: What stands unquoted in sudoers(5) and in a shell.
_PATH = re.compile(r"(?:/\.?[A-Za-z0-9_][A-Za-z0-9_.+-]*)+")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")

# -I: neither variables of the environment nor folders of the user's. -B: no bytecode is written. -S: nothing that was
# installed besides (on Debian, members of the group staff may write below /usr/local/lib).
_PROGRAM = """\
#!@PYTHON@ -IBS
# nova-auditor's probe, @VERSION@. It belongs to root, mode 0700; see `nova-auditor probe --help`.
@PROGRAM@
entry.main("@VERSION@", @ALLOWED@)
"""


# Python 3.6, in a module of Ansible: `asked` is the request of this host. What sudo or the probe says last is the reason.
_THROUGH = """\
if asked.get("probe"):
    import hashlib, subprocess
    if any(asked[key] for key in @EMPTY@):
        print(json.dumps({"failed": True, "msg": "@NAMED@"}))
        sys.exit(1)
    question = json.dumps(dict((key, asked[key]) for key in @KEYS@)).encode("ascii") + b"\\n"
    asking = subprocess.Popen(
        ["sudo", "-n", asked["probe"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    output, errors = asking.communicate(question)
    said = [line[len(b"@MARK@"):].decode("ascii") for line in output.splitlines() if line.startswith(b"@MARK@")]
    last = (errors.decode("utf-8", "replace").strip().splitlines() or ["nothing was said"])[-1]
    answer = {"failed": True, "msg": last}
    if said:
        answer = {"changed": False, "evidence": said[0], "sha256": hashlib.sha256(base64.b64decode(said[0])).hexdigest()}
    print(json.dumps(answer))
    sys.exit(0 if said else 1)
"""


def program(version: str, allowed: Sequence[str] = (), python: str = PYTHON) -> str:
    """Return the program, plain ASCII; the same for the same arguments.

    Args:
        version: of nova-auditor.
        allowed: what of ``cells`` and ``servers`` may be asked of it.
        python: path of the interpreter that it is started with.

    Raises:
        UsageError: the path of the interpreter is none that can stand there.
    """
    _check(_PATH, python, "--python")
    filled = _PROGRAM.replace("@PYTHON@", python).replace("@VERSION@", version)
    filled = filled.replace("@ALLOWED@", repr(tuple(sorted(allowed))))
    return filled.replace("@PROGRAM@", payload.bootstrap(payload.DOOR, frozenset(allowed)).rstrip())


def rule(text: str, user: str = USER, path: str = PATH) -> str:
    """Return the line for sudoers that lets a user run exactly this program, without arguments, and nothing else.

    Raises:
        UsageError: user or path have a form that would mean something else there.
    """
    _check(_USER, user, "--user")
    _check(_PATH, path, "--path")
    digest = hashlib.sha256(text.encode("ascii")).hexdigest()
    return f'{user} ALL=(root) NOPASSWD: sha256:{digest} {path} ""'


def _check(pattern: re.Pattern[str], text: str, option: str) -> None:
    if not pattern.fullmatch(text):
        raise UsageError(f"{option} {text}: it has a form that sudo or a shell would take for something else")


def check_path(path: str) -> None:
    """Refuse a path of an installed probe that would mean more than that to a shell.

    Raises:
        UsageError: it does.
    """
    _check(_PATH, path, "--probe")


def asked(request: Mapping[str, Any]) -> tuple[list[str], bytes] | None:
    """Return the words that run the installed probe of a request, and the line that it is sent; None where it names none.

    Raises:
        ValueError: the request asks for what an installed probe does not do.
    """
    path = request.get("probe")
    return None if path is None else (["sudo", "-n", str(path)], question(request))


def question(request: Mapping[str, Any]) -> bytes:
    """Return the line that an installed probe is sent for a request of the first question.

    Raises:
        ValueError: the request asks for what an installed probe does not do.
    """
    if request["kind"] != "live" or any(request.get(key) for key in _EMPTY):
        raise ValueError(_NAMED)
    line = json.dumps({key: request[key] for key in _KEYS}, sort_keys=True).encode("ascii")
    if len(line) > MOST:
        raise ValueError(f"the question has more than {MOST} bytes")
    return line + b"\n"


def module(request: Mapping[str, Any]) -> str:
    """Return `payload.module`, which goes through the installed probe where the request of the host names one."""
    through = _THROUGH.replace("@KEYS@", repr(_KEYS)).replace("@EMPTY@", repr(_EMPTY))
    return payload.module(request, through.replace("@MARK@", MARK).replace("@NAMED@", _NAMED))
