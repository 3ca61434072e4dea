"""Names are compared as each client library does it.

The rows of libpq and Connector/C were measured with psycopg2 2.9.5 and 2.9.13 and mysqlclient 1.4.6 and 2.3.1 against
servers on loopback, those of urllib3 with its own function in 1.26.12; Python's are in ``tests/test_tls.py``.
"""

from collections.abc import Sequence

import pytest

from auditor.semantics.names import Rule, carries
from auditor.tls import Certificate

HOST = "rabbit.example.org"
ALL = "all"
NONE = ""


def certificate(names: Sequence[str], addresses: Sequence[str], common: str) -> Certificate:
    return Certificate(
        pem="",
        subject=common,
        issuer="root",
        names=tuple(names),
        addresses=tuple(addresses),
        common_names=(common,),
        starts=0,
        ends=0,
        key="EC 256",
        weak_key=None,
        weak_signature=None,
        is_self_issued=False,
    )


ROWS: list[tuple[Sequence[str], Sequence[str], str, str, str]] = [
    ([HOST], [], "other", HOST, ALL),
    ([HOST], [], "other", "RABBIT.example.org", ALL),
    (["other.example.org"], [], HOST, HOST, NONE),
    ([HOST], [], "other", f"{HOST}.", "urllib3 ssl-alternative"),
    ([], [], HOST, HOST, "ssl connector libpq urllib3"),
    ([], [], "*.example.org", HOST, "ssl connector libpq urllib3"),
    ([], ["10.0.0.1"], HOST, HOST, "ssl connector libpq"),
    (["*.example.org"], [], "other", HOST, ALL),
    (["*.EXAMPLE.org"], [], "other", HOST, ALL),
    (["*.example.org"], [], "other", "example.org", NONE),
    (["*.example.org"], [], "other", "a.rabbit.example.org", NONE),
    (["*.example.org"], [], "other", "a_b.example.org", "libpq urllib3"),
    (["*.example.org"], [], "other", "xn--bcher-kva.example.org", ALL),
    (["*.org"], [], "other", "example.org", "libpq urllib3"),
    (["*"], [], "other", "rabbit", "urllib3"),
    (["*.*.org"], [], "other", HOST, NONE),
    (["*.*.org", HOST], [], "other", HOST, ALL),
    (["**.example.org", HOST], [], "other", HOST, "ssl ssl-alternative connector libpq"),
    (["rabbit.*.org"], [], "other", HOST, NONE),
    (["r*.example.org"], [], "other", HOST, "connector urllib3"),
    (["*t.example.org"], [], "other", HOST, "connector urllib3"),
    (["r*t.example.org"], [], "other", HOST, "urllib3"),
    (["a-*.example.org"], [], "other", "a-b.example.org", "urllib3"),
    (["*-a.example.org"], [], "other", "b-a.example.org", "connector urllib3"),
    (["x*.example.org"], [], "other", "xn--r.example.org", NONE),
    (["xn--*.example.org"], [], "other", "xn--r.example.org", NONE),
    (["*.-x.org"], [], "other", "rabbit.-x.org", "libpq urllib3"),
    ([], ["10.0.0.1"], "other", "10.0.0.1", ALL),
    ([], ["10.0.0.1"], "other", "10.0.0.2", NONE),
    ([], ["10.0.0.2"], "10.0.0.1", "10.0.0.1", "connector"),
    ([], [], "10.0.0.1", "10.0.0.1", "connector libpq urllib3"),
    ([HOST], [], "10.0.0.1", "10.0.0.1", "libpq"),
    (["10.0.0.1"], [], "other", "10.0.0.1", "connector libpq"),
    (["*.0.0.1"], [], "other", "10.0.0.1", "connector libpq"),
    ([], ["2001:db8::1"], "other", "[2001:db8:0::1]", ALL),
    (["xn--bcher-kva.example"], [], "other", "bücher.example", "ssl ssl-alternative connector"),
    ([HOST], [], "other", ".example.org", NONE),
    ([HOST], [], "other", "", NONE),
]


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize(("names", "addresses", "common", "host", "accepting"), ROWS)
def test_a_name_is_accepted_by_the_libraries_that_accept_it(
    names: Sequence[str], addresses: Sequence[str], common: str, host: str, accepting: str, rule: Rule
) -> None:
    accepted = carries(certificate(names, addresses, common), host, rule)

    assert accepted is (accepting == ALL or rule in accepting.split())
