"""Precedence, older names, types: values in, settings out."""

from itertools import pairwise

import pytest

from auditor.model import Origin, OriginKind
from tests.effective.services import NOVA_CONF, UNIT, setting_of, settings_of

NEWER = "/etc/nova/nova.conf.d/50.conf"


def test_a_written_value_is_typed_and_knows_its_place() -> None:
    found = setting_of("[database]\n\nmax_pool_size = 7\n", "database", "max_pool_size")

    assert found.value == 7
    assert found.origin == Origin(OriginKind.FILE, NOVA_CONF, 3)
    assert (found.written_as, found.default, found.unknown) == ("database.max_pool_size", 5, False)


def test_an_option_that_nobody_writes_has_its_default() -> None:
    found = setting_of("[database]\n", "database", "max_pool_size")

    assert (found.value, found.is_written, found.written_as) == (5, False, None)


def test_an_option_that_the_release_does_not_know_is_not_there() -> None:
    found = settings_of("[DEFAULT]\nno_such_option = 1\n")

    assert found.find("DEFAULT", "no_such_option") is None
    with pytest.raises(KeyError):
        found["DEFAULT", "no_such_option"]


def test_the_later_of_two_files_wins_and_of_two_lines() -> None:
    found = settings_of(
        {NOVA_CONF: "[vnc]\nenabled = true\n", NEWER: "[vnc]\nenabled = yes\nenabled = no\n"},
        [(NOVA_CONF, "default"), (NEWER, "default-dir")],
    )

    assert found["vnc", "enabled"].value is False
    assert str(found["vnc", "enabled"].origin) == f"{NEWER}:3"


def test_an_argument_is_parsed_after_the_default_folder() -> None:
    files = {
        NOVA_CONF: "[oslo_messaging_rabbit]\nssl = true\n",
        NEWER: "[oslo_messaging_rabbit]\nssl = false\n",
    }
    found = settings_of(
        files, [(NEWER, "default-dir"), (NOVA_CONF, "argument")], arguments=["--config-file", NOVA_CONF]
    )

    assert found["oslo_messaging_rabbit", "ssl"].value is True


def test_the_environment_beats_files_and_stands_where_the_service_is_defined() -> None:
    found = settings_of(
        "[oslo_messaging_rabbit]\nssl = true\n", environment={"OS_OSLO_MESSAGING_RABBIT__SSL": "false"}
    )["oslo_messaging_rabbit", "ssl"]

    assert found.value is False
    assert found.origin == Origin(OriginKind.ENVIRONMENT, UNIT.path, UNIT.line)
    assert found.written_as == "oslo_messaging_rabbit.ssl"


def test_the_environment_knows_neither_older_names_nor_other_case() -> None:
    found = settings_of(
        "",
        environment={
            "OS_DATABASE__SQL_CONNECTION": "a",
            "os_database__connection": "b",
            "OS_DEFAULT__DEBUG": "1",
        },
    )

    assert found["database", "connection"].value is None
    assert found["DEFAULT", "debug"].value is True


def test_the_command_line_beats_the_environment() -> None:
    found = settings_of("", arguments=["--debug"], environment={"OS_DEFAULT__DEBUG": "false"})[
        "DEFAULT", "debug"
    ]

    assert found.value is True
    assert found.origin == Origin(OriginKind.COMMAND_LINE, UNIT.path, UNIT.line)
    assert found.written_as == "DEFAULT.debug"


def test_an_option_of_the_command_line_that_a_file_sets_too_loses_to_the_environment() -> None:
    # A quirk of ConfigOpts._do_get: what a file has too does not count as from the command line.
    found = settings_of(
        "[DEFAULT]\nlog_dir = /file\n",
        arguments=["--log-dir=/cli"],
        environment={"OS_DEFAULT__LOG_DIR": "/env"},
    )

    assert found["DEFAULT", "log_dir"].value == "/env"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--config-file", NOVA_CONF, "--log-dir=/cli"], "/cli"),
        (["--log-dir=/cli", "--config-file", NOVA_CONF], "/file"),
        (["--log-dir", "/cli", f"--config-fil={NOVA_CONF}"], "/file"),
    ],
)
def test_a_command_line_counts_in_its_order(arguments: list[str], expected: str) -> None:
    found = settings_of(
        {NOVA_CONF: "[DEFAULT]\nlog_dir = /file\n"}, [(NOVA_CONF, "argument")], arguments=arguments
    )

    assert found["DEFAULT", "log_dir"].value == expected


def test_folders_and_files_of_a_command_line_count_in_its_order() -> None:
    files = {
        path: f"[DEFAULT]\nlog_dir = {path}\n" for path in ("/a/1.conf", "/a/2.conf", "/b/1.conf", "/c.conf")
    }
    sources = [
        ("/a/1.conf", "argument-dir"),
        ("/a/2.conf", "argument-dir"),
        ("/c.conf", "argument"),
        ("/b/1.conf", "argument-dir"),
    ]
    arguments = ["--config-dir=/a", "--config-file", "/c.conf", "--log-dir=/cli", "--config-dir", "/b"]

    assert settings_of(files, sources, arguments=arguments)["DEFAULT", "log_dir"].value == "/b/1.conf"
    assert settings_of(files, sources[:3], arguments=arguments[:4])["DEFAULT", "log_dir"].value == "/cli"


def test_a_program_has_command_line_options_of_its_own() -> None:
    found = settings_of("", program="nova-novncproxy", arguments=["--vnc-novncproxy_port=6099", "--nodaemon"])

    assert found["vnc", "novncproxy_port"].value == 6099
    assert found["DEFAULT", "daemon"].value is False


def test_the_current_name_wins_inside_a_file_and_the_newest_file_wins_whatever_the_name() -> None:
    same = settings_of(
        "[oslo_messaging_rabbit]\nrabbit_use_ssl = false\nssl = true\nrabbit_use_ssl = false\n", release="zed"
    )["oslo_messaging_rabbit", "ssl"]
    across = settings_of(
        {
            NOVA_CONF: "[oslo_messaging_rabbit]\nssl = true\n",
            NEWER: "[oslo_messaging_rabbit]\nrabbit_use_ssl = false\n",
        },
        release="zed",
    )["oslo_messaging_rabbit", "ssl"]

    assert (same.value, same.written_as) == (True, "oslo_messaging_rabbit.ssl")
    assert (across.value, across.written_as) == (False, "oslo_messaging_rabbit.rabbit_use_ssl")
    assert str(across.origin) == f"{NEWER}:2"


def test_one_older_name_may_set_two_options() -> None:
    found = settings_of("[DEFAULT]\nsql_connection = sqlite://\n", release="zed")

    assert found["database", "connection"].value == "sqlite://"
    assert found["api_database", "connection"].written_as == "DEFAULT.sql_connection"


def test_an_older_name_is_unknown_to_a_release_that_dropped_it() -> None:
    found = settings_of("[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n", release="2025.1")

    assert found["oslo_messaging_rabbit", "ssl"].value is False
    assert [(s.name, s.unknown) for s in found.written()] == [("rabbit_use_ssl", True)]


def test_repeated_options_add_up_across_files_and_the_newest_is_the_place() -> None:
    group = "[oslo_messaging_notifications]\n"
    found = settings_of(
        {NOVA_CONF: f"{group}driver = messagingv2\ndriver = log\n", NEWER: f"{group}driver = noop,x\n"}
    )
    driver = found["oslo_messaging_notifications", "driver"]

    assert driver.value == ("messagingv2", "log", "noop,x")
    assert str(driver.origin) == f"{NEWER}:2"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("$state_path/x", "/srv/x"),
        ("${state_path}x", "/srvx"),
        ("$$state_path", "$state_path"),
        ("\\$state_path", "$state_path"),
        ("$1 $", "$1 $"),
        ("'$state_path'", "/srv"),
        ("${oslo_concurrency.lock_path}", "/lock"),
        ("a${cafile}b", "ab"),
    ],
)
def test_references_resolve_in_their_own_group_then_in_default(written: str, expected: str) -> None:
    text = f"[DEFAULT]\nstate_path = /srv\n[oslo_concurrency]\nlock_path = /lock\n[placement]\nregion_name = {written}\n"

    assert setting_of(text, "placement", "region_name").value == expected


def test_a_reference_prefers_the_option_of_its_own_group() -> None:
    found = settings_of("[glance]\ndebug = true\nregion_name = $debug\n[placement]\nregion_name = $debug\n")

    assert (found["glance", "region_name"].value, found["placement", "region_name"].value) == (
        "True",
        "False",
    )


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("$nothing", "it refers to $nothing, and there is no such option"),
        ("${database.nothing}", "it refers to $database.nothing, and there is no such option"),
        ("${nowhere.nothing}", "it refers to group nowhere, and there is no such group"),
        ("$database", "it refers to a group, and only options can be referred to"),
        ("$region_name", "it refers to itself"),
    ],
)
def test_a_reference_to_nothing_is_an_error_of_that_setting_alone(written: str, words: str) -> None:
    found = settings_of(f"[placement]\nregion_name = {written}\ncafile = /ca.pem\n")

    assert found["placement", "region_name"].error == words
    assert found["placement", "region_name"].origin.line == 2
    assert found["placement", "cafile"].value == "/ca.pem"


def test_options_that_refer_to_each_other_in_a_circle_are_errors() -> None:
    found = settings_of("[DEFAULT]\nstate_path = $instances_path\ninstances_path = $state_path\n")

    assert found["DEFAULT", "state_path"].error == "it refers to itself"


def test_a_reference_to_a_rejected_value_is_rejected_for_its_reason() -> None:
    found = settings_of(
        "[DEFAULT]\nrpc_response_timeout = soon\n[placement]\ntimeout = $rpc_response_timeout\n"
    )

    assert found["placement", "timeout"].error == "it is not an integer"


def test_references_that_multiply_do_not_fill_the_memory() -> None:
    chain = [
        "state_path",
        "instances_path",
        "compute_driver",
        "console_host",
        "default_schedule_zone",
        "log_dir",
    ]
    text = "[DEFAULT]\n" + "\n".join(f"{one} = {('$' + other + ' ') * 40}" for one, other in pairwise(chain))

    assert setting_of(text, "DEFAULT", "state_path").error == "it refers to more than 65536 characters"


@pytest.mark.parametrize(
    ("group", "name", "written", "expected"),
    [
        ("vnc", "enabled", "ON", True),
        ("DEFAULT", "rpc_response_timeout", "", None),
        ("DEFAULT", "rpc_response_timeout", "1_000", 1000),
        ("placement", "connect_retry_delay", "1e3", 1000.0),
        ("placement", "retriable_status_codes", "503, 504", (503, 504)),
        ("vnc", "server_listen", "::1", "::1"),
        ("libvirt", "cpu_mode", "host-model", "host-model"),
        ("libvirt", "rx_queue_size", "512", 512),
        (
            "DEFAULT",
            "reserved_huge_pages",
            "node:0,size:2048,count:64",
            ({"node": "0", "size": "2048", "count": "64"},),
        ),
        ("ironic", "max_version", "anything", None),
        ("privsep", "capabilities", "CAP_SYS_ADMIN,12", (21, 12)),
    ],
)
def test_values_have_the_types_of_their_options(
    group: str, name: str, written: str, expected: object
) -> None:
    assert setting_of(f"[{group}]\n{name} = {written}\n", group, name).value == expected


@pytest.mark.parametrize(
    ("text", "group", "name", "expected"),
    [
        ("[vnc]\nserver_listen = a\n  enabled = false\n", "vnc", "enabled", True),
        ("[DEFAULT]\nmy_ip = 10.0.0.1\n [vnc]\nenabled = false\n", "vnc", "enabled", True),
        ("[default]\ndebug = true\n", "DEFAULT", "debug", False),
        ("[DEFAULT]\nconnection = x\n[database]\n", "database", "connection", None),
        (
            "[database]\nconnection = one\n[DEFAULT]\n[database]\nconnection = two\n",
            "database",
            "connection",
            "two",
        ),
        ("[vnc]\nenabled = 'False'\n", "vnc", "enabled", False),
        ("[vnc]\nserver_listen = a\n\u00a0enabled = false\n", "vnc", "enabled", False),
    ],
)
def test_lines_belong_where_oslo_config_puts_them(text: str, group: str, name: str, expected: object) -> None:
    assert setting_of(text, group, name).value == expected


@pytest.mark.parametrize(
    ("group", "name", "written", "words"),
    [
        (
            "oslo_messaging_rabbit",
            "ssl",
            "enabled",
            "it is not a boolean (true, false, yes, no, on, off, 1, 0)",
        ),
        ("oslo_messaging_rabbit", "ssl", "", "it is not a boolean (true, false, yes, no, on, off, 1, 0)"),
        (
            "oslo_messaging_rabbit",
            "ssl",
            "true  # enable TLS",
            "it is not a boolean (true, false, yes, no, on, off, 1, 0)",
        ),
        ("placement", "timeout", "10s", "it is not an integer"),
        ("placement", "connect_retry_delay", "10s", "it is not a number"),
        ("database", "max_pool_size", "5.0", "it is not an integer"),
        ("database", "connection_debug", "101", "should be less than or equal to 100"),
        ("vnc", "novncproxy_port", "65536", "should be less than or equal to 65535"),
        ("vnc", "server_listen", "a b", "a b is not a valid host address"),
        ("libvirt", "rx_queue_size", "100", "valid values are"),
        ("libvirt", "cpu_mode", "Custom", "valid values are"),
        ("libvirt", "rx_queue_size", "9" * 400, "it is none of the option's choices"),
    ],
)
def test_a_value_that_oslo_config_rejects_is_an_error_of_that_setting(
    group: str, name: str, written: str, words: str
) -> None:
    found = setting_of(f"[{group}]\n{name} = {written}\n", group, name)

    assert found.error is not None
    assert found.error.startswith(words)
    assert (found.resolved, found.origin.line) == (None, 2)


def test_what_depends_on_the_host_stays_open_through_references_and_types() -> None:
    found = settings_of("[vnc]\nserver_listen = $my_ip\nnovncproxy_base_url = http://$my_ip:6080/\n")

    assert found["vnc", "server_listen"].value == "<ip>"
    assert found["vnc", "novncproxy_base_url"].value == "http://<ip>:6080/"
    assert found["DEFAULT", "host"].value == "<hostname>"


def test_a_placeholder_that_an_operator_left_in_a_file_is_what_it_is() -> None:
    assert setting_of("[vnc]\nserver_listen = <ip>\n", "vnc", "server_listen").error is not None


def test_auth_plugin_options_and_late_ones_are_known() -> None:
    found = settings_of("[keystone_authtoken]\nusername = nova\ninsecure = true\n")

    assert found["keystone_authtoken", "username"].value == "nova"
    assert found["keystone_authtoken", "insecure"].value is True


def test_groups_exist_for_the_values_that_make_them() -> None:
    text = "[neutron]\nphysnets = Net1\n[neutron_physnet_net1]\nnuma_nodes = 0\n[neutron_physnet_other]\nnuma_nodes = 1\n"
    found = settings_of(text)

    assert found["neutron_physnet_Net1", "numa_nodes"].value == (0,)
    assert found["neutron_physnet_Net1", "numa_nodes"].written_as == "neutron_physnet_Net1.numa_nodes"
    assert found.find("neutron_physnet_other", "numa_nodes") is None
    assert settings_of("").find("neutron_physnet_Net1", "numa_nodes") is None


def test_nova_commands_set_defaults_of_their_own() -> None:
    found = {
        program: settings_of("", program=program)["DEFAULT", "web"].value
        for program in ("nova-novncproxy", "nova-serialproxy", "nova-api")
    }

    assert found == {
        "nova-novncproxy": "/usr/share/novnc",
        "nova-serialproxy": None,
        "nova-api": "/usr/share/spice-html5",
    }


def test_the_list_of_files_can_be_referred_to() -> None:
    assert (
        setting_of("[placement]\ncafile = $config_file\n", "placement", "cafile").value == f"['{NOVA_CONF}']"
    )


def test_deprecated_names_are_errors_where_the_operator_made_them_fatal() -> None:
    found = settings_of(
        "[DEFAULT]\nfatal_deprecations = true\n[placement]\nuser_name = old\ncafile = /ca.pem\n"
    )

    assert found["placement", "username"].error == "it is deprecated, and [DEFAULT] fatal_deprecations is on"
    assert found["placement", "cafile"].error is None


MARKER = "oslo.messaging:ssl_enforce_hostname_verification"
VERIFICATION = ("oslo_messaging_rabbit", "ssl_enforce_hostname_verification")


@pytest.mark.parametrize(("shown", "expected"), [(True, True), (False, None), (None, None)])
def test_a_backported_option_is_known_where_the_libraries_show_it(
    shown: bool | None, expected: bool | None
) -> None:
    capabilities = {} if shown is None else {MARKER: shown}
    found = settings_of(
        f"[{VERIFICATION[0]}]\n{VERIFICATION[1]} = true\n", capabilities=capabilities, release="zed"
    )
    setting = found.find(*VERIFICATION)

    assert (None if setting is None else setting.value) is expected
    assert [s.unknown for s in found.written()] == [expected is None]


def test_an_option_that_the_libraries_lack_is_unknown_whatever_the_release() -> None:
    assert settings_of("", release="2026.2").find(*VERIFICATION) is not None
    assert settings_of("", release="2026.2", capabilities={MARKER: False}).find(*VERIFICATION) is None


def test_unwritten_options_are_open_where_another_source_may_set_them() -> None:
    text = "[DEFAULT]\nconfig_source = remote\n[remote]\ndriver = remote_file\nuri = https://x/\n[oslo_messaging_rabbit]\nssl = false\n"
    found = settings_of(text)

    assert found["oslo_messaging_rabbit", "ssl"].value is False
    assert (
        found["database", "connection"].error
        == "it may be set by the source [remote] of config_source, which was not read"
    )
    assert not [s for s in found.written() if s.unknown]


def test_a_config_source_without_a_driver_sets_nothing() -> None:
    assert setting_of("[DEFAULT]\nconfig_source = remote\n", "database", "max_pool_size").value == 5


def test_every_option_of_every_project_has_a_default() -> None:
    found = settings_of("", release="2026.2")
    placement = settings_of(
        "[placement_database]\nconnection = sqlite://\n", project="placement", release="2026.2"
    )

    assert [s for s in (*found.effective(), *placement.effective()) if s.error is not None] == []
    assert (found.project, placement.project, placement.release) == ("nova", "placement", "2026.2")
