"""Help in sections: a command with many options tells them by subject."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click


class Option(click.Option):
    """An option that stands in a section of the help."""

    def __init__(self, *names: Any, section: str | None = None, **rest: Any) -> None:
        super().__init__(*names, **rest)
        self.section = section


class Sections(click.Command):
    """A command whose help lists the options of each section under its title, those of none last."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section in the order of their first options."""
        found: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                found.setdefault(getattr(parameter, "section", None) or "Options", []).append(record)
        others = found.pop("Options", [])
        for title, records in (*found.items(), ("Options", others)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def section(title: str) -> Callable[..., Callable[[Any], Any]]:
    """Return `click.option` for the options of one section."""
    return partial(click.option, cls=Option, section=title)
