"""Services for tests of the semantics, from literal values: no evidence, no oslo.config, no files.

``service({("oslo_messaging_rabbit", "ssl"): True}, release="2025.1")`` has that setting, every other option of the
release at its default, the release's pinned libraries, and three PEM files that certificates may point to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from auditor.model import (
    DEFAULT_ORIGIN,
    File,
    Libraries,
    Library,
    Missing,
    Origin,
    OriginKind,
    Role,
    Service,
    Setting,
    Transport,
    Withheld,
)
from auditor.probe import tokens
from auditor.releases import default_libraries, load
from auditor.semantics.transports import transports

CA = "/etc/ssl/openstack/ca.pem"
CERT = "/etc/ssl/openstack/client.pem"
KEY = "/etc/ssl/openstack/client.key"
PEM = "-----BEGIN CERTIFICATE-----\nRVhBTVBMRQ==\n-----END CERTIFICATE-----\n"

#: What is said of a path inside a container that was not seen.
ELSEWHERE = "it is a path of the container, which this target does not show"

ORIGIN = Origin(OriginKind.FILE, "/etc/nova/nova.conf", 2)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A written value that oslo.config rejects, with its message."""

    message: str


@cache
def unset(group: str, name: str, default: Any) -> Setting:
    """An option that nobody wrote."""
    return Setting(group, name, default, DEFAULT_ORIGIN, None, default)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An option that nobody wrote, but that a source of ``config_source`` which was not read may set."""


class Literal:
    """`auditor.model.Settings` over a dictionary of typed values and the options of a release."""

    def __init__(self, options: Mapping[tuple[str, str], Any], release: str, project: str) -> None:
        self._options = options
        self._known = load(release).projects[project]

    def __getitem__(self, option: tuple[str, str]) -> Setting:
        found = self.find(*option)
        if found is None:
            raise KeyError(option)
        return found

    def find(self, group: str, name: str) -> Setting | None:
        known = self._known[group].get(name) if group in self._known else None
        return None if known is None else self._made(group, name)

    def _made(self, group: str, name: str) -> Setting:
        known = self._known[group].get(name) if group in self._known else None
        if (group, name) in self._options:
            value = self._options[group, name]
            if isinstance(value, Elsewhere):
                return Setting(
                    group, name, None, DEFAULT_ORIGIN, error="it may be set by a source that was not read"
                )
            error = value.message if isinstance(value, Rejected) else None
            return Setting(
                group,
                name,
                None if error else value,
                ORIGIN,
                f"{group}.{name}",
                None if known is None else known.default,
                error,
                known is None,
            )
        assert known is not None
        return unset(group, name, known.default)

    def written(self) -> Iterator[Setting]:
        for group, name in sorted(self._options):
            yield self._made(group, name)

    def effective(self) -> Iterator[Setting]:
        for group in sorted(self._known):
            for name in sorted(self._known[group]):
                yield self[group, name]
        yield from (setting for setting in self.written() if setting.unknown)

    def overridden(self) -> Iterator[tuple[Setting, Setting]]:
        yield from ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """`auditor.model.Files` over a dictionary; what is not in it is absent."""

    content: Mapping[str, File | Missing]

    def at(self, path: str) -> File | Missing:
        return self.content.get(path, Missing(path, "absent", "there is no such file"))


def file(path: str, text: str | None, form: str | None = None) -> File:
    """A file with that text; its format follows from the text and the name unless given."""
    if form is None:
        form = "pem" if "-----BEGIN" in (text or "") else "my.cnf" if path.endswith(".cnf") else "other"
    return File(path, "root", "nova", "0640", 1704 if text is None else len(text), form, text)


def withheld(traits: str = "1", digest: str = "0123456789abcdef") -> Withheld:
    """A value that stayed on its host; ``str()`` of its token may stand inside a URL."""
    token = f"REDACTED-{traits}-{digest}"
    assert tokens.parse(token) is not None
    return Withheld(token, traits, digest)


@cache
def pins(release: str) -> Mapping[str, Library]:
    """The libraries of a release as the engine assumes them where none are in evidence."""
    return {
        name: Library(name, version, assumed=True) for name, version in default_libraries(release).items()
    }


def service(
    options: Mapping[tuple[str, str], Any] | None = None,
    *,
    release: str = "zed",
    libraries: Mapping[str, str | None] | None = None,
    only: Mapping[str, str] | None = None,
    capabilities: Mapping[str, bool] | None = None,
    files: Mapping[str, str | File | Missing] | None = None,
    environment: Mapping[str, str] | None = None,
    role: Role = Role.CONDUCTOR,
    project: str = "nova",
) -> Service:
    """A service with these settings.

    ``libraries`` replaces versions of the release's pins (None removes one) and makes all of them evidence;
    ``only`` is the whole evidence of libraries; with neither, the pins are assumed.
    """
    installed = dict(pins(release))
    if only is not None:
        installed = {name: Library(name, version, "/usr/lib/python3") for name, version in only.items()}
    elif libraries is not None:
        versions: dict[str, str | None] = {name: found.version for name, found in installed.items()}
        versions.update(libraries)
        installed = {
            name: Library(name, version, "/usr/lib/python3") for name, version in versions.items() if version
        }
    content: dict[str, File | Missing] = {path: file(path, PEM) for path in (CA, CERT)}
    content[KEY] = file(KEY, None)
    for path, found in (files or {}).items():
        content[path] = file(path, found) if isinstance(found, str) else found
    return Service(
        id=f"nova-{role}",
        name=f"nova-{role}",
        role=role,
        source="tree",
        project=project,
        release=release,
        assumed=only is None and libraries is None,
        settings=Literal(options or {}, release, project),
        libraries=Libraries(installed, dict(capabilities or {})),
        files=Shelf(content),
        config_files=("/etc/nova/nova.conf",),
        config_dirs=(),
        environment=dict(environment or {}),
    )


def transport(purpose: str, options: Mapping[tuple[str, str], Any], **more: Any) -> Transport:
    """The one transport of that purpose of a service with these settings."""
    (found,) = [one for one in transports(service(options, **more)) if one.purpose == purpose]
    return found


def rabbit(url: str | None = None, section: Mapping[str, Any] | None = None, **more: Any) -> Transport:
    """The RPC transport of a service with this transport_url and these options of [oslo_messaging_rabbit]."""
    options: dict[tuple[str, str], Any] = {} if url is None else {("DEFAULT", "transport_url"): url}
    options.update({("oslo_messaging_rabbit", name): value for name, value in (section or {}).items()})
    return transport("rpc", options, **more)


def database(url: str, parameters: str | Withheld | None = None, **more: Any) -> Transport:
    """The transport of [database] connection, with connection_parameters if given."""
    options: dict[tuple[str, str], Any] = {("database", "connection"): url}
    if parameters is not None:
        options["database", "connection_parameters"] = parameters
    return transport("database", options, **more)
