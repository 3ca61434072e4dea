"""What mysqlclient (MySQLdb) does with the arguments that SQLAlchemy gives it, through MariaDB's Connector/C.

Sources: ``MySQLdb/_mysql.c`` (``_mysql_ConnectionObject_Initialize``) of 1.4.6, 2.1.1, 2.2.7 and 2.3.1;
``send_client_reply_packet``, ``ma_tls_set_certs`` and ``ma_tls_connect`` of Connector/C 3.3; measured with 3.3.20,
which Debian 12 has. Unless a certificate's name is demanded (``ssl_mode=VERIFY_*`` since 2.2, or
``ssl-verify-server-cert=1`` in an option file), it goes on in plain text, with the login, when the server says that it
has no TLS. What its TLS layer cannot load matters only to a server with TLS.
"""

from dataclasses import dataclass, replace
from typing import Any

from auditor.model import File, Limit, Missing, Posture, Setting, Transport, Trust
from auditor.semantics import mysql
from auditor.semantics.certificates import look_at_certificates, look_at_client, look_at_folder
from auditor.semantics.ciphers import is_usable
from auditor.semantics.connection import Broken, Connection, Unseen, system_trust
from auditor.semantics.connectorfile import ConnectorFile
from auditor.semantics.keywords import CHARSETS, MYSQLCLIENT, MYSQLCLIENT_LATER
from auditor.semantics.parameters import Parameters
from auditor.semantics.urls import endpoint

_MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_TLS = (*mysql.SSL, "ssl", "ssl_mode", "read_default_file", "read_default_group", "unix_socket")
_FILES = ("ca", "capath", "cert", "key", "cipher")
_SWITCHES = ("ssl-enforce", "ssl-verify-server-cert")
_PINS = ("ssl-fp", "ssl-fp-list")
_SOCKET = "/run/mysqld/mysqld.sock"

#: ``enum mysql_protocol_type``: TCP whatever the host is called, and the last that is known outside of Windows.
_BY_TCP, _BY_SOCKET = 1, 2


@dataclass(frozen=True, slots=True)
class _Demand:
    """What the arguments and the option files together ask of the TLS layer, and what it has to load.

    ``problem`` is why no connection over TLS can come about.
    """

    asks: bool
    names: bool
    ssl: dict[str, str]
    problem: str | None = None
    ca_file: File | Missing | None = None
    unseen: tuple[str, ...] = ()

    @property
    def authority(self) -> str | None:
        return self.ssl.get("ca") or self.ssl.get("capath")


def judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport that this URL gives with the installed mysqlclient; raises `Broken` and `Unseen`."""
    judging = parameters.settings(*_TLS)
    arguments = mysql.keywords(parameters)
    _check_keywords(connection, parameters, arguments, judging)
    options = _read_options(connection, parameters)
    if options is not None:
        _require_charset(connection, options.value("default-character-set"), judging)
        judging += options.settings(*(f"ssl-{key}" for key in _FILES), *_SWITCHES, "protocol")
    connection, is_socket = _locate(connection, parameters, arguments, options)
    demand = _load(connection, parameters, _demand(connection, parameters, arguments, options, judging))
    facts: dict[str, Any] = {
        "judging": judging,
        "ca_file": demand.ca_file,
        "undecided": "; ".join(demand.unseen) or None,
        "client_certificate": "yes" if {"cert", "key"} & set(demand.ssl) and not demand.problem else "no",
    }
    if demand.problem and demand.names:
        raise Broken(f"{demand.problem}; no server can be reached", *judging)
    if is_socket:
        return connection.transport(Posture.LOCAL, "a unix socket of this host", **facts)
    limit, remedy = Limit("configuration", str(connection.url)), _remedy(connection, parameters, demand)
    if not demand.asks or demand.problem:
        reason = f"nothing in {connection.url} makes mysqlclient ask for TLS"
        if demand.problem:
            reason = f"{demand.problem}; no server with TLS can be reached, and one without it still gets the login"
        elif "ssl" in parameters.url.query or "ssl_mode" in parameters.url.query:
            reason += "; ssl and ssl_mode alone do not"
        return connection.transport(Posture.PLAINTEXT, reason, limited_by=limit, remedy=remedy, **facts)
    trust = Trust("file", demand.authority) if demand.authority else system_trust(connection.service)
    if demand.names:
        whose = demand.authority or "the system's authorities"
        reason = f"the server needs a certificate from {whose} for its own name"
        return connection.transport(Posture.VERIFIED_FULL, reason, trust=trust, **facts)
    accepts = (
        f"any certificate from {demand.authority} for any name" if demand.authority else "any certificate"
    )
    return connection.transport(
        Posture.OPPORTUNISTIC,
        "mysqlclient goes on in plain text, with the login, when the server says that it has no TLS;"
        f" otherwise it accepts {accepts}; require_secure_transport on the server does not help",
        when_encrypted=Posture.VERIFIED_CA if demand.authority else Posture.ENCRYPTED,
        trust=trust if demand.authority else Trust("none"),
        limited_by=limit,
        remedy=remedy,
        **facts,
    )


def _remedy(connection: Connection, parameters: Parameters, demand: _Demand) -> str:
    """The change that has certificate and name verified and plain text refused.

    Before 2.2 only an option file can say so: ``ssl_mode`` is refused with Connector/C.
    """
    query = parameters.url.query
    if connection.library is None or connection.library.release < (2, 2) or "read_default_file" in query:
        lines = "" if demand.authority and not demand.problem else "`ssl-ca=/path/to/ca.pem` and "
        file = query.get("read_default_file") or "the file of `read_default_file`"
        return (
            f"Write {lines}`ssl-verify-server-cert=1` under `[client]` in {file} for `{connection.url}`:"
            " `1`, as `true` switches it off."
        )
    names = tuple(name for name in ("ssl", "ssl_mode") if name in query)
    authority = "" if demand.authority and not demand.problem else "&ssl_ca=/path/to/ca.pem"
    wanted = f"ssl_mode=VERIFY_IDENTITY{authority}"
    return parameters.replace(names, wanted) if names else parameters.add(wanted)


def _check_keywords(
    connection: Connection, parameters: Parameters, arguments: dict[str, Any], judging: tuple[Setting, ...]
) -> None:
    """The arguments that end in an exception before anything is dialled."""
    version = connection.library.release if connection.library else None
    for name in arguments:
        since = MYSQLCLIENT_LATER.get(name)
        if since is not None and version is None:
            raise Unseen(
                f"whether mysqlclient takes {name} depends on its version, which is not in evidence", *judging
            )
        if name not in MYSQLCLIENT and (since is None or version is None or version < since):
            raise Broken(
                f"mysqlclient has no parameter {name!r}: every connection ends in TypeError",
                *judging,
                remedy=parameters.remove(name),
            )
    for name in ("conv", "named_pipe"):
        if name in arguments:
            raise Broken(f"mysqlclient cannot use {name} as text in {connection.url}", *judging)
    for name, value in arguments.items():
        if isinstance(value, tuple) and name != "ssl":
            raise Broken(f"{name} is given more than once for {connection.url}", *judging)
    if isinstance(arguments.get("port"), str):
        raise Broken(f"port in the query of {connection.url} stays text, which mysqlclient refuses", *judging)
    _require_charset(connection, arguments.get("charset"), judging)


def _require_charset(connection: Connection, charset: str | None, judging: tuple[Setting, ...]) -> None:
    """``mysql_find_charset_name``, which minds no case; ``auto`` is the locale's (``MADB_AUTO_CHARSET``)."""
    known = (*CHARSETS, "auto", "utf8", "utf8mb3", "ucs2", "utf16", "utf16le", "utf32")
    if charset is not None and charset.lower() not in known and not mysql.is_withheld(charset):
        raise Broken(f"Connector/C does not know the charset {charset} of {connection.url}", *judging)


def _read_options(connection: Connection, parameters: Parameters) -> ConnectorFile | None:
    """The option file that Connector/C reads, None where none is asked for."""
    path, group = parameters.seen("read_default_file"), parameters.seen("read_default_group")
    if not path and not group:
        return None
    return ConnectorFile(connection.service.files, str(path) if path else None, str(group) if group else None)


def _demand(
    connection: Connection,
    parameters: Parameters,
    arguments: dict[str, Any],
    options: ConnectorFile | None,
    judging: tuple[Setting, ...],
) -> _Demand:
    """What is asked for, before any file is looked at."""
    given = arguments.get("ssl")
    ssl = dict(given) if isinstance(given, dict) else {}
    ssl.pop("check_hostname", None)
    version = connection.library.release if connection.library else None
    mode = parameters.seen("ssl_mode")
    if mode is not None and version is not None and version < (2, 2):
        raise Broken(
            f"{connection.library} refuses ssl_mode with Connector/C: NotSupportedError",
            *judging,
            remedy=parameters.remove("ssl_mode"),
        )
    if mode is not None and mode not in _MODES:
        raise Broken(f"ssl_mode {mode} is none of {', '.join(_MODES)}: NotSupportedError", *judging)
    if given and not ssl and version is None:
        raise Unseen(
            "what ssl alone does depends on mysqlclient's version, which is not in evidence", *judging
        )
    # Before 2.2 whatever is given as ssl asks for TLS; since then, the mode does.
    asks = mode in _MODES[2:] or (bool(given) and version is not None and version < (2, 2))
    names = mode in _MODES[3:]
    if options is None:
        return _Demand(bool(ssl) or asks or names, names, ssl)
    # Connector/C reads its files when it connects, so that they win over the arguments.
    for key in _FILES:
        if f"ssl-{key}" in options:
            value = options.value(f"ssl-{key}")
            ssl.pop(key, None)
            if value:
                ssl[key] = value
    if any(options.value(pin) for pin in _PINS):
        raise Unseen("the fingerprint of a certificate is pinned, which is not compared", *judging)
    if "ssl-enforce" in options:
        asks = options.number("ssl-enforce") != 0
    if "ssl-verify-server-cert" in options:
        names = options.number("ssl-verify-server-cert") != 0
    return _Demand(bool(ssl) or asks or names, names, ssl)


def _load(connection: Connection, parameters: Parameters, demand: _Demand) -> _Demand:
    """``ma_tls_set_certs``: the demand with what its files are worth."""
    service, ssl = connection.service, demand.ssl
    for name in _FILES:
        written = parameters.url.query.get(f"ssl_{name}")
        if isinstance(written, tuple) and ssl.get(name) == str(written):
            why = f"ssl_{name} is given more than once, and SQLAlchemy makes one nonsensical text of it"
            return replace(demand, problem=why)
    looked = []
    ca_file = None
    if "ca" in ssl:
        looked.append(("ca", look_at_certificates(service, ssl["ca"])))
        ca_file = looked[0][1].found
    elif "capath" in ssl:
        # It is looked into when a certificate is verified: one that is not there holds no authority.
        looked.append(("capath", look_at_folder(service, ssl["capath"])))
    certificate, key = ssl.get("cert"), ssl.get("key")
    if certificate:
        looked += [("cert", seen) for seen in look_at_client(service, certificate, key)]
    problems = (f"ssl_{kind}: {seen.problem}" for kind, seen in looked if seen.problem)
    problem = next(problems, None)
    if key and not certificate:
        problem = problem or f"ssl_key: without ssl_cert, a certificate is looked for in {key} too"
    cipher = ssl.get("cipher")
    if problem is None and cipher and not is_usable(cipher, with_suites=True):
        problem = f"ssl_cipher: OpenSSL has no cipher {cipher}"
    unseen = tuple(seen.unseen for _, seen in looked if seen.unseen)
    return replace(demand, problem=problem, ca_file=ca_file, unseen=unseen)


def _locate(
    connection: Connection, parameters: Parameters, arguments: dict[str, Any], options: ConnectorFile | None
) -> tuple[Connection, bool]:
    """The connection to where it goes, and whether that is a unix socket, which ``localhost`` means here."""

    def from_file(key: str) -> str | None:
        return options.value(key) if options is not None else None

    protocol = options.number("protocol") if options is not None else 0
    if protocol > _BY_SOCKET:
        raise Broken(
            f"protocol {protocol} of the option file for {connection.url} is not known to Connector/C"
        )
    host = arguments.get("host") or from_file("host")
    if host in (None, "localhost") and protocol != _BY_TCP:
        socket = arguments.get("unix_socket") or from_file("socket") or _SOCKET
        return connection.to(("localhost", str(socket))), True
    port = parameters.url.port or from_file("port") or 3306
    name = str(host or "localhost")
    return connection.to((name, endpoint(name, port))), False
