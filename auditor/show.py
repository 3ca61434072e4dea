"""The records of `nova-auditor show`: what one service's configuration comes to, as JSON values."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.model import Origin, Setting, Settings, Withheld


def show(
    settings: Settings, group: str | None = None, option: str | None = None, *, everything: bool = False
) -> Iterator[Mapping[str, Any]]:
    """Yield the settings that are written somewhere, or ``everything`` with the defaults.

    ``group`` and ``option`` select, without regard to case and to ``-`` for ``_``, so that a misspelt name that has no
    effect shows beside the one that was meant. A record is ``{"group", "name", "value", "error", "origin",
    "written_as", "default", "unknown"}``; ``origin`` is ``{"kind", "path", "line"}``.
    """
    for setting in settings.effective() if everything else settings.written():
        if _is(group, setting.group) and _is(option, setting.name):
            yield record(setting)


def record(setting: Setting) -> Mapping[str, Any]:
    """Return one setting as a JSON value; what was withheld shows as ``(withheld)``."""
    return {
        "group": setting.group,
        "name": setting.name,
        "value": None if setting.error is not None else _plain(setting.resolved),
        "error": setting.error,
        "origin": _origin(setting.origin),
        "written_as": setting.written_as,
        "default": _plain(setting.default),
        "unknown": setting.unknown,
    }


def _is(wanted: str | None, name: str) -> bool:
    return wanted is None or wanted.lower().replace("-", "_") == name.lower().replace("-", "_")


def _origin(origin: Origin) -> Mapping[str, Any]:
    return {"kind": str(origin.kind), "path": origin.path, "line": origin.line}


def _plain(value: Any) -> Any:
    if isinstance(value, Withheld):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        # JSON has no such numbers.
        return str(value)
    return value
