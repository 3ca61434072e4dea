"""Tokens stand for what stays on its host: the one home of their grammar, written by `redact`, read by `auditor.effective`.

A token is ``REDACTED-<traits>-<16 hex>``. It holds only ``[A-Za-z0-9-]``, so it survives inside URLs, lists, quotes and
oslo.config's substitution. Traits are single letters, in this order:

- ``e`` the value is empty; ``k`` it is a default that a library or template ships; ``p`` it is a placeholder word;
- the length class, unless empty: ``0`` 1 to 7 characters, ``1`` 8 to 15, ``2`` 16 to 31, ``3`` 32 and more;
- what occurs: ``d`` a ``$``, ``u`` a reference to a name that no release knows (oslo.config raises NoSuchOptError),
  ``r`` a reference to a known option, ``a`` ``@``, ``s`` ``/``, ``c`` ``,``, ``h`` ``#``, ``f`` ``%2F``, ``w`` white
  space, ``q`` a quote, ``n`` anything outside of ASCII.

The digest is the first 16 hex digits of HMAC-SHA256 of the value (UTF-8) under the run's salt: equal values have equal
digests under one salt, and without the salt nothing follows from them.
"""

import hashlib
import hmac
import re
from typing import Optional, Tuple

PATTERN = re.compile(r"REDACTED-([a-z0-9]+)-([0-9a-f]{16})")

#: Shipped as defaults: RabbitMQ's guest, oslo.messaging's and templates' own.
KNOWN = frozenset(("guest", "rabbit", "openstack", "nova", "placement", "postgres", "root", "admin", "stack"))

#: What manuals and templates write where a password belongs (openstack-manuals install guides, devstack, puppet, charms).
PLACEHOLDERS = frozenset(
    (
        "password passw0rd passwd pass secret secrete secretadmin secretmysql secretrabbit secretservice changeme "
        "change-me change_me change_it changeit replaceme replace_me example test test123 testing demo default nomoresecret "
        "supersecret letmein qwerty 123456 12345678 password1 password123 none null todo fixme xxx xxxx xxxxx xxxxxx "
        "redacted <password> <none> <service password> ****  *** a_big_secret"
    ).split()
)

# NOVA_PASS, RABBIT_PASS, {{ password }}, <nova password>, %NOVA_PASSWORD%, @PASSWORD@: names where values belong.
_TEMPLATE = re.compile(
    r"[A-Z][A-Z0-9]*_(?:DB)?(?:PASS|PASSWORD|SECRET|PW)|(?:DB)?PASS(?:WORD)?|\{\{.*\}\}|<.*>|%[A-Z_]+%|@[A-Z_]+@|x{3,}|\*{3,}",
    re.S,
)

_OCCURRING = (("a", "@"), ("s", "/"), ("c", ","), ("h", "#"))


def make(value: str, salt: bytes, written: Optional[str] = None, references: str = "") -> str:
    """Return the token of a value.

    Args:
        value: text as the service will use it; the digest, the length and the words are its own.
        salt: bytes.
        written: the text as it stands in the file where that differs (percent-encoded); what occurs is its own.
        references: ``u`` and ``r`` as they apply.
    """
    written = value if written is None else written
    traits = ["e" if not value else ""]
    if value:
        traits.append("k" if value in KNOWN else "")
        traits.append("p" if value.lower() in PLACEHOLDERS or _TEMPLATE.fullmatch(value) else "")
        traits.append("0" if len(value) < 8 else "1" if len(value) < 16 else "2" if len(value) < 32 else "3")
    traits.append("d" if "$" in written else "")
    traits.extend(letter for letter in "ur" if letter in references)
    traits.extend(letter for letter, character in _OCCURRING if character in written)
    traits.append("f" if "%2f" in written.lower() else "")
    traits.append("w" if any(character.isspace() for character in written) else "")
    traits.append("q" if "'" in written or '"' in written else "")
    traits.append("n" if any(ord(character) > 127 for character in written) else "")
    digest = hmac.new(salt, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]
    return "REDACTED-{}-{}".format("".join(traits), digest)


def parse(text: str) -> Optional[Tuple[str, str]]:
    """Return (traits, digest) where the whole text is one token, else None."""
    match = PATTERN.fullmatch(text)
    return match and (match.group(1), match.group(2))


def occurs(text: str) -> bool:
    """Return whether a token stands anywhere in the text."""
    return PATTERN.search(text) is not None
