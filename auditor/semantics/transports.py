"""Every connection of a service, and how well the libraries that it really has protect it.

Which processes open which connections: ``nova.config.parse_args``, ``nova.rpc.init``, ``nova.db.main.api`` and
``placement.db_api``. A database is listed where its URL is written; RPC also where it is not, because its default
(``rabbit://``, guest at localhost:5672) connects.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from auditor.model import Role, Service, Setting, Transport
from auditor.semantics import cells, databases, messaging
from auditor.semantics.connection import Connection
from auditor.semantics.urls import scheme

#: The notification drivers that send; ``log``, ``noop`` and ``test`` never connect (oslo_messaging/notify). ``routing``
#: never does either, whatever its file says: it loads the drivers without the arguments that they need
#: (``_impl_routing.RoutingDriver._load_notifiers``, 14.0.3 to 18.3.1, measured).
SENDING = frozenset(("messaging", "messagingv2"))

#: Group, option and purpose of each database connection, by project. ``[placement_database]`` in nova.conf is dead.
_DATABASES: Mapping[str, tuple[tuple[str, str, str], ...]] = MappingProxyType(
    {
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
)

#: The groups that a role never opens although they may be written: nova-compute sets ``DISABLE_DB_ACCESS``, the
#: console proxies read their tokens from the cell's database only.
_NEVER_OPENED: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {Role.COMPUTE: ("database", "api_database"), Role.CONSOLE_PROXY: ("api_database",)}
)


@lru_cache(maxsize=256)
def transports(service: Service) -> tuple[Transport, ...]:
    """The RPC, notification and database connections of a service, in that order, then those to its cells.

    A database that this role never opens is listed all the same, with ``is_opened`` False: it is a password on a host
    that needs none. The replica of the API database is a ``database_replica`` as well, under another name
    (`Transport.name`). Notifications are listed where a driver sends them, and besides where their URL alone
    keeps the service from starting. What the configuration says raises nothing here: it ends in a posture.
    """
    return (*_messaging(service), *_databases(service), *cells.transports(service))


def _messaging(service: Service) -> Iterator[Transport]:
    url = service.find("DEFAULT", "transport_url") if service.project == "nova" else None
    if url is None:
        return
    yield messaging.judge(Connection(service, "rpc", _scheme(url), url))
    group = "oslo_messaging_notifications"
    own, drivers = service.find(group, "transport_url"), service.find(group, "driver")
    if own is not None and (own.error is not None or own.resolved):
        url = own
    connection = Connection(service, "notifications", _scheme(url), url)
    if drivers is not None and (_is_hidden(drivers) or SENDING.intersection(drivers.resolved or ())):
        found = messaging.judge(connection)
        yield replace(found, judging=(*found.judging, drivers))
    elif url is own:
        # Nova loads the driver of notifications when it starts, whether it ever sends one or not.
        refused = messaging.refuse_to_load(connection)
        if refused is not None:
            yield refused


def _is_hidden(setting: Setting) -> bool:
    """True where the value does not show: it was withheld, rejected, or may come from a source that was not read."""
    return setting.is_withheld or setting.error is not None


def _databases(service: Service) -> Iterator[Transport]:
    never = _NEVER_OPENED.get(service.role, ())
    for group, name, purpose in _DATABASES.get(service.project, ()):
        url = service.find(group, name)
        if url is None or (url.error is None and not url.resolved and (group in never or not _is_blank(url))):
            continue
        found = databases.judge(Connection(service, purpose, _scheme(url), url))
        if group in never:
            found = replace(
                found,
                reason=f"{found.reason}; a {service.role} service never opens this connection",
                is_opened=False,
            )
        yield found


def _is_blank(url: Setting) -> bool:
    """True for a ``connection`` that is written and empty, which Nova hands to SQLAlchemy.

    A replica's counts as unset, and the API's is left empty where a service shall not use it.
    """
    return url.name == "connection" and url.group != "api_database" and url.resolved == ""


def _scheme(url: Setting) -> str:
    return scheme(url.resolved if isinstance(url.resolved, str) else "")
