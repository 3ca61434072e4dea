"""The levels that a service's loggers end up with, and what is written because of them.

Measured by running `nova.config.parse_args`, `oslo_log.log.setup` (oslo.log 5.0 to 8.3) and the making of engines (oslo.db
12.1 to 18.1) in Zed to 2026.2, Python 3.11 (`tests/conformance/measure/logs.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from auditor.errors import Unavailable
from auditor.model import DEFAULT_ORIGIN, File, Judged, Missing, Role, Service, Setting
from auditor.semantics.certificates import why_unseen
from auditor.semantics.libraries import required
from auditor.semantics.loggers import (
    DEBUG,
    ERROR,
    INFO,
    WARNING,
    Broken,
    Logger,
    Tree,
    by_file,
    by_pairs,
    decisive,
    is_written,
    level_name,
    lineage,
    written_from,
)
from auditor.semantics.records import WITH_DATABASE, Record, records

#: The loggers that write what should not be written once they are verbose enough, and some that people ask about.
SENSITIVE: tuple[str, ...] = (
    "root",
    "amqp",
    "castellan",
    "glanceclient",
    "keystoneauth",
    "keystoneauth.session",
    "keystonemiddleware",
    "nova",
    "nova.api.openstack.wsgi",
    "nova.virt.libvirt.driver",
    "os_brick",
    "oslo.messaging",
    "oslo.messaging.notification",
    "oslo.privsep.daemon",
    "oslo_concurrency.processutils",
    "oslo_messaging",
    "oslo_service",
    "sqlalchemy.engine",
    "sqlalchemy.engine.Engine",
    "urllib3.connectionpool",
)


#: The point releases of oslo.log before 6.0 in which rate limits work.
_MENDED = ((5, 2, 1), (5, 3, 2), (5, 5, 2))


@dataclass(frozen=True, slots=True)
class Levels:
    """The logging of one service.

    ``source`` is ``options`` or ``file`` (``log_config_append``). ``levels`` has the effective level's name of each
    logger of `SENSITIVE`, ``records`` what is written that should not be. ``broken`` says why the service cannot start
    with this; the rest is empty then. ``settings`` are the options that lead here.
    """

    source: str
    settings: tuple[Setting, ...]
    levels: Mapping[str, str]
    records: tuple[Record, ...]
    tree: Tree
    broken: str | None = None

    def level(self, logger: str) -> str:
        """The name of the level that a logger ends up with."""
        return level_name(decisive(self.tree, logger).level)

    def decided_by(self, logger: str) -> Judged:
        """The line of evidence that gave a logger its level."""
        return decisive(self.tree, logger).decided

    def written_from(self, logger: str) -> int | None:
        """The number of the lowest level whose records reach a handler that writes, None where none do."""
        return written_from(self.tree, logger)

    def writes(self, logger: str, level: int) -> bool:
        """True where a record of that logger and level is written somewhere."""
        return is_written(self.tree, logger, level)

    def holding(self, *kinds: str) -> Record | None:
        """The first of the records that hold one of these kinds, None where nothing does."""
        return next((record for record in self.records if record.kind in kinds), None)

    def evidence(self, logger: str) -> tuple["Line", ...]:
        """What gave the logger its level, and the level, as lines of evidence.

        Where ``default_log_levels`` is written and lacks what its default has for the logger, it comes first: it is
        why the level of the root logger applies.
        """
        decided = self.decided_by(logger)
        level = Judged(f"level of logger {logger}", self.level(logger), decided.origin)
        cause = (
            setting
            for setting in self.settings
            if setting.name == "default_log_levels"
            and setting.is_written
            and decided == self.decided_by("root")
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


def _guarded(pairs: Sequence[str] | None, logger: str) -> bool:
    """True where a list of levels has the logger or one of its ancestors but root."""
    names = {pair.partition("=")[0] for pair in pairs or ()}
    return logger != "root" and not names.isdisjoint(lineage(logger)[:-1])


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
            tree = _from_file(service, append)
        else:
            settings = (service["DEFAULT", "debug"], service["DEFAULT", "default_log_levels"])
            tree = _from_options(service, *settings)
        tree = MappingProxyType({**tree, **_from_engines(service, tree)})
    except Broken as problem:
        return Levels(source, (*settings, *problem.settings), {}, (), {}, str(problem))
    return Levels(
        source,
        settings,
        {name: level_name(decisive(tree, name).level) for name in SENSITIVE},
        records(service, tree),
        tree,
    )


# --- options


def _from_options(service: Service, debug: Setting, default_log_levels: Setting) -> Tree:
    """`oslo_log.log._setup_logging_from_conf`: the root logger has a handler in every case (else standard output)."""
    _check_rate_limit(service)
    root = Logger(DEBUG if debug.value else INFO, debug.judged(), (0,))
    pairs = default_log_levels.value or ()
    return by_pairs(root, pairs, str(default_log_levels), default_log_levels.origin, _imported(service))


def _check_rate_limit(service: Service) -> None:
    """Where both rate limits are on, oslo.log before 6.0 reads an option that does not exist.

    5.2.1, 5.3.2 and 5.5.2 were mended (`oslo_log.log._setup_logging_from_conf`, read in each).
    """
    library = service.libraries.find("oslo.log")
    if library is None or library.release >= (6, 0):
        return
    if any(mended <= library.release < (*mended[:1], mended[1] + 1) for mended in _MENDED):
        return
    burst, interval = service["DEFAULT", "rate_limit_burst"], service["DEFAULT", "rate_limit_interval"]
    if burst.value >= 1 and interval.value >= 1:
        problem = f"{library} reads an option that does not exist where {burst} and {interval} are both set"
        raise Broken(problem, burst, interval)


def _imported(service: Service) -> Tree:
    """The levels that libraries give their loggers on import, before oslo.log is set up.

    SQLAlchemy does (``sqlalchemy/log.py``), and os-brick since 7.0 (``os_brick/__init__.py``), which nova-compute imports
    before. A file resets them.
    """
    found = {"sqlalchemy": Logger(WARNING, Judged("SQLAlchemy", "WARNING on import", DEFAULT_ORIGIN))}
    if required(service, "os-brick").release >= (7, 0):
        decided = Judged("os-brick", "ERROR on import", DEFAULT_ORIGIN)
        found["brick_privsep_hide_output"] = Logger(ERROR, decided)
    return found


# --- databases


def _from_engines(service: Service, tree: Tree) -> Tree:
    """The logger that making the service's database engines sets; the most verbose where they differ.

    Every service of Nova reads all options of both groups when it starts (`nova.config.parse_args`, which calls
    `nova.db.main.api.configure` and its like): one that oslo.config rejects ends it.
    """
    candidates = []
    made = _engine_groups(service)
    read = ("placement_database",) if service.project == "placement" else ("database", "api_database")
    for group in read:
        setting = service.find(group, "connection_debug")
        if setting is None:
            continue
        if setting.error is not None and setting.is_written:
            raise Broken(f"{setting} is rejected by oslo.config: {setting.error}", setting)
        if group in made:
            number = 10 if setting.value == 100 else 20 if setting.value >= 50 else 30
            candidates.append((number, setting.judged()))
    if not candidates:
        return {}
    number, decided = min(candidates, key=lambda item: item[0])
    before = tree.get("sqlalchemy.engine") or Logger(number, decided)
    return {"sqlalchemy.engine": replace(before, level=number, decided=decided)}


def _engine_groups(service: Service) -> tuple[str, ...]:
    """The groups whose ``connection_debug`` is used: ``[database]`` serves every cell, wherever its URL is kept."""
    if service.project == "placement":
        return ("placement_database",)
    if service.role not in WITH_DATABASE:
        return ()
    connection = service.find("api_database", "connection")
    if service.role is not Role.CONSOLE_PROXY and connection is not None and connection.is_written:
        return ("database", "api_database")
    return ("database",)


# --- a file


def _from_file(service: Service, append: Setting) -> Tree:
    found = service.files.at(str(append.value))
    if isinstance(found, Missing):
        if found.is_absent:
            raise Broken(f"{append} names {append.value}, which does not exist")
        if found.status == "not-regular":
            raise Broken(f"{append} names {append.value}, which is no regular file")
        raise Unavailable(f"{append} names {append.value}: {why_unseen(found)}")
    return by_file(_text(found, append), str(append.value))


def _text(file: File, append: Setting) -> str:
    if file.size == 0:
        raise Broken(f"{append} names {append.value}, which is empty")
    if file.text is None or file.format != "logging":
        raise Unavailable(f"{append} names {append.value}: its content is not in a form that leaves the host")
    return file.text
