"""What each Nova release knows: its options, as registered by its own code, and its libraries.

The data files beside this module are written by ``introspect.py``, which documents their format, from an
environment with that release installed. They are read when first asked for, and a group's options become
objects when first looked at.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from auditor.errors import AuditorError

#: The releases, oldest first.
RELEASES: tuple[str, ...] = (
    "zed",
    "2023.1",
    "2023.2",
    "2024.1",
    "2024.2",
    "2025.1",
    "2025.2",
    "2026.1",
    "2026.2",
)

#: openstack/releases, data/series_status.yaml.
CODE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "zed": "zed",
        "antelope": "2023.1",
        "bobcat": "2023.2",
        "caracal": "2024.1",
        "dalmatian": "2024.2",
        "epoxy": "2025.1",
        "flamingo": "2025.2",
        "gazpacho": "2026.1",
        "hibiscus": "2026.2",
    }
)

# Each release of nova and of placement has a major version of its own; Zed is nova 26 and placement 8.
_NOVA_MAJOR = 26
_PLACEMENT_MAJOR = 8


class UnknownRelease(AuditorError):
    """A name that stands for no release this version of the auditor has data for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown release {name!r}; choose one of {', '.join(RELEASES)}")


def canonical(name: str) -> str:
    """Return the release that a name stands for: itself, its code name or a version of nova.

    ``zed``, ``Zed``, ``26``, ``26.2.2``, ``2025.1``, ``epoxy`` are understood.

    Raises:
        UnknownRelease: it stands for none.
    """
    wanted = name.strip().lower()
    if wanted in RELEASES:
        return wanted
    release = CODE_NAMES.get(wanted) or release_of_nova(wanted)
    if release is None:
        raise UnknownRelease(name)
    return release


def release_of_nova(version: str) -> str | None:
    """Return the release that a version of nova (``31.3.1``, ``2:26.2.2-1~deb12u3``) belongs to, or None."""
    return _release(version, _NOVA_MAJOR)


def release_of_placement(version: str) -> str | None:
    """Return the release that a version of openstack-placement (``13.0.0``) belongs to, or None."""
    return _release(version, _PLACEMENT_MAJOR)


def _release(version: str, first: int) -> str | None:
    match = re.match(r"(?:\d+:)?(\d+)(?:[.+~-]|$)", version)
    index = int(match.group(1)) - first if match else -1
    return RELEASES[index] if 0 <= index < len(RELEASES) else None


@dataclass(frozen=True, slots=True)
class Option:
    """One option as its code registers it.

    Attributes:
        dest: the name under which files and code know it.
        name: the name as declared; with hyphens where the command line has them.
        type: ``{"kind": ...}`` and what parsing depends on; see ``introspect.describe_type``. Kinds: boolean,
            capability, dict, float, host, hostdomain, hostname, ignored, integer, ip, list, port, python:float,
            python:int, python:str, range, string, uri.
        multi: it may be repeated; ``type`` is that of one value.
        default: the effective default of a started service; placeholders such as ``<hostname>`` stand for what
            depends on the machine.
        deprecated: older (group, name) pairs in oslo.config's order; None is the option's own group, or dest.
        cli: every service registers it for the command line.
        cli_in: the commands that do, when not every one does.
        late: not registered yet when a service has started.
        plugin: registered only when the auth plugin named by ``auth_type`` is loaded.
        help: the first sentence.
    """

    group: str
    dest: str
    name: str
    type: Mapping[str, Any]
    multi: bool = False
    default: Any = None
    deprecated: tuple[tuple[str | None, str | None], ...] = ()
    secret: bool = False
    cli: bool = False
    cli_in: tuple[str, ...] = ()
    short: str | None = None
    positional: bool = False
    required: bool = False
    mutable: bool = False
    deprecated_for_removal: bool = False
    deprecated_reason: str | None = None
    deprecated_since: str | None = None
    help: str = ""
    late: bool = False
    plugin: bool = False

    @property
    def spellings(self) -> tuple[tuple[str, str], ...]:
        """The (group, name) pairs under which a file may set it, in the order oslo.config looks them up."""
        older = tuple((group or self.group, name or self.dest) for group, name in self.deprecated)
        return ((self.group, self.dest), *older)


class Groups(Mapping[str, Mapping[str, Option]]):
    """The options of one project: group name to dest to `Option`, made when a group is first looked at."""

    __slots__ = ("_made", "_raw")

    def __init__(self, raw: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        self._raw = raw
        self._made: dict[str, Mapping[str, Option]] = {}

    def __getitem__(self, group: str) -> Mapping[str, Option]:
        made = self._made.get(group)
        if made is None:
            made = MappingProxyType(
                {dest: _option(group, dest, raw) for dest, raw in self._raw[group].items()}
            )
            self._made[group] = made
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


@dataclass(frozen=True, slots=True)
class Release:
    """One release: the versions its data was read from, its libraries, and the options of its projects.

    Attributes:
        libraries: distribution name to version, as the heads of the stable branches pin them (openstack/requirements,
            upper-constraints.txt); for 2026.2, whose constraints cannot be resolved, as pip resolved them.
        projects: ``nova`` and ``placement``.
    """

    name: str
    nova: str
    placement: str
    libraries: Mapping[str, str]
    projects: Mapping[str, Groups]


def _option(group: str, dest: str, raw: Mapping[str, Any]) -> Option:
    fields = dict(raw)
    fields.setdefault("name", dest)
    fields["deprecated"] = tuple((old[0], old[1]) for old in raw.get("deprecated", ()))
    fields["cli_in"] = tuple(raw.get("cli_in", ()))
    if isinstance(raw.get("default"), list):
        fields["default"] = tuple(raw["default"])
    return Option(group=group, dest=dest, **fields)


@cache
def load(name: str) -> Release:
    """Return the release that a name (as `canonical` takes it) stands for.

    Raises:
        UnknownRelease: it stands for none.
    """
    release = canonical(name)
    packed = resources.files(__package__).joinpath("data", f"{release}.json.gz").read_bytes()
    raw = json.loads(gzip.decompress(packed))
    return Release(
        name=raw["release"],
        nova=raw["nova"],
        placement=raw["placement"],
        libraries=MappingProxyType(raw["libraries"]),
        projects=MappingProxyType({project: Groups(groups) for project, groups in raw["projects"].items()}),
    )


@cache
def plugins() -> Mapping[str, frozenset[str]]:
    """Return the name of each auth plugin to every name, older ones included, that a file may give its options.

    Read from keystoneauth1 of all nine releases (entry points ``keystoneauth1.plugin``,
    ``keystoneauth1.loading.get_auth_plugin_conf_options``), which differ only in what later ones add.
    """
    text = resources.files(__package__).joinpath("plugins.json").read_text(encoding="utf-8")
    return MappingProxyType({name: frozenset(names.split()) for name, names in json.loads(text).items()})


def default_libraries(release: str) -> Mapping[str, str]:
    """Return distribution name to version, as an up-to-date installation of that release has them."""
    return load(release).libraries


#: Options that point releases and distributions add to a release whose data lacks them, by the marker that tells
#: (`auditor.probe.libraries`). The default is that of the backports (oslo.messaging 16.1.2, 17.1.1, 17.3.1); since
#: 18.1 it is true, which ``oslo.messaging:hostname_default_true`` tells.
BACKPORTS: Mapping[str, Option] = MappingProxyType(
    {
        "oslo.messaging:ssl_enforce_hostname_verification": Option(
            group="oslo_messaging_rabbit",
            dest="ssl_enforce_hostname_verification",
            name="ssl_enforce_hostname_verification",
            type=MappingProxyType({"kind": "boolean"}),
            default=False,
            help="When true, verify the broker hostname against the certificate when ``ssl_ca_file`` is set.",
        ),
    }
)
