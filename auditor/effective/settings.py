"""The settings of one service: each option is resolved when it is asked for, and once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from auditor.effective import rejection, tokens
from auditor.effective.machinery import Conf
from auditor.effective.parser import Written
from auditor.effective.registry import Key, Registry
from auditor.evidence import ServiceRecord
from auditor.model import DEFAULT_ORIGIN, Origin, OriginKind, Setting, Withheld
from auditor.releases import Option

#: Drivers of ``[DEFAULT] config_source`` whose values the service has not fetched from elsewhere.
_LOCAL_DRIVERS = (None, "environment")

#: What such drivers read in their group: oslo_config.sources._uri, castellan._config_driver.
_SOURCE_OPTIONS = frozenset(
    ("driver", "uri", "ca_path", "client_cert", "client_key", "timeout", "config_file", "mapping_file")
)

_VARIABLE = re.compile(r"OS_(?P<group>[A-Z0-9_]+?)__(?P<name>[A-Z0-9_]+)")


class EffectiveSettings:
    """The effective configuration of one service under one release; implements `auditor.model.Settings`.

    Lists are tuples. ``written_as`` has the group in lower case, since oslo.config does not tell ``[Database]`` from
    ``[database]``; values of the environment and the command line go by the option's own name and stand where the
    service is defined. A line that another one overrides, be it under an older name, is not listed: it has no effect.
    """

    __slots__ = (
        "_command_line", "_conf", "_fetched_from", "_found", "_record", "_registry", "_source_groups", "_variables",
        "project", "release",
    )  # fmt: skip

    def __init__(
        self, registry: Registry, conf: Conf, record: ServiceRecord, release: str, command_line: Origin
    ) -> None:
        self.project = record.project
        self.release = release
        self._registry = registry
        self._conf = conf
        self._record = record
        self._command_line = command_line
        self._variables = replace(command_line, kind=OriginKind.ENVIRONMENT)
        self._found: dict[Key, Setting] = {}
        self._source_groups: tuple[str, ...] = ()
        self._fetched_from: str | None = None
        if conf.written("DEFAULT", "config_source") is not None:
            named = self["DEFAULT", "config_source"].resolved
            self._source_groups = named if isinstance(named, tuple) else ()
            self._fetched_from = self._source_elsewhere()

    def __getitem__(self, option: tuple[str, str]) -> Setting:
        """The setting of (group, name); raises KeyError where this release does not know the option."""
        found = self._found.get(option)
        if found is None:
            found = self._found[option] = self._resolve(self._registry.options[option])
        return found

    def find(self, group: str, name: str) -> Setting | None:
        """The setting, or None where this release does not know the option."""
        return self[group, name] if (group, name) in self._registry.options else None

    def written(self) -> Iterator[Setting]:
        """What is written somewhere, known or not, in the order of group and name."""
        known, unknown = self._spelled()
        settings = [setting for setting in map(self.__getitem__, known) if setting.is_written]
        yield from sorted((*settings, *unknown), key=lambda setting: (setting.group, setting.name))

    def effective(self) -> Iterator[Setting]:
        """Every option of the release with the value in effect, then the written ones it does not know."""
        for option in sorted(self._registry.options):
            yield self[option]
        yield from sorted(self._spelled()[1], key=lambda setting: (setting.group, setting.name))

    def _spelled(self) -> tuple[set[Key], list[Setting]]:
        """The options that are set somewhere, and what is written under names that this release does not know."""
        known: set[Key] = set()
        unknown: dict[Key, Written] = {}
        for spelled, value in self._conf.spelled():
            found = self._registry.spellings.get(spelled)
            if found is not None:
                known.update(found)
            else:
                unknown.setdefault(spelled, value)
        for variable, text in self._record.environment.items():
            option = self._registry.variables.get(variable)
            named = _VARIABLE.fullmatch(variable)
            if option is not None:
                known.add(option)
            elif named is not None:
                group, name = named["group"].lower(), named["name"].lower()
                unknown.setdefault((group, name), Written.at(text, self._variables, f"{group}.{name}"))
        for attribute in self._conf.attributes():
            option = self._registry.attributes.get(attribute)
            if option is not None:
                known.add(option)
        return known, [self._unknown(*spelled, value) for spelled, value in unknown.items()]

    def _unknown(self, group: str, name: str, value: Written) -> Setting:
        # What opens a source of config_source is known to oslo.config as soon as the source is named.
        is_known = group in self._source_groups and name in _SOURCE_OPTIONS
        resolved = tokens.hidden(value) or str(value)
        return Setting(group, name, resolved, value.origin, value.written_as, unknown=not is_known)

    def _resolve(self, option: Option) -> Setting:
        raw = self._conf.written(option.group, option.dest)
        origin, written_as = self._where(option, raw)

        def setting(resolved: Any, error: str | None = None) -> Setting:
            return Setting(option.group, option.dest, resolved, origin, written_as, option.default, error)

        if raw is None and self._fetched_from is not None:
            return setting(None, f"it may be set by {self._fetched_from}, which was not read")
        try:
            value = self._conf._get(option.dest, self._conf.group(option.group))
        except rejection.ERRORS as error:
            hidden = _withheld_not_rejected(option, raw, error)
            return setting(hidden) if hidden is not None else setting(None, rejection.reason(option, error))
        return setting(tokens.withheld(option, value) or _frozen(value))

    def _where(self, option: Option, raw: Any) -> tuple[Origin, str | None]:
        if raw is None:
            return DEFAULT_ORIGIN, None
        # Of values that add up, the last one is the newest.
        last = raw[-1] if isinstance(raw, list) and raw else raw
        if isinstance(last, Written):
            return last.origin, last.written_as
        return self._command_line, f"{option.group}.{option.dest}"

    def _source_elsewhere(self) -> str | None:
        """The first source of ``[DEFAULT] config_source`` that only the running service can fetch."""
        for group in self._source_groups:
            if self._conf.text(group, "driver") not in _LOCAL_DRIVERS:
                return f"the source [{group}] of config_source"
        return None


def _withheld_not_rejected(option: Option, raw: Any, error: Exception) -> Withheld | None:
    """What was withheld, where oslo.config rejects only the token that stands for it."""
    if not isinstance(error, ValueError):
        return None
    written = "\n".join(tokens.texts(raw))
    return None if tokens.is_surely_rejected(option, written) else tokens.hidden(f"{written}\n{error}")


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return MappingProxyType(value)
    return value
