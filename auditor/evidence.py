"""What a host gave: the evidence that the probe sends and bundles keep, read into values.

The JSON (one gzipped document per host; ``schema`` is ``nova-auditor/evidence/1``)::

    { "schema", "tool": {"name", "version"}, "host", "kind": "live|container|tree", "salt_id", "collected": ISO 8601,
      "limits": {"seconds", "files", "file_bytes"},
      "told": {"release", "services": [...], "expects_none"},    what the operator said of the host, each may be missing
      "address"?,                                      where it was found, where its name does not say so
      "left_out": [ {"path", "reason"} ],              what the probe left out, with the reason, never silently
      "incomplete": [ reason ],                        empty when the probe came to its end
      "services": [ {
          "id", "name", "project": "nova|placement", "role", "source": "process|unit|container|tree",
          "layout": "debian|rdo|kolla|tripleo|openstack-ansible|openstack-helm|snap|devstack|plain",
          "program": prog of oslo.config, "defined": {"path", "line"} or null, "user", "home", "wsgi": bool,
          "arguments": [redacted argv], "environment": {OS_*: redacted value},
          "sources": [ {"path": as the service sees it, "file": key of files or null, "how": HOW} ],   in parse order
          "config_files": [...], "config_dirs": [...],  as the service sees them
          "paths": {path the service uses: key of files, or null},
          "opaque": bool,                               paths not in "paths" lie in an image that was not seen
          "interpreter": id in libraries, or null,
          "process": null or PROCESS, "copies": [ {"path", "host": key of files, "differs": bool} ],
          "names": {host name of the configuration: [addresses]},
          "cells": null or {"status": "read|unknown", "reason", "user",
                            "rows": [ {"name", "uuid", "transport_url", "database_connection", "disabled": bool} ]} } ],
      "files": { path on the host: {"status", "reason", "owner", "group", "mode", "size", "changed", "format", "text"} },
      "libraries": [ {"id", "python", "site": [folders], "packages": {name: {"version", "path"}},
                      "capabilities": {marker: bool} } ],
      "asked": [ "processes", "cells", "servers", "wire" as far as they were asked for ],
      "clock": seconds since the epoch on the host,
      "probe": {"python", "uid", "user", "proc": {"status": "all|some|none", "seen", "denied", "reason"}},
      "processes": [ {"pid", "parent", "service": its id or null, "kind": "main|worker|privsep", "user", "started", "root"} ],
      "listeners": null or [ {"address", "port", "program", "pid", "root"} ],
      "pairs": [ {"certificate", "key", "status": "fits|differs|encrypted|unreadable", "reason"} ],
      "servers": [ {"id", "kind": "rabbitmq|mysql|postgresql", "source": "running|files", "version",
                    "settings": [ {"name", "value", "path", "line"} ], "listeners": [ {"address", "port", "protocol"} ],
                    "accounts": null or [ {"name", "host", "tls", "locked", "tags"} ], "unseen": [reason] } ],
      "wire": {"asked_at", "handshakes": [...] (`auditor.probe.wire`), "incomplete": [reason], "unasked": [...] } }

PROCESS is ``{"status": "running|none|unseen", "reason", "pid", "started", "latest", "count", "user", "environment":
"process|container|unit|unseen", "container": null or {"engine", "id", "name"}, "peers": null or [ {"address", "port",
"count"} ], "peers_reason", "shared": bool}``; times are seconds since the epoch. What stands after ``libraries`` may be missing.

A host that gave nothing is kept too, so that it is not forgotten when the evidence is judged later::

    { "schema", "host", "kind", "lost": {"coverage", "reason"} }

HOW is ``default`` (the search path), ``default-dir``, ``argument`` (``--config-file``) or ``argument-dir``. A file
status is ``read``, or a reason why there is no text: ``metadata`` (of no known format, or a key), ``absent``,
``denied``, ``too-large``, ``not-regular``, ``binary``, ``undecodable``, ``loop``, ``outside``, ``limit``, ``timeout``.
A path in ``sources`` or ``paths`` is written as it was asked for; links are followed inside the root, and ``files``
is keyed by the path asked for, below the root, or by ``LABEL:/path`` for a path inside a container. A folder of certificates has the format ``folder``, and for its text the
names of what it holds under OpenSSL's hash of a subject, by which alone certificates are found there.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from auditor import inputs
from auditor.errors import FileError
from auditor.model import (
    Account,
    CellRow,
    Cells,
    Container,
    Copy,
    Coverage,
    Endpoint,
    File,
    Handshake,
    Kind,
    Libraries,
    Library,
    Listener,
    Missing,
    Origin,
    OriginKind,
    Pair,
    Peer,
    Process,
    Role,
    Server,
    Setting,
    Source,
    Told,
    Trust,
)

SCHEMA = "nova-auditor/evidence/1"

#: The formats that the probe recognises; only these send text, the others send metadata only.
FORMATS = (
    "oslo",
    "my.cnf",
    "logging",
    "paste",
    "policy",
    "pem",
    "environment",
    "unit",
    "kolla",
    "folder",
    "other",
)


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A service as the probe found it, before its configuration is resolved."""

    id: str
    name: str
    project: str
    role: Role
    source: str
    layout: str
    program: str
    defined: Origin | None
    user: str | None
    home: str | None
    is_wsgi: bool
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    sources: tuple[Source, ...]
    config_files: tuple[str, ...]
    config_dirs: tuple[str, ...]
    paths: Mapping[str, str | None]
    is_opaque: bool
    interpreter: str | None
    seen: Process | Missing | None = None
    copies: tuple[Copy, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cells: Cells | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that one host gave. ``files`` maps a path on the host to what was read there, or why not."""

    host: str
    kind: Kind
    salt_id: str
    collected: str
    services: tuple[ServiceRecord, ...]
    files: Mapping[str, File | Missing]
    libraries: Mapping[str, Libraries]
    left_out: tuple[tuple[str, str], ...] = ()
    incomplete: tuple[str, ...] = ()
    told: Told = field(default_factory=Told)
    address: str | None = None
    asked: frozenset[str] = frozenset()
    clock: float = 0.0
    listeners: tuple[Listener, ...] | Missing = ()
    pairs: tuple[Pair, ...] = ()
    servers: tuple[Server, ...] = ()
    handshakes: tuple[Handshake, ...] | None = None
    unasked: tuple[str, ...] = ()

    def files_of(self, service: ServiceRecord) -> "ServiceFiles":
        """The files as that service sees them."""
        return ServiceFiles(self, service)

    def libraries_of(self, service: ServiceRecord) -> Libraries | None:
        """The libraries of that service's own interpreter, or None where they are not in evidence."""
        return None if service.interpreter is None else self.libraries.get(service.interpreter)


#: Services that look for cells in the API's database (`nova.context`); of conductors those that have one.
_WITH_CELLS = frozenset({Role.API, Role.METADATA, Role.SCHEDULER, Role.CONDUCTOR})

_CELLS_UNASKED = "they were not asked for when this evidence was collected: collect it with --cells"


def with_cells(evidence: Evidence, *, are_asked: bool) -> Evidence:
    """The evidence for a run that asks for the cells of a running host, or does not.

    Where nobody asked for them when it was collected, a run that does may not pass them by.
    """
    if evidence.kind is Kind.TREE or ("cells" in evidence.asked) is are_asked:
        return evidence
    unread = Cells(reason=_CELLS_UNASKED)
    services = tuple(
        replace(one, cells=unread if are_asked and one.role in _WITH_CELLS else None)
        for one in evidence.services
    )
    return replace(evidence, services=services)


@dataclass(frozen=True, slots=True)
class ServiceFiles:
    """The files of a host under the paths that one service uses."""

    evidence: Evidence
    service: ServiceRecord

    def at(self, path: str) -> File | Missing:
        """The file at ``path`` as the service names it, or why there is none to read."""
        key: str | None = path
        if path in self.service.paths:
            key = self.service.paths[path]
        elif self.service.is_opaque:
            key = None
        if key is None:
            return Missing(
                path, "elsewhere", "it is a path of the container, which this target does not show"
            )
        found = self.evidence.files.get(key)
        if found is None:
            return Missing(key, "limit", "the probe did not look at it")
        return found


@dataclass(frozen=True, slots=True)
class Lost:
    """An expected host that gave no evidence, and why."""

    host: str
    coverage: Coverage
    reason: str
    kind: Kind = Kind.TREE

    @property
    def content(self) -> Mapping[str, Any]:
        """The JSON value that stands for it among documents."""
        return {
            "schema": SCHEMA,
            "host": self.host,
            "kind": str(self.kind),
            "lost": {"coverage": str(self.coverage), "reason": self.reason},
        }


@dataclass(frozen=True, slots=True)
class Document:
    """The evidence of one host as it was received: the JSON value, kept to be written into a bundle."""

    host: str
    content: Mapping[str, Any] = field(repr=False)

    def read(self) -> Evidence:
        """The values of this document; raises `ValueError` where it does not have the form of the schema."""
        return decode(self.content)


def received(content: Mapping[str, Any]) -> Document | Lost:
    """What a JSON value stands for: the evidence of a host, or that there is none.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(content.get("host"), str):
        raise ValueError("it is not an evidence document")  # noqa: TRY004 - data, not an argument
    if "lost" not in content:
        return Document(content["host"], content)
    try:
        lost = content["lost"]
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema {content['schema']!r} is not {SCHEMA!r}")
        coverage = Coverage(lost["coverage"])
        if coverage in (Coverage.AUDITED, Coverage.PARTIAL):
            raise ValueError(f"a host that gave nothing is not {coverage}")
        return Lost(content["host"], coverage, str(lost["reason"]), Kind(content["kind"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not of the form of {SCHEMA}: {type(error).__name__} {error}") from None


def decode(content: Mapping[str, Any]) -> Evidence:
    """Turn a JSON document into `Evidence`.

    Raises:
        ValueError: another schema, or not of its form; the text says what.
    """
    schema = content.get("schema")
    if schema != SCHEMA:
        raise ValueError(f"schema {schema!r} is not {SCHEMA!r}")
    try:
        at = _seen(content)
        return Evidence(
            host=str(content["host"]),
            kind=Kind(content["kind"]),
            salt_id=str(content["salt_id"]),
            collected=str(content["collected"]),
            services=tuple(_service(item) for item in content["services"]),
            files={path: _file(path, item, at) for path, item in content["files"].items()},
            libraries={item["id"]: _libraries(item) for item in content["libraries"]},
            left_out=tuple((item["path"], item["reason"]) for item in content["left_out"]),
            incomplete=tuple(content["incomplete"]),
            told=_told(content.get("told") or {}),
            address=content.get("address"),
            asked=frozenset(content.get("asked") or ()),
            clock=float(content.get("clock") or 0),
            listeners=_listeners(content),
            pairs=tuple(Pair(**item) for item in content.get("pairs") or ()),
            servers=tuple(_server(item) for item in content.get("servers") or ()),
            handshakes=_handshakes(content.get("wire")),
            unasked=tuple((content.get("wire") or {}).get("incomplete") or ()),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not of the form of {SCHEMA}: {type(error).__name__} {error}") from None


def _seen(content: Mapping[str, Any]) -> float:
    """When the files were looked at, in seconds since the epoch: by the host's clock, else as the document says it."""
    if content.get("clock"):
        return float(content["clock"])
    try:
        return datetime.fromisoformat(content["collected"]).timestamp()
    except ValueError:
        return 0.0


def _told(item: Mapping[str, Any]) -> Told:
    return Told(item.get("release"), tuple(item.get("services") or ()), item.get("expects_none") is True)


def _service(item: Mapping[str, Any]) -> ServiceRecord:
    defined = item["defined"]
    return ServiceRecord(
        id=item["id"],
        name=item["name"],
        project=item["project"],
        role=Role(item["role"]),
        source=item["source"],
        layout=item["layout"],
        program=item["program"],
        defined=None if defined is None else Origin(OriginKind.FILE, defined["path"], defined["line"]),
        user=item["user"],
        home=item["home"],
        is_wsgi=item["wsgi"],
        arguments=tuple(item["arguments"]),
        environment=dict(item["environment"]),
        sources=tuple(Source(entry["path"], entry["file"], entry["how"]) for entry in item["sources"]),
        config_files=tuple(item["config_files"]),
        config_dirs=tuple(item["config_dirs"]),
        paths=dict(item["paths"]),
        is_opaque=item["opaque"],
        interpreter=item["interpreter"],
        seen=_process(item.get("process")),
        copies=tuple(
            Copy(entry["path"], entry["host"], entry["differs"]) for entry in item.get("copies") or ()
        ),
        names={name: tuple(found) for name, found in (item.get("names") or {}).items()},
        cells=_cells(item.get("cells")),
    )


def _process(item: Mapping[str, Any] | None) -> Process | Missing | None:
    if item is None or item["status"] == "none":
        return None
    if item["status"] != "running":
        return Missing("/proc", "denied", item["reason"])
    peers, held = item.get("peers"), item.get("container")
    return Process(
        pid=item["pid"],
        started=item["started"],
        latest=item["latest"],
        count=item["count"],
        user=item["user"],
        environment=item["environment"],
        container=None if held is None else Container(held["engine"], held["id"], held["name"]),
        peers=Missing("/proc", "denied", item.get("peers_reason") or "its sockets were not seen")
        if peers is None
        else tuple(Peer(entry["address"], entry["port"], entry["count"]) for entry in peers),
        is_shared=item.get("shared") is True,
    )


def _cells(item: Mapping[str, Any] | None) -> Cells | None:
    if item is None:
        return None
    if item["status"] != "read":
        return Cells(reason=item["reason"])
    return Cells(
        tuple(
            CellRow(
                row["name"],
                row["uuid"],
                row["transport_url"],
                row["database_connection"],
                row["disabled"],
            )
            for row in item["rows"]
        )
    )


def _listeners(content: Mapping[str, Any]) -> tuple[Listener, ...] | Missing:
    found = content.get("listeners", ())
    if found is None:
        return Missing("/proc", "denied", "the sockets of the host were not seen")
    return tuple(Listener(item["address"], item["port"], item["program"], item["root"]) for item in found)


def _server(item: Mapping[str, Any]) -> Server:
    kind, accounts = item["kind"], item["accounts"]
    return Server(
        id=item["id"],
        role=Role(kind),
        source=item["source"],
        version=item["version"],
        settings={
            entry["name"]: Setting(
                kind,
                entry["name"],
                entry["value"],
                Origin(OriginKind.SERVER)
                if entry.get("path") is None
                else Origin(OriginKind.FILE, entry["path"], entry.get("line")),
            )
            for entry in item["settings"]
        },
        endpoints=tuple(
            Endpoint(entry["address"], entry["port"], entry["protocol"]) for entry in item["listeners"]
        ),
        accounts=None
        if accounts is None
        else tuple(
            Account(entry["name"], entry["host"], entry["tls"], entry["locked"], tuple(entry["tags"]))
            for entry in accounts
        ),
        unseen=tuple(item["unseen"]),
    )


def _handshakes(item: Mapping[str, Any] | None) -> tuple[Handshake, ...] | None:
    if item is None:
        return None
    return tuple(
        Handshake(
            protocol=entry["protocol"],
            host=entry["host"],
            port=entry["port"],
            result=entry["result"],
            reason=entry["reason"],
            at=float(item.get("asked_at") or 0),
            address=entry.get("address"),
            addresses=tuple(entry.get("addresses") or ()),
            version=entry.get("version"),
            cipher=entry.get("cipher"),
            chain=tuple(entry.get("chain") or ()),
            verified=entry.get("verified"),
            verify_error=entry.get("verify_error"),
            asks_client=entry.get("asks_client"),
            trust=Trust(**(entry.get("trust") or {"kind": "none"})),
        )
        for entry in item["handshakes"]
    )


def _file(path: str, item: Mapping[str, Any], seen: float) -> File | Missing:
    if item["status"] not in ("read", "metadata"):
        return Missing(path, item["status"], item["reason"] or item["status"], item["format"])
    return File(
        path,
        item["owner"],
        item["group"],
        item["mode"],
        item["size"],
        item["format"],
        item["text"],
        item.get("changed"),
        seen,
    )


def _libraries(item: Mapping[str, Any]) -> Libraries:
    packages = item["packages"]
    return Libraries(
        {name: Library(name, entry["version"], entry["path"]) for name, entry in packages.items()},
        dict(item["capabilities"]),
    )


def read_documents(path: Path) -> Iterator[Document | Lost]:
    """The evidence documents of a bundle folder or of one file (``.json`` or ``.json.gz``), one at a time.

    Raises:
        FileError: the path holds no evidence, or a file is not what its manifest or its schema says.
    """
    cure = "give a bundle made by `nova-auditor collect -o`"
    if path.is_dir():
        names = _manifest(path)
        for name, digest in names.items():
            yield _document(path / name, digest)
    elif path.exists():
        yield _document(path, None)
    else:
        raise FileError(path, "there is no such file or folder", cure)


def _manifest(folder: Path) -> Mapping[str, str]:
    manifest = folder / "MANIFEST.sha256"
    lines = inputs.read_text(manifest, "give a bundle made by `nova-auditor collect -o`").splitlines()
    if not lines:
        raise FileError(manifest, "it names no document", "collect the bundle again")
    names: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        digest, separator, name = line.partition("  ")
        if not separator or "/" in name:
            raise FileError(f"{manifest}:{number}", "not a line of sha256sum", "collect the bundle again")
        names[name] = digest
    return names


def _document(path: Path, digest: str | None) -> Document | Lost:
    import hashlib

    cure = "collect it again"
    raw = inputs.read(path, cure)
    try:
        if digest is not None and hashlib.sha256(raw).hexdigest() != digest:
            raise FileError(path, "its content is not what the manifest says", cure)
        content = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        return received(content if isinstance(content, dict) else {})
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise FileError(path, f"it cannot be read as evidence: {error}", cure) from None
