"""A release's options as oslo.config's own objects, registered once and shared by all services of that release."""

import copy
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from oslo_config import cfg

from auditor.effective.conversion import conversion
from auditor.effective.machinery import Conf
from auditor.evidence import ServiceRecord
from auditor.model import Libraries
from auditor.releases import BACKPORTS, Option, load

#: (group, name) of an option.
Key = tuple[str, str]

#: Groups that nova makes per value of an option (nova.conf.devices and nova.conf.neutron, register_dynamic_opts).
_MADE_FROM: Mapping[str, Sequence[Key]] = {
    "mdev_*": (("devices", "enabled_mdev_types"), ("devices", "enabled_vgpu_types")),
    "neutron_physnet_*": (("neutron", "physnets"),),
}

# What depends on the machine where the service runs, which default values leave open: <hostname>, <ip>, <cpus>...
_PLACEHOLDER = re.compile(r"<[a-z-]+>")


class Registry:
    """The options that one project of one release knows, registered with a `Conf`.

    Attributes:
        options: by (group, dest).
        spellings: (group in lower case, name) as a file may spell it, to the options that it sets.
        attributes: the name under which oslo.config keeps an option of the command line, to the option.
        made: groups that exist per value of an option, to their options; the key ends in ``*``.
    """

    def __init__(self, options: Iterable[Option]) -> None:
        self.options: dict[Key, Option] = {}
        self.spellings: dict[Key, tuple[Key, ...]] = {}
        self.made: dict[str, list[Option]] = {}
        self._clis: dict[str, Any] = {}
        self.conf = Conf()
        # Our own oslo.config knows --shell_completion; whether the service's does is in the data.
        self.conf._opts.clear()
        self.conf._cli_opts.clear()
        for option in options:
            if option.group.endswith("*"):
                self.made.setdefault(option.group, []).append(option)
            else:
                self.add(option)

    def add(self, option: Option) -> None:
        """Register one more option."""
        key = (option.group, option.dest)
        self.options[key] = option
        for group, name in option.spellings:
            spelled = (cfg._normalize_group_name(group), name)
            self.spellings[spelled] = (*self.spellings.get(spelled, ()), key)
        register(self.conf, option)

    @cached_property
    def variables(self) -> Mapping[str, Key]:
        """The environment variable of each option."""
        return {f"OS_{group.upper()}__{name.upper()}": (group, name) for group, name in self.options}

    @cached_property
    def attributes(self) -> Mapping[str, Key]:
        """The attribute of oslo.config's namespace for each option, to the option."""
        return {name if group == "DEFAULT" else f"{group}_{name}": (group, name) for group, name in self.options}

    def cli(self, program: str) -> "deque[Any]":
        """Return the options that a program registers for its command line, as `ConfigOpts._cli_opts` has them."""
        found = self._clis.get(program)
        if found is None:
            chosen = [option for option in self.options.values() if option.cli or program in option.cli_in]
            found = deque(
                {"opt": self.conf.info(option.group, option.dest)["opt"], "group": self.conf.group(option.group)}
                for option in chosen
                if option.dest not in ("config_file", "config_dir")
            )
            self._clis[program] = found
        return found

    @cached_property
    def required(self) -> Sequence[Option]:
        """The options without which a service does not start."""
        return tuple(option for option in self.options.values() if option.required and not option.late)

    @property
    def makers(self) -> Iterable[Key]:
        """The options whose values make groups, as far as this release knows them."""
        return [key for pattern in self.made for key in _MADE_FROM[pattern] if key in self.options]

    def making(self, values: Mapping[Key, Iterable[str]]) -> "Registry":
        """Return these options and those of the groups that exist because ``makers`` have these values."""
        found = copy.copy(self)
        found.__dict__.pop("variables", None)
        found.__dict__.pop("attributes", None)
        found.options = dict(self.options)
        found.spellings = dict(self.spellings)
        found.conf = self.conf.with_groups()
        for pattern, options in self.made.items():
            for value in {str(value) for key in _MADE_FROM[pattern] for value in values.get(key, ())}:
                for option in options:
                    found.add(_adapted(option, value))
        return found


def _adapted(option: Option, value: str) -> Option:
    deprecated = tuple((group and group.replace("*", value), name) for group, name in option.deprecated)
    return replace(option, group=option.group.replace("*", value), deprecated=deprecated)


def register(conf: Conf, option: Option) -> None:
    """Register an option as the service's own code does."""
    made = build(option)
    conf.register_opt(made, group=None if option.group == "DEFAULT" else option.group)
    info = conf.info(option.group, option.dest)
    info["late"] = option.late
    if isinstance(made.default, str) and _PLACEHOLDER.search(made.default):
        # As set_default: no conversion, which the placeholder would not survive.
        info["default"] = made.default


def build(option: Option) -> cfg.Opt:
    """Return the Opt of an option."""
    kind = conversion(option.type)
    made: cfg.Opt
    if option.multi:
        made = cfg.MultiOpt(option.name, item_type=kind, dest=option.dest)  # type: ignore[arg-type]
    elif option.type["kind"] == "boolean":
        made = cfg.BoolOpt(option.name, dest=option.dest, short=option.short)
    else:
        made = cfg.Opt(option.name, type=kind, dest=option.dest, short=option.short, positional=option.positional)  # type: ignore[arg-type]
    # Set afterwards: the data has the underscore forms that the constructor would add again, and effective defaults,
    # which set_defaults does not check.
    made.default = list(option.default) if isinstance(option.default, tuple) else option.default
    made.deprecated_opts = [cfg.DeprecatedOpt(name, group=group) for group, name in option.deprecated]
    made.required = option.required
    return made


_REGISTRIES: dict[Any, Registry] = {}


def registry(release: str, record: ServiceRecord, libraries: Libraries | None, extra: tuple[Option, ...]) -> Registry:
    """Return the options that a service of ``release`` knows.

    An option that distributions backport is known where the service's libraries show it, and unknown where they show
    that they lack it, whatever the release.
    """
    capabilities = {} if libraries is None else libraries.capabilities
    shown = {marker: capabilities[marker] for marker in BACKPORTS if marker in capabilities}
    key = (release, record.project, tuple(shown.items()), tuple((option.group, option.dest) for option in extra))
    found = _REGISTRIES.get(key)
    if found is None:
        options = [option for group in load(release).projects[record.project].values() for option in group.values()]
        known = {(option.group, option.dest) for option in options}
        for marker, is_there in shown.items():
            backport = BACKPORTS[marker]
            if is_there and (backport.group, backport.dest) not in known:
                options.append(backport)
            elif not is_there:
                options = [o for o in options if (o.group, o.dest) != (backport.group, backport.dest)]
        found = _REGISTRIES[key] = Registry([*options, *extra])
    return found
