"""Services that a WSGI server loads: uWSGI's configuration files and Apache's."""

import posixpath
import re
from typing import TYPE_CHECKING, Dict, Iterator, List, NamedTuple, Optional, Sequence

from . import commands, ini, programs, units

if TYPE_CHECKING:
    from .view import View


#: name: of the service. application: the script or module that holds it. virtualenv: or None. arguments: as sys.argv[1:]
#: is for the service. user: or None. environment: what the file adds. line: where the application is named.
class Application(NamedTuple):
    """A service that a WSGI server loads."""

    name: str
    application: Optional[str]
    virtualenv: Optional[str]
    arguments: List[str]
    user: Optional[str]
    environment: Dict[str, str]
    cwd: Optional[str]
    line: Optional[int]


APACHE = (
    "/etc/apache2/sites-enabled",
    "/etc/apache2/conf-enabled",
    "/etc/apache2/vhosts.d",
    "/etc/httpd/conf.d",
    "/etc/httpd/conf/httpd.conf",
    "/etc/apache2/apache2.conf",
)
UWSGI = (
    "/etc/uwsgi/apps-enabled",
    "/etc/uwsgi/vassals",
    "/etc/uwsgi-emperor/vassals",
    "/etc/uwsgi.d",
    "/etc/uwsgi",
    "/etc/nova",
    "/etc/placement",
)

#: Apache's own environment, which mod_wsgi's daemons inherit (SetEnv reaches requests only).
APACHE_ENVIRONMENT = ("/etc/apache2/envvars", "/etc/sysconfig/httpd", "/etc/default/apache2")

_ALIAS = re.compile(
    r"\s*WSGIScriptAlias(?:Match)?\s+(?:\"[^\"]*\"|\S+)\s+(\"[^\"]+\"|\S+)(.*)",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"\s*WSGIDaemonProcess\s+(\S+)(.*)", re.IGNORECASE)
_GROUP = re.compile(r"(?:\s|^)(?:process-group|WSGIProcessGroup)[\s=]+\"?([^\s\"]+)", re.IGNORECASE)
_HOLDERS = ("wsgi-file", "module", "wsgi", "mount", "file", "manage-script-name-mount")


def uwsgi(text: str) -> Optional[Application]:
    """Return the `Application` that a file of uWSGI (INI) or a list of its options holds, or None."""
    found = {}
    many = []
    holder = None
    for _, name, value, number in ini.assignments(text):
        key = name.replace("_", "-")
        found[key] = value
        if key in ("env", "pyargv"):
            many.append((key, value))
        if key in _HOLDERS and holder is None:
            service = programs.application(value.rpartition("=")[2])
            holder = (service, value.rpartition("=")[2], number) if service else None
    if holder is None:
        return None
    environment = {}
    arguments = []
    for key, value in many:
        if key == "pyargv":
            arguments = commands.split(value)
        else:
            name, _, content = value.partition("=")
            environment[name.strip()] = content.strip()
    virtualenv = next((found[key] for key in ("virtualenv", "home", "venv", "pyhome") if key in found), None)
    return Application(
        holder[0],
        holder[1],
        virtualenv,
        arguments,
        found.get("uid"),
        environment,
        found.get("chdir"),
        holder[2],
    )


def of_arguments(arguments: List[str]) -> str:
    """Return uWSGI's long options of a command line as the lines of its INI file."""
    lines = ["[uwsgi]"]
    for index, word in enumerate(arguments):
        if not word.startswith("--"):
            continue
        name, equals, value = word[2:].partition("=")
        if not equals and index + 1 < len(arguments) and not arguments[index + 1].startswith("--"):
            value = arguments[index + 1]
        lines.append("{}={}".format(name, value.replace("\n", " ")))
    return "\n".join(lines)


def apache(text: str) -> Iterator[Application]:
    """Yield the `Application` of each service that a file of Apache aliases with mod_wsgi, each once."""
    daemons: Dict[str, Dict[str, str]] = {}
    default = None
    seen = set()
    lines = list(units.joined(text))
    for _, line in lines:
        process = _DAEMON.match(line)
        if process:
            words = [word.partition("=") for word in commands.split(process.group(2))]
            daemons[process.group(1)] = {name: value for name, _, value in words}
        if line.strip().lower().startswith("wsgiprocessgroup"):
            default = default or _group(line)
    for number, line in lines:
        alias = _ALIAS.match(line)
        script = alias.group(1).strip('"') if alias else ""
        name = programs.application(script)
        if alias is None or name is None or name in seen:
            continue
        seen.add(name)
        daemon = daemons.get(_group(alias.group(2)) or default or "", {})
        virtualenv = daemon.get("python-home") or None
        yield Application(name, script, virtualenv, [], daemon.get("user"), {}, daemon.get("home"), number)


def _group(text: str) -> Optional[str]:
    match = _GROUP.search(" " + text.strip())
    return match.group(1) if match else None


def files(folders: Sequence[str], view: "View", ending: str) -> Iterator[str]:
    """Yield the paths of files in folders (or the files themselves) that a service's view shows."""
    for folder in folders:
        if folder.endswith(".conf"):
            if view.exists(folder):
                yield folder
            continue
        try:
            names = view.listdir(folder)
        except OSError:
            continue
        for name in names:
            if name.endswith(ending) and not name.startswith("."):
                yield posixpath.join(folder, name)
