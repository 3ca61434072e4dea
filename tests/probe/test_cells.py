"""The table of cells as nova-manage prints it, and what leaves of it."""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.probe import cells, libraries, services, tokens
from tests.conformance.servers.process import owned_folder
from tests.probe.asked import Host
from tests.probe.redaction import REDACTOR

UUID = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
HEADS = ("Name", "UUID", "Transport URL", "Database Connection", "Disabled")
SECRET = "S3cret.pw"


def printed(*rows: tuple[str, ...], heads: tuple[str, ...] = HEADS) -> str:
    """A table as PrettyTable draws it; the cells of a row may have several lines."""
    table = [tuple(cell.split("\n") for cell in row) for row in (heads, *rows)]
    widths = [max(width(line) for row in table for line in row[place]) for place in range(len(heads))]
    border = "+" + "".join("-" * (width + 2) + "+" for width in widths)
    lines = []
    for row in table:
        for number in range(max(map(len, row))):
            texts = [cell[number] if number < len(cell) else "" for cell in row]
            padded = (
                f" {text}{' ' * (most - width(text))} " for text, most in zip(texts, widths, strict=True)
            )
            lines.append("|" + "|".join(padded) + "|")
    return "\n".join([border, lines[0], border, *lines[1:], border, ""])


def width(text: str) -> int:
    """How many places a text takes on a screen."""
    return sum(2 if "\u3000" <= character <= "\u9fff" else 1 for character in text)


def row(**more: Any) -> dict[str, Any]:
    """A row as it is read from the table."""
    found = {
        "name": "cell1",
        "uuid": UUID,
        "transport_url": "rabbit://nova:****@h:5671/",
        "database_connection": "mysql+pymysql://nova:****@h/nova",
        "disabled": False,
    }
    return {**found, **more}


ONE = ("cell1", UUID, "rabbit://nova:****@h:5671/", "mysql+pymysql://nova:****@h/nova", "False")

#: What is printed, and the rows of it.
TABLES: list[tuple[str, list[dict[str, Any]]]] = [
    (printed(ONE), [row()]),
    (printed(), []),
    ("a warning\n| of | pipes |\n" + printed(ONE) + "another\n", [row()]),
    (printed(("two\nlines", *ONE[1:])), [row(name="two\nlines")]),
    (printed(("a | b", *ONE[1:])), [row(name="a | b")]),
    (
        printed(("東京 | 2", *ONE[1:]), ("x", OTHER, *ONE[2:])),
        [row(name="東京 | 2"), row(name="x", uuid=OTHER)],
    ),
    (printed(("", *ONE[1:-1], "True")), [row(name="", disabled=True)]),
    (printed(("x", UUID, "rabbit://nova:****@\nh:5671/", *ONE[3:])), [row(name="x")]),
    (printed(ONE[:-1], heads=HEADS[:-1]), [row()]),
    (printed((UUID, *ONE[:1], *ONE[2:]), heads=("UUID", "Name", *HEADS[2:])), [row()]),
]


@pytest.mark.parametrize(("text", "expected"), TABLES)
def test_the_rows_of_the_table_are_read_by_its_columns(text: str, expected: list[dict[str, Any]]) -> None:
    assert cells.table(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it has not the columns of cells"),
        (
            printed(ONE[:2], heads=HEADS[:2]),
            "it has not the columns of cells",
        ),
        (printed(ONE).rstrip("\n").rpartition("\n")[0], "it has no end"),
        (printed(ONE).replace("cell1 ", "cell1| "), "a line does not have its columns"),
        (printed(("x", "no uuid", *ONE[2:])), "a row has no UUID"),
        (printed(("x", "", *ONE[2:])), "a row has no UUID"),
        (printed(ONE).replace("| cell1", "ERROR in the middle\n| cell1"), "a line does not have its columns"),
    ],
)
def test_what_is_no_such_table_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cells.table(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rabbit://nova:****@h:5671/v?ssl=1", "rabbit://nova:****@h:5671/v?ssl=1"),
        ("rabbit://nova@h/", "rabbit://nova@h/"),
        ("rabbit://:****@h/", "rabbit://:****@h/"),
        ("rabbit://h/", "rabbit://h/"),
        ("none:///", "none:///"),
        ("none:/", "none:///"),
        ("fake:/", "fake:///"),
        ("sqlite://var/lib/nova/n.db", "sqlite:////var/lib/nova/n.db"),
        ("sqlite:/n.db", "sqlite:///n.db"),
        ("mysql+pymysql:/n?unix_socket=/run/s", "mysql+pymysql:///n?unix_socket=/run/s"),
        ("mysql+pymysql://n:****@h:None/n?ssl_ca=/ca.pem", "mysql+pymysql://n:****@h:None/n?ssl_ca=/ca.pem"),
        ("rabbit://n:****@h:None", "rabbit://n:****@h:None"),
        ("rabbit://{hostname3}/", "rabbit://{hostname3}/"),
        (
            "{scheme}://{username}:****@{hostname}:{port}/{path}?{query}",
            "{scheme}://{username}:****@{hostname}:{port}/{path}?{query}",
        ),
    ],
)
def test_the_url_of_a_row_leaves_as_nova_has_it(text: str, expected: str) -> None:
    assert cells.redact(row(transport_url=text), REDACTOR)["transport_url"] == expected


@pytest.mark.parametrize(
    "text",
    [
        f"rabbit://nova:{SECRET}@h/",
        f"rabbit://nova:pa/{SECRET}@h/",
        f"rabbit://nova:pa?{SECRET}@h/",
        f"rabbit://nova:pa#{SECRET}@h/",
        f"rabbit://nova:****@h/?password={SECRET}",
        f"rabbit://nova:****@h/?ssl=:****@{SECRET}",
        f"rabbit://nova:****@{SECRET} h/",
        f"rabbit://nova:None/{SECRET}@h:None/",
        f"rabbit://{{password}}:{SECRET}@h/",
        f"{{{SECRET}}}",
        f"none\n{SECRET}",
    ],
)
def test_no_secret_of_a_row_leaves(text: str) -> None:
    left = cells.redact(row(transport_url=text, database_connection=text, name=f"a {SECRET}"), REDACTOR)

    assert SECRET not in repr(left)
    assert tokens.occurs(left["transport_url"])


def test_a_name_leaves_if_it_has_the_form_of_one() -> None:
    names = [cells.redact(row(name=name), REDACTOR)["name"] for name in ("cell-1.a_B", "", "of two words")]

    assert names[:2] == ["cell-1.a_B", ""]
    assert tokens.parse(names[2]) is not None


TRACE = 'Traceback (most recent call last):\n  File "/x.py", line 1, in y\n    z()\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"An error has occurred:\n{TRACE}ValueError: Invalid IPv6 URL\n", "ValueError"),
        (
            f"{TRACE}ValueError: x\n\nDuring ...:\n\n{TRACE}oslo_db.exception.DBError: {SECRET}\n(Background)\n",
            "oslo_db.exception.DBError",
        ),
        (f"{TRACE}KeyboardInterrupt\n", "KeyboardInterrupt"),
        (f"{TRACE}{SECRET}: x\n", None),
        (f"{TRACE}other.{SECRET.title().replace('.', '')}: x\n", None),
        (f"{TRACE}Hunter2Password: x\n", None),
        (TRACE, None),
        ("no traceback\nValueError: x\n", None),
        ("", None),
    ],
)
def test_an_exception_is_named_and_nothing_that_it_says(text: str, expected: str | None) -> None:
    assert cells.exception(text) == expected


CONF = "[api_database]\nconnection = mysql+pymysql://nova:pw@h/nova_api\n"


@pytest.mark.parametrize(
    ("text", "record", "environment"),
    [
        ("[DEFAULT]\n", {}, {}),
        ("[api_database]\nconnection =\n", {}, {}),
        (CONF, {"role": "compute"}, {}),
        (CONF, {"project": "placement"}, {}),
        (CONF, {}, {"OS_API_DATABASE__CONNECTION": ""}),
    ],
    ids=["no-api-database", "empty", "compute", "placement", "overridden"],
)
def test_who_uses_no_cells_is_not_asked(
    tmp_path: Path, text: str, record: dict[str, str], environment: dict[str, str]
) -> None:
    host = Host(tmp_path, {"/etc/nova/nova.conf": text}, environment=environment)

    assert host.asked(record) is None


@pytest.mark.parametrize("text", ["[sql]\nconnection = x\n", "[DEFAULT]\nsql_connection = x\n", CONF])
def test_the_api_database_has_older_names(tmp_path: Path, text: str) -> None:
    host = Host(tmp_path, {"/etc/nova/nova.conf": text}, user="no-such-user")

    assert host.asked() == cells.unknown(
        "the user of the service has no account on this host", "no-such-user"
    )


def test_a_service_without_any_configuration_is_not_said_to_use_no_cells(tmp_path: Path) -> None:
    found = Host(tmp_path).asked()

    assert found == cells.unknown("no configuration of the service was seen", "nova")


def test_nothing_is_run_where_nothing_says_as_whom(tmp_path: Path) -> None:
    found = Host(tmp_path, {"/etc/nova/nova.conf": CONF}, user=None).asked()

    assert found == cells.unknown("nothing says as which user the service runs")


def test_nothing_is_run_as_root(tmp_path: Path) -> None:
    found = Host(tmp_path, {"/etc/nova/nova.conf": CONF}, user="root").asked()

    assert found is not None
    assert (found["status"], found["reason"]) == (
        "unknown",
        "the service runs as root, and nothing of the host's is run as root",
    )


def test_nothing_is_begun_that_has_no_time_to_end(tmp_path: Path) -> None:
    found = Host(tmp_path, {"/etc/nova/nova.conf": CONF}, user="daemon").asked(seconds=5)

    assert found is not None
    assert found["reason"] == "no time was left to list the cells"


def test_a_file_that_cannot_be_read_may_name_the_database(tmp_path: Path) -> None:
    host = Host(
        tmp_path,
        {"/etc/nova/nova.conf": CONF, "/secret.conf": "\0"},
        arguments=["--config-file", "/etc/nova/nova.conf", "--config-file", "/secret.conf"],
    )

    found = host.asked()

    assert found is not None
    assert found["reason"] == "/secret.conf was not read, which may name the API database"


def test_no_database_is_made_by_asking(tmp_path: Path) -> None:
    text = "[api_database]\nconnection = sqlite:////var/lib/nova/api.db\n"

    found = Host(tmp_path, {"/etc/nova/nova.conf": text}, user="daemon").asked()

    assert found is not None
    assert found["reason"] == "its database is a file that is not there"


def test_a_service_that_several_users_run_is_not_asked(tmp_path: Path) -> None:
    host = Host(tmp_path, {"/etc/nova/nova.conf": CONF}, user="nova")
    processes = [SimpleNamespace(pid=os.getpid(), uid=uid) for uid in (0, 65001, 65002)]
    host.definition.group = SimpleNamespace(main=processes[0], members=processes)  # type: ignore[assignment]

    found = host.asked()

    assert found is not None
    assert found["reason"] == "its processes run as several users"


#: Whom a service runs as here: another than root where we are root, else ourselves.
SOMEBODY = "daemon" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the service's user."""
    with owned_folder(SOMEBODY) as made:
        yield made


def standing_in(folder: Path, program: str, *more: str, **definition: Any) -> Host:
    """A host on which a program stands in for nova-manage, beside the service's own."""
    (folder / "nova.conf").write_text(CONF)
    (folder / "nova.conf").chmod(0o644)
    manage = folder / "nova-manage"
    manage.write_text(f"#!/bin/sh\n{program}\n")
    manage.chmod(0o755)
    return Host(
        Path("/"),
        arguments=[f"--config-file={folder}/nova.conf", *more],
        executable=f"{folder}/nova-scheduler",
        **{"user": SOMEBODY, **definition},
    )


def test_what_nova_manage_prints_is_listed(folder: Path) -> None:
    (folder / "table").write_text(printed(ONE))

    found = standing_in(folder, f"cat {folder}/table").asked()

    assert found == {
        "status": "read",
        "reason": None,
        "user": SOMEBODY,
        "program": f"{folder}/nova-manage",
        "rows": [row()],
    }


def test_it_is_given_the_files_of_the_service_in_their_order_and_logs_nowhere(folder: Path) -> None:
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "b.conf").write_text("[DEFAULT]\n")
    (folder / "conf.d" / "a.conf").write_text("[DEFAULT]\n")

    os.mkfifo(folder / "said", 0o666)
    (folder / "said").chmod(0o666)
    said = os.open(folder / "said", os.O_RDWR | os.O_NONBLOCK)
    script = f'{{ for word; do echo "$word"; done; echo; env; }} > {folder}/said; exit 9'
    variables = {
        "OS_DEFAULT__DEBUG": "yes",
        "OS_PASSWORD": SECRET,
        "PGSSLMODE": "x",
        "LD_PRELOAD": "y",
        "OS_NOVA_CONFIG_DIR": "z",
    }

    standing_in(folder, script, f"--config-dir={folder}/conf.d", environment=variables).asked()

    arguments, _, environment = os.read(said, 1 << 16).decode().partition("\n\n")
    os.close(said)
    assert arguments.split("\n") == [
        f"--config-file={folder}/nova.conf",
        f"--config-file={folder}/conf.d/a.conf",
        f"--config-file={folder}/conf.d/b.conf",
        "--config-dir=/dev/null",
        "--log-file=",
        "--log-dir=",
        "--log-config-append=",
        "--nouse-syslog",
        "--nouse-journal",
        "--nouse-json",
        "--nodebug",
        "cell_v2",
        "list_cells",
    ]
    assert dict(line.split("=", 1) for line in environment.splitlines() if not line.startswith("PWD=")) == {
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "LOGNAME": SOMEBODY,
        "OS_DEFAULT__DEBUG": "yes",
        "OS_DEFAULT__PUBLISH_ERRORS": "false",
        "OS_DEFAULT__USE_STDERR": "true",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PGSSLMODE": "x",
        "PYTHONDONTWRITEBYTECODE": "1",
        "USER": SOMEBODY,
    }


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (f"echo {SECRET}; echo {SECRET} >&2; exit 4", "@/nova-manage ended with status 4"),
        (f"kill -9 $$ {SECRET}", "@/nova-manage ended with status -9"),
        (
            f"printf 'Traceback (most recent call last):\\n  x\\nValueError: {SECRET}\\n'; exit 255",
            "@/nova-manage ended with status 255, by ValueError",
        ),
        (
            f"echo {SECRET}",
            "@/nova-manage printed no table that can be read: it has not the columns of cells",
        ),
        ("yes", "nova-manage printed more than 1048576 bytes"),
    ],
    ids=["fails", "dies", "crashes", "prints-no-table", "prints-much"],
)
def test_why_nothing_was_listed_holds_nothing_that_was_printed(
    folder: Path, program: str, reason: str
) -> None:
    found = standing_in(folder, program).asked()

    assert found == {
        "status": "unknown",
        "reason": reason.replace("@", str(folder)),
        "user": SOMEBODY,
        "program": None,
        "rows": [],
    }


def test_a_nova_manage_that_hangs_is_killed(folder: Path) -> None:
    found = standing_in(folder, "sleep 60").asked(seconds=7.5)

    assert found is not None
    assert found["reason"] == "nova-manage had not ended when its time was over"


def test_services_of_one_configuration_are_asked_once(folder: Path) -> None:
    host = standing_in(folder, f"mkdir {folder}/run || exit 7; cat {folder}/table")
    (folder / "table").write_text(printed(ONE))
    listings = host.listings()

    first, second = (host.asked(listings=listings) for _ in range(2))
    other = host.asked({"home": "/another"}, listings=listings)

    assert first == second
    assert other is not None
    assert other["reason"] == f"{folder}/nova-manage ended with status 7"


@pytest.mark.parametrize(
    ("paste", "status"),
    [("[composite:x]\nuse = egg:y\n", "read"), ("[DEFAULT]\ntransport_url = x\n", "unknown")],
    ids=["as-shipped", "with-options"],
)
def test_the_api_shares_the_list_where_it_reads_the_same(folder: Path, paste: str, status: str) -> None:
    host = standing_in(folder, f"mkdir {folder}/run || exit 7; cat {folder}/table")
    (folder / "table").write_text(printed(ONE))
    (folder / "api-paste.ini").write_text(paste)
    listings = host.listings()
    variables = {"OS_NOVA_CONFIG_DIR": str(folder)}
    executable = f"{folder}/nova-api-wsgi"
    api = Host(Path("/"), wsgi=True, environment=variables, user=SOMEBODY, executable=executable)

    first, second = host.asked(listings=listings), api.asked({"role": "api"}, listings=listings)

    assert first is not None
    assert second is not None
    assert (first["status"], second["status"]) == ("read", status)


def test_the_files_that_a_cell_names_are_looked_at(folder: Path) -> None:
    (folder / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n")
    url = (
        f"mysql+pymysql://nova:****@h/nova?ssl_ca={folder}/ca.pem&password={SECRET}&ssl_key={folder}/key.pem"
    )
    (folder / "table").write_text(printed((*ONE[:3], url, "False")))
    host = standing_in(folder, f"cat {folder}/table")
    environments = libraries.Environments(host.gathered.tree, host.gathered)

    record = services.record(host.definition, host.gathered, environments, host.listings())

    assert record["cells"]["status"] == "read"
    assert record["paths"][f"{folder}/ca.pem"] == f"{folder}/ca.pem"
    assert host.gathered.files[f"{folder}/ca.pem"]["format"] == "pem"
    assert host.gathered.files[f"{folder}/key.pem"]["status"] == "absent"
    assert SECRET not in repr((record, host.gathered.files))
