"""Canonical URLs lose their secrets; all others are withheld as a whole."""

import re

import pytest

from auditor.probe import urls
from tests.probe.redaction import REDACTOR, SALT


def redacted(url: str, section: str = "DEFAULT") -> str | None:
    """The URL as it leaves, each token written as *."""
    left = urls.redact(url, REDACTOR.schema, SALT, section)
    return left and re.sub(r"REDACTED-[a-z0-9]+-[0-9a-f]{16}", "*", left)


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("rabbit://", "rabbit://"),
        ("rabbit://nova:pw@h.example:5672/", "rabbit://nova:*@h.example:5672/"),
        ("rabbit://nova:p%40w@h:5672//", "rabbit://nova:*@h:5672//"),
        ("rabbit://nova:@h/v", "rabbit://nova:*@h/v"),
        ("rabbit://nova@h/v", "rabbit://nova@h/v"),
        ("rabbit://a:x@h1:1,a:y@h2:2/v?ssl=1", "rabbit://a:*@h1:1,a:*@h2:2/v?ssl=1"),
        ("rabbit://a:x@h1,h2/", "rabbit://a:*@h1,h2/"),
        ("rabbit://h1:5671?ssl=1", "rabbit://h1:5671?ssl=1"),
        ("rabbit://nova:pw@[2001:db8::1]:5672/%2Fv", "rabbit://nova:*@[2001:db8::1]:5672/%2Fv"),
        ("rabbit://nova:pw@$my_ip:5672/", "rabbit://nova:*@$my_ip:5672/"),
        ("rabbit://nova:${placement.password}@h/", "rabbit://nova:*@h/"),
        ("rabbit://h/?ssl_version=TLSv1_2&heartbeat_rate=3", "rabbit://h/?ssl_version=TLSv1_2&heartbeat_rate=3"),
        ("mysql+pymysql://nova:pw@h/nova?charset=utf8&ssl_ca=/etc/ssl/ca.pem", "mysql+pymysql://nova:*@h/nova?charset=utf8&ssl_ca=/etc/ssl/ca.pem"),
        ("mysql+pymysql://nova:pw@h/nova?ssl_ca=/x&ssl_verify_cert", "mysql+pymysql://nova:*@h/nova?ssl_ca=/x&ssl_verify_cert"),
        ("mysql+pymysql://h/nova?password=pw&ssl_ca=", "mysql+pymysql://h/nova?password=*&ssl_ca="),
        ("mysql+pymysql://h/nova?ssl_ca=%2Fetc%2Fca.pem", "mysql+pymysql://h/nova?ssl_ca=%2Fetc%2Fca.pem"),
        ("mysql+pymysql://h/nova?ssl_ca=$state_path/ca.pem", "mysql+pymysql://h/nova?ssl_ca=*"),
        ("postgresql://nova:pw@h/nova?sslmode=verify-full", "postgresql://nova:*@h/nova?sslmode=verify-full"),
        ("sqlite:////var/lib/nova/nova.sqlite", "sqlite:////var/lib/nova/nova.sqlite"),
        ("redis://:pw@h:6379/0", "redis://:*@h:6379/0"),
        ("http://h:8776/v3/%(project_id)s", "http://h:8776/v3/%(project_id)s"),
        ("https://user:pw@h/v3", "https://user:*@h/v3"),
        ("rabbit://nova:pw@h:5671/#?ssl=1&ssl_ca_file=/x", "rabbit://nova:*@h:5671/#*"),
        ("mysql://nova:pw@h/db?ssl_ca=/x#y", "mysql://nova:*@h/db?ssl_ca=/x#*"),
        ("mysql://nova:pw@h/db&ssl_ca=/x&password=y", "mysql://nova:*@h/db&ssl_ca=/x&password=*"),
    ],
)  # fmt: skip
def test_a_canonical_url_loses_passwords_and_unknown_query_values(url: str, left: str) -> None:
    assert redacted(url) == left


@pytest.mark.parametrize(
    "url",
    [
        "nova:pw@h.example/nova",
        "rabbit:/nova:pw@h/",
        "rabbit://nova:p@w@h/",
        "rabbit://nova:p/w@h/",
        "rabbit://nova:12/w@h/",
        "rabbit://nova:12?w@h/",
        "rabbit://nova:12?a=w@h/",
        "rabbit://nova:12#w@h/",
        "rabbit://nova:p#w@h/",
        "rabbit://nova:12#w",
        "rabbit://nova:12/#w@h",
        "mysql://nova:pw@h/db&pw",
        "rabbit://nova:12,w@h/",
        "rabbit://nova:12,x:w@h/",
        "rabbit://h1,nova:pw@h2/",
        "rabbit://nova:p w@h/",
        "rabbit://nova:pw@h/ # pw",
        "rabbit://nova:pä@h/",
        "rabbit://nova:pw@h:port/",
        "rabbit://nova:p%w@h/",
        "mysql://nova:pw@h/db?a@b=c",
        "mysql://nova:pw@h/db?pw",
        "mysql://nova:pw@h/db?x=a@b",
        "https://sometoken@h/v3",
        "rabbit://nova:pw@$no_such_option/",
        "x" * 9000 + "://h/",
        "",
    ],
)
def test_a_url_in_another_form_is_withheld(url: str) -> None:
    assert redacted(url) is None


def test_the_same_password_is_equal_however_it_is_encoded() -> None:
    one = urls.redact("rabbit://a:p%77@h/", REDACTOR.schema, SALT, None)
    other = urls.redact("mysql://b:pw@x/", REDACTOR.schema, SALT, None)

    assert one is not None
    assert other is not None
    assert one.split("@")[0][-16:] == other.split("@")[0][-16:]


def test_an_encoded_slash_in_a_password_is_told() -> None:
    left = urls.redact("rabbit://a:p%2Fw@h/", REDACTOR.schema, SALT, None)

    assert left is not None
    assert "REDACTED-0f-" in left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ssl_ca=/x&charset=utf8", "ssl_ca=/x&charset=utf8"),
        ("?ssl_ca=/x", "?ssl_ca=/x"),
        ("passwd=pw&ssl_ca=/x", "passwd=*&ssl_ca=/x"),
        ("ssl_ca=/x&&b=", "ssl_ca=/x&&b="),
    ],
)
def test_parameters_lose_the_values_of_unknown_keys(text: str, expected: str) -> None:
    left = urls.pairs(text, REDACTOR.schema, SALT, "database")

    assert left is not None
    assert re.sub(r"REDACTED-[a-z0-9]+-[0-9a-f]{16}", "*", left) == expected


@pytest.mark.parametrize("text", ["pw", "a b=c", "ssl_ca=/x&pw", "a=b@c", "a=b#c"])
def test_parameters_in_another_form_are_withheld(text: str) -> None:
    assert urls.pairs(text, REDACTOR.schema, SALT, "database") is None
