"""Option files line by line, as Connector/C 3.3 was measured to take them."""

import pytest

from auditor.model import File, Missing
from auditor.semantics.connection import Unseen
from auditor.semantics.connectorfile import ConnectorFile
from tests.semantics.build import Shelf, file, withheld

PATH = "/etc/nova/my.cnf"


def read(text: str | None, group: str | None = None, **others: str) -> ConnectorFile:
    """The option file with that text; ``others`` are further files below /etc/nova, by their name without .cnf."""
    content: dict[str, File | Missing] = {PATH: file(PATH, text)}
    for name, more in others.items():
        path = f"/etc/nova/{name.replace('_', '/')}.cnf"
        content[path] = file(path, more)
    return ConnectorFile(Shelf(content), PATH, group)


@pytest.mark.parametrize(
    "line",
    [
        "ssl-ca=/ca",
        "ssl_ca=/ca",
        "ssl-ca = /ca",
        "  ssl-ca=/ca",
        "ssl-ca='/ca'",
        'ssl-ca="/ca"',
        "tls-ca=/ca",
        "tls_ca=/ca",
    ],
)
def test_a_value_is_found_however_it_is_written(line: str) -> None:
    assert read(f"[client]\n{line}\n").value("ssl-ca") == "/ca"


@pytest.mark.parametrize(
    "line", ["SSL-CA=/ca", "ssl-ca: /ca", "ssl-ca", "# ssl-ca=/ca", "; ssl-ca=/ca", "'", "ssl-ca="]
)
def test_what_connector_c_does_not_recognise_is_no_value(line: str) -> None:
    assert read(f"[client]\n{line}\n").value("ssl-ca") is None


def test_a_blank_value_is_written_and_unsets() -> None:
    found = read("[client]\nssl-ca=/ca\nssl-ca=\n")

    assert "ssl-ca" in found
    assert found.value("ssl-ca") is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1", 1),
        (" 1", 1),
        ("2", 2),
        ("0", 0),
        ("-1", -1),
        ("1x", 1),
        ("true", 0),
        ("on", 0),
        ("yes", 0),
        ("", 0),
    ],
)
def test_a_switch_is_a_number(value: str, number: int) -> None:
    assert read(f"[client]\nssl-verify-server-cert={value}\n").number("ssl-verify-server-cert") == number


@pytest.mark.parametrize("group", ["client", "client-server", "client-mariadb"])
def test_three_groups_are_always_read(group: str) -> None:
    assert read(f"[{group}]\nssl-ca=/ca\n").value("ssl-ca") == "/ca"


@pytest.mark.parametrize(("asked", "expected"), [(None, None), ("nova", "/ca"), ("NOVA", None)])
def test_another_group_is_read_where_it_is_asked_for(asked: str | None, expected: str | None) -> None:
    assert read("[nova]\nssl-ca=/ca\n", asked).value("ssl-ca") == expected


def test_the_last_line_of_all_groups_wins() -> None:
    found = read("[client-mariadb]\nssl-ca=/one\n[client]\nssl-ca=/two\n")

    assert found.value("ssl-ca") == "/two"
    assert [(one.group, one.origin.line) for one in found.settings("ssl-ca", "ssl-key")] == [("client", 4)]


def test_nothing_is_read_behind_text_outside_of_a_group() -> None:
    assert read("x=1\n[client]\nssl-ca=/ca\n").value("ssl-ca") is None
    assert read(None).value("ssl-ca") is None


def test_an_included_file_speaks_where_it_is_included() -> None:
    text = "[client]\nssl-ca=/one\n!include /etc/nova/more.cnf\n"

    assert read(text, more="[client]\nssl-ca=/two\n").value("ssl-ca") == "/two"
    assert read(f"{text}ssl-ca=/three\n", more="[client]\nssl-ca=/two\n").value("ssl-ca") == "/three"


def test_of_a_folder_only_my_cnf_is_included() -> None:
    text = "!includedir /etc/nova/d\n"

    assert read(text, d_my="[client]\nssl-ca=/ca\n").value("ssl-ca") == "/ca"
    assert read(text, d_tls="[client]\nssl-ca=/ca\n").value("ssl-ca") is None


def test_a_file_that_includes_itself_comes_to_an_end() -> None:
    assert read(f"[client]\nssl-ca=/ca\n!include {PATH}\n").value("ssl-ca") == "/ca"


def test_a_withheld_value_is_unseen_when_it_is_asked_for() -> None:
    found = read(f"[client]\nssl-ca={withheld().token}\nssl-key=/key\n")

    assert found.value("ssl-key") == "/key"
    with pytest.raises(Unseen, match=r"ssl-ca in /etc/nova/my\.cnf was withheld"):
        found.value("ssl-ca")


def test_a_file_that_could_not_be_read_is_unseen() -> None:
    with pytest.raises(Unseen, match="permission denied"):
        ConnectorFile(Shelf({PATH: Missing(PATH, "denied", "permission denied")}), PATH, None)


def test_a_file_that_is_not_there_is_ignored() -> None:
    assert ConnectorFile(Shelf({}), PATH, None).value("ssl-ca") is None
