"""A release's options as oslo.config's own objects, registered once and shared by all services of that release."""

import contextlib
import copy
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from oslo_config import cfg

from auditor.effective.conversion import conversion
from auditor.effective.machinery import Conf, Environment
from auditor.evidence import ServiceRecord
from auditor.model import DEFAULT_ORIGIN, Libraries, Setting
from auditor.releases import BACKPORTS, Option, load, plugins

#: (group, name) of an option.
Key = tuple[str, str]

#: oslo.config's options for itself: what they name is parsed while they are read.
_FILES = ("config_file", "config_dir")

#: Options whose default `auditor.effective.sources` sets for each service.
_DEPENDING = frozenset((*(("DEFAULT", name) for name in _FILES), ("DEFAULT", "web")))

#: Groups that nova makes per value of an option (nova.conf.devices and nova.conf.neutron, register_dynamic_opts).
_MADE_FROM: Mapping[str, Sequence[Key]] = {
    "mdev_*": (("devices", "enabled_mdev_types"), ("devices", "enabled_vgpu_types")),
    "neutron_physnet_*": (("neutron", "physnets"),),
}

#: What stands for a default that depends on the service's machine while values are put together and converted: it passes
#: where the real one would, and nobody writes it.
_SAMPLES: Mapping[str, str] = {
    "<hostname>": "host-of-this-service",
    "<ip>": "198.51.100.213",
    "<site-packages>": "/site-packages-of-this-service",
    "<prefix>": "/prefix-of-this-service",
    "<program>": "program-of-this-service",
}
_PLACEHOLDERS = {sample: placeholder for placeholder, sample in _SAMPLES.items()}
_SAMPLE = re.compile("|".join(map(re.escape, _PLACEHOLDERS)))


#: Texts whose values are kept, and how long one may be.
MOST_KEPT = 65_536
LONGEST_KEPT = 1024


class Registry:
    """The options that one project of one release knows, registered with a `Conf`.

    Attributes:
        conf: has no sources of its own; `Conf.serving` gives it some.
        options: by (group, dest).
        spellings: (group in lower case, name) as a file may spell it, to the options that it sets.
        plugins: `auditor.releases.plugins`.
    """

    def __init__(self, options: Iterable[Option]) -> None:
        self.conf = Conf()
        # Our own oslo.config knows --shell_completion; whether the service's does is in the data.
        self.conf._opts.clear()
        self.conf._cli_opts.clear()
        self.options: dict[Key, Option] = {}
        self.spellings: dict[Key, tuple[Key, ...]] = {}
        self._made: dict[str, list[Option]] = {}
        self.plugins = plugins()
        self._clis: dict[str, Any] = {}
        self._defaults: dict[Key, Setting | None] = {}
        self._names: dict[Key, tuple[Key, ...]] = {}
        self._converted: dict[tuple[str, str, str], tuple[Any] | None] = {}
        for option in options:
            if option.group.endswith("*"):
                self._made.setdefault(option.group, []).append(option)
            else:
                self._add(option)

    def _add(self, option: Option) -> None:
        key = (option.group, option.dest)
        self.options[key] = option
        self._names[key] = tuple(dict.fromkeys(normalized(*spelled) for spelled in option.spellings))
        for spelled in self._names[key]:
            self.spellings[spelled] = (*self.spellings.get(spelled, ()), key)
        _register(self.conf, option)

    @cached_property
    def variables(self) -> Mapping[str, Key]:
        """The environment variable of each option, to the option."""
        return {self.variable(key): key for key in self.options}

    @cached_property
    def attributes(self) -> Mapping[str, Key]:
        """The attribute of oslo.config's namespace for each option, to the option."""
        return {self.attribute(key): key for key in self.options}

    @cached_property
    def required(self) -> Sequence[Option]:
        """The options without which a service does not start."""
        return tuple(option for option in self.options.values() if option.required and not option.late)

    def cli(self, program: str) -> "deque[Any]":
        """Return the options that a program registers for its command line, as `ConfigOpts._cli_opts` has them."""
        if program not in self._clis:
            self._clis[program] = deque(
                {
                    "opt": self.conf.info(option.group, option.dest)["opt"],
                    "group": self.conf.group(option.group),
                    "attribute": _attribute(option.group, option.dest),
                    "spellings": tuple(normalized(*spelled) for spelled in option.spellings),
                }
                for option in self.options.values()
                if (option.cli or program in option.cli_in) and option.dest not in _FILES
            )
        found: deque[Any] = self._clis[program]
        return found

    def names(self, key: Key) -> Iterable[Key]:
        """Return each (group, name) under which a file may set the option, once, as `Conf.spelled` has them."""
        return self._names[key]

    @staticmethod
    def attribute(key: Key) -> str:
        """Return the attribute of oslo.config's namespace for an option."""
        return _attribute(*key)

    @staticmethod
    def variable(key: Key) -> str:
        """Return the environment variable of an option."""
        return f"OS_{key[0].upper()}__{key[1].upper()}"

    def converted(self, option: Option, text: str) -> tuple[Any] | None:
        """Return the value that a text without references stands for, in a tuple, or None where it takes a `Conf`.

        As `ConfigOpts._do_get` after its look-up, on one value. Hosts of a fleet have most texts in common.
        """
        key = (option.group, option.dest, text)
        if key not in self._converted:
            found = None
            if "$" not in text and "REDACTED-" not in text and len(text) <= LONGEST_KEPT:
                with contextlib.suppress(ValueError, OverflowError):
                    opt = self.conf.info(option.group, option.dest)["opt"]
                    found = (finished(self.conf._convert_value(str(text), opt)),)
            if len(self._converted) >= MOST_KEPT:
                self._converted.clear()
            self._converted[key] = found
        return self._converted[key]

    def default(self, key: Key) -> Setting | None:
        """Return the setting of an option that nobody sets, or None where that depends on the service.

        Raises:
            KeyError: the option is unknown.
        """
        if key not in self._defaults:
            default = self.options[key].default
            if key in _DEPENDING or "$" in str(default):
                self._defaults[key] = None
            else:
                value = self._unset._get(key[1], self._unset.group(key[0]))
                self._defaults[key] = Setting(*key, finished(value), DEFAULT_ORIGIN, None, default)
        return self._defaults[key]

    @cached_property
    def _unset(self) -> Conf:
        return self.conf.serving((), Environment({}, DEFAULT_ORIGIN))

    @property
    def makers(self) -> Iterable[Key]:
        """The options whose values make groups, as far as this release knows them."""
        return [key for pattern in self._made for key in _MADE_FROM[pattern] if key in self.options]

    def making(self, values: Mapping[Key, Iterable[str]]) -> "Registry":
        """Return these options and those of the groups that exist because `makers` have these values."""
        found = copy.copy(self)
        for name in ("variables", "attributes", "_unset"):
            found.__dict__.pop(name, None)
        found._defaults = {}
        found._names = dict(self._names)
        found._converted = {}
        found.options = dict(self.options)
        found.spellings = dict(self.spellings)
        found.conf = self.conf.with_groups()
        for pattern, options in self._made.items():
            for value in {
                str(finished(value)) for key in _MADE_FROM[pattern] for value in values.get(key, ())
            }:
                for option in options:
                    deprecated = tuple((g and g.replace("*", value), name) for g, name in option.deprecated)
                    found._add(replace(option, group=pattern.replace("*", value), deprecated=deprecated))
        return found


def finished(value: Any) -> Any:
    """Return a value of oslo.config as it is shown, and so that nobody can change it."""
    if isinstance(value, str):
        return _SAMPLE.sub(lambda match: _PLACEHOLDERS[match[0]], value)
    if isinstance(value, list):
        return tuple(finished(item) for item in value)
    if isinstance(value, dict):
        return MappingProxyType({finished(key): finished(item) for key, item in value.items()})
    return value


def normalized(group: str, name: str) -> Key:
    """Return how oslo.config compares names of files: groups without regard to case, except DEFAULT."""
    return cfg._normalize_group_name(group), name


def _attribute(group: str, name: str) -> str:
    return name if group == "DEFAULT" else f"{group}_{name}"


def _register(conf: Conf, option: Option) -> None:
    made = _build(option)
    conf.register_opt(made, group=None if option.group == "DEFAULT" else option.group)
    info = conf.info(option.group, option.dest)
    info["late"] = option.late
    if made.default == "<cpus>":
        # As set_default, which converts nothing: it is no number yet.
        info["default"] = made.default
    elif isinstance(made.default, str):
        for placeholder, sample in _SAMPLES.items():
            made.default = made.default.replace(placeholder, sample)


def _build(option: Option) -> cfg.Opt:
    kind: Any = conversion(option.type)
    made: cfg.Opt
    if option.multi:
        made = cfg.MultiOpt(option.name, item_type=kind, dest=option.dest)
    elif option.type["kind"] == "boolean":
        made = cfg.BoolOpt(option.name, dest=option.dest, short=option.short)
    else:
        made = cfg.Opt(option.name, kind, option.dest, option.short, positional=option.positional)
    # Set afterwards: the data has the underscore forms that the constructor would add again, and effective defaults,
    # which set_defaults does not check.
    made.default = list(option.default) if isinstance(option.default, tuple) else option.default
    made.deprecated_opts = [cfg.DeprecatedOpt(name, group=group) for group, name in option.deprecated]
    made.required = option.required
    return made


_REGISTRIES: dict[Any, Registry] = {}


def registry(
    release: str, record: ServiceRecord, libraries: Libraries | None, extra: tuple[Option, ...]
) -> Registry:
    """Return the options that a service of ``release`` knows.

    An option that distributions backport is known where the service's libraries show it, and unknown where they show
    that they lack it, whatever the release.
    """
    capabilities = {} if libraries is None else libraries.capabilities
    shown = tuple((marker, capabilities[marker]) for marker in BACKPORTS if marker in capabilities)
    key = (release, record.project, shown, tuple((option.group, option.dest) for option in extra))
    if key not in _REGISTRIES:
        groups = load(release).projects[record.project]
        options = {(o.group, o.dest): o for options in groups.values() for o in options.values()}
        for marker, is_there in shown:
            backport = BACKPORTS[marker]
            if is_there:
                options.setdefault((backport.group, backport.dest), backport)
            else:
                options.pop((backport.group, backport.dest), None)
        for option in extra:
            options[option.group, option.dest] = option
        _REGISTRIES[key] = Registry(options.values())
    return _REGISTRIES[key]
