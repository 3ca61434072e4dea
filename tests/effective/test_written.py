"""What is written, known or not, and who wrote it."""

import pytest

from auditor.model import OriginKind
from tests.effective.services import NOVA_CONF, settings_of


def names(found: object) -> list[tuple[str, bool]]:
    return [(f"{s.group}.{s.name}", s.unknown) for s in found.written()]  # type: ignore[attr-defined]


def test_what_is_written_comes_in_the_order_of_group_and_name() -> None:
    found = settings_of(
        "[vnc]\nenabled = true\n[DEFAULT]\nuse_cow_images = no\ndebug = no\n[api]\nauth_strategy = x\n"
    )

    assert names(found) == [
        ("DEFAULT.debug", False),
        ("DEFAULT.use_cow_images", False),
        ("api.auth_strategy", False),
        ("vnc.enabled", False),
    ]


def test_misspelt_options_and_groups_are_unknown_with_their_text_and_place() -> None:
    found = settings_of(
        "[DEFAULT]\ntransport-url = rabbit://\nDebug = x\n[ vnc ]\nenabled = 1\n[Nowhere]\na = b\n  c\n"
    )
    unknown = {f"{s.group}.{s.name}": (s.resolved, s.origin.line) for s in found.written() if s.unknown}

    assert unknown == {
        "DEFAULT.transport-url": ("rabbit://", 2),
        "DEFAULT.Debug": ("x", 3),
        " vnc .enabled": ("1", 5),
        "nowhere.a": ("b\nc", 7),
    }


def test_of_an_unknown_option_the_last_line_of_the_newest_file_shows() -> None:
    found = settings_of({NOVA_CONF: "[a]\nb = 1\n", "/etc/nova/2.conf": "[a]\nb = 2\nb = 3\n"})

    assert [(s.resolved, str(s.origin)) for s in found.written()] == [("3", "/etc/nova/2.conf:3")]


def test_an_option_written_under_an_older_name_shows_once_under_its_own() -> None:
    found = settings_of(
        "[oslo_messaging_rabbit]\nrabbit_use_ssl = no\nssl = yes\n[DEFAULT]\nlogdir = /l\n", release="zed"
    )

    assert [(s.name, s.written_as) for s in found.written()] == [
        ("log_dir", "DEFAULT.logdir"),
        ("ssl", "oslo_messaging_rabbit.ssl"),
    ]


def test_a_group_in_other_case_is_no_other_name() -> None:
    found = settings_of("[Database]\nconnection = x\n[DATABASE]\nconnection = y\n")

    assert [(s.value, s.written_as) for s in found.written()] == [("y", "database.connection")]


def test_the_environment_and_the_command_line_count_as_written() -> None:
    found = settings_of(
        "",
        arguments=["--log-file=x"],
        environment={
            "OS_DATABASE__CONNECTION": "sqlite://",
            "OS_DATABASE__SQL_CONNECTION": "y",
            "OS_NOVA_CONFIG_DIR": "/e",
        },
    )

    assert [(s.group, s.name, s.origin.kind, s.unknown) for s in found.written()] == [
        ("DEFAULT", "log_file", OriginKind.COMMAND_LINE, False),
        ("database", "connection", OriginKind.ENVIRONMENT, False),
        ("database", "sql_connection", OriginKind.ENVIRONMENT, True),
    ]


def test_a_rejected_value_is_written() -> None:
    assert [s.error is None for s in settings_of("[vnc]\nenabled = maybe\n").written()] == [False]


def test_lines_of_api_paste_are_no_unknown_options() -> None:
    paste = "/etc/nova/api-paste.ini"
    files = {
        paste: "[filter:authtoken]\npaste.filter_factory = k\n[vnc]\nenabled = no\n",
        NOVA_CONF: "[a]\nb = c\n",
    }
    found = settings_of(files, is_wsgi=True, formats={paste: "paste"})

    assert names(found) == [("a.b", True), ("vnc.enabled", False)]


def test_everything_is_every_option_then_what_is_unknown() -> None:
    found = list(settings_of("[vnc]\nenabled = no\nenabld = no\n").effective())

    assert len(found) > 1300
    assert [(s.group, s.name) for s in found if s.is_written] == [("vnc", "enabled"), ("vnc", "enabld")]
    assert len({(s.group, s.name) for s in found}) == len(found)


@pytest.mark.parametrize(
    ("plugin", "line", "is_unknown"),
    [
        ("password", "url = http://h/", True),
        ("password", "endpoint = http://h/", True),
        ("password", "user_name = service", False),
        ("v3oidcpassword", "username = nova", False),
        ("v3oidcpassword", "user_name = nova", True),
        ("none", "endpoint = http://h/", False),
        ("admin_token", "url = http://h/", False),
        ("none", "auth_url = http://h/", True),
        ("none", "endpoint_override = http://h/", False),
        ("our_own_plugin", "url = http://h/", False),
        ("", "url = http://h/", False),
        ("$no_such_option", "url = http://h/", False),
    ],
)
def test_options_of_an_auth_plugin_that_is_not_loaded_are_unknown(
    plugin: str, line: str, is_unknown: bool
) -> None:
    found = settings_of(f"[neutron]\nauth_type = {plugin}\n{line}\n")

    assert [s.unknown for s in found.written() if s.name != "auth_type"] == [is_unknown]


def test_a_variable_for_an_auth_plugin_that_is_not_loaded_is_unknown() -> None:
    environment = {"OS_NEUTRON__ENDPOINT": "http://h/", "OS_NEUTRON__AUTH_URL": "http://h/"}
    found = settings_of("[neutron]\nauth_type = password\n", environment=environment)

    assert names(found) == [
        ("neutron.auth_type", False),
        ("neutron.auth_url", False),
        ("neutron.endpoint", True),
    ]


def test_without_auth_type_options_of_every_plugin_are_known() -> None:
    found = settings_of("[neutron]\nurl = http://h/\n")

    assert names(found) == [("neutron.endpoint", False)]


def test_equal_texts_of_two_services_come_to_equal_values_each_with_its_own_place() -> None:
    text = "[DEFAULT]\nenabled_apis = osapi_compute, metadata\n[database]\nmax_retries = 1_0\n"
    one, other = settings_of(text), settings_of({"/srv/nova.conf": f"\n{text}"})
    key = ("DEFAULT", "enabled_apis")

    assert one[key].value == other[key].value == ("osapi_compute", "metadata")
    assert one["database", "max_retries"].value == other["database", "max_retries"].value == 10
    assert (str(one[key].origin), str(other[key].origin)) == (f"{NOVA_CONF}:2", "/srv/nova.conf:3")


def test_a_value_with_two_names_in_two_files_is_still_the_newest() -> None:
    found = settings_of(
        {NOVA_CONF: "[DEFAULT]\nlog_dir = /a\n", "/etc/nova/2.conf": "[DEFAULT]\nlogdir = /b\n"}
    )

    assert (found["DEFAULT", "log_dir"].value, found["DEFAULT", "log_dir"].written_as) == (
        "/b",
        "DEFAULT.logdir",
    )


def test_an_option_of_a_plugin_that_is_not_loaded_shows_only_where_it_is_written() -> None:
    found = settings_of("[neutron]\nauth_type = password\nendpoint = http://h/\n")
    shown = [(s.name, s.unknown) for s in found.effective() if s.group == "neutron"]

    assert [item for item in shown if item[0] in ("endpoint", "passcode", "auth_url")] == [
        ("auth_url", False),
        ("endpoint", True),
    ]
