"""What host names stand for, asked of the host's own resolver as its services ask it, and never longer than may be.

`socket.getaddrinfo` blocks, for half a minute where a name server is silent, and nothing can interrupt it: so it runs in a
child, all names at once, and the child is killed at the end.
"""

import json
import os
import select
import signal
import socket
import threading
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

#: How many addresses of a name are kept, and how many names are asked for at a time.
ADDRESSES = 32
AT_ONCE = 16

#: Bytes of one answer: up to so many, a write to a pipe is never mixed with another's (PIPE_BUF).
_ANSWER = 4096


#: family: of `socket`. address: in words. place: what `socket.socket.connect` takes, but for the port.
class Address(NamedTuple):
    """One of the addresses of a name."""

    family: int
    address: str
    place: Tuple[Any, ...]

    def at(self, port: int) -> Tuple[Any, ...]:
        """Return the argument of `socket.socket.connect`."""
        return (self.place[0], port, *self.place[2:])


class Resolver:
    """Answers for names, with `file` a descriptor that can be read when an answer may be there.

    Args:
        names: all that will be asked for.
        seconds: after which the child ends, should nobody end it.
    """

    def __init__(self, names: Iterable[str], seconds: float) -> None:
        self.file: Optional[int] = None
        self._child: Optional[int] = None
        self._found: Dict[str, List[Address]] = {}
        self._failed: Dict[str, str] = {}
        self._rest = b""
        asked = []
        for name in dict.fromkeys(names):
            numbers = _numeric(name)
            if numbers:
                self._found[name] = numbers
            else:
                asked.append(name)
        if asked:
            self._start(asked, seconds)

    def _start(self, names: List[str], seconds: float) -> None:
        self.file, writing = os.pipe()
        # An alarm between the fork and the place where the child is known would leave it behind.
        masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            self._child = os.fork()
            if self._child == 0:
                _be_child(names, writing, seconds)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
            os.close(writing)

    def found(self, name: str) -> Optional[List[Address]]:
        """Return the addresses of a name in the order in which they are to be tried, or None while they are not known."""
        return self._found.get(name)

    def failed(self, name: str) -> Optional[str]:
        """Return why a name has no addresses, or None."""
        return self._failed.get(name)

    def take(self) -> None:
        """Take the answers that are there; at the end of them, `file` becomes None."""
        waiting = select.poll()  # `select.select` takes no file above 1023
        if self.file is not None:
            waiting.register(self.file, select.POLLIN)
        while self.file is not None and waiting.poll(0):
            data = os.read(self.file, 1 << 16)
            if not data:
                self.close()
                return
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                name, addresses, reason = json.loads(line.decode("ascii"))
                if reason is not None:
                    self._failed[name] = reason
                else:
                    self._found[name] = [
                        Address(family, address, tuple(place)) for family, address, place in addresses
                    ]

    def close(self) -> None:
        """End the child, and wait for it."""
        if self.file is not None:
            os.close(self.file)
            self.file = None
        if self._child is not None:
            child, self._child = self._child, None
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _be_child(names: List[str], writing: int, seconds: float) -> None:
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.1))
        waiting = list(reversed(names))
        lock = threading.Lock()

        def ask() -> None:
            while True:
                with lock:
                    if not waiting:
                        return
                    name = waiting.pop()
                os.write(writing, _answer(name))

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(min(AT_ONCE, len(names)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        # Nothing of the parent's is cleaned up here, nor printed.
        os._exit(0)


def _answer(name: str) -> bytes:
    try:
        addresses, reason = _addresses(name, 0), None
    except OSError as error:
        addresses, reason = [], error.strerror or "its name has no address"
    except UnicodeError:
        addresses, reason = [], "it is no name that a resolver could be asked for"
    while True:
        text = json.dumps([name, addresses, reason]).encode("ascii") + b"\n"
        if len(text) <= _ANSWER or not addresses:
            return text
        addresses.pop()


def _numeric(name: str) -> List[Address]:
    try:
        return _addresses(name, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []


def _addresses(name: str, flags: int) -> List[Address]:
    found = socket.getaddrinfo(name, None, 0, socket.SOCK_STREAM, 0, flags)
    unique = dict.fromkeys(
        Address(int(family), str(place[0]), tuple(place))
        for family, _, _, _, place in found
        if family in (socket.AF_INET, socket.AF_INET6)
    )
    return list(unique)[:ADDRESSES]
