"""What each case expects was measured (``tests/conformance/truth/clients``); other versions follow openstacksdk's source."""

from typing import Any

import pytest

from auditor.errors import Undecidable
from auditor.model import Bound, Client, Role, Service, Trust
from auditor.semantics.clients import clients, is_plain, placement
from auditor.semantics.keystoneauth import obeys_retry_after
from auditor.semantics.options import auth_setting, has_credentials
from tests.semantics.build import Rejected, service

AUTH = {("placement", "auth_type"): "password", ("placement", "auth_url"): "https://keystone.example:5000/v3"}


def with_options(options: dict[str, Any], release: str, **rest: Any) -> Service:
    return service(
        {**AUTH, **{("placement", name): value for name, value in options.items()}}, release=release, **rest
    )


def of(options: dict[str, Any], release: str, **rest: Any) -> Client:
    found = placement(with_options(options, release, **rest))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("options", "zed", "latest"),
    [
        ({}, (2, 1, 1), (1, 1, 1)),
        ({"connect_retries": 3}, (2, 1, 1), (4, 1, 1)),
        ({"connect_retries": 0}, (2, 1, 1), (1, 1, 1)),
        ({"status_code_retries": 2}, (2, 3, 1), (1, 3, 3)),
        ({"status_code_retries": 1, "connect_retries": 1}, (2, 2, 1), (2, 2, 2)),
    ],
)
def test_attempts_are_those_that_servers_counted(
    options: dict[str, Any], zed: tuple[int, int, int], latest: tuple[int, int, int]
) -> None:
    for release, expected in (("zed", zed), ("2025.1", zed), ("2026.2", latest)):
        attempts = of(options, release).attempts

        assert (attempts["no_answer"], attempts["503"], attempts["429"]) == expected


def test_retriable_status_codes_count_from_openstacksdk_4_22_on() -> None:
    options = {"status_code_retries": 1, "retriable_status_codes": (500, 502)}

    assert of(options, "2025.1").attempts["503"] == 2
    assert of(options, "2026.2").attempts["503"] == 1


@pytest.mark.parametrize(
    ("options", "release", "seconds"),
    [
        ({"timeout": 2}, "zed", 4.5),
        ({"timeout": 2}, "2026.2", 2),
        ({"timeout": 10, "connect_retries": 3}, "2025.1", 20.5),
        ({"timeout": 10, "connect_retries": 3}, "2026.2", 43.5),
        ({"timeout": 10, "connect_retries": 3, "connect_retry_delay": 0.3}, "2026.2", 40.9),
        ({"timeout": 10, "connect_retries": 2, "connect_retry_delay": 0}, "2026.2", 31.5),
        ({"timeout": 10, "connect_retry_delay": 9}, "2025.1", 20.5),
        ({"timeout": 10, "status_code_retries": 2}, "2025.1", 42),
        ({"timeout": 1, "connect_retries": 9}, "2026.2", 10 + 0.5 + 1 + 2 + 4 + 8 + 16 + 32 + 60 + 60),
    ],
)
def test_the_worst_case_adds_attempts_and_pauses(
    options: dict[str, Any], release: str, seconds: float
) -> None:
    bound = of(options, release).request_worst_case

    assert bound.bound == "finite"
    assert bound.seconds == pytest.approx(seconds)


def test_the_arithmetic_is_shown() -> None:
    assert of({"timeout": 10}, "2025.1").request_worst_case == Bound(
        "finite", 20.5, "2 x 10 s + 0.5 s between attempts = 20.5 s"
    )


@pytest.mark.parametrize("release", ["zed", "2025.1", "2026.2"])
def test_without_a_timeout_a_request_is_unbounded(release: str) -> None:
    assert of({}, release).request_worst_case.bound == "unbounded"


@pytest.mark.parametrize("timeout", [0, -1])
def test_a_timeout_that_requests_refuses_bounds_nothing(timeout: int) -> None:
    assert of({"timeout": timeout}, "2025.1").request_worst_case.bound == "unknown"


def test_a_rejected_timeout_leaves_the_attempts_known() -> None:
    client = of({"timeout": Rejected("it is not an integer")}, "2025.1")

    assert client.request_worst_case.bound == "unknown"
    assert client.attempts["no_answer"] == 2


def test_rejected_retries_leave_nothing_known() -> None:
    client = of({"timeout": 5, "connect_retries": Rejected("it is not an integer")}, "2026.2")

    assert (client.request_worst_case.bound, dict(client.attempts)) == ("unknown", {})


@pytest.mark.parametrize(
    ("version", "attempts", "dropped"),
    [
        ("4.10.0", 2, {"connect_retries", "connect_retry_delay"}),
        ("4.12.0", 2, {"connect_retries", "connect_retry_delay"}),
        ("4.13.0", 2, {"connect_retries"}),
        ("4.15.0", 4, set()),
    ],
)
def test_the_installed_openstacksdk_decides_and_not_the_release(
    version: str, attempts: int, dropped: set[str]
) -> None:
    client = of(
        {"connect_retries": 3, "connect_retry_delay": 1}, "2026.1", libraries={"openstacksdk": version}
    )

    assert client.attempts["no_answer"] == attempts
    assert {setting.name for setting, _ in client.ignored} == dropped


def test_what_is_not_written_is_not_ignored() -> None:
    assert of({"timeout": 5}, "zed").ignored == ()


def test_only_a_newer_keystoneauth_obeys_retry_after() -> None:
    assert obeys_retry_after(service(release="2026.2"))
    assert not obeys_retry_after(service(release="2026.1"))


@pytest.mark.parametrize(
    ("role", "sections"),
    [
        (Role.API, ["placement", "neutron", "cinder", "glance", "keystone", "keystone_authtoken"]),
        (Role.CONDUCTOR, ["placement", "neutron", "cinder", "glance"]),
        (Role.COMPUTE, ["placement", "neutron", "cinder", "glance"]),
        (Role.SCHEDULER, ["placement"]),
        (Role.METADATA, ["neutron"]),
        (Role.CONSOLE_PROXY, []),
        (Role.UNKNOWN, ["placement"]),
    ],
)
def test_a_role_has_the_clients_that_it_uses(role: Role, sections: list[str]) -> None:
    assert [client.section for client in clients(with_options({}, "2025.1", role=role))] == sections


def test_placement_itself_asks_keystone_only() -> None:
    found = clients(service(project="placement", role=Role.PLACEMENT))

    assert [client.section for client in found] == ["keystone_authtoken"]


def test_other_clients_have_retries_of_their_own() -> None:
    options = {
        ("neutron", "timeout"): 10,
        ("neutron", "connect_retries"): 9,
        ("glance", "timeout"): 10,
        ("keystone_authtoken", "http_connect_timeout"): 10,
    }

    found = {client.section: client for client in clients(service(options, role=Role.API))}

    assert dict(found["neutron"].attempts) == {"no_answer": 4, "503": 1, "429": 1}
    assert found["neutron"].request_worst_case.seconds == 43.5
    assert dict(found["glance"].attempts) == {"no_answer": 4, "503": 4, "429": 1}
    assert found["glance"].request_worst_case.seconds == 43
    assert found["keystone_authtoken"].request_worst_case.seconds == 43.5
    assert found["cinder"].request_worst_case.bound == "unbounded"


def test_credentials_may_come_from_another_section() -> None:
    settings = service(
        {
            ("placement", "auth_section"): "keystone_authtoken",
            ("keystone_authtoken", "auth_url"): "http://keystone.example",
        }
    ).settings

    url = auth_setting(settings, "placement", "auth_url")

    assert has_credentials(settings, "placement")
    assert url is not None
    assert url.value == "http://keystone.example"


def test_without_a_plugin_there_are_no_credentials() -> None:
    assert not has_credentials(
        service({("placement", "auth_url"): "https://k.example"}).settings, "placement"
    )


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://placement.example:8778", True),
        ("HTTP://10.0.0.1/placement", True),
        ("https://placement.example", False),
        ("http://127.0.0.1:8778", False),
        ("http://[::1]:8778", False),
        ("http://localhost/identity", False),
    ],
)
def test_plain_is_http_to_another_machine(url: str, plain: bool) -> None:
    assert is_plain(url) is plain


def test_a_section_that_the_release_does_not_know_settles_nothing() -> None:
    settings = service({("placement", "auth_section"): "site_auth"}).settings

    assert has_credentials(settings, "placement")
    with pytest.raises(Undecidable, match=r"names \[site_auth\]"):
        auth_setting(settings, "placement", "auth_url")


@pytest.mark.parametrize(
    ("kind", "zed", "latest"),
    [
        ("refused", 0.5, 3.5),
        ("silent", 4.5, 11.5),
        ("503", 1.5, 1.5),
        ("429", 0, 1.5),
        ("retry_after", 1.5, "unbounded"),
        ("dripping", "unbounded", "unbounded"),
        # Tokens, versions, the request, a token, and the request again with pauses that go on growing.
        ("call", 4 + 4 + 10 + 2 + 15, 4 + 4 + 17 + 2 + 46),
    ],
)
def test_what_the_other_side_does_decides_how_long_a_request_blocks(
    kind: str, zed: float | str, latest: float | str
) -> None:
    options = {"timeout": 2, "connect_retries": 3, "status_code_retries": 2}
    for release, expected in (("zed", zed), ("2026.2", latest)):
        bound = of(options, release).worst_cases[kind]

        assert (bound.bound if bound.seconds is None else bound.seconds) == expected, bound.arithmetic


def test_the_arithmetic_of_a_call_names_its_parts() -> None:
    assert of({"timeout": 2}, "zed").call_worst_case.arithmetic == (
        "2 x 2 s for tokens + 2 x 2 s for versions + 4.5 s for the request + 1 x 2 s for a token after a 401"
        " + 5 s for the request again = 19.5 s"
    )


@pytest.mark.parametrize(
    ("marker", "options", "release", "attempts"),
    [
        ("openstacksdk:connect_retries", {"connect_retries": 3}, "zed", {"no_answer": 4}),
        ("openstacksdk:retriable_status_codes", {"retriable_status_codes": ("500",)}, "2025.1", {"500": 2}),
        ("keystoneauth1:retries_429", {}, "2025.1", {"429": 2}),
    ],
)
def test_a_backport_is_seen_in_the_installed_source(
    marker: str, options: dict[str, Any], release: str, attempts: dict[str, int]
) -> None:
    options = {"status_code_retries": 1, **options}
    without, backported = of(options, release), of(options, release, capabilities={marker: True})

    for kind, expected in attempts.items():
        assert backported.attempts[kind] == expected
        assert without.attempts.get(kind, 1) < expected


def test_retry_after_is_obeyed_where_the_source_says_so() -> None:
    found = of({"status_code_retries": 1}, "zed", capabilities={"keystoneauth1:retry_after": True})

    assert found.worst_cases["retry_after"].bound == "unbounded"


def test_ironic_repeats_a_locked_node() -> None:
    options = {("ironic", "auth_type"): "password", ("ironic", "status_code_retries"): 2}
    found = sections({**options, ("DEFAULT", "compute_driver"): "ironic.IronicDriver"})["ironic"]

    assert (found.attempts["409"], found.attempts["503"], found.attempts["429"]) == (3, 3, 1)


def test_manila_with_a_users_token_has_no_timeout_whatever_is_written() -> None:
    found = sections({("manila", "timeout"): 5, ("manila", "cafile"): "/etc/ssl/openstack/ca.pem"})["manila"]

    assert found.request_worst_case.bound == "unbounded"
    assert found.trust == Trust("system")


def test_castellan_has_options_of_its_own() -> None:
    found = sections({("barbican", "verify_ssl_path"): "/etc/ssl/openstack/ca.pem"})["barbican"]

    assert found.trust == Trust("file", "/etc/ssl/openstack/ca.pem")
    assert found.request_worst_case.bound == "unbounded"


def test_options_that_nothing_reads_are_told() -> None:
    found = sections({("neutron", "connect_retries"): 5, ("neutron", "http_retries"): 1})["neutron"]

    assert [(str(setting), version) for setting, version in found.ignored] == [
        ("[neutron] connect_retries", None)
    ]
    assert found.attempts["no_answer"] == 2


def test_a_service_token_is_asked_for_in_the_session_of_the_caller() -> None:
    options = {("service_user", "send_service_user_token"): True, ("service_user", "auth_type"): "password"}
    timeouts = {(section, "timeout"): 5 for section in ("neutron", "cinder", "glance")}
    with_token, without = sections({**options, **timeouts}), sections(timeouts)

    assert with_token["service_user"].request_worst_case.seconds == 5
    assert "service_user" not in without
    assert with_token["neutron"].call_worst_case.seconds == pytest.approx(
        (without["neutron"].call_worst_case.seconds or 0) + 3 * 5
    )


def test_in_the_api_a_token_of_the_middleware_goes_with_the_users() -> None:
    found = sections({("neutron", "timeout"): 5}, role=Role.API)["neutron"]

    assert found.request_worst_case.bound == "finite"
    assert found.call_worst_case.bound == "unbounded"


@pytest.mark.parametrize(
    ("options", "trust"),
    [
        ({}, Trust("system")),
        ({"cafile": ""}, Trust("system")),
        ({"cafile": "/etc/ssl/openstack/ca.pem"}, Trust("file", "/etc/ssl/openstack/ca.pem")),
        ({"cafile": "/etc/ssl/openstack/ca.pem", "insecure": True}, Trust("none")),
    ],
)
def test_insecure_beats_cafile(options: dict[str, Any], trust: Trust) -> None:
    assert of(options, "2025.1").trust == trust


@pytest.mark.parametrize(("release", "names"), [("2025.2", "common-name"), ("2026.1", "alternative-name")])
def test_urllib3_2_wants_an_alternative_name(release: str, names: str) -> None:
    assert of({}, release).names == names
    assert of({"insecure": True}, release).names == "any"


def sections(options: dict[tuple[str, str], Any], role: Role = Role.COMPUTE) -> dict[str, Client]:
    return {client.section: client for client in clients(service(options, release="2025.1", role=role))}
