"""A configuration set as evidence, without a disk: what the probe would send, but with the raw text."""

import base64
import posixpath
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from auditor.evidence import Evidence, ServiceRecord
from auditor.model import File, Kind, Missing, Role, Source
from auditor.probe.order import order

# nova names the program itself (nova/api/openstack/wsgi_app.py) in these; before, it is the name of the WSGI server.
NAMED_BY_NOVA = ("2026.1", "2026.2")
PROGRAMS = {"osapi_compute": "nova-api-os-compute", "metadata": "nova-api-metadata"}


class Disk:
    """The files of a set, with the calls that `auditor.probe.order` makes."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self._contents: Mapping[str, Any] = case["files"]
        self._links: Mapping[str, str] = case.get("links", {})
        self._locked = {path for path, mode in case.get("modes", {}).items() if mode == "000"}
        self._modes: Mapping[str, str] = case.get("modes", {})
        self._folders = {"/", "/etc/nova", "/srv", "/var/lib/nova", *case.get("directories", ())}
        for path in [*self._contents, *self._links, *self._folders]:
            self._folders.update(map(str, PurePosixPath(path).parents))

    def exists(self, path: str) -> bool:
        try:
            self._resolve(path)
        except OSError:
            return False
        return True

    def listdir(self, path: str) -> list[str]:
        folder = self._resolve(path)
        if folder in self._contents:
            raise NotADirectoryError(path)
        if self._modes.get(folder) in ("000", "100"):
            raise PermissionError(path)
        names = {
            known.removeprefix(folder.rstrip("/") + "/")
            for known in self._all()
            if known.startswith(folder.rstrip("/") + "/")
        }
        return sorted({name.split("/")[0] for name in names if name})

    def read(self, path: str) -> File | Missing:
        """What the probe would record of a path."""
        try:
            found = self._resolve(path)
        except FileNotFoundError:
            return Missing(path, "absent", "there is no such file")
        except NotADirectoryError:
            return Missing(path, "not-regular", "a part of the path is a file")
        except PermissionError:
            return Missing(path, "denied", "permission denied")
        except OSError:
            return Missing(path, "loop", "too many links")
        if found in self._locked:
            return Missing(path, "denied", "permission denied")
        if found in self._folders:
            return Missing(path, "not-regular", "it is a folder")
        content = self._contents[found]
        raw = content.encode() if isinstance(content, str) else base64.b64decode(content["base64"])
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return Missing(path, "undecodable", "it is not UTF-8")
        return File(path, None, None, "0640", len(raw), "oslo", text)

    def _all(self) -> set[str]:
        return {*self._contents, *self._links, *self._folders}

    def _resolve(self, path: str) -> str:
        found, waiting, links = "/", [part for part in path.split("/") if part not in ("", ".")], 0
        while waiting:
            if found in self._contents:
                raise NotADirectoryError(path)
            if self._modes.get(found) in ("000", "400"):
                raise PermissionError(path)
            part = waiting.pop(0)
            whole = posixpath.dirname(found) if part == ".." else posixpath.join(found, part)
            if whole in self._links:
                links += 1
                if links > 40:
                    raise OSError(path)
                target = self._links[whole]
                found = "/" if target.startswith("/") else found
                waiting = [*(step for step in target.split("/") if step not in ("", ".")), *waiting]
            elif whole in self._contents or whole in self._folders:
                found = whole
            else:
                raise FileNotFoundError(path)
        return found


def evidence_of(case: Mapping[str, Any], release: str) -> tuple[Evidence, ServiceRecord]:
    """The evidence of one set and its only service, as a service of ``release`` would be found."""
    disk = Disk(case)
    is_wsgi = "application" in case
    program = PROGRAMS[case["application"]] if is_wsgi and release in NAMED_BY_NOVA else case["program"]
    ordered = order("nova", program, case["arguments"], case["environment"], case["home"], is_wsgi, disk)
    record = ServiceRecord(
        id="service",
        name=program,
        project="nova",
        role=Role.UNKNOWN,
        source="tree",
        layout="plain",
        program=program,
        defined=None,
        user=None,
        home=case["home"],
        is_wsgi=is_wsgi,
        arguments=tuple(case["arguments"]),
        environment=case["environment"],
        sources=tuple(Source(source.path, source.path, source.how) for source in ordered.sources),
        config_files=tuple(ordered.config_files),
        config_dirs=tuple(ordered.config_dirs),
        paths={},
        is_opaque=False,
        interpreter=None,
    )
    files = {source.path: disk.read(source.path) for source in ordered.sources}
    return Evidence("node1", Kind.TREE, "", "2026-01-01T00:00:00Z", (record,), files, {}), record
