"""Durations."""

from datetime import timedelta

import pytest

from auditor.collect.ages import read_age, say_age
from auditor.errors import UsageError


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        (" 1h ", timedelta(hours=1)),
    ],
)
def test_a_number_and_a_unit_are_a_duration(text: str, age: timedelta) -> None:
    assert read_age(text) == age


@pytest.mark.parametrize(
    "text", ["", "24", "h", "0h", "-1h", "1.5h", "1 day", "1y", "24H", "٣h", "1h30m", "9" * 40 + "w"]
)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="it is no duration; write 90m, 24h, 7d or 2w"):
        read_age(text)


def test_the_longest_duration_can_be_reckoned_with() -> None:
    assert read_age("999999w") > timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(hours=24), "24 h"),
        (timedelta(hours=48), "2 d"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
    ],
)
def test_an_age_is_said_in_its_largest_units(age: timedelta, said: str) -> None:
    assert say_age(age) == said
