"""The settings of one service: each option is resolved when it is asked for, and once."""

from collections.abc import Iterator
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


class EffectiveSettings:
    """The effective configuration of one service under one release; implements `auditor.model.Settings`.

    Lists are tuples. ``written_as`` has the group in lower case, since oslo.config does not tell ``[Database]`` from
    ``[database]``; values of the environment and the command line go by the option's own name and stand where the
    service is defined. A line that another one overrides, be it under an older name, is not listed: it has no effect.
    """

    __slots__ = ("_command_line", "_conf", "_found", "_fetched_from", "_record", "_registry", "project", "release")

    def __init__(
        self, registry: Registry, conf: Conf, record: ServiceRecord, release: str, command_line: Origin
    ) -> None:
        self.project = record.project
        self.release = release
        self._registry = registry
        self._conf = conf
        self._record = record
        self._command_line = command_line
        self._found: dict[Key, Setting] = {}
        self._fetched_from: str | None = None
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
        for sections in self._conf.parsed:
            for group, names in sections.items():
                for name, values in names.items():
                    found = self._registry.spellings.get((group, name))
                    if found is not None:
                        known.update(found)
                    else:
                        # The newest file comes first.
                        unknown.setdefault((group, name), values[-1])
        for variable in self._record.environment:
            option = self._registry.variables.get(variable)
            if option is not None:
                known.add(option)
        for attribute in self._conf.attributes:
            option = self._registry.attributes.get(attribute)
            if option is not None:
                known.add(option)
        return known, [_unknown(group, name, value) for (group, name), value in unknown.items()]

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
        sources = self.find("DEFAULT", "config_source")
        if sources is None or not sources.is_written or sources.error is not None:
            return None
        for group in sources.resolved if isinstance(sources.resolved, tuple) else ():
            driver = self._conf.raw(group, "driver")
            if driver not in _LOCAL_DRIVERS:
                return f"the source [{group}] of config_source"
        return None


def _unknown(group: str, name: str, value: Written) -> Setting:
    whole: Any = tokens.partly_withheld(value) or str(value)
    return Setting(group, name, whole, value.origin, value.written_as, None, None, unknown=True)


def _withheld_not_rejected(option: Option, raw: Any, error: Exception) -> Withheld | None:
    """What was withheld, where oslo.config rejects only the token that stands for it."""
    if not isinstance(error, ValueError):
        return None
    written = "\n".join(tokens.texts(raw))
    return None if tokens.is_surely_rejected(option, written) else tokens.partly_withheld(f"{written}\n{error}")


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return MappingProxyType(value)
    return value
