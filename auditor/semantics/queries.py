"""The options of a messaging driver as the query of its URL overrides them.

``oslo_messaging._drivers.common.ConfigOptsProxy``: every option of the driver's group, and nothing else, may stand in
the query; the option's own type converts the value, and what does not fit stops the service. The same in all versions
from 14.0 to 18.3.
"""

from collections.abc import Mapping
from typing import Any

from auditor.model import Setting, Withheld
from auditor.releases import Option, load
from auditor.semantics.connection import Broken, Connection, Unseen, rejected, require_read, withheld

#: Kinds of numbers, and the traits of what is none: it occurs in no number, or is as short as all numbers are.
_NUMBERS = ("integer", "float")
_NEVER_IN_NUMBERS, _PERHAPS_IN_NUMBERS = frozenset("aschfq"), frozenset("23nw")

#: The words that oslo.config takes for true and for false, in any case.
TRUE = ("true", "1", "on", "yes")
_FALSE = ("false", "0", "off", "no")


def convert(kind: Mapping[str, Any], text: str) -> Any:
    """A query's text as ``oslo_config.types`` converts it; raises ValueError with oslo.config's meaning."""
    if kind["kind"] == "boolean":
        word = text.lower()
        if word not in TRUE + _FALSE:
            raise ValueError(f"Unexpected boolean value {text!r}")
        return word in TRUE
    if kind["kind"] in ("integer", "float"):
        if not text.strip():
            return None
        number = int(text) if kind["kind"] == "integer" else float(text)
        if kind.get("min") is not None and number < kind["min"]:
            raise ValueError(f"{text} should be greater than or equal to {kind['min']:g}")
        if kind.get("max") is not None and number > kind["max"]:
            raise ValueError(f"{text} should be less than or equal to {kind['max']:g}")
        return number
    if kind.get("choices") is not None and text not in kind["choices"]:
        raise ValueError(f"Valid values are {', '.join(kind['choices'])}, but found {text!r}")
    return text


def is_surely_rejected(kind: Mapping[str, Any], hidden: Withheld) -> bool:
    """Whether what the host kept is none of the values that the type takes; the probe keeps nothing else of it.

    The same reasoning as `auditor.effective.tokens.is_surely_rejected`: the grammars of `auditor.probe.grammar` agree
    with oslo.config's types but for references and for numbers that are long, in other scripts or between blanks.
    """
    traits = set(hidden.traits)
    if traits & {"d", "r"}:
        return False
    if kind["kind"] in _NUMBERS:
        return bool(traits & _NEVER_IN_NUMBERS) or not traits & _PERHAPS_IN_NUMBERS
    return kind["kind"] == "boolean" or kind.get("choices") is not None


class Options:
    """One group's options for one connection: the query first, then the configuration.

    ``presence`` tells of options whether the installed driver has them, where that is not the release's to say; such
    an option is not read in every case.

    Raises:
        Broken: the service stops when it loads the driver, or when it reads the rest of the group to connect.
    """

    def __init__(
        self,
        connection: Connection,
        group: str,
        query: Mapping[str, str],
        *,
        presence: Mapping[str, bool] | None = None,
    ) -> None:
        self._connection = connection
        self.group = group
        self._known = load(connection.service.release).projects[connection.service.project].get(group, {})
        self._query: dict[str, Setting] = {}
        presence = presence or {}
        always_read = (name for name in self._known if name not in presence or name in query)
        wrong = rejected(connection.service, group, always_read)
        if wrong is not None:
            raise Broken(f"{wrong} is rejected by oslo.config: {wrong.error}", wrong)
        for name, text in query.items():
            if not presence.get(name, name in self._known):
                raise Broken(
                    f"the query of {connection.url} names {name!r}, which is no option of [{group}] in the installed"
                    " oslo.messaging: the service stops with NoSuchOptError",
                    remedy=f"Remove `{name}` from the query of `{connection.url}`.",
                )
            self._query[name] = self._override(name, text)

    def _override(self, name: str, text: str) -> Setting:
        connection = self._connection
        option: Option | None = self._known.get(name)
        kind = {"kind": "boolean"} if option is None else option.type
        hidden = withheld(text)
        try:
            if hidden is not None and is_surely_rejected(kind, hidden):
                raise ValueError(
                    f"what it is was withheld on the host, and is no {kind['kind']} that it takes"
                )
            if hidden is not None:
                return connection.queried(name, text, self.group)
            value = convert(kind, text)
        except ValueError as error:
            raise Broken(
                f"{name} in the query of {connection.url} is not of its type, and the service stops: {error}",
                remedy=f"Correct `{name}` in the query of `{connection.url}`.",
            ) from None
        return connection.queried(name, value, self.group)

    def setting(self, name: str) -> Setting | None:
        """The option in effect, or None where neither the query nor the release knows it."""
        return self._query.get(name) or self._connection.service.find(self.group, name)

    def value(self, name: str) -> Any:
        """The value in effect, None where there is none; raises `Unseen` where it stayed on its host."""
        setting = self.setting(name)
        if setting is None:
            return None
        require_read(setting)
        if setting.is_withheld:
            raise Unseen(f"{setting} was withheld on the host", setting)
        return setting.resolved

    def is_set(self, name: str) -> bool:
        """True where the option has a value, be it one that stayed on its host."""
        setting = self.setting(name)
        return setting is not None and bool(setting.resolved)

    def in_query(self, name: str) -> bool:
        """True where the URL's query gives the option."""
        return name in self._query

    def settings(self, *names: str) -> tuple[Setting, ...]:
        """Those of the options that somebody wrote, as lines of evidence."""
        found = (self.setting(name) for name in names)
        return tuple(setting for setting in found if setting is not None and setting.is_written)
