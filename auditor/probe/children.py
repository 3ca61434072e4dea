"""Runs a program of the host's where and as whom a service runs: never as root, bounded, and leaving nothing behind.

The program gets an environment of our making, no standard input, a session of its own and no way to more rights
(``no_new_privs``), and cannot write into a file (``RLIMIT_FSIZE`` of 0; pipes and sockets are none). It and whatever it
has started, in its session or out of it, are killed at the end. A service's namespaces and root are entered as nsenter
does it: by ``setns`` in the child alone, which runs nothing of that root's before it has become the service's user.
"""

import errno
import os
import resource
import select
import signal
import time
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

#: Namespaces that decide what a program sees and reaches, in the order in which they are entered.
_SPACES = ("net", "ipc", "uts", "mnt")

_SET_DUMPABLE, _SET_NO_NEW_PRIVS, _SET_SUBREAPER, _GET_SUBREAPER = 4, 38, 36, 37

#: Seconds for what was killed to be gone, and for the output of what has ended to be read.
_GRACE = 2.0

_DESCRIPTORS = 65536


class Refused(Exception):
    """Nothing was run, or it did not come to its end; the message says why and holds nothing that was read."""


#: Numbers are this host's. pid: of a process whose namespaces and root are entered, or None for our own. uid_map, gid_map:
#: the mappings of the user namespace of that process where it is another than ours, else None.
class Identity(NamedTuple):
    """As whom, and where, a program is run."""

    uid: int
    gid: int
    groups: Tuple[int, ...]
    pid: Optional[int] = None
    uid_map: Optional[str] = None
    gid_map: Optional[str] = None


#: program: the path that was run. code: the exit status, negative for a signal. output, errors: what it printed.
class Answer(NamedTuple):
    """What a program came to."""

    program: str
    code: int
    output: str
    errors: str


def of_process(pid: int) -> Identity:
    """Return the `Identity` of a running process, by its effective user; raises `Refused` where that is not seen."""
    fields: Dict[str, List[str]] = {}
    folder = "/proc/{}".format(pid)
    try:
        with open(folder + "/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                fields[name] = value.split()
        uid, gid = int(fields["Uid"][1]), int(fields["Gid"][1])
        groups = tuple(int(group) for group in fields.get("Groups", ()))
        maps: List[Optional[str]] = [None, None]
        if _space(pid, "user") != _space(os.getpid(), "user"):
            for number, kind in enumerate(("uid_map", "gid_map")):
                with open("{}/{}".format(folder, kind), encoding="ascii") as file:
                    maps[number] = file.read()
    except OSError as error:
        raise Refused("the process of the service cannot be looked at: {}".format(error.strerror)) from None
    except (KeyError, IndexError, ValueError):
        raise Refused(
            "the process of the service cannot be looked at: /proc says nothing of its user"
        ) from None
    return Identity(uid, gid, groups, pid, maps[0], maps[1])


def of_account(name: str) -> Identity:
    """Return the `Identity` of an account of this host; raises `Refused` where there is none."""
    import pwd

    try:
        found = pwd.getpwnam(name)
        return Identity(found.pw_uid, found.pw_gid, tuple(os.getgrouplist(name, found.pw_gid)))
    except (KeyError, ValueError, OSError):
        raise Refused("the user of the service has no account on this host") from None


def run(
    programs: Sequence[str],
    arguments: Sequence[str],
    who: Identity,
    environment: Dict[str, str],
    ends: float,
    most: int,
) -> Answer:
    """Run the first of some programs that is there, and return its `Answer`.

    Args:
        programs: absolute paths, as the service sees them.
        arguments: those after the program.
        who: as whom, and where.
        environment: all of it.
        ends: when it is killed (`time.monotonic`).
        most: bytes that it may print.

    Raises:
        Refused: it may not be run, none is there, it printed too much or had no end in time.
    """
    name = os.path.basename(programs[0])
    own = os.geteuid()
    inside = _inside(who)
    if 0 in (who.uid, inside[0]):
        raise Refused("the service runs as root, and nothing of the host's is run as root")
    if own not in (0, who.uid):
        raise Refused("only root and its own user may run something as the service does")
    system = _System()
    files = _Files()
    try:
        try:
            become = _entrance(who, inside, own, files, system)
            outputs = [files.pipe() for _ in range(3)]
            null = files.open("/dev/null", os.O_RDONLY)
        except OSError as error:
            raise Refused(
                "the process of the service cannot be looked at: {}".format(error.strerror)
            ) from None
        with _Reaper(system):
            try:
                pid = _start(_Job(programs, arguments, environment, become), null, outputs, system)
            except OSError as error:
                raise Refused("{} could not be started: {}".format(name, error.strerror)) from None
            try:
                files.close(null, *[pipe[1] for pipe in outputs])
                said = _read(pid, name, [pipe[0] for pipe in outputs], ends, most)
            finally:
                code = _end(pid)
    finally:
        files.close()
    return Answer(_program(said[2]), code, said[0], said[1])


class _System:
    """Calls of the C library that `os` has none for; without `ctypes` there are none, and `is_there` is False."""

    def __init__(self) -> None:
        try:
            import ctypes

            # Looked up before there is a child: nothing may be loaded in another root.
            library: Any = ctypes.CDLL(None, use_errno=True)
            self._ctypes: Any = ctypes
            self._setns, self._prctl = library.setns, library.prctl
            self.is_there = True
        except (ImportError, OSError, AttributeError):
            self.is_there = False

    def setns(self, file: int) -> None:
        self._check(self._setns(file, 0))

    def control(self, option: int, value: int) -> None:
        """Call ``prctl``, where it can be called."""
        if self.is_there:
            number = self._ctypes.c_ulong
            self._check(self._prctl(option, number(value), number(0), number(0), number(0)))

    def is_subreaper(self) -> int:
        found = self._ctypes.c_int()
        self._check(self._prctl(_GET_SUBREAPER, self._ctypes.byref(found), 0, 0, 0))
        return int(found.value)

    def _check(self, result: int) -> None:
        if result < 0:
            number = self._ctypes.get_errno()
            raise OSError(number, os.strerror(number))


class _Files:
    """Descriptors that are closed together."""

    def __init__(self) -> None:
        self._open: Set[int] = set()

    def open(self, path: str, flags: int) -> int:
        file = os.open(path, flags | os.O_CLOEXEC)
        self._open.add(file)
        return file

    def pipe(self) -> Tuple[int, int]:
        ends = os.pipe()
        self._open.update(ends)
        return ends

    def close(self, *files: int) -> None:
        for file in files or tuple(self._open):
            self._open.discard(file)
            os.close(file)


def _inside(who: Identity) -> Tuple[int, int]:
    """Return (uid, gid) as the user namespace of the process has them."""
    return _mapped(who.uid, who.uid_map), _mapped(who.gid, who.gid_map)


def _mapped(number: int, text: Optional[str]) -> int:
    if text is None:
        return number
    for line in text.splitlines():
        first, outside, count = (int(word) for word in line.split())
        if outside <= number < outside + count:
            return first + number - outside
    raise Refused("the user of the service has no number in its own namespace")


def _space(pid: int, name: str) -> Tuple[int, int]:
    found = os.stat("/proc/{}/ns/{}".format(pid, name))
    return found.st_dev, found.st_ino


def _entrance(
    who: Identity, inside: Tuple[int, int], own: int, files: _Files, system: _System
) -> Callable[[], None]:
    """Return what takes the child to where and whom the program is to be run as; it raises OSError."""
    spaces: List[int] = []
    root = user = None
    if who.pid is not None:
        folder = "/proc/{}/".format(who.pid)
        others = [name for name in _SPACES if _space(who.pid, name) != _space(os.getpid(), name)]
        there, here = os.stat(folder + "root/"), os.stat("/")
        is_elsewhere = bool(others) or (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)
        if (is_elsewhere or who.uid_map is not None) and (own != 0 or not system.is_there):
            reason = "only root may enter" if own else "this Python cannot enter"
            raise Refused("the service runs in namespaces of its own, which {}".format(reason))
        if is_elsewhere:
            root = files.open(folder + "root", os.O_PATH | os.O_DIRECTORY)
        if who.uid_map is not None:
            user = files.open(folder + "ns/user", os.O_RDONLY)
        spaces = [files.open(folder + "ns/" + name, os.O_RDONLY) for name in others]

    def become() -> None:
        for file in spaces:
            system.setns(file)
        if root is not None:
            os.fchdir(root)
            os.chroot(".")
        os.chdir("/")
        if own == 0:
            # By this host's numbers, before the namespace in which setgroups may be forbidden.
            os.setgroups(who.groups)
            if user is not None:
                system.setns(user)
            os.setresgid(inside[1], inside[1], inside[1])
            os.setresuid(inside[0], inside[0], inside[0])

    return become


class _Job(NamedTuple):
    """What a child is to do; ``become`` takes it to where and whom it runs as."""

    programs: Sequence[str]
    arguments: Sequence[str]
    environment: Dict[str, str]
    become: Callable[[], None]


def _start(job: _Job, null: int, outputs: List[Tuple[int, int]], system: _System) -> int:
    """Start the child and return its number; what became of it, it says on the last of ``outputs``."""
    # An alarm between the fork and the place where the child is known would leave it behind.
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    try:
        pid = os.fork()
        if pid == 0:
            _be_child(job, null, [pipe[1] for pipe in outputs], system)
        return pid
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, masked)


def _be_child(job: _Job, null: int, outputs: List[int], system: _System) -> None:
    said = outputs[2]
    try:
        os.setsid()
        os.umask(0o077)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGPIPE else signal.SIG_IGN)
        os.dup2(null, 0)
        os.dup2(outputs[0], 1)
        os.dup2(outputs[1], 2)
        for descriptor in _descriptors():
            _close_on_exec(descriptor)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        system.control(_SET_DUMPABLE, 0)
        job.become()
        system.control(_SET_NO_NEW_PRIVS, 1)
        os.write(said, b"entered\n")
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        for program in job.programs:
            os.write(said, b"run " + os.fsencode(program) + b"\n")
            try:
                os.execve(program, [program, *job.arguments], job.environment)
            except OSError as error:
                os.write(said, "errno {}\n".format(error.errno).encode("ascii"))
    except OSError as error:
        os.write(said, "errno {}\n".format(error.errno).encode("ascii"))
    finally:
        os._exit(127)


def _descriptors() -> Iterable[int]:
    """Return the numbers of the files that may be open, but for the standard three."""
    try:
        return [int(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]
    except OSError:
        return range(3, _DESCRIPTORS)


def _close_on_exec(descriptor: int) -> None:
    try:
        os.set_inheritable(descriptor, False)
    except OSError:
        pass


def _read(pid: int, name: str, outputs: List[int], ends: float, most: int) -> List[str]:
    """Return what the child wrote into each of its outputs until it has ended."""
    parts: List[List[bytes]] = [[] for _ in outputs]
    size = 0
    # Where many files are open, `select.select` takes no more.
    waiting = select.poll()
    for output in outputs:
        waiting.register(output, select.POLLIN)
    left = len(outputs)
    is_over = False
    while left:
        now = time.monotonic()
        if now >= ends:
            if is_over:
                break
            raise Refused("{} had not ended when its time was over".format(name))
        for output, _ in waiting.poll(min(0.1, ends - now) * 1000):
            data = os.read(output, 1 << 16)
            size += len(data)
            if size > most:
                raise Refused("{} printed more than {} bytes".format(name, most))
            parts[outputs.index(output)].append(data)
            if not data:
                waiting.unregister(output)
                left -= 1
        # What it started may keep the outputs open, and it may close them and go on.
        if not is_over and _has_ended(pid):
            is_over, ends = True, min(ends, time.monotonic() + _GRACE)
    while not is_over and not _has_ended(pid):
        if time.monotonic() >= ends:
            raise Refused("{} had not ended when its time was over".format(name))
        time.sleep(0.02)
    return [b"".join(part).decode("utf-8", "replace") for part in parts]


def _has_ended(pid: int) -> bool:
    # It is not waited for yet, so that its number, and that of its group, stay its own.
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(pid: int) -> int:
    """Kill a child and its session, wait for it, and return how it ended."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except OSError:
            pass
    status = os.waitpid(pid, 0)[1]
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _program(said: str) -> str:
    """Return the program that was run, by what the child said of itself; raises `Refused` where none was."""
    lines = said.splitlines()
    if not lines or lines[0] != "entered":
        number = int(lines[0].partition(" ")[2]) if lines else errno.EPERM
        raise Refused(
            "the user or the namespaces of the service cannot be taken on: {}".format(os.strerror(number))
        )
    if lines[-1].startswith("run "):
        return lines[-1][len("run ") :]
    numbers = [int(line.partition(" ")[2]) for line in lines if line.startswith("errno ")]
    worst = next((number for number in numbers if number not in (errno.ENOENT, errno.ENOTDIR)), errno.ENOENT)
    if worst == errno.ENOENT:
        raise Refused("there is no {}".format(os.path.basename(lines[1])))
    raise Refused("{} cannot be run: {}".format(os.path.basename(lines[1]), os.strerror(worst)))


class _Reaper:
    """While it stands, what a child leaves behind becomes ours; at its end that is killed."""

    def __init__(self, system: _System) -> None:
        self._system = system
        self._before = _children() if system.is_there else None
        self._was = 0

    def __enter__(self) -> None:
        if self._before is not None:
            self._was = self._system.is_subreaper()
            self._system.control(_SET_SUBREAPER, 1)

    def __exit__(self, *_: object) -> None:
        if self._before is None:
            return
        ends = time.monotonic() + _GRACE
        while time.monotonic() < ends:
            left = (_children() or set()) - self._before
            if not left:
                break
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                    if os.waitpid(pid, os.WNOHANG)[0] == 0:
                        time.sleep(0.01)
                except OSError:
                    pass
        self._system.control(_SET_SUBREAPER, self._was)


def _children() -> Optional[Set[int]]:
    """Return the children of this process, or None where the kernel does not list them."""
    found: Set[int] = set()
    try:
        for task in os.listdir("/proc/self/task"):
            with open("/proc/self/task/{}/children".format(task), encoding="ascii") as file:
                found.update(int(word) for word in file.read().split())
    except OSError:
        return None
    return found
