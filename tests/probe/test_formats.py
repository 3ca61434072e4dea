"""What leaves of files in other formats than oslo.config's."""

import re

import pytest

from auditor.probe import formats
from tests.probe.redaction import REDACTOR

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----"


def left(text: str, form: str) -> str | None:
    """What leaves of a file, each token written as *."""
    redacted = formats.redact(text, form, REDACTOR)
    return redacted and re.sub(r"REDACTED-[a-z0-9]+-[0-9a-f]{16}", "*", redacted)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ssl-ca=/etc/ca.pem", "ssl-ca = /etc/ca.pem"),
        ("ssl_ca = /etc/ca.pem", "ssl_ca = /etc/ca.pem"),
        ("ssl", "ssl"),
        ("ssl-verify-server-cert", "ssl-verify-server-cert"),
        ("password=hunter2", "password = *"),
        ("password = hunter2 # x", "password = *"),
        ("hunter2", "*"),
        ("  hunter2", "    *"),
        ("# hunter2", "#"),
        ("user = nova", "user = nova"),
        ("!includedir /etc/my.cnf.d/", "!includedir /etc/my.cnf.d/"),
        ("!include /etc/x y hunter2", "!include *"),
        # Connector/C and Python's configparser take these lines for options, groups and comments of their own.
        ("  ssl-ca = /etc/ca.pem", "    ssl-ca = /etc/ca.pem"),
        ("\tssl", "    ssl"),
        ("  # hunter2", "    #"),
        ("  hunter2=hunter2", "    *"),
        ("  password=hunter2", "    *"),
        ("  [mysqld] hunter2", "    [mysqld]"),
        ("[mysqld] # hunter2", "[mysqld]"),
        ("tls-ca=/etc/ca.pem", "tls-ca = /etc/ca.pem"),
    ],
)
def test_my_cnf_keeps_what_decides_about_tls(line: str, expected: str) -> None:
    assert left(f"[client]\n{line}\n", "my.cnf") == f"[client]\n{expected}\n"


@pytest.mark.parametrize("form", ["my.cnf", "logging", "paste"])
def test_a_file_that_begins_like_a_passwd_file_sends_nothing(form: str) -> None:
    assert left("root:x:0:0:root:/root:/bin/bash\n", form) is None


def test_an_include_before_the_first_group_stays_in_its_place() -> None:
    assert left("!includedir /etc/mysql\n[client]\n", "my.cnf") == "!includedir /etc/mysql\n[client]\n"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("(sys.stdout,)", "(sys.stdout,)"),
        ("('/var/log/nova/nova.log', 'a')", "('/var/log/nova/nova.log', 'a')"),
        ("('/dev/log', handlers.SysLogHandler.LOG_USER)", "('/dev/log', handlers.SysLogHandler.LOG_USER)"),
        ("('log.example', '/in?key=hunter2', 'POST')", "*"),
        ("(('m', 25), 'a', 'b', 'c', ('user', 'hunter2'))", "*"),
        ("('hunter2',)", "*"),
    ],
)
def test_logging_keeps_streams_and_files(args: str, expected: str) -> None:
    text = f"[handler_x]\nclass = StreamHandler\nargs = {args}\n"

    assert left(text, "logging") == f"[handler_x]\nclass = StreamHandler\nargs = {expected}\n"


def test_paste_keeps_pipelines_and_the_options_of_authtoken() -> None:
    text = (
        "[composite:osapi_compute]\nuse = call:nova.api.openstack.urlmap:urlmap_factory\n/v2.1: openstack_compute_api_v21\n"
        "/v2/+: openstack_v2\n[app:x]\nuse = egg:Paste#static\nuse = egg:hunter2 x\n"
        "[filter:authtoken]\npassword = hunter2\ncafile = /etc/ca.pem\nadmin_token = hunter2\n[a hunter2]\n"
    )

    assert left(text, "paste") == (
        "[composite:osapi_compute]\nuse = call:nova.api.openstack.urlmap:urlmap_factory\n/v2.1 : openstack_compute_api_v21\n"
        "/v2/+ : openstack_v2\n[app:x]\nuse = egg:Paste#static\nuse = *\n[filter:authtoken]\npassword = *\ncafile = /etc/ca.pem\nadmin_token = *\n[*]\n"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            '"os_compute_api:servers:show": "rule:admin_api"',
            '"os_compute_api:servers:show": "rule:admin_api"',
        ),
        ("'x': '@'", '"x": "@"'),
        ('"x": ""', '"x": ""'),
        (
            '"x": "role:admin or project_id:%(project_id)s",',
            '"x": "role:admin or project_id:%(project_id)s",',
        ),
        ('"x": "role:hunter2"', '"x": "*"'),
        ('"x": "http://hunter2/check"', '"x": "*"'),
        ('"x": "rule:x"', '"x": "rule:x"'),
        ('"x": "rule:hunter2"', '"x": "*"'),
        ("# hunter2", "#"),
    ],
)
def test_policies_keep_names_and_the_usual_checks(line: str, expected: str) -> None:
    assert left(line + "\n", "policy") == expected + "\n"


def test_what_is_no_policy_sends_nothing() -> None:
    assert left("hunter2\n", "policy") is None


def test_only_certificates_leave_a_pem_file() -> None:
    assert (
        left(f"Subject: hunter2\n{KEY}\n{CERTIFICATE}\n{CERTIFICATE}\n", "pem")
        == f"{CERTIFICATE}\n{CERTIFICATE}\n"
    )
    assert left(f"{KEY}\n", "pem") is None
    assert left("-----BEGIN CERTIFICATE-----\nhunter2 hunter2\n-----END CERTIFICATE-----\n", "pem") is None


def test_an_environment_file_keeps_what_decides() -> None:
    text = (
        "# hunter2\nUSE_SYSLOG=yes\nOS_DATABASE__CONNECTION='mysql://u:hunter2@h/n'\nexport TOKEN=hunter2\nhunter2\n"
        'DAEMON_ARGS="--config-file=/etc/x.conf --password hunter2"\nOS_NOVA_CONFIG_DIR=/etc/nova\n'
    )

    assert left(text, "environment") == (
        "#\nUSE_SYSLOG=yes\nOS_DATABASE__CONNECTION=mysql://u:*@h/n\nTOKEN=*\n*\n"
        "DAEMON_ARGS='--config-file=/etc/x.conf --password *'\nOS_NOVA_CONFIG_DIR=/etc/nova\n"
    )


def test_a_unit_keeps_its_lines() -> None:
    text = (
        "[Unit]\nDescription=hunter2\n[Service]\nUser=nova\nEnvironment=OS_DEFAULT__DEBUG=true TOKEN=hunter2\n"
        "ExecStart=/usr/bin/nova-compute \\\n  --config-file /etc/nova/nova.conf \\\n  --token hunter2\nRestart=always\n"
    )

    assert left(text, "unit") == (
        "[Unit]\nDescription=*\n[Service]\nUser=nova\nEnvironment=OS_DEFAULT__DEBUG=true 'TOKEN=*'\n".replace(
            "'", ""
        )
        + "ExecStart=/usr/bin/nova-compute --config-file /etc/nova/nova.conf --token *\n\n\nRestart=*\n"
    )


def test_kolla_keeps_the_command_and_what_is_copied() -> None:
    text = (
        '{"command": "nova-compute --token hunter2", "note": "hunter2", "config_files": '
        '[{"source": "/var/lib/kolla/config_files/nova.conf", "dest": "/etc/nova/nova.conf", "owner": "nova", "perm": "0600"}]}'
    )
    kept = left(text, "kolla")

    assert kept is not None
    assert '"command": "nova-compute --token *"' in kept
    assert '"dest": "/etc/nova/nova.conf"' in kept
    assert "hunter2" not in kept


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "[" * 100_000])
def test_what_is_no_description_of_a_container_sends_nothing(text: str) -> None:
    assert left(text, "kolla") is None


def test_a_format_nobody_knows_sends_nothing() -> None:
    assert left("[a]\nb = c\n", "other") is None


def test_a_known_variable_keeps_its_name_however_long() -> None:
    known = "OS_FILTER_SCHEDULER__AGGREGATE_IMAGE_PROPERTIES_ISOLATION_NAMESPACE"
    unknown = "OS_FILTER_SCHEDULER__" + "HUNTER2" * 8

    assert left(f"{known}=a\n{unknown}=b\n", "environment") == f"{known}=a\n*=*\n"
