"""The messaging and database servers that run on a host: found in procfs, asked as their own users, else by their files."""

import os
import re
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple, Union

from . import children, mysqld, postgres, processes, rabbitmq, sight

if TYPE_CHECKING:
    from .gather import Gathered

#: Servers of a host that are looked at, bytes of a command line or an environment.
MOST = 16
BYTES = 1 << 17

_KINDS: Dict[str, Any] = {"rabbitmq": rabbitmq, "mysql": mysqld, "postgresql": postgres}


#: What comes of reading something as a form which it has not: files and answers may hold anything.
_ODD = (AttributeError, LookupError, TypeError, ValueError)


def find(
    gathered: "Gathered",
    enter: Callable[[str, str], bool],
    deadline: float,
    proc: str = "/proc",
    is_behind: Callable[[int], bool] = lambda _pid: False,
) -> List[Dict[str, Any]]:
    """Return the SERVER of each server that runs (``auditor/evidence.py``).

    Args:
        gathered: `gather.Gathered`.
        enter: `roots.Roots.enter`, which makes a container's files known by its label.
        deadline: `time.monotonic` at which nothing more is asked.
        proc: folder of the procfs.
        is_behind: whether a process is of whoever asks and is passed over (`door.Asker`).
    """
    found: List[Dict[str, Any]] = []
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdigit()):
        running = None if is_behind(pid) else look(gathered, enter, pid, proc)
        if running is not None and len(found) == MOST:
            gathered.leave_out(proc, "more than {} servers run".format(MOST))
            break
        if running is not None:
            found.append(record(running, gathered, deadline))
    name_apart(found)
    return found


def record(running: sight.Running, gathered: "Gathered", deadline: float) -> Dict[str, Any]:
    """Return the SERVER of a server: what it answers, or where it does not, what its files say."""
    module = _KINDS[running.kind]
    files = sight.Sight(running, gathered, module.KINDS, deadline)
    try:
        module.read(files)
    except _ODD as error:
        files.note("its files hold what we do not know ({})".format(type(error).__name__))
    seen, reason = sight.Sight(running, gathered, module.KINDS, deadline), None
    try:
        module.ask(seen, files)
    except children.Refused as refused:
        seen, reason = files, str(refused)
    except _ODD as error:
        seen, reason = files, "it answered what we do not know ({})".format(type(error).__name__)
    module.listen(seen)
    return seen.record(reason)


def name_apart(found: List[Dict[str, Any]]) -> None:
    """Give the servers of a kind that several are the port on which their clients come in."""
    for server in found:
        ports = [one["port"] for one in server["listeners"] if one["protocol"] != "clustering"]
        if ports and sum(one["kind"] == server["kind"] for one in found) > 1:
            server["id"] += ":{}".format(ports[0])


def look(
    gathered: "Gathered", enter: Callable[[str, str], bool], pid: int, proc: str = "/proc"
) -> Optional[sight.Running]:
    """Return the server that a process is the first process of, or None."""
    try:
        name = _text(proc, pid, "comm").strip()
        argv = _text(proc, pid, "cmdline").rstrip("\0").split("\0")
        kind = next((kind for kind, module in _KINDS.items() if module.is_one(name, argv)), "")
        if not kind or (kind == "postgresql" and _has_parent(proc, pid, name)):
            return None
        uid = os.stat("{}/{}".format(proc, pid)).st_uid
    except OSError:
        return None
    try:
        who: Union[children.Identity, str] = children.of_process(pid)
    except children.Refused as refused:
        who = str(refused)
    label, root = "", _root(proc, str(pid))
    # Where we may not see its root, what names a container still does.
    held = processes.container(_maybe(proc, pid, "cgroup")) if root != _root(proc, "self") else None
    if held or root not in (None, _root(proc, "self")):
        label = held[1][:12] if held else "pid{}".format(pid)
        enter(label, "{}/{}/root".format(proc, pid))
    pairs = [pair.partition("=") for pair in _maybe(proc, pid, "environ").split("\0")]
    environ = {key: value for key, _, value in pairs if key}
    exe = _link(proc, pid) or ""
    return sight.Running(kind, pid, who, gathered.user(uid, label), argv, exe, environ, label)


def _has_parent(proc: str, pid: int, name: str) -> bool:
    parent = re.search(r"^PPid:\s*(\d+)", _text(proc, pid, "status"), re.MULTILINE)
    return parent is not None and _maybe(proc, int(parent.group(1)), "comm").strip() == name


def _root(proc: str, name: str) -> Optional[Tuple[int, int]]:
    try:
        seen = os.stat("{}/{}/root/".format(proc, name))
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


def _link(proc: str, pid: int) -> Optional[str]:
    try:
        return os.readlink("{}/{}/exe".format(proc, pid))
    except OSError:
        return None


def _maybe(proc: str, pid: int, name: str) -> str:
    try:
        return _text(proc, pid, name)
    except OSError:
        return ""


def _text(proc: str, pid: int, name: str) -> str:
    with open("{}/{}/{}".format(proc, pid, name), "rb") as file:
        return file.read(BYTES).decode("utf-8", "surrogateescape")
