"""Which connections of a service are listed, whatever their posture."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.model import OriginKind, Posture, Role
from auditor.releases import RELEASES
from auditor.semantics.transports import transports
from tests.semantics.build import CA, Elsewhere, Rejected, service, withheld

RPC = ("DEFAULT", "transport_url")
OWN = ("oslo_messaging_notifications", "transport_url")
DRIVER = ("oslo_messaging_notifications", "driver")
DATABASE = ("database", "connection")
API = ("api_database", "connection")
URL = "mysql+pymysql://nova:pw@db1/nova"


def purposes(options: dict[tuple[str, str], Any], **more: Any) -> list[str]:
    return [found.purpose for found in transports(service(options, **more))]


@pytest.mark.parametrize("release", RELEASES)
def test_an_empty_configuration_has_rpc_alone(release: str) -> None:
    assert purposes({}, release=release) == ["rpc"]


def test_every_connection_is_listed_once() -> None:
    options = {
        RPC: "rabbit://nova:pw@h/",
        DRIVER: ("messagingv2",),
        DATABASE: URL,
        ("database", "slave_connection"): URL,
        API: URL,
        ("api_database", "slave_connection"): URL,
    }

    found = transports(service(options))

    assert [(one.purpose, str(one.url)) for one in found] == [
        ("rpc", "[DEFAULT] transport_url"),
        ("notifications", "[DEFAULT] transport_url"),
        ("database", "[database] connection"),
        ("database_replica", "[database] slave_connection"),
        ("api_database", "[api_database] connection"),
        ("database_replica", "[api_database] slave_connection"),
    ]


def test_no_two_transports_of_a_service_share_a_name() -> None:
    replicas = {("database", "slave_connection"): URL, ("api_database", "slave_connection"): URL}
    alone = {("api_database", "slave_connection"): URL}

    both, one = (transports(service({DATABASE: URL, API: URL, **more})) for more in (replicas, alone))

    assert [found.name for found in both] == [
        "rpc",
        "database",
        "database_replica",
        "api_database",
        "database_replica:api_database",
    ]
    assert [found.name for found in one][-1] == "database_replica:api_database"


@pytest.mark.parametrize(
    ("drivers", "expected"),
    [
        ((), False),
        (("",), False),
        (("log",), False),
        (("noop",), False),
        (("test", "log"), False),
        (("Messaging",), False),
        (("messaging",), True),
        (("messagingv2",), True),
        (("routing",), False),
        (("log", "messagingv2"), True),
    ],
)
def test_notifications_are_listed_where_a_driver_sends(drivers: tuple[str, ...], expected: bool) -> None:
    options = {DRIVER: drivers, OWN: "rabbit://notif:pw@h2/"}

    assert ("notifications" in purposes(options)) is expected


@pytest.mark.parametrize("own", [None, ""])
def test_notifications_without_a_url_take_that_of_rpc(own: str | None) -> None:
    options = {RPC: "rabbit://nova:pw@rabbit1:5671/", DRIVER: ("messagingv2",), OWN: own}

    found = transports(service(options))[1]

    assert (found.endpoints, str(found.url)) == (("rabbit1:5671",), "[DEFAULT] transport_url")
    assert "driver" in [setting.name for setting in found.judging]


def test_notifications_follow_their_own_query() -> None:
    options = {
        RPC: "rabbit://nova:pw@h/",
        DRIVER: ("messagingv2",),
        OWN: "rabbit://notif:pw@h2/?ssl=0",
        ("oslo_messaging_rabbit", "ssl"): True,
        ("oslo_messaging_rabbit", "ssl_ca_file"): CA,
    }

    rpc, notifications = transports(service(options))

    assert (rpc.posture, notifications.posture) == (Posture.VERIFIED_CA, Posture.PLAINTEXT)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("rabbit://notif:pw@h2/?ssl=0", False),
        ("rabbit://notif:p%2Fw@h2/", False),
        ("kombu+redis://h2/", False),
        ("kafka://k1/", False),
        ("amqps://notif:pw@h2/", True),
        ("rabbit://notif:pw@h2/?bogus=1", True),
        ("rabbit://notif:pw@h2:x/", True),
        (Rejected("no such option"), True),
        (withheld(), False),
    ],
)
def test_a_silent_notifier_is_listed_only_where_its_url_keeps_the_service_from_starting(
    url: Any, expected: bool
) -> None:
    found = [one for one in transports(service({OWN: url})) if one.purpose == "notifications"]

    assert [one.posture for one in found] == ([Posture.BROKEN] if expected else [])


def test_placement_has_its_own_database_and_no_rpc() -> None:
    group = "placement_database"
    options = {(group, "connection"): URL, (group, "slave_connection"): URL, (group, "max_retries"): 5}

    found = purposes(options, project="placement", role=Role.PLACEMENT)

    assert found == ["placement_database", "database_replica"]


def test_placement_without_a_database_has_no_transport() -> None:
    assert purposes({}, project="placement", role=Role.PLACEMENT) == []


def test_a_placement_database_of_nova_is_dead() -> None:
    assert purposes({("placement_database", "connection"): URL}) == ["rpc"]


def test_a_database_without_a_url_is_not_listed() -> None:
    assert purposes({DATABASE: None, API: None}) == ["rpc"]


def test_an_empty_url_is_one_that_sqlalchemy_refuses_and_that_of_the_api_may_be_left_empty() -> None:
    assert purposes({DATABASE: "", API: ""}) == ["rpc", "database"]
    assert purposes({DATABASE: "", API: ""}, role=Role.COMPUTE) == ["rpc"]


@pytest.mark.parametrize("value", [withheld(), Rejected("no such option")])
def test_a_database_whose_url_does_not_show_is_listed(value: Any) -> None:
    assert purposes({DATABASE: value}) == ["rpc", "database"]


@pytest.mark.parametrize(
    ("role", "unopened"),
    [
        (Role.COMPUTE, ["database", "api_database"]),
        (Role.CONSOLE_PROXY, ["api_database"]),
        (Role.API, []),
        (Role.METADATA, []),
        (Role.CONDUCTOR, []),
        (Role.SCHEDULER, []),
        (Role.UNKNOWN, []),
    ],
)
def test_a_database_that_the_role_never_opens_says_so(role: Role, unopened: list[str]) -> None:
    found = transports(service({DATABASE: URL, API: URL}, role=role))

    said = [one.purpose for one in found if one.reason.endswith("service never opens this connection")]
    assert said == [one.purpose for one in found if not one.is_opened] == unopened
    assert [one.posture for one in found[1:]] == [Posture.PLAINTEXT, Posture.PLAINTEXT]


@pytest.mark.parametrize(
    "option",
    [
        RPC,
        ("oslo_messaging_rabbit", "ssl"),
        ("oslo_messaging_rabbit", "ssl_ca_file"),
        DATABASE,
        ("database", "connection_parameters"),
    ],
)
def test_what_an_unread_source_may_set_is_unknown_and_not_broken(option: tuple[str, str]) -> None:
    options = {("oslo_messaging_rabbit", "ssl"): True, DATABASE: URL, option: Elsewhere()}

    found = {one.purpose: one for one in transports(service(options))}
    concerned = found["database" if option[0] == "database" else "rpc"]

    assert concerned.posture is Posture.UNKNOWN
    assert concerned.undecided is not None
    assert concerned.undecided.endswith("it may be set by a source that was not read")


def test_an_option_that_an_unread_source_may_set_does_no_harm_where_it_does_not_matter() -> None:
    options = {DATABASE: URL, ("database", "max_pool_size"): Elsewhere(), DRIVER: Elsewhere()}

    found = transports(service(options))

    assert [(one.purpose, one.posture) for one in found] == [
        ("rpc", Posture.PLAINTEXT),
        ("notifications", Posture.PLAINTEXT),
        ("database", Posture.PLAINTEXT),
    ]


def test_libraries_that_nova_cannot_lack_are_assumed_where_evidence_lacks_them() -> None:
    found = transports(service({DATABASE: "mysql://nova:pw@db1/nova"}, only={"mysqlclient": "2.2.7"}))

    assert [one.posture for one in found] == [Posture.PLAINTEXT, Posture.PLAINTEXT]
    assert found[0].library is not None
    assert found[0].library.assumed


def test_the_environment_may_put_other_roots_in_the_systems_place() -> None:
    plain = service({("oslo_messaging_rabbit", "ssl"): True})

    (found,) = transports(replace(plain, environment={"SSL_CERT_FILE": "/etc/roots.pem"}))

    assert (found.trust.kind, found.trust.path) == ("system", "/etc/roots.pem")


def test_the_url_comes_first_in_the_evidence_and_nothing_twice() -> None:
    (found,) = transports(service({RPC: "rabbit://nova:pw@h/", ("oslo_messaging_rabbit", "ssl"): False}))

    lines = found.evidence()

    assert [line.setting for line in lines] == [
        "[DEFAULT] transport_url",
        "[oslo_messaging_rabbit] ssl",
        "oslo.messaging",
    ]
    assert lines[0].origin.kind is OriginKind.FILE
