"""Which command lines start a service of Nova or placement, behind whatever shells and wrappers stand before it."""

import posixpath
import re
from typing import List, NamedTuple, Optional

from . import commands


#: name: of the program, or of the application that a WSGI server loads, "" where only its file tells it. executable: as written. arguments: after it. server: that of a WSGI service, else None.
class Started(NamedTuple):
    """What a command line starts."""

    name: str
    executable: str
    arguments: List[str]
    server: Optional[str]


_PROGRAM = re.compile(
    r"nova-(?:compute|conductor|scheduler|api(?:-metadata|-os-compute)?|novncproxy|spicehtml5proxy|serialproxy|xvpvncproxy"
    r"|consoleauth|network|cells|cert|console)|placement-api"
)
_WSGI = (
    (
        re.compile(r"nova\.wsgi\.metadata.*|nova[._-](?:api[._-])?metadata(?:[._-]api)?(?:[._-]wsgi)?"),
        "nova-metadata",
    ),
    (
        re.compile(
            r"nova\.wsgi\.osapi_compute.*|nova[._-](?:osapi[._-]compute|api(?:[._-]os[._-]compute)?)(?:[._-]wsgi)?"
        ),
        "nova-api",
    ),
    (re.compile(r"placement\.wsgi.*|placement[._-]api(?:[._-]wsgi)?"), "placement-api"),
)
_SERVERS = re.compile(r"(uwsgi|gunicorn)(?:[_-]?(?:python)?3?(?:\d+)?)?|uwsgi-core")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_OPERATORS = re.compile(r"[;|&]+|\d?[<>].*")
_INI_OPTIONS = ("--ini", "--ini-paste", "--yaml", "--yml", "--json")


def find(words: List[str], depth: int = 0) -> Optional[Started]:
    """Return what a command line starts, as `Started`, or None where it is no service of ours."""
    for index, word in enumerate(words):
        if _VARIABLE.match(word):
            continue
        name = posixpath.basename(word)
        if _PROGRAM.fullmatch(name):
            return Started(name, word, _until_operator(words[index + 1 :]), None)
        server = _SERVERS.fullmatch(name)
        if server:
            arguments = _until_operator(words[index + 1 :])
            return Started(_application(arguments), word, arguments, server.group(1) or "uwsgi")
        if " " in word and depth < 3:
            found = find(commands.split(word), depth + 1)
            if found:
                return found
    return None


def application(text: str) -> Optional[str]:
    """Return the service that a WSGI script, file or module holds, or None."""
    name = posixpath.basename(text)
    name = name[:-3] if name.endswith(".py") else name
    return next((service for pattern, service in _WSGI if pattern.fullmatch(name)), None)


def ini_of(arguments: List[str]) -> Optional[str]:
    """Return the configuration file that a WSGI server's arguments name, or None."""
    for index, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name in _INI_OPTIONS:
            return value if equals else arguments[index + 1] if index + 1 < len(arguments) else None
        if not word.startswith("-") and word.endswith((".ini", ".yaml", ".yml")):
            return word
    return None


def value_of(arguments: List[str], option: str) -> Optional[str]:
    """Return the value of ``--option value`` or ``--option=value``, or None."""
    for index, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == option:
            return value if equals else arguments[index + 1] if index + 1 < len(arguments) else None
    return None


def _application(arguments: List[str]) -> str:
    found = (application(word.partition("=")[2] or word) for word in arguments)
    return next((name for name in found if name), "")


def _until_operator(words: List[str]) -> List[str]:
    for index, word in enumerate(words):
        if _OPERATORS.fullmatch(word):
            return words[:index]
    return list(words)
