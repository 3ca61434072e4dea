"""Documents of running hosts, grown by the real probe from a small tree and made live by hand."""

from pathlib import Path
from typing import Any

from auditor.doctor.diagnosis import Aspect, Diagnosis, Obstacle, Sighting
from auditor.doctor.examination import diagnose
from auditor.evidence import Document
from tests.trees import CERTIFICATE, CLOCK, RUNNING, answered, grow, unit

CONF = "[DEFAULT]\ntransport_url = rabbit://nova:pw@mq.example:5671/\n[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"

#: As root, on a host that hides nothing.
ROOT = {
    "python": "3.11.2",
    "uid": 0,
    "user": "root",
    "proc": {"status": "all", "seen": 120, "denied": 0, "reason": ""},
}
USER = {**ROOT, "uid": 1000, "user": "auditor"}

DENIED = {"status": "denied", "reason": "permission denied", "text": None}


def document(folder: Path, service: str = "nova-conductor", **changes: Any) -> Document:
    """A host on which one service runs; ``process``, ``record`` and ``file`` change its parts, the rest the document."""
    tree = grow(
        folder / "ctl01",
        {**unit(service), "/etc/nova/nova.conf": CONF, "/etc/nova/ca.pem": CERTIFICATE},
    )
    content = answered(tree, "ctl01")
    record = content["services"][0]
    record["process"] = changes.pop("process", RUNNING)
    record.update({"interpreter": "python", **changes.pop("record", {})})
    for path, change in changes.pop("files", {}).items():
        content["files"][path].update(change)
    content.update(
        {
            "kind": "live",
            "clock": CLOCK,
            "asked": ["processes"],
            "probe": ROOT,
            "told": {"release": "2025.1", "services": [], "expects_none": False},
            **changes,
        }
    )
    return Document("ctl01", content)


def seen(folder: Path, aspect: Aspect, *asked: str, **changes: Any) -> Sighting:
    """What is seen of one aspect of `document`."""
    found = diagnose(document(folder, **changes), asked=asked).of(aspect)
    assert found is not None
    return found


def obstacle(folder: Path, aspect: Aspect, *asked: str, **changes: Any) -> Obstacle:
    """The one obstacle of an aspect."""
    (found,) = seen(folder, aspect, *asked, **changes).obstacles
    return found


def reasons(found: Diagnosis) -> list[str]:
    """Why something is not seen, for all aspects."""
    return [one.reason for _, one in found.obstacles]
