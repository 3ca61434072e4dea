"""What may leave a host: the reviewed kinds and the allow-list made from them."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from auditor import probe
from auditor.releases import allowed

ALLOWED = json.loads((Path(probe.__file__).parent / "allowed.json").read_text(encoding="utf-8"))


def kind_of(group: str, name: str) -> list[str] | None:
    position = ALLOWED["groups"].get(group, {}).get(name)
    return None if position is None else ALLOWED["types"][position]


def test_the_allow_list_in_the_probe_is_what_the_reviewed_kinds_make() -> None:
    text = (Path(probe.__file__).parent / "allowed.json").read_text(encoding="utf-8")

    assert text == allowed.render(), "run: python -m auditor.releases.allowed"


def test_every_option_of_every_release_has_been_decided() -> None:
    verdicts, unreviewed = allowed.judge()

    assert len(verdicts) > 1700
    assert not unreviewed, "name them in auditor/releases/kinds.toml"


def test_every_option_named_in_the_table_exists_in_some_release() -> None:
    kinds = allowed.reviewed()
    existing = set(allowed.options())
    named = {(group, dest) for group, options in kinds["groups"].items() for dest in options}
    shared = [
        {(group, dest) for group in table["groups"]}
        for table in kinds["sets"].values()
        for dest in table["options"]
    ]

    assert not named - existing
    assert all(keys & existing for keys in shared)


def test_a_group_with_a_shared_set_has_options_of_it() -> None:
    kinds = allowed.reviewed()
    existing = set(allowed.options())
    empty = [
        (name, group)
        for name, table in kinds["sets"].items()
        for group in table["groups"]
        if not {(group, dest) for dest in table["options"]} & existing
    ]

    assert not empty


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no such kind: 'wrod'"):
        allowed.spell("wrod")


CREDENTIALS = [
    ("DEFAULT", "rabbit_password"),
    ("DEFAULT", "sql_password"),
    ("api_database", "password"),
    ("barbican_service_user", "password"),
    ("barbican_service_user", "token"),
    ("cache", "backend_argument"),
    ("cache", "memcache_password"),
    ("cache", "password"),
    ("cache", "redis_password"),
    ("cinder", "application_credential_secret"),
    ("cinder", "password"),
    ("cinder", "token"),
    ("cyborg", "password"),
    ("database", "password"),
    ("glance", "password"),
    ("ironic", "access_token"),
    ("ironic", "admin_password"),
    ("ironic", "client_secret"),
    ("ironic", "password"),
    ("key_manager", "fixed_key"),
    ("key_manager", "password"),
    ("key_manager", "token"),
    ("keymgr", "fixed_key"),
    ("keystone", "password"),
    ("keystone_authtoken", "access_key"),
    ("keystone_authtoken", "access_secret"),
    ("keystone_authtoken", "access_token"),
    ("keystone_authtoken", "admin_password"),
    ("keystone_authtoken", "admin_token"),
    ("keystone_authtoken", "application_credential_secret"),
    ("keystone_authtoken", "client_secret"),
    ("keystone_authtoken", "code"),
    ("keystone_authtoken", "consumer_key"),
    ("keystone_authtoken", "consumer_secret"),
    ("keystone_authtoken", "idp_otp_key"),
    ("keystone_authtoken", "memcache_password"),
    ("keystone_authtoken", "memcache_secret_key"),
    ("keystone_authtoken", "oauth2_client_secret"),
    ("keystone_authtoken", "passcode"),
    ("keystone_authtoken", "password"),
    ("keystone_authtoken", "token"),
    ("libvirt", "ceph_mount_options"),
    ("libvirt", "nfs_mount_options"),
    ("libvirt", "rbd_secret_uuid"),
    ("libvirt", "smbfs_mount_options"),
    ("libvirt", "vzstorage_mount_opts"),
    ("manila", "application_credential_secret"),
    ("manila", "password"),
    ("neutron", "admin_password"),
    ("neutron", "application_credential_secret"),
    ("neutron", "metadata_proxy_shared_secret"),
    ("neutron", "password"),
    ("oslo_limit", "password"),
    ("oslo_limit", "token"),
    ("oslo_messaging_amqp", "password"),
    ("oslo_messaging_amqp", "ssl_key_password"),
    ("oslo_messaging_kafka", "sasl_password"),
    ("oslo_messaging_kafka", "ssl_client_key_password"),
    ("oslo_messaging_rabbit", "rabbit_password"),
    ("placement", "application_credential_secret"),
    ("placement", "passcode"),
    ("placement", "password"),
    ("placement", "token"),
    ("privsep_osbrick", "helper_command"),
    ("profiler", "hmac_keys"),
    ("profiler_jaeger", "process_tags"),
    ("service_user", "application_credential_secret"),
    ("service_user", "password"),
    ("service_user", "token"),
    ("vault", "approle_role_id"),
    ("vault", "approle_secret_id"),
    ("vault", "root_token_id"),
    ("vendordata_dynamic_auth", "password"),
    ("vendordata_dynamic_auth", "client_secret"),
    ("vmware", "host_password"),
    ("vnc", "password"),
    ("xenserver", "connection_password"),
]


@pytest.mark.parametrize(("group", "name"), CREDENTIALS)
def test_a_credential_never_leaves(group: str, name: str) -> None:
    kind = kind_of(group, name)

    assert kind is None


def test_what_oslo_calls_secret_leaves_as_a_url_with_tokens_or_not_at_all() -> None:
    flagged = {
        key for key, versions in allowed.options().items() if any(option.secret for option in versions)
    }

    leaving = {key: kind_of(*key) for key in flagged if kind_of(*key) is not None}

    assert set(map(tuple, leaving.values())) == {("url",)}
    assert {name for _, name in leaving} == {
        "transport_url",
        "connection",
        "slave_connection",
        "asyncio_connection",
        "asyncio_slave_connection",
    }


URLS = [
    ("DEFAULT", "transport_url"),
    ("audit_middleware_notifications", "transport_url"),
    ("oslo_messaging_notifications", "transport_url"),
    ("database", "connection"),
    ("database", "slave_connection"),
    ("database", "asyncio_connection"),
    ("api_database", "connection"),
    ("placement_database", "connection"),
    ("placement_database", "slave_connection"),
    ("DEFAULT", "sql_connection"),
    ("profiler", "connection_string"),
    ("keystone_authtoken", "auth_url"),
    ("keystone_authtoken", "www_authenticate_uri"),
    ("placement", "endpoint_override"),
    ("vault", "vault_url"),
    ("libvirt", "connection_uri"),
    ("libvirt", "live_migration_uri"),
    ("cinder", "endpoint_template"),
    ("key_manager", "auth_url"),
    ("vmware", "pbm_wsdl_location"),
]


@pytest.mark.parametrize(("group", "name"), URLS)
def test_what_may_carry_userinfo_is_a_url(group: str, name: str) -> None:
    kind = kind_of(group, name)

    assert kind == ["url"]


@pytest.mark.parametrize("group", ["database", "api_database", "placement_database"])
def test_connection_parameters_leave_as_pairs(group: str) -> None:
    kind = kind_of(group, "connection_parameters")

    assert kind == ["pairs"]


NEEDED = [
    ("DEFAULT", "debug", "boolean"),
    ("DEFAULT", "log_config_append", "path"),
    ("DEFAULT", "log_config", "path"),
    ("DEFAULT", "logfile", "path"),
    ("DEFAULT", "default_log_levels", "list logger"),
    ("DEFAULT", "use_syslog", "boolean"),
    ("DEFAULT", "log_options", "boolean"),
    ("DEFAULT", "rpc_response_timeout", "integer"),
    ("DEFAULT", "long_rpc_timeout", "integer"),
    ("DEFAULT", "control_exchange", "word"),
    ("DEFAULT", "ssl_only", "boolean"),
    ("DEFAULT", "cert", "path"),
    ("DEFAULT", "key", "path"),
    ("DEFAULT", "record", "path"),
    ("DEFAULT", "my_ip", "host"),
    ("DEFAULT", "service_down_time", "integer"),
    ("DEFAULT", "report_interval", "integer"),
    ("DEFAULT", "logging_context_format_string", "text"),
    ("DEFAULT", "compute_driver", "word"),
    ("DEFAULT", "backdoor_port", "word"),
    ("oslo_messaging_rabbit", "ssl", "boolean"),
    ("oslo_messaging_rabbit", "ssl_ca_file", "path"),
    ("oslo_messaging_rabbit", "ssl_cert_file", "path"),
    ("oslo_messaging_rabbit", "ssl_key_file", "path"),
    ("oslo_messaging_rabbit", "kombu_ssl_ca_certs", "path"),
    ("oslo_messaging_rabbit", "rabbit_use_ssl", "boolean"),
    ("oslo_messaging_rabbit", "ssl_version", "word"),
    ("oslo_messaging_rabbit", "ssl_enforce_hostname_verification", "boolean"),
    ("oslo_messaging_rabbit", "heartbeat_timeout_threshold", "integer"),
    ("oslo_messaging_rabbit", "rabbit_quorum_queue", "boolean"),
    ("oslo_messaging_rabbit", "rabbit_retry_interval", "integer"),
    ("oslo_messaging_rabbit", "kombu_reconnect_delay", "float"),
    ("oslo_messaging_kafka", "ssl_cafile", "path"),
    ("oslo_messaging_notifications", "driver", "word"),
    ("database", "max_retries", "integer"),
    ("database", "retry_interval", "integer"),
    ("database", "connection_debug", "integer"),
    ("database", "connection_trace", "boolean"),
    ("database", "connection_recycle_time", "integer"),
    ("database", "max_pool_size", "integer"),
    ("placement", "timeout", "float"),
    ("placement", "connect_retries", "integer"),
    ("placement", "connect_retry_delay", "float"),
    ("placement", "status_code_retries", "integer"),
    ("placement", "status_code_retry_delay", "float"),
    ("placement", "retriable_status_codes", "list integer"),
    ("placement", "insecure", "boolean"),
    ("placement", "cafile", "path"),
    ("placement", "auth_type", "word"),
    ("placement", "username", "word"),
    ("placement", "valid_interfaces", "list word"),
    ("keystone_authtoken", "memcached_servers", "list host"),
    ("keystone_authtoken", "insecure", "boolean"),
    ("keystone_authtoken", "http_connect_timeout", "integer"),
    ("keystone_authtoken", "service_token_roles_required", "boolean"),
    ("cinder", "http_retries", "integer"),
    ("neutron", "http_retries", "integer"),
    ("neutron", "service_metadata_proxy", "boolean"),
    ("glance", "api_servers", "list url"),
    ("glance", "num_retries", "integer"),
    ("vnc", "auth_schemes", "list enum none vencrypt"),
    ("vnc", "server_listen", "host"),
    ("vnc", "novncproxy_port", "port"),
    ("libvirt", "live_migration_with_native_tls", "boolean"),
    ("libvirt", "virt_type", "enum kvm lxc qemu parallels"),
    ("key_manager", "backend", "word"),
    ("oslo_policy", "enforce_scope", "boolean"),
    ("service_user", "send_service_user_token", "boolean"),
    ("api", "vendordata_dynamic_targets", "list target"),
    ("profiler", "enabled", "boolean"),
]


@pytest.mark.parametrize(("group", "name", "kind"), NEEDED)
def test_what_checks_judge_leaves(group: str, name: str, kind: str) -> None:
    found = kind_of(group, name)

    assert found == kind.split()


def test_an_older_name_of_a_secret_is_withheld() -> None:
    verdicts, _ = allowed.judge()
    secrets = {key for key, kind in verdicts.items() if kind == allowed.SECRET}
    older = {
        spelling for key in secrets for option in allowed.options()[key] for spelling in option.spellings[1:]
    }

    assert not [spelling for spelling in older if kind_of(*spelling) is not None]


def test_a_reference_to_any_option_of_any_release_can_be_recognised_by_each_of_its_names() -> None:
    known = {(group, name) for group, names in ALLOWED["groups"].items() for name in names}
    withheld = {(group, name) for group, names in ALLOWED["withheld"].items() for name in names.split()}
    spellings = {
        spelling for options in allowed.options().values() for o in options for spelling in o.spellings
    }

    assert known | withheld == spellings
    assert not known & withheld


def test_a_kind_is_a_grammar_an_enumeration_or_a_list_of_one() -> None:
    spelled = [kind[1:] if kind[0] == "list" else kind for kind in ALLOWED["types"]]

    assert all(kind[0] == "enum" or (len(kind) == 1 and kind[0] in allowed.GRAMMARS) for kind in spelled)


@pytest.mark.parametrize(
    ("format_", "key"),
    [
        ("query", "password"),
        ("query", "passwd"),
        ("query", "sslpassword"),
        ("query", "init_command"),
        ("query", "ssl_key_password"),
        ("my.cnf", "password"),
        ("my.cnf", "init-command"),
        ("my.cnf", "init-connect"),
        ("paste", "admin_password"),
        ("paste", "hmac_keys"),
        ("paste", "password"),
        ("environment", "OS_PASSWORD"),
        ("environment", "OS_DATABASE__CONNECTION"),
        ("environment", "MYSQL_PWD"),
    ],
)
def test_a_secret_key_of_another_format_never_leaves(format_: str, key: str) -> None:
    found = ALLOWED[format_].get(key)

    assert found is None


@pytest.mark.parametrize(
    ("format_", "key", "kind"),
    [
        ("query", "ssl_ca", "path"),
        ("query", "sslmode", "word"),
        ("query", "read_timeout", "float"),
        ("query", "read_default_file", "path"),
        ("my.cnf", "ssl-ca", "path"),
        ("my.cnf", "ssl-mode", "word"),
        ("my.cnf", "ssl-verify-server-cert", "boolean"),
        ("my.cnf", "user", "word"),
        ("paste", "pipeline", "phrase"),
        ("paste", "paste.filter_factory", "word"),
        ("logging", "level", "word"),
        ("logging", "args", "literal"),
        ("environment", "OS_NOVA_CONFIG_FILES", "files"),
        ("environment", "REQUESTS_CA_BUNDLE", "path"),
    ],
)
def test_a_plain_key_of_another_format_leaves(format_: str, key: str, kind: str) -> None:
    found = ALLOWED["types"][ALLOWED[format_][key]]

    assert found == [kind]


def test_differing_kinds_of_one_name_are_withheld_unless_one_is_wider() -> None:
    found = [
        allowed.merge([("word",), ("path",)]),
        allowed.merge([("integer",), ("port",)]),
        allowed.merge([("float",), ("integer",)]),
        allowed.merge([("enum", "b"), ("enum", "a")]),
        allowed.merge([("word",), allowed.SECRET]),
    ]

    assert found == [allowed.SECRET, ("integer",), ("float",), ("enum", "a", "b"), allowed.SECRET]


def test_the_allow_list_stays_small_in_the_payload() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("allowed.json", allowed.render())

    assert len(packed.getvalue()) <= 12 * 1024
