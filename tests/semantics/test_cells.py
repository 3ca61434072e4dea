"""Rows of the table of cells: the URL that Nova makes of each, and the transport; the truth is in tests/conformance."""

import pytest

from auditor.model import OriginKind, Posture
from auditor.semantics.cells import CellURL, broker, database, expand
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


def test_a_template_without_the_query_loses_tls() -> None:
    secret = withheld().token
    base = f"rabbit://nova:{secret}@rabbit1.example:5671/?ssl=1&ssl_ca_file={CA}"
    settings = service({("DEFAULT", "transport_url"): base}, release="2026.2")

    whole, lost = (broker(settings, "cell1", row) for row in (WHOLE, NO_QUERY))

    assert whole is not None
    assert (whole.posture, whole.purpose) == (Posture.VERIFIED_FULL, "cell:cell1:rpc")
    assert lost is not None
    assert (lost.posture, lost.password) == (Posture.PLAINTEXT, withheld())
    assert lost.url.origin.kind is OriginKind.CELL


def test_a_port_that_is_not_there_breaks_the_cell() -> None:
    settings = service({("DEFAULT", "transport_url"): "rabbit://nova:pw@rabbit1.example/"})

    found = broker(settings, "cell1", NO_QUERY)

    assert found is not None
    assert found.posture is Posture.BROKEN


def test_a_cell_may_have_no_broker() -> None:
    assert broker(service(), "cell0", "none:///") is None


def test_a_cell_has_the_parameters_of_the_configuration() -> None:
    options = {
        ("database", "connection"): "mysql+pymysql://nova:pw@db1.example/nova",
        ("database", "connection_parameters"): f"ssl_ca={CA}",
    }
    row = "{scheme}://{username}:{password}@db2.example/nova_cell1"

    found = database(service(options, libraries={"PyMySQL": "1.2.4"}), "cell1", row)

    assert (found.purpose, found.endpoints) == ("cell:cell1:database", ("db2.example:3306",))
    assert found.trust.path == CA


def test_a_template_for_a_database_that_is_not_set_is_taken_literally() -> None:
    found = database(service(), "cell1", "{scheme}://{hostname}/nova")

    assert found.posture is Posture.BROKEN


def test_what_was_withheld_fills_in_nothing() -> None:
    base = withheld()
    settings = service({("DEFAULT", "transport_url"): base})

    template, plain = broker(settings, "c", WHOLE), broker(settings, "c", "rabbit://c:pw@h/")

    assert template is not None
    assert template.posture is Posture.UNKNOWN
    assert plain is not None
    assert plain.posture is Posture.PLAINTEXT


def test_a_base_that_oslo_config_rejects_breaks_a_template() -> None:
    settings = service({("database", "connection"): Rejected("no such option")})

    assert database(settings, "c", "{scheme}://h/n").posture is Posture.BROKEN
