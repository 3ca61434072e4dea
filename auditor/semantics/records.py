"""What the records of a service's loggers hold that a log should not, and from which level on.

All of it was seen in the output of the real libraries, Zed to 2026.2 (`tests/conformance/measure/logs.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from auditor.model import Role, Service, Withheld
from auditor.semantics.libraries import is_from, required
from auditor.semantics.loggers import (
    DEBUG,
    INFO,
    Tree,
    by_pairs,
    decisive,
    handlers,
    is_written,
    propagates,
)

_API = frozenset({Role.API})
_COMPUTE = frozenset({Role.COMPUTE})
#: Roles whose processes make a database engine: all but nova-compute (nova/cmd/compute.py blocks it).
WITH_DATABASE = frozenset(
    {
        Role.API,
        Role.METADATA,
        Role.CONDUCTOR,
        Role.SCHEDULER,
        Role.CONSOLE_PROXY,
        Role.PLACEMENT,
        Role.UNKNOWN,
    }
)
#: Roles that send requests to other services. A console proxy sends none.
_CALLING = frozenset(
    {
        Role.API,
        Role.METADATA,
        Role.CONDUCTOR,
        Role.SCHEDULER,
        Role.COMPUTE,
        Role.PLACEMENT,
        Role.UNKNOWN,
    }
)
#: Roles that speak RPC.
_MESSAGING = frozenset(
    {
        Role.API,
        Role.METADATA,
        Role.CONDUCTOR,
        Role.SCHEDULER,
        Role.COMPUTE,
        Role.CONSOLE_PROXY,
        Role.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Records of ``logger`` at ``level`` hold ``kind`` in services of these roles. ``source`` is where it is done."""

    kind: str
    logger: str
    level: int
    roles: frozenset[Role]
    source: str


@dataclass(frozen=True, slots=True)
class Record:
    """Something that is written: its kind, the logger that writes it, and the level of its records."""

    kind: str
    logger: str
    level: int


#: What a logger's level alone decides.
FACTS: tuple[Fact, ...] = (
    Fact(
        "sql-with-parameters",
        "sqlalchemy.engine.Engine",
        INFO,
        WITH_DATABASE,
        "SQLAlchemy 1.4 to 2.1, engine.base.Connection._execute_context (Connection._log_info)",
    ),
    Fact(
        "result-rows",
        "sqlalchemy.engine.Engine",
        DEBUG,
        WITH_DATABASE,
        "SQLAlchemy 1.4 to 2.1, engine.cursor.CursorResult (Row ...)",
    ),
    Fact(
        "message-bodies",
        "oslo_messaging._drivers.amqpdriver",
        DEBUG,
        _MESSAGING,
        "oslo.messaging 14.0 to 18.3, _drivers.amqpdriver.ReplyWaiters.put: an answer that nobody waits for",
    ),
    Fact(
        "request-paths",
        "urllib3.connectionpool",
        DEBUG,
        _CALLING,
        "urllib3 1.26 to 2.7, connectionpool.HTTPConnectionPool._make_request and urlopen",
    ),
    Fact(
        "action-bodies",
        "nova.api.openstack.wsgi",
        DEBUG,
        _API,
        "Nova 26 to 34, api.openstack.wsgi.Resource._process_stack: passwords masked, user data not",
    ),
    Fact(
        "guest-xml",
        "nova.virt.libvirt.driver",
        DEBUG,
        _COMPUTE,
        "Nova 26 to 34, virt.libvirt.driver.LibvirtDriver._get_guest_xml",
    ),
)

#: The logger of the privileged daemon; oslo.log gives what begins with ``oslo_`` this name (`oslo_log.log.getLogger`).
_DAEMON = "oslo.privsep.daemon"

#: The sections whose requests are those of Nova's services, each with a session of its own.
_SECTIONS = ("placement", "cinder", "glance", "neutron", "keystone", "ironic", "cyborg", "barbican", "manila")


def records(service: Service, tree: Tree) -> tuple[Record, ...]:
    """What a service writes with these loggers, by kind and logger.

    Raises:
        Undecidable: an option that decides was withheld or is rejected.
    """
    found = [
        Record(fact.kind, fact.logger, fact.level)
        for fact in (*FACTS, *_requests(service, tree), *_notifications(service), *_options(service, tree))
        if service.role in fact.roles and is_written(tree, fact.logger, fact.level)
    ]
    if service.role in _COMPUTE:
        found.extend(_privileged(service, tree))
    return tuple(dict.fromkeys(found))


def _requests(service: Service, tree: Tree) -> Iterator[Fact]:
    """Requests and answers: tokens as hashes, bodies as they are; ``split_loggers`` gives each part a logger.

    Every client of Nova ends in a keystoneauth session: openstacksdk, and the clients of cinder, glance and neutron.
    The body of an answer is written only where what comes before it is, whatever the level of its own logger.
    """
    session = "keystoneauth.session"
    if not any(is_written(tree, name, DEBUG) for name in (session, f"{session}.request", f"{session}.body")):
        return
    settings = [service.find(section, "split_loggers") for section in _SECTIONS]
    ways = {bool(setting.value) for setting in settings if setting is not None}
    if service.project == "placement" or not ways:
        ways = {False}
    source = "keystoneauth1 5.0 to 5.15, session.Session._http_log_request and _http_log_response"
    for is_split in sorted(ways):
        request = f"{session}.request" if is_split else session
        for kind in ("hashed-tokens", "request-bodies", "request-paths"):
            yield Fact(kind, request, DEBUG, _CALLING, source)
        if not is_split or decisive(tree, f"{session}.response").level <= DEBUG:
            yield Fact("response-bodies", f"{session}.body" if is_split else session, DEBUG, _CALLING, source)


def _notifications(service: Service) -> Iterator[Fact]:
    """Notifications whose driver is ``log``, each by a logger named after its event.

    Names of drivers that nobody knows are withheld; they are other drivers.
    """
    driver = service.find("oslo_messaging_notifications", "driver")
    if driver is not None and not driver.is_withheld and "log" in (driver.value or ()):
        source = "oslo.messaging 14.0 to 18.3, notify._impl_log.LogDriver.notify: passwords masked"
        yield Fact("notification-payloads", "oslo.messaging.notification", INFO, _MESSAGING, source)


def _options(service: Service, tree: Tree) -> Iterator[Fact]:
    """Every option with its value when the service starts; only what is registered as secret is masked."""
    source = "oslo.config 9.0 to 10.7, cfg.ConfigOpts.log_opt_values"
    if service.project == "placement":
        loggers: tuple[str, ...] = ("placement.wsgi",)
    elif service.role in (Role.API, Role.METADATA):
        loggers = ("nova.api.openstack.wsgi_app",)
    elif service.role is Role.CONSOLE_PROXY:
        loggers = ()
    else:
        loggers = _launchers(service)
    written = [logger for logger in loggers if is_written(tree, logger, DEBUG)]
    wanted = service.find("DEFAULT", "log_options")
    if not written or wanted is None or not wanted.value:
        return
    for logger in written:
        yield Fact("configuration-dump", logger, DEBUG, frozenset({service.role}), source)


def _launchers(service: Service) -> tuple[str, ...]:
    """The loggers of what launches a service: with eventlet, and with threads since oslo.service 4.2.

    nova-compute with threads writes its options itself, since 2026.2 (nova/cmd/compute.py).
    """
    version = required(service, "oslo.service").release
    if version < (4, 1):
        return ("oslo_service.service",)
    if version < (4, 2):
        return ("oslo_service.backend.eventlet.service",)
    eventlet = "oslo_service.backend._eventlet.service"
    if service.role is not Role.COMPUTE:
        return (eventlet, "cotyledon.oslo_config_glue")
    return (eventlet, "nova.cmd.compute") if is_from(service, "2026.2") else (eventlet,)


# --- privileged commands


def _privileged(service: Service, tree: Tree) -> Iterator[Record]:
    """The answers of privileged commands.

    The daemon writes each answer at DEBUG (`oslo_privsep.daemon.Daemon._create_done_callback`). It is a process of its
    own that reads the same files but is no Nova: what Nova adds to the default levels does not hold there. Its records
    go to the service, which writes them if the logger named by ``logger_name`` of the context is at DEBUG
    (`_ClientChannel.out_of_band`). os-brick's context has its own, ``os_brick.privileged``, which nothing holds back;
    since os-brick 7.0 ``brick_privsep_hide_output``.
    """
    daemon = _daemon(service, tree)
    if decisive(daemon, _DAEMON).level > DEBUG:
        return
    is_hidden = required(service, "os-brick").release >= (7, 0)
    contexts = (
        ("privileged-replies", "nova_sys_admin", "oslo_privsep.daemon"),
        (
            "volume-replies",
            "privsep_osbrick",
            "brick_privsep_hide_output" if is_hidden else "os_brick.privileged",
        ),
    )
    is_direct = _by_daemon(daemon)
    for kind, group, default in contexts:
        logger = _name(service, group, default)
        if is_direct:
            yield Record(kind, _DAEMON, DEBUG)
        elif propagates(daemon, _DAEMON) and is_written(tree, logger, DEBUG):
            yield Record(kind, logger, DEBUG)


def _name(service: Service, group: str, default: str) -> str:
    """The logger of a context. A name that was withheld is that of no logger we know, and its token stands for it."""
    setting = service.find(group, "logger_name")
    name = default
    if setting is not None and setting.is_written:
        name = setting.resolved.token if isinstance(setting.resolved, Withheld) else str(setting.value)
    return f"oslo.{name[5:]}" if name.startswith("oslo_") else name


def _daemon(service: Service, tree: Tree) -> Tree:
    """The loggers of the privileged daemon."""
    if service["DEFAULT", "log_config_append"].value:
        return tree
    pairs = service["DEFAULT", "default_log_levels"]
    written = tuple(pairs.value or ()) if pairs.is_written else ()
    debug = service["DEFAULT", "debug"]
    root = replace(tree["root"], level=DEBUG if debug.value else INFO, decided=debug.judged())
    return by_pairs(root, written, str(pairs), pairs.origin, {})


def _by_daemon(daemon: Tree) -> bool:
    """True where the daemon writes by itself, before its records go to the service.

    Of the root's handlers every second stays beside the one that sends (`oslo_privsep.daemon.replace_logging` removes
    from the list that it walks).
    """
    left = {**daemon, "root": replace(daemon["root"], handlers=daemon["root"].handlers[1::2])}
    return any(level is not None and level <= DEBUG for level in handlers(left, _DAEMON))
