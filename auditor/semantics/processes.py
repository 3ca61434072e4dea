"""What a running service has read, against what its files say now.

A service reads its configuration once. On SIGHUP oslo.service takes over the options that are marked mutable and no others
(``nova.service.serve``: ``restart_method='mutate'``; ``oslo_config.cfg.ConfigOpts.mutate_config_files``, read in Zed to
2026.2), and workers that it starts anew are forks of the first process, with what that one has read
(``oslo_service.service.ProcessLauncher``, ``cotyledon.ServiceManager``). WSGI servers load the service anew on a reload:
uWSGI keeps its process and its start time (``uwsgi_reload`` calls ``execvp``), Apache keeps its first process only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.errors import Unavailable, Undecidable
from auditor.model import Copy, File, Judged, Origin, OriginKind, Process, Service

#: How much newer a file must be, in seconds: the kernel tells in whole seconds when it was booted.
TOLERANCE = 2.0

#: Why checks of processes do not concern a service.
NOT_RUNNING = "no process of it runs"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of evidence about something that is no setting."""

    name: str
    value: str
    origin: Origin

    def judged(self) -> Judged:
        """Return it as a line of evidence."""
        return Judged(self.name, self.value, self.origin)


def unread(service: Service, process: Process) -> tuple[File, ...]:
    """The configuration files that changed after the process had read them, the newest first.

    Raises:
        Unavailable: when a file changed was not seen.
        Undecidable: a WSGI server may have loaded the service since.
    """
    limit = process.started + TOLERANCE
    newer = sorted(
        (file for file in configuration(service) if changed(file) > limit), key=changed, reverse=True
    )
    if newer and service.is_wsgi and process.has_workers and process.latest + TOLERANCE >= changed(newer[0]):
        raise Undecidable(
            f"{newer[0].path} is newer than the first process, and there are workers that are newer still: "
            "whether their WSGI server has loaded the service anew does not show"
        )
    return tuple(newer)


def configuration(service: Service) -> tuple[File, ...]:
    """The files that oslo.config reads for a service; raises `Unavailable` where one was not seen."""
    found: dict[str, File] = {}
    for source in service.sources:
        file = service.files.at(source.path)
        if isinstance(file, File):
            found[file.path] = file
        elif not file.is_absent and source.path != "/dev/null":
            raise Unavailable(f"{file.path}: {file.reason}")
    return tuple(found.values())


def changed(file: File) -> float:
    """When a file changed, in seconds since the epoch by the host's clock; raises `Unavailable` where that was not seen."""
    if file.changed is None:
        raise Unavailable(f"{file.path}: when it was changed was not seen")
    return file.changed


def change(file: File) -> Fact:
    """When a file changed, as a line of evidence."""
    return Fact("changed", moment(changed(file)), Origin(OriginKind.FILE, file.path))


def start(process: Process) -> Fact:
    """When a process started, as a line of evidence."""
    return Fact("started", moment(process.started), Origin(OriginKind.FILE, f"/proc/{process.pid}"))


def copied(copy: Copy) -> Fact:
    """A container's copy of a file as a line of evidence."""
    said = "differs from" if copy.differs else "is the same as"
    return Fact(copy.path, f"{said} the host's", Origin(OriginKind.FILE, copy.host))


def moment(seconds: float) -> str:
    """A time as it is shown, in UTC: ``2026-11-21 12:00:00 UTC``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def require_seen_environment(service: Service) -> None:
    """Raise where it is not known which variables a service has.

    Raises:
        Unavailable: /proc was not seen.
        Undecidable: it runs, and its variables were not seen.
    """
    process = service.process
    if process is not None and process.environment == "unseen":
        raise Undecidable("the environment of its process was not seen")
