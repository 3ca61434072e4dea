"""A container of a manifest as a tree that the probe reads, and what the probe says of it put right.

The probe reads a tree as if it were whole. Of a container only what is mounted is shown, so that here what it found
absent is told from what lies in the image, in a volume that is filled when the pod starts, or in a Secret that is not
in the manifest.
"""

import os
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from auditor.collect.manifest import startup
from auditor.collect.manifest.pods import Container
from auditor.collect.manifest.volumes import Filesystem, State, normal
from auditor.evidence import Document
from auditor.probe import programs

#: The unit that stands for the command of the container while the probe runs; it is not part of the evidence.
_UNIT = "/etc/systemd/system/nova-auditor-container.service"

#: Scripts of which the probe would make services of their own (`auditor.probe.layouts`): the command tells which runs.
_SCRIPT = re.compile(r"/tmp/(?:nova|placement)-[^/]*\.sh")  # noqa: S108 - a path in the container

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def grow(container: Container, root: Path) -> None:
    """Write what a container finds below a new folder, readable by this user alone.

    Raises:
        OSError: a name is too long, or there is no room.
    """
    root.mkdir(mode=0o700)
    seen = container.filesystem
    for path, state in seen.mounts.items():
        if state in (State.SHOWN, State.RUNTIME) and not seen.has(path) and not _is_file(path, container):
            _make_folder(root, path)
    for path, data in _files(container).items():
        place = _make_folder(root, posixpath.dirname(path)) / posixpath.basename(path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
            file.write(data)


def _make_folder(root: Path, path: str) -> Path:
    """Make a folder below a root, each on the way for this user alone; paths have no ``..`` (`volumes.mounted`)."""
    place = root
    for name in path.strip("/").split("/"):
        place /= name
        place.mkdir(mode=0o700, exist_ok=True)
    return place


def _is_file(path: str, container: Container) -> bool:
    return any(path == normal(name) for name in _named(container, "--config-file"))


def _files(container: Container) -> Mapping[str, bytes]:
    files = {path: data for path, data in container.filesystem.files.items() if not _SCRIPT.fullmatch(path)}
    for path in _unwritten(container):
        files.setdefault(path, startup.as_file(startup.options(path, container.initial) or {}))
    if container.started is not None:
        files[_UNIT] = _unit(container, container.started).encode("utf-8", "surrogatepass")
    return files


def _unwritten(container: Container) -> Iterator[str]:
    """The files of configuration that something writes when the pod starts, where others are shown.

    With nothing in them but the options that an init container is seen to write, they let the rest be judged.
    """
    seen = container.filesystem
    named = [normal(path) for path in _named(container, "--config-file")]
    if any(seen.has(path) for path in named):
        yield from (path for path in named if seen.state(path) is State.RUNTIME and not seen.has(path))


def _named(container: Container, option: str) -> Iterator[str]:
    arguments = container.started.arguments if container.started else []
    for index, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == option:
            value = value if equals else arguments[index + 1] if index + 1 < len(arguments) else ""
            if value.startswith("/"):
                yield value


def _unit(container: Container, started: programs.Started) -> str:
    """The command as a unit of systemd. Lines cannot be continued: a variable that has several is left out."""
    is_placement = any("placement" in word for word in (started.name, *started.arguments))
    lines = ["[Service]", "User=" + ("placement" if is_placement else "nova")]
    for name, value in container.environment.items():
        if _VARIABLE.fullmatch(name) and not _UNPRINTABLE.search(value):
            lines.append("Environment=" + shlex.quote(f"{name}={value}"))
    command = [started.executable, *started.arguments]
    lines.append("ExecStart=" + " ".join(shlex.quote(_UNPRINTABLE.sub(" ", word)) for word in command))
    return "\n".join(lines) + "\n"


def mend(document: Document, container: Container) -> Document:
    """The evidence of a container as the manifest shows it: what is not shown is neither absent nor silently left out."""
    content: dict[str, Any] = {**document.content}
    seen = container.filesystem
    files = {path: item for path, item in content["files"].items() if path != _UNIT}
    unseen = {
        path
        for path, item in files.items()
        if item["status"] == "absent" and seen.state(path) is not State.SHOWN
    }
    left_out = [item for item in content["left_out"] if item["path"] not in unseen | {_UNIT}]
    incomplete = [*content["incomplete"], *container.incomplete]
    pending = set(_unwritten(container))
    found = []
    for item in content["services"]:
        service, said, aside = _mended(item, seen, unseen, files)
        found.append(_defined(service, container))
        incomplete += said
        left_out += aside
        shipped = {one["path"] for one in aside}
        for path in [*item["config_files"], *item["config_dirs"]]:
            written = startup.options(path, container.initial) if path in pending else None
            if written is not None:
                left_out.append({"path": path, "reason": _written(written)})
            elif path not in shipped and not seen.shows(path):
                incomplete.append(_unseen(path, seen))
    left_out += [{"path": path, "reason": reason} for path, reason in container.left_out]
    incomplete += _lost_variables(container)
    content.update(
        services=found,
        files={path: item for path, item in files.items() if path not in unseen},
        left_out=left_out,
        incomplete=list(dict.fromkeys(incomplete)),
        address=container.origin,
    )
    return Document(document.host, content)


def _defined(service: dict[str, Any], container: Container) -> dict[str, Any]:
    defined = service["defined"]
    if defined is not None and defined["path"] == _UNIT:
        place = container.defined
        service.update(
            defined=None if place is None else {"path": place[0], "line": place[1]},
            source="container",
            layout="openstack-helm",
            user=None,
        )
    return service


def _mended(
    item: Mapping[str, Any], seen: Filesystem, unseen: set[str], files: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str], list[dict[str, str]]]:
    """A service's record, why its host is seen in part, and what was left out of it."""
    incomplete: list[str] = []
    left_out: list[dict[str, str]] = []
    sources = []
    for source in item["sources"]:
        if source["file"] not in unseen:
            sources.append(source)
        elif source["how"] == "default" and not source["path"].endswith(f"/{item['project']}.conf"):
            # What the package ships (api-paste.ini) lies in the image, unless another is mounted over it.
            left_out.append({"path": source["path"], "reason": f"it is {seen.state(source['path'])}"})
        else:
            sources.append({**source, "file": None})
            incomplete.append(_unseen(source["path"], seen))
    if not any(source["file"] in files for source in sources):
        path = f"/etc/{item['project']}/{item['project']}.conf"
        if not any(source["file"] is None for source in sources):
            # Without it, the service would be judged by defaults alone.
            sources.append({"path": path, "file": None, "how": "argument"})
        incomplete.append(_unseen(path, seen))
    paths = {path: None if key in unseen else key for path, key in item["paths"].items()}
    return {**item, "sources": sources, "paths": paths, "opaque": True}, incomplete, left_out


def _written(written: Mapping[str, tuple[str, ...]]) -> str:
    names = ", ".join(f"[{section}] {name}" for section, names in written.items() for name in names)
    return f"an init container writes it when the pod starts, with values for {names}"


def _unseen(path: str, seen: Filesystem) -> str:
    return f"{path} was not seen: it is {seen.state(path)}"


def _lost_variables(container: Container) -> Iterator[str]:
    for name, value in container.environment.items():
        if name.startswith("OS_") and _UNPRINTABLE.search(value):
            yield f"the variable {name} was not read: it has several lines"
