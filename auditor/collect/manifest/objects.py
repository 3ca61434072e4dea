"""The objects of Kubernetes in a manifest: read within limits, never quoted."""

import base64
import binascii
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from auditor import inputs
from auditor.errors import FileError

#: Bytes of a whole manifest.
LIMIT = 64 << 20

_CURE = "give what `helm template` or `kubectl get -o yaml` writes"

_UNRENDERED = re.compile(rb"\{\{-?\s*(?:/\*|(?:if|with|range|include|define|tuple|dict|toYaml|end)\b|[.$]\w)")

#: Keys that a mapping may have: merge keys (``<<``) multiply them.
_KEYS = 100_000

#: apimachinery, validation.IsDNS1123Subdomain: what an object may be called.
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?")

#: apimachinery, validation.IsConfigMapKey.
_KEY = re.compile(r"(?!\.\.?$|\.\.)[-._a-zA-Z0-9]{1,253}")

#: What makes a Secret in the cluster, by the field that names it.
_MAKERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Certificate": (("spec", "secretName"),),
    "ExternalSecret": (("spec", "target", "name"), ("metadata", "name")),
    "SealedSecret": (("metadata", "name"),),
}


class Malformed(Exception):
    """An object is not of the form that Kubernetes takes; the argument says what, without its values."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object of a manifest; ``line`` is where its document begins. ``content`` holds secrets and is not shown."""

    kind: str
    namespace: str | None
    name: str
    line: int
    content: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.name}"
            if self.namespace is None
            else f"{self.kind} {self.namespace}/{self.name}"
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest holds. ``source`` is the file as the operator named it."""

    source: str
    objects: tuple[Object, ...]

    def find(self, kind: str, namespace: str | None, name: str) -> Object | None:
        """The object of that name; a namespace that is not written is whichever the manifest is applied to."""
        named = [one for one in self.objects if one.kind == kind and one.name == name]
        near = [one for one in named if one.namespace == namespace]
        if near or (namespace is not None and any(one.namespace is not None for one in named)):
            return near[0] if near else None
        return named[0] if len(named) == 1 else None

    def maker(self, name: str) -> Object | None:
        """What makes the Secret of that name once it runs in a cluster."""
        for one in self.objects:
            places = _MAKERS.get(one.kind, ())
            named = next((found for found in (_at(one.content, place) for place in places) if found), None)
            if named == name:
                return one
        return None

    def refuse(self, one: Object, problem: str) -> NoReturn:
        """Raise the FileError that names an object and its place."""
        raise FileError(f"{self.source}:{one.line}", f"{one}: {problem}", _CURE)


def read(source: Path | None, standard_input: BinaryIO | None = None) -> Manifest:
    """Read a manifest: YAML of any number of documents, JSON among it; None is standard input.

    A key that is written twice has its last value, and of two objects of one name the last counts: that is what
    ``kubectl apply`` leaves in the cluster. ``kind: List`` stands for its items.

    Raises:
        FileError: it cannot be read, is no YAML, was not rendered, or holds no object of Kubernetes. Only places are
            named, never content.
    """
    name = "standard input" if source is None else str(source)
    data = _data(source, name, standard_input)
    found: dict[tuple[str, str | None, str], Object] = {}
    for line, document in _documents(data, name):
        for one in _objects(document, line, name):
            key = (one.kind, one.namespace, one.name)
            found.pop(key, None)
            found[key] = one
    if not found:
        if _UNRENDERED.search(data):
            _unrendered(name, data)
        raise FileError(name, "it holds no object of Kubernetes", _CURE)
    return Manifest(name, tuple(found.values()))


def _data(source: Path | None, name: str, standard_input: BinaryIO | None) -> bytes:
    problem = f"it has more than {LIMIT >> 20} MiB"
    cure = "give the manifests of Nova and placement alone"
    if source is None:
        data = (standard_input or sys.stdin.buffer).read(LIMIT + 1)
    else:
        if source.is_file() and source.stat().st_size > LIMIT:
            raise FileError(name, problem, cure)
        data = inputs.read(source, "give a file, or - for standard input")
    if len(data) > LIMIT:
        raise FileError(name, problem, cure)
    return data


def _documents(data: bytes, name: str) -> Iterator[tuple[int, Any]]:
    import yaml

    line = 1
    try:
        loader = _loader()(data)
        while loader.check_node():
            node = loader.get_node()
            line = node.start_mark.line + 1
            yield line, loader.construct_document(node)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if _UNRENDERED.search(data):
            _unrendered(name, data)
        mark = getattr(error, "problem_mark", None)
        at = line if mark is None else mark.line + 1
        # The library's own words quote what stands there.
        raise FileError(f"{name}:{at}", "it is not YAML that can be read", _CURE) from None


def _loader() -> Any:
    """PyYAML's safe loader, with the parser in C where there is one.

    Nodes are made by its composer in Python: that in C (PyYAML 6.0.3, CParser._compose_node) ends the process where
    they lie too deep.
    """
    import yaml
    from yaml.composer import Composer
    from yaml.constructor import SafeConstructor
    from yaml.resolver import Resolver

    if not yaml.__with_libyaml__:
        loader: Any = type("Loader", (yaml.SafeLoader,), {})
    else:
        from yaml._yaml import CParser

        def start(self: Any, stream: bytes) -> None:
            CParser.__init__(self, stream)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

        loader = type("Loader", (Composer, CParser, SafeConstructor, Resolver), {"__init__": start})

    def flatten(self: Any, node: Any) -> None:
        SafeConstructor.flatten_mapping(self, node)
        if len(node.value) > _KEYS:
            raise yaml.constructor.ConstructorError(problem_mark=node.start_mark)

    loader.flatten_mapping = flatten
    for tag in ("timestamp", "value"):
        # Kubernetes knows neither times nor YAML 1.1's value key: they are text.
        loader.add_constructor(f"tag:yaml.org,2002:{tag}", lambda _loader, node: node.value)
    return loader


def _unrendered(name: str, data: bytes) -> NoReturn:
    match = _UNRENDERED.search(data)
    line = data.count(b"\n", 0, match.start() if match else 0) + 1
    problem = "it is a template that was not rendered"
    raise FileError(f"{name}:{line}", problem, "render it first: helm template RELEASE CHART -f VALUES")


def _objects(document: Any, line: int, name: str) -> Iterator[Object]:
    if document is None:
        return
    if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
        raise FileError(f"{name}:{line}", "it is no object of Kubernetes: it has no kind", _CURE)
    items = document.get("items")
    if not document["kind"].endswith("List") or not isinstance(items, list):
        yield _object(document, line, name)
        return
    of_items = document["kind"].removesuffix("List")
    for item in items:
        if not isinstance(item, dict) or isinstance(item.get("items"), list):
            raise FileError(f"{name}:{line}", "an item of the list is no object of Kubernetes", _CURE)
        yield _object({"kind": of_items, **item}, line, name)


def _object(content: dict[str, Any], line: int, name: str) -> Object:
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kind, called, namespace = content["kind"], metadata.get("name"), metadata.get("namespace")
    if not isinstance(kind, str) or not re.fullmatch(r"[A-Za-z0-9]{1,63}", kind):
        raise FileError(f"{name}:{line}", "it is no object of Kubernetes: it has no kind", _CURE)
    if any(isinstance(word, str) and "{{" in word for word in (called, namespace)):
        problem = "it is a template that was not rendered"
        raise FileError(f"{name}:{line}", problem, "render it first: helm template RELEASE CHART -f VALUES")
    for word in (called, namespace):
        if word is not None and not (isinstance(word, str) and (word == "" or _NAME.fullmatch(word))):
            raise FileError(f"{name}:{line}", f"{kind} has a name that Kubernetes refuses", _CURE)
    return Object(kind, namespace or None, called or "", line, content)


def contents(one: Object) -> Mapping[str, bytes]:
    """What a Secret or ConfigMap holds, by key.

    Raises:
        Malformed: a key or a value is not as Kubernetes takes it.
    """
    encoded, plain = ("data", "stringData") if one.kind == "Secret" else ("binaryData", "data")
    found: dict[str, bytes] = {}
    for place in (encoded, plain):
        for key, value in mapping(one.content.get(place), place).items():
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                raise Malformed(f"{place} has a key that Kubernetes refuses")
            written = text(value, f"{place} {key}")
            found[key] = (
                _decoded(written, key) if place == encoded else written.encode("utf-8", "surrogatepass")
            )
    return found


def _decoded(value: str, key: str) -> bytes:
    try:
        # As Go's decoder, which passes over the ends of lines and refuses all else.
        return base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"data {key} is not base64") from None


def mapping(value: Any, what: str) -> Mapping[Any, Any]:
    """A mapping, empty where nothing is written; raises `Malformed` where it is another thing."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(f"{what} is no mapping")
    return value


def sequence(value: Any, what: str) -> Sequence[Mapping[Any, Any]]:
    """A list of mappings, empty where nothing is written; raises `Malformed` where it is another thing."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Malformed(f"{what} is no list of mappings")
    return value


def words(value: Any, what: str) -> list[str]:
    """A list of words, empty where nothing is written; raises `Malformed` where it is another thing."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Malformed(f"{what} is no list of words")
    return value


def text(value: Any, what: str) -> str:
    """A text, empty where nothing is written; raises `Malformed` where it is another thing."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed(f"{what} is not text")
    return value


def _at(content: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    found: Any = content
    for name in place:
        found = found.get(name) if isinstance(found, dict) else None
    return found
