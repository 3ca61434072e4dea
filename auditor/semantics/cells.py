"""The URLs of cells: what Nova makes of a template in the table of cells, and how well such a connection is protected.

Source: ``nova.objects.cell_mapping`` (``_parse_netloc``, ``CellMapping._format_url``, ``format_db_url``,
``format_mq_url``) of Nova 26 to 34, measured. A row is always formatted, with the parts of ``[database] connection`` or
``[DEFAULT] transport_url``; where that fails, Nova logs it and takes the row as it stands. Only what the template names
comes over: one without ``{query}`` loses every parameter of TLS.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from urllib.parse import urlparse

from auditor.model import Origin, OriginKind, Service, Setting, Transport
from auditor.semantics import databases, libraries, messaging
from auditor.semantics.connection import Connection, Refusal, Unseen, read_url
from auditor.semantics.urls import scheme, split_by_netutils

#: What may follow a name in a template here: Python's format could make a text of any length of more.
_SPECIFICATION = re.compile(r"[^{}0-9]{0,4}[0-9]{0,2}[^{}0-9]?")


@dataclass(frozen=True, slots=True)
class CellURL:
    """The URL that a cell gets.

    ``kept`` says why Nova takes the row as it stands although it is a template. ``lost`` are the parts of the base that
    the template leaves out: ``query``, ``fragment`` or ``path``. ``text`` is None where the template does more than name
    parts, which is not evaluated here.
    """

    text: str | None
    kept: str | None = None
    lost: tuple[str, ...] = ()


def expand(template: str, base: str | None, *, by_netutils: bool) -> CellURL:
    """The URL that a cell gets from its row and the URL of the configuration (None where that is unset).

    ``by_netutils`` is True for Nova 34 (2026.2) and newer, which read each of several hosts by oslo.utils; before, the
    port of an IPv6 address among several kept its colon.
    """
    if base is None:
        return CellURL(template, "there is no URL to fill it in from" if "{" in template else None)
    try:
        values = _parts(base, by_netutils=by_netutils)
        fields = [field[1:] for field in Formatter().parse(template) if field[1] is not None]
    except ValueError as error:
        return CellURL(template, str(error) if "{" in template or "}" in template else None)
    names = [re.split(r"[.\[]", str(name), maxsplit=1)[0] for name, _, _ in fields]
    unknown = next((name for name in names if name not in values), None)
    if unknown is not None:
        return CellURL(template, f"{{{unknown}}} is no part of the URL")
    for (name, specification, _), plain in zip(fields, names, strict=True):
        if name != plain or not _SPECIFICATION.fullmatch(str(specification)):
            return CellURL(None)
    try:
        text = template.format(**values)
    except (TypeError, ValueError) as error:
        return CellURL(template, str(error))
    lost = ("query", "fragment", "path") if fields else ()
    return CellURL(text, None, tuple(part for part in lost if values[part] and part not in names))


def _parts(base: str, *, by_netutils: bool) -> Mapping[str, str | int | None]:
    """What a template may name: the parts of the URL, and with a number those of each of several hosts."""
    url = urlparse(base)
    values: dict[str, str | int | None] = {
        "username": url.username,
        "password": url.password,
        "hostname": url.hostname,
        "port": url.port,
        "scheme": url.scheme,
        "query": url.query,
        "fragment": url.fragment,
        "path": url.path.lstrip("/"),
    }
    if "," in url.netloc:
        for number, place in enumerate(url.netloc.split(","), 1):
            host = _host(place, by_netutils=by_netutils)
            values |= {f"{name}{number}": value for name, value in host.items()}
    return values


def _host(place: str, *, by_netutils: bool) -> Mapping[str, str | int | None]:
    userinfo, at, address = place.partition("@")
    if not at:
        userinfo, address = "", place
    user, colon, password = userinfo.partition(":")
    host: str | None
    port: str | int | None
    if by_netutils:
        host, port = split_by_netutils(address)
    elif address.startswith("["):
        end = address.find("]")
        if end < 0:
            raise ValueError("Invalid IPv6 URL")
        host, port = address[1:end], address[end + 1 :]
    else:
        host, colons, rest = address.partition(":")
        port = rest if colons else None
    return {"username": user, "password": password if colon else None, "hostname": host, "port": port}


def broker(service: Service, cell: str, row: str) -> Transport | None:
    """The transport to a cell's broker, by the row's ``transport_url``; None for ``none:///``, which has no broker.

    Every other option is that of ``[oslo_messaging_rabbit]``, as for RPC.
    """
    connection = _connection(
        service, f"cell:{cell}:rpc", "transport_url", row, service["DEFAULT", "transport_url"]
    )
    if isinstance(connection, Transport):
        return connection
    if str(connection.url.resolved).startswith("none"):
        return None
    return messaging.judge(connection)


def database(service: Service, cell: str, row: str) -> Transport:
    """The transport to a cell's database, by the row's ``database_connection``.

    Every other option is that of ``[database]`` (``nova.context.set_target_cell``), ``connection_parameters`` too.
    """
    base = service["database", "connection"]
    connection = _connection(service, f"cell:{cell}:database", "database_connection", row, base)
    return connection if isinstance(connection, Transport) else databases.judge(connection)


def _connection(service: Service, purpose: str, name: str, row: str, base: Setting) -> Connection | Transport:
    """The connection that a row gives, or the transport of unknown posture where that cannot be told."""
    release = libraries.required(service, "nova").release
    unfilled = Connection(service, purpose, scheme(row), _setting(base, name, row))
    try:
        text = None if base.resolved is None else read_url(Connection(service, purpose, "", base))
        found = expand(row, text, by_netutils=release >= (34,))
        if found.text is None:
            raise Unseen(f"the row of {purpose} does more than name parts of {base}")
    except Refusal as refusal:
        if "{" not in row:
            return unfilled
        return unfilled.refused(refusal)
    return Connection(service, purpose, scheme(found.text), _setting(base, name, found.text))


def _setting(base: Setting, name: str, text: str) -> Setting:
    """The URL of a cell as a setting in the place of the configuration's own, with where it comes from."""
    return Setting(base.group, base.name, text, Origin(OriginKind.CELL), f"cell_mappings.{name}")
