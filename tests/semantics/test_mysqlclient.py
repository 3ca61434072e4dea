"""mysqlclient: what 1.4.6, 2.1.1 and 2.2.7 on MariaDB Connector/C 3.3 did against impostor servers.

The servers offered no TLS, a certificate of the trusted authority, one of another, and one for another name.
"""

import pytest

from auditor.model import Limit, Missing, Posture, Transport, Trust
from tests.semantics.build import CA, CERT, KEY, database

BASE = "mysql+mysqldb://nova:pw@db1.example/nova"
VERSIONS = ("1.4.6", "2.1.1", "2.2.7", "2.3.1")
FOLDER = {"/etc/ssl/certs": Missing("/etc/ssl/certs", "not-regular", "not a regular file")}


def connect(query: str, version: str, files: dict[str, str] | None = None) -> Transport:
    url = f"{BASE}?{query}" if query else BASE
    return database(url, libraries={"mysqlclient": version}, files={**FOLDER, **(files or {})})


def told(found: Transport) -> str:
    return f"optional {found.when_encrypted}" if found.when_encrypted else str(found.posture)


#: Query, and what comes of it with each of the versions.
QUERIES: list[tuple[str, tuple[str, str, str, str]]] = [
    ("", ("plaintext",) * 4),
    ("charset=utf8mb4&read_timeout=5", ("plaintext",) * 4),
    (f"ssl_ca={CA}", ("optional verified-ca",) * 4),
    (f"ssl_ca={CA}&ssl_check_hostname=true", ("optional verified-ca",) * 4),
    (f"ssl=true&ssl_ca={CA}", ("optional verified-ca",) * 4),
    ("ssl_capath=/etc/ssl/certs", ("optional verified-ca",) * 4),
    (f"ssl_cert={CERT}&ssl_key={KEY}", ("optional encrypted",) * 4),
    ("ssl_cipher=ECDHE-RSA-AES256-GCM-SHA384", ("optional encrypted",) * 4),
    ("ssl=true", ("optional encrypted", "optional encrypted", "plaintext", "plaintext")),
    ("ssl=1", ("optional encrypted", "optional encrypted", "plaintext", "plaintext")),
    ("ssl_check_hostname=true", ("optional encrypted", "optional encrypted", "plaintext", "plaintext")),
    ("ssl_mode=DISABLED", ("broken", "broken", "plaintext", "plaintext")),
    ("ssl_mode=PREFERRED", ("broken", "broken", "plaintext", "plaintext")),
    ("ssl_mode=REQUIRED", ("broken", "broken", "optional encrypted", "optional encrypted")),
    ("ssl_mode=REQUIRED&ssl=true", ("broken", "broken", "optional encrypted", "optional encrypted")),
    ("ssl_mode=VERIFY_CA", ("broken", "broken", "verified-full", "verified-full")),
    (f"ssl_mode=VERIFY_CA&ssl_ca={CA}", ("broken", "broken", "verified-full", "verified-full")),
    (f"ssl_mode=VERIFY_IDENTITY&ssl_ca={CA}", ("broken", "broken", "verified-full", "verified-full")),
    (f"ssl_mode=REQUIRED&ssl_ca={CA}", ("broken", "broken", "optional verified-ca", "optional verified-ca")),
    (f"ssl_mode=PREFERRED&ssl_ca={CA}", ("broken", "broken", "optional verified-ca", "optional verified-ca")),
    (f"ssl_mode=DISABLED&ssl_ca={CA}", ("broken", "broken", "optional verified-ca", "optional verified-ca")),
    ("ssl_mode=required", ("broken",) * 4),
    ("ssl_mode=nonsense", ("broken",) * 4),
    ("ssl_disabled=true", ("broken",) * 4),
    ("ssl_verify_cert=true", ("broken",) * 4),
    ("sslmode=require", ("broken",) * 4),
    ("port=3307", ("broken",) * 4),
    ("cursorclass=x", ("broken",) * 4),
    ("ssl_ca=/missing.pem", ("broken",) * 4),
    ("ssl_ca=/etc/ssl/certs", ("broken",) * 4),
    (f"ssl_ca={CA}&ssl_ca={CA}", ("broken",) * 4),
    (f"ssl_key={KEY}", ("broken",) * 4),
    (f"ssl_cert={CERT}", ("broken",) * 4),
    ("collation=utf8mb4_bin", ("broken", "broken", "plaintext", "plaintext")),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query_comes_to_what_was_measured(query: str, expected: tuple[str, ...]) -> None:
    found = tuple(told(connect(query, version)) for version in VERSIONS)

    assert found == expected


#: Option file, query besides read_default_file, and what comes of it with every version.
OPTION_FILES: list[tuple[str, str, str]] = [
    (f"[client]\nssl-ca={CA}\n", "", "optional verified-ca"),
    (f"[client]\nssl-ca={CA}\nssl-verify-server-cert=1\n", "", "verified-full"),
    (f"[client]\nssl_ca={CA}\nssl_verify_server_cert\n", "", "optional verified-ca"),
    (f"[client]\nssl-ca={CA}\nssl-verify-server-cert=0\n", "", "optional verified-ca"),
    ("[client]\nssl-verify-server-cert=1\n", "", "verified-full"),
    ("[client]\nssl=1\n", "", "plaintext"),
    ("[client]\nssl-enforce=1\n", "", "optional encrypted"),
    (f"[client]\nssl-mode=VERIFY_IDENTITY\nssl-ca={CA}\n", "", "optional verified-ca"),
    (f"[client-mariadb]\nssl-ca={CA}\nssl-verify-server-cert=1\n", "", "verified-full"),
    (f"[tripleo]\nssl-ca={CA}\nssl-verify-server-cert=1\n", "", "plaintext"),
    (f"[tripleo]\nssl-ca={CA}\nssl-verify-server-cert=1\n", "&read_default_group=tripleo", "verified-full"),
    (f"[client]\nssl-ca={CA}\n", "&ssl_ca=/missing.pem", "optional verified-ca"),
    (f"[client]\n!includedir /etc/x\nssl-ca={CA}\n", "", "unknown"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("text", "query", "expected"), OPTION_FILES)
def test_an_option_file_comes_to_what_was_measured(
    text: str, query: str, expected: str, version: str
) -> None:
    found = connect(f"read_default_file=/etc/my.cnf{query}", version, {"/etc/my.cnf": text})

    assert told(found) == expected


def test_an_option_file_that_is_not_there_is_ignored() -> None:
    found = connect("read_default_file=/etc/missing.cnf", "2.2.7")

    assert found.posture is Posture.PLAINTEXT


def test_the_step_down_is_the_librarys() -> None:
    found = connect(f"ssl_ca={CA}", "2.2.7")

    assert found.limited_by == Limit("library", "mysqlclient", "2.2.7")
    assert found.trust == Trust("file", CA)


def test_plain_text_is_the_configurations() -> None:
    found = connect("", "2.2.7")

    assert found.limited_by == Limit("configuration", "[database] connection")


@pytest.mark.parametrize("scheme", ["mysql", "mysql+mysqldb", "mariadb", "mariadb+mysqldb"])
def test_a_url_without_a_driver_means_mysqlclient(scheme: str) -> None:
    found = database(f"{scheme}://nova:pw@db1/nova", libraries={"mysqlclient": "2.2.7"})

    assert found.library is not None
    assert (found.library.name, found.driver) == ("mysqlclient", scheme)


def test_mysqlclient_that_is_not_installed_is_broken() -> None:
    found = database("mysql://nova:pw@db1/nova", libraries={"mysqlclient": None})

    assert found.posture is Posture.BROKEN
    assert found.remedy == "Write `mysql+pymysql://` in `[database] connection`."


def test_without_any_driver_one_has_to_be_installed() -> None:
    found = database("mysql://nova:pw@db1/nova", libraries={"mysqlclient": None, "PyMySQL": None})

    assert found.remedy == "Install mysqlclient."


@pytest.mark.parametrize(
    ("query", "version", "remedy"),
    [
        ("", "2.1.1", "Write `mysql+pymysql://` in `[database] connection`, with PyMySQL 1.2.0 or newer."),
        (
            "",
            "2.2.7",
            "Append `?ssl_mode=VERIFY_IDENTITY&ssl_ca=/path/to/ca.pem` to `[database] connection`.",
        ),
        (f"ssl_ca={CA}", "2.2.7", "Append `&ssl_mode=VERIFY_IDENTITY` to `[database] connection`."),
        (
            f"ssl_mode=REQUIRED&ssl_ca={CA}",
            "2.2.7",
            "Replace `ssl_mode` by `ssl_mode=VERIFY_IDENTITY` in `[database] connection`.",
        ),
        ("ssl_mode=REQUIRED", "2.1.1", "Remove `ssl_mode` from `[database] connection`."),
        (f"ssl_ca={CA}&ssl_mode=VERIFY_IDENTITY", "2.2.7", None),
    ],
)
def test_the_remedy_is_the_change_to_make(query: str, version: str, remedy: str | None) -> None:
    found = connect(query, version)

    assert found.remedy == remedy


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "plaintext"),
        (f"?ssl_ca={CA}", "optional verified-ca"),
        ("?ssl=true", "unknown"),
        ("?ssl_mode=REQUIRED", "unknown"),
    ],
)
def test_a_version_that_is_not_in_evidence_matters_only_where_versions_differ(
    query: str, expected: str
) -> None:
    found = database(BASE + query)

    assert told(found) == expected


@pytest.mark.parametrize("host", ["localhost", ""])
def test_localhost_is_the_socket(host: str) -> None:
    found = database(f"mysql://nova:pw@{host}/nova", libraries={"mysqlclient": "2.2.7"})

    assert (found.posture, found.endpoints) == (Posture.LOCAL, ("/run/mysqld/mysqld.sock",))


def test_an_address_of_loopback_is_tcp() -> None:
    found = database("mysql://nova:pw@127.0.0.1/nova", libraries={"mysqlclient": "2.2.7"})

    assert (found.posture, found.is_loopback) == (Posture.PLAINTEXT, True)
