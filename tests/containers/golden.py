"""What reviewers agreed on for each fixture host (``molecule/default/golden``), and a report in the same words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "molecule" / "default" / "golden"


def expected(kind: str) -> list[str]:
    """The lines of a golden list, sorted: status, severity, check, service and object."""
    lines = (FOLDER / f"{kind}.txt").read_text().splitlines()
    return sorted(line for line in lines if line and not line.startswith("#"))


def found(report: Mapping[str, Any], host: str) -> list[str]:
    """The findings of one host of a JSON report, in the same words."""
    return sorted(
        f"{one['status']} {one['severity']} {one['check']} {one['service'] or '-'} {one['object'] or '-'}"
        for one in report["findings"]
        if one["host"] == host
    )
