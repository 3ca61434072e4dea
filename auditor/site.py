"""What the operator says about the site, which no host can know: thresholds, and networks that encrypt by themselves.

The file is ``nova-auditor.toml``::

    [thresholds]
    placement_call_seconds = 30       # the longest that one call to placement may block
    secret_characters = 16            # the length below which a password counts as short
    certificate_days = 30             # how long a certificate has to be valid yet

    [[underlay.networks]]             # connections inside it are encrypted below TCP, by IPsec, WireGuard or MACsec
    network = "10.20.0.0/16"
    owner = "network team"
    expires = 2027-03-01              # to the end of that day, UTC

It is named by a flag, else it is in the user's configuration folder, else in ``/etc``. Unknown keys are refused, and
so is a file that everybody may write. `Site()` is the default.
"""

import hashlib
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from math import inf
from pathlib import Path
from typing import Any

from auditor import inputs
from auditor.errors import FileError

NAME = "nova-auditor.toml"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of what is acceptable, with their defaults.

    ``placement_call_seconds``: the longest that one call to placement may block.
    ``secret_characters``: the length below which a password counts as short.
    ``certificate_days``: how long a certificate has to be valid yet.
    """

    placement_call_seconds: float = 30.0
    secret_characters: int = 16
    certificate_days: int = 30


@dataclass(frozen=True, slots=True)
class Underlay:
    """A network declared to encrypt what travels inside it. It counts to the end of the day ``expires``, UTC."""

    network: IPv4Network | IPv6Network
    owner: str
    expires: date


@dataclass(frozen=True, slots=True)
class Site:
    """The inputs of the site, as checks see them. ``underlays`` are those that have not expired."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    underlays: tuple[Underlay, ...] = ()

    def encrypts(self, endpoints: tuple[str, ...]) -> bool:
        """True where every ``host:port`` is an address inside networks declared to encrypt."""
        return bool(endpoints) and all(self._holds(endpoint) for endpoint in endpoints)

    def _holds(self, endpoint: str) -> bool:
        host, _, port = endpoint.rpartition(":")
        text = (host if host and port.isdecimal() else endpoint).strip("[]")
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return any(address in underlay.network for underlay in self.underlays)


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A site as read, the name of its file, and the SHA-256 of the file's content."""

    site: Site
    name: str
    digest: str


def locate(environment: Mapping[str, str], system: Path = Path("/etc")) -> Path | None:
    """The site file to use when no flag names one: in the user's configuration folder, else in ``/etc``."""
    home = environment.get("HOME")
    folder = environment.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else None)
    folders = ([Path(folder)] if folder else []) + [system]
    return next((path / NAME for path in folders if (path / NAME).is_file()), None)


def read(path: Path, thresholds: Mapping[str, float] | None = None, today: date | None = None) -> SiteFile:
    """Read a site file.

    Args:
        path: the file.
        thresholds: those of the profile, which the file's own override.
        today: the day that expiry is judged by; by default today, UTC.

    Raises:
        FileError: it cannot be read, everybody may write it, or a key or value is not as documented.
    """
    text = inputs.read_text(path, "name a site file in TOML")
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileError(path, str(error), "write it in TOML") from None
    if path.stat().st_mode & stat.S_IWOTH:
        raise FileError(path, "everybody may write it", f"chmod o-w {path}")
    _refuse_unknown(path, content, ("thresholds", "underlay"), "")
    own = _table(path, content, "thresholds")
    underlay = _table(path, content, "underlay")
    _refuse_unknown(path, underlay, ("networks",), "underlay.")
    today = today or datetime.now(UTC).date()
    declared = [_underlay(path, item) for item in _list(path, underlay)]
    site = Site(
        read_thresholds(path, {**(thresholds or {}), **own}),
        tuple(one for one in declared if one.expires >= today),
    )
    return SiteFile(site, str(path), hashlib.sha256(text.encode()).hexdigest())


def read_thresholds(path: object, content: Mapping[str, Any]) -> Thresholds:
    """Thresholds from a table of a site file or profile; what it does not name keeps its default.

    Raises:
        FileError: there is no such threshold, or its value is no positive number.
    """
    names = tuple(one.name for one in fields(Thresholds))
    _refuse_unknown(path, content, names, "thresholds.")
    for name, value in content.items():
        wanted = (int,) if isinstance(getattr(Thresholds(), name), int) else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted) or not 0 < value < inf:
            what = "a positive whole number" if wanted == (int,) else "a positive number"
            raise FileError(path, f"thresholds.{name} is {value!r}", f"give {what}")
    return replace(Thresholds(), **content)


def _table(path: Path, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = content.get(name, {})
    if not isinstance(table, dict):
        raise FileError(path, f"{name} is no table", f"write [{name}]")
    return table


def _list(path: Path, underlay: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    networks = underlay.get("networks", [])
    if not isinstance(networks, list) or not all(isinstance(item, dict) for item in networks):
        raise FileError(path, "underlay.networks is no list of tables", "write [[underlay.networks]]")
    return networks


def _underlay(path: Path, item: Mapping[str, Any]) -> Underlay:
    _refuse_unknown(path, item, ("network", "owner", "expires"), "underlay.networks.")
    network, owner, expires = item.get("network"), item.get("owner"), item.get("expires")
    try:
        parsed = ip_network(str(network))
    except ValueError as error:
        raise FileError(path, f"underlay.networks.network: {error}", "write it as 10.20.0.0/16") from None
    if not isinstance(owner, str) or not owner.strip():
        raise FileError(path, f"underlay.networks {network} has no owner", "name who answers for it")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise FileError(
            path, f"underlay.networks {network} has no day on which it expires", "write expires = 2027-03-01"
        )
    return Underlay(parsed, owner, expires)


def _refuse_unknown(path: object, content: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = next((key for key in content if key not in known), None)
    if unknown is not None:
        raise FileError(
            path, f"unknown key {where}{unknown}", f"known are {', '.join(where + key for key in known)}"
        )
