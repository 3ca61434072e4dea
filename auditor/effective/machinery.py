"""oslo.config's own classes, made to work on values in memory: no file, environment or argv of this machine.

Private names of oslo.config (9.6 to 10.7) are used here, in `parser`, `registry` and `arguments`, and nowhere else;
`tests/effective/test_machinery.py` compares the result with an unchanged ConfigOpts on real files.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from oslo_config import cfg, sources
from oslo_config.sources import _environment

from auditor.effective.parser import Parsed, Written
from auditor.model import Origin
from auditor.probe import tokens


#: Characters that the references in one value may come to.
LONGEST = 65_536


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
        for opt, group in self._conf._all_cli_opts():
            group_name = group.name if group else None
            try:
                value, _ = opt._get_from_namespace(alone, group_name)
            except KeyError:
                continue
            attribute = opt.dest if group_name is None else f"{group_name}_{opt.dest}"
            if opt.multi:
                value = [*(getattr(self, attribute, None) or ()), *value]
            setattr(self, attribute, value)


class Environment(_environment.EnvironmentConfigurationSource):
    """The environment of the audited service, where oslo.config would read our own."""

    def __init__(self, variables: Mapping[str, str], defined: Origin) -> None:
        self.variables = variables
        self.defined = defined

    def get(self, group_name: str | None, option_name: str, opt: cfg.Opt) -> tuple[Any, Any]:
        """As `EnvironmentConfigurationSource.get`."""
        name = self.get_name(group_name, option_name)
        if name not in self.variables:
            return (sources._NoValue, None)
        value = Written.at(self.variables[name], self.defined, f"{group_name or 'DEFAULT'}.{option_name}")
        return (value, cfg.LocationInfo(cfg.Locations.environment, name))


class TooLong(cfg.TemplateSubstitutionError):
    """References that come to more text than any option needs: a host may not fill our memory with them."""


class _References(cfg.ConfigOpts.StrSubWrapper):
    """The values that references in one text stand for."""

    _length = 0

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        self._length += len(str(value))
        if self._length > LONGEST:
            raise TooLong(f"more than {LONGEST} characters")
        return value


class Conf(cfg.ConfigOpts):
    """A ConfigOpts whose namespace and environment are given, not read; one per service, on shared registrations."""

    StrSubWrapper = _References

    is_starting: bool = False

    def serving(self, cli: Any, environment: Environment, namespace: "Namespace | None" = None) -> "Conf":
        """Return a ConfigOpts of one service that shares this one's registered options."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__["_ConfigOpts__cache"] = {}
        made.__dict__["_ConfigOpts__drivers_cache"] = {}
        made._cli_opts = cli
        made._env_driver = environment
        made._namespace = namespace or Namespace(made)
        return made

    def with_groups(self) -> "Conf":
        """Return a copy to which options of further groups can be added."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made._opts = dict(self._opts)
        made._groups = dict(self._groups)
        made._deprecated_opts = {group: dict(names) for group, names in self._deprecated_opts.items()}
        made.__dict__["_ConfigOpts__cache"] = {}
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

    def spelled(self) -> Iterator[tuple[tuple[str, str], Written]]:
        """Yield ((group, name), the last value) of everything that stands in files, newest file first."""
        assert self._namespace is not None
        for sections in self._namespace._normalized:
            for group, names in sections.items():
                for name, values in names.items():
                    yield (group, name), values[-1]

    def text(self, group: str, name: str) -> str | None:
        """Return what files say under a name, known or not."""
        for spelled, value in self.spelled():
            if spelled == (cfg._normalize_group_name(group), name):
                return value
        return None

    def attributes(self) -> Iterator[str]:
        """Yield the names under which values of command line options are kept, those from files among them."""
        return (name for name in vars(self._namespace) if not name.startswith("_"))

    def _get_opt_info(self, opt_name: str, group: Any = None) -> Any:
        """As `ConfigOpts._get_opt_info`, without its warning, and without late options while the service starts."""
        opts = self._opts if group is None else self._get_group(group)._opts
        info = opts.get(opt_name)
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
        if isinstance(value, str) and "REDACTED-" in value:
            for token in tokens.PATTERN.finditer(value):
                if "u" in token.group(1):
                    raise cfg.NoSuchOptError("", group)
        return super()._substitute(value, group, namespace)
