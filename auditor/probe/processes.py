"""The processes of Nova and placement on a running host, from procfs alone: nothing is run, stopped or traced.

Command lines are what the kernel shows: services that rewrite their title (setproctitle, by cotyledon) overwrite the block
of their environment with it, which then says nothing; `Process.environ` is None there. Every entry may go while it is
read: the process has ended, and is left out.
"""

import errno
import os
import posixpath
import re
import time
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

#: Processes of a host that are looked at, and bytes of a command line, an environment or a list of mappings.
MOST = 40000
BYTES = 1 << 17
MAPPED = 1 << 20

#: Processes of whoever asks that are kept to be told from others.
PASSED_OVER = 64

#: What makes a process worth a closer look; all others are passed over by their command line alone.
_WANTED = re.compile(rb"nova|placement|uwsgi|gunicorn|apache2|httpd|wsgi|privsep-helper", re.IGNORECASE)

# setproctitle by cotyledon, which oslo.service starts from 4.2 on: "NAME: master process [the command line]", and
# "NAME: ServiceWrapper worker(0)".
_MASTER = re.compile(r"([A-Za-z0-9_.-]+): master process \[(.*)\]")
_WORKER = re.compile(r"([A-Za-z0-9_.-]+): [A-Za-z0-9_.-]+ worker\(\d+\)")

# uWSGI's auto-procname behind its procname-prefix: "nova-api uWSGI master", "nova-api uWSGI worker 1".
_UWSGI = re.compile(r"(.*?)[ :_-]*uWSGI (master|[a-zA-Z]+ ?\d*).*")

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_SITE = re.compile(rb" (/\S+?)/lib(?:64)?/python3(?:\.\d+)?/(?:site|dist)-packages/\S+")

#: Engines by what their cgroups are called, and where the id stands (docker, containerd and CRI-O under Kubernetes, podman,
#: LXC, systemd-nspawn).
_ENGINES = (
    ("kubernetes", re.compile(r"kubepods[^\n]*?([0-9a-f]{64})")),
    ("docker", re.compile(r"(?:/docker/|docker-)([0-9a-f]{64})")),
    ("podman", re.compile(r"(?:libpod-|/libpod/)(?:conmon-)?([0-9a-f]{64})")),
    ("lxc", re.compile(r"/lxc(?:\.payload)?[./]([A-Za-z0-9_.-]+)")),
    # Where a container has no cgroup of its own, what its engine mounts for it tells.
    ("docker", re.compile(r"/docker/containers/([0-9a-f]{64})/")),
    ("podman", re.compile(r"-containers/([0-9a-f]{64})/userdata/")),
    ("nspawn", re.compile(r"/machine\.slice/systemd-nspawn@([A-Za-z0-9_.-]+)\.service")),
)
_UNIT = re.compile(r"/([A-Za-z0-9_.@:\\-]+)\.service(?:/|$)", re.MULTILINE)

_BOOTTIME = 7  # time.CLOCK_BOOTTIME, named from Python 3.7 on


#: pid, parent: numbers. uid: the effective one. started: seconds since the epoch. argv: without a rewritten title, in which
#: its command line is split at blanks; of uWSGI's titles it is the prefix,
#: and the last arguments. title: what kind of title it is: "", master,
#: worker, uwsgi master or uwsgi worker. exe, cwd: or None where they were not seen. environ: or None. root: (device, inode) of its root, or None. cgroup: the text. mapped: prefixes of the
#: Python environments that it has loaded.
class Process(NamedTuple):
    """A process that may be one of ours."""

    pid: int
    parent: int
    uid: int
    started: float
    argv: List[str]
    title: str
    exe: Optional[str]
    cwd: Optional[str]
    environ: Optional[Dict[str, str]]
    root: Optional[Tuple[int, int]]
    cgroup: str
    mapped: List[str]


class Processes:
    """The processes below a procfs.

    Args:
        proc: folder of the procfs.
        check_time: raises where the time is over.
        is_behind: whether a process is of whoever asks, who shall not pass it off as one of ours (`door.Asker`).

    Attributes:
        found: by pid, those that may be ours, and their ancestors' numbers in `parents`.
        seen: how many processes there are. denied: how many of `found` we may not look into.
        passed_over: the first arguments of some of those that ``is_behind`` is true of.
        reason: why not all processes were seen, or "".
    """

    def __init__(
        self,
        proc: str,
        check_time: Callable[[], None],
        is_behind: Callable[[int], bool] = lambda _pid: False,
    ) -> None:
        self.proc = proc
        self.passed_over: List[List[str]] = []
        self._is_behind = is_behind
        self.found: Dict[int, Process] = {}
        self.parents: Dict[int, int] = {}
        self.seen = 0
        self.denied = 0
        self.reason = ""
        self._check_time = check_time
        self._boot = time.time() - _since_boot()
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._read_all()
        self.own_root = self.root("self")

    @property
    def is_whole(self) -> bool:
        """Whether a service without a process surely has none."""
        return not self.reason

    def _read_all(self) -> None:
        try:
            names = os.listdir(self.proc)
        except OSError as error:
            self.reason = "{} cannot be listed: {}".format(self.proc, error.strerror)
            return
        numbers = sorted(int(name) for name in names if name.isdigit())
        if not numbers:
            self.reason = "{} shows no process".format(self.proc)
        if len(numbers) > MOST:
            self.reason = "more than {} processes".format(MOST)
        for pid in numbers[:MOST]:
            self._check_time()
            try:
                self._read_one(pid)
            except OSError as error:
                if error.errno in (errno.EACCES, errno.EPERM):
                    self.reason = "/proc hides processes of others (hidepid)"
        if not self.reason and 1 not in self.parents and os.geteuid() != 0:
            # hidepid=2 leaves nothing to be denied.
            self.reason = "/proc hides processes of others (hidepid)"

    def _read_one(self, pid: int) -> None:
        stat = self._text(pid, "stat")
        # The name of a program may hold blanks and brackets.
        fields = stat.rpartition(b")")[2].split()
        if len(fields) < 20:
            return
        self.seen += 1
        self.parents[pid] = int(fields[1])
        raw = self._text(pid, "cmdline")
        if fields[0] in (b"Z", b"X") or not _WANTED.search(raw):
            return
        if self._is_behind(pid):
            # Theirs to fill, and only to be told from others: little of it is kept.
            if len(self.passed_over) < PASSED_OVER:
                self.passed_over.append(_command(raw[:4096])[0])
            return
        started = self._boot + int(fields[19]) / float(self._ticks)
        uid = os.stat("{}/{}".format(self.proc, pid)).st_uid
        argv, title = _command(raw)
        root = self.root(str(pid))
        if root is None:
            self.denied += 1
        self.found[pid] = Process(
            pid,
            self.parents[pid],
            uid,
            started,
            argv,
            title,
            self._link(pid, "exe"),
            self._link(pid, "cwd"),
            self.environ(pid),
            root,
            self._text(pid, "cgroup").decode("utf-8", "replace"),
            self._mapped(pid),
        )

    def environ(self, pid: int) -> Optional[Dict[str, str]]:
        """Return the variables of a process, or None where it overwrote them, or we may not see them."""
        try:
            parts = self._text(pid, "environ").split(b"\0")
        except OSError:
            return None
        texts = [part.decode("utf-8", "surrogateescape") for part in parts]
        # Before them may stand what a title left of the last argument (uWSGI); setproctitle leaves nothing.
        first = next((number for number, text in enumerate(texts) if _VARIABLE.match(text)), None)
        if first is None or "" in texts[:first]:
            return {} if parts == [b""] else None
        pairs = [text.partition("=") for text in texts[first:] if _VARIABLE.match(text)]
        return {name: value for name, _, value in pairs}

    def container(self, process: Process) -> Optional[Tuple[str, str]]:
        """Return (engine, id) of the container that a process is in, or None where nothing names one."""
        found = container(process.cgroup)
        if found is None and process.root != self.own_root:
            try:
                found = container(self._text(process.pid, "mountinfo", MAPPED).decode("utf-8", "replace"))
            except OSError:
                return None
        return found

    def ancestors(self, pid: int) -> Iterator[int]:
        """Yield the parent of a process, its parent, and so on."""
        for _ in range(64):
            pid = self.parents.get(pid, 0)
            if pid < 1:
                return
            yield pid

    def _mapped(self, pid: int) -> List[str]:
        try:
            text = self._text(pid, "maps", MAPPED)
        except OSError:
            return []
        found = [match.group(1).decode("utf-8", "replace") for match in _SITE.finditer(text)]
        return list(dict.fromkeys(found))

    def root(self, name: str) -> Optional[Tuple[int, int]]:
        """Return (device, inode) of the root of a process, or None where we may not see it."""
        try:
            seen = os.stat("{}/{}/root/".format(self.proc, name))
        except OSError:
            return None
        return seen.st_dev, seen.st_ino

    def _link(self, pid: int, name: str) -> Optional[str]:
        try:
            text = os.readlink("{}/{}/{}".format(self.proc, pid, name))
        except OSError:
            return None
        return text if text.startswith("/") else None

    def _text(self, pid: int, name: str, most: int = BYTES) -> bytes:
        with open("{}/{}/{}".format(self.proc, pid, name), "rb", buffering=0) as file:
            parts = []
            size = 0
            while size < most:
                part = file.read(1 << 16)
                if not part:
                    break
                parts.append(part)
                size += len(part)
            return b"".join(parts)


def _since_boot() -> float:
    return time.clock_gettime(_BOOTTIME)


def _command(raw: bytes) -> Tuple[List[str], str]:
    """Return (argv, kind of title) of a command line as the kernel shows it."""
    words = raw.rstrip(b"\0").decode("utf-8", "surrogateescape").split("\0")
    whole = words[0].strip()
    if len(words) == 1:
        master = _MASTER.fullmatch(whole)
        if master:
            return master.group(2).split(), "master"
        if _WORKER.fullmatch(whole):
            return [whole.partition(":")[0]], "worker"
    uwsgi = _UWSGI.fullmatch(whole)
    if uwsgi:
        # Blanks follow, what they leave of one argument, and those behind it.
        is_master = uwsgi.group(2) == "master"
        return [uwsgi.group(1), *words[3:]], "uwsgi master" if is_master else "uwsgi worker"
    return words, ""


def container(text: str) -> Optional[Tuple[str, str]]:
    """Return (engine, id) of the container that the text of a process's cgroup or of its mounts names, or None."""
    for engine, pattern in _ENGINES:
        match = pattern.search(text)
        if match:
            return engine, match.group(1)
    return None


def unit(cgroup: str) -> Optional[str]:
    """Return the name of the systemd service that a process belongs to, or None."""
    match = _UNIT.search(cgroup)
    return posixpath.basename(match.group(1)) if match else None
