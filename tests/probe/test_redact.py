"""What leaves of the values of a configuration file."""

import re

import pytest

from tests.probe.redaction import REDACTOR


def left(text: str) -> str:
    """What leaves of a text, each token written as *."""
    return re.sub(r"REDACTED-[a-z0-9]+-[0-9a-f]{16}", "*", REDACTOR.oslo(text))


def value(line: str, section: str = "DEFAULT") -> str:
    return left(f"[{section}]\n{line}\n").split("\n")[1]


@pytest.mark.parametrize(
    "line",
    [
        "debug = true",
        "debug = Yes",
        "rpc_response_timeout = 60",
        "rpc_response_timeout =",
        "log_file = /var/log/nova/nova.log",
        "log_file = '/var/log/nova/nova.log'",
        "instances_path = $state_path/instances",
        "instances_path = ${state_path}/instances",
        "enabled_apis = osapi_compute,metadata",
        "enabled_apis = osapi_compute, metadata,",
        "default_log_levels = amqp=WARN,oslo.messaging=INFO,sqlalchemy.engine=debug",
        "default_log_levels = amqp = WARN, nova =10,root= 5",
        "instances_path = $logdir",
        "log_dir = ${DEFAULT.logdir}/$state_path",
        "my_ip = 10.0.0.1",
        "transport_url = $notifications_url",
    ],
)
def test_a_plain_value_of_its_type_stays(line: str) -> None:
    assert value(line.replace("$notifications_url", "${database.connection}")) == line.replace(
        "$notifications_url", "${database.connection}"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("debug = enabled", "debug = *"),
        ("debug = true # hunter2", "debug = true # *"),
        ("debug = true\t;hunter2", "debug = true ; *"),
        ("debug = maybe # hunter2", "debug = *"),
        ("rpc_response_timeout = sixty", "rpc_response_timeout = *"),
        ("rpc_response_timeout = 60s", "rpc_response_timeout = *"),
        ("log_file = amqp://nova:hunter2@h", "log_file = *"),
        ("log_file = /var/log/$hunter2/x", "log_file = *"),
        ("log_file = /var/my log", "log_file = *"),
        ("default_log_levels = amqp=WARN,hunter2=DEBUG", "default_log_levels = amqp=WARN,*=DEBUG"),
        ("default_log_levels = amqp=LOUD", "default_log_levels = *"),
        ("default_log_levels = amqp=LOUD, nova=10", "default_log_levels = *,nova=10"),
        ("default_log_levels = hunter2=10,hunter2 = INFO", "default_log_levels = *=10,*= INFO"),
        ("default_log_levels = hunter2=77", "default_log_levels = *"),
        ("enabled_apis = osapi compute", "enabled_apis = *"),
        ("transport-url = rabbit://nova:hunter2@h/", "transport-url = *"),
        ("vendor_option = hunter2", "vendor_option = *"),
        ("vendor_option = $state_path", "vendor_option = $state_path"),
        ("vendor_option = $hunter2", "vendor_option = *"),
        ("a name with spaces = x", "* = *"),
        ("nämé = x", "* = *"),
        ("x" * 65 + " = x", "* = *"),
        ("transport_url = rabbit://nova:pw@h/\n  hunter2", "transport_url = *"),
        ("log_file = /x\n  hunter2", "log_file = /x"),
        ("hunter2", "*"),
        ("# hunter2", "#"),
        ("; hunter2", "#"),
    ],
)  # fmt: skip
def test_everything_else_becomes_a_token(line: str, expected: str) -> None:
    assert value(line) == expected
    assert "hunter2" not in left(f"[DEFAULT]\n{line}\n")


@pytest.mark.parametrize(
    ("section", "line", "expected"),
    [
        ("keystone_authtoken", "password = x", "password = *"),
        ("keystone_authtoken", "password =", "password = *"),
        ("keystone_authtoken", "password = 'x'", "password = *"),
        ("keystone_authtoken", "password = ${placement.password}", "password = ${placement.password}"),
        ("keystone_authtoken", "password = $password", "password = $password"),
        ("keystone_authtoken", "password = pa$password", "password = *"),
        ("keystone_authtoken", "username = nova", "username = nova"),
        ("Database", "connection = mysql://u:p@h/n", "connection = mysql://u:*@h/n"),
        ("default", "debug = true", "debug = *"),
        ("vendor", "debug = true", "debug = *"),
        ("mdev_nvidia-35", "mdev_class = CUSTOM_X", "mdev_class = CUSTOM_X"),
    ],
)
def test_the_section_decides_as_oslo_config_compares_it(section: str, line: str, expected: str) -> None:
    assert value(line, section) == expected


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("[database]", "[database]"),
        ("[ database ]", "[ database ]"),
        ("[vendor]", "[vendor]"),
        ("[vendor hunter2]", "[*]"),
        ("[a:b]", "[*]"),
        ("[database", "[*"),
        ("[database] # hunter2", "[*"),
        ("[]", "[]"),
    ],
)
def test_the_name_of_a_section_stays_if_it_has_the_form_of_one(section: str, expected: str) -> None:
    assert left(f"{section}\n") == f"{expected}\n"


def test_before_any_section_not_even_names_leave() -> None:
    assert left("root:x:0:0\n") == "* : *\n"


def test_a_byte_order_mark_stays_so_that_the_error_stays() -> None:
    assert left("\ufeff[DEFAULT]\n") == "\ufeff*\n"


def test_a_reference_to_no_option_is_told() -> None:
    assert "REDACTED-0du-" in REDACTOR.oslo("[placement]\npassword = pa$word\n")
    assert "REDACTED-1dr-" in REDACTOR.oslo("[placement]\npassword = pa$my_ip\n")
    assert "REDACTED-1d-" in REDACTOR.oslo("[placement]\npassword = pa$$word\n")
    assert "REDACTED-1d-" in REDACTOR.oslo("[placement]\npassword = pa\\$my_ip\n")


@pytest.mark.parametrize("section", ["DATABASE", "database", "Database"])
def test_an_older_name_keeps_its_value_however_its_group_is_written(section: str) -> None:
    line = value("sql_connection = mysql+pymysql://nova:hunter2@db.example/nova?ssl_ca=/etc/ca.pem", section)

    assert line == "sql_connection = mysql+pymysql://nova:*@db.example/nova?ssl_ca=/etc/ca.pem"
