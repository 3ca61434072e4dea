"""What the doctor found as JSON, by the schema that ``docs/reference/doctor.schema.json`` publishes.

All is ASCII, so that no character of a host reaches a terminal.
"""

import json
from typing import Any

from auditor.doctor.diagnosis import SCHEMA, Diagnosis, Round, Sighting
from auditor.encoding import TOOL


def render(found: Round) -> str:
    """The diagnoses as JSON; a host stands on a line of its own."""
    content = encode(found)
    hosts = content.pop("hosts")
    lines = [f' "{key}": {json.dumps(value)}' for key, value in content.items()]
    lines.append(
        ' "hosts": [\n  ' + ",\n  ".join(json.dumps(host) for host in hosts) + "\n ]"
        if hosts
        else ' "hosts": []'
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def encode(found: Round) -> dict[str, Any]:
    """The diagnoses as a JSON value, keys in the order of the schema."""
    clear = sum(host.is_clear for host in found.diagnoses)
    return {
        "schema": SCHEMA,
        "tool": {"name": TOOL, "version": found.tool_version},
        "started": found.started,
        "finished": found.finished,
        "asked": list(found.asked),
        "coverage": {"hosts_expected": len(found.diagnoses), "hosts_clear": clear},
        "exit": {"code": found.exit.code, "reason": found.exit.reason},
        "hosts": [_host(host) for host in found.diagnoses],
    }


def _host(host: Diagnosis) -> dict[str, Any]:
    return {
        "name": host.host,
        "kind": str(host.kind),
        "coverage": str(host.coverage),
        "clear": host.is_clear,
        "sightings": [_sighting(seen) for seen in host.sightings],
    }


def _sighting(seen: Sighting) -> dict[str, Any]:
    return {
        "aspect": str(seen.aspect),
        "sight": str(seen.sight),
        "said": seen.said,
        "items": list(seen.items),
        "obstacles": [
            {
                "reason": one.reason,
                "cure": one.cure,
                "objects": list(one.objects),
                "needed_for": one.needed_for,
            }
            for one in seen.obstacles
        ],
    }
