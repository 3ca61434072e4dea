"""The options that name what is looked at, shared by the commands, and how far a run is."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

LOG = logging.getLogger(__name__)

_Command = TypeVar("_Command", bound=Callable[..., Any])


def target_options(command: _Command) -> _Command:
    """Add ``--root``, ``--config-file``, ``--config-dir`` and ``--service``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--root",
        "roots",
        multiple=True,
        metavar="DIR|NAME=DIR",
        help="Look at a tree of files instead of this host; repeatable. The name is the folder's.",
    ),
    click.option(
        "--config-file",
        "config_files",
        multiple=True,
        metavar="FILE",
        help="Look at one service that is started with this file; repeatable. Inside --root, if given.",
    ),
    click.option(
        "--config-dir",
        "config_dirs",
        multiple=True,
        metavar="DIR",
        help="The same with a folder of *.conf files; repeatable.",
    ),
    click.option(
        "--service",
        metavar="NAME",
        help="What the service is, such as nova-compute, where nothing else says so.",
    ),
)


def salt_option(command: _Command) -> _Command:
    """Add ``--salt-file``."""
    return _SALT(command)


_SALT = click.option(
    "--salt-file",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="A secret that hosts share, so that equal passwords are seen as equal across runs; 0600.",
)


def read_salt(path: Path | None) -> bytes:
    """The salt in a file, or a new one.

    Raises:
        FileError: it cannot be read, is too short, or others may read it.
    """
    from auditor.collect import salt

    return salt.fresh() if path is None else salt.read(path)


class Progress:
    """Tells how far the run is: on one line of a terminal, line by line with -v, or not at all."""

    def __init__(self, total: int | None, verbosity: int) -> None:
        self._total = total
        self._stream = sys.stderr
        self._is_live = self._stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not verbosity
        self._done = 0

    def __call__(self, host: str, word: str, reason: str | None = None) -> None:
        """Tell that a host is done, and with -v the reason for what was left out."""
        from auditor.formats import visible

        self._done += 1
        of = f"{self._done}" if self._total is None else f"{self._done} of {self._total}"
        said = word if reason is None else f"{word}, {visible(reason)}"
        LOG.info("%s %s (%s)", visible(host), said, of)
        if self._is_live:
            self._stream.write(f"\r\x1b[K{of} hosts: {visible(host)[:50]}")
            self._stream.flush()

    def close(self) -> None:
        """Take the line away."""
        if self._is_live and self._done:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
