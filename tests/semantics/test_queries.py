"""The types of options in a URL's query: what ``oslo_config.types`` 9.0 and 10.7 answered, as literals."""

from typing import Any

import pytest

from auditor.semantics.queries import convert

BOOLEAN = {"kind": "boolean"}
DELAY = {"kind": "float", "min": 0.0, "max": 4.5}
COUNT = {"kind": "integer", "min": 1}
LOGIN = {"kind": "string", "choices": ["PLAIN", "AMQPLAIN"]}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (BOOLEAN, "true", True),
        (BOOLEAN, "On", True),
        (BOOLEAN, "YES", True),
        (BOOLEAN, "1", True),
        (BOOLEAN, "False", False),
        (BOOLEAN, "off", False),
        (BOOLEAN, "no", False),
        (BOOLEAN, "0", False),
        (COUNT, " 5 ", 5),
        (COUNT, "1_000", 1000),
        (COUNT, "  ", None),
        (DELAY, "1", 1.0),
        (DELAY, "1e-1", 0.1),
        (LOGIN, "PLAIN", "PLAIN"),
        ({"kind": "string"}, " any thing ", " any thing "),
    ],
)
def test_a_value_of_its_type_is_converted(kind: dict[str, Any], text: str, value: object) -> None:
    found = convert(kind, text)

    assert found == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BOOLEAN, ""),
        (BOOLEAN, " true "),
        (BOOLEAN, "t"),
        (BOOLEAN, "y"),
        (BOOLEAN, "enabled"),
        (BOOLEAN, "1,0"),
        (COUNT, "5.0"),
        (COUNT, "0x10"),
        (COUNT, "ten"),
        (COUNT, "0"),
        (DELAY, "5"),
        (DELAY, "-0.1"),
        (DELAY, "1s"),
        (LOGIN, "plain"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=r"boolean|invalid literal|could not convert|should be|Valid values"):
        convert(kind, text)
