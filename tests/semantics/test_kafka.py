"""The kafka driver: postures by security_protocol, files and librdkafka's version."""

from typing import Any

import pytest

from auditor.model import File, Limit, Missing, Posture, Transport, Trust
from tests.semantics.build import CA, CERT, KEY, rabbit, transport, withheld

URL = "kafka://k1:9093/"
FOLDER = {"/etc/ssl/certs": File("/etc/ssl/certs", None, None, None, 4096, "folder", "0a1b2c3d.0")}
LOGIN = "kafka://nova:pw@k1:9093/"


def notify(section: dict[str, Any], url: str = URL, **more: Any) -> Transport:
    options: dict[tuple[str, str], Any] = {
        ("oslo_messaging_notifications", "driver"): ("messagingv2",),
        ("oslo_messaging_notifications", "transport_url"): url,
    }
    options.update({("oslo_messaging_kafka", name): value for name, value in section.items()})
    return transport("notifications", options, **more)


@pytest.mark.parametrize(
    ("section", "old", "new", "trust"),
    [
        ({}, "plaintext", "plaintext", Trust("none")),
        ({"security_protocol": "SASL_PLAINTEXT"}, "plaintext", "plaintext", Trust("none")),
        ({"ssl_cafile": CA}, "plaintext", "plaintext", Trust("none")),
        ({"security_protocol": "SSL"}, "verified-ca", "verified-full", Trust("system")),
        ({"security_protocol": "SASL_SSL"}, "verified-ca", "verified-full", Trust("system")),
        ({"security_protocol": "SSL", "ssl_cafile": CA}, "verified-ca", "verified-full", Trust("file", CA)),
        (
            {"security_protocol": "SSL", "ssl_cafile": "/etc/ssl/certs"},
            "verified-ca",
            "verified-full",
            Trust("file", "/etc/ssl/certs"),
        ),
        ({"security_protocol": "SSL", "ssl_cafile": "/missing.pem"}, "broken", "broken", Trust("none")),
        (
            {"security_protocol": "SSL", "ssl_client_cert_file": CERT, "ssl_client_key_file": "/missing"},
            "broken",
            "broken",
            Trust("none"),
        ),
    ],
)
def test_names_are_checked_from_librdkafka_2_on(
    section: dict[str, Any], old: str, new: str, trust: Trust
) -> None:
    url = LOGIN if section.get("security_protocol", "").startswith("SASL_") else URL

    found = [notify(section, url, release=release, files=FOLDER) for release in ("zed", "2023.2")]

    assert [one.posture for one in found] == [old, new]
    assert found[1].trust == trust


def test_an_old_librdkafka_is_the_limit() -> None:
    found = notify({"security_protocol": "SSL"}, release="2023.1")

    assert found.limited_by == Limit("library", "confluent-kafka", "1.9.2", "2.0.2")


def test_the_query_overrides_its_own_section_only() -> None:
    plain = notify({"security_protocol": "SSL"}, f"{URL}?security_protocol=PLAINTEXT", release="2026.1")
    wrong = notify({}, f"{URL}?security_protocol=ssl", release="2026.1")
    foreign = notify({}, f"{URL}?ssl=1", release="2026.1")

    assert plain.posture is Posture.PLAINTEXT
    assert wrong.posture is Posture.BROKEN
    assert foreign.posture is Posture.BROKEN


def test_the_settings_of_rabbit_do_not_concern_it() -> None:
    options = {
        ("oslo_messaging_notifications", "driver"): ("messaging",),
        ("oslo_messaging_notifications", "transport_url"): URL,
        ("oslo_messaging_rabbit", "ssl"): True,
        ("oslo_messaging_rabbit", "ssl_ca_file"): CA,
    }

    found = transport("notifications", options)

    assert found.posture is Posture.PLAINTEXT


def test_kafka_carries_no_rpc() -> None:
    found = rabbit(URL)

    assert found.posture is Posture.BROKEN
    assert "NotImplementedError" in found.reason


def test_kafka_without_its_library_is_broken() -> None:
    found = notify({"security_protocol": "SSL"}, libraries={"confluent-kafka": None})

    assert found.posture is Posture.BROKEN


def test_a_client_certificate_is_told() -> None:
    section = {"security_protocol": "SSL", "ssl_client_cert_file": CERT, "ssl_client_key_file": KEY}

    found = notify(section)

    assert found.client_certificate == "yes"


def test_brokers_and_user_come_from_the_url() -> None:
    secret = withheld()

    found = notify({}, f"kafka://nova:{secret.token}@k1:9093,nova:{secret.token}@k2/")

    assert (found.endpoints, found.user, found.password) == (("k1:9093", "k2:9092"), "nova", secret)


def test_a_ca_that_was_not_seen_leaves_the_posture_undecided() -> None:
    unseen = Missing("/ca.pem", "denied", "permission denied")

    found = notify({"security_protocol": "SSL", "ssl_cafile": "/ca.pem"}, files={"/ca.pem": unseen})

    assert found.undecided == "/ca.pem was not seen: permission denied"


@pytest.mark.parametrize(
    ("section", "url", "remedy"),
    [
        (
            {},
            URL,
            "Write `[oslo_messaging_kafka] security_protocol = SSL` and `ssl_cafile = /path/to/ca.pem`.",
        ),
        ({"ssl_cafile": CA}, URL, "Write `[oslo_messaging_kafka] security_protocol = SSL`."),
        (
            {"security_protocol": "SASL_PLAINTEXT", "ssl_cafile": withheld()},
            LOGIN,
            "Write `[oslo_messaging_kafka] security_protocol = SASL_SSL`.",
        ),
        (
            {"ssl_cafile": CA},
            f"{URL}?security_protocol=PLAINTEXT",
            "Write `security_protocol=SSL` in the query of `[oslo_messaging_notifications] transport_url`.",
        ),
        (
            {"security_protocol": "SSL"},
            URL,
            (
                "Write `[oslo_messaging_kafka] ssl_cafile = /path/to/ca.pem` with the one authority that signed the"
                " brokers' certificates."
            ),
        ),
        ({"security_protocol": "SSL", "ssl_cafile": CA}, URL, "Install confluent-kafka 2.0.2 or newer."),
    ],
)
def test_the_remedy_is_the_change_to_make(section: dict[str, Any], url: str, remedy: str) -> None:
    found = notify(section, url, release="zed")

    assert found.remedy == remedy


#: Section, URL, posture, whether a client certificate is shown.
REFUSED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"security_protocol": "SASL_PLAINTEXT"}, URL, "broken", "no"),
    ({"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "plain"}, LOGIN, "broken", "no"),
    ({"security_protocol": "SASL_SSL", "sasl_mechanism": "SCRAM-SHA-512"}, LOGIN, "verified-full", "no"),
    ({"security_protocol": "SASL_SSL", "sasl_mechanism": "OAUTHBEARER"}, URL, "verified-full", "no"),
    ({"security_protocol": "SSL", "sasl_mechanism": "bogus"}, URL, "verified-full", "no"),
    ({"security_protocol": "SSL", "ssl_client_cert_file": CERT}, URL, "verified-full", "no"),
    ({"security_protocol": "SSL", "ssl_client_key_file": KEY}, URL, "broken", "no"),
    ({"security_protocol": "SSL", "ssl_cafile": "/garbage.pem"}, URL, "broken", "no"),
]


@pytest.mark.parametrize(("section", "url", "posture", "certificate"), REFUSED)
def test_what_librdkafka_makes_of_a_section(
    section: dict[str, Any], url: str, posture: str, certificate: str
) -> None:
    found = notify(section, url, release="2026.2", files={"/garbage.pem": "no certificate\n"})

    assert (found.posture, found.client_certificate) == (posture, certificate)
