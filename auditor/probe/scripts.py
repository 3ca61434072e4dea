"""Start scripts: what Debian's init scripts compute, and what other scripts run.

Debian's come from openstack-pkg-tools (``init-template/init-script-template``, as in nova 2:26.2.2 of Debian 12): after a
head that sets variables follows one body for all daemons, whose effect on the command line is repeated here.
"""

import re
from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional

from . import commands, programs, units

if TYPE_CHECKING:
    from .gather import Gathered
    from .roots import Roots

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_EXPORT = re.compile(r"^\s*export\s+([A-Za-z_][A-Za-z0-9_]*)", re.MULTILINE)
_TEST = re.compile(r"if\s+\[\s+-[efrx]\s+(\S+)\s+\]\s*;?\s*(?:then)?")
_CONFIG = re.compile(r"--config-(?:file|dir)(?:=|\s+)[^\s\"';]+")

#: The body that is the same for all daemons has this variable, and begins with this line.
_TEMPLATE = "NO_OPENSTACK_CONFIG_FILE_DAEMON_ARG"
_BODY = "\nPATH=/sbin:/usr/sbin:/bin:/usr/bin"

_PROXIES = {"nova-novncproxy": "novnc", "nova-spicehtml5proxy": "spicehtml5"}


class Disabled(Exception):
    """The script ends without starting anything; the argument says why."""


class Command(NamedTuple):
    """What a script executes: its words, the variables that it exports, and the user that it names, if it does."""

    words: List[str]
    environment: Dict[str, str]
    user: Optional[str]


def command(path: str, gathered: "Gathered") -> Command:
    """Return what an init script executes.

    Raises:
        Disabled: it starts nothing.
    """
    text = gathered.text(path) or ""
    if _TEMPLATE not in text:
        return Command(_others(path, text), {}, None)
    head = text.partition(_BODY)[0]
    found = _head(head, gathered.tree)
    project = found.get("PROJECT_NAME", "nova")
    name = found.get("NAME", path.rpartition("/")[2])
    _check_proxy(name, gathered)
    is_wsgi = bool(found.get("UWSGI_PORT") and found.get("UWSGI_INI_PATH") and found.get("UWSGI_INI_APP"))
    arguments = found.get("DAEMON_ARGS", "")
    if is_wsgi:
        arguments = "--ini " + found["UWSGI_INI_PATH"]
    else:
        config = found.get("CONFIG_FILE") or "/etc/{0}/{0}.conf".format(project)
        arguments = "--config-file={} {}".format(config, arguments)
    found["DAEMON_ARGS"] = arguments
    exported = set(_EXPORT.findall(head))
    for file in ("/etc/default/openstack", "/etc/default/" + name):
        sourced = gathered.text(file)
        if sourced is not None:
            gathered.add(file, "environment")
            exported.update(_EXPORT.findall(sourced))
            for variable, value in units.variables(sourced).items():
                found[variable] = _expand(value, found)
    arguments = found["DAEMON_ARGS"]
    if found.get("USE_SYSLOG") == "yes":
        arguments += " --use-syslog"
    if not is_wsgi and found.get("USE_LOGFILE") != "no":
        arguments += " --log-file=/var/log/{}/{}.log".format(project, name)
    program = found.get("DAEMON") or ("/usr/bin/uwsgi" if is_wsgi else "/usr/bin/" + name)
    words = [program, *commands.split(arguments)]
    if found.get("PYARGV"):
        words += ["--pyargv", found["PYARGV"]]
    return Command(words, {key: found[key] for key in exported if key in found}, found.get("SYSTEM_USER"))


def _head(text: str, tree: "Roots") -> Dict[str, str]:
    """Return the variables that the head sets; of conditions only tests for a file are followed."""
    found: Dict[str, str] = {}
    skipping = 0
    for _, line in units.joined(text):
        if skipping:
            skipping += 1 if line.startswith("if ") else -1 if line.startswith("fi") else 0
            continue
        test = _TEST.match(line)
        if test:
            skipping = 0 if tree.exists(_expand(test.group(1).strip("'\""), found)) else 1
            continue
        if line.startswith("if "):
            skipping = 1
            continue
        match = _ASSIGNMENT.fullmatch(line)
        if match:
            found[match.group(1)] = _expand(" ".join(commands.split(match.group(2))), found)
    return found


def _expand(text: str, variables: Dict[str, str]) -> str:
    return re.sub(
        r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))",
        lambda match: variables.get(match.group(1) or match.group(2), ""),
        text,
    )


def _check_proxy(name: str, gathered: "Gathered") -> None:
    switches = units.variables(gathered.text("/etc/default/nova-consoleproxy") or "")
    if name in _PROXIES and switches.get("NOVA_CONSOLE_PROXY_TYPE", _PROXIES[name]) != _PROXIES[name]:
        raise Disabled("NOVA_CONSOLE_PROXY_TYPE in /etc/default/nova-consoleproxy selects another console")
    if name == "nova-serialproxy" and switches.get("NOVA_SERIAL_PROXY_START", "true").lower() != "true":
        raise Disabled("NOVA_SERIAL_PROXY_START in /etc/default/nova-consoleproxy is off")


def _others(path: str, text: str) -> List[str]:
    """The program that a script of unknown make names, and every file of configuration in it."""
    found = started(text)
    if found:
        return [found.executable, *found.arguments]
    words = [path.rpartition("/")[2]]
    for match in _CONFIG.findall(text):
        words += commands.split(match)
    return words


def started(text: str) -> Optional["programs.Started"]:
    """Return what a shell script starts (`programs.Started`), taken from the line that does, or None."""
    found = None
    for _, line in units.joined(text):
        words = commands.split(line)
        if not words or words[0] in (
            "echo",
            "pkill",
            "kill",
            "chown",
            "tee",
            "touch",
            "rm",
            "mkdir",
            "test",
            "[",
        ):
            continue
        here = programs.find(words)
        if here and (here.server or here.arguments or words[0] == "exec" or found is None):
            found = here
    return found
