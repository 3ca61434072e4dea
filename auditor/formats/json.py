"""The report as JSON, by the schema that ``docs/reference/report.schema.json`` publishes.

A host, a finding and a check each stand on a line of their own: reports can be compared by line, and large ones are
written by the fast encoder. All is ASCII, so that no character of a host reaches a terminal.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from auditor.check import Check
from auditor.encoding import encode
from auditor.formats import Page
from auditor.report import Report


def render(report: Report, catalogue: Sequence[Check], page: Page) -> str:  # noqa: ARG001 - as every format
    """The report as JSON."""
    return "".join(_lines(encode(report)))


def _lines(content: dict[str, Any]) -> Iterator[str]:
    yield "{\n"
    last = len(content) - 1
    for number, (key, value) in enumerate(content.items()):
        yield f' "{key}": '
        if isinstance(value, list) and value:
            yield "[\n  " + ",\n  ".join(json.dumps(item) for item in value) + "\n ]"
        elif isinstance(value, dict) and key in ("passed", "not_applicable") and value:
            items = (f"{json.dumps(name)}: {json.dumps(item)}" for name, item in value.items())
            yield "{\n  " + ",\n  ".join(items) + "\n }"
        else:
            yield json.dumps(value)
        yield "\n" if number == last else ",\n"
    yield "}\n"
