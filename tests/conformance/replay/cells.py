"""What the auditor makes of a row of the table of cells."""

from collections.abc import Mapping
from typing import Any

from auditor.model import Library
from auditor.semantics.cells import expand

#: Case id to the reason why the auditor may differ there.
KNOWN: Mapping[str, str] = dict.fromkeys(
    ("attribute", "item"),
    "a template that asks for more than parts of the URL is not evaluated; its URL is unknown",
)

#: What Nova takes where no transport_url is written.
_DEFAULT = "rabbit://"


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where the auditor and Nova differ, None where they agree."""
    base = case["base"]
    if base is None and case["kind"] == "broker":
        base = _DEFAULT
    nova = Library("nova", truth["libraries"]["nova"])
    said = expand(case["row"], base, by_netutils=nova.release >= (34,)).text
    found = truth["results"][case["id"]]["url"]
    return None if said == found else f"the auditor says {said}, Nova {found}"
