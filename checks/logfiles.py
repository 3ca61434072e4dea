"""What the checks of logging have in common: how they speak of a logger, and the files of their examples."""

from auditor.semantics.logs import Levels

LOGGING = "/etc/nova/logging.conf"


def root_at(level: str, others: str = "", handler: str = "class = StreamHandler") -> str:
    """A file whose root logger has that level; ``others`` are sections of further loggers, each ``name=level``."""
    names = [pair.partition("=")[0] for pair in others.split()]
    sections = "".join(
        f"[logger_{number}]\nlevel = {pair.partition('=')[2]}\nhandlers =\nqualname = {pair.partition('=')[0]}\n"
        for number, pair in enumerate(others.split())
    )
    return (
        f"[loggers]\nkeys = {','.join(['root', *(str(number) for number in range(len(names)))])}\n"
        "[handlers]\nkeys = out\n[formatters]\nkeys = plain\n"
        f"[logger_root]\nlevel = {level}\nhandlers = out\n{sections}"
        f"[handler_out]\n{handler}\nargs = (sys.stderr,)\nformatter = plain\n"
        "[formatter_plain]\nformat = %(message)s\n"
    )


def at(found: Levels, logger: str) -> str:
    """A logger and the level that it ends up with."""
    return f"logger {logger} is at {found.level(logger)}"


def guard(found: Levels, logger: str, level: str) -> str:
    """The change that keeps a logger quiet."""
    if found.source == "file":
        return f"Give {logger} a section of its own at {level} in {found.settings[0].value}, or raise its root's level."
    return f"Write `{logger}={level}` into `default_log_levels`, or remove that option: its default holds it there."
