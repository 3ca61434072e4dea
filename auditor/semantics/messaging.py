"""Which messaging driver a transport URL loads, and what that driver makes of it.

Source: ``oslo_messaging.transport._get_transport`` and the entry points ``oslo.messaging.drivers``, 14.0.3 to 18.3.1:
rabbit, kombu (the same), kafka, fake, and up to 14.9 amqp, which is AMQP 1.0 and another protocol than RabbitMQ's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from auditor.model import Posture, Transport
from auditor.semantics import kafka, libraries, rabbit
from auditor.semantics.connection import Broken, Connection, Unseen, read_url
from auditor.semantics.urls import TransportURL, parse_transport_url


@dataclass(frozen=True, slots=True)
class _Driver:
    """What a driver does: its places, what happens when it is loaded, and what when it connects."""

    locate: Callable[[Connection, TransportURL], Connection]
    load: Callable[[Connection, TransportURL], object]
    judge: Callable[[Connection, TransportURL], Transport]


def judge(connection: Connection) -> Transport:
    """The transport of a connection for RPC or notifications."""
    try:
        driver, url = _driver(connection)
        connection = driver.locate(connection, url)
        return driver.judge(connection, url)
    except (Broken, Unseen) as refusal:
        return connection.refused(refusal)


def refuse_to_load(connection: Connection) -> Transport | None:
    """The broken transport where loading the driver alone keeps the service from starting, None where it does not."""
    try:
        driver, url = _driver(connection)
        connection = driver.locate(connection, url)
        driver.load(connection, url)
    except Broken as refusal:
        return connection.refused(refusal)
    except Unseen:
        pass
    return None


def _driver(connection: Connection) -> tuple[_Driver, TransportURL]:
    """The driver that the scheme stands for, and the URL taken apart; raises `Broken` and `Unseen`."""
    version = libraries.required(connection.service, "oslo.messaging").release
    try:
        url = parse_transport_url(read_url(connection), by_netutils=version >= (15,))
    except ValueError as error:
        raise Broken(f"oslo.messaging cannot read {connection.url}: {error}") from None
    driver = _DRIVERS.get(url.driver)
    if driver is not None:
        return driver, url
    if url.driver == "amqp" and version < (15,):
        return _AMQP1, url
    raise Broken(
        f"oslo.messaging has no driver for {url.scheme}://, and the service stops with DriverLoadFailure",
        remedy=rabbit.rename_scheme(connection),
    )


def _stay(connection: Connection, _: TransportURL) -> Connection:
    return connection


def _load_nothing(connection: Connection, url: TransportURL) -> None:
    """The driver reads nothing that could keep it from loading."""


def _keep_local(connection: Connection, _: TransportURL) -> Transport:
    return connection.transport(Posture.LOCAL, "the fake driver stays inside the process")


def _load_amqp1(connection: Connection, _: TransportURL) -> None:
    if connection.service.libraries.find("pyngus") is None:
        raise Broken(
            "amqp:// is AMQP 1.0, whose driver needs pyngus, which is not installed",
            remedy=f"Write `rabbit://` in `{connection.url}`.",
        )


def _judge_amqp1(connection: Connection, url: TransportURL) -> Transport:
    _load_amqp1(connection, url)
    raise Unseen("amqp:// is AMQP 1.0 with settings of its own, [oslo_messaging_amqp], which are not judged")


_AMQP1 = _Driver(_stay, _load_amqp1, _judge_amqp1)

_DRIVERS: Mapping[str, _Driver] = MappingProxyType(
    {
        "rabbit": _Driver(rabbit.locate, rabbit.load, rabbit.judge),
        "kombu": _Driver(rabbit.locate, rabbit.load, rabbit.judge),
        "kafka": _Driver(kafka.locate, kafka.load, kafka.judge),
        "fake": _Driver(_stay, _load_nothing, _keep_local),
    }
)
