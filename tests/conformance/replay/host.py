"""A case as a host: its files below a root, what the probe takes from there, and the service the auditor makes of it.

The probe runs once per case; the libraries that a truth was measured with stand in for those of the host, so that the
same evidence is judged for every release.
"""

import base64
import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from auditor import views
from auditor.check import Outcome
from auditor.evidence import Evidence, ServiceRecord, decode
from auditor.model import Libraries, Library, Service
from auditor.probe.run import collect
from auditor.views import View, views_of

#: Where the certificates of the measuring folder lie on the host of a case.
FOLDER = "/etc/ssl/openstack"

_CERTIFICATE = (Path(__file__).parents[2] / "traps" / "ca.pem").read_text()
_KEY = "-----BEGIN PRIVATE KEY-----\n" + "RVhBTVBMRQ==" * 15 + "\n-----END PRIVATE KEY-----\n"

#: What `tests/conformance/measure/certificates.py` makes, as far as the auditor can tell it apart.
MADE: Mapping[str, str] = {
    "ca.pem": _CERTIFICATE,
    "system.pem": _CERTIFICATE,
    "other.pem": _CERTIFICATE,
    "client.pem": _CERTIFICATE,
    "client.key": _KEY,
    "both.pem": _CERTIFICATE + _KEY,
    "empty.pem": "",
    "garbage.pem": "this is no certificate\n",
    "folder/README": "",
    "hashed/0a0b0c0d.0": _CERTIFICATE,
}


def place(text: str, port: int) -> str:
    """Text of a case with the host's folder and port in it."""
    return text.replace("@DIR@", FOLDER).replace("@PORT@", str(port))


def opener(case: Mapping[str, Any]) -> str:
    """The service that opens the databases of a case's project."""
    return "placement-api" if case.get("project") == "placement" else "nova-conductor"


def view(
    case: Mapping[str, Any], truth: Mapping[str, Any], port: int, service: str = "nova-conductor"
) -> View:
    """The one service of a case as the auditor has it with the libraries of a truth, with all that it derives."""
    evidence, record, _ = _seen(case, truth, port, service)
    (found,) = views_of(evidence, record, None)
    assert not isinstance(found.service, Outcome), found.service.message
    return found


def service_of(
    case: Mapping[str, Any], truth: Mapping[str, Any], port: int, service: str = "nova-conductor"
) -> Service:
    """That service alone, where nothing else is asked for."""
    evidence, record, libraries = _seen(case, truth, port, service)
    return views.service_of(evidence, record, truth["release"].partition("+")[0], libraries, assumed=False)


def _seen(
    case: Mapping[str, Any], truth: Mapping[str, Any], port: int, service: str
) -> tuple[Evidence, ServiceRecord, Libraries]:
    """What the probe took from a case's host, on which the libraries of a truth are installed."""
    project = case.get("project", "nova")
    content = json.dumps([project, case.get("conf"), case.get("files", {})])
    evidence, record = _evidence(content, port, service)
    release = truth["release"]
    installed = {
        name: Library(name, version, "/usr/lib/python3") for name, version in truth["libraries"].items()
    }
    libraries = Libraries(installed, truth.get("capabilities", {}))
    evidence = replace(evidence, libraries={release: libraries})
    record = replace(record, interpreter=release, environment=dict(case.get("environment", {})))
    return evidence, record, libraries


@cache
def _root() -> tempfile.TemporaryDirectory[str]:
    """The root of all cases' hosts, with what they share; it goes when Python ends."""
    folder = tempfile.TemporaryDirectory(prefix="conformance-")
    for name, text in MADE.items():
        _write(Path(folder.name), f"{FOLDER}/{name}", text)
    return folder


def _write(root: Path, path: str, text: str) -> Path:
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


@cache
def _evidence(case: str, port: int, service: str) -> tuple[Evidence, ServiceRecord]:
    project, conf, files = json.loads(case)
    content = {f"/etc/{project}/{project}.conf": place(conf, port)}
    for path, text in files.items():
        placed = place(path, port)
        content[placed if placed.startswith("/") else f"/etc/nova/{placed}"] = place(text, port)
    root = Path(_root().name)
    written = [_write(root, path, text) for path, text in content.items()]
    try:
        document = collect(
            {
                "host": "case",
                "kind": "tree",
                "root": str(root),
                "salt": base64.b64encode(bytes(32)).decode(),
                "salt_id": "0" * 16,
                "services": [service],
            }
        )
    finally:
        for file in written:
            file.unlink()
        for name in MADE.keys() & {path.removeprefix(f"{FOLDER}/") for path in content}:
            _write(root, f"{FOLDER}/{name}", MADE[name])
    assert not document["incomplete"], document["incomplete"]
    evidence = decode(document)
    (record,) = evidence.services
    return evidence, record
