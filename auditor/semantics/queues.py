"""What the rabbit driver of oslo.messaging refuses about its pools, its heartbeat and its queues.

Each of these is an exception in code that reads several options together, so oslo.config accepts every one alone.
Measured with oslo.messaging 14.0.3 to 18.3.1, on a broker on which everything may be declared.
"""

from auditor.model import Role
from auditor.semantics.connection import Broken, Connection
from auditor.semantics.keywords import words
from auditor.semantics.queries import Options

#: Roles without an RPC server, which declare no queues but the one for replies.
_CALLING_ONLY = (Role.API, Role.METADATA, Role.CONSOLE_PROXY)

#: What py-amqp 5.1.1 to 5.4.2 can log in with (``amqp.connection.Connection.__init__``), of the option's choices.
_LOGINS = words("AMQPLAIN PLAIN EXTERNAL GSSAPI")


def refuse_pools(options: Options) -> None:
    """Raise `Broken` where ``RabbitDriver.__init__`` ends the service: at its start, whether it connects or not."""
    names = ("rpc_conn_pool_size", "conn_pool_min_size")
    most, least = (options.value(name) for name in names)
    for name, value in zip(names, (most, least), strict=True):
        if value is None and options.setting(name) is not None:
            raise Broken(
                f"{name} is empty, which is no number: the driver refuses to load", *options.settings(name)
            )
    if isinstance(most, int) and isinstance(least, int) and most < least:
        raise Broken(
            f"rpc_conn_pool_size ({most}) is less than conn_pool_min_size ({least}), and the driver refuses to load",
            *options.settings(*names),
        )


def refuse_connection(options: Options) -> None:
    """Raise `Broken` where the first connection object cannot be made (``impl_rabbit.Connection.__init__``)."""
    for name in ("heartbeat_timeout_threshold", "heartbeat_rate"):
        if options.value(name) is None and options.setting(name) is not None:
            raise Broken(
                f"{name} is empty, which is no number: TypeError at the first connection",
                *options.settings(name),
            )
    if options.value("heartbeat_rate") == 0:
        raise Broken(
            "heartbeat_rate 0 is divided by: ZeroDivisionError at the first connection",
            *options.settings("heartbeat_rate"),
        )
    login = options.value("rabbit_login_method")
    if login and login not in _LOGINS:
        raise Broken(
            f"py-amqp cannot log in with rabbit_login_method {login}: ValueError at the first connection",
            *options.settings("rabbit_login_method"),
        )
    needed = ("rabbit_stream_fanout", "rabbit_qos_prefetch_count", "rabbit_transient_quorum_queue")
    fanout, prefetch, quorum = (options.value(name) for name in needed)
    if fanout and ((prefetch or 0) <= 0 or not quorum):
        raise Broken(
            "rabbit_stream_fanout needs rabbit_qos_prefetch_count above 0 and rabbit_transient_quorum_queue:"
            " RuntimeError at the first connection",
            *options.settings(*needed),
        )


def refuse_queues(connection: Connection, options: Options) -> None:
    """Raise `Broken` where queues are to be mirrored and replicated at once (``impl_rabbit._get_queue_arguments``).

    ``rabbit_quorum_queue`` is for the queues that an RPC server listens on and that notifications go to,
    ``rabbit_transient_quorum_queue`` (14.5 and newer) for replies and fanout, which every user of RPC has.
    """
    if not options.value("rabbit_ha_queues"):
        return
    is_rpc = connection.is_rpc
    for name, concerns in (
        ("rabbit_quorum_queue", not is_rpc or connection.service.role not in _CALLING_ONLY),
        ("rabbit_transient_quorum_queue", is_rpc),
    ):
        if concerns and options.value(name):
            ends = "RuntimeError at the first queue" if is_rpc else "no notification is ever sent"
            raise Broken(
                f"{name} and rabbit_ha_queues are both on, and a queue is one or the other: {ends}",
                *options.settings(name, "rabbit_ha_queues"),
                remedy=f"Remove `rabbit_ha_queues` from `[{options.group}]`.",
            )
