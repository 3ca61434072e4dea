"""What leaves of a value and of a line: the redactor of oslo.config's INI, and what it shares with other formats.

A value leaves only if its option is listed in `schema` and it fits the grammar of its kind. What follows a line break or
white space and ``#`` or ``;``, a value of the wrong form, and a line that does not parse become tokens. The redacted text
has the lines, sections, options and errors of the original under ``oslo_config/iniparser.py``.
"""

import re
from typing import TYPE_CHECKING, Callable, Optional, Pattern

from . import grammar, ini, tokens, urls
from .schema import Kind

if TYPE_CHECKING:
    from .schema import Schema

#: What leaves of a name.
Renaming = Callable[[str], str]

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")

_COMMENT = re.compile(r"\s[#;]")


class Redactor:
    """Redacts with one schema under one salt."""

    def __init__(self, schema: "Schema", salt: bytes) -> None:
        self.schema = schema
        self.salt = salt

    def whole(self, value: str, section: Optional[str] = None) -> str:
        """Return the token that stands for all of a value."""
        return tokens.make(value, self.salt, None, self.schema.references(value, section))

    def name(self, name: str, pattern: Pattern[str] = NAME) -> str:
        """Return a name if it has the form of one, else a token."""
        return name if pattern.fullmatch(name) else self.whole(name)

    def variable(self, name: str) -> str:
        """Return the name of an environment variable if it has the form of one or is known, else a token."""
        return name if self.schema.knows_variable(name) else self.name(name)

    def group(self, name: str) -> str:
        """Return the name of a section if it has the form of one or is a known group between blanks, else a token."""
        return name if self.schema.knows_group(name.strip(" ")) else self.name(name)

    def value(self, value: str, kind: Kind, section: Optional[str] = None) -> str:
        """Return what leaves of a value of one line.

        Args:
            value: without its quotes.
            kind: of `schema.Schema`; `schema.SECRET` withholds all but a reference to a known option.
            section: where references look for their option first.
        """
        if value and self.schema.is_reference(value, section):
            return value
        if not kind:
            return self.whole(value, section)
        if kind[-1] == "url":
            return self._urls(value, kind, section)
        if kind == ("pairs",):
            done = urls.pairs(value, self.schema, self.salt, section)
            return self.whole(value, section) if done is None else done
        comment = _COMMENT.search(value)
        head = value[: comment.start()].rstrip() if comment else value
        if self._leaves(head, kind, section):
            return head + (
                " {} {}".format(comment.group(0)[1], self.whole(value[comment.end() :].strip()))
                if comment
                else ""
            )
        if kind == ("list", "logger"):
            return ",".join(self._logger(item.strip()) for item in value.split(","))
        return self.whole(value, section)

    def _leaves(self, value: str, kind: Kind, section: Optional[str]) -> bool:
        if grammar.fits(value, kind):
            return True
        if "$" not in value or not grammar.embeds(kind):
            return False
        plain = grammar.without_references(value, lambda key: self.schema.refers(key, section))
        return plain is not None and grammar.fits(plain, kind)

    def _urls(self, value: str, kind: Kind, section: Optional[str]) -> str:
        if not value:
            return value
        parts = [part.strip() for part in value.split(",")] if kind[0] == "list" else [value]
        done = [urls.redact(part, self.schema, self.salt, section) if part else part for part in parts]
        kept = [part for part in done if part is not None]
        return ",".join(kept) if len(kept) == len(done) else self.whole(value, section)

    def _logger(self, item: str) -> str:
        if grammar.is_logger(item):
            return item
        level = grammar.level_of(item)
        return (
            self.whole(item) if level is None else "{}={}".format(self.whole(item[: -len(level) - 1]), level)
        )

    def oslo(self, text: str) -> str:
        """Return the text of a configuration file of oslo.config without what must not leave."""
        return self.lines(text, self.schema.option)

    def lines(
        self,
        text: str,
        kind_of: Callable[[Optional[str], str], Kind],
        name_of: Optional[Renaming] = None,
        section_of: Optional[Renaming] = None,
    ) -> str:
        """Redact the lines of an INI file.

        ``kind_of`` is called with (section, name) and returns the kind; ``name_of`` and ``section_of`` with the name of an
        option or a section, and return what leaves of it.
        """
        lines = list(ini.read(text))
        done = []
        for number, line in enumerate(lines):
            if line.kind == "option":
                is_continued = number + 1 < len(lines) and lines[number + 1].kind == "continuation"
                # Before any section the parse fails anyway, and what looks like a name may be anything.
                called = self.whole if line.section is None else name_of or self.name
                done.append(self._option(line, kind_of(line.section, line.name or ""), is_continued, called))
            elif line.kind == "section":
                done.append("[{}]".format((section_of or self.group)(line.name or "")))
            else:
                done.append(self._other(line))
        return "\n".join(done)

    def _option(self, line: "ini.Line", kind: Kind, is_continued: bool, name_of: Renaming) -> str:
        # The first line of a URL or of pairs may be the first half of a password.
        withheld = is_continued and bool(kind) and kind[-1] in ("url", "pairs")
        value = (
            self.whole(line.value, line.section) if withheld else self.value(line.value, kind, line.section)
        )
        quote = "" if tokens.parse(value) else line.quote
        return "{} {} {}{}{}".format(name_of(line.name or ""), line.delimiter, quote, value, quote).rstrip()

    def _other(self, line: "ini.Line") -> str:
        if line.kind == "comment":
            return "#"
        if line.kind == "continuation":
            return "    " + self.whole(line.value, line.section)
        return "" if line.kind == "blank" else self._unparsable(line)

    def _unparsable(self, line: "ini.Line") -> str:
        # Each keeps the error that the parser raises there: an empty name, a section without its end or without a name,
        # a continuation of nothing, no delimiter.
        if line.delimiter:
            return line.delimiter
        if line.text == "[]":
            return line.text
        lead = "[" if line.text.startswith("[") else "    " if line.text.startswith((" ", "\t")) else ""
        bom = "\ufeff" if line.text.startswith("\ufeff") else ""
        return bom + lead + self.whole(line.text.strip())
