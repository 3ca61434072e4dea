"""The grammar of tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.probe import tokens

SALT = b"salt"


def traits(value: str, **known: str) -> str:
    parsed = tokens.parse(tokens.make(value, SALT, **known))
    assert parsed is not None
    return parsed[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "e"),
        ("guest", "k0"),
        ("changeme", "p1"),
        ("password", "p1"),
        ("Secret", "p0"),
        ("NOVA_PASS", "p1"),
        ("RABBIT_PASS", "p1"),
        ("{{ rabbit_password }}", "p2w"),
        ("kR7#tw@x", "1ah"),
        ("0123456789abcdef", "2"),
        ("0123456789abcdef0123456789abcdef", "3"),
        ("a/b,c", "0sc"),
        ("pa$word", "0d"),
        ("two words", "1w"),
        ("it's", "0q"),
        ("pässwort", "1n"),
    ],
)
def test_a_token_tells_what_a_check_may_need(value: str, expected: str) -> None:
    assert traits(value) == expected


def test_what_occurs_is_read_in_the_text_as_written() -> None:
    assert traits("p/w", written="p%2Fw") == "0f"


def test_references_come_between_the_dollar_and_the_rest() -> None:
    assert traits("$a@$b", references="ru") == "0dura"


def test_equal_values_are_equal_under_one_salt_only() -> None:
    assert tokens.make("tr0ub4dor", b"a") == tokens.make("tr0ub4dor", b"a")
    assert tokens.make("tr0ub4dor", b"a") != tokens.make("tr0ub4dor", b"b")
    assert tokens.make("tr0ub4dor", b"a") != tokens.make("tr0ub4dox", b"a")


@settings(deadline=None)
@given(st.text())
def test_a_token_has_only_characters_that_survive_everywhere(value: str) -> None:
    token = tokens.make(value, SALT)

    assert tokens.parse(token) is not None
    assert token.replace("-", "").isalnum()
    assert token.isascii()


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_token_is_found_inside_a_text(before: str, after: str) -> None:
    assert tokens.occurs(f"{before}{tokens.make('x', SALT)}{after}")


def test_half_a_token_is_none() -> None:
    token = tokens.make("x", SALT)

    assert tokens.parse(token[:-1]) is None
    assert tokens.parse(token + "0") is None
    assert not tokens.occurs("REDACTED-1")
