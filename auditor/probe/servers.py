"""The messaging and database servers that run on a host: found in procfs, asked as their own users, else by their files."""

import os
import re
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Tuple

from . import children, mysqld, postgres, processes, rabbitmq, roots, sight

if TYPE_CHECKING:
    from .gather import Gathered

#: Servers of a host that are looked at, bytes of a command line or an environment.
MOST = 16
BYTES = 1 << 17

_KINDS: Tuple[Tuple[str, Any], ...] = (("rabbitmq", rabbitmq), ("mysql", mysqld), ("postgresql", postgres))


def find(
    gathered: "Gathered", enter: Callable[[str, str], bool], deadline: float, proc: str = "/proc"
) -> List[Dict[str, Any]]:
    """Return the SERVER of each server that runs (``auditor/evidence.py``).

    Args:
        gathered: `gather.Gathered`.
        enter: `roots.Roots.enter`, which makes a container's files known by its label.
        deadline: `time.monotonic` at which nothing more is asked.
        proc: folder of the procfs.
    """
    found: List[Dict[str, Any]] = []
    for module, running in _running(gathered, enter, proc):
        if len(found) == MOST:
            break
        found.append(_record(module, running, gathered, deadline))
    _name_apart(found)
    return found


def _record(module: Any, running: sight.Running, gathered: "Gathered", deadline: float) -> Dict[str, Any]:
    files = sight.Sight(running, gathered, module.KINDS, deadline)
    module.read(files)
    seen, reason = sight.Sight(running, gathered, module.KINDS, deadline), None
    try:
        module.ask(seen, files)
    except children.Refused as refused:
        seen, reason = files, str(refused)
    module.listen(seen)
    return seen.record(reason)


def _name_apart(found: List[Dict[str, Any]]) -> None:
    """Give the servers of a kind that several are the port they listen on."""
    for server in found:
        if sum(one["kind"] == server["kind"] for one in found) > 1 and server["listeners"]:
            server["id"] += ":{}".format(server["listeners"][0]["port"])


def _running(
    gathered: "Gathered", enter: Callable[[str, str], bool], proc: str
) -> Iterator[Tuple[Any, sight.Running]]:
    own = _root(proc, "self")
    for pid in sorted(int(name) for name in os.listdir(proc) if name.isdigit()):
        try:
            name = _text(proc, pid, "comm").strip()
            argv = _text(proc, pid, "cmdline").rstrip("\0").split("\0")
            kind, module = next(((kind, one) for kind, one in _KINDS if one.is_one(name, argv)), ("", None))
            if module is None or (kind == "postgresql" and _has_parent(proc, pid, name)):
                continue
            who = children.of_process(pid)
        except (OSError, children.Refused):
            continue
        label = ""
        root = _root(proc, str(pid))
        if root != own:
            inside = processes.container(_maybe(proc, pid, "cgroup"))
            label = inside[1][:12] if inside else "pid{}".format(pid)
            enter(label, "{}/{}/root".format(proc, pid))
        pairs = [pair.partition("=") for pair in _maybe(proc, pid, "environ").split("\0")]
        environ = {key: value for key, _, value in pairs if key}
        exe = _link(proc, pid) or ""
        user = _user(gathered.tree.read(roots.joined(label, "/etc/passwd")).text, who.uid)
        yield module, sight.Running(kind, who, user or name, argv, exe, environ, label)


def _has_parent(proc: str, pid: int, name: str) -> bool:
    parent = re.search(r"^PPid:\s*(\d+)", _text(proc, pid, "status"), re.MULTILINE)
    return parent is not None and _maybe(proc, int(parent.group(1)), "comm").strip() == name


def _user(text: Optional[str], uid: int) -> Optional[str]:
    lines = [line.split(":") for line in (text or "").split("\n")]
    return next((line[0] for line in lines if len(line) > 2 and line[2] == str(uid)), None)


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
