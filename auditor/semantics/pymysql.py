"""What PyMySQL does with the arguments that SQLAlchemy gives it.

Source: ``pymysql.connections.Connection`` (``__init__``, ``_create_ssl_ctx``, ``_request_authentication``), 1.0.2 to
1.2.4. Before 1.2.0 it goes on in plain text, with the login, whenever the server's greeting says that it has no TLS.
"""

from dataclasses import dataclass, replace
from typing import Any

from auditor.model import File, Limit, Missing, Posture, Setting, Transport, Trust
from auditor.semantics import libraries, mysql
from auditor.semantics.certificates import look_at_certificates, look_at_client, look_at_folder, why_unseen
from auditor.semantics.ciphers import is_usable
from auditor.semantics.connection import Broken, Connection, Unseen, system_trust
from auditor.semantics.keywords import CHARSETS, PYMYSQL, PYMYSQL_LATER, words
from auditor.semantics.optionfile import OptionFile
from auditor.semantics.parameters import Parameters
from auditor.semantics.urls import endpoint

#: Keywords that text cannot be, or that PyMySQL takes only to refuse them; with ``defer_connect`` nothing is dialled,
#: and SQLAlchemy's first statement fails.
_USELESS = ("conv", "named_pipe", "compress", "defer_connect")

#: A year in seconds, the longest ``connect_timeout``.
_LONGEST = 31536000

#: What lifts the step down to plain text. What the server requires does not: it is not the server that answers.
_INSIST = (
    "Install PyMySQL 1.2.0 or newer; or use mysqlclient (`mysql://`) with `ssl-ca` and `ssl-verify-server-cert=1` in the"
    " option file of `read_default_file`. `require_secure_transport` on the server does not help."
)

#: What PyMySQL needs once; SQLAlchemy makes a tuple of what is written twice.
_SINGLE = words(
    "host user password database unix_socket port passwd db bind_address read_default_file charset"
)

#: The parameter that asks for what Nova needs: a certificate from a known authority, for the right name.
_ADD = "ssl_ca=/path/to/ca.pem"

#: Words with which other drivers ask for TLS.
_OF_OTHERS = frozenset({"ssl_mode", "sslmode", "sslrootcert", "tls"})

#: What of the configuration decides about TLS.
_TLS = (
    *mysql.SSL,
    "ssl",
    "ssl_disabled",
    "ssl_verify_cert",
    "ssl_verify_identity",
    "read_default_file",
    "read_default_group",
    "unix_socket",
)


@dataclass(frozen=True, slots=True)
class _Context:
    """The TLS context that PyMySQL makes: how well it verifies, and why."""

    posture: Posture
    trust: Trust
    reason: str
    remedy: str | None = None


@dataclass(slots=True)
class _Attempt:
    """One connection being made: the arguments, the option file beside them, and what was learnt on the way."""

    connection: Connection
    parameters: Parameters
    version: tuple[int, ...]
    arguments: dict[str, Any]
    options: OptionFile | None = None
    judging: tuple[Setting, ...] = ()
    notes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    ca_file: File | Missing | None = None
    client_certificate: str = "no"
    lost: str | None = None

    def broken(self, reason: str, *, remedy: str | None = None) -> Broken:
        return Broken(reason, *self.judging, remedy=remedy)

    def argument(self, name: str, key: str) -> Any:
        """``_config``: the argument, or else what the option file says."""
        value = self.arguments.get(name)
        return value or (self.options.value(key) if self.options else None) or value


def judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport that this URL gives with the installed PyMySQL; raises `Broken` and `Unseen`."""
    if connection.library is None:
        raise Unseen("the version of PyMySQL is not in evidence")
    attempt = _Attempt(connection, parameters, connection.library.release, mysql.keywords(parameters))
    attempt.judging = parameters.settings(*_TLS)
    _check_keywords(attempt)
    attempt.options = _read_options(attempt)
    ssl = _ssl(attempt)
    found = _over_tcp(attempt, ssl)
    socket = attempt.argument("unix_socket", "socket")
    return _over_socket(attempt, found, str(socket)) if socket else found


def _check_keywords(attempt: _Attempt) -> None:
    """The arguments that end in an exception before anything is dialled."""
    url, given = attempt.connection.url, attempt.arguments
    for name in given:
        since = PYMYSQL_LATER.get(name)
        if name not in PYMYSQL and (since is None or attempt.version < since):
            raise attempt.broken(
                f"PyMySQL has no parameter {name!r}: every connection ends in TypeError",
                # Whoever wrote the words of another driver asked for TLS: without them there would be none.
                remedy=attempt.parameters.replace((name,), _ADD)
                if name in _OF_OTHERS and not given.keys() & {"ssl", "ssl_ca", "ssl_capath"}
                else attempt.parameters.remove(name),
            )
    for name in _USELESS:
        if given.get(name):
            raise attempt.broken(f"PyMySQL does not support {name} in {url}")
    for name in _SINGLE:
        if isinstance(attempt.parameters.url.query.get(name), tuple):
            raise attempt.broken(f"{name} is given more than once for {url}, which PyMySQL cannot use")
    for name in ("connect_timeout", "read_timeout", "write_timeout"):
        if name in given and given[name] <= 0:
            raise attempt.broken(f"{name} of {url} has to be greater than 0")
    if given.get("connect_timeout", 0) > _LONGEST:
        raise attempt.broken(f"connect_timeout of {url} is longer than a year")
    if isinstance(given.get("port"), str) and not (
        given.get("read_default_file") or given.get("read_default_group")
    ):
        raise attempt.broken(f"port in the query of {url} stays text, which PyMySQL refuses")
    charset = given.get("charset", "utf8")
    # ``Charsets.by_name`` minds no case, but 1.1.0 and 1.1.1 take utf8 for utf8mb4 in small letters only.
    is_minded = str(charset).lower() == "utf8" and (1, 1) <= attempt.version < (1, 1, 2)
    named = charset if is_minded else str(charset).lower()
    if named == "utf8mb3" and attempt.version < (1, 1):
        raise attempt.broken(f"PyMySQL before 1.1.0 does not know the charset utf8mb3 of {url}")
    if named not in (*CHARSETS, "utf8", "utf8mb3") and not mysql.is_withheld(charset):
        raise attempt.broken(f"PyMySQL does not know the charset {charset} of {url}")


def _read_options(attempt: _Attempt) -> OptionFile | None:
    """The option file that PyMySQL reads beside the arguments; one that is not there is ignored."""
    parameters = attempt.parameters
    path, group = parameters.seen("read_default_file"), parameters.seen("read_default_group")
    if not path and not group:
        return None
    path, group = str(path or "/etc/my.cnf"), str(group or "client")
    is_dashed = attempt.version >= (1, 1)
    found = attempt.connection.service.files.at(path)
    if isinstance(found, Missing):
        if found.is_absent or found.status == "not-regular":
            attempt.notes += (f"{path} is no file, which PyMySQL ignores",)
            return OptionFile(path, "", group, is_dashed=is_dashed)
        if found.status == "undecodable":
            raise attempt.broken(f"{path} is not text, and every connection ends in UnicodeDecodeError")
        raise Unseen(f"the option file {path} was not seen: {why_unseen(found)}", *attempt.judging)
    if found.text is None and found.format == "my.cnf":
        raise attempt.broken(
            f"{path} does not begin with a group, and every connection ends in MissingSectionHeaderError"
        )
    if found.text is None:
        raise Unseen(f"the option file {path} was not read", *attempt.judging)
    try:
        return OptionFile(path, found.text, group, is_dashed=is_dashed)
    except ValueError as error:
        raise attempt.broken(f"PyMySQL cannot read {path}, and every connection fails: {error}") from None


def _ssl(attempt: _Attempt) -> dict[str, Any] | None:
    """The dictionary from which the TLS context is made; empty where nothing asks for TLS, None where it is disabled."""
    given, options = attempt.arguments, attempt.options
    ssl = given.get("ssl")
    if options is not None and (not ssl or isinstance(ssl, dict)):
        ssl = ssl or {}
        for key in ("ca", "capath", "cert", "key", "cipher"):
            value = None if ssl.get(key) else options.value(f"ssl-{key}")
            if value:
                ssl[key] = value
                attempt.judging += (options.setting(f"ssl-{key}"),)
    if given.get("ssl_disabled"):
        return None
    if given.get("ssl_verify_cert") or given.get("ssl_verify_identity"):
        named = bool(given.get("ssl_verify_identity"))
        mode = attempt.parameters.seen("ssl_verify_cert") or False
        if named and attempt.version >= (1, 2, 4):
            mode = "true"
        ssl = {"verify_mode": mode}
    elif ssl and not isinstance(ssl, dict):
        raise attempt.broken(
            "ssl= alone is text where PyMySQL needs a dictionary: every connection ends in AttributeError",
            remedy=attempt.parameters.replace(("ssl",), _ADD),
        )
    return ssl or {}


def _over_tcp(attempt: _Attempt, ssl: dict[str, Any] | None) -> Transport:
    connection, parameters = _locate(attempt), attempt.parameters
    version = connection.library.version if connection.library else ""
    in_configuration = Limit("configuration", str(connection.url))
    insists = libraries.is_capable(connection.service, "PyMySQL:ssl_required", attempt.version >= (1, 2))
    if ssl is None:
        return _transport(
            attempt,
            connection,
            Posture.PLAINTEXT,
            "ssl_disabled switches TLS off, whatever its value is",
            limited_by=in_configuration,
            remedy=_without(attempt, "ssl_disabled"),
        )
    if not ssl:
        reason, remedy = f"nothing in {connection.url} asks for TLS", parameters.add(_ADD)
        if insists:
            reason += f": PyMySQL {version} encrypts where the server offers it, unverified, and not where it does not"
        if "&" in (parameters.url.database or ""):
            reason += "; what follows the & is part of the database's name"
            if "&ssl_" in (parameters.url.database or "") and not parameters.own:
                remedy = f"Write `?` in place of the first `&` in `{connection.url}`."
        return _transport(
            attempt,
            connection,
            Posture.OPPORTUNISTIC if insists else Posture.PLAINTEXT,
            reason,
            when_encrypted=Posture.ENCRYPTED if insists else None,
            limited_by=in_configuration,
            remedy=remedy,
        )
    context = _context(attempt, ssl)
    if attempt.lost and insists:
        raise attempt.broken(f"{attempt.lost}, and no server has a certificate from nobody")
    if attempt.lost:
        return _transport(
            attempt,
            connection,
            Posture.PLAINTEXT,
            f"{attempt.lost}: no server with TLS can be reached, and one without it gets the login",
            limited_by=in_configuration,
            remedy=f"Correct `ssl_capath` of `{connection.url}`.",
        )
    if insists:
        return _transport(
            attempt,
            connection,
            context.posture,
            context.reason,
            limited_by=None if context.posture is Posture.VERIFIED_FULL else in_configuration,
            trust=context.trust,
            remedy=context.remedy,
        )
    return _transport(
        attempt,
        connection,
        Posture.OPPORTUNISTIC,
        f"PyMySQL {version} goes on in plain text, with the login, when the server says that it has no TLS,"
        f" whatever require_secure_transport says on the real one; otherwise {context.reason}",
        when_encrypted=context.posture,
        limited_by=Limit("library", "PyMySQL", version, "1.2.0"),
        trust=context.trust,
        remedy=context.remedy or _INSIST,
    )


def _context(attempt: _Attempt, ssl: dict[str, Any]) -> _Context:
    """``_create_ssl_ctx``, with the files that it loads."""
    connection = attempt.connection
    _load_files(attempt, ssl)
    ca, folder, mode = ssl.get("ca"), ssl.get("capath"), ssl.get("verify_mode")
    if mode is not None:
        written = tuple(
            name for name in ("ssl_verify_cert", "ssl_verify_identity") if attempt.arguments.get(name)
        )
        names, remedy = " and ".join(written), _without(attempt, *written)
        if _demands_certificate(mode):
            return _Context(
                Posture.VERIFIED_CA,
                system_trust(connection.service),
                f"{names} makes PyMySQL ignore ssl_ca and accept any certificate of the system's authorities for any name",
                remedy,
            )
        return _Context(
            Posture.ENCRYPTED,
            Trust("none"),
            f"{names} makes PyMySQL ignore ssl_ca and verify nothing",
            remedy,
        )
    if ca is None and folder is None:
        return _Context(
            Posture.ENCRYPTED,
            Trust("none"),
            "without ssl_ca, any certificate is accepted",
            attempt.parameters.add(_ADD),
        )
    trust = Trust("file", ca or folder)
    if ssl.get("check_hostname", True):
        return _Context(
            Posture.VERIFIED_FULL, trust, f"the server needs a certificate from {trust.path} for its own name"
        )
    return _Context(
        Posture.VERIFIED_CA,
        trust,
        f"any certificate from {trust.path} is accepted for any name: ssl_check_hostname is off",
        attempt.parameters.remove("ssl_check_hostname"),
    )


def _without(attempt: _Attempt, *names: str) -> str:
    """The change that takes parameters away, with ``ssl_ca`` in their place where none is written."""
    has_ca = any(setting.name == "ssl-ca" for setting in attempt.judging)
    if has_ca or "ssl_ca" in attempt.parameters.url.query:
        return attempt.parameters.remove(*names)
    return attempt.parameters.replace(names, _ADD)


def _demands_certificate(mode: str | tuple[str, ...] | bool) -> bool:
    """Whether a ``verify_mode`` verifies; what PyMySQL does not understand does not, as it knows no CA here."""
    return isinstance(mode, str) and mode.lower() in ("optional", "required", "1", "true", "yes")


def _load_files(attempt: _Attempt, ssl: dict[str, Any]) -> None:
    service, query = attempt.connection.service, attempt.parameters.url.query
    unused = {"capath"} if "ca" in ssl else set()
    unused |= set() if "cert" in ssl else {"key"}
    for name in ssl.keys() - unused - {"check_hostname"}:
        if isinstance(query.get(f"ssl_{name}"), tuple):
            raise attempt.broken(
                f"ssl_{name} is given more than once for {attempt.connection.url}, by its query or"
                " connection_parameters, and SQLAlchemy makes one nonsensical text of it",
                remedy=f"Write `ssl_{name}` once for `{attempt.connection.url}`.",
            )
    if "cipher" in ssl and not is_usable(ssl["cipher"]):
        raise attempt.broken(
            f"OpenSSL has no cipher {ssl['cipher']} (those of TLS 1.3 cannot be chosen so), and every connection fails",
            remedy=attempt.parameters.remove("ssl_cipher"),
        )
    loaded = []
    if "ca" in ssl:
        loaded.append(("ssl_ca", look_at_certificates(service, ssl["ca"])))
        attempt.ca_file = loaded[0][1].found
    if "capath" in ssl and "ca" not in ssl:
        # OpenSSL looks into it when it verifies a certificate: one that is not there holds no authority.
        folder = look_at_folder(service, ssl["capath"])
        attempt.lost = folder.problem and f"ssl_capath: {folder.problem}"
        attempt.unseen += (folder.unseen,) if folder.unseen else ()
    if "cert" in ssl:
        attempt.client_certificate = "yes"
        loaded += [("ssl_cert", seen) for seen in look_at_client(service, ssl["cert"], ssl.get("key"))]
    for name, seen in loaded:
        if seen.problem:
            raise attempt.broken(
                f"{name}: {seen.problem}; every connection fails, and oslo.db does not try again",
                remedy=f"Correct `{name}` of `{attempt.connection.url}`.",
            )
        if seen.unseen:
            attempt.unseen += (seen.unseen,)


def _locate(attempt: _Attempt) -> Connection:
    """The connection to where it really goes: the query and the option file may name host and port too."""
    connection, port = attempt.connection, attempt.argument("port", "port") or 3306
    host = str(attempt.argument("host", "host") or "localhost")
    if "@" in host:
        raise attempt.broken(
            f"an @ in the password of {connection.url} that is not written %40 shifts the host"
        )
    try:
        place = endpoint(host, int(port))
    except ValueError:
        raise attempt.broken(f"the port of {connection.url} is no number") from None
    user = attempt.argument("user", "user")
    return connection.to((host, place), user=str(user) if user else None)


def _over_socket(attempt: _Attempt, found: Transport, path: str) -> Transport:
    reason = f"a unix socket of this host, {path}"
    if found.trust.kind != "none":
        host = attempt.parameters.url.host or "localhost"
        reason += f"; PyMySQL negotiates TLS there too, and the certificate has to be for {host}"
    return replace(
        found,
        posture=Posture.LOCAL,
        reason=reason,
        endpoints=(path,),
        limited_by=None,
        remedy=None,
        is_loopback=True,
    )


def _transport(
    attempt: _Attempt, connection: Connection, posture: Posture, reason: str, **more: Any
) -> Transport:
    return connection.transport(
        posture,
        "; ".join((reason, *attempt.notes)),
        client_certificate=attempt.client_certificate,
        judging=attempt.judging,
        undecided="; ".join(attempt.unseen) or None,
        ca_file=attempt.ca_file,
        **more,
    )
