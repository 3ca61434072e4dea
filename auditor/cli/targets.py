"""The options that name what is looked at on one host, shared by the commands."""

from collections.abc import Callable
from typing import Any, TypeVar

from auditor.cli.sections import section

_Command = TypeVar("_Command", bound=Callable[..., Any])


def target_options(command: _Command) -> _Command:
    """Add ``--root``, ``--config-file``, ``--config-dir`` and ``--service``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


_option = section("Where to look")

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _option(
        "--root",
        "roots",
        multiple=True,
        metavar="DIR|NAME=DIR",
        help="Look at a tree of files instead of this host; repeatable. The name is the folder's.",
    ),
    _option(
        "--config-file",
        "config_files",
        multiple=True,
        metavar="FILE",
        help="Look at one service that is started with this file; repeatable. Inside --root, if given.",
    ),
    _option(
        "--config-dir",
        "config_dirs",
        multiple=True,
        metavar="DIR",
        help="The same with a folder of *.conf files; repeatable.",
    ),
    _option(
        "--service",
        metavar="NAME",
        help="What the service is, such as nova-compute, where nothing else says so.",
    ),
)
