"""The tree of loggers that a service ends up with: what is assigned to each, and what follows from its ancestors.

A logger without a level of its own has that of its nearest ancestor with one (`logging.Logger.getEffectiveLevel`); a
record goes to the handlers of its logger and of every ancestor up to one that does not propagate
(`logging.Logger.callHandlers`). Python 3.9 to 3.13.
"""

import configparser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from auditor.errors import Undecidable
from auditor.model import Judged, Origin, OriginKind, Setting
from auditor.probe import tokens

DEBUG, INFO, WARNING, ERROR = 10, 20, 30, 40

#: The names `logging.Logger.setLevel` takes (case matters), with the one that oslo.log adds.
NUMBERS: Mapping[str, int] = MappingProxyType(
    {
        "CRITICAL": 50,
        "FATAL": 50,
        "ERROR": 40,
        "WARN": 30,
        "WARNING": 30,
        "INFO": 20,
        "DEBUG": 10,
        "TRACE": 5,
        "NOTSET": 0,
    }
)
_NAMES: Mapping[int, str] = MappingProxyType(
    {50: "CRITICAL", 40: "ERROR", 30: "WARNING", 20: "INFO", 10: "DEBUG", 5: "TRACE", 0: "NOTSET"}
)

#: `logging.config.fileConfig` evaluates a handler's class among the names of the module `logging`.
_NULL_HANDLERS = frozenset({"NullHandler", "logging.NullHandler"})


class Broken(Exception):
    """The service cannot start with this logging configuration; the text says why, and ``settings`` what else leads there."""

    def __init__(self, reason: str, *settings: Setting) -> None:
        super().__init__(reason)
        self.settings = settings


@dataclass(frozen=True, slots=True)
class Logger:
    """What is assigned to one logger. ``handlers`` are their levels, None for one that writes nothing."""

    level: int
    decided: Judged
    handlers: tuple[int | None, ...] = ()
    propagates: bool = True


Tree = Mapping[str, Logger]


def canonical(name: str) -> str:
    """The name under which a tree has a logger: the root has two names (`logging.getLogger`, Python 3.9).

    An empty name leaves its host as a token that says so.
    """
    withheld = tokens.parse(name)
    return "root" if not name or (withheld is not None and "e" in withheld[0]) else name


def level_name(level: int) -> str:
    """A level as `logging.getLevelName` has it."""
    return _NAMES.get(level, f"Level {level}")


def lineage(name: str) -> tuple[str, ...]:
    """The logger and its ancestors, nearest first: ``a.b``, ``a``, ``root``."""
    if name == "root":
        return ("root",)
    parts = name.split(".")
    return (*(".".join(parts[:count]) for count in range(len(parts), 0, -1)), "root")


def decisive(tree: Tree, name: str) -> Logger:
    """The logger that gives ``name`` its effective level: the nearest whose level is set, or root."""
    for ancestor in lineage(name):
        logger = tree.get(ancestor)
        if logger is not None and logger.level:
            return logger
    return tree["root"]


def handlers(tree: Tree, name: str) -> tuple[int | None, ...]:
    """The levels of all handlers that get the records of a logger."""
    found: list[int | None] = []
    for ancestor in lineage(name):
        logger = tree.get(ancestor)
        if logger is not None:
            found.extend(logger.handlers)
            if not logger.propagates:
                break
    return tuple(found)


def propagates(tree: Tree, name: str) -> bool:
    """True where the records of a logger reach the root's handlers."""
    return all(ancestor not in tree or tree[ancestor].propagates for ancestor in lineage(name)[:-1])


def written_from(tree: Tree, name: str) -> int | None:
    """The lowest level of a logger's records that is written somewhere, None where none is.

    Without any handler Python writes warnings to standard error (`logging.lastResort`).
    """
    effective = decisive(tree, name).level
    reached = handlers(tree, name)
    if not reached:
        return max(effective, WARNING)
    writing = [level for level in reached if level is not None]
    return max(effective, min(writing)) if writing else None


def is_written(tree: Tree, name: str, level: int) -> bool:
    """True where a record of that logger and level reaches a handler that writes."""
    lowest = written_from(tree, name)
    return lowest is not None and lowest <= level


# --- options


def by_pairs(
    root: Logger, pairs: Sequence[str], setting: str, origin: Origin, before: Tree
) -> dict[str, Logger]:
    """The tree after the pairs of ``default_log_levels``, in their order (`oslo_log.log._setup_logging_from_conf`).

    Raises:
        Broken: a level that Python does not know.
    """
    tree = {**before, "root": root}
    for pair in pairs:
        name, _, level = str(pair).partition("=")
        number = _pair_level(level)
        if number is None:
            raise Broken(f"{setting}: unknown level {level!r} in {str(pair)!r}")
        decided = Judged(setting, str(pair), origin)
        name = canonical(name)
        assigned = tree.get(name) or Logger(0, decided)
        tree[name] = replace(assigned, level=number, decided=decided)
    return tree


def _pair_level(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return NUMBERS.get(text)


# --- a file of logging.config.fileConfig


@lru_cache(maxsize=256)
def by_file(text: str, path: str) -> Tree:
    """The tree after `logging.config.fileConfig`, which oslo.log runs on loggers that were all reset to NOTSET.

    A logger that two sections configure keeps the level of the first where the second has none, and the handlers of
    the second (``_install_loggers``).

    Raises:
        Broken: the file does not hold together.
        Undecidable: a level was withheld.
    """
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        known = _handlers(parser)
        names = [name.strip() for name in parser["loggers"]["keys"].split(",")]
        if "root" not in names:
            raise Broken(f"{path}: [loggers] keys does not list root")
        names.remove("root")
        lines = _lines(text)
        unset = Logger(0, Judged("level of logger root", None, Origin(OriginKind.FILE, path)))
        tree = {"root": _logger(parser, "logger_root", known, path, lines, unset)}
        for name in names:
            section = f"logger_{name}"
            qualified = canonical(parser[section]["qualname"])
            tree[qualified] = _logger(parser, section, known, path, lines, tree.get(qualified))
    except configparser.Error as error:
        raise Broken(f"{path}: {str(error).splitlines()[0]}") from None
    except KeyError as error:
        raise Broken(f"{path}: {error.args[0]!r} is missing") from None
    return MappingProxyType(tree)


def _handlers(parser: configparser.ConfigParser) -> Mapping[str, int | None]:
    formatters = _names(parser["formatters"]["keys"])
    for name in formatters:
        parser[f"formatter_{name}"]  # a missing section stops the service
    known: dict[str, int | None] = {}
    for name in _names(parser["handlers"]["keys"]):
        section = parser[f"handler_{name}"]
        silent = section["class"] in _NULL_HANDLERS
        formatter = section.get("formatter", "")
        if formatter and formatter not in formatters and not tokens.occurs(formatter):
            raise KeyError(formatter)
        level = _level(section.get("level", "NOTSET"))
        known[name] = None if silent else level
    return known


def _names(text: str) -> tuple[str, ...]:
    """The names of a list, where an empty text is none but a trailing comma is an empty name."""
    return tuple(name.strip() for name in text.split(",")) if text else ()


def _logger(
    parser: configparser.ConfigParser,
    name: str,
    known: Mapping[str, int | None],
    path: str,
    lines: Mapping[tuple[str, str], int],
    before: Logger | None,
) -> Logger:
    section = parser[name]
    propagates = _propagate(section.get("propagate", "1")) if name != "logger_root" else True
    written = section.get("level")
    line = lines.get((name, "level")) or lines.get((name, ""))
    decided = Judged(f"[{name}] level", written, Origin(OriginKind.FILE, path, line))
    level = _level("NOTSET" if written is None else written)
    wired = tuple(known[item] for item in _names(section["handlers"]))
    if before is not None and written is None:
        level, decided = before.level, before.decided if before.level else decided
    return Logger(level, decided, wired, propagates)


def _propagate(text: str) -> bool:
    try:
        return bool(int(text))
    except ValueError:
        raise Broken(f"propagate = {text!r} in the logging configuration is no number") from None


def _level(text: str) -> int:
    if tokens.parse(text) is not None:
        raise Undecidable("a level in the logging configuration was withheld on the host")
    if text not in NUMBERS:
        shown = text if not tokens.occurs(text) else text.split(maxsplit=1)[0] + " ..."
        raise Broken(f"unknown level {shown!r} in the logging configuration")
    return NUMBERS[text]


def _lines(text: str) -> Mapping[tuple[str, str], int]:
    """Where each key of each section stands; the key "" is the section's own line."""
    lines: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("[") and "]" in line:
            section = line[1 : line.index("]")]
            lines[section, ""] = number
        elif line[:1] not in ("", "#", ";", " ", "\t"):
            key = line.replace(":", "=", 1).partition("=")[0].strip().lower()
            lines.setdefault((section, key), number)
    return lines
