"""URLs in canonical form: the password and the values of unknown query keys become tokens, the rest stays.

Canonical is narrower than what oslo.messaging, SQLAlchemy and urllib accept, so that one reading is possible: reserved
characters of a password are percent-encoded, ``@`` stands once per host. A URL in any other form
(a password with ``@ / , # ?``, say, whose parts a parser takes for hosts, ports or paths) is withheld as a whole.
"""

import re
from typing import TYPE_CHECKING, Callable, Optional
from urllib.parse import unquote, unquote_plus

from . import grammar, tokens
from .schema import Kind

if TYPE_CHECKING:
    from .schema import Schema

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,31})://(?P<hosts>[^/?#]*)(?P<path>/[^?#&]*)?(?P<stray>&[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#(?P<rest>[^@]+))?"
)
_USER = re.compile(r"(?:[A-Za-z0-9._~+-]|%[0-9A-Fa-f]{2}){0,64}")
_PASSWORD = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=:{}\\-]|%[0-9A-Fa-f]{2})*")
_HOST = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}(?:%(?:25)?[A-Za-z0-9_.-]{1,16})?\]|\*)?(?::[0-9]{0,5})?"
)
# %(project_id)s and $(tenant_id)s are the placeholders of Keystone's catalogue (cinder's endpoint_template).
_PATH = re.compile(r"(?:/|[A-Za-z0-9._~+:-]|%2[Ff]|[%$]\((?:project|tenant)_id\)s)*")
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_VALUE = re.compile(r"(?:[A-Za-z0-9_.~/:+,=!*-]|%[0-9A-Fa-f]{2})*")


def redact(value: str, schema: "Schema", salt: bytes, section: Optional[str]) -> Optional[str]:
    """Return a URL without its secrets, or None where it is not in canonical form.

    The value is one URL, for oslo.messaging with several hosts. References in it look for their option in ``section``
    first.
    """
    match = _URL.fullmatch(value) if len(value) <= 8192 else None
    if match is None or not value.isprintable():
        return None

    def known(text: str) -> Optional[str]:
        return grammar.without_references(text, lambda key: schema.refers(key, section))

    hosts = _hosts(match.group("hosts"), match.group("scheme").lower(), schema, salt, section, known)
    path = known(match.group("path") or "")
    # Parameters after an "&" belong to the database's name, what follows a "#" to nobody: mistakes that stay visible. A
    # "#" without credentials before it may stand in a password.
    stray = _marked("&", match.group("stray") and match.group("stray")[1:], schema, salt, section)
    query = _marked("?", match.group("query"), schema, salt, section)
    rest = match.group("rest")
    if hosts is None or stray is None or query is None or path is None or not _PATH.fullmatch(path):
        return None
    if rest is not None and "@" not in hosts:
        return None
    end = "" if rest is None else "#" + tokens.make(rest, salt)
    return "".join((match.group("scheme"), "://", hosts, match.group("path") or "", stray, query, end))


def _marked(
    mark: str, text: Optional[str], schema: "Schema", salt: bytes, section: Optional[str]
) -> Optional[str]:
    if text is None:
        return ""
    left = pairs(text, schema, salt, section)
    return None if left is None else mark + left


def _hosts(
    text: str,
    scheme: str,
    schema: "Schema",
    salt: bytes,
    section: Optional[str],
    known: Callable[[str], Optional[str]],
) -> Optional[str]:
    done = []
    has_userinfo = True
    for part in text.split(","):
        userinfo, at, host = part.rpartition("@")
        # A host with credentials after one without may be the rest of a password with a comma.
        if at and not has_userinfo:
            return None
        has_userinfo = bool(at)
        plain = known(host)
        if plain is None or not _HOST.fullmatch(plain):
            return None
        user, colon, password = userinfo.partition(":")
        if not _USER.fullmatch(user) or not _PASSWORD.fullmatch(password):
            return None
        if at and not colon and scheme in ("http", "https"):
            return None  # a token in place of a user, as code hosts and error trackers have it
        if colon:
            password = tokens.make(unquote(password), salt, password, schema.references(password, section))
        done.append(user + colon + password + at + host)
    return ",".join(done)


def pairs(text: str, schema: "Schema", salt: bytes, section: Optional[str]) -> Optional[str]:
    """Return ``key=value&key=value`` without the values of unknown keys, or None where it has another form."""
    done = []
    for part in text.split("&") if len(text) <= 8192 else ["@"]:
        key, equals, value = part.partition("=")
        if not part:
            done.append("")
            continue
        kind = schema.query(key.lstrip("?"))
        if not _KEY.fullmatch(key.lstrip("?")) or (not equals and not kind) or "@" in value or "#" in value:
            return None
        done.append(key + equals + _value(value, kind, schema, salt, section))
    return "&".join(done)


def _value(value: str, kind: Kind, schema: "Schema", salt: bytes, section: Optional[str]) -> str:
    if kind and (
        schema.is_reference(value, section)
        or (_VALUE.fullmatch(value) and grammar.fits(unquote_plus(value), kind))
    ):
        return value
    return (
        tokens.make(unquote_plus(value), salt, value, schema.references(value, section)) if value else value
    )
