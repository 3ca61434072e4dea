"""The second question: how endpoints answer the audited host when it speaks to them as its configuration says.

From a request to a document ``{"schema": "nova-auditor/wire/1", "host", "salt_id", "asked_at", "handshakes", "incomplete"}``,
within the limits, whatever it meets. For each item of the plan there is one handshake and at most one connection, and
nothing is written, run or asked for there (`handshake`). Names are resolved in a child (`resolver`), everything else happens in
one thread, so that nothing is left when it ends.

An item: ``id``, ``protocol`` (amqp, https, mysql, postgresql), ``host``, ``port``, ``server_name``, ``verify``, ``trust`` and
``client`` (`trust.Trusts.context`).

A handshake: ``id``, ``protocol``, ``host``, ``port``, ``address`` (that was reached), ``addresses`` (all that the name stands for),
``seconds``, what `handshake.Handshake.facts` has, and ``result``:

- ``tls``: it ended well, and ``verified`` says whether the certificate had to be good for it;
- ``plaintext``: it speaks its protocol in the clear, or says that it has no TLS;
- ``rejected``: the certificate was not accepted, ``verify_error`` says why;
- ``refused``, ``unresolved``, ``timeout``: there was no connection, no address, no answer in time;
- ``garbage``, ``closed``: it spoke something else, or hung up before the end;
- ``failed``: what else kept it from its end: an alert, a trust that cannot be read (then there was no connection);
- ``unasked``: the limit of the whole passed before the item's own.
"""

import errno
import os
import selectors
import socket
import time
from typing import Any, Dict, List, NamedTuple, Optional

from . import answer, filesystem, handshake, resolver, roots, trust

SCHEMA = "nova-auditor/wire/1"
SECONDS = 60
ITEM_SECONDS = 10

#: Connections at a time.
AT_ONCE = 16

#: Seconds that a server has to end its half of a connection after we have ended ours.
FAREWELL = 1.0

FILES = 2000
FILE_BYTES = 1 << 20

_CUT = "the time limit of {:g} seconds passed first"


def collect(request: Dict[str, Any]) -> Dict[str, Any]:
    """Return the answer to a request; never raises.

    Args:
        request: ``host``, ``salt_id`` and ``wire``, the items; as far as they differ from the defaults ``seconds`` for all of
            them and ``item_seconds`` for each; ``jitter``, seconds within which items begin, each at a moment of chance (0; at most half
            of ``seconds``); ``roots``, label to the number of a process in that container, for files named ``LABEL:/path``.
    """
    document: Dict[str, Any] = {
        "schema": SCHEMA,
        "tool": request.get("tool", {}),
        "host": request["host"],
        "salt_id": request["salt_id"],
        "asked_at": time.time(),
        "handshakes": [],
        "incomplete": [],
    }
    seconds = request.get("seconds", SECONDS)
    asking = None
    try:
        answer.start_clock(seconds)
        asking = _Asking(request, time.monotonic() + seconds)
        asking.run()
    except filesystem.OutOfTime:
        document["incomplete"].append(_CUT.format(seconds))
    except Exception as error:  # noqa: BLE001 - the outermost frame: what was heard is sent
        document["incomplete"].append("the probe failed: {}".format(answer.place(error)))
    finally:
        answer.stop_clock()
        if asking is not None:
            asking.close()
            document["handshakes"].extend(asking.answers(_CUT.format(seconds)))
    unasked = sum(one["result"] == "unasked" for one in document["handshakes"])
    if unasked:
        text = "{} of {} endpoints were not asked to the end".format(unasked, len(document["handshakes"]))
        document["incomplete"].append(text)
    whole: Dict[str, Any] = answer.all_printable(document)
    return whole


class _Limits(NamedTuple):
    """When all ends (`time.monotonic`), and what an item has."""

    ends: float
    item_seconds: float


class _Asking:
    """All items on their way: each waits for its moment and its name, then connects and talks."""

    def __init__(self, request: Dict[str, Any], ends: float) -> None:
        now = time.monotonic()
        self._limits = _Limits(ends, request.get("item_seconds", ITEM_SECONDS))
        own = filesystem.Tree("/", filesystem.Budget(ends, FILES, FILE_BYTES))
        places = roots.Roots(own)
        for label, pid in request.get("roots", {}).items():
            places.enter(label, "/proc/{:d}/root".format(pid))
        self._trusts = trust.Trusts(places)
        jitter = min(request.get("jitter", 0), max(0.0, ends - now) / 2)
        self._calls = [_Call(item, now + jitter * _chance()) for item in request["wire"]]
        self._selector = selectors.DefaultSelector()
        self._names = resolver.Resolver([call.item["host"] for call in self._calls], ends - now)
        self._names_since = now
        if self._names.file is not None:
            self._selector.register(self._names.file, selectors.EVENT_READ)

    def run(self) -> None:
        """Ask until every item has its answer, or the time is over."""
        while True:
            now = time.monotonic()
            for call in self._calls:
                call.expire(now, self._selector)
            self._begin(now)
            waiting = [call for call in self._calls if not call.is_over]
            if not waiting or now >= self._limits.ends:
                return
            moments = [
                moment for moment in (self._moment(call, now) for call in waiting) if moment is not None
            ]
            pause = max(0.0, min([self._limits.ends, *moments]) - now)
            for key, _ in self._selector.select(pause):
                if key.data is None:
                    self._hear_names()
                else:
                    key.data.go_on(self._selector)

    def _hear_names(self) -> None:
        file = self._names.file
        self._names.take()
        if self._names.file is None and file is not None:
            self._selector.unregister(file)

    def _moment(self, call: "_Call", now: float) -> Optional[float]:
        """When something has to be done for a call even if nothing comes; None for one that waits for others."""
        if call.ends is not None:
            return call.ends
        if call.begins > now:
            return call.begins
        is_resolved = self._names.found(call.item["host"]) is not None
        return None if is_resolved else self._names_since + self._limits.item_seconds

    def _begin(self, now: float) -> None:
        free = AT_ONCE - sum(call.ends is not None for call in self._calls)
        for call in self._calls:
            if call.is_over or call.ends is not None or call.begins > now:
                continue
            addresses = self._names.found(call.item["host"])
            if addresses is None:
                self._wait_for_name(call, now)
            elif free > 0:
                free -= 1
                self._connect(call, addresses)

    def _wait_for_name(self, call: "_Call", now: float) -> None:
        reason = self._names.failed(call.item["host"])
        if reason is None and self._names.file is None:
            reason = "the resolver came to an end without an answer"
        if reason is None and now >= self._names_since + self._limits.item_seconds:
            reason = "the resolver gave no answer within {:g} seconds".format(self._limits.item_seconds)
        if reason is not None:
            call.end("unresolved", reason)

    def _connect(self, call: "_Call", addresses: List[resolver.Address]) -> None:
        item = call.item
        try:
            context, note = self._trusts.context(item["verify"], item["trust"], item.get("client"))
        except trust.Unusable as error:
            call.addresses = addresses
            call.end("failed", str(error))
            return
        talking = handshake.Handshake(item["protocol"], context, item.get("server_name"))
        call.begin(addresses, talking, note, self._limits, self._selector)

    def close(self) -> None:
        """Leave nothing open."""
        self._names.close()
        for call in self._calls:
            call.close(self._selector)
        self._selector.close()

    def answers(self, reason: str) -> List[Dict[str, Any]]:
        """Return the handshakes in the order of the plan, unfinished ones for a reason."""
        return [call.answer(reason) for call in self._calls]


class _Call:
    """One item: its connection, and what came of it.

    ``begins`` and ``ends`` are moments of `time.monotonic`, ``ends`` None until it has begun. ``is_over`` is True when there is
    nothing left to do.
    """

    def __init__(self, item: Dict[str, Any], begins: float) -> None:
        self.item = item
        self.begins = begins
        self.ends: Optional[float] = None
        self.is_over = False
        self.addresses: List[resolver.Address] = []
        self._untried: List[resolver.Address] = []
        self._reached: Optional[str] = None
        self._refusals: List[str] = []
        self._result = ""
        self._reason = ""
        self._note = ""
        self._started = 0.0
        self._seconds: Optional[float] = None
        self._last = 0.0
        self._socket: Optional[socket.socket] = None
        self._talking: Optional[handshake.Handshake] = None
        self._talk: Optional[handshake.Talk] = None
        self._unsent = b""
        self._is_farewell = False

    def begin(
        self,
        addresses: List[resolver.Address],
        talking: handshake.Handshake,
        note: str,
        limits: _Limits,
        selector: selectors.BaseSelector,
    ) -> None:
        """Connect to the first address; the others are for when it does not answer."""
        self.addresses = addresses
        self._untried = list(addresses)
        self._talking = talking
        self._note = note
        self._started = time.monotonic()
        self._last = min(self._started + limits.item_seconds, limits.ends)
        self._limits = limits
        self._try_next(selector)

    def _try_next(self, selector: selectors.BaseSelector) -> None:
        self.close(selector)
        now = time.monotonic()
        if not self._untried:
            result = "refused" if self._refusals else "timeout"
            self.end(result, "; ".join(self._refusals))
            return
        address = self._untried.pop(0)
        # What is left of the time, the addresses that are left share.
        self.ends = now + max(0.0, self._last - now) / (1 + len(self._untried))
        try:
            self._socket = socket.socket(address.family, socket.SOCK_STREAM)
            self._socket.setblocking(False)
            code = self._socket.connect_ex(address.at(self.item["port"]))
        except (OSError, OverflowError, ValueError) as error:
            self._refuse(address.address, getattr(error, "strerror", None) or "no such place", selector)
            return
        self._reached = address.address
        if code not in (0, errno.EINPROGRESS):
            self._refuse(address.address, os.strerror(code), selector)
            return
        selector.register(self._socket, selectors.EVENT_WRITE, self)

    def _refuse(self, address: str, reason: str, selector: selectors.BaseSelector) -> None:
        self._reached = None
        self._refusals.append("{}: {}".format(address, reason.lower()))
        self._try_next(selector)

    def go_on(self, selector: selectors.BaseSelector) -> None:
        """Do what the socket is ready for."""
        if self._socket is None:
            return
        if self._talk is None:
            code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._refuse(str(self._reached), os.strerror(code), selector)
                return
            self._start_talk(selector)
        elif self._unsent:
            self._send(selector)
        else:
            self._receive(selector)

    def _start_talk(self, selector: selectors.BaseSelector) -> None:
        if self._talking is None:
            return
        self.ends = self._last
        self._untried = []
        self._talk = self._talking.talk()
        self._step(None, selector)

    def _step(self, data: Optional[bytes], selector: selectors.BaseSelector) -> None:
        """Tell the handshake what came, and do what it says."""
        if self._talk is None or self._talking is None:
            return
        try:
            unsent, is_last = next(self._talk) if data is None else self._talk.send(data)
        except StopIteration:
            self.close(selector)
            self.end(self._talking.result, self._talking.reason)
            return
        if is_last and not self._is_farewell:
            self._is_farewell = True
            self._seconds = time.monotonic() - self._started
            self.ends = min(self._last, time.monotonic() + FAREWELL)
        self._unsent = unsent
        self._send(selector)

    def _send(self, selector: selectors.BaseSelector) -> None:
        if self._socket is None:
            return
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
            if self._is_farewell:
                self._socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:  # it has hung up; what it said before can still be read
            self._unsent = b""
        selector.modify(self._socket, selectors.EVENT_WRITE if self._unsent else selectors.EVENT_READ, self)

    def _receive(self, selector: selectors.BaseSelector) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(1 << 14)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._step(data, selector)

    def expire(self, now: float, selector: selectors.BaseSelector) -> None:
        """End what has no time left."""
        if self.is_over or self.ends is None or now < self.ends or self._talking is None:
            return
        if self._is_farewell:
            self.close(selector)
            self.end(self._talking.result, self._talking.reason)
        elif self._last < self._started + self._limits.item_seconds and now >= self._last:
            self.close(selector)  # cut short by the limit of the whole: `answer` says so
            self.ends = None
            self.is_over = True
        elif self._talk is None and self._untried:
            self._refusals.append("{}: no answer".format(self._reached))
            self._reached = None
            self._try_next(selector)
        else:
            self.close(selector)
            self.end("timeout", self._silence())

    def _silence(self) -> str:
        seconds = self._limits.item_seconds
        if self._talk is None or self._talking is None:
            self._reached = None
            return "; ".join([*self._refusals, "no connection within {:g} seconds".format(seconds)])
        return self._talking.silence(seconds)

    def end(self, result: str, reason: str) -> None:
        """Record what came of it."""
        self._result, self._reason = result, reason
        self.ends = None
        self.is_over = True
        if self._seconds is None and self._started:
            self._seconds = time.monotonic() - self._started

    def close(self, selector: selectors.BaseSelector) -> None:
        """Close the connection, if there is one."""
        if self._socket is None:
            return
        closing, self._socket = self._socket, None
        if closing in selector.get_map():
            selector.unregister(closing)
        closing.close()

    def answer(self, reason: str) -> Dict[str, Any]:
        """Return the handshake as evidence has it; one that did not come to its end is ``unasked`` for a reason."""
        result = {name: self.item.get(name) for name in ("id", "protocol", "host", "port")}
        result["address"] = self._reached
        result["addresses"] = [address.address for address in self.addresses]
        if self._talking is not None:
            result.update(self._talking.facts())
        result["result"] = self._result or "unasked"
        result["reason"] = self._reason if self._result else reason
        if self._note and self._result:
            result["reason"] = "{}; without the client's certificate: {}".format(result["reason"], self._note)
        result["seconds"] = None if self._seconds is None else round(self._seconds, 3)
        for name in ("version", "cipher", "verified", "verify_error", "verify_code", "asks_client"):
            result.setdefault(name, None)
        result.setdefault("chain", [])
        return result


def _chance() -> float:
    return int.from_bytes(os.urandom(4), "big") / 2.0**32


def main(request: Dict[str, Any]) -> None:
    """Answer a request on standard output, as `answer.as_line` does."""
    answer.as_line(collect(request))


def module(request: Dict[str, Any]) -> None:
    """Answer a request on standard output, as `answer.as_module` does."""
    answer.as_module(collect(request))
