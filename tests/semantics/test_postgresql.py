"""PostgreSQL: what libpq did against impostor servers, by example; `tests/conformance` has all of it.

The servers offered no TLS, a certificate of the trusted authority, one of another, and one for another name.
"""

from typing import Any

import pytest

from auditor.model import File, Limit, Missing, Posture, Transport, Trust
from tests.semantics.build import CA, CERT, KEY, PEM, database, file, withheld

BASE = "postgresql+psycopg2://nova:pw@db1.example/nova"
HOME = "/var/lib/nova/.postgresql/root.crt"


def connect(query: str, **more: Any) -> Transport:
    return database(f"{BASE}?{query}" if query else BASE, **more)


def told(found: Transport) -> str:
    return f"optional {found.when_encrypted}" if found.when_encrypted else str(found.posture)


QUERIES: list[tuple[str, str]] = [
    ("", "optional encrypted"),
    ("sslmode=prefer", "optional encrypted"),
    (f"sslmode=prefer&sslrootcert={CA}", "optional verified-ca"),
    (f"sslrootcert={CA}", "optional verified-ca"),
    ("sslmode=allow", "plaintext"),
    ("sslmode=disable", "plaintext"),
    (f"sslmode=disable&sslrootcert={CA}", "plaintext"),
    ("sslmode=require", "encrypted"),
    ("requiressl=1", "encrypted"),
    (f"sslmode=require&sslrootcert={CA}", "verified-ca"),
    ("sslmode=require&sslrootcert=/missing.pem", "encrypted"),
    ("sslmode=prefer&sslrootcert=/missing.pem", "optional encrypted"),
    ("sslmode=prefer&sslrootcert=/etc/hostname", "plaintext"),
    ("sslmode=require&sslrootcert=/etc/hostname", "broken"),
    (f"sslmode=verify-ca&sslrootcert={CA}", "verified-ca"),
    (f"sslmode=verify-full&sslrootcert={CA}", "verified-full"),
    ("sslmode=verify-full", "broken"),
    ("sslmode=verify-ca&sslrootcert=/missing.pem", "broken"),
    ("sslmode=verify-full&sslrootcert=/missing.pem", "broken"),
    ("sslrootcert=system", "unknown"),
    ("sslmode=require&sslrootcert=system", "unknown"),
    ("sslmode=VERIFY-FULL", "broken"),
    ("sslmode=required", "broken"),
    ("sslmode=require&sslmode=require", "broken"),
    ("ssl_ca=/ca.pem", "broken"),
    ("ssl=true", "broken"),
    ("ssl_mode=REQUIRED", "broken"),
    ("sslmode=require&sslcert=/missing.pem", "encrypted"),
    (f"sslmode=require&sslcert={CERT}&sslkey={KEY}", "encrypted"),
    (f"sslmode=require&sslcert={CERT}&sslkey=/missing.key", "broken"),
    (f"sslmode=prefer&sslcert={CERT}&sslkey=/missing.key", "plaintext"),
    ("sslmode=require&sslnegotiation=direct", "unknown"),
    ("service=nova", "unknown"),
    ("dsn=x", "unknown"),
    ("gssencmode=require", "unknown"),
    ("channel_binding=require", "encrypted"),
    (f"channel_binding=require&sslrootcert={CA}", "verified-ca"),
    ("sslmode=disable&channel_binding=require", "broken"),
    (f"sslmode=verify-full&sslrootcert={CA}&requiressl=0", "optional verified-ca"),
    ("sslmode=disable&requiressl=1", "encrypted"),
    (f"sslmode=verify-full&sslrootcert={CA}&sslcrl=/missing.pem", "verified-full"),
    (f"sslmode=verify-full&sslrootcert={CA}&sslcrl={CA}", "broken"),
    ("gssencmode=bogus", "broken"),
    ("connect_timeout=soon", "broken"),
    ("ssl_max_protocol_version=TLSv1.1", "broken"),
    ("ssl_min_protocol_version=SSLv3", "broken"),
    ("port=5432,5433", "broken"),
    ("port=x", "broken"),
    ("application_name=nova&connect_timeout=5&target_session_attrs=read-write", "optional encrypted"),
]


@pytest.mark.parametrize("release", ["zed", "2025.1", "2026.2"])
@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query_comes_to_what_was_measured(query: str, expected: str, release: str) -> None:
    found = connect(query, release=release, files={"/etc/hostname": "controller\n"})

    assert told(found) == expected, found.reason


def test_every_weakness_is_the_configurations() -> None:
    for query, expected in QUERIES:
        found = connect(query, files={"/etc/hostname": "controller\n"})
        weak = expected not in ("verified-full", "broken", "unknown")

        assert found.limited_by == (Limit("configuration", "[database] connection") if weak else None)


def test_a_root_in_the_home_of_the_service_counts() -> None:
    files = {HOME: file(HOME, PEM)}

    found = [connect(query, files=files) for query in ("sslmode=require", "sslmode=verify-full")]

    assert [one.posture for one in found] == [Posture.VERIFIED_CA, Posture.VERIFIED_FULL]
    assert found[0].trust == Trust("file", HOME)


def test_a_home_that_was_not_seen_leaves_the_posture_undecided() -> None:
    files = {HOME: Missing(HOME, "limit", "the probe did not look at it")}

    full, required = (connect(query, files=files) for query in ("sslmode=verify-full", "sslmode=require"))

    assert full.posture is Posture.VERIFIED_FULL
    assert full.undecided is not None
    assert (required.posture, required.undecided) == (Posture.ENCRYPTED, None)


def test_a_root_that_was_not_seen_leaves_the_posture_undecided() -> None:
    unseen = Missing("/ca.pem", "denied", "permission denied")

    found = connect("sslmode=verify-full&sslrootcert=/ca.pem", files={"/ca.pem": unseen})

    assert (found.posture, found.ca_file) == (Posture.VERIFIED_FULL, unseen)
    assert found.undecided == "/ca.pem was not seen: permission denied"


def wheels(**versions: str) -> dict[str, str | None]:
    return {"psycopg2": None, **{name.replace("_", "-"): version for name, version in versions.items()}}


@pytest.mark.parametrize(
    ("version", "query", "expected"),
    [
        ("2.9.7", "sslmode=verify-full&sslrootcert=system", "broken"),
        ("2.9.7", "sslrootcert=system", "optional encrypted"),
        ("2.9.9", "sslrootcert=system", "verified-full"),
        ("2.9.9", "sslmode=require&sslrootcert=system", "broken"),
        ("2.9.10", "sslmode=require&sslnegotiation=direct", "broken"),
        ("2.9.11", "sslmode=require&sslnegotiation=direct", "encrypted"),
        ("2.9.11", "sslnegotiation=direct", "broken"),
        ("2.9.7", "sslmode=require&require_auth=scram-sha-256", "broken"),
        ("2.9.11", "sslmode=require&require_auth=scram-sha-256,!md5", "broken"),
        ("2.9.11", "sslmode=require&require_auth=!md5", "encrypted"),
        ("2.9.13", "sslmode=require&sslkeylogfile=/x", "broken"),
        ("2.9.14", "sslmode=require&sslkeylogfile=/x", "unknown"),
        ("2.9.3", "sslmode=require&sslcertmode=disable", "unknown"),
    ],
)
def test_a_wheel_has_a_libpq_of_its_own(version: str, query: str, expected: str) -> None:
    environment = {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}

    found = connect(query, libraries=wheels(psycopg2_binary=version), environment=environment)

    assert told(found) == expected, found.reason


def test_the_wheel_of_psycopg_is_the_one_that_counts_for_it() -> None:
    url = "postgresql+psycopg://nova:pw@db1/nova?sslmode=require&sslkeylogfile=/x"
    installed = wheels(psycopg2_binary="2.9.9", psycopg="3.3.0")

    unseen, seen = (
        database(url, release="2026.2", libraries=libraries)
        for libraries in (installed, {**installed, "psycopg-binary": "3.3.0"})
    )

    assert (unseen.posture, seen.posture) == (Posture.UNKNOWN, Posture.ENCRYPTED)


def test_a_wheel_finds_no_system_authorities_without_being_told_where() -> None:
    found = connect("sslrootcert=system", libraries=wheels(psycopg2_binary="2.9.11"))

    assert found.posture is Posture.BROKEN
    assert "SSL_CERT_FILE" in found.reason


@pytest.mark.parametrize(
    ("version", "expected"), [("2.9.11", "broken"), ("2.9.9", "optional encrypted"), (None, "unknown")]
)
def test_a_variable_that_is_newer_than_the_libpq_is_not_read(version: str | None, expected: str) -> None:
    environment = {"PGSSLNEGOTIATION": "direct"}
    libraries = {} if version is None else wheels(psycopg2_binary=version)

    assert told(connect("", libraries=libraries, environment=environment)) == expected


def test_the_environment_of_the_service_counts_where_the_url_is_silent() -> None:
    environment = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": CA}

    found, overridden = (connect(query, environment=environment) for query in ("", "sslmode=require"))

    assert [found.posture, overridden.posture] == [Posture.VERIFIED_FULL, Posture.VERIFIED_CA]


def test_a_withheld_variable_leaves_the_posture_unknown() -> None:
    found = connect("", environment={"PGSSLMODE": withheld("0").token})

    assert found.posture is Posture.UNKNOWN


@pytest.mark.parametrize(
    ("owner", "mode", "posture"),
    [
        ("nova", "0600", Posture.ENCRYPTED),
        ("nova", "0640", Posture.BROKEN),
        ("nova", "0644", Posture.BROKEN),
        ("root", "0640", Posture.ENCRYPTED),
        ("root", "0660", Posture.BROKEN),
        ("root", "0604", Posture.BROKEN),
        (None, None, Posture.ENCRYPTED),
    ],
)
def test_libpq_takes_no_key_that_others_may_read(
    owner: str | None, mode: str | None, posture: Posture
) -> None:
    key = File(KEY, owner, owner, mode, 241, "other", None)

    found = connect(f"sslmode=require&sslcert={CERT}&sslkey={KEY}", files={KEY: key})

    assert found.posture is posture, found.reason


def test_hostaddr_is_where_it_goes_and_leaves_no_name_to_verify() -> None:
    base = "postgresql+psycopg2://nova:pw@/nova?hostaddr=192.0.2.1"

    plain, full = (database(f"{base}&{query}") for query in ("", f"sslmode=verify-full&sslrootcert={CA}"))

    assert plain.endpoints == ("192.0.2.1:5432",)
    assert full.posture is Posture.BROKEN


@pytest.mark.parametrize("name", ["sslmode", "sslrootcert"])
def test_a_withheld_value_that_decides_leaves_the_posture_unknown(name: str) -> None:
    found = connect(f"{name}={withheld('0').token}")

    assert found.posture is Posture.UNKNOWN


@pytest.mark.parametrize(
    ("url", "endpoints"),
    [
        (BASE, ("db1.example:5432",)),
        ("postgresql+psycopg2://nova:pw@db1:6432/nova", ("db1:6432",)),
        ("postgresql+psycopg2://nova:pw@[::1]/nova", ("[::1]:5432",)),
        ("postgresql+psycopg2:///nova?host=db1:6432&host=db2", ("db1:6432", "db2:5432")),
        ("postgresql+psycopg2:///nova?host=db1,db2&port=6432,6433", ("db1:6432", "db2:6433")),
    ],
)
def test_every_host_is_an_endpoint(url: str, endpoints: tuple[str, ...]) -> None:
    found = database(url)

    assert found.endpoints == endpoints


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("postgresql+psycopg2://nova:pw@/nova", "/var/run/postgresql"),
        ("postgresql+psycopg2://nova:pw@/nova?host=/run/pg&sslmode=require", "/run/pg"),
    ],
)
def test_a_unix_socket_is_local(url: str, endpoint: str) -> None:
    found = database(url)

    assert (found.posture, found.endpoints) == (Posture.LOCAL, (endpoint,))


@pytest.mark.parametrize(
    ("query", "remedy"),
    [
        ("", "Append `?sslmode=verify-full&sslrootcert=/path/to/ca.pem` to `[database] connection`."),
        (
            "sslmode=require",
            "Replace `sslmode` by `sslmode=verify-full&sslrootcert=/path/to/ca.pem` in `[database] connection`.",
        ),
        (
            f"sslmode=require&sslrootcert={CA}",
            "Replace `sslmode` by `sslmode=verify-full` in `[database] connection`.",
        ),
        (
            f"sslmode=disable&sslrootcert={CA}",
            "Replace `sslmode` by `sslmode=verify-full` in `[database] connection`.",
        ),
        (f"sslrootcert={CA}", "Append `&sslmode=verify-full` to `[database] connection`."),
        (
            "sslrootcert=/missing.pem",
            (
                "Replace `sslrootcert` by `sslmode=verify-full&sslrootcert=/path/to/ca.pem` in"
                " `[database] connection`."
            ),
        ),
        (
            f"ssl_ca={CA}",
            (
                "Replace `ssl_ca` by `sslmode=verify-full&sslrootcert=/path/to/ca.pem` in"
                " `[database] connection`."
            ),
        ),
        ("charset=utf8", "Remove `charset` from `[database] connection`."),
        ("sslmode=verify", "Replace `sslmode` by `sslmode=verify-full` in `[database] connection`."),
        (f"sslmode=verify-full&sslrootcert={CA}", None),
    ],
)
def test_the_remedy_is_the_change_to_make(query: str, remedy: str | None) -> None:
    found = connect(query)

    assert found.remedy == remedy


@pytest.mark.parametrize(
    ("scheme", "sqlalchemy", "installed", "posture"),
    [
        ("postgresql", "2.0.46", "psycopg2", "opportunistic"),
        ("postgresql", "2.0.46", "psycopg2-binary", "opportunistic"),
        ("postgresql", "2.0.46", "psycopg", "broken"),
        ("postgresql", "2.1.9", "psycopg2", "broken"),
        ("postgresql", "2.1.9", "psycopg", "opportunistic"),
        ("postgresql+psycopg", "2.1.9", "psycopg2", "broken"),
        ("postgresql+psycopg2", "2.1.9", "psycopg2", "opportunistic"),
        ("postgresql+asyncpg", "2.1.9", "psycopg2", "broken"),
        ("postgres", "2.1.9", "psycopg2", "broken"),
    ],
)
def test_the_driver_is_the_one_that_sqlalchemy_takes(
    scheme: str, sqlalchemy: str, installed: str, posture: str
) -> None:
    versions = {"psycopg2": None, "SQLAlchemy": sqlalchemy, installed: "2.9.9"}

    found = database(f"{scheme}://nova:pw@db1/nova", libraries=versions)

    assert found.posture == posture


@pytest.mark.parametrize(
    ("query", "posture"),
    [
        ("keepalives_idle=30&sslmode=require", "encrypted"),
        ("keepalives_idle=0&sslmode=require", "broken"),
        ("keepalives_interval=-1&sslmode=require", "broken"),
        ("keepalives_count=300&sslmode=require", "broken"),
        ("keepalives=0&keepalives_idle=0&sslmode=require", "encrypted"),
    ],
)
def test_keepalives_have_to_be_what_linux_takes(query: str, posture: str) -> None:
    found = connect(query)

    assert found.posture == posture


def test_a_folder_of_revocations_that_was_not_seen_leaves_the_posture_unknown() -> None:
    found = connect(f"sslmode=verify-full&sslrootcert={CA}&sslcrldir=/etc/ssl/crl", files={CA: PEM})

    assert found.posture is Posture.UNKNOWN


def test_channel_binding_cannot_be_had_on_a_unix_socket() -> None:
    found = database("postgresql+psycopg2://nova:pw@/nova?host=/run/postgresql&channel_binding=require")

    assert found.posture is Posture.BROKEN


@pytest.mark.parametrize(("sqlalchemy", "posture"), [("1.4.54", "encrypted"), ("2.0.46", "broken")])
def test_one_port_for_several_hosts_is_refused_by_sqlalchemy_2(sqlalchemy: str, posture: str) -> None:
    url = "postgresql+psycopg2://nova:pw@/nova?host=db1,db2&port=5432&sslmode=require"

    found = database(url, libraries={"SQLAlchemy": sqlalchemy})

    assert found.posture == posture
