"""The entrance of the installed probe: what a user whom sudo lets run it may ask, and nothing else.

It stands between that user and root, who share a machine. Whatever they control is taken from it: arguments, environment,
open files, working directory, limits, signals. They choose the question within `_KEYS`, never a path: neither a root nor a
file of configuration, and no endpoint to connect to. The salt that they send is mixed with a secret of root's (`KEY`), so
that they cannot try passwords on the digests in the answer; and processes that they started are passed over (`Asker`),
so that they cannot have root read a file as if it were Nova's, and compare.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import re
import resource
import select
import signal
import stat
import struct
import sys
import time
from typing import Any, Callable, Dict, List, NoReturn, Optional, Sequence

#: A secret of root's, the same on the hosts whose passwords are to be compared; without it each run makes its own.
KEY = "/etc/nova-auditor/probe.key"
KEY_BYTES = 32

#: Bytes that a request may have, seconds to send it in, and seconds to take the answer.
MOST = 64 * 1024
PATIENCE = 10.0
TAKING = 60

#: Seconds that may be asked for.
SECONDS = (1, 600)

_ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

# SIGALRM is the probe's own clock, SIGCHLD what it waits for its children by.
_IGNORED = (
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGTERM",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGUSR1",
    "SIGUSR2",
    "SIGPIPE",
)
_RESET = ("SIGALRM", "SIGCHLD", "SIGXCPU", "SIGXFSZ")

_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9_.:@+-]{1,253}")
_SALT_ID = re.compile(r"[0-9a-f]{16}")

#: linux/nsfs.h: the user who owns a user namespace, from Linux 4.11 on.
_NS_GET_OWNER_UID = 0xB704


class Refused(Exception):
    """What was asked is not on the list; the argument says what, in words that hold nothing of the request's."""


def main(version: str, allowed: Sequence[str]) -> NoReturn:
    """Answer the request on standard input, as `answer.as_line` does; end with 2 and one line where it is refused.

    Args:
        version: of nova-auditor, which wrote the program.
        allowed: what of ``cells`` and ``servers``, for which programs are run, may be asked for.
    """
    try:
        asker = _asker(os.environ)
        lock = _lock(sys.argv)
        harden(keep=lock)
        request = read(_line(0, PATIENCE), allowed)
        from . import answer, run

        question = request["salt_id"]
        salt, is_shared = mixed(request["salt"], KEY)
        request.update(salt=base64.b64encode(salt).decode("ascii"), salt_id=named(salt))
        document = run.collect(request, asker.is_behind)
        document["question"] = question
        known = {"version": version, "has_key": is_shared, "allowed": sorted(allowed)}
        document.setdefault("probe", {})["installed"] = known
        # Who does not take the answer does not keep us: the signal ends the process.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(TAKING)
        answer.as_line(document)
    except Refused as reason:
        sys.stderr.write("nova-auditor-probe: refused: {}\n".format(reason))
        sys.exit(2)
    sys.exit(0)


def _asker(environment: "os._Environ[str]") -> "Asker":
    if os.geteuid() != 0:
        raise Refused("it runs as root alone, through sudo")
    # sudo sets it, whatever the user has in its place.
    number = environment.get("SUDO_UID", "")
    if not number.isdigit():
        raise Refused("who asks is not known: run it through sudo")
    return Asker(int(number))


def _lock(argv: Sequence[str]) -> int:
    """Return a descriptor that holds the only run; the program itself is what only root can open."""
    if len(argv) != 1:
        raise Refused("it takes no arguments")
    try:
        lock = os.open(argv[0], os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Refused("another run is at work, or it cannot be told: {}".format(error.strerror)) from None
    return lock


def harden(keep: int) -> None:
    """Take from the process what whoever started it may have left: all open files but the standard three and ``keep`` ..."""
    os.umask(0o077)
    os.chdir("/")
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != keep:
            _close(int(name))
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    for name in _RESET:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    for name in _IGNORED:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit(resource.RLIMIT_NOFILE, 1024)
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
        _limit(limit, resource.RLIM_INFINITY)


def _limit(limit: int, value: int) -> None:
    # Root without CAP_SYS_RESOURCE stays within what it has: then less is seen, and that is told.
    try:
        resource.setrlimit(limit, (value, value))
    except (ValueError, OSError):
        pass


def _close(number: int) -> None:
    # The listing itself had one open.
    try:
        os.close(number)
    except OSError:
        pass


def _line(file: int, patience: float) -> bytes:
    """Return what is sent, up to its end or its first line break."""
    ends = time.monotonic() + patience
    sent = b""
    waiting = select.poll()  # `select.select` takes no file above 1023
    waiting.register(file, select.POLLIN)
    while b"\n" not in sent:
        if len(sent) > MOST:
            raise Refused("the request has more than {} bytes".format(MOST))
        if not waiting.poll(max(0.0, ends - time.monotonic()) * 1000):
            raise Refused("no request came within {:g} seconds".format(patience))
        part = os.read(file, 1 << 14)
        if not part:
            break
        sent += part
    line, _, rest = sent.partition(b"\n")
    if rest or len(line) > MOST:
        raise Refused("the request is more than one line of {} bytes".format(MOST))
    return line


def read(line: bytes, allowed: Sequence[str]) -> Dict[str, Any]:
    """Return the request of a line of JSON.

    Raises:
        Refused: it is no object, lacks a key or has one that is not in `_KEYS`, or what stands there is not as it must be.
    """
    try:
        content = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused("the request is not JSON") from None
    if not isinstance(content, dict):
        raise Refused("the request is not an object")
    strange = [key for key in content if key not in _KEYS]
    if strange:
        name = strange[0] if _NAME.fullmatch(strange[0]) else "a key of another form"
        raise Refused("{} may not be asked".format(name))
    for key, is_right in _KEYS.items():
        if key not in content:
            raise Refused("{} is missing".format(key))
        if not is_right(content[key]):
            raise Refused("{} is not as it must be".format(key))
    for name in content["ask"]:
        if name not in allowed:
            raise Refused(
                "{} may not be asked of this probe: it was written without --allow {}".format(name, name)
            )
    return content


def _matches(pattern: "re.Pattern[str]") -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 64 and all(_matches(_NAME)(item) for item in value)


def _is_tool(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= {"name", "version"}
        and all(map(_matches(_NAME), value.values()))
    )


def _is_told(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"release", "services", "expects_none"}
        and (value["release"] is None or _matches(_NAME)(value["release"]))
        and _is_names(value["services"])
        and isinstance(value["expects_none"], bool)
    )


def _is_seconds(value: Any) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and SECONDS[0] <= value <= SECONDS[1]
    )


def _is_salt(value: Any) -> bool:
    try:
        return isinstance(value, str) and 16 <= len(base64.b64decode(value, validate=True)) <= 64
    except ValueError:
        return False


def _is_ask(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 2 and all(name in ("cells", "servers") for name in value)


#: Every key that a request has, and what may stand there.
_KEYS: Dict[str, Callable[[Any], bool]] = {
    "host": _matches(_HOST),
    "tool": _is_tool,
    "kind": lambda value: value == "live",
    "salt": _is_salt,
    "salt_id": _matches(_SALT_ID),
    "seconds": _is_seconds,
    "services": _is_names,
    "told": _is_told,
    "ask": _is_ask,
}


def mixed(asked: str, path: str) -> Any:
    """Return (salt, whether other hosts may have the same): what was asked under the key of ``path``, or of this run alone.

    Raises:
        Refused: the key is not root's alone, or too short.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return hmac.new(os.urandom(KEY_BYTES), b"", hashlib.sha256).digest(), False
    except OSError as error:
        raise Refused("the key {} cannot be read: {}".format(path, error.strerror)) from None
    try:
        seen = os.fstat(file)
        if not stat.S_ISREG(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o077:
            raise Refused(
                "the key {} is not a file that only root may read: chown root, chmod 600".format(path)
            )
        key = os.read(file, 4096)
    finally:
        os.close(file)
    if len(key) < KEY_BYTES:
        raise Refused("the key {} is shorter than {} bytes".format(path, KEY_BYTES))
    return hmac.new(key, b"nova-auditor probe\0" + base64.b64decode(asked), hashlib.sha256).digest(), True


def named(salt: bytes) -> str:
    """Return the name of a salt, as ``auditor.collect.salt_id`` makes it."""
    return hashlib.sha256(b"nova-auditor salt\0" + salt).hexdigest()[:16]


class Asker:
    """The user who asks, and the processes that are theirs, whoever they run as.

    Args:
        uid: number of the user.
        proc: folder of the procfs.
    """

    def __init__(self, uid: int, proc: str = "/proc") -> None:
        self.uid = uid
        self._proc = proc

    def is_behind(self, pid: int) -> bool:
        """Return whether a process is theirs, or may be: by one of its users, its login, its namespace or its program.

        A set-user-id program shows arguments of their choice under another user; a user namespace gives them other numbers
        and files of their own.
        """
        if self.uid == 0:
            return False
        try:
            uids = self._uids(pid)
            is_setuid = bool(os.stat(self._path(pid, "exe")).st_mode & (stat.S_ISUID | stat.S_ISGID))
            return is_setuid or self.uid in uids or self.uid == self._login(pid) or not self._is_of_root(pid)
        except (OSError, ValueError, IndexError):
            return True

    def _uids(self, pid: int) -> List[int]:
        lines = self._text(pid, "status").split("\n")
        line = next((line for line in lines if line.startswith("Uid:")), "")
        numbers = [int(word) for word in line.split()[1:]]
        if len(numbers) != 4:
            raise ValueError("no user")
        return numbers

    def _login(self, pid: int) -> Optional[int]:
        try:
            return int(self._text(pid, "loginuid"))
        except FileNotFoundError:  # a kernel without auditing
            return None

    def _is_of_root(self, pid: int) -> bool:
        """Return whether a process is in our user namespace, or in one that root made."""
        there, here = os.stat(self._path(pid, "ns/user")), os.stat(self._path("self", "ns/user"))
        if (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino):
            return True
        space = os.open(self._path(pid, "ns/user"), os.O_RDONLY | os.O_CLOEXEC)
        try:
            owner = struct.unpack("I", fcntl.ioctl(space, _NS_GET_OWNER_UID, struct.pack("I", 0)))[0]
        finally:
            os.close(space)
        return bool(owner == 0)

    def _path(self, pid: Any, name: str) -> str:
        return "{}/{}/{}".format(self._proc, pid, name)

    def _text(self, pid: int, name: str) -> str:
        with open(self._path(pid, name), "rb") as file:
            return file.read(1 << 14).decode("ascii", "replace")
