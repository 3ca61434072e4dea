"""The files that were looked at, as they go into the evidence: each once, redacted by its format, with its metadata."""

import re
import stat
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from . import filesystem, formats, roots

if TYPE_CHECKING:
    from .redact import Redactor
    from .roots import Roots


# What `openssl rehash` makes: the hash of a certificate's subject, and a number.
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+$")


class Gathered:
    """Collects files for the evidence.

    Args:
        tree: `roots.Roots`.
        redactor: `redact.Redactor`.
        shows_owners: False for a captured tree, which carries no evidence of ownership and modes.

    Attributes:
        files, left_out: as in the evidence. pairs: the keys of certificates and of what should be their keys.
    """

    def __init__(self, tree: "Roots", redactor: "Redactor", shows_owners: bool) -> None:
        self.tree = tree
        self.redactor = redactor
        self.files: Dict[str, Dict[str, Any]] = {}
        self.left_out: List[Dict[str, str]] = []
        self.pairs: List[Tuple[str, str]] = []
        self._texts: Dict[str, filesystem.Entry] = {}
        self.shows_owners = shows_owners
        self._numbers: Dict[str, Dict[int, str]] = {}

    def text(self, path: str) -> Optional[str]:
        """Return the text of a file as it is, or None; for reading here, it does not enter the evidence."""
        entry = self._read(path)
        return entry.text

    def _read(self, path: str) -> "filesystem.Entry":
        if path not in self._texts:
            self._texts[path] = self.tree.read(path)
        return self._texts[path]

    def add(self, path: str, form: str) -> str:
        """Record a file under one of the formats of ``auditor.evidence.FORMATS``; return its key, the path."""
        known = self.files.get(path)
        if known is None or (known["format"] == "other" and form != "other"):
            entry = self._read(path)
            text = None if entry.text is None else formats.redact(entry.text, form, self.redactor)
            status = "metadata" if entry.status == "read" and text is None else entry.status
            self._record(path, entry, status, form, text)
        return path

    def add_folder(self, path: str) -> str:
        """Record a folder whose names could not all be read, with the reason; return its key."""
        if path not in self.files:
            entry = self.tree.look(path)
            _, status = self.tree.list(path)
            reason = filesystem.REASONS.get(status, entry.reason)
            self._record(path, entry._replace(reason=reason), status, "other", None)
        return path

    def note(self, path: str) -> str:
        """Record what is there without reading it: a private key, a folder, a log file; return its key."""
        if path not in self.files:
            entry = self.tree.look(path)
            self._record(path, entry, entry.status, "other", None)
        return path

    def note_key(self, path: str) -> str:
        """Record what is there without reading it, for what has to be a regular file; return its key."""
        if path not in self.files:
            entry = self.tree.look(path)
            status = entry.status
            if entry.stat is not None and not stat.S_ISREG(entry.stat.st_mode):
                status = "not-regular"
                entry = entry._replace(reason=filesystem.REASONS.get(status, ""))
            self._record(path, entry, status, "other", None)
        return path

    def note_authorities(self, path: str) -> str:
        """Record a folder of certificates with the names under which OpenSSL looks for them; return its key.

        What is no folder is recorded as `note` does it.
        """
        if path not in self.files and self.tree.is_folder(path):
            names, status = self.tree.list(path)
            if status in ("read", "limit"):
                text = "\n".join(name for name in names if _HASHED.match(name))
                self._record(path, self.tree.look(path), "metadata", "folder", text)
        return self.note(path)

    def deny(self, path: str, reason: str) -> str:
        """Record something that was not seen, and why; return its key."""
        entry = filesystem.Entry("denied", reason, None, None)
        self._record(path, entry, entry.status, "other", None)
        return path

    def leave_out(self, path: str, reason: str) -> None:
        """Record that something was left out."""
        item = {"path": path, "reason": reason}
        if item not in self.left_out:
            self.left_out.append(item)

    def user(self, uid: int, label: str = "") -> str:
        """Return the name that a root gives to a user, or the number."""
        return self._name(uid, roots.joined(label, "/etc/passwd"))

    def _name(self, number: int, path: str) -> str:
        if path not in self._numbers:
            self._numbers[path] = _numbers(self.text(path))
        return self._numbers[path].get(number, str(number))

    def _record(
        self, path: str, entry: "filesystem.Entry", status: str, form: str, text: Optional[str]
    ) -> None:
        owner = group = mode = None
        if entry.stat is not None and self.shows_owners:
            label = roots.split(path)[0]
            owner = self.user(entry.stat.st_uid, label)
            group = self._name(entry.stat.st_gid, roots.joined(label, "/etc/group"))
            mode = "{:04o}".format(stat.S_IMODE(entry.stat.st_mode))
        self.files[path] = {
            "status": status,
            "reason": entry.reason,
            "owner": owner,
            "group": group,
            "mode": mode,
            "size": 0 if entry.stat is None else entry.stat.st_size,
            "changed": entry.stat.st_mtime if entry.stat is not None and self.shows_owners else None,
            "format": form,
            "text": text,
        }
        if status not in ("read", "metadata", "absent"):
            self.leave_out(path, entry.reason)


def _numbers(text: Optional[str]) -> Dict[int, str]:
    names: Dict[int, str] = {}
    for line in (text or "").split("\n"):
        parts = line.split(":")
        if len(parts) > 2 and parts[2].isdigit():
            names.setdefault(int(parts[2]), parts[0])
    return names
