"""Rows of the table of cells: the URL that Nova makes of each, and the transport; the truth is in tests/conformance."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from auditor.check import Check, Outcome, Scope, Status
from auditor.checks.database import (
    guessable_password,
    plaintext,
    replica_weaker_than_primary,
    short_password,
    silent_server_blocks,
    sqlite,
    superuser_login,
)
from auditor.checks.messaging import (
    failover_breaks_on_names,
    guest_login,
    handshake_unbounded,
    heartbeat_disabled,
    plaintext_on_loopback,
    port_contradicts_tls,
    tls_options_ignored,
)
from auditor.checks.messaging import guessable_password as guessable_broker_password
from auditor.checks.messaging import plaintext as plaintext_messages
from auditor.checks.messaging import short_password as short_broker_password
from auditor.errors import Undecidable
from auditor.model import CellRow, Cells, OriginKind, Posture, Role, Service, Transport
from auditor.semantics.cells import MASKED, UNLISTED, CellURL, broker, database, expand
from auditor.semantics.transports import transports
from auditor.site import Site
from tests.semantics.build import CA, Rejected, service, withheld

WHOLE = "{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}"
NO_QUERY = "{scheme}://{username}:{password}@{hostname}:{port}/"
BASE = "rabbit://nova:pw@Rabbit1.example:5671/v?ssl=1"
TWO = "rabbit://a:b@h1:1,c:d@[::1]:2/"

#: Row, base, and the cell's URL.
EXPANDED: list[tuple[str, str | None, CellURL]] = [
    (WHOLE, BASE, CellURL("rabbit://nova:pw@rabbit1.example:5671/v?ssl=1")),
    (NO_QUERY, BASE, CellURL("rabbit://nova:pw@rabbit1.example:5671/", None, ("query", "path"))),
    (NO_QUERY, "rabbit://nova:pw@h/", CellURL("rabbit://nova:pw@h:None/")),
    ("rabbit://{username2}@{hostname1}:{port1}/", TWO, CellURL("rabbit://c@h1:1/")),
    ("rabbit://{hostname3}/", TWO, CellURL("rabbit://{hostname3}/", "{hostname3} is no part of the URL")),
    ("rabbit://{host}/", BASE, CellURL("rabbit://{host}/", "{host} is no part of the URL")),
    ("rabbit://{}/", BASE, CellURL("rabbit://{}/", "{} is no part of the URL")),
    ("{hostname}", None, CellURL("{hostname}", "there is no URL to fill it in from")),
    ("rabbit://h/", None, CellURL("rabbit://h/")),
    ("rabbit://nova:p{{w@h/", BASE, CellURL("rabbit://nova:p{w@h/")),
    ("rabbit://{hostname.upper}/", BASE, CellURL(None)),
    ("rabbit://{hostname:>99999999}/", BASE, CellURL(None)),
]


@pytest.mark.parametrize(("row", "base", "expected"), EXPANDED)
def test_a_row_is_filled_in_from_the_configuration(row: str, base: str | None, expected: CellURL) -> None:
    assert expand(row, base, by_netutils=True) == expected


@pytest.mark.parametrize("row", ["rabbit://p}w@h/", "rabbit://{hostname/", "rabbit://{hostname:d}/"])
def test_a_row_that_cannot_be_formatted_stays_as_it_stands(row: str) -> None:
    found = expand(row, BASE, by_netutils=True)

    assert found.text == row
    assert found.kept


def test_the_port_of_an_ipv6_address_among_several_kept_its_colon() -> None:
    row = "rabbit://{hostname2}:{port2}/"

    old, new = (expand(row, TWO, by_netutils=by_netutils).text for by_netutils in (False, True))

    assert (old, new) == ("rabbit://::1::2/", "rabbit://::1:2/")


def test_a_base_that_is_no_url_leaves_the_row_as_it_stands() -> None:
    assert expand(WHOLE, "rabbit://h:70000/", by_netutils=True).text == WHOLE


UUID = "11111111-1111-1111-1111-111111111111"
MASKED_BROKER = "rabbit://nova:****@rabbit1.example:5671/?ssl=1"
MASKED_DATABASE = f"mysql+pymysql://nova:****@db2.example/nova_cell1?ssl_ca={CA}"


def cell(broker: str = MASKED_BROKER, database: str = MASKED_DATABASE, name: str = "cell1") -> CellRow:
    """A row of the table of cells."""
    return CellRow(name, UUID, broker, database)


def scheduler(
    *rows: CellRow, reason: str | None = None, options: Mapping[tuple[str, str], str] | None = None
) -> Service:
    """A scheduler of the newest release whose cells were asked for."""
    url = "mysql+pymysql://nova:pw@db1.example/nova?read_timeout=60&write_timeout=60"
    settings = {
        ("DEFAULT", "transport_url"): "rabbit://nova:pw@top.example/",
        ("database", "connection"): url,
    }
    found = service({**settings, **(options or {})}, release="2026.2", role=Role.SCHEDULER)
    return replace(found, cells=Cells(rows, reason))


def of_cells(found: Service) -> dict[str, Transport]:
    """The transports to cells by their purposes."""
    return {one.purpose: one for one in transports(found) if one.purpose.startswith("cell:")}


def said(check: Check, found: Service, purpose: str) -> Outcome:
    """What a check says of that transport, or of the service."""
    return check.evaluate(found if check.scope is Scope.SERVICE else of_cells(found)[purpose], Site())


def test_every_cell_has_a_broker_and_a_database_beside_those_of_the_configuration() -> None:
    found = [one.purpose for one in transports(scheduler(cell("none:///", name="cell0"), cell()))]

    assert found == [
        "rpc",
        "database",
        "cell:cell0:database",
        "cell:cell1:rpc",
        "cell:cell1:database",
    ]


def test_cells_that_nobody_asked_for_are_no_transports() -> None:
    assert of_cells(replace(scheduler(), cells=None)) == {}


def test_the_row_of_a_cell_is_its_url() -> None:
    found = of_cells(scheduler(cell()))

    messages, data = found["cell:cell1:rpc"], found["cell:cell1:database"]

    assert (messages.posture, messages.endpoints) == (Posture.VERIFIED_CA, ("rabbit1.example:5671",))
    assert (data.posture, data.endpoints) == (Posture.VERIFIED_FULL, ("db2.example:3306",))
    assert (messages.password, data.password) == (MASKED, MASKED)
    assert data.url.judged().origin.kind is OriginKind.CELL
    assert (str(data.url), data.url.judged().value) == ("database_connection of cell cell1", MASKED_DATABASE)


@pytest.mark.parametrize("name", ["", "REDACTED-1w-0123456789abcdef", UNLISTED])
def test_a_cell_whose_name_says_nothing_goes_by_its_uuid(name: str) -> None:
    assert set(of_cells(scheduler(cell(name=name)))) == {f"cell:{UUID}:rpc", f"cell:{UUID}:database"}


def test_cells_of_one_name_go_by_their_uuids() -> None:
    other = replace(cell(), uuid="2" + UUID[1:])

    assert len(of_cells(scheduler(cell(), other))) == 4


def test_a_disabled_cell_is_listed_like_any_other() -> None:
    row = replace(cell(), is_disabled=True)

    assert of_cells(scheduler(row)) == of_cells(scheduler(cell()))


def test_cells_that_could_not_be_listed_stand_in_two_transports() -> None:
    found = of_cells(scheduler(reason="the service runs as root"))

    assert set(found) == {"cell:unlisted:rpc", "cell:unlisted:database"}
    assert {one.posture for one in found.values()} == {Posture.UNKNOWN}
    assert {one.reason for one in found.values()} == {
        "the cells could not be listed: the service runs as root"
    }


DATABASE = (guessable_password, plaintext, short_password, silent_server_blocks, sqlite, superuser_login)
MESSAGING = (
    failover_breaks_on_names,
    guessable_broker_password,
    guest_login,
    handshake_unbounded,
    plaintext_messages,
    plaintext_on_loopback,
    port_contradicts_tls,
    short_broker_password,
)


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        *((module.CHECK, "database") for module in DATABASE),
        *((module.CHECK, "rpc") for module in MESSAGING),
        (tls_options_ignored.CHECK, "rpc"),
    ],
    ids=lambda value: value.id if isinstance(value, Check) else value,
)
def test_nothing_passes_that_needs_cells_which_could_not_be_listed(check: Check, kind: str) -> None:
    found = scheduler(reason="it is root", options={("oslo_messaging_rabbit", "ssl_ca_file"): CA})

    with pytest.raises(Undecidable, match="the cells could not be listed: it is root"):
        said(check, found, f"cell:unlisted:{kind}")


def test_what_is_the_same_for_all_brokers_is_judged_without_the_list() -> None:
    found = said(heartbeat_disabled.CHECK, scheduler(reason="it is root"), "")

    assert found.status is Status.PASS


@pytest.mark.parametrize(
    ("check", "purpose"),
    [
        (guessable_password.CHECK, "cell:cell1:database"),
        (short_password.CHECK, "cell:cell1:database"),
        (guessable_broker_password.CHECK, "cell:cell1:rpc"),
        (short_broker_password.CHECK, "cell:cell1:rpc"),
    ],
    ids=["guessable", "short", "guessable-broker", "short-broker"],
)
def test_a_masked_password_is_not_judged(check: Check, purpose: str) -> None:
    found = said(check, scheduler(cell()), purpose)

    assert (found.status, found.message) == (
        Status.NOT_APPLICABLE,
        "its password is masked by nova-manage",
    )


def test_a_broker_without_any_password_shows_as_such() -> None:
    found = said(guessable_broker_password.CHECK, scheduler(cell("rabbit://nova@h/")), "cell:cell1:rpc")

    assert found.status is Status.FAIL
    assert f"nova-manage cell_v2 update_cell --cell_uuid {UUID}" in str(found.remedy)


@pytest.mark.parametrize(
    ("check", "row", "purpose"),
    [
        (
            plaintext.CHECK,
            cell(database="mysql+pymysql://n:****@db2/n?ssl_disabled=1"),
            "cell:cell1:database",
        ),
        (
            superuser_login.CHECK,
            cell(database="mysql+pymysql://root:****@db2.example/n"),
            "cell:cell1:database",
        ),
        (sqlite.CHECK, cell(database="sqlite:////var/lib/nova/n"), "cell:cell1:database"),
        (silent_server_blocks.CHECK, cell(), ""),
        (plaintext_messages.CHECK, cell("rabbit://guest:****@h/"), "cell:cell1:rpc"),
        (guest_login.CHECK, cell("rabbit://guest:****@h/"), "cell:cell1:rpc"),
        (port_contradicts_tls.CHECK, cell("rabbit://nova:****@h:5671/?ssl=0"), "cell:cell1:rpc"),
        (plaintext_on_loopback.CHECK, cell("rabbit://nova:****@127.0.0.1/"), "cell:cell1:rpc"),
    ],
    ids=["plaintext", "superuser", "sqlite", "silent", "plaintext-rpc", "guest", "port", "loopback"],
)
def test_what_is_wrong_with_a_cell_is_mended_in_the_table(check: Check, row: CellRow, purpose: str) -> None:
    found = said(check, scheduler(row), purpose)

    assert found.status is Status.FAIL
    assert f"nova-manage cell_v2 update_cell --cell_uuid {UUID}" in str(found.remedy)


def test_how_many_brokers_a_masked_url_has_is_not_known() -> None:
    row = cell(f"rabbit://nova:****@h:5671/?ssl=1&ssl_ca_file={CA}")

    assert of_cells(scheduler(row))["cell:cell1:rpc"].posture is Posture.VERIFIED_FULL
    with pytest.raises(Undecidable, match="masks all brokers of a URL but the last"):
        said(failover_breaks_on_names.CHECK, scheduler(row), "cell:cell1:rpc")


def test_a_url_that_stayed_on_its_host_is_unknown() -> None:
    row = cell(withheld().token, withheld().token)

    found = of_cells(scheduler(row))

    assert {one.posture for one in found.values()} == {Posture.UNKNOWN}
    assert found["cell:cell1:rpc"].reason.startswith("transport_url of cell cell1 was withheld")


def test_a_template_that_nova_could_not_fill_in_breaks_the_cell() -> None:
    found = of_cells(scheduler(cell("rabbit://{hostname9}/")))["cell:cell1:rpc"]

    assert found.posture is Posture.BROKEN
    assert "{hostname9} is no part of the URL" in found.reason
    assert f"update_cell --cell_uuid {UUID}" in str(found.remedy)


def test_a_port_that_nova_filled_in_as_none_breaks_the_cell() -> None:
    row = cell("rabbit://nova:****@h:None/", "mysql+pymysql://nova:****@h:None/n")

    assert {one.posture for one in of_cells(scheduler(row)).values()} == {Posture.BROKEN}


def test_a_replica_is_measured_by_the_configuration_not_by_a_cell() -> None:
    replica = {("database", "slave_connection"): "mysql+pymysql://nova:pw@db3.example/nova"}

    assert (
        replica_weaker_than_primary.evaluate(scheduler(cell(), options=replica), Site()).status is Status.PASS
    )


def test_a_template_without_the_query_loses_tls() -> None:
    secret = withheld().token
    base = f"rabbit://nova:{secret}@rabbit1.example:5671/?ssl=1&ssl_ca_file={CA}"
    settings = service({("DEFAULT", "transport_url"): base}, release="2026.2")

    whole, lost = (broker(settings, "cell1", row) for row in (WHOLE, NO_QUERY))

    assert whole is not None
    assert (whole.posture, whole.purpose) == (Posture.VERIFIED_FULL, "cell:cell1:rpc")
    assert lost is not None
    assert (lost.posture, lost.password) == (Posture.PLAINTEXT, withheld())


def test_a_cell_may_have_no_broker() -> None:
    assert broker(service(), "cell0", "none:///") is None


def test_a_cell_has_the_parameters_of_the_configuration() -> None:
    options = {
        ("database", "connection"): "mysql+pymysql://nova:pw@db1.example/nova",
        ("database", "connection_parameters"): f"ssl_ca={CA}",
    }
    row = "mysql+pymysql://nova:****@db2.example/nova_cell1"

    found = database(service(options, libraries={"PyMySQL": "1.2.4"}), "cell1", row)

    assert (found.purpose, found.endpoints) == ("cell:cell1:database", ("db2.example:3306",))
    assert found.trust.path == CA


def test_a_template_for_a_database_that_is_not_set_is_taken_literally() -> None:
    found = database(service(), "cell1", "{scheme}://{hostname}/nova")

    assert found.posture is Posture.BROKEN


def test_what_was_withheld_fills_in_nothing() -> None:
    settings = service({("DEFAULT", "transport_url"): withheld()})

    template, plain = (broker(settings, "c", row) for row in (WHOLE, "rabbit://c:pw@h/"))

    assert template is not None
    assert template.posture is Posture.UNKNOWN
    assert plain is not None
    assert plain.posture is Posture.PLAINTEXT


def test_a_base_that_oslo_config_rejects_breaks_a_template() -> None:
    settings = service({("database", "connection"): Rejected("no such option")})

    assert database(settings, "c", "{scheme}://h/n").posture is Posture.BROKEN
