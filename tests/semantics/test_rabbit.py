"""The rabbit driver: every row of the table of postures, by oslo.messaging, kombu and py-amqp versions.

The expectations were compared with the real libraries: 2500 combinations of URL and section through
``oslo_messaging._drivers.impl_rabbit.Connection`` and ``amqp.transport.SSLTransport`` of 14.0.3, 14.7.2, 16.1.2, 17.3.0
and 18.3.1.
"""

from typing import Any

import pytest

from auditor.model import Limit, Missing, OriginKind, Posture, Trust
from auditor.releases import RELEASES
from auditor.semantics.rabbit import bounds_handshake, freezes_name
from tests.semantics.build import CA, CERT, ELSEWHERE, KEY, Rejected, file, rabbit, service, withheld

URL = "rabbit://nova:pw@rabbit1.example:5671/"
TLS = {"ssl": True, "ssl_ca_file": CA}
HOSTNAME = "ssl_enforce_hostname_verification"

#: URL, section, posture in every release.
EVERYWHERE: list[tuple[str, dict[str, Any], str]] = [
    (URL, {}, "plaintext"),
    (URL, {"ssl": False}, "plaintext"),
    (URL, {"ssl_ca_file": CA, "ssl_cert_file": CERT, "ssl_key_file": KEY}, "plaintext"),
    (URL, {"ssl": True}, "verified-ca"),
    (URL, {"ssl": True, "ssl_cert_file": CERT, "ssl_key_file": KEY}, "verified-ca"),
    (URL, {"ssl": True, "ssl_key_file": KEY}, "verified-ca"),
    (URL, {"ssl": True, "ssl_version": "TLSv1_2"}, "encrypted"),
    (URL, {"ssl": True, "ssl_version": "SSLv23"}, "encrypted"),
    (URL, {"ssl": True, "ssl_version": "tlsv1_2"}, "encrypted"),
    (URL, {**TLS, "ssl_version": "TLSv1"}, "broken"),
    (URL, {**TLS, "ssl_version": "TLSv1_1"}, "broken"),
    (URL, {**TLS, "ssl_version": "TLSv1_3"}, "broken"),
    (URL, {**TLS, "ssl_version": "TLSv1.2"}, "broken"),
    (URL, {**TLS, "ssl_version": "SSLv3"}, "broken"),
    (URL, {**TLS, "ssl_version": "SSLv2"}, "broken"),
    (URL, {"ssl_version": "TLSv1_3"}, "plaintext"),
    (URL, {"ssl": True, "ssl_ca_file": "/etc/ssl/openstack/missing.pem"}, "broken"),
    (URL, {"ssl": True, "ssl_ca_file": "/etc/ssl/certs"}, "broken"),
    (URL, {"ssl": True, "ssl_ca_file": "/etc/hostname"}, "broken"),
    (URL, {"ssl": True, "ssl_ca_file": "/etc/empty.pem"}, "broken"),
    (URL, {"ssl_ca_file": "/etc/ssl/openstack/missing.pem"}, "plaintext"),
    (URL, {**TLS, "ssl_cert_file": CERT}, "broken"),
    (URL, {**TLS, "ssl_cert_file": "/etc/missing.pem", "ssl_key_file": KEY}, "broken"),
    (URL, {**TLS, "ssl_cert_file": CERT, "ssl_key_file": "/etc/missing.key"}, "broken"),
    (URL, {"ssl_enforce_fips_mode": True}, "plaintext"),
    (f"{URL}?ssl=0", TLS, "plaintext"),
    (f"{URL}?ssl=1", {"ssl": False}, "verified-ca"),
    (f"{URL}?ssl=on&ssl_version=TLSv1_2", {}, "encrypted"),
    (f"{URL}?ssl=1&ssl=0", {}, "broken"),
    (f"{URL}?ssl=maybe", {}, "broken"),
    (f"{URL}?rabbit_use_ssl=1", {}, "broken"),
    (f"{URL}?kombu_ssl_ca_certs={CA}", {}, "broken"),
    (f"{URL}?ssl-version=TLSv1_2", {}, "broken"),
    (f"{URL}?SSL=1", {}, "broken"),
    (f"{URL}?transport_url=x", {}, "broken"),
    (f"{URL}?ssl=1&amp;ssl_version=TLSv1_2", {}, "broken"),
    (f"{URL}?kombu_reconnect_delay=9", {}, "broken"),
    (f"{URL}?kombu_reconnect_delay=-1", {}, "broken"),
    (f"{URL}?heartbeat_timeout_threshold=x", {}, "broken"),
    (f"{URL}?heartbeat_timeout_threshold=0", {}, "plaintext"),
    (f"{URL}?rabbit_login_method=plain", {}, "broken"),
    (f"{URL}?rabbit_quorum_queue=true", {}, "plaintext"),
    (f"{URL}?rpc_conn_pool_size=1", {}, "broken"),
    (URL, {"rpc_conn_pool_size": 1, "conn_pool_min_size": 2}, "broken"),
    (f"{URL}#?ssl=1&ssl_ca_file={CA}", {}, "plaintext"),
    ("rabbit://nova:pw@rabbit1.example:5671?ssl=1&ssl_version=TLSv1_2&ssl_ca_file=", {}, "encrypted"),
    ("RABBIT://nova:pw@rabbit1.example/", {}, "plaintext"),
    ("kombu+amqp://nova:pw@rabbit1.example/", {}, "plaintext"),
    ("kombu+amqp://nova:pw@rabbit1.example/", {"ssl": True}, "verified-ca"),
    ("kombu+pyamqp://nova:pw@rabbit1.example/", {}, "plaintext"),
    ("kombu+rabbit://nova:pw@rabbit1.example/", {}, "plaintext"),
    ("kombu+amqps://nova:pw@rabbit1.example/", {}, "verified-ca"),
    ("kombu+amqps://nova:pw@rabbit1.example/", {"ssl": True, "ssl_version": "TLSv1_2"}, "encrypted"),
    ("kombu+memory:///", {}, "local"),
    ("kombu+redis://h/", {}, "unknown"),
    ("kombu+amqp:///vhost", {}, "unknown"),
    ("rabbit://nova:pw@rabbit1.example/a%3Fb", {}, "unknown"),
    ("kombu://nova:pw@rabbit1.example/", {}, "broken"),
    ("kombu+librabbitmq://nova:pw@rabbit1.example/", {}, "broken"),
    ("rabbit+ssl://nova:pw@rabbit1.example/", {}, "broken"),
    ("amqps://nova:pw@rabbit1.example/", {}, "broken"),
    ("rabbits://nova:pw@rabbit1.example/", {}, "broken"),
    ("pyamqp://nova:pw@rabbit1.example/", {}, "broken"),
    ("amqp://nova:pw@rabbit1.example/", TLS, "broken"),
    ("fake://", {}, "local"),
    ("", {}, "broken"),
    ("rabbit1.example:5671", {}, "broken"),
    ("//nova:pw@rabbit1.example/", {}, "broken"),
    ("rabbit://nova:p%2Fw@rabbit1.example/", {}, "broken"),
    ("rabbit://no%2Fva:pw@rabbit1.example/", {}, "broken"),
    ("rabbit://nova:p%40w@rabbit1.example/", {}, "plaintext"),
    (f"rabbit://nova:{withheld('1f').token}@rabbit1.example/", {}, "broken"),
    (f"rabbit://nova:{withheld('1ah').token}@rabbit1.example/", {}, "plaintext"),
    ("rabbit://nova:pw@rabbit1.example:70000/", {}, "broken"),
    ("rabbit://nova:pw@rabbit1.example:x/", {}, "broken"),
]

FILES = {
    "/etc/ssl/certs": Missing("/etc/ssl/certs", "not-regular", "not a regular file"),
    "/etc/hostname": "controller\n",
    "/etc/empty.pem": file("/etc/empty.pem", "", "pem"),
}


@pytest.mark.parametrize("release", [RELEASES[0], RELEASES[5], RELEASES[-1]])
@pytest.mark.parametrize(("url", "section", "posture"), EVERYWHERE)
def test_a_configuration_has_the_same_posture_in_every_release(
    url: str, section: dict[str, Any], posture: str, release: str
) -> None:
    found = rabbit(url, section, release=release, files=FILES)

    assert found.posture == posture, found.reason


#: Section or query, posture by release: Zed, 2025.1, 2026.1, 2026.2.
BY_RELEASE: list[tuple[str, dict[str, Any], tuple[str, str, str, str]]] = [
    (URL, TLS, ("verified-ca", "verified-ca", "verified-ca", "verified-full")),
    (URL, {**TLS, "ssl_version": "TLSv1_2"}, ("verified-ca", "verified-ca", "verified-ca", "verified-full")),
    (URL, {**TLS, HOSTNAME: True}, ("verified-ca", "verified-full", "verified-ca", "verified-full")),
    (URL, {**TLS, HOSTNAME: False}, ("verified-ca", "verified-ca", "verified-ca", "verified-full")),
    (f"{URL}?{HOSTNAME}=1", TLS, ("broken", "verified-full", "broken", "verified-full")),
    (f"{URL}?ssl=1&ssl_ca_file={CA}", {}, ("verified-ca", "verified-ca", "verified-ca", "verified-full")),
    (
        f"{URL}?ssl=1&ssl_ca_file=",
        {"ssl_ca_file": CA},
        ("verified-ca", "verified-ca", "verified-ca", "verified-full"),
    ),
    (URL, {**TLS, "ssl_enforce_fips_mode": True}, ("broken", "broken", "verified-ca", "verified-full")),
    (
        URL,
        {**TLS, HOSTNAME: Rejected("no boolean")},
        ("verified-ca", "broken", "verified-ca", "verified-full"),
    ),
    (URL, {HOSTNAME: Rejected("no boolean")}, ("plaintext", "plaintext", "plaintext", "plaintext")),
    ("rabbit://nova:pw@rabbit1.example:/", {}, ("plaintext", "broken", "broken", "broken")),
    ("rabbit://nova:pw@2001:db8::1/", {}, ("broken", "plaintext", "plaintext", "plaintext")),
]


@pytest.mark.parametrize(("url", "section", "postures"), BY_RELEASE)
def test_a_configuration_changes_its_posture_with_the_release(
    url: str, section: dict[str, Any], postures: tuple[str, ...]
) -> None:
    releases = ("zed", "2025.1", "2026.1", "2026.2")

    found = tuple(rabbit(url, section, release=release).posture.value for release in releases)

    assert found == postures


#: oslo.messaging, the value of the option, whether names are checked.
VERSIONS: list[tuple[str, bool | None, bool]] = [
    ("14.0.3", True, False),
    ("15.0.0", True, False),
    ("16.0.0", True, False),
    ("16.1.1", True, False),
    ("16.1.2", None, False),
    ("16.1.2", False, False),
    ("16.1.2", True, True),
    ("17.0.0", True, False),
    ("17.1.0", True, False),
    ("17.1.1", None, False),
    ("17.1.1", True, True),
    ("17.2.0", True, False),
    ("17.3.0", True, False),
    ("17.3.1", None, False),
    ("17.3.1", True, True),
    ("17.3.2", True, True),
    ("18.0.0", True, False),
    ("18.1.0", None, True),
    ("18.1.0", False, False),
    ("18.2.0", None, True),
    ("18.2.0", False, True),
    ("18.3.1", False, True),
]


@pytest.mark.parametrize(("version", "value", "checked"), VERSIONS)
def test_names_are_checked_by_the_installed_version(version: str, value: bool | None, checked: bool) -> None:
    section = TLS if value is None else {**TLS, HOSTNAME: value}

    found = rabbit(URL, section, release="2025.1", libraries={"oslo.messaging": version})

    assert found.posture is (Posture.VERIFIED_FULL if checked else Posture.VERIFIED_CA)


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ("14.0.3", "16.1.2"),
        ("16.1.1", "16.1.2"),
        ("17.1.0", "17.1.1"),
        ("17.3.0", "17.3.1"),
        ("18.0.0", "18.1.0"),
    ],
)
def test_a_library_that_cannot_check_names_is_the_limit(version: str, fixed: str) -> None:
    found = rabbit(URL, {**TLS, HOSTNAME: True}, libraries={"oslo.messaging": version})

    assert found.limited_by == Limit("library", "oslo.messaging", version, fixed)
    assert found.library is not None
    assert found.library.version == version


def test_an_option_that_is_off_is_the_limit() -> None:
    found = rabbit(URL, TLS, release="2025.1")

    assert found.limited_by == Limit("configuration", f"[oslo_messaging_rabbit] {HOSTNAME}")
    assert found.remedy == f"Write `[oslo_messaging_rabbit] {HOSTNAME} = true`."


def test_what_follows_a_hash_is_dropped() -> None:
    found = rabbit(f"rabbit://nova:{withheld().token}@rabbit1.example:5671/#{withheld('2s').token}")

    assert (found.posture, found.endpoints) == (Posture.PLAINTEXT, ("rabbit1.example:5671",))
    assert found.password == withheld()


def test_what_follows_an_ampersand_belongs_to_the_virtual_host() -> None:
    found = rabbit(f"rabbit://nova:{withheld().token}@h:5671/nova&ssl=1&ssl_ca_file={withheld().token}")

    assert (found.posture, found.endpoints) == (Posture.PLAINTEXT, ("h:5671",))


def test_a_capability_beats_the_version() -> None:
    # Debian 12 backported the option to 14.0.3; effective then knows it (releases.BACKPORTS), the release data do not.
    seen = {f"oslo.messaging:{HOSTNAME}": True}
    off, on = (
        rabbit(f"{URL}{query}", TLS, release="zed", capabilities=seen) for query in ("", f"?{HOSTNAME}=true")
    )

    assert off.posture is Posture.VERIFIED_CA
    assert off.limited_by == Limit("configuration", f"[oslo_messaging_rabbit] {HOSTNAME}")
    assert on.posture is Posture.VERIFIED_FULL


def test_a_capability_that_is_absent_beats_the_version_too() -> None:
    seen = {f"oslo.messaging:{HOSTNAME}": False, "oslo.messaging:hostname_always": False}

    found = rabbit(URL, {**TLS, HOSTNAME: True}, release="2026.2", capabilities=seen)

    assert found.posture is Posture.VERIFIED_CA


def test_names_are_always_checked_where_the_source_says_so() -> None:
    found = rabbit(URL, TLS, release="zed", capabilities={"oslo.messaging:hostname_always": True})

    assert found.posture is Posture.VERIFIED_FULL


def test_an_old_py_amqp_verifies_nothing_without_a_ca() -> None:
    found = rabbit(URL, {"ssl": True}, libraries={"amqp": "5.0.2"})

    assert found.posture is Posture.ENCRYPTED
    assert found.limited_by == Limit("library", "amqp", "5.0.2", "5.0.3")


def test_the_default_connects_to_localhost_as_guest() -> None:
    found = rabbit()

    assert found.posture is Posture.PLAINTEXT
    assert (found.endpoints, found.user, found.is_loopback) == (("localhost:5672",), "guest", True)
    assert found.url.origin.kind is OriginKind.DEFAULT


def test_every_broker_is_an_endpoint() -> None:
    secret = withheld("2d")

    found = rabbit(f"rabbit://nova:{secret.token}@h1:5671,nova:{secret.token}@[::1]:5671,h3//")

    assert found.endpoints == ("h1:5671", "[::1]:5671", "h3:5672")
    assert (found.user, found.password, found.is_loopback) == ("nova", secret, False)


@pytest.mark.parametrize(
    ("hosts", "section", "frozen"),
    [
        ("h1:5671,nova:pw@h2:5671", TLS, True),
        ("h1:5671,nova:pw@h1:5673", TLS, False),
        ("localhost:5671,nova:pw@127.0.0.1:5673", TLS, False),
        ("h1:5671", TLS, False),
        ("h1:5671,nova:pw@h2:5671", {"ssl": True}, False),
        ("h1:5671,nova:pw@h2:5671", {}, False),
    ],
)
def test_the_first_broker_names_all_where_names_are_checked(
    hosts: str, section: dict[str, Any], frozen: bool
) -> None:
    found = rabbit(f"rabbit://nova:pw@{hosts}/", section, release="2026.2")

    assert freezes_name(found) is frozen


@pytest.mark.parametrize(("release", "bounded"), [("zed", False), ("2023.2", False), ("2024.1", True)])
def test_a_silent_handshake_is_given_up_from_py_amqp_5_2_on(release: str, bounded: bool) -> None:
    assert bounds_handshake(service(release=release)) is bounded


@pytest.mark.parametrize(
    ("url", "section", "release", "word"),
    [
        ("rabbit://nova:pw@/", {}, "zed", "TypeError"),
        ("rabbit://nova:pw@:5671/", TLS, "2026.2", "ValueError"),
        ("rabbit://no%2Fva:pw@h/", {}, "zed", "for ever"),
        ("rabbit+ssl://nova:pw@h/", {}, "zed", "for ever"),
    ],
)
def test_how_a_broken_url_ends_is_told(url: str, section: dict[str, Any], release: str, word: str) -> None:
    found = rabbit(url, section, release=release)

    assert found.posture is Posture.BROKEN
    assert word in found.reason


def test_several_brokers_with_names_checked_do_not_fail_over() -> None:
    found = rabbit("rabbit://nova:pw@h1:5671,nova:pw@h2:5671//", TLS, release="2026.2")

    assert found.posture is Posture.VERIFIED_FULL
    assert "failover" in found.reason


def test_a_deprecated_switch_is_plain_text_where_the_release_no_longer_knows_it() -> None:
    old = {"rabbit_use_ssl": "true", "kombu_ssl_ca_certs": CA}

    found = rabbit(URL, old, release="2025.1")

    assert found.posture is Posture.PLAINTEXT
    assert found.limited_by == Limit("release", "2025.1")
    assert "rabbit_use_ssl" in [setting.name for setting in found.judging]


def test_a_deprecated_switch_that_was_off_is_not_the_limit() -> None:
    found = rabbit(URL, {"rabbit_use_ssl": "false"}, release="2025.1")

    assert found.limited_by == Limit("configuration", "[oslo_messaging_rabbit] ssl")


def test_what_the_query_says_has_its_origin() -> None:
    found = rabbit(f"{URL}?ssl=0", TLS)
    (query,) = [setting for setting in found.judging if setting.name == "ssl"]

    assert (query.resolved, query.origin.kind, query.origin.line) == (False, OriginKind.QUERY, 2)
    assert found.limited_by == Limit("configuration", "[DEFAULT] transport_url")
    assert found.remedy is not None
    assert found.remedy.startswith("Remove `ssl` from the query of `[DEFAULT] transport_url`")


@pytest.mark.parametrize(
    ("section", "trust"),
    [
        ({"ssl": True}, Trust("system")),
        (TLS, Trust("file", CA)),
        ({"ssl": True, "ssl_version": "TLSv1_2"}, Trust("none")),
        ({}, Trust("none")),
    ],
)
def test_whose_certificates_are_believed(section: dict[str, Any], trust: Trust) -> None:
    found = rabbit(URL, section)

    assert found.trust == trust


def test_a_client_certificate_is_told() -> None:
    found = rabbit(URL, {**TLS, "ssl_cert_file": CERT, "ssl_key_file": KEY})

    assert (found.client_certificate, found.undecided) == ("yes", None)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("elsewhere", ELSEWHERE),
        ("denied", "permission denied"),
        ("too-large", "it is larger than 1 MiB"),
        ("limit", "one too many"),
    ],
)
def test_a_ca_that_was_not_seen_leaves_the_posture_undecided(status: str, why: str) -> None:
    unseen = Missing("/ca.pem", status, "" if why is ELSEWHERE else why)

    found = rabbit(URL, {"ssl": True, "ssl_ca_file": "/ca.pem"}, files={"/ca.pem": unseen})

    assert found.posture is Posture.VERIFIED_CA
    assert found.ca_file == unseen
    assert found.undecided == f"/ca.pem was not seen: {why}"


def test_a_key_may_lie_beside_its_certificate() -> None:
    both = file("/both.pem", "-----BEGIN CERTIFICATE-----\nRQ==\n-----END CERTIFICATE-----\n")
    larger = type(both)(
        both.path, both.owner, both.group, both.mode, both.size + 1704, both.format, both.text
    )

    found = rabbit(URL, {**TLS, "ssl_cert_file": "/both.pem"}, files={"/both.pem": larger})

    assert found.posture is Posture.VERIFIED_CA
    assert found.undecided == "whether /both.pem holds its key too was not seen"


@pytest.mark.parametrize("name", ["ssl", "ssl_ca_file", "ssl_version"])
def test_a_withheld_option_that_decides_leaves_the_posture_unknown(name: str) -> None:
    found = rabbit(URL, {**TLS, name: withheld()})

    assert found.posture is Posture.UNKNOWN
    assert found.undecided == f"[oslo_messaging_rabbit] {name} was withheld on the host"


@pytest.mark.parametrize(
    ("name", "traits", "posture"),
    [
        ("ssl", "0", "broken"),
        ("ssl", "0r", "unknown"),
        ("ssl_ca_file", "0", "unknown"),
        ("heartbeat_timeout_threshold", "0", "broken"),
        ("heartbeat_timeout_threshold", "2", "unknown"),
        ("kombu_reconnect_delay", "0s", "broken"),
        ("rabbit_login_method", "0", "broken"),
    ],
)
def test_a_withheld_query_value_is_none_of_the_values_that_its_type_takes(
    name: str, traits: str, posture: str
) -> None:
    section = TLS if name.startswith("ssl") else {}

    found = rabbit(f"{URL}?{name}={withheld(traits).token}", section)

    assert found.posture == posture


@pytest.mark.parametrize("name", ["ssl", "heartbeat_timeout_threshold", "kombu_reconnect_delay"])
def test_an_option_that_oslo_config_rejects_breaks_the_connection(name: str) -> None:
    found = rabbit(URL, {name: Rejected("not of its type")})

    assert found.posture is Posture.BROKEN
    assert "not of its type" in found.reason


def test_an_option_that_oslo_config_rejects_breaks_it_even_where_the_query_overrides_it() -> None:
    found = rabbit(f"{URL}?ssl=1", {"ssl": Rejected("not of its type")})

    assert found.posture is Posture.BROKEN


@pytest.mark.parametrize("secret", ["hunter2secret", "S3cr3t%21value"])
def test_nothing_of_a_transport_shows_the_password(secret: str) -> None:
    for tail in ("", "?ssl=1", "?bogus=1", "?ssl=maybe"):
        found = rabbit(f"rabbit://nova:{secret}@h:5671/{tail}")
        shown = f"{found.reason} {found.remedy} {found.endpoints} {found.undecided} {found}"

        assert secret not in shown


def test_amqp_1_0_is_not_judged_where_its_driver_is_installed() -> None:
    found = rabbit("amqp://nova:pw@h/", release="zed", libraries={"pyngus": "2.3.1"})

    assert found.posture is Posture.UNKNOWN
