"""What the volumes of a pod put before its container, as far as a manifest shows it."""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from auditor.collect.manifest.objects import Malformed, Manifest, Object, contents, mapping, sequence, text


class State(StrEnum):
    """Where the content of a path comes from, and so whether a manifest shows it."""

    SHOWN = "shown"
    RUNTIME = "written when the pod starts"
    MISSING = "not in the manifest"
    IMAGE = "in the image"


@dataclass(frozen=True, slots=True)
class Volume:
    """What a volume holds: ``files`` by path inside it; ``missing`` and ``absent`` say what the manifest lacks.

    ``absent`` are optional: the pod starts without them. ``uses`` are the objects it is made of.
    """

    state: State
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    uses: tuple[Object, ...] = ()


@dataclass(frozen=True, slots=True)
class Filesystem:
    """The files of a container by path, and where each mount's content comes from.

    ``missing`` says what a container needs and the manifest lacks, ``absent`` what it could have.
    """

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    mounts: Mapping[str, State] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    uses: tuple[Object, ...] = ()

    def state(self, path: str) -> State:
        """Where what lies at a path comes from: of the deepest mount that holds it."""
        at = normal(path)
        while at not in self.mounts and at != "/":
            at = posixpath.dirname(at)
        return self.mounts.get(at, State.IMAGE)

    def shows(self, path: str) -> bool:
        """True where a manifest shows all that is there; what is mounted into a folder of the image is all of it."""
        state, at = self.state(path), normal(path)
        return state is State.SHOWN or (
            state is State.IMAGE and any(file.startswith(at + "/") for file in self.files)
        )

    def has(self, path: str) -> bool:
        """True where a file is shown there."""
        return normal(path) in self.files


def volumes(spec: Mapping[Any, Any], namespace: str | None, manifest: Manifest) -> Mapping[str, Volume]:
    """The volumes of a pod by name.

    Raises:
        Malformed: one is not as Kubernetes takes it.
    """
    return {
        text(item.get("name"), "the name of a volume"): _volume(item, namespace, manifest)
        for item in sequence(spec.get("volumes"), "volumes")
    }


def mounted(
    container: Mapping[Any, Any], held: Mapping[str, Volume], environment: Mapping[str, str]
) -> Filesystem:
    """What a container finds where its volumes are mounted; whatever is mounted deeper covers what lies above.

    Raises:
        Malformed: a path leads out of its volume, or a file lies where a folder must be.
    """
    files: dict[str, bytes] = {}
    states: dict[str, State] = {}
    missing: dict[str, list[str]] = {}
    absent: dict[str, list[str]] = {}
    uses: list[Object] = []
    for item in sorted(sequence(container.get("volumeMounts"), "volumeMounts"), key=_depth):
        place = _place(item)
        volume = held.get(text(item.get("name"), "the name of a mount"), Volume(State.MISSING))
        inside = _inside(item, environment)
        part = _part(volume, inside)
        files = {path: data for path, data in files.items() if not _is_below(path, place)}
        states = {path: state for path, state in states.items() if not _is_below(path, place)}
        if place == "/" or any(parent in files for parent in _parents(place)):
            raise Malformed("a volume is mounted where none can be")
        for path, data in part.files.items():
            files[posixpath.join(place, path) if path else place] = data
        states[place] = part.state
        for why in part.missing:
            missing.setdefault(why, []).append(place)
        for why in part.absent:
            absent.setdefault(why, []).append(place)
        uses += volume.uses
    return Filesystem(files, states, _at(missing), _at(absent), tuple(uses))


def _at(places: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(f"{why}, which is mounted at {', '.join(where)}" for why, where in places.items())


def _volume(item: Mapping[Any, Any], namespace: str | None, manifest: Manifest) -> Volume:
    if "emptyDir" in item:
        return Volume(State.RUNTIME)
    if "secret" in item:
        return _of("Secret", "secretName", item["secret"], namespace, manifest)
    if "configMap" in item:
        return _of("ConfigMap", "name", item["configMap"], namespace, manifest)
    if "projected" not in item:
        return Volume(State.MISSING)
    parts = []
    for source in sequence(mapping(item["projected"], "projected").get("sources"), "sources"):
        if "secret" in source:
            parts.append(_of("Secret", "name", source["secret"], namespace, manifest))
        elif "configMap" in source:
            parts.append(_of("ConfigMap", "name", source["configMap"], namespace, manifest))
    return _joined(parts)


def _joined(parts: Iterable[Volume]) -> Volume:
    files: dict[str, bytes] = {}
    missing: list[str] = []
    absent: list[str] = []
    uses: list[Object] = []
    for part in parts:
        files.update(part.files)
        missing += part.missing
        absent += part.absent
        uses += part.uses
    state = State.MISSING if missing else State.SHOWN
    return Volume(state, {} if missing else files, tuple(missing), tuple(absent), tuple(uses))


def _of(kind: str, field_: str, value: Any, namespace: str | None, manifest: Manifest) -> Volume:
    """What a volume of one Secret or ConfigMap holds: every key, or the ``items``."""
    wanted = mapping(value, "the source of a volume")
    name = text(wanted.get(field_), field_)
    if not name:
        raise Malformed(f"a volume names no {kind}")
    is_optional = wanted.get("optional") is True
    found = manifest.find(kind, namespace, name)
    if found is None:
        why = _why_missing(kind, name, manifest)
        return Volume(State.SHOWN, absent=(why,)) if is_optional else Volume(State.MISSING, missing=(why,))
    uses = (found,)
    try:
        held = contents(found)
    except Malformed as error:
        manifest.refuse(found, str(error))
    items = sequence(wanted.get("items"), "items")
    if not items:
        return Volume(State.SHOWN, held, uses=uses)
    files = {}
    missing = []
    for item in items:
        key, path = text(item.get("key"), "a key of items"), relative(item.get("path"), "a path of items")
        if key in held:
            files[path] = held[key]
        else:
            missing.append(f"{kind} {name} has no key of the name that items asks for")
    if missing and not is_optional:
        return Volume(State.MISSING, missing=tuple(dict.fromkeys(missing)), uses=uses)
    return Volume(State.SHOWN, files, absent=tuple(dict.fromkeys(missing)), uses=uses)


def _why_missing(kind: str, name: str, manifest: Manifest) -> str:
    maker = manifest.maker(name) if kind == "Secret" else None
    made = "" if maker is None else f" ({maker} makes it in the cluster)"
    return f"{kind} {name} is not in the manifest{made}"


def _part(volume: Volume, inside: str) -> Volume:
    """What a mount takes of a volume: the whole, or what lies at its ``subPath``."""
    if not inside or volume.state is not State.SHOWN:
        return volume
    below = inside + "/"
    if inside in volume.files:
        files = {"": volume.files[inside]}
    else:
        files = {
            path.removeprefix(below): data for path, data in volume.files.items() if path.startswith(below)
        }
    if files or volume.absent:
        return Volume(State.SHOWN, files, absent=volume.absent)
    said = " and ".join(map(str, volume.uses)) or "a projected volume"
    return Volume(State.MISSING, missing=(f"{said} has no key of the name that subPath asks for",))


def _place(item: Mapping[Any, Any]) -> str:
    path = text(item.get("mountPath"), "mountPath")
    if not path or "\0" in path or ".." in path.split("/") or ":" in path:
        raise Malformed("a mountPath is no path that Kubernetes takes")
    return normal(path)


def normal(path: str) -> str:
    """A path from the root on, normalised: it never leads above the root, and begins with one slash."""
    return posixpath.normpath("/" + path.lstrip("/"))


def _inside(item: Mapping[Any, Any], environment: Mapping[str, str]) -> str:
    if item.get("subPathExpr"):
        expression = text(item["subPathExpr"], "subPathExpr")
        return relative(expanded(expression, environment), "subPathExpr")
    return relative(item["subPath"], "subPath") if item.get("subPath") else ""


def relative(value: Any, what: str) -> str:
    """A path inside a volume, normalised.

    Raises:
        Malformed: it is empty or absolute, or leads out.
    """
    path = text(value, what)
    if not path or path.startswith("/") or "\0" in path or ".." in path.split("/"):
        raise Malformed(f"{what} leads out of its volume")
    return posixpath.normpath(path)


def expanded(value: str, environment: Mapping[str, str]) -> str:
    """A text with ``$(NAME)`` replaced as Kubernetes does: what is not known stays, ``$$`` is a dollar sign."""
    done = []
    index = 0
    while index < len(value):
        if value.startswith("$$", index):
            done.append("$")
            index += 2
        elif value.startswith("$(", index) and (end := value.find(")", index)) > 0:
            name = value[index + 2 : end]
            done.append(environment.get(name, value[index : end + 1]))
            index = end + 1
        else:
            done.append(value[index])
            index += 1
    return "".join(done)


def _depth(item: Mapping[Any, Any]) -> int:
    path = item.get("mountPath")
    return posixpath.normpath(path).count("/") if isinstance(path, str) else 0


def _parents(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:count]) for count in range(1, len(parts))]


def _is_below(path: str, place: str) -> bool:
    return path == place or path.startswith(place + "/")
