"""oslo.db's engines: how many connections they hold, how long they try to connect, and what a silent server does to them.

Sources: ``oslo_db.sqlalchemy.engines`` (``create_engine``, ``_test_connection``) and ``enginefacade``
(``_TransactionFactory``) 12.1 to 18.1, ``sqlalchemy.pool.QueuePool`` 1.4 to 2.1, ``pymysql.connections.Connection`` 1.0
to 1.2, Connector/C 3.3; all measured (`tests/conformance/truth/pools`). Connections are checked before each use
(``pool_pre_ping``, before oslo.db 13 a listener), so that a ``connection_recycle_time`` longer than the server's
``wait_timeout`` does no harm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from auditor.errors import Undecidable
from auditor.model import Bound, Posture, Service, Transport
from auditor.semantics import libraries
from auditor.semantics.connection import Unseen
from auditor.semantics.connectorfile import ConnectorFile
from auditor.semantics.urls import append_parameters, parse_database_url

#: Settings that oslo.db takes and Nova's engines never use (``_TransactionFactory._ignored_cfg``): a query that
#: fails is tried again where Nova says so in its code, five times.
IGNORED = (
    "backend",
    "db_inc_retry_interval",
    "db_max_retries",
    "db_max_retry_interval",
    "db_retry_interval",
    "use_db_reconnect",
)

#: What SQLAlchemy takes where oslo.db is told nothing: size, overflow, and seconds of waiting for a connection.
_SIZE, _OVERFLOW, _WAIT = 5, 10, 30.0

#: The errors of MySQL on which the attempts at start-up go on (``exc_filters``); any other ends them. PyMySQL says 2003
#: also of a certificate that it does not believe, and 2026 of a server without the TLS that it insists on.
RETRIED = (1047, 1927, 2002, 2003, 2006, 2013)

#: Those of them that SQLAlchemy itself knows as a lost connection. The others are known for the dialect ``mysql`` alone:
#: with ``mariadb://`` a server that refuses the connection ends the attempts.
_LOST = (1927, 2006, 2013)

#: The timeouts without which a server that falls silent is waited for for ever, by driver. PyMySQL's ``connect_timeout``
#: ends with the TCP connection and its TLS handshake heeds ``write_timeout``; Connector/C's ``connect_timeout``, which has
#: no default, holds until the login is done, and only then ``read_timeout``.
_TIMEOUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"PyMySQL": ("read_timeout",), "mysqlclient": ("connect_timeout", "read_timeout")}
)
_OF_HANDSHAKE: Mapping[str, tuple[str, ...]] = MappingProxyType({"PyMySQL": ("write_timeout",)})


@dataclass(frozen=True, slots=True)
class Pool:
    """An engine's pool: ``most`` connections at the same time (None without a limit), ``wait`` seconds for a free one.

    A thread that waited in vain fails. A connection is checked before each use (``is_checked``): by ``pool_pre_ping``,
    with oslo.db 12 by a listener of its own, ``_connect_ping_listener``. A process has an engine for each database: the API's, and one per cell in
    nova-api, nova-scheduler and the super-conductor.
    """

    most: int | None
    wait: float
    recycle: int
    is_checked: bool = True


@dataclass(frozen=True, slots=True)
class Start:
    """The attempts to connect while an engine is made, before the first query.

    ``attempts`` is None where they never end. ``interval`` seconds pass after each that failed, the last included.
    """

    attempts: int | None
    interval: float

    def bound(self, connect: float | None) -> Bound:
        """How long a server that cannot be reached delays the first query; ``connect`` is the seconds of one attempt.

        None stands for an attempt that itself never ends.
        """
        each = f"{connect:g} s + {self.interval:g} s" if connect is not None else ""
        if self.attempts is None or connect is None:
            why = "max_retries is -1" if self.attempts is None else "nothing bounds one attempt"
            return Bound("unbounded", None, why)
        seconds = self.attempts * (connect + self.interval)
        return Bound("finite", seconds, f"{self.attempts} x ({each})")


def pool(service: Service, group: str) -> Pool:
    """The pool of the engine for a group's ``connection``.

    ``max_pool_size = 0`` is without a limit from SQLAlchemy 2.0 on; before, ``max_overflow`` alone counts then.

    Raises:
        Undecidable: a value was withheld or is rejected.
    """
    size = _number(service, group, "max_pool_size", _SIZE)
    overflow = _number(service, group, "max_overflow", _OVERFLOW)
    version = libraries.required(service, "SQLAlchemy").release
    is_unlimited = overflow <= -1 or (size == 0 and version >= (2,))
    wait = service[group, "pool_timeout"].value
    return Pool(
        None if is_unlimited else max(size + overflow, 0),
        _WAIT if wait is None else float(wait),
        int(service[group, "connection_recycle_time"].value),
    )


def start(service: Service, group: str) -> Start:
    """How often an engine for a group's ``connection`` tries to connect: once, without a test, where it is 0 or blank.

    Raises:
        Undecidable: a value was withheld or is rejected.
    """
    most = service[group, "max_retries"].value
    if not most:
        return Start(1, 0.0)
    interval = float(_number(service, group, "retry_interval", 0))
    return Start(None if most == -1 else int(most), interval)


def is_retried(code: int, scheme: str) -> bool:
    """Whether the attempts at start-up go on after an error of MySQL, with a URL of that scheme."""
    return code in (_LOST if scheme.startswith("mariadb") else RETRIED)


def driver_of(transport: Transport) -> str | None:
    """The driver of a connection to MySQL, None for any other connection."""
    dialect, _, driver = transport.driver.partition("+")
    if dialect not in ("mysql", "mariadb"):
        return None
    return {"pymysql": "PyMySQL", "mysqldb": "mysqlclient", "": "mysqlclient"}.get(driver)


def lacking_timeouts(service: Service, transport: Transport) -> tuple[str, ...]:
    """The parameters that a connection to MySQL lacks, so that a server which falls silent is waited for for ever.

    Raises:
        Undecidable: the URL, ``connection_parameters`` or the option file, in which Connector/C looks for
            ``connect-timeout``, does not show.
    """
    name = driver_of(transport)
    if name is None:
        return ()
    try:
        url = parse_database_url(str(transport.url.value))
    except ValueError as error:
        raise Undecidable(f"{transport.url}: {error}") from None
    appended = service.find(transport.url.group, "connection_parameters")
    if appended is not None and appended.value:
        url = append_parameters(url, str(appended.value))
    given: dict[str, Any] = dict(url.query)
    path, group = given.get("read_default_file"), given.get("read_default_group")
    if name == "mysqlclient" and (path or group):
        given |= _of_option_file(service, path and str(path), group and str(group))
    speaks_tls = transport.posture not in (Posture.PLAINTEXT, Posture.LOCAL)
    return missing_timeouts(name, given, speaks_tls=speaks_tls)


def _of_option_file(service: Service, path: str | None, group: str | None) -> Mapping[str, Any]:
    """The one timeout that Connector/C reads in an option file, under either of its names."""
    try:
        options = ConnectorFile(service.files, path, group)
        written = [options.value(name) for name in ("connect-timeout", "timeout") if name in options]
    except Unseen as hidden:
        raise Undecidable(str(hidden)) from None
    return {"connect_timeout": written[0]} if written else {}


def missing_timeouts(driver: str, parameters: Mapping[str, Any], *, speaks_tls: bool) -> tuple[str, ...]:
    """Those of the timeouts that bound every wait of a driver which are not among its parameters.

    ``speaks_tls`` says whether a TLS handshake may come about.
    """
    needed = _TIMEOUTS[driver] + (_OF_HANDSHAKE.get(driver, ()) if speaks_tls else ())
    return tuple(one for one in needed if not _seconds(parameters.get(one)))


def _seconds(value: Any) -> bool:
    """Whether a parameter bounds anything: Connector/C takes 0 for no timeout, PyMySQL refuses it."""
    return bool(value) and str(value).strip() not in ("0", "00")


def _number(service: Service, group: str, name: str, otherwise: int) -> int:
    value = service[group, name].value
    return otherwise if value is None else int(value)
