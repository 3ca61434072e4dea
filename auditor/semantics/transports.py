"""Every connection of a service, and how well it is protected by the libraries that it really has.

Which processes open which connections: `nova.config.parse_args`, `nova.rpc.init` and the tables of
`docs/explanation/transports.md`. A connection is listed where its URL is written, and RPC also where it is not,
because its default (``rabbit://``) connects.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.model import Limit, Posture, Role, Service, Setting, Transport
from auditor.releases import load
from auditor.semantics import databases, kafka, libraries, rabbit
from auditor.semantics.connection import Broken, Connection, Unseen, rejected
from auditor.semantics.urls import TransportURL, parse_transport_url

#: The notification drivers that send; ``log``, ``noop`` and ``test`` never connect.
SENDING = frozenset(("messaging", "messagingv2", "routing"))

#: Group, option and purpose of each database connection, by project.
_DATABASES = {
    "nova": (
        ("database", "connection", "database"),
        ("database", "slave_connection", "database_replica"),
        ("api_database", "connection", "api_database"),
        ("api_database", "slave_connection", "database_replica"),
    ),
    "placement": (
        ("placement_database", "connection", "placement_database"),
        ("placement_database", "slave_connection", "database_replica"),
    ),
}

#: What a role never opens although it may be written (``nova.db.main.api.DISABLE_DB_ACCESS``; the console proxies
#: read tokens from the cell's database only).
_NEVER_OPENED = {
    Role.COMPUTE: ("database", "api_database"),
    Role.CONSOLE_PROXY: ("api_database",),
}


def transports(service: Service) -> tuple[Transport, ...]:
    """The RPC, notification and database connections of a service, in that order.

    A URL that this role never opens is listed all the same, with that said in its reason: it is a password on a host
    that needs none. The replica of the API database and of placement's are ``database_replica`` too; their origins
    and URLs tell them apart. Notifications are listed where a driver sends them, and where their URL alone keeps the
    service from starting. Nothing is raised for what the configuration says.
    """
    return (*_messaging(service), *_databases(service))


def _messaging(service: Service) -> Iterator[Transport]:
    url = service.find("DEFAULT", "transport_url") if service.project == "nova" else None
    if url is None:
        return
    yield _judge(Connection(service, "rpc", _driver(url), url), _transport)
    group = "oslo_messaging_notifications"
    own = service.find(group, "transport_url")
    drivers = service.find(group, "driver")
    has_own = own is not None and (own.is_withheld or own.error is not None or bool(own.resolved))
    target = own if own is not None and has_own else url
    connection = Connection(service, "notifications", _driver(target), target)
    if drivers is not None and (drivers.is_withheld or SENDING & set(drivers.resolved or ())):
        found = _judge(connection, _transport)
        yield replace(found, judging=(*found.judging, drivers))
    elif has_own and not target.is_withheld:
        loaded = _judge(connection, _load)
        if loaded.posture is Posture.BROKEN:
            yield loaded


def _databases(service: Service) -> Iterator[Transport]:
    never = _NEVER_OPENED.get(service.role, ())
    for group, name, purpose in _DATABASES.get(service.project, ()):
        url = service.find(group, name)
        if url is None or (url.error is None and not url.resolved):
            continue
        found = _judge(Connection(service, purpose, _driver(url), url), _database)
        if group in never:
            found = replace(found, reason=f"{found.reason}; a {service.role} service never opens this connection")
        yield found


def _judge(connection: Connection, by: "type[_Judge] | object") -> Transport: ...
