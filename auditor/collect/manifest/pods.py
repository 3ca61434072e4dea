"""Which containers of a manifest run a service of Nova or placement, and what starts it."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.collect.manifest.objects import (
    Malformed,
    Manifest,
    Object,
    contents,
    mapping,
    sequence,
    text,
    words,
)
from auditor.collect.manifest.volumes import Filesystem, State, Volume, expanded, mounted, volumes
from auditor.probe import programs, scripts, units, wsgi
from auditor.releases import CODE_NAMES, RELEASES

LOG = logging.getLogger(__name__)

#: What keeps its pods running, by the path to their specification.
_LONG_LIVED: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Pod": ("spec",),
}

_ENDING = ("Job", "CronJob", "Pod")

#: Whole configurations: what a Secret or ConfigMap must hold to be one by itself.
_CONFIGURATIONS: Mapping[str, str] = {"nova.conf": "/etc/nova", "placement.conf": "/etc/placement"}

_CODE_NAMES = {**CODE_NAMES, **{name: name for name in RELEASES}}


@dataclass(frozen=True, slots=True)
class Container:
    """A container that runs a service, or a configuration by itself: what becomes a target.

    ``started`` is what its command starts, with where that is written (``defined``: path and line) if in a file.
    ``initial`` are the scripts of the init containers. ``name`` is that of a service whose command is not known. ``incomplete`` and ``left_out`` (path, reason) say
    what the manifest does not show.
    """

    target: str
    filesystem: Filesystem
    origin: str
    started: programs.Started | None = None
    defined: tuple[str, int] | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    initial: tuple[str, ...] = field(default=(), repr=False)
    name: str | None = None
    release: str | None = None
    incomplete: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def containers(manifest: Manifest) -> tuple[Container, ...]:
    """The containers of long-lived workloads that run a service, then the configurations that none of them uses.

    Jobs end, and init containers end before: neither is a service. A pod that a workload of the manifest owns is
    that workload.

    Raises:
        FileError: an object is not as Kubernetes takes it.
    """
    found: list[Container] = []
    used: set[int] = set()
    taken: set[str] = set()
    for one in manifest.objects:
        try:
            if not _is_long_lived(one):
                if one.kind in _ENDING:
                    LOG.info("%s is not audited: it ends", one)
                continue
            for container in _of_workload(one, manifest, taken):
                found.append(container)
                used.update(map(id, container.filesystem.uses))
        except Malformed as error:
            manifest.refuse(one, str(error))
    for one in manifest.objects:
        if one.kind in ("Secret", "ConfigMap") and id(one) not in used:
            try:
                found += _of_object(one, taken)
            except Malformed as error:
                manifest.refuse(one, str(error))
    return tuple(found)


def _is_long_lived(one: Object) -> bool:
    if one.kind not in _LONG_LIVED:
        return False
    metadata = mapping(one.content.get("metadata"), "metadata")
    owned = one.kind in ("ReplicaSet", "ReplicationController", "Pod") and metadata.get("ownerReferences")
    ends = one.kind == "Pod" and _spec(one).get("restartPolicy") in ("Never", "OnFailure")
    return not owned and not ends


def _spec(one: Object) -> Mapping[Any, Any]:
    found: Mapping[Any, Any] = one.content
    for name in _LONG_LIVED[one.kind]:
        found = mapping(found.get(name), name)
    return found


def _of_workload(one: Object, manifest: Manifest, taken: set[str]) -> Iterator[Container]:
    spec = _spec(one)
    held = volumes(spec, one.namespace, manifest)
    initial = tuple(_initial(spec, held))
    for item in sequence(spec.get("containers"), "containers"):
        called = text(item.get("name"), "the name of a container")
        environment, lacking = _environment(item, one.namespace, manifest)
        seen = mounted(item, held, environment)
        command = [
            expanded(word, environment)
            for word in words(item.get("command"), "command") + words(item.get("args"), "args")
        ]
        started, defined = _started(command, seen, called)
        named = None if started else _named(called, one.name)
        if started is None and not any(seen.state(path) is not State.IMAGE for path in _configurations()):
            continue
        incomplete = [*seen.missing, *lacking]
        if started is None:
            taken_for = "" if named is None else f": it is taken for {named} by its name"
            incomplete.append(f"what {one}, container {called}, starts is not in the manifest{taken_for}")
        yield Container(
            target=_unique(_joined_name(one, called), taken),
            filesystem=seen,
            origin=f"{one}, container {called}",
            started=started,
            defined=defined,
            environment=environment,
            initial=initial,
            name=named,
            release=release_of_image(text(item.get("image"), "image")),
            incomplete=tuple(incomplete),
            left_out=tuple((why, "it is optional, and taken for absent") for why in seen.absent),
        )


def _initial(spec: Mapping[Any, Any], held: Mapping[str, Volume]) -> Iterator[str]:
    """The scripts that the init containers of a pod execute, as far as the manifest shows them."""
    for item in sequence(spec.get("initContainers"), "initContainers"):
        seen = mounted(item, held, {})
        for word in words(item.get("command"), "command") + words(item.get("args"), "args"):
            data = seen.files.get(word)
            yield word if data is None else data.decode("utf-8", "replace")


def _configurations() -> Iterator[str]:
    for name, folder in _CONFIGURATIONS.items():
        yield f"{folder}/{name}"


def _started(
    command: list[str], seen: Filesystem, called: str
) -> tuple[programs.Started | None, tuple[str, int] | None]:
    """What a command starts, directly or through a script that is mounted."""
    lines = [word for word in command if "\n" in word]
    for line in lines:
        started = _of_script(line, called)
        if started is not None:
            return started, None
    started = programs.find([word for word in command if "\n" not in word])
    if started is not None:
        return started, None
    for word in command:
        data = seen.files.get(word)
        script = None if data is None else data.decode("utf-8", "replace")
        begun = None if script is None else _of_script(script, called)
        if script is not None and begun is not None:
            return begun, (word, _line(script, begun))
    return None, None


def _of_script(script: str, called: str) -> programs.Started | None:
    """What a script starts; of several, as in OpenStack-Helm's for consoles, that which the container is called after."""
    found = [scripts.started(line) for _, line in units.joined(script)]
    own = [one for one in found if one is not None and one.name == called]
    return own[-1] if own else scripts.started(script)


def _line(script: str, started: programs.Started) -> int:
    word = started.executable.rpartition("/")[2]
    for number, line in enumerate(script.split("\n"), 1):
        if word in line and not line.lstrip().startswith("#"):
            return number
    return 1


def _named(*names: str) -> str | None:
    """The service that one of some names is that of."""
    found = (programs.find([name]) for name in names)
    return next((one.name for one in found if one is not None and one.name), None)


def _environment(
    item: Mapping[Any, Any], namespace: str | None, manifest: Manifest
) -> tuple[dict[str, str], list[str]]:
    """The variables of a container, and what of them the manifest lacks."""
    found: dict[str, str] = {}
    lacking: list[str] = []
    for source in sequence(item.get("envFrom"), "envFrom"):
        prefix = text(source.get("prefix"), "prefix")
        for key, data in _referred(source, "Ref", namespace, manifest, lacking).items():
            found[prefix + key] = data.decode("utf-8", "replace")
    for variable in sequence(item.get("env"), "env"):
        name = text(variable.get("name"), "the name of a variable")
        source = mapping(variable.get("valueFrom"), "valueFrom")
        if not source:
            found[name] = expanded(text(variable.get("value"), "the value of a variable"), found)
            continue
        held = _referred(source, "KeyRef", namespace, manifest, lacking)
        wanted = next((mapping(of, "a reference").get("key") for of in source.values()), None)
        if isinstance(wanted, str) and wanted in held:
            found[name] = held[wanted].decode("utf-8", "replace")
        elif name.startswith("OS_"):
            lacking.append(f"the value of the variable {name} is not in the manifest")
    return found, lacking


def _referred(
    source: Mapping[Any, Any], ending: str, namespace: str | None, manifest: Manifest, lacking: list[str]
) -> Mapping[str, bytes]:
    for kind in ("Secret", "ConfigMap"):
        reference = mapping(source.get(kind[0].lower() + kind[1:] + ending), "a reference")
        if not reference:
            continue
        name = text(reference.get("name"), "the name of a reference")
        one = manifest.find(kind, namespace, name)
        if one is not None:
            try:
                return contents(one)
            except Malformed as error:
                manifest.refuse(one, str(error))
        if ending == "Ref" and reference.get("optional") is not True:
            lacking.append(f"{kind} {name} is not in the manifest, which variables are taken from")
    return {}


def _of_object(one: Object, taken: set[str]) -> Iterator[Container]:
    """A configuration that no workload of the manifest uses, as ``kubectl get secret`` shows it."""
    keys = (
        mapping(one.content.get("data"), "data").keys()
        | mapping(one.content.get("stringData"), "stringData").keys()
    )
    folders = [folder for key, folder in _CONFIGURATIONS.items() if key in keys]
    if not folders:
        return
    files: dict[str, bytes] = {}
    left_out = [("what else its services read", f"no workload in the manifest mounts {one}")]
    for key, data in contents(one).items():
        path = f"{_CONFIGURATIONS.get(key, folders[0])}/{key}"
        if wsgi.uwsgi(data.decode("utf-8", "replace")) is not None:
            continue  # it names a service, one of many that read this configuration
        files[path] = data
        if key.endswith(".conf") and key.startswith("nova-"):
            left_out.append((path, "no workload in the manifest says which service reads it"))
    yield Container(
        target=_unique(one.name if one.namespace is None else f"{one.namespace}.{one.name}", taken),
        filesystem=Filesystem(files, dict.fromkeys(files, State.SHOWN)),
        origin=str(one),
        left_out=tuple(left_out),
    )


def _joined_name(one: Object, called: str) -> str:
    parts = [one.namespace, one.name, None if called == one.name else called]
    name = ".".join(part for part in parts if part)
    if not re.fullmatch(r"[a-z0-9][-a-z0-9.]{0,252}", name):
        raise Malformed("a container has a name that Kubernetes refuses")
    return name


def _unique(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}.{number}", number + 1
    taken.add(candidate)
    return candidate


def release_of_image(image: str) -> str | None:
    """The release that the tag of an image names, or None where it names none, or more than one.

    ``nova:2025.1-ubuntu_noble`` and ``nova:zed-ubuntu_jammy`` name one; ``latest``, ``31.0.0`` and a digest alone
    do not.
    """
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2].lower()
    found = {_CODE_NAMES[word] for word in re.split(r"[-_+]", tag) if word in _CODE_NAMES}
    return found.pop() if len(found) == 1 else None
