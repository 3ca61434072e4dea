"""How oslo.messaging and SQLAlchemy take a URL apart, which is how neither RFC 3986 nor each other do it.

Both parsers are written anew here, after the originals, because neither library may be a dependency. The tests hold
what the originals answered for the same URLs. In a URL from a host, tokens stand in the place of passwords.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, parse_qsl, unquote, urlparse

#: sqlalchemy.engine.url._parse_url, the same in 1.4, 2.0 and 2.1.
_DATABASE = re.compile(
    r"""
    (?P<name>[\w\+]+)://
    (?:
        (?P<user>[^:/]*)
        (?::(?P<password>[^@]*))?
    @)?
    (?:
        (?:
            \[(?P<ipv6>[^/\?]+)\] |
            (?P<ipv4>[^/:\?]+)
        )?
        (?::(?P<port>[^/\?]*))?
    )?
    (?:/(?P<database>[^\?]*))?
    (?:\?(?P<query>.*))?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Broker:
    """One host of a transport URL."""

    host: str | None
    port: int | None
    user: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class TransportURL:
    """A transport URL as oslo.messaging sees it. ``query`` joins repeated keys by commas and has no blank values."""

    scheme: str
    virtual_host: str | None
    brokers: tuple[Broker, ...]
    query: Mapping[str, str]

    @property
    def driver(self) -> str:
        """The name under which oslo.messaging looks for the driver (``transport._get_transport``)."""
        return self.scheme.split("+")[0]


@dataclass(frozen=True, slots=True)
class DatabaseURL:
    """A database URL as SQLAlchemy sees it. A key that is repeated in ``query`` has a tuple of its values."""

    name: str
    user: str | None
    password: str | None
    host: str | None
    port: int | None
    database: str | None
    query: Mapping[str, str | tuple[str, ...]]


def parse_transport_url(text: str, *, by_netutils: bool) -> TransportURL:
    """Take a transport URL apart as ``oslo_messaging.transport.TransportURL.parse`` does.

    Args:
        text: the URL.
        by_netutils: oslo.messaging 15.0.0 and newer, which leave host and port to oslo.utils.

    Raises:
        ValueError: oslo.messaging raises ValueError or InvalidTransportURL; the text is its own.
    """
    url = urlparse(text)
    _refuse_text_about_brackets(url.netloc)
    if not url.scheme:
        raise ValueError("No scheme specified")
    split = split_by_netutils if by_netutils else _split
    brokers = []
    for place in filter(None, url.netloc.split(",")):
        user = password = None
        address = place
        if "@" in place:
            user, address = place.rsplit("@", 1)
            if ":" in user:
                user, password = user.split(":", 1)
                password = unquote(password)
            user = unquote(user)
        brokers.append(Broker(*split(address), user, password))
    return TransportURL(
        url.scheme,
        unquote(url.path[1:]) if url.path.startswith("/") else None,
        tuple(brokers),
        {key: ",".join(values) for key, values in parse_qs(url.query).items()},
    )


def _refuse_text_about_brackets(netloc: str) -> None:
    """Refuse ``[::1]5671`` and ``x[::1]`` whatever Python judges.

    CPython does since CVE-2025-0938 (`urllib.parse._check_bracketed_netloc`; 3.11.12, 3.12.9, 3.13.2, and Debian's 3.11.2).
    Before, it took the first for the host alone.
    """
    before, bracket, rest = netloc.rpartition("@")[2].partition("[")
    after = rest.partition("]")[2]
    if bracket and (before or (after and not after.startswith(":"))):
        raise ValueError("Invalid IPv6 URL")


def _split(address: str) -> tuple[str | None, int | None]:
    """Host and port as oslo.messaging before 15.0.0 reads them."""
    host: str | None = address
    port = None
    if not address:
        host = None
    elif address.startswith("["):
        end = address.find("]")
        if end < 0:
            raise ValueError("Invalid IPv6 URL")
        host, rest = address[1:end], address[end:]
        if ":" in rest:
            port = rest.split(":", 1)[1]
    elif ":" in address:
        host, port = address.split(":", 1)
    return host, int(port) if port else None


def split_by_netutils(address: str) -> tuple[str | None, int | None]:
    """Host and port as ``oslo_utils.netutils.parse_host_port`` reads them."""
    if not address:
        return None, None
    port = None
    if address[0] == "[":
        host, rest = address[1:].split("]")
        if ":" in rest:
            port = rest.split(":")[1]
    elif address.count(":") == 1:
        host, port = address.split(":")
    else:
        host = address
    return host, None if port is None else int(port)


def parse_database_url(text: str, *, unquotes_database: bool = False) -> DatabaseURL:
    """Take a database URL apart as ``sqlalchemy.engine.make_url`` does.

    Args:
        text: the URL.
        unquotes_database: SQLAlchemy 2.1 and newer, which decode the database's name too.

    Raises:
        ValueError: SQLAlchemy raises ArgumentError or ValueError.
    """
    match = _DATABASE.match(text)
    if match is None:
        raise ValueError("Could not parse SQLAlchemy URL")
    user, password, port, database = match.group("user", "password", "port", "database")
    if database is not None and unquotes_database:
        database = unquote(database)
    return DatabaseURL(
        match["name"],
        None if user is None else unquote(user),
        None if password is None else unquote(password),
        match["ipv4"] or match["ipv6"],
        None if port is None else int(port),
        database,
        _append({}, match["query"] or ""),
    )


def append_parameters(url: DatabaseURL, parameters: str) -> DatabaseURL:
    """Add ``connection_parameters`` as ``URL.update_query_string(..., append=True)`` does for oslo.db.

    What is added comes first (``URL.update_query_pairs``), which matters to libpq: the last word about sslmode counts.
    """
    query = _append(url.query, parameters)
    return DatabaseURL(url.name, url.user, url.password, url.host, url.port, url.database, query)


def _append(
    query: Mapping[str, str | tuple[str, ...]], parameters: str
) -> Mapping[str, str | tuple[str, ...]]:
    appended = dict(query)
    for key, value in parse_qsl(parameters):
        there = appended.get(key)
        if there is None:
            appended[key] = value
        else:
            appended[key] = (there, value) if isinstance(there, str) else (*there, value)
    added = {key: appended[key] for key, _ in parse_qsl(parameters)}
    return {**added, **appended}


def scheme(text: str) -> str:
    """The scheme as it stands in a URL, ``unknown`` where there is none."""
    before, separator, _ = text.partition("://")
    return before if separator else "unknown"


def endpoint(host: str, port: int | str) -> str:
    """``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


@lru_cache(maxsize=4096)
def is_loopback(host: str) -> bool:
    """True for ``localhost`` and for the addresses that only this machine can reach."""
    if host == "localhost" or host.startswith("localhost."):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
