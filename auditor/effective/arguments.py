"""What a service's command line says, by oslo.config's own argument parser."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from oslo_config import cfg

from auditor.effective.registry import Registry


@dataclass(frozen=True, slots=True)
class Given:
    """One step of the command line.

    ``kind`` is ``file`` or ``dir`` (to parse now), ``set`` (an attribute of the namespace), or ``refuse``: the service
    exits here, with the text in ``value``.
    """

    kind: str
    name: str
    value: Any


class _Refused(Exception):
    """The service prints something and exits."""


class _Parser(cfg._CachedArgumentParser):
    """oslo.config's parser, which neither prints nor exits."""

    def error(self, message: str) -> Any:
        raise _Refused(message)

    def exit(self, *_: Any) -> Any:
        raise _Refused("it asks for help, a version or the like")

    def _print_message(self, message: str, file: Any = None) -> None:
        """Nothing of another machine's command line is printed here."""


class _Steps(argparse.Namespace):
    """Remembers, in order, what actions do to a namespace."""

    def __init__(self) -> None:
        self.__dict__["_steps"] = []

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        # argparse begins by setting every default, which is None.
        if value is not None:
            self._steps.append(Given("set", name, value))


class _File(cfg._ConfigFileOpt):
    """``--config-file``, noted instead of opened."""

    def _get_argparse_kwargs(self, group: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super()._get_argparse_kwargs(group, **kwargs), "action": _Note}


class _Dir(cfg._ConfigDirOpt):
    """``--config-dir``, noted instead of opened."""

    def _get_argparse_kwargs(self, group: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super()._get_argparse_kwargs(group, **kwargs), "action": _Note}


class _Note(argparse.Action):
    def __call__(self, _: Any, namespace: Any, values: Any, *__: Any) -> None:
        namespace._steps.append(Given(self.dest.removeprefix("config_"), self.dest, values))


@lru_cache(maxsize=1024)
def steps(registry: Registry, program: str, arguments: tuple[str, ...]) -> Sequence[Given]:
    """Return what the arguments (without the program) do, in order."""
    if not arguments:
        return ()
    parser = _Parser(prog=program)
    parser.add_parser_argument(parser, "--version", action="version", version="")
    for opt in (_File("config-file"), _Dir("config-dir")):
        opt._add_to_cli(parser, None)
    for entry in registry.cli(program):
        if entry["group"] is not None:
            # A group keeps the parser that it was last added to.
            entry["group"]._clear()
        entry["opt"]._add_to_cli(parser, entry["group"])
    found = _Steps()
    try:
        parser.parse_args(list(arguments), found)
    except _Refused as refused:
        found._steps.append(Given("refuse", "", str(refused)))
    return tuple(found._steps)
