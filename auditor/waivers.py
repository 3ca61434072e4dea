"""Waivers: failures that an owner accepts until a day. A waiver never rewrites a status; it is shown with it.

The file is YAML::

    schema: 1
    waivers:
      - id: lab-brokers                     # unique in the file
        check: messaging-plaintext
        hosts: ["lab*"]                     # globs; what is left out matches everything
        groups: ["lab"]
        services: ["nova-*"]
        objects: ["rpc"]                    # transports, client sections or libraries
        reason: the lab has no CA yet
        owner: jane.doe@example.com
        ticket: LAB-17
        expires: 2027-01-31                 # required, to the end of that day UTC, at most a year ahead

A waiver that matches nothing, that has expired, or that covers every host is listed in the report.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor import inputs
from auditor.check import Check
from auditor.errors import FileError
from auditor.model import Status
from auditor.profiles import find
from auditor.report import Disposition, Finding, WaiverNote, WaiversFile

if TYPE_CHECKING:
    from yaml import MappingNode, Node

#: How far ahead a waiver may expire.
LONGEST = timedelta(days=366)

_REQUIRED = ("id", "check", "reason", "owner", "expires")
_KEYS = (*_REQUIRED, "hosts", "groups", "services", "objects", "ticket")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A failure accepted by an owner until a day. Globs that are empty match everything."""

    id: str
    check: str
    reason: str
    owner: str
    expires: date
    hosts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    ticket: str | None = None

    def covers(self, finding: Finding, groups: Sequence[str] = ()) -> bool:
        """True where the finding is of this check, and each glob that is given matches; ``groups`` are the host's."""
        return (
            finding.check == self.check
            and _matches(self.hosts, (finding.host,))
            and _matches(self.groups, groups)
            and _matches(self.services, (finding.service or "",))
            and _matches(self.objects, (finding.object or "",))
        )

    @property
    def is_over_broad(self) -> bool:
        """True where it covers every host of the fleet."""
        return all(not globs or "*" in globs for globs in (self.hosts, self.groups))


def _matches(globs: Sequence[str], names: Sequence[str]) -> bool:
    return not globs or any(fnmatchcase(name, glob) for glob in globs for name in names)


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of a file, the file's name and the SHA-256 of its content."""

    name: str
    digest: str
    listed: tuple[Waiver, ...]


def apply(
    waivers: Waivers,
    findings: Iterable[Finding],
    today: date,
    groups: Mapping[str, Sequence[str]] | None = None,
) -> tuple[tuple[Finding, ...], WaiversFile]:
    """The findings with their dispositions, and the account of the file.

    Args:
        waivers: the file.
        findings: of every status; only failures are waived.
        today: the day, UTC; a waiver counts to the end of the day it expires.
        groups: the groups of each host.
    """
    used: set[str] = set()
    expired = tuple(waiver.id for waiver in waivers.listed if waiver.expires < today)
    disposed = []
    by_check: dict[str, list[Waiver]] = {}
    for waiver in waivers.listed:
        by_check.setdefault(waiver.check, []).append(waiver)
    for finding in findings:
        member = (groups or {}).get(finding.host, ())
        covering = [
            waiver
            for waiver in by_check.get(finding.check, ())
            if finding.status is Status.FAIL and waiver.covers(finding, member)
        ]
        used.update(waiver.id for waiver in covering)
        disposed.append(_disposed(finding, covering, today))
    account = WaiversFile(
        waivers.name,
        waivers.digest,
        expired=expired,
        unused=tuple(waiver.id for waiver in waivers.listed if waiver.id not in used),
        over_broad=tuple(waiver.id for waiver in waivers.listed if waiver.is_over_broad),
    )
    return tuple(disposed), account


def _disposed(finding: Finding, covering: Sequence[Waiver], today: date) -> Finding:
    if not covering:
        return finding
    waiver = max(covering, key=lambda one: one.expires)
    in_force = waiver.expires >= today
    return replace(
        finding,
        disposition=Disposition.WAIVED if in_force else Disposition.WAIVER_EXPIRED,
        waiver=WaiverNote(waiver.id, waiver.owner, waiver.expires.isoformat()),
    )


def read(path: Path, catalogue: Sequence[Check], today: date) -> Waivers:
    """Read a waiver file.

    Raises:
        FileError: it cannot be read, is not as documented, names a check that does not exist, or a waiver has no
            expiry or one more than a year ahead; the text names the line.
    """
    import yaml

    text = inputs.read_text(path, "name a waiver file in YAML")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise FileError(path, "it is nested too deeply", "write it as documented") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = path if mark is None else f"{path}:{mark.line + 1}"
        raise FileError(
            where, str(getattr(error, "problem", None) or "not YAML"), "write it in YAML"
        ) from None
    top = _mapping(path, node)
    _refuse_unknown(path, node, ("schema", "waivers"))
    if "schema" not in top or _value(top["schema"]) != 1:
        raise FileError(path, "its schema is not 1", "write schema: 1")
    listed: list[Waiver] = []
    for item in _items(path, top.get("waivers")):
        waiver = _waiver(path, item, catalogue, today)
        if waiver.id in {one.id for one in listed}:
            raise FileError(_at(path, item), f"a second waiver {waiver.id!r}", "give each an id of its own")
        listed.append(waiver)
    return Waivers(str(path), hashlib.sha256(text.encode()).hexdigest(), tuple(listed))


def _at(path: Path, node: "Node") -> str:
    return f"{path}:{node.start_mark.line + 1}"


def _value(node: "Node") -> Any:
    import yaml

    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    except ValueError:  # a date that is none, such as 2027-13-45
        return None
    finally:
        loader.dispose()


def _mapping(path: Path, node: "Node | None") -> "dict[str, Node]":
    import yaml

    if not isinstance(node, yaml.MappingNode):
        where = path if node is None else _at(path, node)
        raise FileError(where, "a mapping is expected", "write KEY: VALUE lines")
    found: dict[str, Node] = {}
    for key, value in node.value:
        name = str(getattr(key, "value", key))
        if name in found:
            raise FileError(_at(path, key), f"{name} is written twice", "take one away")
        found[name] = value
    return found


def _items(path: Path, node: "Node | None") -> "list[MappingNode]":
    import yaml

    if not isinstance(node, yaml.SequenceNode):
        raise FileError(path, "waivers is no list", "write waivers: and a list below it")
    return list(node.value)


def _refuse_unknown(path: Path, node: "Node | None", known: Sequence[str]) -> None:
    for key, _ in node.value if node is not None else ():
        if key.value not in known:
            raise FileError(_at(path, key), f"unknown key {key.value}", f"known are {', '.join(known)}")


def _waiver(path: Path, item: "Node", catalogue: Sequence[Check], today: date) -> Waiver:
    found = _mapping(path, item)
    _refuse_unknown(path, item, _KEYS)
    for name in _REQUIRED:
        if name not in found:
            raise FileError(_at(path, item), f"a waiver without {name}", f"add {name}")
    check = find(_text(path, "check", found["check"]), catalogue, where=_at(path, found["check"]))
    return Waiver(
        id=_text(path, "id", found["id"]),
        check=check.id,
        reason=_text(path, "reason", found["reason"]),
        owner=_text(path, "owner", found["owner"]),
        expires=_expiry(path, found["expires"], today),
        hosts=_globs(path, "hosts", found.get("hosts")),
        groups=_globs(path, "groups", found.get("groups")),
        services=_globs(path, "services", found.get("services")),
        objects=_globs(path, "objects", found.get("objects")),
        ticket=_text(path, "ticket", found["ticket"]) if "ticket" in found else None,
    )


def _text(path: Path, name: str, node: "Node") -> str:
    value = _value(node)
    if isinstance(value, (dict, list)) or value is None or not str(value).strip():
        raise FileError(_at(path, node), f"{name} is no text", f"write {name} as text")
    return str(value)


def _globs(path: Path, name: str, node: "Node | None") -> tuple[str, ...]:
    if node is None:
        return ()
    value = _value(node)
    if not isinstance(value, list) or not value or not all(isinstance(glob, str) for glob in value):
        raise FileError(_at(path, node), f"{name} is no list of names", f'write {name}: ["cmp*"]')
    return tuple(value)


def _expiry(path: Path, node: "Node", today: date) -> date:
    value = _value(node)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise FileError(_at(path, node), f"expires {value!r} is no day", "write it as 2027-01-31")
    if value - today > LONGEST:
        raise FileError(
            _at(path, node), f"expires {value} is more than a year ahead", "accept it for a year at most"
        )
    return value
