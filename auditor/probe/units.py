"""systemd units as the manager would read them: search order, drop-ins, variables, continuation lines."""

import posixpath
from typing import TYPE_CHECKING, Dict, Iterator, List, NamedTuple, Optional, Pattern, Tuple

from . import commands, filesystem, ini

if TYPE_CHECKING:
    from .gather import Gathered

#: systemd.unit(5), "System Unit Search Path": a file in an earlier folder hides one of its name in a later.
FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


#: What the name of a masked unit is a link to.
_MASK = "/dev/null"


#: name: without ``.service``. command: the words of ExecStart, variables replaced. path, line: of ExecStart. files: of
#: the environment, read or not. cwd: WorkingDirectory, ``~`` for the home.
class Unit(NamedTuple):
    """A unit with its drop-ins."""

    name: str
    command: List[str]
    path: str
    line: int
    user: str
    environment: Dict[str, str]
    files: List[str]
    cwd: Optional[str]


def find(gathered: "Gathered", wanted: Pattern[str]) -> Iterator[Unit]:
    """Yield a `Unit` for each service that is not masked and whose name matches the pattern ``wanted``."""
    tree = gathered.tree
    places: Dict[str, str] = {}
    for folder in FOLDERS:
        names, status = tree.list(folder)
        if status not in ("read", "absent"):
            gathered.leave_out(folder, filesystem.REASONS.get(status, status))
        for name in names:
            if name.endswith(".service") and wanted.search(name) and not name.endswith("@.service"):
                places.setdefault(name, folder)
    for name in sorted(places):
        path = posixpath.join(places[name], name)
        if tree.link(path) == _MASK:
            continue
        unit = _unit(name, path, gathered)
        if unit is not None:
            yield unit


def is_masked(name: str, gathered: "Gathered") -> bool:
    """Tell whether systemd starts nothing by the name of a service, an init script neither (systemd-sysv-generator(8))."""
    paths = ("{}/{}.service".format(folder, name) for folder in FOLDERS)
    path = next((path for path in paths if gathered.tree.link(path) or gathered.tree.exists(path)), None)
    if path is None:
        return False
    text = gathered.text(path)
    return gathered.tree.link(path) == _MASK or (text is not None and not text.strip())


def _unit(name: str, path: str, gathered: "Gathered") -> Optional[Unit]:
    text = gathered.text(path)
    if text is None:
        if gathered.tree.look(path).status != "absent":
            gathered.add(path, "unit")
        return None
    if not text.strip():
        return None  # masked, too
    settings = Settings()
    settings.read(path, text)
    for drop_in in _drop_ins(name, gathered):
        settings.read(drop_in, gathered.text(drop_in) or "")
        gathered.add(drop_in, "unit")
    if not settings.commands:
        return None
    environment = dict(settings.environment)
    for file in settings.files:
        environment.update(variables(gathered.text(file) or ""))
    command, at, line = settings.commands[-1]
    words = commands.expand(commands.split(command.lstrip("-@:+!")), environment)
    return Unit(
        name[: -len(".service")],
        words,
        at,
        line,
        settings.user or "root",
        environment,
        settings.files,
        settings.cwd,
    )


def _drop_ins(name: str, gathered: "Gathered") -> List[str]:
    found: Dict[str, str] = {}
    for folder in FOLDERS:
        names, _ = gathered.tree.list("{}/{}.d".format(folder, name))
        for drop_in in names:
            if drop_in.endswith(".conf"):
                found.setdefault(drop_in, "{}/{}.d/{}".format(folder, name, drop_in))
    return [found[drop_in] for drop_in in sorted(found) if gathered.tree.link(found[drop_in]) != "/dev/null"]


class Settings:
    """What a unit and its drop-ins say about the process, later lines adding to or replacing earlier ones."""

    def __init__(self) -> None:
        self.commands: List[Tuple[str, str, int]] = []
        self.user: Optional[str] = None
        self.cwd: Optional[str] = None
        self.environment: Dict[str, str] = {}
        self.files: List[str] = []

    def read(self, path: str, text: str) -> None:
        """Take in one file."""
        section = None
        for number, line in joined(text):
            if line.startswith("["):
                section = line.strip("[]")
            key, _, value = line.partition("=")
            key, value = key.strip(), value.strip()
            if section != "Service":
                continue
            if key == "ExecStart":
                self.commands = [*self.commands, (value, path, number)] if value else []
            elif key == "User":
                self.user = value
            elif key == "WorkingDirectory":
                self.cwd = value.lstrip("-")
            elif key == "Environment":
                pairs = [word.partition("=") for word in commands.split(value)]
                self.environment.update((name, text) for name, equals, text in pairs if equals)
            elif key == "EnvironmentFile":
                self.files = [*self.files, value.lstrip("-")] if value else []


def joined(text: str) -> Iterator[Tuple[int, str]]:
    """Yield (number of its first line, text) for each line, continuation lines joined, comments and blanks left out."""
    for number, _, line in logical(text):
        if line and not line.startswith(("#", ";")):
            yield number, line


def logical(text: str) -> Iterator[Tuple[int, int, str]]:
    """Yield (number of its first line, how many lines, text) for each line, continuation lines joined."""
    lines = ini.split(text)
    number = 0
    while number < len(lines):
        first = number
        line = lines[number].strip()
        number += 1
        parts = [line]
        while line.endswith("\\") and not parts[0].startswith(("#", ";")) and number < len(lines):
            parts[-1] = line[:-1]
            line = lines[number].strip()
            parts.append(line)
            number += 1
        yield first + 1, number - first, " ".join(parts)


def variables(text: str) -> Dict[str, str]:
    """Return the assignments of an environment file or of a file that shells source, quotes removed."""
    found = {}
    for _, line in joined(text):
        name, equals, value = line.partition("=")
        name = name[7:].strip() if name.startswith("export ") else name.strip()
        if equals and name.replace("_", "a").isalnum():
            found[name] = (
                " ".join(commands.split(value.strip())) if value.strip()[:1] in "\"'" else value.strip()
            )
    return found
