"""What mysqlclient (MySQLdb) does with the arguments that SQLAlchemy gives it, through MariaDB's Connector/C.

Measured with mysqlclient 1.4.6, 2.1.1 and 2.2.7 on Connector/C 3.3, which Debian 12 builds it against. Unless a
certificate's name is demanded (``ssl_mode=VERIFY_*`` or ``ssl-verify-server-cert`` in an option file), it goes on in
plain text, with the login, when the server says that it has no TLS.
"""

from dataclasses import dataclass
from typing import Any

from auditor.model import File, Limit, Missing, Posture, Setting, Transport, Trust
from auditor.semantics import mysql
from auditor.semantics.certificates import look_at, look_at_certificates, look_at_folder, why_unseen
from auditor.semantics.connection import Broken, Connection, Unseen, system_trust
from auditor.semantics.keywords import MYSQLCLIENT, MYSQLCLIENT_LATER
from auditor.semantics.optionfile import OptionFile
from auditor.semantics.parameters import Parameters
from auditor.semantics.urls import endpoint

_MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_TLS = (*mysql.SSL, "ssl", "ssl_mode", "read_default_file", "read_default_group", "unix_socket")
_SOCKET = "/run/mysqld/mysqld.sock"


@dataclass(frozen=True, slots=True)
class _Demand:
    """What the arguments and the option files together ask of the TLS layer."""

    asks: bool
    names: bool
    ssl: dict[str, Any]


def judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport that this URL gives with the installed mysqlclient; raises `Broken` and `Unseen`."""
    judging = parameters.settings(*_TLS)
    arguments = mysql.keywords(parameters)
    _check_keywords(connection, parameters, arguments, judging)
    options, more = _read_options(connection, parameters, judging)
    judging += more
    connection, is_socket = _locate(connection, parameters, arguments, options)
    if is_socket:
        return connection.transport(Posture.LOCAL, "a unix socket of this host", judging=judging)
    demand = _demand(connection, parameters, arguments, options, judging)
    limit = Limit("configuration", str(connection.url))
    remedy = _remedy(connection, parameters, demand)
    if not demand.asks:
        reason = f"nothing in {connection.url} makes mysqlclient ask for TLS"
        if "ssl" in parameters.url.query or "ssl_mode" in parameters.url.query:
            reason += "; ssl and ssl_mode alone do not"
        return connection.transport(
            Posture.PLAINTEXT, reason, limited_by=limit, judging=judging, remedy=remedy
        )
    ca_file, unseen = _load(connection, demand.ssl, judging)
    facts: dict[str, Any] = {
        "judging": judging,
        "ca_file": ca_file,
        "undecided": "; ".join(unseen) or None,
        "client_certificate": "yes" if "cert" in demand.ssl else "no",
    }
    authority = demand.ssl.get("ca") or demand.ssl.get("capath")
    if demand.names:
        trust = Trust("file", authority) if authority else system_trust(connection.service)
        whose = authority or "the system's authorities"
        reason = f"the server needs a certificate from {whose} for its own name"
        return connection.transport(Posture.VERIFIED_FULL, reason, trust=trust, **facts)
    when = Posture.VERIFIED_CA if authority else Posture.ENCRYPTED
    accepts = f"any certificate from {authority} for any name" if authority else "any certificate"
    return connection.transport(
        Posture.OPPORTUNISTIC,
        "mysqlclient goes on in plain text, with the login, when the server says that it has no TLS;"
        f" otherwise it accepts {accepts}",
        when_encrypted=when,
        trust=Trust("file", authority) if authority else Trust("none"),
        limited_by=Limit(
            "library", "mysqlclient", connection.library.version if connection.library else None
        ),
        remedy=remedy,
        **facts,
    )


def _remedy(connection: Connection, parameters: Parameters, demand: _Demand) -> str:
    """The change that has certificate and name verified: older versions refuse ``ssl_mode`` with Connector/C."""
    if connection.library is None or connection.library.release < (2, 2):
        return f"Write `mysql+pymysql://` in `{connection.url}`, with PyMySQL 1.2.0 or newer."
    names = tuple(name for name in ("ssl", "ssl_mode") if name in parameters.url.query)
    authority = "" if demand.ssl.get("ca") or demand.ssl.get("capath") else "&ssl_ca=/path/to/ca.pem"
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
    for name in ("conv", "cursorclass"):
        if name in arguments:
            raise Broken(f"mysqlclient cannot use {name} as text in {connection.url}", *judging)
    for name in ("host", "user", "database", "unix_socket", "read_default_file", "read_default_group"):
        if isinstance(arguments.get(name), tuple):
            raise Broken(f"{name} is given more than once for {connection.url}", *judging)
    if isinstance(arguments.get("port"), (str, tuple)):
        raise Broken(f"port in the query of {connection.url} stays text, which mysqlclient refuses", *judging)


def _demand(
    connection: Connection,
    parameters: Parameters,
    arguments: dict[str, Any],
    options: list[OptionFile],
    judging: tuple[Setting, ...],
) -> _Demand:
    given = arguments.get("ssl")
    ssl = dict(given) if isinstance(given, dict) else {}
    is_check_only = set(ssl) == {"check_hostname"}
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
    bare = bool(given) and (is_check_only or not isinstance(given, dict))
    if bare and version is None:
        raise Unseen(
            "what ssl alone does depends on mysqlclient's version, which is not in evidence", *judging
        )
    insists = mode in ("REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY") or (
        bare and version is not None and version < (2, 2)
    )
    names = mode in ("VERIFY_CA", "VERIFY_IDENTITY")
    # Connector/C reads its files when it connects, so that they win over the arguments.
    for option_file in options:
        for key in ("ca", "capath", "cert", "key", "cipher"):
            value = option_file.value(f"ssl-{key}")
            if value:
                ssl[key] = value
        insists = insists or _is_true(option_file.value("ssl-enforce"))
        names = names or _is_true(option_file.value("ssl-verify-server-cert"))
    return _Demand(bool(ssl) or insists or names, names, ssl)


def _is_true(value: str | None) -> bool:
    return value is not None and value.lower() in ("1", "true", "on", "yes")


def _read_options(
    connection: Connection, parameters: Parameters, judging: tuple[Setting, ...]
) -> tuple[list[OptionFile], tuple[Setting, ...]]:
    """The option file under the groups that Connector/C reads, and what of it decides."""
    path, group = parameters.seen("read_default_file"), parameters.seen("read_default_group")
    if not path and not group:
        return [], ()
    if not path:
        raise Unseen("which option files Connector/C reads for a group alone was not looked into", *judging)
    found = connection.service.files.at(str(path))
    if isinstance(found, Missing):
        if found.is_absent or found.status == "not-regular":
            return [], ()
        raise Unseen(f"the option file {path} was not seen: {why_unseen(found)}", *judging)
    if found.text is None:
        raise Unseen(f"the option file {path} was not read", *judging)
    if "!include" in found.text:
        raise Unseen(f"{path} includes other files, which were not looked into", *judging)
    groups = ["client", "client-server", "client-mariadb", *([str(group)] if group else [])]
    try:
        options = [OptionFile(str(path), found.text, name, is_dashed=True) for name in groups]
    except ValueError as error:
        raise Unseen(f"{path} cannot be read as an option file here: {error}", *judging) from None
    keys = [
        f"ssl-{key}" for key in ("ca", "capath", "cert", "key", "cipher", "enforce", "verify-server-cert")
    ]
    return options, tuple(one.setting(key) for one in options for key in keys if one.value(key))


def _load(
    connection: Connection, ssl: dict[str, Any], judging: tuple[Setting, ...]
) -> tuple[File | Missing | None, list[str]]:
    """The CA file and what was not seen; raises `Broken` where the TLS layer cannot load a file."""
    service, unseen, ca_file = connection.service, [], None
    if ("key" in ssl) != ("cert" in ssl):
        raise Broken("a certificate without its key, or a key alone, ends every TLS handshake", *judging)
    for name, look in (
        ("ca", look_at_certificates),
        ("capath", look_at_folder),
        ("cert", look_at),
        ("key", look_at),
    ):
        if name not in ssl:
            continue
        seen = look(service, ssl[name])
        if name == "ca":
            ca_file = seen.found
        if seen.problem:
            raise Broken(
                f"ssl_{name}: {seen.problem}; no server with TLS can be reached, and one without it still gets the login",
                *judging,
            )
        if seen.unseen:
            unseen.append(seen.unseen)
    return ca_file, unseen


def _locate(
    connection: Connection, parameters: Parameters, arguments: dict[str, Any], options: list[OptionFile]
) -> tuple[Connection, bool]:
    """The connection to where it goes, and whether that is a unix socket, which ``localhost`` means here."""

    def from_file(key: str) -> str | None:
        return next((value for one in reversed(options) if (value := one.value(key))), None)

    host = arguments.get("host") or from_file("host")
    socket = arguments.get("unix_socket") or from_file("socket")
    if host in (None, "localhost"):
        return connection.to(("localhost", str(socket or _SOCKET))), True
    port = parameters.url.port or from_file("port") or 3306
    return connection.to((str(host), endpoint(str(host), port))), False
