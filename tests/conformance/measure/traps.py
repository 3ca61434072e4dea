"""What Nova and its libraries do with settings that belong to no transport, logger or client of their own.

Each case starts in a process of its own, forked after Nova was imported, which reads the case's file with
`nova.config.parse_args` and then does what the case's ``measure`` names.
"""

import contextlib
import json
import logging
import os
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import warnings

warnings.simplefilter("ignore")
os.environ["OS_NOVA_DISABLE_EVENTLET_PATCHING"] = "1"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import installed  # noqa: E402
import services  # noqa: E402
from broker import Broker  # noqa: E402
from services import failure  # noqa: E402


def import_nova():
    """Import what the measurements need, before the first fork."""
    import keystonemiddleware.auth_token  # noqa: F401
    import nova.compute.rpcapi
    import nova.conductor.rpcapi
    import nova.config
    import nova.image.glance
    import nova.scheduler.client.report
    import nova.scheduler.rpcapi  # noqa: F401
    import oslo_messaging._drivers.impl_fake
    import oslo_messaging._drivers.impl_rabbit  # noqa: F401


# --- connections to the broker


def connect(conf):
    """One connection as the driver of the configured transport opens it for its pool."""
    from oslo_messaging._drivers import common

    pool = transport(conf)._driver._connection_pool
    # The connections for sending have a thread for heartbeats, which changes the socket's timeout to and fro.
    return pool.connection_cls(pool.conf, pool.url, common.PURPOSE_LISTEN)


def transport(conf):
    """The transport for RPC, whose driver has read its options; nothing is dialled yet."""
    import oslo_messaging

    return oslo_messaging.get_rpc_transport(conf)


def pool(case, conf, _):
    """How many connections the driver may keep."""
    return {"pool": transport(conf)._driver._connection_pool._max_size}


def heartbeat(case, conf, servers):
    """What the broker is told about heartbeats, and the limits on the socket."""
    found = connect(conf)
    sock = found.channel.connection.sock
    return {
        "agreed": servers["brokers"][0].heartbeats[0],
        "socket": sock.gettimeout(),
        "user_timeout": sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000 or None,
    }


def connection(case, conf, _):
    """Whether a connection comes about."""
    connect(conf)
    return {"connected": True}


def order(case, conf, servers):
    """Which broker is dialled first, over forty connections."""
    for _ in range(40):
        connect(conf)
    return {"first": sorted(set(servers["brokers"][0].guests))}


class Request(Exception):
    """What a real connection would have been asked for."""


class Recorder:
    """Stands where oslo.messaging keeps kombu's connection, and reports how it is asked to connect."""

    def ensure_connection(self, **wanted):
        """Raise what was asked for."""
        raise Request(wanted)

    def maybe_close_channel(self, channel):
        """There is none."""


def reconnection(case, conf, _):
    """How long kombu waits between attempts, with the arguments that oslo.messaging hands it.

    The intervals are those that kombu's own loop draws; nobody waits for them here, because what its errback returns
    is what it sleeps.
    """
    from kombu.utils.functional import retry_over_time

    found = connect(conf)
    kombu, found.connection = found.connection, Recorder()
    try:
        found.ensure_connection()
    except Request as request:
        (wanted,) = request.args
    drawn = []

    def refuse():
        raise OSError("refused")

    def note(_, intervals, retries):
        if kombu.completes_cycle(retries):
            drawn.append(next(intervals))
        return 0

    with contextlib.suppress(OSError):
        retry_over_time(
            refuse,
            (OSError,),
            errback=note,
            max_retries=60,
            **{name: wanted[name] for name in ("interval_start", "interval_step", "interval_max")},
        )
    return {
        "delays": drawn[:20],
        "pauses": [kombu.completes_cycle(number) for number in range(4)],
        "attempts": wanted["max_retries"],
        "connect_timeout": kombu.connect_timeout,
    }


class Undeliverable:
    """A connection on which every message comes back, as when the queue of the caller is gone."""

    def direct_send(self, *_):
        """Raise what the driver's own connection does."""
        import oslo_messaging

        raise oslo_messaging.MessageUndeliverable(None, None, None, None)

    @contextlib.contextmanager
    def of(self, *_):
        """The connection, as the driver lends it."""
        yield self


class Listener:
    """What a received message knows of its driver."""

    def __init__(self, driver):
        self.driver = self
        self.missing_destination_retry_timeout = driver.missing_destination_retry_timeout
        self._get_connection = Undeliverable().of


def reply(case, conf, _):
    """For how many seconds a server tries to answer a caller that is gone."""
    from oslo_messaging._drivers import amqpdriver

    message = amqpdriver.AMQPIncomingMessage(
        Listener(transport(conf)._driver),
        {},
        {},
        "1",
        "2",
        "reply_0",
        None,
        amqpdriver.ObsoleteReplyQueuesCache(),
        None,
    )
    began = time.monotonic()
    message.reply("done")
    return {"seconds": int(time.monotonic() - began)}


# --- calls


class Wire:
    """A driver that answers nothing and keeps how long each call may last."""

    def __init__(self, conf):
        self.conf, self.calls = conf, {}

    def send(self, target, ctxt, message, **options):
        """Take a call."""
        self.calls[message["method"]] = (options.get("timeout"), options.get("call_monitor_timeout"))

    def require_features(self, **_):
        """Accept everything."""


def calls(case, conf, _):
    """The timeout and the call monitor's of some calls, by the clients that Nova makes."""
    import nova.rpc
    from nova import context, objects
    from nova.compute import rpcapi as compute
    from nova.conductor import rpcapi as conductor
    from nova.scheduler import rpcapi as scheduler
    from oslo_messaging import transport as transports

    objects.register_all()
    wire = Wire(conf)
    nova.rpc.TRANSPORT = transports.RPCTransport(wire)
    ctxt = context.get_admin_context()
    compute.ComputeAPI().get_host_uptime(ctxt, "node1")
    compute.ComputeAPI().set_host_enabled(ctxt, "node1", True)
    conductor.ConductorAPI().object_backport_versions(ctxt, objects.Service(), {})
    scheduler.SchedulerAPI().select_destinations(ctxt, objects.RequestSpec(), [])
    return {
        method: {"timeout": timeout, "monitor": monitor}
        for method, (timeout, monitor) in sorted(wire.calls.items())
    }


class Conductor:
    """Answers nova-compute where it asks for the cells."""

    def object_class_action_versions(self, *_):
        """One cell."""
        from nova import objects

        cell = objects.CellMapping(
            uuid="11111111-1111-1111-1111-111111111111",
            name="cell1",
            transport_url="fake://",
            database_connection="sqlite://",
            disabled=False,
        )
        return objects.CellMappingList(objects=[cell])


def database_on_compute(case, conf, _):
    """What nova-compute gets when it asks the database, and the version of its RPC when it has to know it."""
    from nova import context, objects
    from nova.compute import rpcapi
    from nova.db.main import api
    from nova.objects import base

    objects.register_all()
    # What nova.cmd.compute.main does before it makes the service.
    api.DISABLE_DB_ACCESS = True
    base.NovaObject.indirection_api = Conductor()
    asked = failure(lambda: api.service_get_minimum_version(context.get_admin_context(), ["nova-compute"]))
    pinned = failure(lambda: rpcapi.ComputeAPI().router)
    return {"database": asked, "version": pinned}


# --- databases


def engine(case, conf, _):
    """The pool of the engine that Nova makes from [database], filled from another database until it gives no more."""
    import sqlalchemy
    from nova.db.main import api
    from oslo_messaging import server

    conf.register_opts(server._pool_opts)
    made = api.create_context_manager(conf.database.connection).writer.get_engine()
    pool = made.pool
    listeners = [function.__name__ for function in made.dispatch.engine_connect]
    like = type(pool)(
        lambda: sqlite3.connect(":memory:"),
        pool_size=pool.size(),
        max_overflow=pool._max_overflow,
        timeout=0.1,
    )
    taken = []
    with contextlib.suppress(sqlalchemy.exc.TimeoutError):
        while len(taken) < 200:
            taken.append(like.connect())
    return {
        "connections": None if len(taken) == 200 else len(taken),
        "waits": pool._timeout,
        "recycle": pool._recycle,
        "pings": pool._pre_ping or "_connect_ping_listener" in listeners,
        "threads": conf.executor_thread_pool_size,
    }


# --- logs


def logs(case, conf, _):
    """How many of 300 records are written, and by what kind of handler the log file is."""
    from oslo_log import log

    log.setup(conf, "nova")
    written = []

    class Counter(logging.Handler):
        def emit(self, record):
            written.append(record.msg)

    counter, root = Counter(), logging.getLogger()
    logging.disable(logging.NOTSET)
    handlers = [type(handler).__name__ for handler in root.handlers if hasattr(handler, "baseFilename")]
    root.handlers[:] = [counter]
    for _ in range(300):
        logging.getLogger("nova").info("a record")
    return {"written": written.count("a record"), "file": handlers[0] if handlers else None}


# --- one case

MEASURES = {
    "api_servers": services.api_servers,
    "barbican": services.barbican,
    "calls": calls,
    "connection": connection,
    "database_on_compute": database_on_compute,
    "engine": engine,
    "heartbeat": heartbeat,
    "logs": logs,
    "middleware": services.middleware,
    "order": order,
    "placement": services.placement,
    "pool": pool,
    "reconnection": reconnection,
    "reply": reply,
}


def start(case, folder):
    """Do what the case wants in this process."""
    import nova.conf
    import nova.config

    guests = []
    brokers = [Broker(name, guests) for name in ("r1", "r2")]
    placement = services.start()
    silent, closed = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    ports = {
        "@R1@": brokers[0].port,
        "@R2@": brokers[1].port,
        "@PLACEMENT@": placement.server_address[1],
        "@SILENT@": silent.getsockname()[1],
        "@CLOSED@": closed.getsockname()[1],
    }
    closed.close()
    for name, port in ports.items():
        case = json.loads(json.dumps(case).replace(name, str(port)))
    path = installed.lay_out(case, folder, 0, folder)
    try:
        nova.config.parse_args(["nova", "--config-file", path])
        return MEASURES[case["measure"]](case, nova.conf.CONF, {"brokers": brokers, "placement": placement})
    except Exception as error:
        if os.environ.get("TRAPS_SHOW"):
            import traceback

            traceback.print_exc()
        return {"error": type(error).__name__}


def measure_one(case):
    """The result of one case."""
    folder = tempfile.mkdtemp(prefix="traps-")
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(read)
            logging.disable(logging.CRITICAL)
            # A deadline for what waits for ever.
            threading.Timer(30, os._exit, (1,)).start()
            with os.fdopen(write, "w") as stream:
                json.dump(start(case, folder), stream)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read) as stream:
        text = stream.read()
    os.waitpid(pid, 0)
    shutil.rmtree(folder)
    return json.loads(text) if text else {"error": "no answer"}


def measure(cases):
    """The result of every case."""
    import_nova()
    return {case["id"]: measure_one(case) for case in cases}


if __name__ == "__main__":
    installed.run(
        measure,
        (
            "amqp",
            "castellan",
            "keystoneauth1",
            "keystonemiddleware",
            "kombu",
            "nova",
            "openstacksdk",
            "oslo.config",
            "oslo.db",
            "oslo.log",
            "oslo.messaging",
            "PyMySQL",
            "SQLAlchemy",
        ),
    )
