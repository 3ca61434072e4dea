"""Which libpq a driver uses, and what each libpq knows.

psycopg2 and psycopg are built against the libpq of their machine, whose version is in no evidence; the wheels of
psycopg2-binary and psycopg-binary carry one of their own, with an OpenSSL. Sources: the wheels for manylinux x86_64
(``psycopg2.extensions.libpq_version()``, ``psycopg.pq.version()``), PostgreSQL's release notes 14 to 18.
"""

from collections.abc import Mapping
from types import MappingProxyType

from auditor.model import Service

#: Wheel to the first of its versions that carries a major version of libpq; each of these was looked at.
_BUNDLED: Mapping[str, tuple[tuple[tuple[int, ...], int], ...]] = MappingProxyType(
    {
        "psycopg2-binary": (((2, 9, 5), 15), ((2, 9, 8), 16), ((2, 9, 11), 17)),
        "psycopg-binary": (((3, 1, 9), 15), ((3, 1, 11), 16), ((3, 2, 3), 17), ((3, 3), 18)),
    }
)

#: The newest versions that were looked at; a later one may carry a newer libpq.
_NEWEST: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"psycopg2-binary": (2, 9, 13), "psycopg-binary": (3, 3, 9)}
)


def wheel(service: Service, driver: str) -> str | None:
    """The distribution whose own libpq and OpenSSL the driver uses, None where it uses those of its machine.

    Of the three implementations of psycopg 3, ``psycopg-c`` comes before the wheel (``psycopg/pq/__init__.py``), but is
    never installed together with it; psycopg2 and psycopg2-binary are one module, so that with both nothing is known.
    """
    if driver == "psycopg":
        return "psycopg-binary" if service.libraries.find("psycopg-binary") else None
    is_bundled = service.libraries.find("psycopg2-binary") and not service.libraries.find("psycopg2")
    return "psycopg2-binary" if driver == "psycopg2" and is_bundled else None


def knows(service: Service, driver: str, since: int) -> bool | None:
    """Whether the driver's libpq is of that major version or newer; None where that is not in evidence."""
    name = wheel(service, driver)
    library = service.libraries.find(name) if name else None
    if name is None or library is None:
        return None
    majors = [major for first, major in _BUNDLED[name] if library.release >= first]
    if not majors:
        return None
    if majors[-1] >= since:
        return True
    return None if library.release > _NEWEST[name] else False
