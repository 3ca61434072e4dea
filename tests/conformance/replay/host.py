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

from auditor.check import Outcome
from auditor.evidence import Evidence, ServiceRecord, decode
from auditor.model import Libraries, Library
from auditor.probe.run import collect
from auditor.views import View, views_of

#: Where the certificates of the measuring folder lie on the host of a case.
FOLDER = "/etc/ssl/openstack"

_CERTIFICATE = (Path(__file__).parents[2] / "traps" / "ca.pem").read_text()
_KEY = "-----BEGIN PRIVATE KEY-----\nRVhBTVBMRQ==\n-----END PRIVATE KEY-----\n"

#: What `tests/conformance/measure/certificates.py` makes, as far as the auditor can tell it apart.
_MADE: Mapping[str, str] = {
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


def view(
    case: Mapping[str, Any], truth: Mapping[str, Any], port: int, service: str = "nova-conductor"
) -> View:
    """The one service of a case as the auditor has it with the libraries of a truth."""
    evidence, record = _evidence(json.dumps([case.get("conf"), case.get("files", {})]), port, service)
    release = truth["release"]
    libraries = {
        name: Library(name, version, "/usr/lib/python3") for name, version in truth["libraries"].items()
    }
    evidence = replace(evidence, libraries={release: Libraries(libraries)})
    record = replace(record, interpreter=release, environment=dict(case.get("environment", {})))
    (found,) = views_of(evidence, record, None)
    assert not isinstance(found.service, Outcome), found.service.message
    return found


@cache
def _evidence(case: str, port: int, service: str) -> tuple[Evidence, ServiceRecord]:
    conf, files = json.loads(case)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        root = Path(folder)
        content = {f"{FOLDER}/{name}": text for name, text in _MADE.items()}
        content["/etc/nova/nova.conf"] = place(conf, port)
        for path, text in files.items():
            placed = place(path, port)
            content[placed if placed.startswith("/") else f"/etc/nova/{placed}"] = place(text, port)
        for path, text in content.items():
            file = root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        document = collect(
            {
                "host": "case",
                "kind": "tree",
                "root": str(root),
                "salt": base64.b64encode(bytes(32)).decode(),
                "salt_id": "0" * 16,
                "service": service,
            }
        )
    assert not document["incomplete"], document["incomplete"]
    evidence = decode(document)
    (record,) = evidence.services
    return evidence, record
