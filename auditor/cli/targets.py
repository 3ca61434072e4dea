"""The options that name what is looked at, shared by the commands, and what they come to."""

import logging
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from auditor.errors import FileError, UsageError
from auditor.evidence import Document, Lost, read_documents
from auditor.model import Kind, Target

LOG = logging.getLogger(__name__)

_Command = TypeVar("_Command", bound=Callable[..., Any])

#: The name part of NAME=DIR.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")


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


def read_targets(roots: Sequence[str]) -> tuple[Target, ...]:
    """Return this host, or the trees that ``--root`` names.

    Raises:
        UsageError: a root is no folder, or two have the same name.
    """
    if not roots:
        return (Target(socket.gethostname(), Kind.LIVE),)
    targets: dict[str, Target] = {}
    for text in roots:
        name, folder = _root(text)
        if not folder.is_dir():
            problem = "it is no folder" if folder.exists() else "there is no such folder"
            raise UsageError(f"--root {text}: {problem}; name the root of a host's tree")
        if not os.access(folder, os.R_OK | os.X_OK):
            raise UsageError(f"--root {text}: it may not be read; run as a user who may")
        if name in targets:
            raise UsageError(f"--root {text}: a second host {name}; name them apart with NAME=DIR")
        targets[name] = Target(name, Kind.TREE, str(folder.resolve()))
    return tuple(targets.values())


def _root(text: str) -> tuple[str, Path]:
    name, separator, folder = text.partition("=")
    if separator and _NAME.fullmatch(name) and not Path(text).exists():
        return name, Path(folder)
    path = Path(text)
    return path.resolve().name or socket.gethostname(), path


def read_bundles(paths: Sequence[Path]) -> Iterator[Document | Lost]:
    """The evidence in files and bundles.

    Raises:
        FileError: one holds no evidence, or two documents speak of the same host.
    """
    seen: dict[str, Path] = {}
    for path in paths:
        for document in read_documents(path):
            if document.host in seen:
                raise FileError(
                    path, f"a second document of {document.host}", f"one is in {seen[document.host]}"
                )
            seen[document.host] = path
            yield document


class Progress:
    """Tells how far the run is: on one line of a terminal, line by line with -v, or not at all."""

    def __init__(self, total: int | None, verbosity: int) -> None:
        self._total = total
        self._stream = sys.stderr
        self._is_live = self._stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not verbosity
        self._done = 0

    def __call__(self, host: str, word: str) -> None:
        """Tell that a host is done."""
        from auditor.formats import visible

        self._done += 1
        of = f"{self._done}" if self._total is None else f"{self._done} of {self._total}"
        LOG.info("%s %s (%s)", visible(host), word, of)
        if self._is_live:
            self._stream.write(f"\r\x1b[K{of} hosts: {visible(host)[:50]}")
            self._stream.flush()

    def close(self) -> None:
        """Take the line away."""
        if self._is_live and self._done:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
