"""Logging configurations for examples: what `logging.config.fileConfig` reads."""

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
