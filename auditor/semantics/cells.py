"""The URLs of cells: what Nova makes of a template in the table of cells, and how well such a connection is protected.

nova-api, the metadata API, the scheduler and the super-conductor connect to every cell by its row in the API's database;
what nova.conf names beside them is their own bus and their own database (``nova.context.set_target_cell``).

Source: ``nova.objects.cell_mapping`` (``_parse_netloc``, ``CellMapping._format_url``, ``format_db_url``,
``format_mq_url``) of Nova 26 to 34, measured. A row is always formatted, with the parts of ``[database] connection`` or
``[DEFAULT] transport_url``; where that fails, Nova logs it and takes the row as it stands. Only what the template names
comes over: one without ``{query}`` loses every parameter of TLS.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from string import Formatter
from urllib.parse import urlparse

from auditor.model import Origin, OriginKind, Role, Service, Setting, Transport, Withheld
from auditor.probe import tokens
from auditor.semantics import databases, libraries, messaging
from auditor.semantics.connection import Broken, Connection, Refusal, Unseen, read_url, withheld
from auditor.semantics.urls import scheme, split_by_netutils

#: What stands for the name of a cell where the cells could not be read.
UNLISTED = "unlisted"
UNREAD = "the cells could not be listed: {}"

#: A password that nova-manage masks. Its trait is its own: nothing is known of it.
MASKED = Withheld("****", "m", "")

#: Where a row stands: the table, then the cell's UUID.
_TABLE = "cell_mappings/"

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


@dataclass(frozen=True, slots=True)
class _Row(Setting):
    """A URL in the table of cells, in the place of the configuration's own: its group decides what else applies."""

    cell: str = ""

    def __str__(self) -> str:
        return f"{self.name} of cell {self.cell}"


def transports(service: Service) -> Iterator[Transport]:
    """The connections to the brokers and databases of all cells, as far as they were asked for.

    A disabled cell is left out by the scheduler alone: it is connected to all the same. Where the cells could not be read,
    two transports of unknown posture stand for them (`UNLISTED`).
    """
    cells = service.cells
    if cells is None:
        return
    if cells.reason is not None:
        own = service.find("api_database", "connection")
        if service.role is Role.CONDUCTOR and own is not None and own.error is None and not own.resolved:
            return  # that of a cell, which looks for no other
        yield _unlisted(service, "rpc", "transport_url", cells.reason)
        yield _unlisted(service, "database", "database_connection", cells.reason)
    names = Counter(row.name for row in cells.rows)
    for row in cells.rows:
        # Nova asks neither for a name nor for one of its own.
        is_told = bool(row.name) and names[row.name] == 1 and not tokens.occurs(row.name)
        name = row.name if is_told and row.name != UNLISTED else row.uuid
        found = broker(service, name, row.transport_url, row.uuid)
        if found is not None:
            yield found
        yield database(service, name, row.database_connection, row.uuid)


def broker(service: Service, cell: str, row: str, uuid: str = "") -> Transport | None:
    """The transport to a cell's broker, by the row's ``transport_url``; None for ``none:///``, which has no broker.

    Every other option is that of ``[oslo_messaging_rabbit]``, as for RPC.
    """
    url = _Row("DEFAULT", "transport_url", row, _origin(uuid), cell=cell)
    connection = _connection(service, f"cell:{cell}:rpc", url)
    if isinstance(connection, Transport):
        return connection
    if str(connection.url.resolved).startswith("none"):
        return None
    return _finished(messaging.judge(connection))


def database(service: Service, cell: str, row: str, uuid: str = "") -> Transport:
    """The transport to a cell's database, by the row's ``database_connection``.

    Every other option is that of ``[database]`` (``nova.context.set_target_cell``), ``connection_parameters`` too.
    """
    url = _Row("database", "database_connection", row, _origin(uuid), cell=cell)
    connection = _connection(service, f"cell:{cell}:database", url)
    return connection if isinstance(connection, Transport) else _finished(databases.judge(connection))


def mend(transport: Transport, remedy: str | None) -> str | None:
    """A remedy with the command that writes the URL of a cell; that of any other transport as it is."""
    uuid = _uuid(transport.url)
    if remedy is None or uuid is None:
        return remedy
    base = "[DEFAULT] transport_url" if transport.url.group == "DEFAULT" else "[database] connection"
    return (
        f"{remedy} The URL of a cell is written by `nova-manage cell_v2 update_cell --cell_uuid {uuid} --transport-url URL"
        " --database_connection URL`, with both URLs whole: one that is left out is taken from nova.conf. Where it is a"
        f" template, `{base}` fills it in."
    )


def shows_one_broker(transport: Transport) -> bool:
    """Whether nova-manage may have masked all brokers of a URL but the last one (`auditor.probe.cells`)."""
    return transport.password == MASKED and transport.purpose.endswith(":rpc")


def _origin(uuid: str) -> Origin:
    return Origin(OriginKind.CELL, f"{_TABLE}{uuid}" if uuid else None)


def _uuid(url: Setting) -> str | None:
    path = url.origin.path
    is_row = url.origin.kind is OriginKind.CELL and path is not None and path.startswith(_TABLE)
    return str(path)[len(_TABLE) :] if is_row else None


def _unlisted(service: Service, kind: str, name: str, reason: str) -> Transport:
    group = "DEFAULT" if kind == "rpc" else "database"
    token = Withheld("", "", "")
    url = _Row(group, name, token, Origin(OriginKind.CELL), cell=UNLISTED)
    return Connection(service, f"cell:{UNLISTED}:{kind}", "", url).refused(Unseen(UNREAD.format(reason)))


def _connection(service: Service, purpose: str, url: _Row) -> Connection | Transport:
    """The connection that a row gives, or the transport that it cannot become.

    The row is as nova-manage prints it: filled in. What still is a template, Nova could not fill in.
    """
    row = url.resolved
    hidden = withheld(row)
    connection = Connection(service, purpose, scheme(row), replace(url, resolved=hidden or row))
    if hidden is not None or "{" not in row:
        return connection
    release = libraries.required(service, "nova").release
    base = (
        service["database", "connection"] if url.group == "database" else service["DEFAULT", "transport_url"]
    )
    try:
        text = None if base.resolved is None else read_url(Connection(service, purpose, "", base))
        found = expand(row, text, by_netutils=release >= (34,))
        if found.text is None:
            raise Unseen(f"{url} does more than name parts of {base}")
        if found.kept is not None:
            raise Broken(
                f"Nova cannot fill in {url} from {base}, and takes it as it stands: {found.kept}",
                remedy=f"Name parts of `{base}` alone between the braces of `{url}`.",
            )
    except Refusal as refusal:
        return _finished(connection.refused(refusal))
    return replace(connection, driver=scheme(found.text), url=replace(url, resolved=found.text))


def _finished(transport: Transport) -> Transport:
    """The transport with what its URL does not show: that it has a password, and how it is mended."""
    is_masked = isinstance(transport.url.resolved, str) and ":****@" in transport.url.resolved
    password = MASKED if is_masked else transport.password
    return replace(transport, password=password, remedy=mend(transport, transport.remedy))
