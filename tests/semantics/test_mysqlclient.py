"""mysqlclient: what 1.4.6, 2.1.1 and 2.2.7 on MariaDB Connector/C 3.3 did against impostor servers.

The servers offered no TLS, a certificate of the trusted authority, one of another, and one for another name.
"""

import pytest

from auditor.model import File, Limit, Posture, Transport, Trust
from tests.semantics.build import CA, CERT, KEY, database

BASE = "mysql+mysqldb://nova:pw@db1.example/nova"
VERSIONS = ("1.4.6", "2.1.1", "2.2.7", "2.3.1")
FOLDER = {"/etc/ssl/certs": File("/etc/ssl/certs", None, None, None, 4096, "folder", "0a1b2c3d.0")}


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
    ("conv=x", ("broken",) * 4),
    ("charset=klingon", ("broken",) * 4),
    ("cursorclass=x", ("plaintext",) * 4),
    # What the TLS layer cannot load matters to a server with TLS; one without it gets the login.
    ("ssl_ca=/missing.pem", ("plaintext",) * 4),
    ("ssl_ca=/etc/ssl/certs", ("plaintext",) * 4),
    ("ssl_capath=/missing", ("plaintext",) * 4),
    (f"ssl_ca={CA}&ssl_capath=/missing", ("optional verified-ca",) * 4),
    (f"ssl_ca={CA}&ssl_ca={CA}", ("plaintext",) * 4),
    (f"ssl_key={KEY}", ("plaintext",) * 4),
    (f"ssl_cert={CERT}", ("plaintext",) * 4),
    (f"ssl_ca={CA}&ssl_cipher=nonsense", ("plaintext",) * 4),
    (f"ssl_ca={CA}&ssl_cipher=TLS_AES_256_GCM_SHA384", ("optional verified-ca",) * 4),
    ("ssl_mode=VERIFY_CA&ssl_ca=/missing.pem", ("broken",) * 4),
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
    # A switch is a number to Connector/C.
    (f"[client]\nssl-ca={CA}\nssl-verify-server-cert=true\n", "", "optional verified-ca"),
    (f"[client]\nssl-ca={CA}\nssl-verify-server-cert=on\n", "", "optional verified-ca"),
    ("[client]\nssl-enforce=true\n", "", "plaintext"),
    (f"[client]\nssl-ca={CA}\nSSL-VERIFY-SERVER-CERT=1\n", "", "optional verified-ca"),
    (f"[client]\ntls-ca={CA}\ntls-verify-peer=1\n", "", "verified-full"),
    (f"[client]\n  ssl-ca = {CA}\n  ssl-verify-server-cert = '1'\n", "", "verified-full"),
    (f"[client] # mine\nssl-ca={CA}\n", "", "optional verified-ca"),
    (
        f"[client]\nssl-ca={CA}\nssl-verify-server-cert=1\nssl-verify-server-cert=0\n",
        "",
        "optional verified-ca",
    ),
    (f"ssl-ca={CA}\n[client]\nssl-verify-server-cert=1\n", "", "plaintext"),
    (f"[client]\nssl-ca: {CA}\n", "", "plaintext"),
    (f"[client]\n!includedir /etc/x\nssl-ca={CA}\n", "", "optional verified-ca"),
    (f"[client]\nssl-fp=00:11\nssl-ca={CA}\n", "", "unknown"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("text", "query", "expected"), OPTION_FILES)
def test_an_option_file_comes_to_what_was_measured(
    text: str, query: str, expected: str, version: str
) -> None:
    found = connect(f"read_default_file=/etc/my.cnf{query}", version, {"/etc/my.cnf": text})

    assert told(found) == expected


@pytest.mark.parametrize(("version", "expected"), [("2.1.1", "optional encrypted"), ("2.2.7", "plaintext")])
def test_a_blank_line_of_an_option_file_unsets_what_the_url_says(version: str, expected: str) -> None:
    files = {"/etc/my.cnf": "[client]\nssl-ca=\n"}

    assert told(connect(f"read_default_file=/etc/my.cnf&ssl_ca={CA}", version, files)) == expected


def test_an_option_file_that_is_not_there_is_ignored() -> None:
    found = connect("read_default_file=/etc/missing.cnf", "2.2.7")

    assert found.posture is Posture.PLAINTEXT


def test_the_step_down_is_the_configurations_which_can_prevent_it() -> None:
    found = connect(f"ssl_ca={CA}", "2.2.7")

    assert found.limited_by == Limit("configuration", "[database] connection")
    assert found.trust == Trust("file", CA)
    assert "require_secure_transport on the server does not help" in found.reason


@pytest.mark.parametrize(
    ("more", "posture"),
    [
        ({"/etc/more.cnf": f"[client]\nssl-ca={CA}\nssl-verify-server-cert=1\n"}, "verified-full"),
        ({}, "plaintext"),
        ({"/etc/more.cnf": "!include /etc/more.cnf\n"}, "plaintext"),
    ],
)
def test_an_option_file_includes_another(more: dict[str, str], posture: str) -> None:
    files = {"/etc/my.cnf": "!include /etc/more.cnf\n[client]\nuser=nova\n", **more}

    assert connect("read_default_file=/etc/my.cnf", "2.2.7", files).posture == posture


@pytest.mark.parametrize(("name", "posture"), [("my.cnf", "optional verified-ca"), ("tls.cnf", "plaintext")])
def test_a_folder_is_included_by_the_two_names_that_connector_c_knows(name: str, posture: str) -> None:
    files = {
        "/etc/my.cnf": "!includedir /etc/my.cnf.d/\n",
        f"/etc/my.cnf.d/{name}": f"[client]\nssl-ca={CA}\n",
    }

    assert told(connect("read_default_file=/etc/my.cnf", "2.2.7", files)) == posture


def test_a_group_alone_is_looked_for_where_debian_has_it() -> None:
    files = {"/etc/mysql/my.cnf": f"[nova]\nssl-ca={CA}\nssl-verify-server-cert=1\n"}

    found = connect("read_default_group=nova", "2.2.7", files)

    assert found.posture is Posture.VERIFIED_FULL
    assert {
        setting.origin.line for setting in found.judging if setting.origin.path == "/etc/mysql/my.cnf"
    } == {2, 3}


@pytest.mark.parametrize(
    ("protocol", "posture"), [("1", "plaintext"), ("TCP", "local"), ("2", "local"), ("3", "broken")]
)
def test_localhost_is_tcp_where_the_protocol_is_its_number(protocol: str, posture: str) -> None:
    found = database(
        "mysql://nova:pw@localhost/nova?read_default_file=/etc/my.cnf",
        libraries={"mysqlclient": "2.2.7"},
        files={"/etc/my.cnf": f"[client]\nprotocol={protocol}\n"},
    )

    assert found.posture == posture


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
        (
            "",
            "2.1.1",
            (
                "Write `ssl-ca=/path/to/ca.pem` and `ssl-verify-server-cert=1` under `[client]` in the file of"
                " `read_default_file` for `[database] connection`: `1`, as `true` switches it off."
            ),
        ),
        (
            f"ssl_ca={CA}",
            "1.4.6",
            (
                "Write `ssl-verify-server-cert=1` under `[client]` in the file of `read_default_file` for"
                " `[database] connection`: `1`, as `true` switches it off."
            ),
        ),
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


@pytest.mark.parametrize(
    ("charset", "posture"), [("UTF8", "plaintext"), ("auto", "plaintext"), ("klingon", "broken")]
)
def test_the_charset_of_an_option_file_has_to_be_known(charset: str, posture: str) -> None:
    text = f"[client]\ndefault-character-set={charset}\n"

    found = connect("read_default_file=/etc/nova/my.cnf", "2.2.7", {"/etc/nova/my.cnf": text})

    assert found.posture == posture
