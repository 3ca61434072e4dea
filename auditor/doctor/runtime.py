"""What of a running host is seen: by whom, of /proc, in containers, of environments, sockets, cells and servers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import auditor
from auditor.doctor import cures
from auditor.doctor.diagnosis import CELLS, SERVERS, Aspect, Obstacle, Sight, Sighting
from auditor.evidence import Evidence, ServiceRecord
from auditor.gate import counted
from auditor.model import Missing, Process, Role

#: The roles of services that read the table of cells (`auditor.probe.cells.ROLES`).
_WITH_CELLS = frozenset({Role.API, Role.METADATA, Role.SCHEDULER, Role.CONDUCTOR})

#: What servers that can be asked are called among the processes (`auditor.probe.servers`).
_SERVERS: Mapping[str, str] = {
    "beam.smp": "RabbitMQ",
    "mariadbd": "MariaDB",
    "mysqld": "MySQL",
    "postgres": "PostgreSQL",
}

#: Where what the command asks for was not collected.
UNASKED = "it was not asked for when this evidence was collected"


def prober(content: Mapping[str, Any]) -> Iterator[Sighting]:
    """Yield what the probe itself was: its Python, its user, and what /proc showed it."""
    probe = content.get("probe")
    if not isinstance(probe, Mapping):
        obstacle = Obstacle("the evidence does not say how it was had: it is of an older version", cures.ANEW)
        yield Sighting(Aspect.USER, Sight.NONE, "?", "not known", obstacles=(obstacle,))
        return
    version, user = str(probe.get("python")), str(probe.get("user"))
    yield Sighting(Aspect.PYTHON, Sight.ALL, version, f"Python {version}")
    if is_root(content):
        yield _through(user, probe.get("installed"))
    else:
        reason = f"it ran as {user}, who sees their own processes, and files as far as they may"
        obstacles = (Obstacle(reason, cures.ROOT),)
        yield Sighting(Aspect.USER, Sight.SOME, user, f"as {user}, not as root", obstacles=obstacles)
    yield _processes(probe.get("proc") or {}, content)


def _through(user: str, installed: object) -> Sighting:
    """How the probe came to be root: by itself, or as the one that is installed."""
    if not isinstance(installed, Mapping):
        return Sighting(Aspect.USER, Sight.ALL, user, f"as {user}")
    version, has_key = str(installed.get("version")), installed.get("has_key")
    said = f"as {user}, by the installed probe, {version}, " + (
        "with a key" if has_key else "without a key: passwords are compared on this host alone"
    )
    if version == auditor.__version__:
        return Sighting(Aspect.USER, Sight.ALL, user, said)
    reason = (
        f"the installed probe is of {version}, and looks for what that knew; this is {auditor.__version__}"
    )
    return Sighting(Aspect.USER, Sight.SOME, user, said, obstacles=(Obstacle(reason, cures.INSTALL),))


def is_root(content: Mapping[str, Any]) -> bool:
    """Whether the probe ran as root."""
    probe = content.get("probe")
    return isinstance(probe, Mapping) and probe.get("uid") == 0


def _processes(proc: Mapping[str, Any], content: Mapping[str, Any]) -> Sighting:
    status, seen, denied = proc.get("status"), int(proc.get("seen") or 0), int(proc.get("denied") or 0)
    cure = by_root(content, cures.HIDDEN_PROC)
    obstacles = []
    if proc.get("reason"):
        obstacles.append(Obstacle(f"not all processes are seen: {proc['reason']}", cure))
    if denied:
        reason = f"{_processes_in_words(denied)} that may be Nova's cannot be looked into"
        obstacles.append(Obstacle(reason, cure))
    sight = {"all": Sight.ALL, "none": Sight.NONE}.get(str(status), Sight.SOME)
    return Sighting(
        Aspect.PROCESSES,
        sight,
        str(sight),
        f"{_processes_in_words(seen)} seen",
        obstacles=tuple(obstacles),
    )


def by_root(content: Mapping[str, Any], otherwise: str) -> str:
    """Return what allows a sight that root has: to be root, or where that is so, something else."""
    return otherwise if is_root(content) else cures.ROOT


def _processes_in_words(count: int) -> str:
    return "1 process" if count == 1 else f"{count} processes"


def running(evidence: Evidence) -> Iterator[tuple[ServiceRecord, Process]]:
    """Yield the services that run, each with its processes."""
    for record in evidence.services:
        if record.seen is not None and not isinstance(record.seen, Missing):
            yield record, record.seen


def containers(evidence: Evidence, content: Mapping[str, Any]) -> Iterator[Sighting]:
    """Yield how many containers with services were entered, where there are any."""
    entered: dict[str, bool] = {}
    for record, process in running(evidence):
        if process.container is not None:
            held = process.container
            files = [evidence.files.get(source.file) for source in record.sources if source.file is not None]
            is_denied = bool(files) and all(_is_denied(file) for file in files)
            entered[f"{held.engine} {held.name or held.id}"] = not is_denied
    if not entered:
        return
    denied = tuple(name for name, is_seen in entered.items() if not is_seen)
    obstacles = (
        (
            Obstacle(
                "its root could not be entered by /proc/PID/root", by_root(content, cures.HIDDEN_PROC), denied
            ),
        )
        if denied
        else ()
    )
    count = len(entered) - len(denied)
    sight = Sight.ALL if not denied else Sight.SOME if count else Sight.NONE
    said = f"{count} of {counted(len(entered), 'container')} entered"
    items = tuple(f"{name}: {'entered' if is_seen else 'denied'}" for name, is_seen in entered.items())
    yield Sighting(Aspect.CONTAINERS, sight, f"{count}/{len(entered)}", said, items, obstacles)


def _is_denied(file: object) -> bool:
    return isinstance(file, Missing) and file.status == "denied"


def environment(evidence: Evidence, content: Mapping[str, Any]) -> Iterator[Sighting]:
    """Yield where the variables of running services were seen, if any runs."""
    found = [(record.id, process.environment) for record, process in running(evidence)]
    if not found:
        return
    unseen = tuple(name for name, place in found if place == "unseen")
    reason = (
        "its variables are not seen: its title took their place"
        if is_root(content)
        else "its variables are not seen: they are another user's, or its title took their place"
    )
    obstacles = (Obstacle(reason, by_root(content, cures.TITLE), unseen),) if unseen else ()
    count = len(found) - len(unseen)
    sight = Sight.ALL if not unseen else Sight.SOME if count else Sight.NONE
    said = f"variables of {count} of {counted(len(found), 'running service')} seen"
    items = tuple(f"{name}: {_PLACES.get(place, place)}" for name, place in found)
    yield Sighting(Aspect.ENVIRONMENT, sight, f"{count}/{len(found)}", said, items, obstacles)


_PLACES: Mapping[str, str] = {
    "process": "of the process",
    "container": "of another process in its container",
    "unit": "of its unit: its title took the place of its own",
    "unseen": "not seen",
}


def connections(evidence: Evidence, content: Mapping[str, Any]) -> Iterator[Sighting]:
    """Yield whose sockets were seen."""
    found = list(running(evidence))
    unseen = {record.id: one.peers.reason for record, one in found if isinstance(one.peers, Missing)}
    obstacles = [
        Obstacle(
            f"whom it is connected to is not seen: {why}",
            by_root(content, cures.AGAIN),
            tuple(name for name, reason in unseen.items() if reason == why),
        )
        for why in dict.fromkeys(unseen.values())
    ]
    if isinstance(evidence.listeners, Missing):
        obstacles.append(Obstacle("who listens is not seen", by_root(content, cures.HIDDEN_PROC)))
    listeners = () if isinstance(evidence.listeners, Missing) else evidence.listeners
    count = len(found) - len(unseen)
    sight = Sight.ALL if not obstacles else Sight.SOME if count or listeners else Sight.NONE
    said = f"sockets of {count} of {counted(len(found), 'running service')}, {counted(len(listeners), 'listener')}"
    yield Sighting(Aspect.CONNECTIONS, sight, f"{count}/{len(found)}", said, obstacles=tuple(obstacles))


def cells(evidence: Evidence, content: Mapping[str, Any], asked: Sequence[str]) -> Iterator[Sighting]:
    """Yield whether the table of cells was, or could be, listed for the services that use it."""
    using = [one for one in evidence.services if one.role in _WITH_CELLS and one.project == "nova"]
    if not using:
        return
    if "cells" in evidence.asked:
        yield _asked_cells(using, cures.NOVA_MANAGE if is_root(content) else cures.CELLS)
        return
    obstacles = [Obstacle(UNASKED, cures.ANEW, (), CELLS)] * (CELLS in asked)
    if not is_root(content):
        reason = "--cells runs nova-manage as the service's user, which only root can become"
        obstacles.append(Obstacle(reason, cures.CELLS, (), CELLS))
    without = tuple(record.id for record in using if record.interpreter is None)
    if without:
        reason = "--cells runs nova-manage beside the service, whose Python was not seen"
        obstacles.append(Obstacle(reason, cures.IMAGE, without, CELLS))
    users = ", ".join(dict.fromkeys(record.user or "nova" for record in using))
    said = f"not asked; --cells would run nova-manage as {users}, for {_services_in_words(using)}"
    yield Sighting(
        Aspect.CELLS, Sight.NONE if CELLS in asked else Sight.NOT_ASKED, "-", said, (), tuple(obstacles)
    )


def _services_in_words(records: Sequence[ServiceRecord]) -> str:
    return ", ".join(record.id for record in records)


def _asked_cells(using: Sequence[ServiceRecord], cure: str) -> Sighting:
    unknown: dict[str, list[str]] = {}
    listed = [record for record in using if record.cells is not None and record.cells.reason is None]
    for record in using:
        if record.cells is not None and record.cells.reason is not None:
            unknown.setdefault(record.cells.reason, []).append(record.id)
    obstacles = tuple(
        Obstacle(why, cures.TIME if "time was" in why else cure, tuple(names), CELLS)
        for why, names in unknown.items()
    )
    sight = Sight.ALL if not obstacles else Sight.SOME if listed else Sight.NONE
    said = f"listed for {len(listed)} of {counted(len(using), 'service')}"
    return Sighting(Aspect.CELLS, sight, f"{len(listed)}/{len(using)}", said, (), obstacles)


def servers(evidence: Evidence, content: Mapping[str, Any], asked: Sequence[str]) -> Iterator[Sighting]:
    """Yield whether the brokers and databases of the host were, or could be, asked, where there are any."""
    if "servers" in evidence.asked:
        found = [item for item in content.get("servers") or () if isinstance(item, Mapping)]
        if found:
            yield _asked_servers(found, cures.CLIENT if is_root(content) else cures.SERVERS)
        return
    listeners = () if isinstance(evidence.listeners, Missing) else evidence.listeners
    named = (_SERVERS.get(one.program or "") for one in listeners)
    names = tuple(dict.fromkeys(name for name in named if name is not None))
    if not names and SERVERS not in asked:
        return
    obstacles = [Obstacle(UNASKED, cures.ANEW, (), SERVERS)] * (SERVERS in asked)
    if not is_root(content):
        reason = "--servers asks a server as its own user, which only root can become"
        obstacles.append(Obstacle(reason, cures.SERVERS, names, SERVERS))
    sight = Sight.NONE if SERVERS in asked else Sight.NOT_ASKED
    said = f"not asked; --servers would ask {', '.join(names)}" if names else "none is seen to listen"
    yield Sighting(Aspect.SERVERS, sight, "-", said, (), tuple(obstacles))


def _asked_servers(found: Sequence[Mapping[str, Any]], cure: str) -> Sighting:
    reasons: dict[str, dict[str, None]] = {}
    for item in found:
        unseen = list(item.get("unseen") or ())
        if item.get("source") == "files" and not unseen:
            unseen = ["it could not be asked"]
        for reason in unseen:
            reasons.setdefault(str(reason), {})[str(item.get("id"))] = None
    obstacles = tuple(Obstacle(why, cure, tuple(names), SERVERS) for why, names in reasons.items())
    count = sum(item.get("source") == "running" for item in found)
    sight = Sight.ALL if not obstacles else Sight.SOME if count else Sight.NONE
    said = f"{count} of {counted(len(found), 'server')} asked"
    items = tuple(
        f"{item.get('id')}: {'asked' if item.get('source') == 'running' else 'its files only'}"
        for item in found
    )
    return Sighting(Aspect.SERVERS, sight, f"{count}/{len(found)}", said, items, obstacles)
