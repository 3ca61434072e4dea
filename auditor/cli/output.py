"""Where the command line writes: files that only their owner reads, standard output, the log."""

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from auditor.cli import silence
from auditor.errors import FileError, UsageError
from auditor.formats import FORMATS, Page, without_tokens
from auditor.outputs import write_whole

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


def write_private(path: Path, content: bytes) -> None:
    """Write a file at once or not at all, readable by its owner only.

    Raises:
        FileError: it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe or a device
            path.write_bytes(content)
            return
        write_whole(path, content)
    except OSError as error:
        raise FileError(path, error.strerror or str(error), "name a file that can be written") from None


def check_writable(path: Path) -> None:
    """Find out before the work whether a file can be written.

    Raises:
        UsageError: its folder does not exist or may not be written, or it is a folder itself.
    """
    if path.is_dir():
        raise UsageError(f"{path}: it is a folder; name a file")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}; make it first")
    if not os.access(path if path.exists() and not path.is_file() else path.parent, os.W_OK):
        raise UsageError(f"{path}: it cannot be written; name another file")


def write_out(text: str) -> None:
    """Write to standard output; whoever stops reading early misses the rest, and nothing else changes.

    Raises:
        FileError: it cannot be written for another reason.
    """
    if sys.stdout is None:  # closed by whoever started us
        return
    try:
        click.echo(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"), nl=False)
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
    except OSError as error:
        silence()
        raise FileError("standard output", error.strerror or str(error), "write to a file with -o") from None


def outputs(formats: tuple[str, ...], output: Path | None) -> tuple[tuple[str, Path | None], ...]:
    """What ``-f`` and ``-o`` ask for: format and file, None for standard output.

    Raises:
        UsageError: an unknown format, two for one place, or a place that cannot be written.
    """
    asked: list[tuple[str, Path | None]] = []
    for item in formats or ("text",):
        name, separator, file = item.partition("=")
        if name not in FORMATS:
            raise UsageError(f"unknown format {name!r}; known are {', '.join(FORMATS)}")
        if separator and not file:
            raise UsageError(f"-f {item}: the file is missing; write {name}=FILE")
        asked.append((name, Path(file) if file else output))
    places = [place for _, place in asked]
    if len(set(places)) < len(places):
        raise UsageError(
            "two formats for one place; give each a file of its own: -f text -f json=report.json"
        )
    if output is not None and output not in places:
        raise UsageError(f"-o {output}: every format has a file of its own already; leave -o away")
    for place in places:
        if place is not None:
            check_writable(place)
    return tuple(asked)


def page(place: Path | None) -> Page:
    """The page that standard output is: a terminal's width and colour; 80 plain columns elsewhere."""
    columns = shutil.get_terminal_size((80, 24)).columns
    is_terminal = place is None and sys.stdout is not None and sys.stdout.isatty()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "dumb") == "dumb"
    if place is not None:
        return Page()
    return Page(width=max(40, min(columns, 140)), colour=is_terminal and not plain)


class _Formatter(logging.Formatter):
    """Lines of the log, a traceback too, without tokens."""

    def format(self, record: logging.LogRecord) -> str:
        return without_tokens(super().format(record))


@contextmanager
def logged(verbosity: int) -> Iterator[None]:
    """Log to standard error while the command runs: warnings, with -v what is done, with -vv and -vvv why."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(levelname).1s %(name)s: %(message)s"))
    logger = logging.getLogger("auditor")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(LEVELS[min(verbosity, len(LEVELS) - 1)])
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
