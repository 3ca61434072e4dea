"""Command lines: how systemd and shells split them, and what of their arguments may leave the host."""

import re
import shlex
from typing import TYPE_CHECKING, Dict, List, Tuple

from .schema import Kind

if TYPE_CHECKING:
    from .redact import Redactor
    from .schema import Schema

_OPTION = re.compile(r"--?[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")

_PATH = ("path",)

#: Options of programs other than the services' own whose values are needed: WSGI servers, wrappers.
_OTHERS = {
    "ini": _PATH,
    "yaml": _PATH,
    "uid": ("word",),
    "gid": ("word",),
    "chdir": _PATH,
    "module": ("word",),
    "wsgi_file": _PATH,
    "virtualenv": _PATH,
    "home": _PATH,
}


def split(text: str) -> List[str]:
    """Return the words of a command line; of one with an unclosed quote, those that white space separates."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def expand(words: List[str], environment: Dict[str, str]) -> List[str]:
    """Return the words with variables replaced as systemd does: ``$NAME`` as a whole word is split, others are not."""
    done = []
    for word in words:
        match = _VARIABLE.fullmatch(word)
        if match and match.group(2):
            done.extend(split(environment.get(match.group(2), "")))
        else:
            done.append(
                _VARIABLE.sub(lambda found: environment.get(found.group(1) or found.group(2), ""), word)
            )
    return done


def redact(words: List[str], redactor: "Redactor") -> List[str]:
    """Return arguments without what must not leave: values are judged by the option's kind, the rest is withheld."""
    done = []
    waiting = None
    for word in words:
        if waiting is not None and (waiting or not word.startswith("-")):
            done.append(redactor.value(word, waiting, "DEFAULT"))
            waiting = None
            continue
        waiting = None
        name, equals, value = word.partition("=")
        if not _OPTION.fullmatch(name):
            done.append(redactor.whole(word))
            continue
        kind, is_flag = _kind(name, redactor.schema)
        if equals:
            done.append(name + "=" + redactor.value(value, kind, "DEFAULT"))
        else:
            done.append(name)
            waiting = None if is_flag else kind
    return done


def _kind(name: str, schema: "Schema") -> Tuple[Kind, bool]:
    """Return (kind, whether it is a flag without a value) of an option on a command line."""
    dest = name.lstrip("-").replace("-", "_")
    if dest in ("config_file", "config_dir"):
        return _PATH, False
    if not name.startswith("--"):
        return (), len(name) == 2
    for position in [0] + [index + 1 for index, letter in enumerate(dest) if letter == "_"]:
        group = dest[: position - 1] if position else "DEFAULT"
        for option in (dest[position:], dest[position:][2:] if dest[position:].startswith("no") else ""):
            kind = schema.option(group, option)
            if kind:
                return kind, kind == ("boolean",)
    return _OTHERS.get(dest, ()), False


def line(text: str, redactor: "Redactor") -> str:
    """Return a whole command line, as it stands in a unit or a start script, without what must not leave."""
    words = split(text)
    if not words:
        return ""
    program = (
        words[0]
        if re.fullmatch(r"[-@:+!]{0,3}[A-Za-z0-9_./+-]{1,256}", words[0])
        else redactor.whole(words[0])
    )
    return " ".join([program] + [quote(word) for word in redact(words[1:], redactor)])


def quote(word: str) -> str:
    """Return a word in quotes where a shell needs them."""
    return word if re.fullmatch(r"[A-Za-z0-9_./:=@%+,$~-]+", word) else shlex.quote(word)
