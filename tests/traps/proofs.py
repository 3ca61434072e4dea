"""The traps of `traps.json`, and by what each is proven.

A trap is the files of a host, and what must come out for a range of releases. An expectation is a value in the report
(``"command": ["audit"]``), in the output of ``show``, or what a function of the auditor says of the host's service
(``"function": "module:name"``, with ``"arguments"`` by name). ``"path"`` leads to the value; ``"*"`` inside a text stands
for what was withheld, alone for any text. An id begins with that of the trap; what follows a dash is a variant.
``"measured"`` names the recorded truth that the expectations rest on, as ``subject:case``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: What an expectation is held against, the nearest to what a user sees first.
KINDS = ("report", "settings", "function")


def traps() -> Sequence[Mapping[str, Any]]:
    """Every trap, with its variants, in the order of their ids."""
    found: Sequence[Mapping[str, Any]] = json.loads(Path(__file__).with_name("traps.json").read_text())
    return found


def kind(expectation: Mapping[str, Any]) -> str:
    """Which of `KINDS` an expectation is."""
    if "function" in expectation:
        return "function"
    return "report" if expectation["command"][0] == "audit" else "settings"


def proofs() -> Sequence[tuple[str, str]]:
    """(id, kind) of each trap without its variants: the first of `KINDS` that it is proven by; its area is ``id[0]``."""
    kinds: dict[str, set[str]] = {}
    for trap in traps():
        found = kinds.setdefault(trap["id"].partition("-")[0], set())
        found |= {kind(expectation) for expectation in trap["expect"]}
    return tuple(
        (name, next(word for word in KINDS if word in found)) for name, found in sorted(kinds.items())
    )
