"""Which sockets the processes of a host hold, from procfs alone: nothing is connected, captured or run.

``/proc/PID/net/tcp`` and ``tcp6`` list the sockets of a network namespace (``Documentation/networking/proc_net_tcp.rst`` of
Linux), ``/proc/PID/ns/net`` says which namespace it is, and the links in ``/proc/PID/fd`` whose socket one is. A table is
read once per namespace, the descriptors once per process.
"""

import errno
import os
import re
import socket
import struct
from typing import (
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Set,
    Tuple,
)

#: Sockets of a namespace, descriptors of a process, distinct peers of a service and listeners of a host that are looked
#: at; with more of them, they count as not seen.
ROWS = 300000
DESCRIPTORS = 100000
PEERS = 2000
LISTENERS = 5000

_ESTABLISHED = b"01"
_LISTEN = b"0A"

_SOCKET = re.compile(r"socket:\[([0-9]+)\]")
_PROGRAM = re.compile(r"[A-Za-z0-9_.:@+/() -]{1,32}")
_WILDCARDS = ("0.0.0.0", "::")
_ADDRESS = re.compile(rb"([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})")
_MAPPED = b"\0" * 10 + b"\xff\xff"

#: How many rows and descriptors are looked at between two looks at the clock.
_STRIDE = 1024

Address = Tuple[str, int]


#: listening: by inode; connected: both ends by inode, as the kernel writes them, since most are nobody's who is asked for.
class Table(NamedTuple):
    """The TCP sockets of a network namespace."""

    listening: Dict[int, Address]
    connected: Dict[int, bytes]


class Unseen(Exception):
    """Something could not be seen; the argument is the reason, in words."""


class Ended(Unseen):
    """The process is gone."""


class Sockets:
    """The sockets of the processes below a procfs.

    Args:
        proc: folder of the procfs, ``/proc`` for this machine's own.
        check_time: is called again and again, and raises where the time is over.

    Attributes:
        denied: the processes of which we may not see the sockets, as far as somebody asked for them.
    """

    def __init__(self, proc: str, check_time: Callable[[], None]) -> None:
        self.denied: Set[int] = set()
        self._proc = proc
        self._check_time = check_time
        self._tables: Dict[str, Table] = {}
        self._refused: Dict[str, str] = {}
        self._held: Dict[int, FrozenSet[int]] = {}

    def connections(self, pids: Iterable[int]) -> Tuple[Optional[List[Dict[str, object]]], str]:
        """Return the other ends of the connections that processes opened, and "", or None and why they were not seen.

        Each is ``{"address", "port", "count"}``; a socket that several processes share counts once. Connections that
        others opened to a listening socket of the namespace are left out, and so are processes that end meanwhile.
        """
        counts: Dict[Address, int] = {}
        is_seen = False
        try:
            for table, inodes in self._by_namespace(pids):
                is_seen = True
                accepting = set(table.listening.values())
                for inode in inodes.intersection(table.connected):
                    own, other = [address(end) for end in table.connected[inode].split()]
                    if not _is_accepted(own, accepting):
                        counts[other] = counts.get(other, 0) + 1
        except Unseen as unseen:
            return None, str(unseen)
        if not is_seen:
            return None, "its processes ended while they were looked at"
        if len(counts) > PEERS:
            return None, "it is connected to more than {} others".format(PEERS)
        return [
            {"address": other[0], "port": other[1], "count": counts[other]} for other in sorted(counts)
        ], ""

    def listeners(self, roots: Mapping[int, str]) -> Tuple[Optional[List[Dict[str, object]]], str]:
        """Return the listening sockets of the host's network namespace and of those of some processes.

        Args:
            roots: the label of the container that a process is in; one process per container is enough.

        Returns:
            A list of ``{"address", "port", "program", "pid", "root"}`` and what of it was not seen, or "". The program (the
            name that the kernel has for it) and its pid are None where they could not be seen. None in place of the list
            where not even the host's own could be read.
        """
        places: Dict[str, Tuple[str, str]] = {}
        missed: List[str] = []
        try:
            places[self._namespace("self")] = ("self", "")
            self._table("self")
        except Unseen as unseen:
            return None, str(unseen)
        for pid, label in sorted(roots.items()):
            try:
                places.setdefault(self._namespace(str(pid)), (str(pid), label))
            except Unseen as unseen:
                missed.append("the listeners of {}: {}".format(label, unseen))
        found: Dict[int, Tuple[Address, str]] = {}
        for process, label in places.values():
            try:
                for inode, place in self._table(process).listening.items():
                    found[inode] = (place, label)
            except Unseen as unseen:
                missed.append("the listeners of {}: {}".format(label, unseen))
        owners = self._owners(set(found))
        # Workers that share a port have a socket each.
        rows: Dict[Tuple[str, Address, str], Optional[int]] = {}
        for inode, (place, label) in found.items():
            owner, program = owners.get(inode, (None, None))
            key = (label, place, program or "")
            rows[key] = min(filter(None, (owner, rows.get(key))), default=None)
        if len(rows) > LISTENERS:
            return None, "there are more than {} listening sockets".format(LISTENERS)
        return [
            {
                "address": place[0],
                "port": place[1],
                "program": program or None,
                "pid": rows[key],
                "root": label,
            }
            for key in sorted(rows)
            for label, place, program in [key]
        ], "; ".join(missed)

    def _by_namespace(self, pids: Iterable[int]) -> Iterator[Tuple[Table, Set[int]]]:
        """Yield the table of each namespace with the inodes that processes hold there."""
        held: Dict[str, Set[int]] = {}
        places: Dict[str, str] = {}
        for pid in pids:
            try:
                namespace = self._namespace(str(pid))
                inodes = self._inodes(pid)
            except Ended:
                continue
            held.setdefault(namespace, set()).update(inodes)
            places.setdefault(namespace, str(pid))
            # At once: whoever dies afterwards does not take the table with it.
            try:
                self._table(str(pid), namespace)
            except Ended:
                places.pop(namespace)
        for namespace, sockets in held.items():
            if namespace in self._tables:
                yield self._tables[namespace], sockets

    def _namespace(self, process: str) -> str:
        try:
            return os.readlink("{}/{}/ns/net".format(self._proc, process))
        except OSError as error:
            raise self._unseen(error, process, "its network namespace") from None

    def _table(self, process: str, namespace: Optional[str] = None) -> Table:
        name = namespace or self._namespace(process)
        if name in self._refused:
            raise Unseen(self._refused[name])
        if name not in self._tables:
            try:
                self._tables[name] = self._read(process)
            except Ended:
                raise
            except Unseen as unseen:
                self._refused[name] = str(unseen)
                raise
        return self._tables[name]

    def _read(self, process: str) -> Table:
        table = Table({}, {})
        for file, is_needed in (("tcp", True), ("tcp6", False)):
            try:
                with open("{}/{}/net/{}".format(self._proc, process, file), "rb", 1 << 18) as lines:
                    self._parse(lines, table)
            except OSError as error:
                # A kernel without IPv6 has no second table.
                if is_needed or error.errno != errno.ENOENT:
                    raise self._unseen(error, process, "the sockets of its network namespace") from None
        return table

    def _parse(self, lines: Iterable[bytes], table: Table) -> None:
        for number, line in enumerate(lines):
            if number % _STRIDE == 0:
                self._check_time()
            if len(table.listening) + len(table.connected) > ROWS:
                raise Unseen("its namespace has more than {} sockets".format(ROWS))
            parse_row(line, table)

    def _inodes(self, pid: int) -> FrozenSet[int]:
        """Return the inodes of the sockets that a process holds."""
        if pid not in self._held:
            self._held[pid] = frozenset(self._links(pid))
        return self._held[pid]

    def _links(self, pid: int) -> Iterator[int]:
        self._check_time()
        try:
            with os.scandir("{}/{}/fd".format(self._proc, pid)) as entries:
                for number, entry in enumerate(entries):
                    if number % _STRIDE == 0:
                        self._check_time()
                    if number == DESCRIPTORS:
                        raise Unseen("process {} holds more than {} descriptors".format(pid, DESCRIPTORS))
                    match = _SOCKET.match(_link(entry.path))
                    if match:
                        yield int(match.group(1))
        except OSError as error:
            raise self._unseen(error, str(pid), "the descriptors of process {}".format(pid)) from None

    def _owners(self, wanted: Set[int]) -> Dict[int, Tuple[Optional[int], Optional[str]]]:
        """Return whose sockets these are, by inode: the pid and the name of the program. Of several, the lowest pid."""
        owners: Dict[int, Tuple[Optional[int], Optional[str]]] = {}
        try:
            pids = sorted(int(name) for name in os.listdir(self._proc) if name.isdigit())
        except OSError:
            return owners
        for pid in pids:
            if len(owners) == len(wanted):
                break
            try:
                held = self._inodes(pid) & wanted
            except Unseen:
                continue
            for inode in held.difference(owners):
                owners[inode] = (pid, self._program(pid))
        return owners

    def _program(self, pid: int) -> Optional[str]:
        try:
            with open("{}/{}/comm".format(self._proc, pid), "rb") as file:
                name = file.read(64).decode("utf-8", "replace").rstrip("\n")
        except OSError:
            return None
        return name if _PROGRAM.fullmatch(name) else None

    def _unseen(self, error: OSError, process: str, what: str) -> Unseen:
        # ESRCH is what procfs says of a process that ends while it is read, EINVAL what its net does.
        if error.errno in (errno.ENOENT, errno.ESRCH, errno.EINVAL) and not self._is_alive(process):
            return Ended("{}: the process is gone".format(what))
        if process.isdigit():
            self.denied.add(int(process))
        return Unseen("{}: {}".format(what, (error.strerror or "it cannot be read").lower()))

    def _is_alive(self, process: str) -> bool:
        try:
            with open("{}/{}/stat".format(self._proc, process), "rb") as file:
                state = file.read(4096).rpartition(b")")[2].split()
        except OSError:
            return False
        return state[:1] not in ([], [b"Z"], [b"X"])


def parse_row(line: bytes, table: Table) -> None:
    """Add a line of ``/proc/PID/net/tcp`` or ``tcp6`` to a table; headings and sockets in other states are left out."""
    parts = line.split(None, 10)
    if len(parts) < 10 or parts[3] not in (_ESTABLISHED, _LISTEN) or not parts[9].isdigit():
        return
    inode = int(parts[9])
    if parts[3] == _LISTEN:
        table.listening[inode] = address(parts[1])
    elif inode:
        table.connected[inode] = parts[1] + b" " + parts[2]


def address(text: bytes) -> Address:
    """Return an address as the kernel writes it (``net/ipv4/tcp_ipv4.c:get_tcp4_sock``): each four bytes in the host's order.

    An IPv4 address inside an IPv6 one stands for itself. Raises `Unseen` where it is no address.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise Unseen("the table of sockets has another form than Linux gives it")
    digits = match.group(1)
    words = [int(digits[start : start + 8], 16) for start in range(0, len(digits), 8)]
    packed = struct.pack("={}I".format(len(words)), *words)
    if len(packed) == 16 and packed.startswith(_MAPPED):
        packed = packed[12:]
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed), int(match.group(2), 16)


def _is_accepted(own: Address, accepting: Set[Address]) -> bool:
    """Return whether somebody else opened a connection: its own end is where somebody listens."""
    return own in accepting or any((wildcard, own[1]) in accepting for wildcard in _WILDCARDS)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError as error:
        # Descriptors come and go.
        if error.errno in (errno.ENOENT, errno.ESRCH):
            return ""
        raise
