"""What the auditor says of a case of logging: every logger's level, and what is written."""

from collections.abc import Mapping
from typing import Any

from auditor.check import Outcome
from auditor.semantics.logs import Levels
from tests.conformance.replay.host import view

#: Where the auditor may differ, by case, and why.
KNOWN: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "pairs/integer-underscore/compute",
            "broken/no-level/compute",
            "broken/empty-level/compute",
            "broken/loud/compute",
            "broken/number-text/compute",
            "broken/float/compute",
            "broken/colon/compute",
            "broken/later/compute",
            "broken/two-signs/compute",
        ),
        "what has no level that exists may be anything, and stays on its host: unknown",
    ),
    **dict.fromkeys(
        ("file/interpolated/compute", "file/interpolation/compute"),
        "a level that refers to another key stays on its host: unknown",
    ),
    "file/capitals/compute": "keys in capital letters stay on their host: unknown",
    "file/text/compute": "text that is no logging configuration stays on its host: error",
}

_SERVICES: Mapping[str, str] = {
    "api": "nova-api",
    "metadata": "nova-api-metadata",
    "conductor": "nova-conductor",
    "scheduler": "nova-scheduler",
    "compute": "nova-compute",
    "console-proxy": "nova-novncproxy",
}

#: What is looked for in the output, and never there.
_NEVER = {"configuration-secrets", "tokens"}


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where the auditor and the libraries differ, None where they agree."""
    result = truth["results"][case["id"]]
    levels = view(case, truth, 5672, _SERVICES[case["role"]]).levels
    if isinstance(levels, Outcome):
        return f"the auditor says {levels.status}: {levels.message}"
    assert isinstance(levels, Levels)
    if "start" in result or levels.broken is not None:
        is_same = "start" in result and levels.broken is not None
        return None if is_same else f"the auditor says {levels.broken}, the library {result.get('start')}"
    differing = [
        f"{logger}: the auditor says {levels.level(logger)}, the library {level}"
        for logger, level in result["levels"].items()
        if levels.level(logger) != level
    ]
    said = {record.kind for record in levels.records}
    true = {kind for kind, written in result["written"].items() if written}
    differing += [f"{kind}: only the auditor says it is written" for kind in sorted(said - true)]
    differing += [f"{kind}: only the library writes it" for kind in sorted(true - said)]
    differing += [f"{kind}: it has no place in a log" for kind in sorted(true & _NEVER)]
    return "; ".join(differing) or None
