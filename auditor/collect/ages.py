"""How old evidence may be, as operators write it and as we say it: ``90m``, ``24h``, ``7d``."""

import re
from datetime import timedelta

from auditor.errors import UsageError

_WRITTEN = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_age(text: str) -> timedelta:
    """Read a duration: a whole number and a unit, of minutes, hours, days or weeks.

    Raises:
        UsageError: it is none; the text shows some.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--max-age {text}: it is no duration; write 90m, 24h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def say_age(age: timedelta) -> str:
    """Say a duration in its two largest units: ``3 d 4 h``, ``24 h``, ``5 min``."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    hours, minutes = divmod(minutes, 60)
    days, rest = divmod(hours, 24)
    # A day reads better as 24 h, and two days as 2 d.
    parts = ((days, "d"), (rest, "h")) if days > 1 else ((hours, "h"), (minutes, "min"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
