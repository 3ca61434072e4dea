"""What an upgrade changes as JSON, by the schema that ``docs/reference/upgrade.schema.json`` publishes.

A difference stands there once; the services that have it name it by its place in the list, since a fleet has most of
them in common. All is ASCII, so that no character of a host reaches a terminal.
"""

import json
from typing import Any

from auditor.encoding import TOOL, encode_origin
from auditor.upgrade.difference import SCHEMA, Difference, HostUpgrade, Upgrade


def render(upgrade: Upgrade) -> str:
    """The differences as JSON; a difference and a host each stand on a line of their own."""
    content = encode(upgrade)
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value:
            lines.append(f' "{key}": [\n  ' + ",\n  ".join(json.dumps(item) for item in value) + "\n ]")
        else:
            lines.append(f' "{key}": {json.dumps(value)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def encode(upgrade: Upgrade) -> dict[str, Any]:
    """The differences as a JSON value, keys in the order of the schema."""
    places: dict[Difference, int] = {}
    hosts = [_host(host, places) for host in upgrade.hosts]
    compared = sum(host.is_compared for host in upgrade.hosts)
    return {
        "schema": SCHEMA,
        "tool": {"name": TOOL, "version": upgrade.tool_version},
        "started": upgrade.started,
        "finished": upgrade.finished,
        "to": upgrade.release,
        "from": upgrade.present,
        "selection": {
            "profile": upgrade.profile,
            "checks": list(upgrade.checks),
            "not_asked": list(upgrade.not_asked),
        },
        "complete": upgrade.complete,
        "coverage": {"hosts_expected": upgrade.hosts_expected, "hosts_compared": compared},
        "exit": {"code": upgrade.exit.code, "reason": upgrade.exit.reason},
        "differences": [_difference(one) for one in places],
        "hosts": hosts,
    }


def _host(host: HostUpgrade, places: dict[Difference, int]) -> dict[str, Any]:
    return {
        "name": host.name,
        "kind": str(host.kind),
        "coverage": str(host.coverage),
        "reason": host.reason,
        "undecided": {"error": host.errors, "unknown": host.unknowns},
        "failures_unchanged": host.unchanged,
        "differences": [places.setdefault(one, len(places)) for one in host.differences],
        "services": [
            {
                "id": service.id,
                "name": service.name,
                "role": str(service.role),
                "release": service.release,
                "release_assumed": service.is_assumed,
                "not_compared": service.reason,
                "differences": [places.setdefault(one, len(places)) for one in service.differences],
            }
            for service in host.services
        ],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "aspect": str(one.aspect),
        "effect": str(one.effect),
        "severity": None if one.severity is None else str(one.severity),
        "subject": one.subject,
        "before": one.before,
        "after": one.after,
        "message": one.message,
        "evidence": [
            {"setting": line.setting, "value": line.value, "origin": encode_origin(line.origin)}
            for line in one.evidence
        ],
        "remediation": one.remedy,
        "before_the_upgrade": one.is_early,
        "checks": list(one.checks),
        "within": one.within,
        "judged": one.is_judged,
    }
