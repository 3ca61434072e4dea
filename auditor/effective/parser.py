"""Reads the text of one configuration file with oslo.config's own parser, and remembers where every value stands."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from oslo_config import cfg, iniparser

from auditor.effective.unparsable import Unparsable
from auditor.model import Origin, OriginKind


class Written(str):
    """A value as it was written, which knows where and under which group (in lower case but for DEFAULT) and name.

    It passes through oslo.config's own look-ups, so that what comes out of them still has its own file and line:
    `ConfigOpts.get_location` knows the file of a section's last occurrence only.
    """

    __slots__ = ("group", "name", "origin")

    origin: Origin
    group: str
    name: str

    @classmethod
    def at(cls, text: str, origin: Origin, group: str, name: str) -> "Written":
        """Return the text as written at ``origin``."""
        made = cls(text)
        made.origin = origin
        made.group = group
        made.name = name
        return made


#: Group (lower case but for DEFAULT) to name to the values written there, first to last.
Sections = Mapping[str, Mapping[str, Sequence[Written]]]


@dataclass(frozen=True, slots=True)
class Parsed:
    """One parsed file."""

    path: str
    sections: Sections


class _Parser(cfg.ConfigParser):
    """oslo.config's parser on lines in memory; values remember the line on which they begin."""

    def __init__(self, path: str) -> None:
        super().__init__(path, {})
        self.normalized: dict[str, dict[str, list[Written]]] = {}
        self._began = 0

    def read(self, lines: Sequence[str]) -> None:
        iniparser.BaseParser.parse(self, lines)

    def _split_key_value(self, line: str) -> tuple[str, list[str]]:
        self._began = self.lineno
        return super()._split_key_value(line)

    def new_section(self, section: str) -> None:
        self.section = cfg._normalize_group_name(section)
        self.normalized.setdefault(self.section, {})

    def assignment(self, key: str, value: list[str]) -> None:
        if not self.section:
            raise self.error_no_section()
        origin = Origin(OriginKind.FILE, self.filename, self._began)
        written = Written.at("\n".join(value), origin, self.section, key)
        self.normalized[self.section].setdefault(key, []).append(written)


@lru_cache(maxsize=256)
def parse(path: str, text: str) -> Parsed:
    """Parse a file's text; services of one host share the result.

    Raises:
        Unparsable: as oslo.config's ConfigFileParseError.
    """
    parser = _Parser(path)
    try:
        # As open() in text mode: lines end at \\n, \\r\\n and \\r, and nowhere else.
        parser.read(io.StringIO(text, newline=None).readlines())
    except iniparser.ParseError as error:
        message = f"oslo.config cannot parse this line: {error.msg}"
        raise Unparsable(path, error.lineno, "ConfigFileParseError", message) from None
    return Parsed(path, parser.normalized)
