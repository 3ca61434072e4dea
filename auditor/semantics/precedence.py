"""Which of a service's files count, where an operator would expect others to.

Source: ``oslo_config.cfg`` (``_get_config_dirs``, ``_search_dirs``, ``ConfigOpts._parse_config_files``), read in 9.0 to
10.7: the first hit of ``~/.nova``, ``~``, ``/etc/nova`` and ``/etc`` counts, for nova.conf and for nova.conf.d alike; drop-ins
that are found this way are parsed before the files that ``--config-file`` names. Nova under WSGI names its files by itself
and searches for drop-ins only (``nova.api.openstack.wsgi_app._get_config_files``).
"""

from collections.abc import Iterator
from posixpath import basename, dirname, join

from auditor.errors import Unavailable, Undecidable
from auditor.model import File, Missing, Origin, OriginKind, Service, Setting
from auditor.semantics.processes import Fact

#: Why nothing is said of a home that was not seen.
HOME_ELSEWHERE = "its home lies in an image that this target does not show"


def is_home_seen(service: Service) -> bool:
    """False where the home of a service lies in a container's image that was not seen.

    Raises `Undecidable` where nobody knows what the home is.
    """
    if service.home is None:
        raise Undecidable("the home of its user is not known, where oslo.config looks for files first")
    found = service.files.at(join(service.home, f".{service.project}", f"{service.project}.conf"))
    return isinstance(found, File) or found.status != "elsewhere"


def shadows(service: Service) -> tuple[tuple[File, str], ...]:
    """The files that a service reads from its user's home, each with the path below /etc that it hides.

    A drop-in hides the folder that it would be read from. Raises `Unavailable` where a file in the home was not seen.
    """
    if service.home is None:
        return ()
    places = {join(service.home, f".{service.project}"), service.home} - {f"/etc/{service.project}", "/etc"}
    found = []
    for source in service.sources:
        if source.how not in ("default", "default-dir"):
            continue
        is_drop_in = source.how == "default-dir" and source.path.endswith(".conf")
        searched = dirname(source.path) if is_drop_in else source.path
        if dirname(searched) not in places:
            continue
        file = service.files.at(source.path)
        if isinstance(file, Missing):
            raise Unavailable(f"{file.path}: {file.reason}")
        found.append((file, join("/etc", service.project, basename(searched))))
    return tuple(found)


def hides(file: File, hidden: str) -> Fact:
    """A file in the home as a line of evidence."""
    owner = "" if file.owner is None else f", owned by {file.owner}"
    return Fact("read in place of", f"{hidden}{owner}", Origin(OriginKind.FILE, file.path))


def drop_ins(service: Service) -> tuple[str, ...]:
    """The drop-ins that a service reads without being told to, as they stand among the host's files."""
    return _paths(service, "default-dir")


def lost_to_arguments(service: Service) -> Iterator[tuple[Setting, Setting]]:
    """What a drop-in says and a file named by ``--config-file`` overrides with another value: (lost, in effect)."""
    dropped, named = drop_ins(service), _paths(service, "argument")
    for lost, counts in service.settings.overridden():
        is_named = counts.origin.kind is OriginKind.FILE and counts.origin.path in named
        if is_named and counts.origin.path not in dropped and lost.origin.path in dropped:
            yield lost, counts


def _paths(service: Service, how: str) -> tuple[str, ...]:
    return tuple(service.files.at(source.path).path for source in service.sources if source.how == how)
