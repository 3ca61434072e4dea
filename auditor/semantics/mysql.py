"""How SQLAlchemy turns the URL of a MySQL database into the arguments of its driver.

Source: ``sqlalchemy.dialects.mysql.mysqldb.MySQLDialect_mysqldb.create_connect_args``, which PyMySQL and mysqlclient
share, 1.4 to 2.1.
"""

from collections.abc import Callable
from typing import Any

from auditor.semantics import libraries
from auditor.semantics.connection import Broken, withheld
from auditor.semantics.parameters import Parameters

#: The parameters that become the dictionary ``ssl``, replacing any ``ssl`` of the URL.
SSL = ("ssl_ca", "ssl_key", "ssl_cert", "ssl_capath", "ssl_cipher", "ssl_check_hostname")

#: The plug-ins of authentication by which a server without TLS asks either driver for the password itself, and is told
#: (``_process_auth`` of PyMySQL 1.0.2 to 1.2.4, Connector/C 3.3; `tests/conformance/truth/pools`): the first as it is, the
#: others under a key of the asker's. A login in the clear is therefore worth as much as the password to whoever answers.
SURRENDERED_TO = ("mysql_clear_password", "sha256_password", "caching_sha2_password")

_TRUE = ("true", "yes", "on", "y", "t", "1")
_FALSE = ("false", "no", "off", "n", "f", "0")


def _boolean(value: Any) -> bool:
    """``sqlalchemy.util.asbool``."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word not in _TRUE + _FALSE:
            raise ValueError(f"String is not true/false: {word!r}")
        return word in _TRUE
    return bool(value)


_KINDS: dict[str, Callable[[Any], Any]] = {
    "compress": _boolean,
    "connect_timeout": int,
    "read_timeout": int,
    "write_timeout": int,
    "client_flag": int,
    "use_unicode": _boolean,
    "local_infile": _boolean,
    "charset": str,
    "ssl_ca": str,
    "ssl_key": str,
    "ssl_cert": str,
    "ssl_capath": str,
    "ssl_cipher": str,
    "ssl_check_hostname": _boolean,
}


#: What has to be a number: had it been one, it would not have stayed on its host.
_NUMBERS = ("connect_timeout", "read_timeout", "write_timeout", "client_flag")


def is_withheld(value: Any) -> bool:
    """True for a parameter whose value stayed on its host."""
    return isinstance(value, str) and withheld(value) is not None


def _is_no_number(name: str, value: Any) -> bool:
    """True for what stayed on its host where a number, without blanks, would have left it."""
    found = withheld(value) if name in _NUMBERS and isinstance(value, str) else None
    return found is not None and "w" not in found.traits


def keywords(parameters: Parameters) -> dict[str, Any]:
    """The keyword arguments for the driver: texts, tuples of texts for what is repeated, and the dictionary ``ssl``.

    Values that stayed on their host are tokens, but for those that decide about TLS. Raises `Unseen` for these, and
    `Broken` where SQLAlchemy refuses a value.
    """
    url = parameters.url
    login = (("host", url.host), ("database", url.database), ("user", url.user), ("port", url.port))
    found: dict[str, Any] = {name: value for name, value in login if value}
    found.update(url.query)
    is_old = libraries.required(parameters.connection.service, "SQLAlchemy").release < (2,)
    for name, convert in _KINDS.items():
        if name not in found:
            continue
        if _is_no_number(name, found[name]):
            raise Broken(f"{name} of {parameters.connection.url} is no number", *parameters.settings(name))
        if name in SSL:
            parameters.seen(name)
        elif is_withheld(found[name]):
            del found[name]
            continue
        # True and false are words for it since SQLAlchemy 2.0.
        is_number = name == "local_infile" and is_old
        try:
            found[name] = int(found[name]) if is_number else convert(found[name])
        except (ValueError, TypeError) as error:
            raise Broken(
                f"SQLAlchemy cannot convert {name} of {parameters.connection.url}: {error}",
                *parameters.settings(name),
            ) from None
    ssl = {name.removeprefix("ssl_"): found.pop(name) for name in SSL if name in found}
    if ssl:
        found["ssl"] = ssl
    return found
