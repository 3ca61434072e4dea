"""What PyMySQL does with the arguments that SQLAlchemy gives it.

Source: ``pymysql.connections.Connection`` (``__init__``, ``_create_ssl_ctx``, ``_request_authentication``), 1.0.2 to
1.2.4. Before 1.2.0 it goes on in plain text, with the login, whenever the server's greeting says that it has no TLS.
"""

from dataclasses import dataclass, field
from typing import Any

from auditor.model import File, Library, Limit, Missing, Posture, Setting, Transport, Trust
from auditor.probe import tokens
from auditor.semantics import libraries, mysql
from auditor.semantics.certificates import look_at, look_at_certificates, look_at_folder
from auditor.semantics.connection import Broken, Connection, Unseen, system_trust
from auditor.semantics.optionfile import OptionFile
from auditor.semantics.parameters import Parameters
from auditor.semantics.urls import endpoint

_KEYWORDS = frozenset(
    "user password host database unix_socket port charset sql_mode read_default_file conv use_unicode client_flag"
    " cursorclass init_command connect_timeout read_default_group autocommit local_infile max_allowed_packet"
    " defer_connect auth_plugin_map read_timeout write_timeout bind_address binary_prefix program_name"
    " server_public_key ssl ssl_ca ssl_cert ssl_disabled ssl_key ssl_verify_cert ssl_verify_identity compress"
    " named_pipe passwd db".split()
)

#: Keywords that came later, with the first version that has them.
_LATER = {"collation": (1, 1), "ssl_key_password": (1, 1, 1)}

#: What of the configuration decides about TLS.
_TLS = (*mysql.SSL, "ssl", "ssl_disabled", "ssl_verify_cert", "ssl_verify_identity", "read_default_file")
_TLS_AND_MORE = (*_TLS, "read_default_group", "unix_socket")


@dataclass(frozen=True, slots=True)
class _Context:
    """The TLS context that PyMySQL makes: who is trusted, and whether the name is checked."""

    posture: Posture
    trust: Trust
    reason: str
    remedy: str | None = None
    client_certificate: str = "no"
    ca_file: File | Missing | None = None
    unseen: tuple[str, ...] = ()


@dataclass(slots=True)
class _Attempt:
    """One connection being made: the arguments, and the option file beside them."""

    connection: Connection
    parameters: Parameters
    library: Library | None
    arguments: dict[str, Any]
    options: OptionFile | None = None
    judging: list[Setting] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def argument(self, name: str, key: str) -> Any:
        """``_config``: the argument, or else what the option file says."""
        value = self.arguments.get(name)
        if value or self.options is None:
            return value
        return self.options.value(key) or value


def judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport that this URL gives with the installed PyMySQL; raises `Broken` and `Unseen`."""
    version = connection.library.release if connection.library else (1, 2, 4)
    sqlalchemy = libraries.required(connection.service, "SQLAlchemy").release
    arguments = mysql.keywords(parameters, local_infile=_boolean_or_int(sqlalchemy))
    _check_keywords(connection, parameters, arguments, version)
    attempt = _Attempt(connection, parameters, connection.library, arguments)
    attempt.judging.extend(parameters.settings(*_TLS_AND_MORE))
    attempt.options = _read_options(attempt, version)
    ssl = _ssl_argument(attempt)
    located = _locate(attempt)
    socket = attempt.argument("unix_socket", "socket")
    found = _transport(attempt, located, ssl, version)
    if not socket:
        return found
    reason = "a unix socket of this host"
    if ssl:
        reason += f"; PyMySQL negotiates TLS there too, and checks the name of {parameters.url.host or 'localhost'}"
    return connection.to(("localhost", str(socket))).transport(
        Posture.LOCAL,
        reason,
        when_encrypted=found.when_encrypted,
        trust=found.trust,
        client_certificate=found.client_certificate,
        judging=found.judging,
        undecided=found.undecided,
        ca_file=found.ca_file,
    )
