"""Which options init containers write into files of configuration, as the scripts in a manifest show it.

OpenStack-Helm's (``nova/templates/bin/_nova-compute-init.sh.tpl`` and its neighbours, 2026.1) search for the addresses
of the node and write them into a shared folder: which options these are stands there, their values do not.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

_HERE = re.compile(r"\s*(?:tee|cat)\b[^|;&`$]*<<-?\s*(['\"]?)(\w+)\1[^|;&`$]*")
_TOUCH = re.compile(r"\s*(?:touch|mkdir -p)\b[^|;&<>]*")
_SECTION = re.compile(r"\[([A-Za-z0-9_]+)\]")
_OPTION = re.compile(r"([A-Za-z0-9_]+)\s*=.*")

#: A value that is none: of an option of any type, the probe withholds it (what follows ``#``), and nothing is decided by it.
_UNKNOWN = "(not written yet) # an init container writes it"


def options(path: str, scripts: Iterable[str]) -> Mapping[str, tuple[str, ...]] | None:
    """The names of the options that scripts write to a file, by section; None where that is not plain to see.

    Where several branches write it, the options of all.
    """
    found: dict[str, tuple[str, ...]] = {}
    for script in scripts:
        if path not in script:
            continue
        written = _of_script(path, script)
        if written is None:
            return None
        for section, name in written:
            found[section] = (*(one for one in found.get(section, ()) if one != name), name)
    return found or None


def as_file(written: Mapping[str, tuple[str, ...]]) -> bytes:
    """A file that sets these options to what is not known."""
    lines = [
        line
        for section, names in written.items()
        for line in (f"[{section}]", *(f"{name} = {_UNKNOWN}" for name in names))
    ]
    return "\n".join([*lines, ""]).encode()


def _of_script(path: str, script: str) -> list[tuple[str, str]] | None:
    found: list[tuple[str, str]] = []
    lines = iter(script.split("\n"))
    for line in lines:
        here = _HERE.fullmatch(line)
        body = [] if here is None else list(_until(here.group(2), lines))
        if any(path in text for text in body):
            return None
        if path not in line or line.lstrip().startswith("#") or _TOUCH.fullmatch(line):
            continue
        options_ = None if here is None else _of_body(body)
        if options_ is None:
            return None
        found += options_
    return found


def _until(end: str, lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line.strip() == end:
            return
        yield line


def _of_body(body: Iterable[str]) -> list[tuple[str, str]] | None:
    found = []
    section = None
    for line in (line.strip() for line in body):
        header, option = _SECTION.fullmatch(line), _OPTION.fullmatch(line)
        if header is not None:
            section = header.group(1)
        elif option is not None and section is not None:
            found.append((section, option.group(1)))
        elif line and not line.startswith("#"):
            return None
    return found
