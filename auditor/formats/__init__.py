"""How a report is written: pure functions from a `Report` to text.

What a host sent is data in every format: it never becomes markup, and control characters are shown, not sent.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from auditor.check import Check
from auditor.report import Report

#: Name to ``module:function``, loaded when used.
FORMATS: Mapping[str, str] = {
    "text": "auditor.formats.text:render",
    "json": "auditor.formats.json:render",
    "junit": "auditor.formats.junit:render",
}


@dataclass(frozen=True, slots=True)
class Page:
    """What the text is written on: its width in columns, and whether it shows colour."""

    width: int = 80
    colour: bool = False


class Render(Protocol):
    """Writes a report in one format."""

    def __call__(self, report: Report, catalogue: Sequence[Check], page: Page) -> str:
        """The report as text that ends with a line break; titles and reasons come from the catalogue."""
        ...


def load(name: str) -> Render:
    """The renderer of a format of `FORMATS`."""
    module, _, function = FORMATS[name].partition(":")
    found: Render = getattr(import_module(module), function)
    return found


def visible(text: str) -> str:
    r"""``text`` with what a terminal or a reader would obey or not see written as an escape, such as ``\x1b``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _is_harmless(character) else _escaped(character) for character in text)


def without_tokens(text: str, instead: str = "(withheld)") -> str:
    """``text`` with ``instead`` for every token of what stayed on its host."""
    from auditor.probe.tokens import PATTERN

    return PATTERN.sub(instead, text)


def _is_harmless(character: str) -> bool:
    # Control, format (bidirectional overrides among them), surrogate, private, unassigned; separators of lines.
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
