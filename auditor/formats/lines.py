"""What both texts for a reader are made of: paragraphs that are wrapped to the page, and the exit reason at the end."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from textwrap import TextWrapper

from rich.console import Console
from rich.table import Table
from rich.text import Text

from auditor.formats import Page, visible, without_tokens
from auditor.model import Severity
from auditor.report import Exit

COLOURS = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph that is wrapped to the page and indented; its further lines ``hang`` columns more."""

    text: str
    by: int
    mark: str
    style: str
    hang: int

    def wrapped(self, width: int) -> Text:
        """The paragraph on a page of that width."""
        start = " " * self.by
        wrapper = _Wrapper(
            max(width, self.by + 20),
            initial_indent=start,
            subsequent_indent=start + " " * self.hang,
            break_on_hyphens=False,
        )
        return Text("\n".join(wrapper.wrap(self.mark + self.text)), style=self.style)


class _Wrapper(TextWrapper):
    # Also between the brokers of a URL, and between the keys of its query.
    wordsep_simple_re = re.compile(r"(\s+|(?<=[,?&])(?=\S))")

    def _handle_long_word(
        self, reversed_chunks: list[str], cur_line: list[str], cur_len: int, width: int
    ) -> None:
        # A path that is to be copied stays whole, on a line of its own.
        if not _is_path(reversed_chunks[-1]):
            super()._handle_long_word(reversed_chunks, cur_line, cur_len, width)
        elif not cur_line:
            cur_line.append(reversed_chunks.pop())


def _is_path(word: str) -> bool:
    return word.lstrip("(\"'`").startswith("/")


def write_up(parts: Iterable[Iterable[Table | Text | Line]], end: Exit, page: Page) -> str:
    """The parts as text, with the exit code and its reason in the last line. Nothing in them is markup."""
    out = StringIO()
    console = Console(
        file=out,
        width=page.width,
        force_terminal=page.colour,
        no_color=not page.colour,
        color_system="standard" if page.colour else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    for part in parts:
        for piece in part:
            if isinstance(piece, Line):
                console.print(piece.wrapped(page.width), no_wrap=True, overflow="ignore", crop=False)
            else:
                console.print(piece)
    colour = "green" if end.code == 0 else "bold red"
    console.print(Text(f"exit {end.code}: {visible(end.reason)}", style=colour))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def inset(text: str, by: int = 2, mark: str = "", style: str = "", hang: int = 2) -> Line:
    """A paragraph of what a host may have said."""
    return Line(shown(text), by, mark, style, hang)


def shown(text: str) -> str:
    """Text of a host: no control characters, and three stars for what was withheld."""
    return without_tokens(visible(text), "***")
