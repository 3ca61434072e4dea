"""The parameters of a database connection: the query of its URL, and ``connection_parameters`` appended to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.model import Setting
from auditor.probe import tokens
from auditor.semantics.connection import Broken, Connection, Unseen, read_url
from auditor.semantics.urls import DatabaseURL, append_parameters, parse_database_url


@dataclass(frozen=True, slots=True)
class Parameters:
    """A database URL with its parameters, each of which knows where it was written.

    ``appended`` is ``connection_parameters`` where it adds anything; ``own`` is the query of the URL itself.
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
        """How an operator adds a parameter, as text."""
        return f"append {'&' if self.own else '?'}{parameter} to {self.connection.url}"


def read(connection: Connection, *, unquotes_database: bool) -> Parameters:
    """Take the URL of a connection apart and append what oslo.db appends; raises `Broken` and `Unseen`."""
    try:
        url = parse_database_url(read_url(connection), unquotes_database=unquotes_database)
    except ValueError as error:
        raise Broken(f"{connection.url} is no URL for SQLAlchemy: {error}") from None
    own = url.query
    appended = connection.service.find(connection.url.group, "connection_parameters")
    if appended is None or not (appended.is_withheld or appended.resolved):
        return Parameters(connection, url, own, None)
    if appended.is_withheld:
        raise Unseen(f"{appended} was withheld on the host", appended)
    return Parameters(connection, append_parameters(url, appended.resolved), own, appended)
