"""The change that mends a connection to RabbitMQ: one sentence, which fits what is written already."""

from typing import Any

import pytest

from tests.semantics.build import CA, PEM, file, rabbit, withheld

URL = "rabbit://nova:pw@rabbit1.example:5671/"
TLS = {"ssl": True, "ssl_ca_file": CA}
HOSTNAME = "ssl_enforce_hostname_verification"

#: URL, section, release, and the change that mends it.
REMEDIES: list[tuple[str, dict[str, Any], str, str | None]] = [
    (URL, {}, "zed", "Write `[oslo_messaging_rabbit] ssl = true` and `ssl_ca_file = /path/to/ca.pem`."),
    (URL, {"ssl_ca_file": CA}, "zed", "Write `[oslo_messaging_rabbit] ssl = true`."),
    (URL, {"ssl_ca_file": withheld()}, "zed", "Write `[oslo_messaging_rabbit] ssl = true`."),
    (
        URL,
        {"rabbit_use_ssl": "true", "kombu_ssl_ca_certs": CA},
        "2025.1",
        "Rename `rabbit_use_ssl` to `ssl` and `kombu_ssl_ca_certs` to `ssl_ca_file` in `[oslo_messaging_rabbit]`.",
    ),
    (
        URL,
        {"rabbit_use_ssl": "true"},
        "2025.1",
        (
            "Write `[oslo_messaging_rabbit] ssl = true`, `ssl_ca_file = /path/to/ca.pem` and"
            " `ssl_enforce_hostname_verification = true`."
        ),
    ),
    (
        "rabbit://nova:pw@rabbit1.example:5671,nova:pw@rabbit2.example:5671/",
        {},
        "2025.1",
        "Write `[oslo_messaging_rabbit] ssl = true` and `ssl_ca_file = /path/to/ca.pem`.",
    ),
    (URL, {}, "2026.2", "Write `[oslo_messaging_rabbit] ssl = true` and `ssl_ca_file = /path/to/ca.pem`."),
    (
        f"{URL}?ssl=0",
        {},
        "2025.1",
        "Write `ssl=true&ssl_ca_file=/path/to/ca.pem&ssl_enforce_hostname_verification=true` in the query of `[DEFAULT] transport_url`.",
    ),
    (
        URL,
        {"ssl": True},
        "2025.1",
        "Write `[oslo_messaging_rabbit] ssl_ca_file = /path/to/ca.pem` and `ssl_enforce_hostname_verification = true`.",
    ),
    (
        URL,
        {"rabbit_use_ssl": "true", "ssl_ca_file": CA},
        "2025.1",
        "Rename `rabbit_use_ssl` to `ssl` in `[oslo_messaging_rabbit]`.",
    ),
    (
        URL,
        {"ssl": True, "kombu_ssl_ca_certs": CA},
        "2025.1",
        "Rename `kombu_ssl_ca_certs` to `ssl_ca_file` in `[oslo_messaging_rabbit]`.",
    ),
    (f"{URL}?ssl=0", TLS, "zed", "Remove `ssl` from the query of `[DEFAULT] transport_url`."),
    (
        f"{URL}?ssl=0",
        {},
        "zed",
        "Write `ssl=true&ssl_ca_file=/path/to/ca.pem` in the query of `[DEFAULT] transport_url`.",
    ),
    (URL, {"ssl": True}, "zed", "Write `[oslo_messaging_rabbit] ssl_ca_file = /path/to/ca.pem`."),
    (
        URL,
        {"ssl": True, "ssl_version": "TLSv1_2"},
        "zed",
        "Write `[oslo_messaging_rabbit] ssl_ca_file = /path/to/ca.pem`.",
    ),
    (
        URL,
        {**TLS, "ssl_version": "TLSv1"},
        "zed",
        "Remove `ssl_version` from `[oslo_messaging_rabbit]`: TLS 1.2 and newer are negotiated without it.",
    ),
    (
        f"{URL}?ssl_version=TLSv1",
        TLS,
        "zed",
        (
            "Remove `ssl_version` from the query of `[DEFAULT] transport_url`: TLS 1.2 and newer are negotiated"
            " without it."
        ),
    ),
    (
        f"{URL}?{HOSTNAME}=false",
        TLS,
        "2025.1",
        f"Write `{HOSTNAME}=true` in the query of `[DEFAULT] transport_url`.",
    ),
    (
        URL,
        TLS,
        "2025.2",
        f"Install oslo.messaging 17.1.1 or newer, with `[oslo_messaging_rabbit] {HOSTNAME} = true`.",
    ),
    (URL, {**TLS, HOSTNAME: "true"}, "2025.2", "Install oslo.messaging 17.1.1 or newer."),
    (
        URL,
        {"ssl": True, "ssl_ca_file": "/etc/ssl/certs/ca-certificates.crt"},
        "2025.2",
        (
            "Write `[oslo_messaging_rabbit] ssl_ca_file = /path/to/ca.pem` with the one authority that signed the"
            " brokers' certificates."
        ),
    ),
    (
        "amqp+ssl://nova:pw@h/",
        {},
        "2026.2",
        (
            "Write `rabbit://` in `[DEFAULT] transport_url`: TLS is switched on by"
            " `[oslo_messaging_rabbit] ssl = true`."
        ),
    ),
    ("kombu+amqps://nova:pw@h/", {"ssl_ca_file": CA}, "zed", "Write `[oslo_messaging_rabbit] ssl = true`."),
    (URL, TLS, "2026.2", None),
]


@pytest.mark.parametrize(("url", "section", "release", "remedy"), REMEDIES)
def test_the_remedy_is_the_change_to_make(
    url: str, section: dict[str, Any], release: str, remedy: str | None
) -> None:
    public = "/etc/ssl/certs/ca-certificates.crt"

    found = rabbit(url, section, release=release, files={public: file(public, PEM)})

    assert found.remedy == remedy


def test_a_bundle_of_many_authorities_is_public_under_any_name() -> None:
    section = {"ssl": True, "ssl_ca_file": "/etc/nova/bundle.pem"}

    few, many = (
        rabbit(URL, section, release="2025.2", files={"/etc/nova/bundle.pem": PEM * count})
        for count in (20, 21)
    )

    assert few.remedy is not None
    assert few.remedy.startswith("Install oslo.messaging")
    assert many.remedy is not None
    assert many.remedy.startswith("Write `[oslo_messaging_rabbit] ssl_ca_file = /path/to/ca.pem`")
