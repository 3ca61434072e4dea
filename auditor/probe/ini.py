"""The lines of an INI file as oslo.config reads them, kept one by one so that line numbers survive.

The grammar is that of ``oslo_config/iniparser.py:BaseParser`` (the same in 9.0 and 10.7): a line that begins with a
space or a tab continues the value above it, comments and blank lines end a value, the first ``:`` or ``=`` delimits,
and a line that is none of these ends the parse with an error.
"""

from typing import Iterator, List, NamedTuple, Optional, Tuple


#: kind: blank, comment, section, option, continuation or unparsable. text: the line without trailing white space.
#: name: of the section or option; quote: the quotes around a value; value: as the parser would give this line's part.
class Line(NamedTuple):
    """One physical line."""

    kind: str
    text: str
    section: Optional[str]
    name: Optional[str]
    delimiter: str
    quote: str
    value: str


def split(text: str) -> List[str]:
    """Return the lines of a text as Python's text mode has them: they end at LF, CR LF and CR only."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def read(text: str) -> Iterator[Line]:
    """Yield a `Line` for each physical line; those after an unparsable one too, as if the parse went on."""
    section = name = None
    for raw in split(text):
        line = raw.rstrip()
        if not line:
            name = None
            yield Line("blank", "", section, None, "", "", "")
        elif line.startswith((" ", "\t")):
            kind = "unparsable" if name is None else "continuation"
            yield Line(kind, line, section, name, "", "", line.lstrip())
        elif line.startswith("["):
            name = None
            if line.endswith("]") and len(line) > 2:
                section = line[1:-1]
                yield Line("section", line, section, section, "", "", "")
            else:
                yield Line("unparsable", line, section, None, "", "", line)
        elif line.startswith(("#", ";")):
            name = None
            yield Line("comment", line, section, None, "", "", "")
        else:
            option = _option(line, section)
            name = option.name or None
            yield option


def _option(line: str, section: Optional[str]) -> Line:
    positions = [position for position in (line.find(":"), line.find("=")) if position >= 0]
    if not positions:
        return Line("unparsable", line, section, None, "", "", line)
    position = min(positions)
    name, delimiter, value = line[:position].strip(), line[position], line[position + 1 :].strip()
    quote = ""
    if value and value[0] == value[-1] and value[0] in "\"'":
        quote, value = value[0], value[1:-1]
    return Line("option" if name else "unparsable", line, section, name, delimiter, quote, value)


def assignments(text: str) -> Iterator[Tuple[Optional[str], str, str, int]]:
    """Yield (section, name, value, line number) for each option, continuation lines joined by newlines."""
    lines = list(read(text))
    for number, line in enumerate(lines, 1):
        if line.kind == "option" and line.name:
            values = [line.value]
            for following in lines[number:]:
                if following.kind != "continuation":
                    break
                values.append(following.value)
            yield line.section, line.name, "\n".join(values), number
