"""Which version of a client library decides, and whether it is in evidence."""

from collections.abc import Mapping
from types import MappingProxyType

from auditor.model import Libraries, Library, Service
from auditor.releases import RELEASES, default_libraries

#: Names that carry the same module, by the name that stands for it.
_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "psycopg2": ("psycopg2", "psycopg2-binary"),
        "psycopg": ("psycopg",),
    }
)


def is_assumed(libraries: Libraries) -> bool:
    """True where the interpreter was not seen, and the release's pins stand in for it."""
    return all(library.assumed for library in libraries.installed.values())


def required(service: Service, name: str) -> Library:
    """A library without which Nova does not run at all.

    Where the interpreter in evidence lacks it, that interpreter is not the service's: the release's pin is assumed.
    """
    found = service.libraries.find(name)
    return found or Library(name, default_libraries(service.release)[name], assumed=True)


def driver(service: Service, name: str) -> Library | None:
    """A driver that the configuration asks for: as installed; None where that is not known.

    Raises:
        LookupError: the interpreter in evidence does not have it.
    """
    for alias in _ALIASES.get(name, (name,)):
        found = service.libraries.find(alias)
        if found is not None:
            return found
    if not is_assumed(service.libraries):
        raise LookupError(name)
    return None


def is_installed(service: Service, name: str) -> bool:
    """True where the interpreter in evidence has the library."""
    return any(service.libraries.find(alias) is not None for alias in _ALIASES.get(name, (name,)))


def is_from(service: Service, release: str) -> bool:
    """True where the service runs that release or a later one."""
    return RELEASES.index(service.release) >= RELEASES.index(release)


def is_capable(service: Service, marker: str, by_version: bool) -> bool:
    """What the installed source was seen to do, or what its version says where the source was not seen."""
    return service.libraries.capabilities.get(marker, by_version)
