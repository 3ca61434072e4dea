import pytest

from auditor.errors import Unavailable, Undecidable
from auditor.model import File, Missing, Role
from auditor.semantics import authtoken
from auditor.semantics.authtoken import TokenCache
from tests.semantics.build import file, service, withheld

GROUP = "keystone_authtoken"
FACTORY = "[filter:authtoken]\npaste.filter_factory = keystonemiddleware.auth_token:filter_factory\n"


def paste(lines: str, section: str = FACTORY) -> dict[str, str | File | Missing]:
    return {"api-paste.ini": file("/etc/nova/api-paste.ini", section + lines, "paste")}


def test_the_paste_file_wins() -> None:
    found = service(
        {(GROUP, "http_connect_timeout"): 10}, files=paste("http_connect_timeout = 3\n"), role=Role.API
    )
    setting = authtoken.setting(found, "http_connect_timeout")

    assert setting is not None
    assert setting.value == 3
    assert str(setting.origin) == "/etc/nova/api-paste.ini:3"
    assert setting.written_as == "filter:authtoken.http_connect_timeout"


def test_what_the_paste_file_leaves_out_is_that_of_nova() -> None:
    found = service({(GROUP, "http_connect_timeout"): 10}, files=paste("insecure = true\n"), role=Role.API)
    setting = authtoken.setting(found, "http_connect_timeout")

    assert setting is not None
    assert setting.value == 10
    assert [override.value for override in authtoken.overrides(found)] == [True]


def test_the_last_of_two_lines_counts() -> None:
    found = service(files=paste("insecure = true\ninsecure = false\n"), role=Role.API)

    assert [override.value for override in authtoken.overrides(found)] == [False]


def test_a_list_is_taken_apart() -> None:
    found = service(files=paste("memcached_servers = m1:11211, m2:11211\n"), role=Role.API)
    setting = authtoken.setting(found, "memcached_servers")

    assert setting is not None
    assert setting.value == ("m1:11211", "m2:11211")


@pytest.mark.parametrize("lines", ["ca_file = /etc/nova/ca.pem\n", "here = /etc/nova\n"])
def test_names_that_the_middleware_does_not_know_have_no_effect(lines: str) -> None:
    assert authtoken.overrides(service(files=paste(lines), role=Role.API)) == ()


def test_other_filters_say_nothing() -> None:
    assert (
        authtoken.overrides(service(files=paste("insecure = true\n", "[filter:cors]\n"), role=Role.API)) == ()
    )


def test_only_the_api_reads_it() -> None:
    assert authtoken.overrides(service(files=paste("insecure = true\n"), role=Role.CONDUCTOR)) == ()
    assert (
        authtoken.overrides(service(files=paste("insecure = true\n"), role=Role.UNKNOWN, project="placement"))
        == ()
    )


def test_a_value_that_cannot_be_converted_is_rejected() -> None:
    found = service(files=paste("http_connect_timeout = soon\n"), role=Role.API)
    setting = authtoken.setting(found, "http_connect_timeout")

    assert setting is not None
    assert setting.error is not None


def test_a_withheld_value_stays_withheld() -> None:
    found = service(files=paste(f"memcache_secret_key = {withheld().token}\n"), role=Role.API)
    setting = authtoken.setting(found, "memcache_secret_key")

    assert setting is not None
    assert setting.is_withheld


def test_no_paste_file_is_no_trouble() -> None:
    absent = Missing("api-paste.ini", "limit", "the probe did not look at it")

    assert authtoken.overrides(service(files={"api-paste.ini": absent}, role=Role.API)) == ()
    assert authtoken.overrides(service(role=Role.API)) == ()


def test_a_paste_file_that_cannot_be_read_is() -> None:
    denied = Missing("/etc/nova/api-paste.ini", "denied", "permission denied")

    with pytest.raises(Unavailable, match="permission denied"):
        authtoken.overrides(service(files={"api-paste.ini": denied}, role=Role.API))


def test_the_paste_file_may_have_another_name() -> None:
    files = {"/srv/paste.ini": file("/srv/paste.ini", f"{FACTORY}insecure = true\n", "paste")}
    found = service({("wsgi", "api_paste_config"): "/srv/paste.ini"}, files={**files}, role=Role.API)

    assert [override.value for override in authtoken.overrides(found)] == [True]


def test_a_withheld_name_of_the_paste_file_cannot_be_told() -> None:
    with pytest.raises(Undecidable, match="api_paste_config"):
        authtoken.overrides(service({("wsgi", "api_paste_config"): withheld()}, role=Role.API))


def test_a_strategy_protects_nothing_in_the_process() -> None:
    options = {(GROUP, "memcache_security_strategy"): "ENCRYPT", (GROUP, "memcache_secret_key"): withheld()}

    assert authtoken.token_cache(service(options, role=Role.API)) == TokenCache("process", "none")


@pytest.mark.parametrize(
    ("strategy", "protection"), [("ENCRYPT", "encrypt"), ("MAC", "mac"), ("None", "none")]
)
def test_a_strategy_protects_tokens_in_memcached(strategy: str, protection: str) -> None:
    options = {
        (GROUP, "memcached_servers"): ("m1:11211",),
        (GROUP, "memcache_security_strategy"): strategy,
        (GROUP, "memcache_secret_key"): withheld(),
    }

    assert authtoken.token_cache(service(options, role=Role.API)) == TokenCache("memcached", protection)


def test_a_strategy_needs_a_key() -> None:
    found = authtoken.token_cache(service({(GROUP, "memcache_security_strategy"): "MAC"}, role=Role.API))

    assert found.place == "process"
    assert found.broken is not None
