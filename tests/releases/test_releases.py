"""The option definitions and library pins of the nine releases."""

import pytest

from auditor import releases
from auditor.errors import AuditorError

NOVA_MAJORS = dict(zip(releases.RELEASES, range(26, 35), strict=True))
PLACEMENT_MAJORS = dict(zip(releases.RELEASES, range(8, 17), strict=True))


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("zed", "zed"),
        ("Zed", "zed"),
        (" ZED ", "zed"),
        ("26", "zed"),
        ("26.2.2", "zed"),
        ("2:26.2.2-1~deb12u3", "zed"),
        ("27", "2023.1"),
        ("antelope", "2023.1"),
        ("bobcat", "2023.2"),
        ("Caracal", "2024.1"),
        ("dalmatian", "2024.2"),
        ("2025.1", "2025.1"),
        ("epoxy", "2025.1"),
        ("flamingo", "2025.2"),
        ("gazpacho", "2026.1"),
        ("hibiscus", "2026.2"),
        ("34.0.0.0rc1", "2026.2"),
    ],
)
def test_a_release_is_known_by_its_name_code_name_and_nova_version(name: str, release: str) -> None:
    found = releases.canonical(name)

    assert found == release


@pytest.mark.parametrize(
    "name", ["", "yoga", "25", "25.3.0", "35.0.0", "2022.2", "2027.1", "zed2", "-26", "26x"]
)
def test_an_unknown_release_is_refused_in_one_line_that_names_the_choices(name: str) -> None:
    with pytest.raises(releases.UnknownRelease) as caught:
        releases.canonical(name)

    assert isinstance(caught.value, AuditorError)
    assert "\n" not in str(caught.value)
    assert all(release in str(caught.value) for release in releases.RELEASES)


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("31.3.1", "2025.1"),
        ("1:27.0.0-0ubuntu1", "2023.1"),
        ("26.3.0.dev12", "zed"),
        ("25.0.0", None),
        ("master", None),
    ],
)
def test_a_version_of_nova_tells_its_release(version: str, release: str | None) -> None:
    found = releases.release_of_nova(version)

    assert found == release


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("8.0.0", "zed"),
        ("13.0.1", "2025.1"),
        ("16.0.0", "2026.2"),
        ("7.0.0", None),
        ("31.3.1", None),
        ("", None),
    ],
)
def test_a_version_of_placement_tells_its_release(version: str, release: str | None) -> None:
    found = releases.release_of_placement(version)

    assert found == release


@pytest.mark.parametrize("name", releases.RELEASES)
def test_the_data_of_a_release_is_of_that_release(name: str) -> None:
    release = releases.load(name)

    assert release.name == name
    assert release.nova.startswith(f"{NOVA_MAJORS[name]}.")
    assert release.placement.startswith(f"{PLACEMENT_MAJORS[name]}.")
    assert releases.release_of_nova(release.nova) == name
    assert releases.release_of_placement(release.placement) == name
    assert release.libraries["nova"] == release.nova


@pytest.mark.parametrize("name", releases.RELEASES)
def test_every_option_of_a_release_becomes_an_object(name: str) -> None:
    release = releases.load(name)

    options = {
        project: [o for group in groups.values() for o in group.values()]
        for project, groups in release.projects.items()
    }

    assert len(options["nova"]) > 1300
    assert len(options["placement"]) > 150
    assert all(option.type["kind"] for known in options.values() for option in known)


def test_a_release_is_read_once() -> None:
    first, second = releases.load("epoxy"), releases.load("epoxy")

    assert first is second


# openstack/requirements, stable branch heads; for 2026.2 what pip resolves.
PINS = {
    "zed": {
        "oslo.messaging": "14.0.3",
        "kombu": "5.2.4",
        "PyMySQL": "1.0.2",
        "SQLAlchemy": "1.4.40",
        "confluent-kafka": "1.9.2",
    },
    "2023.1": {
        "oslo.messaging": "14.2.5",
        "PyMySQL": "1.0.2",
        "SQLAlchemy": "1.4.41",
        "keystoneauth1": "5.1.3",
    },
    "2023.2": {"oslo.messaging": "14.4.2", "PyMySQL": "1.0.3", "oslo.db": "14.1.1", "openstacksdk": "1.5.1"},
    "2024.1": {
        "oslo.messaging": "14.7.2",
        "amqp": "5.2.0",
        "PyMySQL": "1.1.0",
        "keystonemiddleware": "10.6.0",
    },
    "2024.2": {"oslo.messaging": "14.9.3", "PyMySQL": "1.1.1", "oslo.log": "6.1.2", "SQLAlchemy": "2.0.32"},
    "2025.1": {"oslo.messaging": "16.1.2", "kombu": "5.4.2", "amqp": "5.3.1", "confluent-kafka": "2.8.0"},
    "2025.2": {
        "oslo.messaging": "17.1.0",
        "kombu": "5.5.4",
        "oslo.config": "10.0.0",
        "keystoneauth1": "5.12.0",
    },
    "2026.1": {
        "oslo.messaging": "17.3.0",
        "PyMySQL": "1.1.2",
        "oslo.config": "10.3.0",
        "openstacksdk": "4.10.0",
    },
    "2026.2": {"oslo.messaging": "18.3.1", "kombu": "5.7.0", "PyMySQL": "1.2.4", "SQLAlchemy": "2.1.9"},
}


@pytest.mark.parametrize("name", releases.RELEASES)
def test_the_libraries_are_those_of_the_stable_branch(name: str) -> None:
    libraries = releases.default_libraries(name)

    assert {library: libraries[library] for library in PINS[name]} == PINS[name]


def option(release: str, group: str, dest: str, project: str = "nova") -> releases.Option:
    return releases.load(release).projects[project][group][dest]


def test_a_list_option_keeps_the_type_of_its_items() -> None:
    found = option("2025.1", "placement", "retriable_status_codes")

    assert found.type["kind"] == "list"
    assert option("2025.1", "vnc", "auth_schemes").type["item"]["choices"] == ["none", "vencrypt"]


def test_integer_choices_stay_integers() -> None:
    found = option("2025.1", "oslo_messaging_rabbit", "rabbit_quorum_delivery_limit")

    assert found.type == {"kind": "integer"}
    assert option("2026.2", "libvirt", "num_pcie_ports").type == {"kind": "integer", "min": 0, "max": 28}


def test_a_regular_expression_is_kept() -> None:
    found = option("zed", "DEFAULT", "instance_usage_audit_period")

    assert found.type["regex"] == "^(hour|month|day|year)(@([0-9]+))?$"


def test_schemes_of_a_uri_are_kept() -> None:
    found = option("2025.1", "vnc", "novncproxy_base_url")

    assert found.type == {"kind": "uri"}
    assert option("2025.1", "vmware", "serial_port_proxy_uri").type == {
        "kind": "uri",
        "schemes": ["telnet", "telnets"],
    }


def test_false_is_a_default() -> None:
    found = option("zed", "DEFAULT", "debug")

    assert found.default is False
    assert found.cli
    assert found.mutable
    assert found.short == "d"


def test_defaults_are_those_of_a_started_nova() -> None:
    levels = option("zed", "DEFAULT", "default_log_levels").default

    assert option("zed", "DEFAULT", "control_exchange").default == "nova"
    assert "oslo.privsep.daemon=INFO" in levels
    assert "glanceclient=WARN" in levels
    assert "X-Auth-Token" in option("zed", "cors", "allow_headers").default


def test_defaults_are_those_of_a_started_placement() -> None:
    levels = option("zed", "DEFAULT", "default_log_levels", "placement").default

    assert "routes=INFO" in levels
    assert "glanceclient=WARN" not in levels
    assert "OpenStack-API-Version" in option("zed", "cors", "allow_headers", "placement").default


def test_what_depends_on_the_machine_is_a_placeholder() -> None:
    defaults = [
        option("2025.1", group, dest).default for group, dest in (("DEFAULT", "host"), ("DEFAULT", "my_ip"))
    ]

    assert defaults == ["<hostname>", "<ip>"]
    assert option("2025.1", "privsep", "thread_pool_size").default == "<cpus>"
    assert option("2025.1", "DEFAULT", "pybasedir").default == "<site-packages>"


def test_no_default_tells_of_the_machine_that_made_the_data() -> None:
    defaults = [
        str(option.default)
        for name in releases.RELEASES
        for groups in releases.load(name).projects.values()
        for known in groups.values()
        for option in known.values()
    ]

    assert not [
        text
        for text in defaults
        if "/envs/" in text or "/root/" in text or "/tmp/" in text.replace("/var/tmp/", "")
    ]


def test_a_credential_of_an_auth_plugin_is_known() -> None:
    password = option("2025.1", "keystone_authtoken", "password")
    secret = option("2025.1", "placement", "application_credential_secret")

    assert password.plugin
    assert password.late
    assert password.secret
    assert secret.plugin
    assert secret.secret


@pytest.mark.parametrize(
    ("group", "dest"),
    [
        ("keystone_authtoken", "memcached_servers"),
        ("oslo_messaging_kafka", "security_protocol"),
        ("oslo_middleware", "enable_proxy_headers_parsing"),
        ("oslo_reports", "log_dir"),
        ("privsep_osbrick", "helper_command"),
        ("vif_plug_ovs_privileged", "user"),
        ("profiler", "hmac_keys"),
        ("healthcheck", "backends"),
        ("mdev_*", "device_addresses"),
        ("neutron_physnet_*", "numa_nodes"),
        ("oslo_limit", "endpoint_id"),
    ],
)
@pytest.mark.parametrize("name", releases.RELEASES)
def test_what_libraries_register_late_is_known_and_marked(name: str, group: str, dest: str) -> None:
    found = option(name, group, dest)

    assert found.late


@pytest.mark.parametrize(
    ("group", "dest"),
    [
        ("DEFAULT", "transport_url"),
        ("oslo_messaging_rabbit", "ssl"),
        ("database", "connection"),
        ("api_database", "connection"),
        ("placement", "connect_retries"),
        ("placement", "auth_type"),
        ("cache", "memcache_servers"),
        ("vault", "root_token_id"),
        ("key_manager", "backend"),
    ],
)
@pytest.mark.parametrize("name", releases.RELEASES)
def test_what_a_started_service_registers_is_not_late(name: str, group: str, dest: str) -> None:
    found = option(name, group, dest)

    assert not found.late


def test_a_console_option_is_a_command_line_option_of_the_proxies_only() -> None:
    found = option("2025.1", "DEFAULT", "ssl_only")

    assert not found.cli
    assert found.cli_in == ("nova-novncproxy", "nova-serialproxy", "nova-spicehtml5proxy")


def test_older_names_come_in_the_order_of_oslo_config() -> None:
    found = option("zed", "database", "connection")

    assert found.spellings[0] == ("database", "connection")
    assert ("DEFAULT", "sql_connection") in found.spellings
    assert option("zed", "keystone_authtoken", "username").spellings == (
        ("keystone_authtoken", "username"),
        ("keystone_authtoken", "user-name"),
        ("keystone_authtoken", "user_name"),
    )


def test_the_hostname_check_is_known_where_it_was_released() -> None:
    has = {
        name
        for name in releases.RELEASES
        if "ssl_enforce_hostname_verification"
        in releases.load(name).projects["nova"]["oslo_messaging_rabbit"]
    }

    assert has == {"2025.1", "2026.2"}
    assert option("2025.1", "oslo_messaging_rabbit", "ssl_enforce_hostname_verification").default is False
    assert option("2026.2", "oslo_messaging_rabbit", "ssl_enforce_hostname_verification").default is True


def test_a_backport_is_described_as_the_release_that_has_it_describes_it() -> None:
    released = option("2025.1", "oslo_messaging_rabbit", "ssl_enforce_hostname_verification")

    backport = releases.BACKPORTS["oslo.messaging:ssl_enforce_hostname_verification"]

    assert (backport.group, backport.dest, dict(backport.type), backport.default) == (
        released.group,
        released.dest,
        dict(released.type),
        released.default,
    )


def test_every_option_of_an_auth_plugin_belongs_to_a_plugin() -> None:
    names = set().union(*releases.plugins().values())
    registered = {
        option.dest
        for release in releases.RELEASES
        for groups in releases.load(release).projects.values()
        for options in groups.values()
        for option in options.values()
        if option.plugin
    }

    assert registered <= names
    assert {"url", "endpoint"}.isdisjoint(releases.plugins()["password"])
    assert {"auth_url", "password", "tenant_name", "user-name"} <= releases.plugins()["password"]
