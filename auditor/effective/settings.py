"""The settings of one service: each option is resolved when it is asked for, and once."""

import re
from collections.abc import Iterator
from typing import Any

from auditor.effective import rejection, tokens
from auditor.effective.machinery import Conf
from auditor.effective.parser import Written
from auditor.effective.registry import Key, Registry, finished, normalized
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
        "_attributes", "_command_line", "_conf", "_fetched_from", "_found", "_paste", "_plugins", "_registry",
        "_source_groups", "_spelled", "_written", "project", "release",
    )  # fmt: skip

    def __init__(
        self,
        registry: Registry,
        conf: Conf,
        project: str,
        release: str,
        command_line: Origin,
        paste: frozenset[str],
    ) -> None:
        self.project = project
        self.release = release
        self._registry = registry
        self._conf = conf
        self._command_line = command_line
        self._paste = paste
        self._found: dict[Key, Setting] = {}
        self._written: tuple[Setting, ...] | None = None
        self._attributes = frozenset(conf.attributes())
        self._plugins: dict[str, frozenset[str] | None] = {}
        self._spelled = self._options_set_somewhere()
        self._source_groups: tuple[str, ...] = ()
        self._fetched_from: str | None = None
        if ("DEFAULT", "config_source") in self._spelled:
            named = self["DEFAULT", "config_source"].resolved
            self._source_groups = tuple(map(str.lower, named)) if isinstance(named, tuple) else ()
            self._fetched_from = self._source_elsewhere()

    def __getitem__(self, option: tuple[str, str]) -> Setting:
        """The setting of (group, name); raises KeyError where this release does not know the option."""
        found = self._found.get(option)
        if found is None:
            found = None if option in self._spelled else self._registry.default(option)
            if found is None or self._fetched_from is not None:
                found = self._resolve(self._registry.options[option])
            self._found[option] = found
        return found

    def find(self, group: str, name: str) -> Setting | None:
        """The setting, or None where this release does not know the option."""
        return self[group, name] if (group, name) in self._registry.options else None

    def written(self) -> Iterator[Setting]:
        """What is written somewhere, known or not, in the order of group and name."""
        if self._written is None:
            known = [setting for setting in map(self.__getitem__, self._spelled) if setting.is_written]
            self._written = tuple(sorted((*known, *self._unknown()), key=_by_name))
        return iter(self._written)

    def effective(self) -> Iterator[Setting]:
        """Every option that the service registers with the value in effect, then the written ones it does not know."""
        for option in sorted(filter(self._exists, self._registry.options)):
            yield self[option]
        yield from sorted(self._unknown(), key=_by_name)

    def overridden(self) -> Iterator[tuple[Setting, Setting]]:
        """What a file says of a known option and what counts in its place, where these differ: (lost, in effect).

        In the order of group and name, then from the newest file to the oldest. Values that add up are left out, and so is
        a line that a later one of the same file overrides.
        """
        for key in sorted(self._spelled):
            option, counts = self._registry.options[key], self[key]
            raw = _last(self._conf.written(*key))
            for lost in () if option.multi else self._conf.in_files(self._registry.names(key)):
                if lost.origin == counts.origin:
                    continue
                converted = self._registry.converted(option, lost)
                if lost == raw or (converted is not None and converted[0] == counts.resolved):
                    continue
                value = converted[0] if converted else tokens.withheld(option, str(lost)) or str(lost)
                place = f"{lost.group}.{lost.name}"
                yield Setting(*key, value, lost.origin, place, option.default), counts

    def _options_set_somewhere(self) -> frozenset[Key]:
        """Every option of the release that a file, the environment or the command line may set."""
        known: set[Key] = set()
        for spelled in self._conf.spelled():
            known.update(self._set_by(spelled))
        for names, options in (
            (self._conf.environment.variables, self._registry.variables),
            (self._attributes, self._registry.attributes),
        ):
            known.update(options[name] for name in names if name in options and self._exists(options[name]))
        return frozenset(known)

    def _set_by(self, spelled: Key) -> Iterator[Key]:
        """The options that a line of this group and name sets."""
        for key in self._registry.spellings.get(spelled, ()):
            if self._exists(key, spelled[1]):
                yield key

    def _exists(self, key: Key, name: str | None = None) -> bool:
        """Whether the service registers the option, under this name: of auth plugins it loads the one it is told to."""
        if not self._registry.options[key].plugin:
            return True
        group = key[0]
        if group not in self._plugins:
            self._plugins[group] = self._names_of_plugin(group)
        names = self._plugins[group]
        return names is None or (name or key[1]) in names

    def _names_of_plugin(self, group: str) -> frozenset[str] | None:
        """The names of the options of the plugin that ``auth_type`` names, None where it names none that is known."""
        if (group, "auth_type") not in self._registry.options or self._conf.written(
            "DEFAULT", "config_source"
        ):
            return None
        try:
            return self._registry.plugins.get(self._conf._get("auth_type", self._conf.group(group)))
        except rejection.ERRORS:
            return None

    def _unknown(self) -> Iterator[Setting]:
        """What is written under names that this release does not know, in any order."""
        found: dict[Key, Written] = {}
        environment = self._conf.environment
        for variable, text in environment.variables.items():
            named = _VARIABLE.fullmatch(variable)
            known = self._registry.variables.get(variable)
            if named is not None and (known is None or not self._exists(known)):
                group, name = named["group"].lower(), named["name"].lower()
                found[group, name] = Written.at(text, environment.defined, group, name)
        for spelled, value in self._conf.spelled().items():
            # oslo.config parses api-paste.ini too, whose lines are not meant for it.
            if value.origin.path not in self._paste and not any(self._set_by(spelled)):
                found.setdefault(spelled, value)
        for (group, name), value in found.items():
            # What opens a source of config_source is known to oslo.config as soon as the source is named.
            is_known = group in self._source_groups and name in _SOURCE_OPTIONS
            resolved = tokens.hidden(value) or str(value)
            yield Setting(group, name, resolved, value.origin, f"{group}.{name}", unknown=not is_known)

    def _resolve(self, option: Option) -> Setting:
        only = self._only_line(option)
        raw = self._conf.written(option.group, option.dest) if only is None else only
        origin, written_as = self._where(option, raw)

        def setting(resolved: Any, error: str | None = None) -> Setting:
            return Setting(option.group, option.dest, resolved, origin, written_as, option.default, error)

        if raw is None and self._fetched_from is not None:
            return setting(None, f"it may be set by {self._fetched_from}, which was not read")
        if self._is_fatally_deprecated(option, origin, written_as):
            return setting(None, "it is deprecated, and [DEFAULT] fatal_deprecations is on")
        if only is not None and (converted := self._registry.converted(option, only)) is not None:
            return setting(converted[0])
        try:
            value = self._conf._get(option.dest, self._conf.group(option.group))
        except rejection.ERRORS as error:
            hidden = _withheld_not_rejected(raw, error)
            if hidden is not None:
                return setting(hidden)
            return setting(None, finished(rejection.reason(option, error)))
        if option.multi and isinstance(raw, str) and origin.kind is OriginKind.ENVIRONMENT:
            # oslo.config takes a variable for the list of its characters, a token as well.
            return setting(tokens.hidden(raw) or finished(value))
        return setting(tokens.withheld(option, value) or finished(value))

    def _only_line(self, option: Option) -> Written | None:
        """The value of an option that files alone set, under one name; None where that takes all of oslo.config's rules."""
        if option.multi:
            return None
        key = (option.group, option.dest)
        if self._registry.attribute(key) in self._attributes:
            return None
        if self._registry.variable(key) in self._conf.environment.variables:
            return None
        spelled = self._conf.spelled()
        found = [spelled[name] for name in self._registry.names(key) if name in spelled]
        return found[0] if len(found) == 1 else None

    def _is_fatally_deprecated(self, option: Option, origin: Origin, written_as: str | None) -> bool:
        """As oslo_log.versionutils.report_deprecated_feature, which asks nova's own ConfigOpts; at start it is not on."""
        if self.project != "nova" or option.cli or origin.kind is not OriginKind.FILE:
            return False
        if written_as == f"{option.group}.{option.dest}" and not option.deprecated_for_removal:
            return False
        if ("DEFAULT", "fatal_deprecations") not in self._spelled:
            return False
        fatal = self["DEFAULT", "fatal_deprecations"]
        # Where oslo.config rejects the switch, whoever asks for it fails as well.
        return fatal.error is not None or fatal.resolved is True

    def _where(self, option: Option, raw: Any) -> tuple[Origin, str | None]:
        if raw is None:
            return DEFAULT_ORIGIN, None
        last = _last(raw)
        own = f"{option.group}.{option.dest}"
        if not isinstance(last, Written):
            return self._command_line, own
        is_own = (last.group, last.name) == normalized(option.group, option.dest)
        return last.origin, own if is_own else f"{last.group}.{last.name}"

    def _source_elsewhere(self) -> str | None:
        """The first source of ``[DEFAULT] config_source`` that only the running service can fetch."""
        for group in self._source_groups:
            if self._conf.spelled().get((group, "driver")) not in _LOCAL_DRIVERS:
                return f"the source [{group}] of config_source"
        return None


def _by_name(setting: Setting) -> Key:
    return setting.group, setting.name


def _last(raw: Any) -> Any:
    """Of values that add up, the newest."""
    return raw[-1] if isinstance(raw, list) and raw else raw


def _withheld_not_rejected(raw: Any, error: Exception) -> Withheld | None:
    """What was withheld, where oslo.config rejects only the token that stands for it."""
    if not isinstance(error, ValueError):
        return None
    last = _last(raw)
    if isinstance(last, Written) and tokens.is_surely_rejected(last):
        return None
    return tokens.hidden("\n".join((*tokens.texts(raw), str(error))))
