"""A MySQL option file as PyMySQL reads it, which is Python's configparser and not MySQL's own reader.

Source: ``pymysql.optionfile.Parser`` 1.0.2 to 1.2.4. There is no ``!include``, no group but the one that is asked for
and ``[DEFAULT]``, and a line that configparser refuses ends every connection.
"""

import configparser
import re
from functools import lru_cache

from auditor.model import Origin, OriginKind, Setting
from auditor.probe import tokens
from auditor.semantics.connection import Unseen

_SECTION = re.compile(r"\[(?P<name>.+)\]")
_KEY = re.compile(r"\s*(?P<name>[^=:]+?)\s*(?:[=:]|$)")


class _Parser(configparser.RawConfigParser):
    """``Parser`` of PyMySQL before 1.1.0: an underscore is not a dash."""

    def __init__(self) -> None:
        super().__init__(allow_no_value=True)


class _DashedParser(_Parser):
    """``Parser`` of PyMySQL 1.1.0 and newer."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr.lower().replace("_", "-")


class OptionFile:
    """An option file's text under one group.

    Raises:
        ValueError: configparser refuses the text, and so every connection fails. Before Python 3.13 it ends in
            AttributeError where an indented line follows a key without a value.
    """

    def __init__(self, path: str, text: str, group: str, *, is_dashed: bool) -> None:
        self.path = path
        self._text = text
        self._group = group
        self._parser = _parse(text, is_dashed)

    def value(self, key: str) -> str | None:
        """The value as ``_config`` finds it: without one pair of quotes, None where there is none.

        Raises:
            Unseen: it was withheld on the host.
        """
        try:
            value: str | None = self._parser.get(self._group, key)
        except (configparser.NoSectionError, configparser.NoOptionError):
            return None
        if value is None:
            return None
        for quote in ("'", '"'):
            if len(value) >= 2 and value[0] == value[-1] == quote:
                value = value[1:-1]
                break
        if tokens.occurs(value):
            raise Unseen(f"{key} in {self.path} was withheld on the host")
        return value

    def setting(self, key: str) -> Setting:
        """The key as a line of evidence."""
        return Setting(
            self._group, key, self.value(key), Origin(OriginKind.FILE, self.path, self._line(key)), None
        )

    def _line(self, key: str) -> int | None:
        section = None
        for number, line in enumerate(self._text.splitlines(), 1):
            if heading := _SECTION.match(line.strip()):
                section = heading["name"]
                continue
            found = _KEY.match(line) if section == self._group else None
            if found and self._parser.optionxform(found["name"]) == key:
                return number
        return None


@lru_cache(maxsize=256)
def _parse(text: str, is_dashed: bool) -> configparser.RawConfigParser:
    parser = _DashedParser() if is_dashed else _Parser()
    try:
        parser.read_string(text)
    except (configparser.Error, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}".splitlines()[0]) from None
    return parser
