"""Redaction of oslo.policy's files: rule names and the checks that everybody has stay, other words become tokens."""

import re
from typing import TYPE_CHECKING, FrozenSet, Optional

from . import ini

if TYPE_CHECKING:
    from .redact import Redactor

_RULE = re.compile(r"""\s*(["']?)([A-Za-z0-9_.:*-]{1,128})\1\s*:(?:\s+|(?=["']))(.*)""")
_WORD = re.compile(r"(?:%\([^()\s]*\)s|[^\s()])+")

_CHECKS = re.compile(
    r"@|!|and|or|not|True|False"
    r"|role:(?:admin|member|reader|manager|service|_member_|cloud_admin|project_admin)"
    r"|is_admin(?:_project)?:(?:True|False|[01])"
    r"|(?:project_id|tenant|user_id|domain_id|user|project):%\((?:target\.)?[a-z_.]{1,40}\)s"
    r"|system_scope:all|None:%\([a-z_.]{1,40}\)s",
    re.IGNORECASE,
)

#: nova's own base rules (nova/policies/base.py), to which overrides refer.
_BASE = frozenset(
    (
        "context_is_admin admin_or_owner admin_api admin_required project_member_api project_reader_api project_admin_api "
        "project_manager_api project_member_or_admin project_reader_or_admin project_manager_or_admin system_admin_api "
        "system_reader_api system_admin_or_owner system_or_project_reader service_api service_or_admin default owner"
    ).split()
)


def redact(text: str, redactor: "Redactor") -> Optional[str]:
    """Return a policy file without what must not leave, line by line, or None where it is none."""
    lines = [raw.rstrip() for raw in ini.split(text)]
    meaningful = [
        raw
        for raw in lines
        if raw.strip() not in ("", "{", "}", "{}", "---") and not raw.lstrip().startswith("#")
    ]
    if meaningful and not _RULE.fullmatch(meaningful[0]):
        return None
    names = _BASE | {match.group(2) for match in map(_RULE.fullmatch, meaningful) if match}
    return "\n".join(_line(raw, names, redactor) for raw in lines)


def _line(raw: str, names: FrozenSet[str], redactor: "Redactor") -> str:
    bare = raw.strip()
    if bare in ("", "{", "}", "{}", "---"):
        return bare
    if bare.startswith("#"):
        return "#"
    match = _RULE.fullmatch(raw)
    if not match:
        return "# " + redactor.whole(bare)
    value = match.group(3)
    comma = "," * value.endswith(",")
    value = value[: len(value) - len(comma)].strip().strip("\"'")
    kept = _WORD.sub(lambda found: _check(found.group(0), names, redactor), value)
    return '"{}": "{}"{}'.format(match.group(2), kept, comma)


def _check(word: str, names: FrozenSet[str], redactor: "Redactor") -> str:
    if _CHECKS.fullmatch(word):
        return word
    kind, _, name = word.partition(":")
    return word if kind == "rule" and name in names else redactor.whole(word)
