"""The parameters of a database connection: the query of its URL, and ``connection_parameters`` appended to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from auditor.model import Setting
from auditor.probe import tokens
from auditor.semantics.connection import Broken, Connection, Unseen, read_url, require_read
from auditor.semantics.urls import DatabaseURL, append_parameters, parse_database_url

#: What SQLAlchemy keeps to itself (``sqlalchemy.engine.url.URL._instantiate_plugins``, the same in 1.4, 2.0 and 2.1):
#: it loads these plugins and takes them out of the URL, so that no driver sees them.
_PLUGINS = ("plugin", "plugins")


@dataclass(frozen=True, slots=True)
class Parameters:
    """A database URL with its parameters, each of which knows where it was written.

    ``url`` is as the driver gets it. ``appended`` is ``connection_parameters`` where it adds anything; ``own`` is the
    query as it is written in the URL itself.
    """

    connection: Connection
    url: DatabaseURL
    own: Mapping[str, str | tuple[str, ...]]
    appended: Setting | None

    def seen(self, name: str) -> str | tuple[str, ...] | None:
        """The value, None where there is none; raises `Unseen` where it stayed on its host."""
        value = self.url.query.get(name)
        texts = (value,) if isinstance(value, str) else value or ()
        if any(tokens.occurs(text) for text in texts):
            raise Unseen(f"the value of {name} in {self.connection.url} was withheld", *self.settings(name))
        return value

    def settings(self, *names: str) -> tuple[Setting, ...]:
        """Those of the parameters that are there, as lines of evidence."""
        found = []
        for name in names:
            if name in self.own:
                found.append(self.connection.queried(name, self.own[name]))
            elif name in self.url.query and self.appended is not None and self.appended not in found:
                found.append(self.appended)
        return tuple(found)

    def add(self, parameter: str) -> str:
        """How an operator adds a parameter, as a sentence."""
        return f"Append `{'&' if self.own else '?'}{parameter}` to `{self.connection.url}`."

    def remove(self, *names: str) -> str:
        """How an operator removes parameters, as a sentence."""
        return f"Remove {_listed(names)} from {self._places(names)}."

    def replace(self, names: tuple[str, ...], parameter: str) -> str:
        """How an operator puts a parameter in the place of others, as a sentence."""
        return f"Replace {_listed(names)} by `{parameter}` in {self._places(names)}."

    def _places(self, names: tuple[str, ...]) -> str:
        """Where parameters are written."""
        is_appended = self.appended is not None
        return _listed(
            tuple(
                dict.fromkeys(
                    str(self.appended if is_appended and name not in self.own else self.connection.url)
                    for name in names
                )
            )
        )


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def read(connection: Connection, *, unquotes_database: bool) -> Parameters:
    """Take the URL of a connection apart and append what oslo.db appends; raises `Broken` and `Unseen`."""
    try:
        url = parse_database_url(read_url(connection), unquotes_database=unquotes_database)
    except ValueError as error:
        raise Broken(f"{connection.url} is no URL for SQLAlchemy: {error}") from None
    own = url.query
    appended = connection.service.find(connection.url.group, "connection_parameters")
    if appended is not None:
        require_read(appended)
    if appended is None or not (appended.is_withheld or appended.resolved):
        return Parameters(connection, _without_plugins(url), own, None)
    if appended.is_withheld:
        raise Unseen(f"{appended} was withheld on the host", appended)
    return Parameters(connection, _without_plugins(append_parameters(url, appended.resolved)), own, appended)


def _without_plugins(url: DatabaseURL) -> DatabaseURL:
    return replace(url, query={name: value for name, value in url.query.items() if name not in _PLUGINS})
