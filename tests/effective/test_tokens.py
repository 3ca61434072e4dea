"""What was withheld on the host: neither a value, nor a rejection unless it is one."""

import pytest

from auditor.errors import Undecidable
from auditor.model import Withheld
from auditor.probe import tokens
from tests.effective.services import setting_of, settings_of

SALT = b"0123456789abcdef"


def token(value: str, references: str = "") -> str:
    return str(tokens.make(value, SALT, references=references))  # type: ignore[no-untyped-call]


def test_a_secret_is_withheld_with_its_traits_and_digest() -> None:
    made = token("nova")
    found = setting_of(f"[placement]\npassword = {made}\n", "placement", "password")

    assert found.resolved == Withheld(made, made.split("-")[1], made.split("-")[2])
    assert found.error is None
    with pytest.raises(Undecidable):
        _ = found.value


def test_a_url_keeps_its_text_around_the_password() -> None:
    url = f"mysql+pymysql://nova:{token('x')}@db1.example/nova?ssl_ca=/ca.pem"

    assert setting_of(f"[database]\nconnection = {url}\n", "database", "connection").value == url


def test_a_url_withheld_as_a_whole_is_withheld() -> None:
    found = setting_of(f"[database]\nconnection = {token('not a url')}\n", "database", "connection")

    assert found.is_withheld


def test_a_list_of_urls_keeps_its_text_unless_one_of_them_is_withheld() -> None:
    def servers(second: str) -> object:
        return setting_of(
            f"[glance]\napi_servers = https://a:9292,{second}\n", "glance", "api_servers"
        ).resolved

    assert servers(f"https://u:{token('p')}@b:9292") == ("https://a:9292", f"https://u:{token('p')}@b:9292")
    assert isinstance(servers(token("?")), Withheld)


def test_a_plain_value_that_holds_a_token_is_withheld_and_its_digest_is_of_the_whole() -> None:
    one, other = (
        setting_of(f"[placement]\ncafile = {path}\n    {token('# the CA')}\n", "placement", "cafile").resolved
        for path in ("/ca.pem", "/cb.pem")
    )

    assert isinstance(one, Withheld)
    assert isinstance(other, Withheld)
    assert one.traits == other.traits
    assert one.digest != other.digest


@pytest.mark.parametrize(
    ("group", "name", "written", "words"),
    [
        ("oslo_messaging_rabbit", "ssl", token("enabled"), "it is not a boolean"),
        ("oslo_messaging_rabbit", "ssl", f"true # {token('enable TLS')}", "it is not a boolean"),
        ("placement", "timeout", token("10s"), "it is not an integer"),
        ("placement", "connect_retry_delay", token("10s"), "it is not a number"),
        ("database", "max_pool_size", token("five"), "it is not an integer"),
        ("database", "max_pool_size", f"5 # {token('connections')}", "it is not an integer"),
        ("vnc", "novncproxy_port", token("http"), "it is not a port"),
        ("libvirt", "cpu_mode", token("bogus"), "it is not of the option's type"),
    ],
)
def test_a_value_withheld_for_being_no_value_of_its_type_is_rejected(
    group: str, name: str, written: str, words: str
) -> None:
    found = setting_of(f"[{group}]\n{name} = {written}\n", group, name)

    assert found.error is not None
    assert found.error.startswith(words)
    assert "REDACTED" not in found.error


@pytest.mark.parametrize(
    ("group", "name", "written"),
    [
        ("database", "max_pool_size", token("1" * 30)),
        ("database", "max_pool_size", "\n    " + token("6")),
        ("database", "max_pool_size", token("\u0667")),
        ("placement", "timeout", token("$other", "r")),
        ("vnc", "server_listen", token("10.0.0.1 ")),
        ("vnc", "novncproxy_base_url", token("http://[")),
    ],
)
def test_a_value_that_oslo_config_may_take_is_withheld_not_rejected(
    group: str, name: str, written: str
) -> None:
    found = setting_of(f"[{group}]\n{name} = {written}\n", group, name)

    assert found.is_withheld
    assert found.error is None


def test_a_dangling_reference_inside_a_withheld_value_is_an_error() -> None:
    found = settings_of(
        f"[database]\nconnection = mysql://nova:{token('pa$word', 'u')}@db1/nova\n[placement]\npassword = {token('$x', 'u')}\n"
    )

    assert found["database", "connection"].error == "it refers to a name, and there is no such option"
    assert found["placement", "password"].error == "it refers to a name, and there is no such option"


def test_a_reference_to_a_withheld_value_is_withheld() -> None:
    found = settings_of(
        f"[placement]\npassword = {token('x')}\nregion_name = a$password\ntimeout = $password\n"
    )

    assert found["placement", "region_name"].is_withheld
    assert found["placement", "timeout"].is_withheld


def test_an_unknown_option_that_was_withheld_stays_so() -> None:
    made = token("secret words")
    found = settings_of(f"[placement]\npasword = {made}\npassphrase = a {made}\n")

    assert [(s.name, s.is_withheld, s.unknown) for s in found.written()] == [
        ("passphrase", True, True),
        ("pasword", True, True),
    ]


def test_a_withheld_argument_or_variable_is_withheld() -> None:
    found = settings_of(
        "",
        arguments=[f"--log-date-format={token('x y')}"],
        environment={"OS_PLACEMENT__PASSWORD": token("z")},
    )

    assert found["DEFAULT", "log_date_format"].is_withheld
    assert found["placement", "password"].is_withheld


def test_a_withheld_variable_of_a_repeatable_option_is_withheld_not_spelt_out() -> None:
    group, name = "oslo_messaging_notifications", "driver"
    spelt = settings_of("", environment={"OS_OSLO_MESSAGING_NOTIFICATIONS__DRIVER": "log"})[group, name]
    found = settings_of("", environment={"OS_OSLO_MESSAGING_NOTIFICATIONS__DRIVER": token("a,b")})[
        group, name
    ]

    assert spelt.value == ("l", "o", "g")
    assert found.is_withheld
