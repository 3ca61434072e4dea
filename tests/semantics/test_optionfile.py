"""Option files as PyMySQL reads them: the answers of ``pymysql.optionfile.Parser`` 1.0.2 and 1.1.0, as literals."""

import pytest

from auditor.semantics.connection import Unseen
from auditor.semantics.optionfile import OptionFile
from tests.semantics.build import withheld


def read(text: str, *, is_dashed: bool = True, group: str = "client") -> OptionFile:
    return OptionFile("/etc/my.cnf", text, group, is_dashed=is_dashed)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[client]\nssl-ca=/a\n", "/a"),
        ("[client]\nssl-ca = /a  \n", "/a"),
        ("[client]\nssl-ca='/a'\n", "/a"),
        ('[client]\nssl-ca="/a"\n', "/a"),
        ("[client]\nssl-ca=\"/a'\n", "\"/a'"),
        ("[client]\nssl-ca=/a # c\n", "/a # c"),
        ("[client]\nssl-ca=/a\n  /b\n", "/a\n/b"),
        ("[client]\nssl-ca\n", None),
        ("[client]\nssl-ca=\n", ""),
        ("[Client]\nssl-ca=/a\n", None),
        ("[other]\nssl-ca=/a\n", None),
        ("[DEFAULT]\nssl-ca=/a\n", None),
        ("[DEFAULT]\nssl-ca=/a\n[client]\n", "/a"),
        ("", None),
    ],
)
def test_a_value_is_what_pymysql_finds(text: str, value: str | None) -> None:
    found = read(text).value("ssl-ca")

    assert found == value


@pytest.mark.parametrize(("is_dashed", "value"), [(False, None), (True, "/a")])
def test_an_underscore_is_a_dash_from_1_1_on(is_dashed: bool, value: str | None) -> None:
    found = read("[client]\nssl_ca=/a\n", is_dashed=is_dashed).value("ssl-ca")

    assert found == value


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("ssl-ca=/a\n", "MissingSectionHeaderError"),
        ("!include /etc/x\n[client]\n", "MissingSectionHeaderError"),
        ("[client]\na=1\na=2\n", "DuplicateOptionError"),
        ("[client]\n[client]\n", "DuplicateSectionError"),
    ],
)
def test_a_text_that_configparser_refuses_is_a_value_error(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        read(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[client]\nssl-ca=/a\n", 2),
        ("# c\n\n[other]\nssl-ca=/b\n[client]\nuser=x\nSSL_CA : /a\n", 7),
        ("[DEFAULT]\nssl-ca=/a\n[client]\n", None),
    ],
)
def test_a_setting_knows_its_line(text: str, line: int | None) -> None:
    found = read(text).setting("ssl-ca")

    assert (found.origin.path, found.origin.line) == ("/etc/my.cnf", line)


def test_a_withheld_value_is_not_seen() -> None:
    with pytest.raises(Unseen):
        read(f"[client]\nssl-ca={withheld().token}\n").value("ssl-ca")


def test_an_indented_line_behind_a_key_without_value_is_refused() -> None:
    # configparser ends in AttributeError before Python 3.13.
    with pytest.raises(ValueError, match=r"AttributeError|Multiline"):
        read("[client]\nskip-ssl\n  ssl-ca=/a\n")
