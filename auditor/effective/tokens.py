"""What a value that holds tokens of the probe comes to."""

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any

from auditor.effective.parser import Written
from auditor.model import Withheld
from auditor.probe import schema, tokens
from auditor.releases import Option

_NUMBERS = frozenset(("integer", "float", "port"))

#: Kinds whose grammar in the probe is that of oslo.config's type.
_CERTAIN = _NUMBERS | {"boolean", "enum"}

#: Traits of what occurs in no number.
_NEVER_IN_NUMBERS = frozenset("aschfq")


@cache
def _schema() -> schema.Schema:
    return schema.load()


def texts(value: Any) -> Iterable[str]:
    """Return every text in a value."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple):
        return tuple(item for item in value if isinstance(item, str))
    if isinstance(value, dict):
        return tuple(item for pair in value.items() for item in pair if isinstance(item, str))
    return ()


def withheld(option: Option, value: Any) -> Withheld | None:
    """Return what is to be said instead of a value, or None where the value itself may be said.

    A URL or a list of parameters keeps its text, with tokens in place of passwords, and a list of levels its levels,
    with tokens in place of names that nobody knows.
    """
    found = [text for text in texts(value) if "REDACTED-" in text]
    if not found:
        return None
    if _schema().option(option.group, option.dest)[-1:] in (("url",), ("pairs",), ("logger",)) and not any(
        tokens.PATTERN.fullmatch(text) for text in found
    ):
        return None
    return hidden("\n".join(found))


def hidden(text: str) -> Withheld | None:
    """Return a text as withheld, None where there is no token in it.

    Where there is more than the token, the traits are the first token's and the digest is of the whole.
    """
    token = tokens.PATTERN.search(text)
    if token is None:
        return None
    if token.group(0) == text:
        return Withheld(text, token.group(1), token.group(2))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Withheld(token.group(0), token.group(1), digest[:16])


def is_surely_rejected(written: Written) -> bool:
    """Whether oslo.config rejects the value that tokens stand for in ``written``, as it rejects the tokens.

    It does where the probe withheld the value because it is not what the option's type takes: the grammars of
    `auditor.probe.grammar` agree with oslo.config's types but for references, which the probe cannot follow, and for
    numbers of more than 24 characters, in other scripts or between blanks. What continues a line is always withheld.
    """
    kind = _schema().option(written.group, written.name)
    if not tokens.PATTERN.search(written) or not kind or kind[0] not in _CERTAIN:
        return False
    if tokens.PATTERN.sub("", written).strip():
        # A plain value, then a comment or a line that continues it: that is no boolean, no number and no choice.
        return True
    whole = tokens.PATTERN.fullmatch(written)
    traits = set(whole[1]) if whole else set()
    if not traits or traits & {"d", "r"}:
        return False
    return kind[0] not in _NUMBERS or bool(traits & _NEVER_IN_NUMBERS) or not traits & {"2", "3", "n", "w"}
