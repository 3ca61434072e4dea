"""What could be seen of one running server: its files, what it answered, and what of both may leave the host.

A setting leaves if its module lists it and its value has the form of its kind; of an account its name, its host and what
it must show leave, never a credential.
"""

import re
import time
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from . import children, grammar, roots
from .schema import Kind

if TYPE_CHECKING:
    from .gather import Gathered

#: Seconds that a client has, and bytes that it may print.
SECONDS = 20
BYTES = 4 << 20

#: Seconds that are left to the rest of the probe.
RESERVE = 2

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#: Accounts of a server, records of its list of who may log in.
MOST = 2000

_NAME = re.compile(r"[A-Za-z0-9_.@+$-]{0,80}")
_HOST = re.compile(r"[A-Za-z0-9_.:%/*-]{0,255}")


#: kind: rabbitmq, mysql or postgresql. who: or why that is not seen. name: of its user. exe: or "" where it was not seen.
#: environ: empty where it was not. label: of its container, or "".
class Running(NamedTuple):
    """A server that runs."""

    kind: str
    pid: int
    who: Union[children.Identity, str]
    name: str
    argv: List[str]
    exe: str
    environ: Mapping[str, str]
    label: str


class Sight:
    """Collects what is seen of a server.

    Args:
        running: whose.
        gathered: `gather.Gathered`, whose tree knows the label of the server's container.
        kinds: name of a setting that may leave to the kind of its value, as `grammar` has them.
        deadline: `time.monotonic` at which nothing more is asked.
    """

    def __init__(
        self,
        running: Running,
        gathered: "Gathered",
        kinds: Mapping[str, Kind],
        deadline: float,
    ) -> None:
        self.running = running
        self.listeners: List[Dict[str, Any]] = []
        self.accounts: Optional[List[Dict[str, Any]]] = None
        self.version: Optional[str] = None
        self.unseen: List[str] = []
        self._gathered = gathered
        self._kinds = kinds
        self._deadline = deadline
        self._settings: List[Dict[str, Any]] = []

    def text(self, path: str) -> Optional[str]:
        """Return the text of a file that the server reads, or None; what could not be read is noted."""
        entry = self._gathered.tree.read(self.key(path))
        if entry.status not in ("read", "absent"):
            self.note("{}: {}".format(path, entry.reason))
        return entry.text

    def names(self, path: str, ending: str) -> List[str]:
        """Return the paths in a folder that end so, in the order of their names; what could not be read is noted."""
        names, status = self._gathered.tree.list(self.key(path))
        if status not in ("read", "absent"):
            self.note("{}: its names could not be read".format(path))
        return [path.rstrip("/") + "/" + name for name in names if name.endswith(ending) and name[0] != "."]

    def exists(self, path: str) -> bool:
        """Return whether something is there, or might be."""
        return self._gathered.tree.exists(self.key(path))

    def is_ignored(self, path: str) -> bool:
        """Return whether everybody may write a file, which some servers pass over then."""
        seen = self._gathered.tree.look(self.key(path)).stat
        return seen is not None and bool(seen.st_mode & 0o002)

    def key(self, path: str) -> str:
        """Return how a path of the server's is written on this host."""
        return roots.joined(self.running.label, path)

    def note(self, reason: str) -> None:
        """Note what could not be seen."""
        if reason not in self.unseen:
            self.unseen.append(reason)

    def ask(self, programs: Sequence[str], arguments: Sequence[str], environment: Dict[str, str]) -> str:
        """Return what the first client that is there prints; raises `children.Refused`, also where it failed silently."""
        if isinstance(self.running.who, str):
            raise children.Refused(self.running.who)
        ends = min(self._deadline - RESERVE, time.monotonic() + SECONDS)
        given = dict({"PATH": PATH, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}, **environment)
        answer = children.run(programs, arguments, self.running.who, given, ends, BYTES)
        if answer.code != 0 and not answer.output.strip():
            number = re.search(r"ERROR ([0-9]{4})", answer.errors)
            why = " (error {})".format(number.group(1)) if number else ""
            raise children.Refused("{} ended with {}{}".format(answer.program, answer.code, why))
        return answer.output

    def put(self, name: str, value: Optional[str], at: Optional[Tuple[str, int]] = None) -> None:
        """Record a setting where it may leave, in place of an earlier one of this name.

        Args:
            name: of the setting; one that ends with ``.`` occurs again and again, and is numbered.
            value: text; where it has not the form of its kind, None leaves in its place.
            at: (path, line) where it stands, line 0 for the whole file; None where the server itself said so.
        """
        kind = self._kinds.get(name)
        if kind is None:
            return None
        if len(self._settings) >= MOST:
            return self.note("it has more than {} settings".format(MOST))
        if not isinstance(value, str) or (value != "*" and not grammar.fits(value, kind)):
            value = None
        if name.endswith("."):
            name += str(1 + sum(one["name"].startswith(name) for one in self._settings))
        self._settings = [one for one in self._settings if one["name"] != name]
        path, line = (None, None) if at is None else (self.key(at[0]), at[1] or None)
        self._settings.append({"name": name, "value": value, "path": path, "line": line})
        return None

    def value(self, name: str) -> Optional[str]:
        """Return the value of a setting as recorded so far."""
        return next((one["value"] for one in self._settings if one["name"] == name), None)

    def listen(self, address: str, port: str, protocol: str) -> None:
        """Record a listener as it is configured."""
        address = address.strip().strip("[]'\"") or "*"
        if address != "*" and not grammar.fits(address, ("host",)):
            self.note("the address of a listener for {} has no form that we know".format(protocol))
            address = "*"
        if port.isdigit() and 0 < int(port) < 1 << 16 and grammar.fits(protocol, ("word",)):
            self.listeners.append({"address": address, "port": int(port), "protocol": protocol})

    def account(
        self, name: str, host: str = "", tls: str = "unknown", locked: bool = False, tags: Sequence[str] = ()
    ) -> None:
        """Record an account."""
        if self.accounts is None:
            self.accounts = []
        if len(self.accounts) >= MOST:
            return self.note("it has more than {} accounts".format(MOST))
        self.accounts.append(
            {
                "name": self._named(name, _NAME),
                "host": self._named(host, _HOST),
                "tls": tls,
                "locked": locked,
                "tags": [tag for tag in tags if _NAME.fullmatch(tag)],
            }
        )
        return None

    def _named(self, text: str, pattern: "re.Pattern[str]") -> str:
        return text if pattern.fullmatch(text) else self._gathered.redactor.whole(text)

    def record(self, reason: Optional[str]) -> Dict[str, Any]:
        """Return the SERVER of ``auditor/evidence.py``; ``reason`` says why it could not be asked, None where it was."""
        if reason is not None:
            self.unseen.insert(0, "it could not be asked: " + reason)
        return {
            "id": self.running.kind,
            "kind": self.running.kind,
            "source": "running" if reason is None else "files",
            "version": self.version if grammar.fits(self.version or "", ("word",)) else None,
            "settings": self._settings,
            "listeners": self.listeners,
            "accounts": self.accounts,
            "unseen": self.unseen,
        }
