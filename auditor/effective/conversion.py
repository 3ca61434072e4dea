"""Turns the types of `auditor.releases` into oslo.config's own type objects."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from oslo_config import types

#: What oslo.config calls with a text to get a value; raises ValueError where it rejects it.
Conversion = Callable[[Any], Any]


def conversion(described: Mapping[str, Any]) -> Conversion:
    """Return the type that ``described`` (see `auditor.releases.Option.type`) stands for."""
    return _CONVERSIONS[described["kind"]](described)


def _given(described: Mapping[str, Any], *names: str) -> dict[str, Any]:
    # oslo.config of the lower bound of our range does not know every keyword: pass what the option really has.
    return {name: described[name] for name in names if name in described}


def _string(described: Mapping[str, Any]) -> Conversion:
    given = _given(described, "choices", "quotes", "ignore_case", "max_length")
    if "regex" in described:
        given["regex"] = re.compile(described["regex"], described.get("flags", 0))
    return types.String(**given)


def _list(described: Mapping[str, Any]) -> Conversion:
    return types.List(conversion(described["item"]), **_given(described, "bounds", "min_length"))  # type: ignore[arg-type]


def _dict(described: Mapping[str, Any]) -> Conversion:
    given = _given(described, "bounds", "min_length")
    if "separator" in described:
        given["key_value_separator"] = described["separator"]
    return types.Dict(conversion(described["value"]), **given)  # type: ignore[arg-type]


def _capability(described: Mapping[str, Any]) -> Conversion:
    names: Mapping[str, int] = described["names"]

    def capability(value: Any) -> int:
        """As oslo_privsep.priv_context.CapNameOrInt."""
        text = str(value).strip()
        return names[text] if text in names else int(text)

    return capability


def _ignored(_: Mapping[str, Any]) -> Conversion:
    # nova.conf.utils._dummy_opt: whatever is written, code sees None.
    return lambda _: None


_CONVERSIONS: Mapping[str, Callable[[Mapping[str, Any]], Conversion]] = {
    "string": _string,
    "boolean": lambda _: types.Boolean(),
    "integer": lambda described: types.Integer(**_given(described, "min", "max", "choices")),
    "float": lambda described: types.Float(**_given(described, "min", "max")),
    "port": lambda described: types.Port(**_given(described, "min", "max", "choices")),
    "list": _list,
    "dict": _dict,
    "range": lambda described: types.Range(**_given(described, "min", "max", "inclusive")),
    "ip": lambda described: types.IPAddress(**_given(described, "version")),
    "hostname": lambda _: types.Hostname(),
    "host": lambda described: types.HostAddress(**_given(described, "version")),
    "hostdomain": lambda described: types.HostDomain(**_given(described, "version")),
    "uri": lambda described: types.URI(**_given(described, "max_length", "schemes")),
    "capability": _capability,
    "ignored": _ignored,
    "python:str": lambda _: str,
    "python:int": lambda _: int,
    "python:float": lambda _: float,
}
