"""The levels that a service's loggers end up with, and from which level on their records are written.

What is here was measured by running `nova.config.parse_args`, `oslo_log.log.setup` and the making of an engine in
Zed (oslo.log 5.0.0), 2025.1 (7.1.0) and 2026.2 (8.3.2), Python 3.11; the three agree in all of it.
"""

import configparser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from auditor.errors import Unavailable, Undecidable
from auditor.model import File, Judged, Missing, Origin, OriginKind, Role, Service, Setting
from auditor.semantics.certificates import why_unseen

DEBUG, INFO, WARNING = 10, 20, 30

#: The loggers that write what should not be written once they are verbose enough, and some that people ask about.
SENSITIVE: tuple[str, ...] = (
    "root",
    "amqp",
    "keystoneauth",
    "keystoneauth.session",
    "keystonemiddleware",
    "nova",
    "nova.api.openstack.wsgi",
    "oslo.messaging",
    "oslo.privsep.daemon",
    "oslo_messaging",
    "requests",
    "sqlalchemy.engine",
    "sqlalchemy.engine.Engine",
    "urllib3.connectionpool",
)

#: The names `logging.Logger.setLevel` takes (case matters), with the one that oslo.log adds.
_NUMBERS: Mapping[str, int] = MappingProxyType(
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

#: Roles whose processes never make a database engine (`nova.cmd.compute` blocks database access).
_WITHOUT_DATABASE = frozenset({Role.COMPUTE})


@dataclass(frozen=True, slots=True)
class Levels:
    """The logging of one service.

    ``source`` is ``options`` or ``file`` (``log_config_append``). ``levels`` has the effective level's name of each
    logger of `SENSITIVE`, ``decided_by`` the line of evidence that gave it, and ``written_from`` the number of the
    lowest level whose records reach a handler that writes, None where none do. ``broken`` says why the service
    cannot start with this; the mappings are empty then. ``settings`` are the options that lead here.
    """

    source: str
    settings: tuple[Setting, ...]
    levels: Mapping[str, str]
    written_from: Mapping[str, int | None]
    decided_by: Mapping[str, Judged]
    broken: str | None = None

    def writes(self, logger: str, level: int) -> bool:
        """True where a record of that logger and level is written somewhere."""
        lowest = self.written_from[logger]
        return lowest is not None and lowest <= level

    def evidence(self, logger: str) -> tuple["Line", ...]:
        """What gave the logger its level, and the level, as lines of evidence.

        Where ``default_log_levels`` is written and lacks what its default has for the logger, it comes first: it is
        why the level of the root logger applies.
        """
        decided = self.decided_by[logger]
        level = Judged(f"level of logger {logger}", self.levels[logger], decided.origin)
        cause = (
            setting
            for setting in self.settings
            if setting.name == "default_log_levels"
            and setting.is_written
            and decided == self.decided_by["root"]
            and decided.setting != str(setting)
            and _guarded(setting.default, logger)
        )
        return (*(Line(setting.judged()) for setting in cause), Line(decided), Line(level))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of evidence that is no setting: a level, or a line of a logging configuration."""

    line: Judged

    def judged(self) -> Judged:
        """Return the line."""
        return self.line


@dataclass(frozen=True, slots=True)
class _Logger:
    """What is assigned to one logger. ``handlers`` are their levels, None for one that writes nothing."""

    level: int
    decided: Judged
    handlers: tuple[int | None, ...] = ()
    propagates: bool = True


def _guarded(pairs: Sequence[str] | None, logger: str) -> bool:
    """True where a list of levels has the logger or one of its ancestors but root."""
    names = {pair.partition("=")[0] for pair in pairs or ()}
    return logger != "root" and not names.isdisjoint(_lineage(logger)[:-1])


class _Broken(Exception):
    """The service cannot start with this logging configuration; the text says why."""


@lru_cache(maxsize=256)
def levels(service: Service) -> Levels:
    """Tell how a service logs, as `oslo_log.log.setup` arranges it.

    With ``log_config_append`` only that file counts (``debug`` and ``default_log_levels`` are ignored); otherwise root
    is DEBUG or INFO by ``debug`` and each pair of ``default_log_levels``, which replaces the whole default list, is
    applied in order. Making an engine then sets ``sqlalchemy.engine`` from ``connection_debug`` whatever came before
    (`oslo_db.sqlalchemy.engines._setup_logging`), but not its child ``sqlalchemy.engine.Engine``, which logs the SQL.

    Raises:
        Undecidable: an option or a line that decides was withheld or is rejected.
        Unavailable: the file that ``log_config_append`` names could not be read from here.
    """
    append = service["DEFAULT", "log_config_append"]
    settings: tuple[Setting, ...] = (append,)
    source = "file" if append.value else "options"
    try:
        if append.value:
            loggers = dict(_from_file(service, append))
        else:
            settings = (service["DEFAULT", "debug"], service["DEFAULT", "default_log_levels"])
            loggers = _from_options(*settings)
    except _Broken as problem:
        return Levels(source, settings, {}, {}, {}, str(problem))
    loggers.update(_from_engines(service, loggers))
    return Levels(
        source,
        settings,
        {name: _name(_decisive(loggers, name).level) for name in SENSITIVE},
        {name: _written_from(loggers, name) for name in SENSITIVE},
        {name: _decisive(loggers, name).decided for name in SENSITIVE},
    )


def _name(level: int) -> str:
    return _NAMES.get(level, f"Level {level}")


# --- options


def _from_options(debug: Setting, default_log_levels: Setting) -> dict[str, _Logger]:
    """`oslo_log.log._setup_logging_from_conf`: the root logger has a handler in every case (else standard output)."""
    loggers = {"root": _Logger(DEBUG if debug.value else INFO, debug.judged(), (0,))}
    for pair in default_log_levels.value or ():
        name, _, level = str(pair).partition("=")
        number = _pair_level(level)
        if number is None:
            raise _Broken(f"{default_log_levels}: unknown level {level!r} in {str(pair)!r}")
        name = name or "root"
        origin = default_log_levels.origin
        before = loggers.get(name)
        loggers[name] = _Logger(
            number,
            Judged(str(default_log_levels), str(pair), origin),
            before.handlers if before is not None else (),
        )
    return loggers


def _pair_level(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return _NUMBERS.get(text)


def _from_engines(service: Service, loggers: Mapping[str, _Logger]) -> Mapping[str, _Logger]:
    """The logger that making the service's database engines sets; the most verbose where they differ."""
    candidates = []
    for group in _engine_groups(service):
        setting = service.find(group, "connection_debug")
        # An engine that cannot be made, because its setting is rejected, sets nothing.
        if setting is not None and setting.error is None:
            number = 10 if setting.value == 100 else 20 if setting.value >= 50 else 30
            candidates.append((number, setting.judged()))
    if not candidates:
        return {}
    number, decided = min(candidates, key=lambda item: item[0])
    before = loggers.get("sqlalchemy.engine")
    if before is None:
        return {"sqlalchemy.engine": _Logger(number, decided)}
    return {"sqlalchemy.engine": _Logger(number, decided, before.handlers, before.propagates)}


def _engine_groups(service: Service) -> tuple[str, ...]:
    """The groups whose ``connection_debug`` is used: ``[database]`` serves every cell, wherever its URL is kept."""
    if service.project == "placement":
        return ("placement_database",)
    if service.role in _WITHOUT_DATABASE:
        return ()
    connection = service.find("api_database", "connection")
    if service.role is not Role.CONSOLE_PROXY and connection is not None and connection.is_written:
        return ("database", "api_database")
    return ("database",)


# --- a file of logging.config.fileConfig


def _from_file(service: Service, append: Setting) -> Mapping[str, _Logger]:
    found = service.files.at(str(append.value))
    if isinstance(found, Missing):
        if found.is_absent:
            raise _Broken(f"{append} names {append.value}, which does not exist")
        raise Unavailable(f"{append} names {append.value}: {why_unseen(found)}")
    return _parse(_text(found, append), str(append.value))


def _text(file: File, append: Setting) -> str:
    if file.size == 0:
        raise _Broken(f"{append} names {append.value}, which is empty")
    if file.text is None or file.format != "logging":
        raise Unavailable(f"{append} names {append.value}: its content is not in a form that leaves the host")
    return file.text


@lru_cache(maxsize=256)
def _parse(text: str, path: str) -> Mapping[str, _Logger]:
    """What `logging.config.fileConfig` assigns, after oslo.log has reset every logger to NOTSET."""
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        handlers = _handlers(parser)
        names = [name.strip() for name in parser["loggers"]["keys"].split(",")]
        if "root" not in names:
            raise _Broken(f"{path}: [loggers] keys does not list root")
        lines = _lines(text)
        loggers = {"root": _logger(parser, "logger_root", handlers, path, lines)}
        for name in names:
            if name != "root":
                section = f"logger_{name}"
                loggers[parser[section]["qualname"]] = _logger(parser, section, handlers, path, lines)
    except configparser.Error as error:
        raise _Broken(f"{path}: {str(error).splitlines()[0]}") from None
    except KeyError as error:
        raise _Broken(f"{path}: {error.args[0]!r} is missing") from None
    return MappingProxyType(loggers)


def _handlers(parser: configparser.ConfigParser) -> Mapping[str, int | None]:
    formatters = {name.strip() for name in parser["formatters"]["keys"].split(",") if name.strip()}
    for name in formatters:
        parser[f"formatter_{name}"]  # a missing section stops the service
    handlers: dict[str, int | None] = {}
    for name in parser["handlers"]["keys"].split(","):
        if not name.strip():
            continue
        section = parser[f"handler_{name.strip()}"]
        formatter = section.get("formatter", "")
        if formatter and formatter not in formatters and not _is_withheld(formatter):
            raise KeyError(formatter)
        level = _level(section.get("level", "NOTSET"))
        handlers[name.strip()] = None if section["class"] in _NULL_HANDLERS else level
    return handlers


def _logger(
    parser: configparser.ConfigParser,
    name: str,
    handlers: Mapping[str, int | None],
    path: str,
    lines: Mapping[tuple[str, str], int],
) -> _Logger:
    section = parser[name]
    wired = tuple(handlers[item.strip()] for item in section["handlers"].split(",") if item.strip())
    propagates = name == "logger_root" or _propagate(section.get("propagate", "1"))
    written = section.get("level")
    line = lines.get((name, "level")) or lines.get((name, ""))
    decided = Judged(f"[{name}] level", written, Origin(OriginKind.FILE, path, line))
    return _Logger(_level(written or "NOTSET"), decided, wired, propagates)


def _propagate(text: str) -> bool:
    try:
        return bool(int(text))
    except ValueError:
        raise _Broken(f"propagate = {text!r} in the logging configuration is no number") from None


def _level(text: str) -> int:
    if _is_withheld(text):
        raise Undecidable("a level in the logging configuration was withheld on the host")
    if text not in _NUMBERS:
        raise _Broken(f"unknown level {text!r} in the logging configuration")
    return _NUMBERS[text]


def _is_withheld(text: str) -> bool:
    return "REDACTED-" in text


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


# --- the tree of loggers


def _lineage(name: str) -> tuple[str, ...]:
    """The logger and its ancestors, nearest first: ``a.b``, ``a``, ``root``."""
    if name == "root":
        return ("root",)
    parts = name.split(".")
    return (*(".".join(parts[:count]) for count in range(len(parts), 0, -1)), "root")


def _decisive(loggers: Mapping[str, _Logger], name: str) -> _Logger:
    """The logger that gives ``name`` its effective level: the nearest whose level is set, or root."""
    for ancestor in _lineage(name):
        logger = loggers.get(ancestor)
        if logger is not None and logger.level:
            return logger
    return loggers["root"]


def _written_from(loggers: Mapping[str, _Logger], name: str) -> int | None:
    """The lowest level written; without any handler Python writes warnings to standard error (`lastResort`)."""
    effective = _decisive(loggers, name).level
    handlers: list[int | None] = []
    for ancestor in _lineage(name):
        logger = loggers.get(ancestor)
        if logger is not None:
            handlers.extend(logger.handlers)
            if not logger.propagates:
                break
    if not handlers:
        return max(effective, WARNING)
    writing = [level for level in handlers if level is not None]
    return max(effective, min(writing)) if writing else None
