"""A MySQL option file as MariaDB's Connector/C reads it, which is neither PyMySQL's reading nor that of MySQL's programs.

Sources: ``libmariadb/ma_default.c`` (``_mariadb_read_options_from_file``) and ``libmariadb/mariadb_lib.c``
(``mariadb_defaults``, ``_mariadb_set_conf_option``) of 3.3, measured with 3.3.20:

- the groups ``client``, ``client-server``, ``client-mariadb`` and the one that is asked for are read in the order of
  the file, and what comes later wins, also over the driver's arguments;
- names are case-sensitive, ``_`` is ``-``, only ``=`` delimits, and a name without a value is not recognised;
- a switch is on where ``atoi`` makes a number other than 0 of its value: ``1`` is, **``true``, ``on`` and ``yes`` are not**;
- a file that is not there, and what follows text outside of any group, is ignored without a word;
- ``!include`` reads a file, ``!includedir`` only ``my.ini`` and ``my.cnf`` of a folder.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from auditor.model import Files, Missing, Origin, OriginKind, Setting
from auditor.probe import tokens
from auditor.semantics.certificates import why_unseen
from auditor.semantics.connection import Unseen

_GROUPS = ("client", "client-server", "client-mariadb")

#: Where it looks if a group is named and no file: where Debian's package was built to look, and where others are.
_USUAL = ("/etc/my.cnf", "/etc/mysql/my.cnf")

#: Other names of the same option.
_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "tls-verify-peer": "ssl-verify-server-cert",
        "unix-socket": "socket",
        "servername": "host",
        "ssl-fplist": "ssl-fp-list",
    }
    | {
        f"tls-{name}": f"ssl-{name}"
        for name in ("ca", "capath", "cert", "key", "cipher", "enforce", "fp", "fp-list")
    }
)

_NUMBER = re.compile(r"\s*([+-]?[0-9]+)")
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Option:
    """One line of an option file that has an effect: ``value`` is None where it is blank, which unsets the option."""

    group: str
    name: str
    value: str | None
    path: str
    line: int

    def setting(self) -> Setting:
        """The line as evidence."""
        return Setting(self.group, self.name, self.value, Origin(OriginKind.FILE, self.path, self.line), None)


class ConnectorFile:
    """What an option file says, with the files that it includes, and the files of the system where none is named.

    Raises:
        Unseen: a file is there that the probe did not read.
    """

    def __init__(self, files: Files, path: str | None, group: str | None) -> None:
        self._files = files
        self._groups = (*_GROUPS, group)
        self._options: dict[str, Option] = {}
        for place in (path,) if path else _USUAL:
            for option in self._read(place, 0):
                self._options[option.name] = option

    def __contains__(self, name: str) -> bool:
        return name in self._options

    def value(self, name: str) -> str | None:
        """The value that an option ends up with, None where it is unset or not written; raises `Unseen`."""
        option = self._options.get(name)
        if option is not None and option.value is not None and tokens.occurs(option.value):
            raise Unseen(f"{name} in {option.path} was withheld on the host")
        return None if option is None else option.value

    def number(self, name: str) -> int:
        """The value as C's ``atoi`` reads it: 0 for what is no number."""
        found = _NUMBER.match(self.value(name) or "")
        return int(found[1]) if found else 0

    def settings(self, *names: str) -> tuple[Setting, ...]:
        """Those of the options that are written, as lines of evidence."""
        return tuple(self._options[name].setting() for name in names if name in self._options)

    def _read(self, path: str, depth: int) -> Iterator[Option]:
        found = self._files.at(path)
        if isinstance(found, Missing):
            if found.is_absent or found.status == "not-regular":
                return
            raise Unseen(f"the option file {path} was not seen: {why_unseen(found)}")
        if found.text is None and found.format == "my.cnf":
            return  # text outside of any group, behind which nothing is read
        if found.text is None:
            raise Unseen(f"the option file {path} was not read")
        yield from self._lines(path, found.text, depth)

    def _lines(self, path: str, text: str, depth: int) -> Iterator[Option]:
        group: str | None = None
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line[0] in "#;\"'":
                continue
            if line[0] == "!":
                yield from self._include(line, depth)
            elif line[0] == "[":
                group = line[1:].partition("]")[0].rstrip()
            elif group is None:
                return
            elif group in self._groups and "=" in line:
                name, _, value = line.partition("=")
                key = name.strip().replace("_", "-")
                yield Option(group, _ALIASES.get(key, key), _unquoted(value.strip()) or None, path, number)

    def _include(self, line: str, depth: int) -> Iterator[Option]:
        directive, _, path = line[1:].partition(" ")
        if depth >= _DEEPEST:
            return
        if tokens.occurs(path):
            raise Unseen("a path that an option file includes was withheld on the host")
        if directive == "include":
            yield from self._read(path.strip(), depth + 1)
        elif directive == "includedir":
            for name in ("my.ini", "my.cnf"):
                place = f"{path.strip().rstrip('/')}/{name}"
                found = self._files.at(place)
                # The probe notes the files that are in such a folder, and not those that are not.
                if isinstance(found, Missing) and found.status == "limit":
                    continue
                yield from self._read(place, depth + 1)


def _unquoted(value: str) -> str:
    """A value without the quote that it begins with, and then without one at its end."""
    if value[:1] not in ("'", '"') or not value:
        return value
    return value[1:-1] if value[-1] in "'\"" and len(value) > 1 else value[1:]
