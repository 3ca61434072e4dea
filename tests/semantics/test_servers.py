"""What servers demand, by their settings; `test_real_servers.py` proves it against real ones."""

from collections.abc import Sequence

import pytest

from auditor.checks.servers import (
    account_without_tls,
    guest_enabled,
    plaintext_listener,
    tls_old,
    tls_optional,
)
from auditor.errors import Unavailable, Undecidable
from auditor.model import Account, Endpoint, Origin, OriginKind, Role, Server, Setting, Status
from auditor.semantics.accesslist import plain_records
from auditor.semantics.servers import (
    NOT_ASKED,
    encrypted_listeners,
    offers_tls,
    place,
    plain_accounts,
    plain_listeners,
    reachable,
    requires_tls,
    tls_versions,
)
from auditor.site import Site

EVERYWHERE = {
    Role.RABBITMQ: Endpoint("::", 5671, "amqp/ssl"),
    Role.MYSQL: Endpoint("*", 3306, "mysql"),
    Role.POSTGRESQL: Endpoint("*", 5432, "postgresql"),
}
CHECKS = (plaintext_listener, tls_optional, account_without_tls, guest_enabled, tls_old)


def server(
    role: Role,
    *endpoints: Endpoint,
    accounts: Sequence[Account] | None = (),
    unseen: Sequence[str] = (),
    version: str | None = None,
    files: bool = False,
    **settings: str | None,
) -> Server:
    asked = [f"{NOT_ASKED}: it runs as root"] if files else []
    named = {name.replace("__", "."): value for name, value in settings.items()}
    return Server(
        id=str(role),
        role=role,
        source="files" if files else "running",
        version=version,
        settings={
            name: Setting(str(role), name, value, Origin(OriginKind.SERVER)) for name, value in named.items()
        },
        endpoints=endpoints or (EVERYWHERE[role],),
        accounts=None if accounts is None else tuple(accounts),
        unseen=(*asked, *unseen),
    )


def listed(*records: str) -> Server:
    settings = {f"hba__{number}": record for number, record in enumerate(records, 1)}
    return server(Role.POSTGRESQL, ssl="on", **settings)


@pytest.mark.parametrize("check", CHECKS)
def test_a_server_of_whose_files_one_could_not_be_read_settles_nothing(check: object) -> None:
    judged = check.CHECK  # type: ignore[attr-defined]
    for role in judged.roles:
        one = server(role, files=True, unseen=["/etc/my.cnf: permission denied"], ssl="on")

        with pytest.raises(Unavailable, match="permission denied"):
            judged.evaluate(one, Site())


def test_a_guest_of_the_loopback_is_no_concern() -> None:
    one = server(Role.RABBITMQ, Endpoint("127.0.0.1", 1, "amqp"), Endpoint("::", 2, "clustering"))

    assert guest_enabled.CHECK.evaluate(one, Site()).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_the_loopback_counts_where_there_is_nothing_else(address: str) -> None:
    own, other = Endpoint(address, 3306, "mysql"), Endpoint("192.0.2.1", 3306, "mysql")

    assert reachable(server(Role.MYSQL, own)) == (own,)
    assert reachable(server(Role.MYSQL, own, other)) == (other,)


@pytest.mark.parametrize("address", ["::", "*", "0.0.0.0", "db.example"])  # noqa: S104
def test_every_other_address_is_other_machines_to_reach(address: str) -> None:
    assert not server(Role.MYSQL, Endpoint(address, 3306, "mysql")).is_loopback


@pytest.mark.parametrize(
    ("protocol", "is_plain"),
    [
        ("amqp", True),
        ("amqp/ssl", False),
        ("http", True),
        ("https", False),
        ("mqtt", True),
        ("stomp/ssl", False),
        ("http/web-stomp", True),
        ("https/web-mqtt", False),
        ("clustering", False),
        ("http/prometheus", False),
    ],
)
def test_listeners_of_a_broker_are_plain_by_what_they_speak(protocol: str, is_plain: bool) -> None:
    one = server(Role.RABBITMQ, Endpoint("::", 1, protocol))

    assert bool(plain_listeners(one)) is is_plain


def test_listeners_with_tls_are_told_from_those_without() -> None:
    endpoints = [
        Endpoint("::", 1, name) for name in ("amqp", "amqp/ssl", "https", "http", "mqtt/ssl", "clustering")
    ]
    found = encrypted_listeners(server(Role.RABBITMQ, *endpoints))

    assert [one.protocol for one in found] == ["amqp/ssl", "https", "mqtt/ssl"]


@pytest.mark.parametrize(
    ("settings", "files", "offers"),
    [
        ({"have_ssl": "YES"}, False, True),
        ({"have_ssl": "DISABLED"}, False, False),
        ({"ssl_cert": "/a", "ssl_key": "/b"}, False, True),
        ({"ssl_cert": "", "ssl_key": ""}, False, False),
        ({"ssl_cert": "/a", "ssl_key": "/b"}, True, True),
        ({"ssl_cert": "/a", "ssl_key": "/b", "ssl": "OFF"}, True, False),
        ({"ssl": "0"}, True, False),
    ],
)
def test_mariadb_offers_tls_where_it_has_a_certificate(
    settings: dict[str, str], files: bool, offers: bool
) -> None:
    assert offers_tls(server(Role.MYSQL, files=files, **settings)) is offers


def test_whether_a_server_makes_its_own_certificate_is_not_in_its_files() -> None:
    with pytest.raises(Undecidable, match="depends on its version"):
        offers_tls(server(Role.MYSQL, files=True))


@pytest.mark.parametrize(("value", "requires"), [("ON", True), ("1", True), ("true", True), ("OFF", False)])
def test_a_switch_is_read_as_mariadb_reads_it(value: str, requires: bool) -> None:
    assert requires_tls(server(Role.MYSQL, require_secure_transport=value)) is requires


def test_a_value_that_was_withheld_settles_nothing() -> None:
    with pytest.raises(Undecidable, match="withheld"):
        requires_tls(server(Role.MYSQL, require_secure_transport=None))


@pytest.mark.parametrize(
    ("account", "is_plain"),
    [
        (Account("nova", "%", "none"), True),
        (Account("nova", "10.0.%", "none"), True),
        (Account("", "%", "none"), True),
        (Account("nova", "%", "any"), False),
        (Account("nova", "%", "x509"), False),
        (Account("root", "localhost", "none"), False),
        (Account("root", "127.0.0.1", "none"), False),
        (Account("root", "::1", "none"), False),
        (Account("nova", "%", "none", is_locked=True), False),
        (Account("mysql", "%", "none", tags=("unix_socket",)), False),
    ],
)
def test_an_account_counts_where_others_can_use_it_without_tls(account: Account, is_plain: bool) -> None:
    assert bool(plain_accounts(server(Role.MYSQL, accounts=[account]))) is is_plain


def test_accounts_that_were_not_seen_settle_nothing() -> None:
    one = server(Role.MYSQL, accounts=None, unseen=["its user may not read the accounts"], have_ssl="YES")

    with pytest.raises(Undecidable, match="may not read"):
        account_without_tls.CHECK.evaluate(one, Site())


def test_accounts_of_which_some_were_not_seen_do_not_pass() -> None:
    one = server(Role.MYSQL, accounts=[Account("a", "%", "any")], unseen=["it has more than 2000 accounts"])

    with pytest.raises(Undecidable, match="more than 2000"):
        plain_accounts(one)


def test_a_guest_who_may_come_and_of_whom_nothing_is_known_settles_nothing() -> None:
    one = server(Role.RABBITMQ, accounts=None, files=True, loopback_users="")

    with pytest.raises(Undecidable, match="guest"):
        guest_enabled.CHECK.evaluate(one, Site())


@pytest.mark.parametrize(
    ("role", "version", "settings", "old"),
    [
        (Role.RABBITMQ, "3.10.8", {"ssl__protocol_version": "tlsv1.3,tlsv1.2"}, ()),
        (Role.RABBITMQ, "3.8.0", {"ssl__protocol_version": "tlsv1.2,tlsv1.1,tlsv1"}, ("tlsv1.1", "tlsv1")),
        (
            Role.RABBITMQ,
            "3.10.8",
            {"ssl_options__versions": "tlsv1.2", "ssl__protocol_version": "tlsv1.2,tlsv1.1"},
            (),
        ),
        (Role.MYSQL, "8.0.20", {"tls_version": "TLSv1,TLSv1.1,TLSv1.2"}, ("TLSv1", "TLSv1.1")),
        (Role.MYSQL, "10.11.6", {"tls_version": "TLSv1.0,TLSv1.2"}, ("TLSv1.0",)),
        (Role.MYSQL, "10.11.6", {"tls_version": "TLSv1.2,TLSv1.3"}, ()),
        (Role.POSTGRESQL, "15.1", {"ssl_min_protocol_version": "TLSv1.2"}, ()),
        (Role.POSTGRESQL, "15.1", {"ssl_min_protocol_version": ""}, ("TLSv1", "TLSv1.1")),
        (
            Role.POSTGRESQL,
            "15.1",
            {"ssl_min_protocol_version": "TLSv1.1", "ssl_max_protocol_version": "TLSv1.2"},
            ("TLSv1.1",),
        ),
        (Role.POSTGRESQL, "15", {}, ()),
        (Role.POSTGRESQL, "12", {}, ("TLSv1", "TLSv1.1")),
        (Role.POSTGRESQL, "9.6.24", {}, ("TLSv1", "TLSv1.1")),
    ],
)
def test_old_versions_of_tls_are_those_that_are_allowed(
    role: Role, version: str, settings: dict[str, str], old: tuple[str, ...]
) -> None:
    assert tls_versions(server(role, version=version, **settings)).old == old


@pytest.mark.parametrize("role", [Role.RABBITMQ, Role.MYSQL, Role.POSTGRESQL])
def test_a_default_that_depends_on_the_version_settles_nothing_without_it(role: Role) -> None:
    with pytest.raises(Undecidable, match="depends on the version"):
        tls_versions(server(role, files=True))


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        (Endpoint("*", 1, "x"), "*:1"),
        (Endpoint("::", 1, "x"), "[::]:1"),
        (Endpoint("192.0.2.1", 1, "x"), "192.0.2.1:1"),
    ],
)
def test_a_place_is_written_as_operators_write_it(endpoint: Endpoint, shown: str) -> None:
    assert place(endpoint) == shown


# pg_hba.conf


@pytest.mark.parametrize(
    ("records", "plain"),
    [
        (["host all all 10.0.0.0/8 md5"], [1]),
        (["hostnossl all all 10.0.0.0/8 md5"], [1]),
        (["hostnogssenc all all 10.0.0.0/8 md5"], [1]),
        (["hostgssenc all all all gss"], []),
        (["hostssl all all all md5", "local all all trust"], []),
        (["host all all samehost md5", "host all all localhost md5", "host all all 127.0.0.1/32 md5"], []),
        (
            [
                "host all all 127.0.0.1 255.0.0.0 md5",
                "host all all ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff md5",
            ],
            [],
        ),
        (["host all all db.example md5"], [1]),
        (["hostnossl all all all reject", "host all all db.example md5"], []),
        (["hostnossl all all 10.0.0.0/8 reject", "host all all db.example md5"], [2]),
        (
            ["host all all 10.0.0.0/8 reject", "host all all 10.1.0.0/16 md5", "host all all 11.0.0.0/8 md5"],
            [3],
        ),
        (["host all all 10.1.0.0/16 reject", "host all all 10.0.0.0/8 md5"], [2]),
        (["host nova all all reject", "host nova,placement all all md5"], [2]),
        (["host nova,placement all all reject", "host nova all all md5"], []),
        (["host all all all reject", "host replication all all md5"], [2]),
        (["hostssl all all all reject", "host all all all md5"], [2]),
        (["host all all all md5", "hostnossl all all all reject"], [1]),
        (["host all all 0.0.0.0/0 reject", "host all all all md5"], [2]),
    ],
)
def test_the_first_record_that_matches_decides(records: list[str], plain: list[int]) -> None:
    found = plain_records(listed(*records))

    assert [int(record.setting.name[4:]) for record in found] == plain


def test_ten_records_keep_their_order() -> None:
    records = ["hostnossl all all all reject", *["host all all 10.0.0.0/8 md5"] * 10]

    assert plain_records(listed(*records)) == ()


@pytest.mark.parametrize(
    "one",
    [
        server(Role.POSTGRESQL, ssl="on"),
        server(
            Role.POSTGRESQL,
            ssl="on",
            hba__1="hostssl all all all md5",
            unseen=["it has more than 2000 settings"],
        ),
    ],
)
def test_a_list_that_was_not_seen_whole_settles_nothing(one: Server) -> None:
    with pytest.raises(Unavailable):
        tls_optional.CHECK.evaluate(one, Site())


def test_a_record_that_was_withheld_settles_nothing() -> None:
    one = server(Role.POSTGRESQL, ssl="on", hba__1="hostssl all all all md5", hba__2=None)

    with pytest.raises(Undecidable, match="withheld"):
        tls_optional.CHECK.evaluate(one, Site())


def test_the_remedy_names_the_very_accounts() -> None:
    one = server(Role.MYSQL, accounts=[Account("nova", "%", "none")], have_ssl="YES")
    found = account_without_tls.CHECK.evaluate(one, Site())

    assert found.remedy is not None
    assert "`ALTER USER 'nova'@'%' REQUIRE SSL;`" in found.remedy
