"""Where a connection to PostgreSQL goes: the host of the URL, or those of its query, as SQLAlchemy hands them to libpq.

Sources: ``sqlalchemy.dialects.postgresql.psycopg2.create_connect_args`` 1.4,
``base.PGDialect._split_multihost_from_url`` 2.0 and 2.1, ``parse_comma_separated_list`` in libpq.
"""

import re

from auditor.model import Setting
from auditor.semantics import libraries
from auditor.semantics.connection import Broken, Connection
from auditor.semantics.parameters import Parameters
from auditor.semantics.urls import endpoint

_ONE = re.compile(r"([a-zA-Z0-9\-.]*)(?::(\d*))?")

Places = list[tuple[str, str]]


def locate(connection: Connection, parameters: Parameters) -> tuple[Connection, bool, bool]:
    """The connection to where it really goes, whether that is a unix socket, and whether it has a name to verify.

    Raises `Broken` where SQLAlchemy refuses what is written, or where libpq would look for a host with a port in it.
    """
    places = _places(connection, parameters)
    address = parameters.seen("hostaddr")
    names = [name for name, _ in places if name]
    if isinstance(address, str):
        addresses = address.split(",")
        ports = [port for _, port in places]
        dialled = [(one, endpoint(one, ports[min(i, len(ports) - 1)])) for i, one in enumerate(addresses)]
        return connection.to(*dialled), False, bool(names)
    if not names:
        return connection.to(("localhost", "/var/run/postgresql")), True, False
    if names[0].startswith("/"):
        return connection.to(("localhost", names[0])), True, False
    wrong = next((name for name in names if name.count(":") == 1), None)
    if wrong is not None:
        raise Broken(
            f"{wrong} is looked up as a name, port and all: it belongs into `port`", *_judging(parameters)
        )
    return connection.to(*((name, endpoint(name, port)) for name, port in places)), False, True


def _places(connection: Connection, parameters: Parameters) -> Places:
    """Pairs of host and port; the host is empty where none is written."""
    url = parameters.url
    written, port = parameters.seen("host"), parameters.seen("port")
    is_new = libraries.required(connection.service, "SQLAlchemy").release >= (2,)
    one = _ONE.fullmatch(written) if isinstance(written, str) and port is None and is_new else None
    if one is not None and ":" in str(written):
        return [(one[1], one[2] or str(url.port or 5432))]
    if isinstance(written, tuple):
        if port is not None or (url.port is not None and not is_new):
            raise Broken(
                "SQLAlchemy refuses hosts with their ports beside another port", *_judging(parameters)
            )
        pairs = [host.partition(":") for host in written]
        return [(name, own or str(url.port or 5432)) for name, _, own in pairs]
    hosts = (written or url.host or "").split(",")
    if port is not None:
        ports = list(port) if isinstance(port, tuple) else port.split(",")
    else:
        ports = [str(url.port or 5432)]
    if not all(one.isdigit() or not one for one in ports):
        raise Broken(f"port {','.join(ports)} is no number", *_judging(parameters))
    # libpq takes one port for several hosts, SQLAlchemy 2 does not.
    is_short = is_new and port is not None and bool(written) and len(hosts) > 1
    if (len(ports) > 1 or is_short) and len(ports) != len(hosts):
        raise Broken("there are not as many ports as hosts", *_judging(parameters))
    return [(name, ports[min(index, len(ports) - 1)] or "5432") for index, name in enumerate(hosts)]


def _judging(parameters: Parameters) -> tuple[Setting, ...]:
    return parameters.settings("host", "port")
