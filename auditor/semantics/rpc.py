"""How long RPC waits: for a broker, for an answer, for a caller that has gone.

Measured with Nova's own clients and `oslo_messaging._drivers.impl_rabbit` in all releases from Zed to 2026.2
(``tests/conformance/truth/traps``). Options of ``[oslo_messaging_rabbit]`` may stand in the query of the URL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from auditor.errors import Undecidable
from auditor.model import Service
from auditor.semantics import libraries, rabbit
from auditor.semantics.connection import Connection, Refusal, read_url
from auditor.semantics.queries import Options
from auditor.semantics.urls import TransportURL, parse_transport_url

#: `nova.rpc.HEARTBEAT_THRESHOLD`: from here on the clients of nova-compute have their calls monitored.
_MONITORED_FROM = 60

#: kombu's ``Connection.connect_timeout``, which oslo.messaging leaves alone.
_CONNECT_SECONDS = 5

#: From which kombu on ``interval_max`` is the longest pause (`kombu.utils.functional.retry_over_time`); before, the
#: first pause is added to it.
_CAPPED_FROM = (5, 7)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What watches over a connection to RabbitMQ, in seconds.

    ``asked`` is proposed to the broker (the lower of both proposals holds; 0 is none); ``socket`` is the longest that
    a read or write may take, and ``unacknowledged`` how long the kernel waits for the other side to acknowledge
    (TCP_USER_TIMEOUT); None is no limit.
    """

    asked: int
    socket: float | None
    unacknowledged: float | None


@dataclass(frozen=True, slots=True)
class Reconnection:
    """How a connection to RabbitMQ is made again.

    ``pauses`` are the seconds after the first, second ... time that every one of ``brokers`` was tried, the last one for
    ever; each try lasts ``connect`` seconds at most. ``is_shuffled``: the order of the brokers is drawn anew for each
    connection, so that none of them is the first. There is no last attempt.
    """

    pauses: tuple[float, ...]
    brokers: int
    is_shuffled: bool
    connect: int = _CONNECT_SECONDS


@dataclass(frozen=True, slots=True)
class Call:
    """The longest that a call lasts while its server lives, and how soon a server that died is noticed (None: not before).

    In seconds; a ``timeout`` of None is for ever.
    """

    timeout: float | None
    monitor: float | None


def heartbeat(service: Service) -> Heartbeat | None:
    """The watch over a connection for RPC, None where RPC is not over RabbitMQ.

    `Connection.set_transport_socket_timeout`: a threshold of 0 takes heartbeats and both limits away.

    Raises:
        Undecidable: the threshold was withheld, or the service does not start.
    """
    found = _options(service)
    if found is None:
        return None
    seconds = int(_value(found[0], "heartbeat_timeout_threshold") or 0)
    return Heartbeat(seconds, seconds, seconds) if seconds > 0 else Heartbeat(0, None, None)


def reconnection(service: Service) -> Reconnection | None:
    """The way back to a broker, None where RPC is not over RabbitMQ.

    `Connection.__init__` shuffles the hosts, `Connection.ensure_connection` sets no number of attempts, and
    `kombu.connection.Connection._ensure_connection` pauses after each round. A ``rabbit_retry_interval`` of 0, which
    oslo.messaging before 16 takes, is 1.

    Raises:
        Undecidable: an option was withheld, or the service does not start.
    """
    found = _options(service)
    if found is None:
        return None
    options, url = found
    brokers = max(1, len(url.brokers))
    first = _value(options, "rabbit_retry_interval") or 1
    step = _value(options, "rabbit_retry_backoff") or 0
    longest = _value(options, "rabbit_interval_max") or 0
    pauses = [float(first)]
    while step > 0 and pauses[-1] + step <= longest + first:
        pauses.append(pauses[-1] + step)
    if libraries.required(service, "kombu").release >= _CAPPED_FROM:
        pauses = list(dict.fromkeys(min(pause, float(longest)) for pause in pauses))
    return Reconnection(tuple(pauses), brokers, brokers > 1)


def calls(service: Service) -> Mapping[str, Call]:
    """The calls that a service makes: ``compute`` and ``conductor`` for most calls to these, ``long`` for those that may last.

    `nova.compute.rpcapi.ComputeAPI.get_client` has calls monitored where they may last more than a minute, so that a
    dead nova-compute is still noticed after one; no other client does. Long calls (`select_destinations`, live
    migration, `set_host_enabled` ...) pass ``long_rpc_timeout``, monitored by ``rpc_response_timeout``.

    Raises:
        Undecidable: an option was withheld or rejected, or ``rpc_response_timeout`` is blank: Nova compares it with 60.
    """
    timeout = service["DEFAULT", "rpc_response_timeout"].value
    if timeout is None:
        raise Undecidable("[DEFAULT] rpc_response_timeout is blank, and Nova's clients of nova-compute fail")
    longest = service["DEFAULT", "long_rpc_timeout"].value
    return MappingProxyType(
        {
            "compute": Call(timeout, _MONITORED_FROM if timeout > _MONITORED_FROM else None),
            "conductor": Call(timeout, None),
            "long": Call(longest, timeout),
        }
    )


def seconds_after_caller(service: Service) -> float | None:
    """For how many seconds a thread goes on answering a caller that gave up, None where RPC is not over RabbitMQ.

    `oslo_messaging._drivers.amqpdriver.AMQPIncomingMessage.reply` tries for ``kombu_missing_consumer_retry_timeout``,
    which should not be above ``rpc_response_timeout``.

    Raises:
        Undecidable: an option was withheld or rejected, or the service does not start.
    """
    found = _options(service)
    if found is None:
        return None
    tried = float(_value(found[0], "kombu_missing_consumer_retry_timeout") or 0)
    timeout = service["DEFAULT", "rpc_response_timeout"].value
    return 0.0 if timeout is None else max(0.0, tried - timeout)


def _options(service: Service) -> tuple[Options, TransportURL] | None:
    """The driver's options for the RPC connection, and its URL; None where the driver is another one."""
    setting = service.find("DEFAULT", "transport_url") if service.project == "nova" else None
    if setting is None:
        return None
    connection = Connection(service, "rpc", "rabbit", setting)
    by_netutils = libraries.required(service, "oslo.messaging").release >= (15,)
    try:
        url = parse_transport_url(read_url(connection), by_netutils=by_netutils)
        if url.driver not in ("rabbit", "kombu"):
            return None
        return rabbit.load(connection, url), url
    except (Refusal, ValueError) as reason:
        raise Undecidable(str(reason)) from None


def _value(options: Options, name: str) -> float | None:
    try:
        value: float | None = options.value(name)
    except Refusal as reason:
        raise Undecidable(str(reason)) from None
    return value
