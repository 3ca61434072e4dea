"""The parsers of URLs against what the real libraries answered for the same URLs.

Recorded by running ``TransportURL.parse`` of oslo.messaging 14.0.3, 14.9.3, 16.1.2 and 18.3.1, and ``make_url`` of
SQLAlchemy 1.4.54, 2.0.32 and 2.1.9, on Python 3.11. ``REFUSED`` stands for their ValueError, InvalidTransportURL
and ArgumentError.
"""

from typing import Any

import pytest

from auditor.semantics.urls import (
    append_parameters,
    endpoint,
    is_loopback,
    parse_database_url,
    parse_transport_url,
)

REFUSED = "refused"

#: URL, what every version makes of it: scheme, virtual host, (host, port, user, password) of each broker, query.
TRANSPORT_URLS: list[tuple[str, Any]] = [
    ("rabbit://", ("rabbit", None, (), {})),
    ("rabbit:///", ("rabbit", "", (), {})),
    (
        "rabbit://nova:pw@rabbit1.example:5671/",
        ("rabbit", "", (("rabbit1.example", 5671, "nova", "pw"),), {}),
    ),
    ("RABBIT://nova:pw@rabbit1.example/", ("rabbit", "", (("rabbit1.example", None, "nova", "pw"),), {})),
    (
        "rabbit://nova:pw@rabbit1.example/nova",
        ("rabbit", "nova", (("rabbit1.example", None, "nova", "pw"),), {}),
    ),
    ("rabbit://nova:pw@rabbit1.example//", ("rabbit", "/", (("rabbit1.example", None, "nova", "pw"),), {})),
    ("rabbit://nova:pw@rabbit1.example/%2F", ("rabbit", "/", (("rabbit1.example", None, "nova", "pw"),), {})),
    (
        "rabbit://nova:pw@rabbit1.example/a%3Fssl=1",
        ("rabbit", "a?ssl=1", (("rabbit1.example", None, "nova", "pw"),), {}),
    ),
    (
        "rabbit://nova:pw@h1:5671,nova:pw@h2:5671,nova:pw@h3:5671//",
        (
            "rabbit",
            "/",
            (("h1", 5671, "nova", "pw"), ("h2", 5671, "nova", "pw"), ("h3", 5671, "nova", "pw")),
            {},
        ),
    ),
    (
        "rabbit://nova:pw@h1:5671,h2:5672/nova",
        ("rabbit", "nova", (("h1", 5671, "nova", "pw"), ("h2", 5672, None, None)), {}),
    ),
    (
        "rabbit://nova:pw@h1,,nova:pw@h2/",
        ("rabbit", "", (("h1", None, "nova", "pw"), ("h2", None, "nova", "pw")), {}),
    ),
    ("rabbit://,/", ("rabbit", "", (), {})),
    ("rabbit://nova:pw@h:5671?ssl=1", ("rabbit", None, (("h", 5671, "nova", "pw"),), {"ssl": "1"})),
    ("rabbit://nova:pw@h:5671/?ssl=1&ssl=0", ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl": "1,0"})),
    (
        "rabbit://nova:pw@h:5671/?ssl=1&ssl_ca_file=",
        ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl": "1"}),
    ),
    (
        "rabbit://nova:pw@h:5671/?ssl=1&ssl_ca_file",
        ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl": "1"}),
    ),
    (
        "rabbit://nova:pw@h:5671/?ssl=1&amp;ssl_version=TLSv1_2",
        ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl": "1", "amp;ssl_version": "TLSv1_2"}),
    ),
    (
        "rabbit://nova:pw@h:5671/?ssl=1;ssl_version=TLSv1_2",
        ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl": "1;ssl_version=TLSv1_2"}),
    ),
    (
        "rabbit://nova:pw@h:5671/?ssl_ca_file=/etc/ssl/a%20b.pem",
        ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl_ca_file": "/etc/ssl/a b.pem"}),
    ),
    (
        "rabbit://nova:pw@h:5671/?ssl_ca_file=/etc/ssl/a+b.pem",
        ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl_ca_file": "/etc/ssl/a b.pem"}),
    ),
    (
        "rabbit://nova:pw@h:5671/?ssl-version=TLSv1_2",
        ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl-version": "TLSv1_2"}),
    ),
    ("rabbit://nova:pw@h:5671/?SSL=1", ("rabbit", "", (("h", 5671, "nova", "pw"),), {"SSL": "1"})),
    ("rabbit://nova:pw@h:5671/?=1", ("rabbit", "", (("h", 5671, "nova", "pw"),), {"": "1"})),
    ("rabbit://nova:pw@h:5671/?&&ssl=1", ("rabbit", "", (("h", 5671, "nova", "pw"),), {"ssl": "1"})),
    ("rabbit://nova:pw@h:5671/#?ssl=1", ("rabbit", "", (("h", 5671, "nova", "pw"),), {})),
    ("rabbit://nova:pw@h:5671#?ssl=1", ("rabbit", None, (("h", 5671, "nova", "pw"),), {})),
    ("rabbit://nova:p#w@h:5671/?ssl=1", REFUSED),
    ("rabbit://nova:p?w@h:5671/", REFUSED),
    ("rabbit://nova:p/w@h:5671/", REFUSED),
    ("rabbit://nova:p%2Fw@h:5671/", ("rabbit", "", (("h", 5671, "nova", "p/w"),), {})),
    ("rabbit://nova:p@w@h:5671/", ("rabbit", "", (("h", 5671, "nova", "p@w"),), {})),
    ("rabbit://nova:p:w@h:5671/", ("rabbit", "", (("h", 5671, "nova", "p:w"),), {})),
    ("rabbit://nova:p,w@h:5671/", REFUSED),
    ("rabbit://nova:p%40w%2C%23@h:5671/", ("rabbit", "", (("h", 5671, "nova", "p@w,#"),), {})),
    ("rabbit://no%2Fva:pw@h:5671/", ("rabbit", "", (("h", 5671, "no/va", "pw"),), {})),
    ("rabbit://nova@h:5671/", ("rabbit", "", (("h", 5671, "nova", None),), {})),
    ("rabbit://nova:@h:5671/", ("rabbit", "", (("h", 5671, "nova", ""),), {})),
    ("rabbit://:pw@h:5671/", ("rabbit", "", (("h", 5671, "", "pw"),), {})),
    ("rabbit://@h:5671/", ("rabbit", "", (("h", 5671, "", None),), {})),
    ("rabbit://nova:pw@:5671/", ("rabbit", "", (("", 5671, "nova", "pw"),), {})),
    ("rabbit://nova:pw@/", ("rabbit", "", ((None, None, "nova", "pw"),), {})),
    ("rabbit://h", ("rabbit", None, (("h", None, None, None),), {})),
    ("rabbit://h:0/", ("rabbit", "", (("h", 0, None, None),), {})),
    ("rabbit://h:-1/", ("rabbit", "", (("h", -1, None, None),), {})),
    ("rabbit://h:70000/", ("rabbit", "", (("h", 70000, None, None),), {})),
    ("rabbit://h:56x/", REFUSED),
    ("rabbit://h:+5671/", ("rabbit", "", (("h", 5671, None, None),), {})),
    ("rabbit://nova:pw@[::1]:5671/", ("rabbit", "", (("::1", 5671, "nova", "pw"),), {})),
    ("rabbit://nova:pw@[::1]/", ("rabbit", "", (("::1", None, "nova", "pw"),), {})),
    # Recorded from the patched 3.11.2 of Debian 12; 3.11.7 and other Pythons before CVE-2025-0938 give ("::1", None).
    ("rabbit://nova:pw@[::1]5671/", REFUSED),
    (
        "rabbit://nova:pw@[2001:db8::1]:5671,nova:pw@[2001:db8::2]:5671/",
        ("rabbit", "", (("2001:db8::1", 5671, "nova", "pw"), ("2001:db8::2", 5671, "nova", "pw")), {}),
    ),
    ("rabbit://nova:pw@[::1/", REFUSED),
    ("rabbit://nova:pw@h]:5671/", REFUSED),
    ("rabbit:nova:pw@h/", ("rabbit", None, (), {})),
    ("//nova:pw@h/", REFUSED),
    ("nova:pw@h:5671/", ("nova", None, (), {})),
    ("h:5671", ("h", None, (), {})),
    ("not a url", REFUSED),
    ("kombu+amqps://nova:pw@h:5671/", ("kombu+amqps", "", (("h", 5671, "nova", "pw"),), {})),
    ("kombu+memory:///", ("kombu+memory", "", (), {})),
    ("kombu+memory:///x/y", ("kombu+memory", "x/y", (), {})),
    ("rabbit+ssl://nova:pw@h/", ("rabbit+ssl", "", (("h", None, "nova", "pw"),), {})),
    ("amqps://nova:pw@h/", ("amqps", "", (("h", None, "nova", "pw"),), {})),
    ("fake:", ("fake", None, (), {})),
    ("fake://", ("fake", None, (), {})),
    ("fake:///?x=1", ("fake", "", (), {"x": "1"})),
    ("kafka://k1:9093,k2:9093/", ("kafka", "", (("k1", 9093, None, None), ("k2", 9093, None, None)), {})),
    ("kafka://user:pw@k1/", ("kafka", "", (("k1", None, "user", "pw"),), {})),
    (
        "rabbit://nova:REDACTED-2d-0123456789abcdef@h:5671/?ssl=REDACTED-0-0123456789abcdef",
        (
            "rabbit",
            "",
            (("h", 5671, "nova", "REDACTED-2d-0123456789abcdef"),),
            {"ssl": "REDACTED-0-0123456789abcdef"},
        ),
    ),
    (" rabbit://nova:pw@h/", ("rabbit", "", (("h", None, "nova", "pw"),), {})),
    ("rabbit://nova:pw@h/ ", ("rabbit", " ", (("h", None, "nova", "pw"),), {})),
    (
        "rabbit://nova:pw@H1.Example:5671/nova;x",
        ("rabbit", "nova;x", (("H1.Example", 5671, "nova", "pw"),), {}),
    ),
    ("ra_bbit://nova:pw@h/", REFUSED),
    ("rabbit://nova:pw@h/vhost?ssl=1#frag", ("rabbit", "vhost", (("h", None, "nova", "pw"),), {"ssl": "1"})),
    ("rabbit://nova:pw@h/?ssl=%31", ("rabbit", "", (("h", None, "nova", "pw"),), {"ssl": "1"})),
    ("rabbit://nova:pw@h/?s%73l=1", ("rabbit", "", (("h", None, "nova", "pw"),), {"ssl": "1"})),
    ("rabbit://nova:pw@h/?a=b=c", ("rabbit", "", (("h", None, "nova", "pw"),), {"a": "b=c"})),
    (
        "rabbit://nova:pw@h/?ssl=1?ssl_ca_file=/x",
        ("rabbit", "", (("h", None, "nova", "pw"),), {"ssl": "1?ssl_ca_file=/x"}),
    ),
]

#: URL, what versions before 15.0.0 make of it, and what 15.0.0 and newer do.
TRANSPORT_URLS_BY_VERSION: list[tuple[str, Any, Any]] = [
    ("rabbit://h:", ("rabbit", None, (("h", None, None, None),), {}), REFUSED),
    ("rabbit://h:/", ("rabbit", "", (("h", None, None, None),), {}), REFUSED),
    ("rabbit://h:5671:5672/", REFUSED, ("rabbit", "", (("h:5671:5672", None, None, None),), {})),
    ("rabbit://nova:pw@2001:db8::1/", REFUSED, ("rabbit", "", (("2001:db8::1", None, "nova", "pw"),), {})),
    ("rabbit://nova:pw@::1/", REFUSED, ("rabbit", "", (("::1", None, "nova", "pw"),), {})),
]

#: URL, what every version makes of it: name, user, password, host, port, database, query.
DATABASE_URLS: list[tuple[str, Any]] = [
    (
        "mysql+pymysql://nova:pw@db1.example/nova",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example:3306/nova?charset=utf8",
        ("mysql+pymysql", "nova", "pw", "db1.example", 3306, "nova", {"charset": "utf8"}),
    ),
    ("mysql://nova:pw@db/nova", ("mysql", "nova", "pw", "db", None, "nova", {})),
    ("MySQL+pymysql://nova:pw@db/nova", ("MySQL+pymysql", "nova", "pw", "db", None, "nova", {})),
    ("mysql-pymysql://nova:pw@db/nova", REFUSED),
    ("mysql+pymysql+x://nova:pw@db/nova", ("mysql+pymysql+x", "nova", "pw", "db", None, "nova", {})),
    ("mysql+pymysql:/nova:pw@db/nova", REFUSED),
    ("mysql+pymysql://", ("mysql+pymysql", None, None, None, None, None, {})),
    ("mysql+pymysql:///", ("mysql+pymysql", None, None, None, None, "", {})),
    ("mysql+pymysql:///nova", ("mysql+pymysql", None, None, None, None, "nova", {})),
    ("mysql+pymysql://db", ("mysql+pymysql", None, None, "db", None, None, {})),
    ("mysql+pymysql://db/", ("mysql+pymysql", None, None, "db", None, "", {})),
    ("mysql+pymysql://nova@db/nova", ("mysql+pymysql", "nova", None, "db", None, "nova", {})),
    ("mysql+pymysql://nova:@db/nova", ("mysql+pymysql", "nova", "", "db", None, "nova", {})),
    ("mysql+pymysql://:pw@db/nova", ("mysql+pymysql", "", "pw", "db", None, "nova", {})),
    ("mysql+pymysql://@db/nova", ("mysql+pymysql", "", None, "db", None, "nova", {})),
    ("mysql+pymysql://nova:pw@:3306/nova", ("mysql+pymysql", "nova", "pw", None, 3306, "nova", {})),
    ("mysql+pymysql://nova:pw@/nova", ("mysql+pymysql", "nova", "pw", None, None, "nova", {})),
    ("mysql+pymysql://nova:p@ss@db/nova", ("mysql+pymysql", "nova", "p", "ss@db", None, "nova", {})),
    ("mysql+pymysql://nova:p%40ss@db/nova", ("mysql+pymysql", "nova", "p@ss", "db", None, "nova", {})),
    ("mysql+pymysql://nova:p:ss@db/nova", ("mysql+pymysql", "nova", "p:ss", "db", None, "nova", {})),
    ("mysql+pymysql://nova:p/ss@db/nova", ("mysql+pymysql", "nova", "p/ss", "db", None, "nova", {})),
    ("mysql+pymysql://nova:p?ss@db/nova", ("mysql+pymysql", "nova", "p?ss", "db", None, "nova", {})),
    ("mysql+pymysql://nova:p#ss@db/nova", ("mysql+pymysql", "nova", "p#ss", "db", None, "nova", {})),
    ("mysql+pymysql://nova:p%2Fss@db/nova", ("mysql+pymysql", "nova", "p/ss", "db", None, "nova", {})),
    ("mysql+pymysql://nova:p%25ss@db/nova", ("mysql+pymysql", "nova", "p%ss", "db", None, "nova", {})),
    ("mysql+pymysql://nova:p+ss@db/nova", ("mysql+pymysql", "nova", "p+ss", "db", None, "nova", {})),
    ("mysql+pymysql://no%40va:pw@db/nova", ("mysql+pymysql", "no@va", "pw", "db", None, "nova", {})),
    ("mysql+pymysql://no+va:pw@db/nova", ("mysql+pymysql", "no+va", "pw", "db", None, "nova", {})),
    ("mysql+pymysql://nova:pw@db:/nova", REFUSED),
    ("mysql+pymysql://nova:pw@db:x/nova", REFUSED),
    ("mysql+pymysql://nova:pw@db:0/nova", ("mysql+pymysql", "nova", "pw", "db", 0, "nova", {})),
    ("mysql+pymysql://nova:pw@db:-1/nova", ("mysql+pymysql", "nova", "pw", "db", -1, "nova", {})),
    ("mysql+pymysql://nova:pw@db:3306:1/nova", REFUSED),
    ("mysql+pymysql://nova:pw@db1:3306,db2:3306/nova", REFUSED),
    ("mysql+pymysql://nova:pw@db1,db2/nova", ("mysql+pymysql", "nova", "pw", "db1,db2", None, "nova", {})),
    ("mysql+pymysql://nova:pw@[::1]/nova", ("mysql+pymysql", "nova", "pw", "::1", None, "nova", {})),
    ("mysql+pymysql://nova:pw@[::1]:3306/nova", ("mysql+pymysql", "nova", "pw", "::1", 3306, "nova", {})),
    (
        "mysql+pymysql://nova:pw@[2001:db8::1]:3306/nova?ssl_ca=/c",
        ("mysql+pymysql", "nova", "pw", "2001:db8::1", 3306, "nova", {"ssl_ca": "/c"}),
    ),
    ("mysql+pymysql://nova:pw@::1/nova", REFUSED),
    ("mysql+pymysql://nova:pw@[::1/nova", REFUSED),
    ("mysql+pymysql://nova:pw@2001:db8::1:3306/nova", REFUSED),
    (
        "mysql+pymysql://nova:pw@db1.example/nova&ssl_ca=/etc/ssl/openstack/ca.pem",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova&ssl_ca=/etc/ssl/openstack/ca.pem", {}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a&ssl_ca=/b",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": ("/a", "/b")}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a&ssl_ca=/b&ssl_ca=/c",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": ("/a", "/b", "/c")}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a&ssl_verify_cert",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": "/a"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?SSL_CA=/a",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"SSL_CA": "/a"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a#frag",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": "/a#frag"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova#?ssl_ca=/a",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova#", {"ssl_ca": "/a"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a%20b",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": "/a b"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a+b",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": "/a b"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a;charset=utf8",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": "/a;charset=utf8"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a&amp;charset=utf8",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": "/a", "amp;charset": "utf8"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/a?charset=utf8",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"ssl_ca": "/a?charset=utf8"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example?ssl_ca=/a",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, None, {"ssl_ca": "/a"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example:3306?ssl_ca=/a",
        ("mysql+pymysql", "nova", "pw", "db1.example", 3306, None, {"ssl_ca": "/a"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/?ssl_ca=/a",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "", {"ssl_ca": "/a"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?&&charset=utf8",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"charset": "utf8"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?=x",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"": "x"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova?a=b=c",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova", {"a": "b=c"}),
    ),
    (
        "mysql+pymysql://nova:pw@db1.example/nova/x?charset=utf8",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "nova/x", {"charset": "utf8"}),
    ),
    (
        "mysql+pymysql://nova:pw@DB1.Example/nova",
        ("mysql+pymysql", "nova", "pw", "DB1.Example", None, "nova", {}),
    ),
    (
        "mysql+pymysql://nova:REDACTED-2d-0123456789abcdef@db/nova?foo=REDACTED-0-0123456789abcdef",
        (
            "mysql+pymysql",
            "nova",
            "REDACTED-2d-0123456789abcdef",
            "db",
            None,
            "nova",
            {"foo": "REDACTED-0-0123456789abcdef"},
        ),
    ),
    (
        "postgresql://nova:pw@db/nova?sslmode=require",
        ("postgresql", "nova", "pw", "db", None, "nova", {"sslmode": "require"}),
    ),
    (
        "postgresql+psycopg2://nova:pw@/nova?host=/var/run/postgresql",
        ("postgresql+psycopg2", "nova", "pw", None, None, "nova", {"host": "/var/run/postgresql"}),
    ),
    ("postgresql+psycopg2://nova:pw@db1:5432,db2:5432/nova", REFUSED),
    (
        "postgresql+psycopg2:///nova?host=db1:5432&host=db2:5432",
        ("postgresql+psycopg2", None, None, None, None, "nova", {"host": ("db1:5432", "db2:5432")}),
    ),
    ("postgres://nova:pw@db/nova", ("postgres", "nova", "pw", "db", None, "nova", {})),
    ("sqlite://", ("sqlite", None, None, None, None, None, {})),
    ("sqlite:///", ("sqlite", None, None, None, None, "", {})),
    ("sqlite:///nova.sqlite", ("sqlite", None, None, None, None, "nova.sqlite", {})),
    (
        "sqlite:////var/lib/nova/nova.sqlite",
        ("sqlite", None, None, None, None, "/var/lib/nova/nova.sqlite", {}),
    ),
    (
        "sqlite:////var/lib/nova/nova.sqlite?timeout=5",
        ("sqlite", None, None, None, None, "/var/lib/nova/nova.sqlite", {"timeout": "5"}),
    ),
    ("not a url", REFUSED),
    ("", REFUSED),
    (" mysql+pymysql://nova:pw@db/nova", REFUSED),
    ("mysql+pymysql://nova:pw@db/nova ", ("mysql+pymysql", "nova", "pw", "db", None, "nova ", {})),
    ("mysql+pymysql://nova:pw@db/nova", ("mysql+pymysql", "nova", "pw", "db", None, "nova", {})),
    (
        "mysql+pymysql://nova:pw@db/nova?charset=utf8\nx=1",
        ("mysql+pymysql", "nova", "pw", "db", None, "nova", {"charset": "utf8"}),
    ),
]

#: URL, what versions before 2.1 make of it, and what 2.1 does.
DATABASE_URLS_BY_VERSION: list[tuple[str, Any, Any]] = [
    (
        "mysql+pymysql://nova:pw@db1.example/no%20va",
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "no%20va", {}),
        ("mysql+pymysql", "nova", "pw", "db1.example", None, "no va", {}),
    ),
]


def transport(text: str, *, by_netutils: bool) -> Any:
    try:
        url = parse_transport_url(text, by_netutils=by_netutils)
    except ValueError:
        return REFUSED
    brokers = tuple((broker.host, broker.port, broker.user, broker.password) for broker in url.brokers)
    return (url.scheme, url.virtual_host, brokers, dict(url.query))


def database(text: str, *, unquotes_database: bool) -> Any:
    try:
        url = parse_database_url(text, unquotes_database=unquotes_database)
    except ValueError:
        return REFUSED
    return (url.name, url.user, url.password, url.host, url.port, url.database, dict(url.query))


@pytest.mark.parametrize(("text", "expected"), TRANSPORT_URLS)
def test_a_transport_url_comes_apart_as_in_oslo_messaging(text: str, expected: Any) -> None:
    old, new = transport(text, by_netutils=False), transport(text, by_netutils=True)

    assert (old, new) == (expected, expected)


@pytest.mark.parametrize(("text", "old", "new"), TRANSPORT_URLS_BY_VERSION)
def test_host_and_port_are_read_by_another_parser_from_oslo_messaging_15(
    text: str, old: Any, new: Any
) -> None:
    found = transport(text, by_netutils=False), transport(text, by_netutils=True)

    assert found == (old, new)


@pytest.mark.parametrize(("text", "expected"), DATABASE_URLS)
def test_a_database_url_comes_apart_as_in_sqlalchemy(text: str, expected: Any) -> None:
    old, new = database(text, unquotes_database=False), database(text, unquotes_database=True)

    assert (old, new) == (expected, expected)


@pytest.mark.parametrize(("text", "old", "new"), DATABASE_URLS_BY_VERSION)
def test_sqlalchemy_2_1_decodes_the_name_of_the_database(text: str, old: Any, new: Any) -> None:
    found = database(text, unquotes_database=False), database(text, unquotes_database=True)

    assert found == (old, new)


@pytest.mark.parametrize(
    ("url", "parameters", "expected"),
    [
        ("mysql://h/d", "ssl_ca=/a", {"ssl_ca": "/a"}),
        ("mysql://h/d?ssl_ca=/a", "ssl_ca=/b", {"ssl_ca": ("/a", "/b")}),
        ("mysql://h/d?ssl_ca=/a&ssl_ca=/b", "ssl_ca=/c", {"ssl_ca": ("/a", "/b", "/c")}),
        ("mysql://h/d?charset=utf8", "?ssl_ca=/a", {"charset": "utf8", "?ssl_ca": "/a"}),
        ("mysql://h/d?charset=utf8", "charset=", {"charset": "utf8"}),
    ],
)
def test_connection_parameters_are_appended_as_oslo_db_has_it(
    url: str, parameters: str, expected: Any
) -> None:
    found = append_parameters(parse_database_url(url), parameters).query

    assert found == expected


def test_connection_parameters_come_before_the_query_of_the_url() -> None:
    """libpq takes the last word about the same thing: of sslmode and requiressl, say."""
    url = parse_database_url(
        "postgresql://nova:pw@db1.example/nova?sslmode=verify-full&target_session_attrs=any"
    )

    found = append_parameters(url, "requiressl=0&target_session_attrs=read-write").query

    assert list(found) == ["requiressl", "target_session_attrs", "sslmode"]


def test_an_endpoint_shows_an_ipv6_address_in_brackets() -> None:
    assert endpoint("::1", 5672) == "[::1]:5672"
    assert endpoint("db1.example", 3306) == "db1.example:3306"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.8.7", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhostess", False),
        ("db1.example", False),
    ],
)
def test_a_loopback_host_is_told_from_others(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
