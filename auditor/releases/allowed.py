"""Which values may leave a host: the probe's allow-list, made from the reviewed kinds and all releases' options.

    python -m auditor.releases.allowed            writes auditor/probe/allowed.json

The list, one JSON object, small because it travels to every host:

``types``
    what a value must look like; everything below refers to them by position. ``["word"]`` is a grammar,
    ``["enum", "a", "b"]`` one of these words (in any case), ``["list", ...]`` comma-separated values of what follows.
``groups``
    group -> name -> position in ``types``. Names are those a file may use: an option's own and its older ones (an older
    name has the kind of the option it stands for; where it stands for several, the common one, or none). A group that
    ends in ``*`` stands for every group with that beginning. Absent means withheld.
``withheld``
    group -> names, own and older ones, of options that exist but are secret, separated by spaces. With ``groups`` these
    are all the names that ``$name`` (own group, then DEFAULT) and ``$group.name`` can refer to in any release.
``query``
    key of a URL's query or of ``connection_parameters`` -> position. Absent means that the value is withheld.
``my.cnf``, ``paste``, ``logging``, ``environment``
    the same for the keys of those files and for environment variables. my.cnf: with ``-`` for ``_``. paste: ``/`` stands
    for keys that begin with it; the keys of ``[filter:authtoken]`` have the kinds of group keystone_authtoken, those of
    other filters the kinds of the group of the filter's name. environment: ``OS_<GROUP>__<OPTION>``, upper case, has the
    kind of that option in ``groups``.

The grammars (`GRAMMARS`; the probe implements them; a value never contains a line break, and in all but url and pairs
never ``://`` followed by an ``@``):

boolean integer float port   as oslo.config reads them, at most 24 characters
ip          an address literal
host        a name, an address, either with a port, an address in brackets, ``unix:/path``
word        one identifier-like word: letters, digits, ``_ . : / @ + % = -``, at most 128
phrase      words separated by single spaces
path        a file name without spaces; ``$option`` may occur
files       paths separated by ``;``
cpus        digits, ``, - ^``
ciphers     an OpenSSL cipher string
logger      ``name=LEVEL``
pair        ``word=word`` or ``word:word``
target      ``name@http[s]://host[:port][/path]``, without userinfo and query
literal     a tuple or mapping of literals that name standard streams, absolute paths, numbers, facilities, words
text        printable text without ``://``, at most 1024 characters
url         canonical: password and unknown query values become tokens
pairs       ``key=value&key=value``: values of unknown keys become tokens
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from auditor.releases import RELEASES, Option, load

GRAMMARS: frozenset[str] = frozenset(
    {
        "boolean", "ciphers", "cpus", "files", "float", "host", "integer", "ip", "literal", "logger", "pair", "pairs",
        "path", "phrase", "port", "target", "text", "url", "word",
    }
)  # fmt: skip

OTHER_FORMATS = ("query", "my.cnf", "paste", "logging", "environment")

Key = tuple[str, str]
Kind = tuple[str, ...]  # a type as the list spells it; () is secret

SECRET: Kind = ()


def options() -> dict[Key, tuple[Option, ...]]:
    """Return every option of every release and project, by (group, dest), oldest release first."""
    found: dict[Key, tuple[Option, ...]] = {}
    for release in RELEASES:
        for groups in load(release).projects.values():
            for group, known in groups.items():
                for dest, option in known.items():
                    found[group, dest] = (*found.get((group, dest), ()), option)
    return found


def reviewed() -> Mapping[str, Any]:
    """Return ``kinds.toml`` as parsed."""
    return tomllib.loads(resources.files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))


def spell(kind: str) -> Kind:
    """Return the type that a kind of ``kinds.toml`` stands for.

    Raises:
        ValueError: there is no such grammar.
    """
    if kind == "secret":
        return SECRET
    words = tuple(kind.split())
    if not words or words[-1] not in GRAMMARS or words[:-1] not in {(), ("list",)}:
        raise ValueError(f"no such kind: {kind!r}")
    return words


def decided(kinds: Mapping[str, Any]) -> dict[Key, Kind]:
    """Return the kind of every option that the table names, by (group, dest)."""
    found: dict[Key, Kind] = {}
    for shared in kinds["sets"].values():
        for group in shared["groups"]:
            found |= {(group, dest): spell(kind) for dest, kind in shared["options"].items()}
    for group, named in kinds["groups"].items():
        found |= {(group, dest): spell(kind) for dest, kind in named.items()}
    return found


def by_type(option: Option, kinds: Mapping[str, Any]) -> Kind | None:
    """Return the kind that an option's type alone decides, or None where it decides nothing."""
    wrapped: Kind = ()
    described = option.type
    if described["kind"] == "list":
        wrapped, described = ("list",), described["item"]
    if described.get("choices"):
        return (*wrapped, "enum", *(str(choice) for choice in described["choices"]))
    kind = kinds["by_type"].get(described["kind"])
    return None if kind is None else (*wrapped, kind)


def merge(found: Iterable[Kind]) -> Kind:
    """Return the kind of a name that has several: the wider number or choice; differing others are secret."""
    distinct = sorted(set(found))
    if len(distinct) == 1:
        return distinct[0]
    if all(kind and kind[0] == "enum" for kind in distinct):
        return ("enum", *sorted({choice for kind in distinct for choice in kind[1:]}))
    if all(kind and kind[:2] == ("list", "enum") for kind in distinct):
        return ("list", "enum", *sorted({choice for kind in distinct for choice in kind[2:]}))
    numbers: tuple[Kind, ...] = (("float",), ("integer",), ("port",))
    if all(kind in numbers for kind in distinct):
        return next(kind for kind in numbers if kind in distinct)
    return SECRET


def judge() -> tuple[dict[Key, Kind], frozenset[Key]]:
    """Return the kind of every option, by (group, dest), and those that nobody has decided (their kind is secret)."""
    kinds = reviewed()
    named = decided(kinds)
    verdicts: dict[Key, Kind] = {}
    unreviewed = set()
    for key, versions in options().items():
        derived = [by_type(option, kinds) for option in versions]
        known = [kind for kind in derived if kind is not None]
        if key in named:
            verdicts[key] = named[key]
            continue
        verdicts[key] = merge(known) if len(known) == len(derived) else SECRET
        if verdicts[key] == SECRET:
            unreviewed.add(key)
    return verdicts, frozenset(unreviewed)


def spellings(verdicts: Mapping[Key, Kind]) -> dict[Key, Kind]:
    """Return the kind of every older name, by (group, name), that is not the name of an option itself."""
    older: dict[Key, list[Kind]] = {}
    for key, versions in options().items():
        for option in versions:
            for group, name in option.spellings[1:]:
                older.setdefault((group, name), []).append(verdicts[key])
    return {key: merge(kinds) for key, kinds in older.items() if key not in verdicts}


def compile_list() -> dict[str, Any]:
    """Return the allow-list (see the module) as a JSON value."""
    kinds = reviewed()
    verdicts, _ = judge()
    older = spellings(verdicts)
    formats = {name: {key: spell(kind) for key, kind in kinds[name].items()} for name in OTHER_FORMATS}

    kinds_of = verdicts | older
    leaving = {key: kind for key, kind in kinds_of.items() if kind != SECRET}
    types = sorted(
        {*leaving.values(), *(kind for keys in formats.values() for kind in keys.values() if kind != SECRET)}
    )
    position = {kind: index for index, kind in enumerate(types)}

    groups: dict[str, dict[str, int]] = {}
    for (group, name), kind in sorted(leaving.items()):
        groups.setdefault(group, {})[name] = position[kind]
    return {
        "types": [list(kind) for kind in types],
        "groups": groups,
        "withheld": _names(key for key, kind in kinds_of.items() if kind == SECRET),
    } | {
        name: {key: position[kind] for key, kind in sorted(keys.items()) if kind != SECRET}
        for name, keys in formats.items()
    }


def _names(keys: Iterable[Key]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for group, name in sorted(keys):
        found.setdefault(group, []).append(name)
    return {group: " ".join(names) for group, names in found.items()}


def render() -> str:
    """Return the text of ``auditor/probe/allowed.json``."""
    return json.dumps(compile_list(), separators=(",", ":"), sort_keys=True) + "\n"


def main() -> None:
    """Write ``auditor/probe/allowed.json`` into the working tree."""
    (Path(__file__).parents[1] / "probe" / "allowed.json").write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
