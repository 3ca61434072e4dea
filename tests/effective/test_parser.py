"""Files as oslo.config reads them, with the line of every value."""

import pytest

from auditor.effective import Unparsable
from auditor.effective.parser import parse
from auditor.model import Origin, OriginKind

PATH = "/etc/nova/nova.conf"


def lines_of(text: str) -> dict[str, list[tuple[str, int | None]]]:
    """``group.name`` to its values with their lines."""
    return {
        f"{group}.{name}": [(str(value), value.origin.line) for value in values]
        for group, names in parse(PATH, text).sections.items()
        for name, values in names.items()
    }


def test_every_value_knows_its_file_and_the_line_on_which_it_begins() -> None:
    text = "# head\n[DEFAULT]\n\ndebug = true\n[vnc]\nserver_listen = one\n  two\n\nenabled: no"

    assert lines_of(text) == {
        "DEFAULT.debug": [("true", 4)],
        "vnc.server_listen": [("one\ntwo", 6)],
        "vnc.enabled": [("no", 9)],
    }
    assert parse(PATH, text).sections["vnc"]["enabled"][0].origin == Origin(OriginKind.FILE, PATH, 9)


def test_a_quoted_value_loses_one_pair_of_quotes_and_keeps_its_line() -> None:
    assert lines_of("[a]\nb = \"'x'\"\nc = 'y\nd = \"\n") == {
        "a.b": [("'x'", 2)],
        "a.c": [("'y", 3)],
        "a.d": [("", 4)],
    }


def test_repeated_options_and_sections_keep_every_value_with_its_line() -> None:
    assert lines_of("[a]\nb=1\nb=2\n[c]\nd=3\n[A]\nb=4\n") == {
        "a.b": [("1", 2), ("2", 3), ("4", 7)],
        "c.d": [("3", 5)],
    }


def test_group_names_compare_without_case_except_default() -> None:
    assert set(parse(PATH, "[DEFAULT]\n[Default]\n[DataBase]\n[ database ]\n").sections) == {
        "DEFAULT",
        "default",
        "database",
        " database ",
    }


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_end_in_text_mode(end: str) -> None:
    assert lines_of(end.join(["[a]", "b = 1", "  2", "c = 3"])) == {"a.b": [("1\n2", 2)], "a.c": [("3", 4)]}


@pytest.mark.parametrize("character", ["\u2028", "\x85", "\x0b", "\x0c", "\x1c"])
def test_no_other_character_ends_a_line(character: str) -> None:
    assert lines_of(f"[a]\nb = 1{character}c = 2\nd = 3\n") == {
        "a.b": [(f"1{character}c = 2", 2)],
        "a.d": [("3", 3)],
    }


def test_white_space_after_a_value_is_not_part_of_it() -> None:
    assert lines_of("[a]\nb = 1 \t\x0c\n c \n") == {"a.b": [("1\nc", 2)]}


def test_the_first_delimiter_counts() -> None:
    assert lines_of("[a]\nurl = http://x:1/?a=b\nname: k=v\n") == {
        "a.url": [("http://x:1/?a=b", 2)],
        "a.name": [("k=v", 3)],
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[DEFAULT]\n  debug = true\n", 2, "Unexpected continuation line"),
        ("[DEFAULT]\na = 1\n\n  b\n", 4, "Unexpected continuation line"),
        ("[DEFAULT]\n[database] # main\n", 2, "Invalid section (must end with ])"),
        ("[DEFAULT]\n[]\n", 2, "Empty section name"),
        ("[DEFAULT]\nsecret word\n", 2, "No ':' or '=' found in assignment"),
        ("[DEFAULT]\n= x\n", 2, "Key cannot be empty"),
        ("debug = true\n[DEFAULT]\n", 2, "Section must be started before assignment"),
        ("\ufeff[DEFAULT]\ndebug = true\n", 1, "No ':' or '=' found in assignment"),
    ],
)
def test_what_oslo_config_does_not_parse_is_unparsable_with_its_line(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(Unparsable) as caught:
        parse(PATH, text)

    assert (caught.value.path, caught.value.line, caught.value.error) == (PATH, line, "ConfigFileParseError")
    assert words in str(caught.value)


def test_the_words_for_an_unparsable_line_do_not_repeat_it() -> None:
    with pytest.raises(Unparsable) as caught:
        parse(PATH, "[DEFAULT]\nhunter2\n")

    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(caught.value.__dict__)
