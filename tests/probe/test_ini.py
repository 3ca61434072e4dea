"""The lines of an INI file."""

import pytest

from auditor.probe import ini


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("[a]\nb = c\n  d\n", "section option continuation blank"),
        ("[a]\nb = c\n\n  d\n", "section option blank unparsable blank"),
        ("[a]\nb = c\n# x\n  d\n", "section option comment unparsable blank"),
        ("[a]\n  d", "section unparsable"),
        ("[a]\nb\n  d", "section unparsable unparsable"),
        ("[a", "unparsable"),
        ("[a] # b", "unparsable"),
        ("= b", "unparsable"),
        ("[a]\n\xa0b = c", "section option"),
    ],
)
def test_each_line_has_its_kind(text: str, kinds: str) -> None:
    assert [line.kind for line in ini.read(text)] == kinds.split()


def test_lines_end_where_text_mode_ends_them() -> None:
    assert ini.split("a\nb\r\nc\rd\x0be\x85f\u2028g") == ["a", "b", "c", "d\x0be\x85f\u2028g"]


def test_the_first_delimiter_divides() -> None:
    colon, equals = ini.read("a: b = c\nd = e : f")

    assert (colon.name, colon.delimiter, colon.value) == ("a", ":", "b = c")
    assert (equals.name, equals.delimiter, equals.value) == ("d", "=", "e : f")


@pytest.mark.parametrize(
    ("written", "quote", "value"), [("'a'", "'", "a"), ("\"a'", "", "\"a'"), ('"', '"', ""), ("''", "'", "")]
)
def test_one_pair_of_quotes_is_taken_off(written: str, quote: str, value: str) -> None:
    (line,) = ini.read(f"x = {written}")

    assert (line.quote, line.value) == (quote, value)


def test_assignments_join_their_lines() -> None:
    text = "[a]\nb = c\n  d\n e\nf = g\n[h]\ni = j"

    assert list(ini.assignments(text)) == [("a", "b", "c\nd\ne", 2), ("a", "f", "g", 5), ("h", "i", "j", 7)]
