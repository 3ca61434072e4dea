"""oslo.config's own classes, made to work on values in memory: no file, environment or argv of this machine.

Private names of oslo.config (9.6 to 10.7) are used here, in `parser`, `registry`, `arguments` and `sources`, and nowhere
else; `tests/effective/test_machinery.py` compares the result with an unchanged ConfigOpts on real files.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from oslo_config import cfg, sources
from oslo_config.sources import _environment

from auditor.effective.parser import Parsed, Written
from auditor.model import Origin
from auditor.probe import tokens

#: Characters that a value may have, and that the references in it may come to.
LONGEST = 1_048_576
LONGEST_REFERENCES = 65_536


class TooLong(cfg.TemplateSubstitutionError):
    """More text than any option needs: a host may not fill our memory, or our time, with it."""


class Namespace(cfg._Namespace):
    """The parsed files and command line of one service."""

    def _check_deprecated(self, *_: Any) -> None:
        """Leave out oslo.config's warning: which name a value was written under is on the value itself."""

    def add(self, parsed: Parsed) -> None:
        """Add the file that comes next in parse order.

        As `ConfigParser._parse_file` and `_Namespace._parse_cli_opts_from_config_file`: values of options that are
        registered for the command line take effect as if they stood on it.
        """
        self._normalized.insert(0, parsed.sections)  # type: ignore[arg-type]
        alone = Namespace(self._conf)
        alone._normalized.append(parsed.sections)  # type: ignore[arg-type]
        entries: Any = self._conf._cli_opts
        for entry in entries:
            if not any(name in parsed.sections.get(group, ()) for group, name in entry["spellings"]):
                continue
            opt, attribute = entry["opt"], entry["attribute"]
            value, _ = opt._get_from_namespace(alone, entry["group"] and entry["group"].name)
            if opt.multi:
                value = [*(getattr(self, attribute, None) or ()), *value]
            setattr(self, attribute, value)


class Environment(_environment.EnvironmentConfigurationSource):
    """The environment of the audited service, where oslo.config would read our own."""

    def __init__(self, variables: Mapping[str, str], defined: Origin) -> None:
        self.variables = variables
        self.defined = defined

    def get(self, group_name: str | None, option_name: str, opt: cfg.Opt) -> tuple[Any, Any]:  # noqa: ARG002
        """As `EnvironmentConfigurationSource.get`."""
        name = self.get_name(group_name, option_name)
        if name not in self.variables:
            return (sources._NoValue, None)
        value = Written.at(self.variables[name], self.defined, group_name or "DEFAULT", option_name)
        return (value, cfg.LocationInfo(cfg.Locations.environment, name))


class _References(cfg.ConfigOpts.StrSubWrapper):
    """The values that the references in one text stand for."""

    _length = 0

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        self._length += len(str(value))
        if self._length > LONGEST_REFERENCES:
            raise TooLong(f"it refers to more than {LONGEST_REFERENCES} characters")
        return value


class Conf(cfg.ConfigOpts):
    """A ConfigOpts whose namespace and environment are given, not read; one per service, on shared registrations.

    Attributes:
        is_starting: options that are registered later are not there yet.
        sources: the service's namespace.
        environment: its environment.
    """

    StrSubWrapper = _References

    is_starting: bool = False
    sources: Namespace
    environment: Environment
    _spelled: "dict[tuple[str, str], Written] | None" = None

    def serving(self, cli: Any, environment: Environment, namespace: Namespace | None = None) -> "Conf":
        """Return a ConfigOpts of one service that shares this one's registered options."""
        made = self._copy()
        made._cli_opts = cli
        made._env_driver = made.environment = environment
        made._namespace = made.sources = namespace or Namespace(made)
        return made

    def with_groups(self) -> "Conf":
        """Return a copy to which options of further groups can be added."""
        made = self._copy()
        made._opts = dict(self._opts)
        made._groups = dict(self._groups)
        made._deprecated_opts = {group: dict(names) for group, names in self._deprecated_opts.items()}
        return made

    def _copy(self) -> "Conf":
        # copy.copy would go through ConfigOpts.__reduce__, which exports all state.
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__["_ConfigOpts__cache"] = {}
        made.__dict__["_ConfigOpts__drivers_cache"] = {}
        return made

    def group(self, name: str) -> cfg.OptGroup | None:
        """Return a registered group; None stands for DEFAULT, as in oslo.config."""
        return None if name == "DEFAULT" else self._groups[name]

    def info(self, group: str, dest: str) -> Any:
        """Return the registration of an option."""
        return (self._opts if group == "DEFAULT" else self._groups[group]._opts)[dest]

    def written(self, group: str, dest: str) -> Any:
        """Return the text of an option that is in effect, with its `Written` origin, or None where nobody wrote any.

        The order is that of `ConfigOpts._do_get`; a value that is not `Written` comes from the command line.
        """
        opt = self.info(group, dest)["opt"]
        group_name = None if group == "DEFAULT" else group
        variable, _ = self._env_driver.get(group_name, dest, opt)
        in_environment = variable is not sources._NoValue
        try:
            value, location = opt._get_from_namespace(self._namespace, group_name)
        except KeyError:
            return variable if in_environment else None
        if in_environment and location.location is not cfg.Locations.command_line:
            return variable
        return value

    def spelled(self) -> Mapping[tuple[str, str], Written]:
        """Return what stands in files, by (group, name): the last value in the newest file."""
        if self._spelled is None:
            self._spelled = {
                (group, name): values[-1]
                for sections in reversed(self.sources._normalized)
                for group, names in sections.items()
                for name, values in names.items()
            }
        return self._spelled

    def in_files(self, names: Iterable[tuple[str, str]]) -> Iterator[Written]:
        """Yield what each file says under the first of these (group, name) that it has, the newest file first."""
        for sections in self.sources._normalized:
            found = (sections[group][name] for group, name in names if name in sections.get(group, ()))
            yield from (values[-1] for values in islice(found, 1))

    def attributes(self) -> Iterator[str]:
        """Yield the names under which values of command line options are kept, those from files among them."""
        return (name for name in vars(self.sources) if not name.startswith("_"))

    def _get_opt_info(self, opt_name: str, group: Any = None) -> Any:
        """As `ConfigOpts._get_opt_info`, without its warning, and without late options while the service starts."""
        opts = self._opts if group is None else self._get_group(group)._opts
        info: Any = opts.get(opt_name)
        if info is None:
            real_name, real_group = self._find_deprecated_opts(opt_name, group)
            if not real_name:
                raise cfg.NoSuchOptError(opt_name, group)
            info = (self._get_group(real_group)._opts if real_group else opts)[real_name]
        if self.is_starting and info.get("late"):
            raise cfg.NoSuchOptError(opt_name, group)
        return info

    def _substitute(self, value: Any, group: Any = None, namespace: Any = None) -> Any:
        """As `ConfigOpts._substitute`; a token that stands for a dangling reference fails as the reference does."""
        if isinstance(value, str):
            if len(value) > LONGEST:
                raise TooLong(f"it has more than {LONGEST} characters")
            if "REDACTED-" in value and any("u" in token[1] for token in tokens.PATTERN.finditer(value)):
                raise cfg.NoSuchOptError("", group)
        return super()._substitute(value, group, namespace)
