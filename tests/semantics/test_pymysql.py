"""PyMySQL: every row of its truth table, by version.

The expectations were compared with the real libraries: 6000 combinations of URL, connection_parameters and option file
through ``create_connect_args`` and ``pymysql.connections.Connection`` of PyMySQL 1.0.2, 1.0.3, 1.1.0, 1.1.1, 1.1.2
and 1.2.4, with SQLAlchemy 1.4.54 to 2.1.9.
"""

import pytest

from auditor.model import Limit, Missing, OriginKind, Posture, Trust
from tests.semantics.build import CA, CERT, ELSEWHERE, KEY, database, file, withheld

BASE = "mysql+pymysql://nova:pw@db1.example/nova"
FOLDER = "/etc/ssl/certs"
SYSTEM = Trust("system")
NOBODY = Trust("none")
BUNDLE = Trust("file", CA)

#: The versions that differ from one another, with the release each comes with.
OLD = {"1.0.2": "zed", "1.0.3": "2023.2", "1.1.0": "2024.1", "1.1.1": "2024.2", "1.1.2": "2026.1"}
NEW = {"1.2.0": "2026.2", "1.2.3": "2026.2", "1.2.4": "2026.2"}

#: Query, how well it is protected where the server offers TLS, whom it trusts.
ASKING: list[tuple[str, str, Trust]] = [
    (f"ssl_ca={CA}", "verified-full", BUNDLE),
    (f"ssl_capath={FOLDER}", "verified-full", Trust("file", FOLDER)),
    (f"ssl_ca={CA}&ssl_capath=/missing", "verified-full", BUNDLE),
    (f"ssl_ca={CA}&ssl_check_hostname=true", "verified-full", BUNDLE),
    (f"ssl_ca={CA}&ssl_check_hostname=false", "verified-ca", BUNDLE),
    (f"ssl_ca={CA}&ssl_check_hostname=0", "verified-ca", BUNDLE),
    (f"ssl_ca={CA}&ssl_cert={CERT}&ssl_key={KEY}", "verified-full", BUNDLE),
    (f"ssl_ca={CA}&ssl_cert={CERT}&ssl_key={KEY}&ssl_verify_cert", "verified-full", BUNDLE),
    ("ssl_check_hostname=true", "encrypted", NOBODY),
    ("ssl_check_hostname=false", "encrypted", NOBODY),
    (f"ssl_cert={CERT}&ssl_key={KEY}", "encrypted", NOBODY),
    (f"ssl_key={KEY}", "encrypted", NOBODY),
    ("ssl_cipher=ECDHE-RSA-AES256-GCM-SHA384", "encrypted", NOBODY),
    (f"ssl_ca={CA}&ssl_verify_cert=true", "verified-ca", SYSTEM),
    (f"ssl_ca={CA}&ssl_verify_cert=1", "verified-ca", SYSTEM),
    (f"ssl_ca={CA}&ssl_verify_cert=required", "verified-ca", SYSTEM),
    (f"ssl_ca={CA}&ssl_verify_cert=Optional", "verified-ca", SYSTEM),
    ("ssl_ca=/missing.pem&ssl_verify_cert=true", "verified-ca", SYSTEM),
    ("ssl_verify_cert=true", "verified-ca", SYSTEM),
    (f"ssl_ca={CA}&ssl_verify_cert=false", "encrypted", NOBODY),
    (f"ssl_ca={CA}&ssl_verify_cert=0", "encrypted", NOBODY),
    (f"ssl_ca={CA}&ssl_verify_cert=banana", "encrypted", NOBODY),
    (f"ssl_ca={CA}&ssl_verify_cert=true&ssl_verify_cert=true", "encrypted", NOBODY),
    (f"ssl_ca={CA}&ssl_verify_cert=true&ssl_verify_identity=true", "verified-ca", SYSTEM),
    (f"ssl=true&ssl_ca={CA}", "verified-full", BUNDLE),
    (f"ssl=on&ssl_ca={CA}", "verified-full", BUNDLE),
    (f"ssl_ca={CA}&charset=utf8&connect_timeout=5", "verified-full", BUNDLE),
    (f"ssl_ca={CA.replace('/', '%2F')}", "verified-full", BUNDLE),
]

FILES = {FOLDER: Missing(FOLDER, "not-regular", "not a regular file"), "/etc/hostname": "controller\n"}


@pytest.mark.parametrize("version", OLD)
@pytest.mark.parametrize(("query", "when", "trust"), ASKING)
def test_before_1_2_tls_is_stripped_by_whoever_answers(
    query: str, when: str, trust: Trust, version: str
) -> None:
    found = database(f"{BASE}?{query}", release=OLD[version], files=FILES)

    assert (found.posture, found.when_encrypted) == (Posture.OPPORTUNISTIC, when), found.reason
    assert found.trust == trust
    assert found.limited_by == Limit("library", "PyMySQL", version, "1.2.0")
    assert found.undecided is None


@pytest.mark.parametrize("version", NEW)
@pytest.mark.parametrize(("query", "posture", "trust"), ASKING)
def test_from_1_2_on_tls_that_is_asked_for_is_kept(
    query: str, posture: str, trust: Trust, version: str
) -> None:
    found = database(f"{BASE}?{query}", release=NEW[version], libraries={"PyMySQL": version}, files=FILES)

    assert (found.posture, found.when_encrypted) == (posture, None), found.reason
    assert found.trust == trust
    expected = None if posture == "verified-full" else Limit("configuration", "[database] connection")
    assert found.limited_by == expected


@pytest.mark.parametrize("value", ["true", "false", "anything"])
@pytest.mark.parametrize(
    ("version", "posture", "trust"),
    [
        ("1.0.2", "encrypted", NOBODY),
        ("1.2.0", "encrypted", NOBODY),
        ("1.2.3", "encrypted", NOBODY),
        ("1.2.4", "verified-ca", SYSTEM),
    ],
)
def test_ssl_verify_identity_switches_verification_off(
    value: str, version: str, posture: str, trust: Trust
) -> None:
    found = database(f"{BASE}?ssl_ca={CA}&ssl_verify_identity={value}", libraries={"PyMySQL": version})

    assert (found.when_encrypted or found.posture) == posture
    assert found.trust == trust


#: Queries that ask for no TLS at all.
SILENT = [
    "",
    "?charset=utf8",
    "?ssl_ca=",
    "?ssl_ca",
    "?ssl_verify_cert",
    "?ssl_verify_identity=",
    "?connect_timeout=5",
]


@pytest.mark.parametrize("query", SILENT)
def test_without_a_word_of_tls_it_is_plain_text_before_1_2(query: str) -> None:
    found = database(BASE + query)

    assert (found.posture, found.when_encrypted, found.trust) == (Posture.PLAINTEXT, None, NOBODY)
    assert found.limited_by == Limit("configuration", "[database] connection")


@pytest.mark.parametrize("query", SILENT)
def test_without_a_word_of_tls_it_is_optional_from_1_2_on(query: str) -> None:
    found = database(BASE + query, release="2026.2")

    assert (found.posture, found.when_encrypted) == (Posture.OPPORTUNISTIC, Posture.ENCRYPTED)
    assert found.limited_by == Limit("configuration", "[database] connection")


@pytest.mark.parametrize("value", ["true", "false", "0", "no"])
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_ssl_disabled_switches_tls_off_whatever_it_says(value: str, release: str) -> None:
    found = database(f"{BASE}?ssl_ca={CA}&ssl_disabled={value}", release=release)

    assert found.posture is Posture.PLAINTEXT


#: Queries that end in an exception before or at every connection.
BROKEN = [
    "ssl=true",
    "ssl=1",
    "ssl_mode=VERIFY_IDENTITY",
    "ssl-mode=REQUIRED",
    "sslmode=require",
    "ssl_verify_server_cert=1",
    "SSL_CA=/ca.pem",
    f"ssl_ca={CA}&ssl_ca={CA}",
    f"ssl_ca={CA}#fragment",
    f"ssl_ca={CA}&amp;charset=utf8",
    "ssl_ca=/missing.pem",
    "ssl_ca=/etc/ssl/certs",
    "ssl_ca=/etc/hostname",
    f"ssl_ca={CA}&ssl_check_hostname=maybe",
    f"ssl_cert={CERT}",
    "ssl_cert=/missing.pem&ssl_key=/missing.key",
    f"ssl_cert={CERT}&ssl_key=/missing.key",
    "connect_timeout=0",
    "connect_timeout=5s",
    "read_timeout=0",
    "port=3307",
    "compress=true",
    "named_pipe=x",
    "conv=x",
    "defer_connect=1",
    "connect_timeout=31536001",
    "charset=klingon",
    "charset=utf8&charset=utf8",
    f"ssl_ca={CA}&ssl_cipher=nonsense",
    f"ssl_ca={CA}&ssl_cipher=TLS_AES_256_GCM_SHA384",
]  # fmt: skip


@pytest.mark.parametrize("query", BROKEN)
@pytest.mark.parametrize("release", ["zed", "2024.1", "2026.2"])
def test_what_pymysql_refuses_is_broken(query: str, release: str) -> None:
    found = database(f"{BASE}?{query}", release=release, files=FILES)

    assert found.posture is Posture.BROKEN
    assert found.limited_by is None


@pytest.mark.parametrize(
    ("query", "release", "posture"),
    [
        ("charset=utf8mb3", "zed", "broken"),
        ("charset=utf8mb3", "2024.1", "plaintext"),
        ("collation=utf8mb4_bin", "2023.2", "broken"),
        ("collation=utf8mb4_bin", "2024.1", "plaintext"),
        ("ssl_key_password=x", "2024.1", "broken"),
        ("ssl_key_password=x", "2024.2", "plaintext"),
    ],
)
def test_a_parameter_that_came_later_is_broken_before(query: str, release: str, posture: str) -> None:
    found = database(f"{BASE}?{query}", release=release)

    assert found.posture == posture


@pytest.mark.parametrize(
    ("url", "parameters", "when"),
    [
        (BASE, f"ssl_ca={CA}", "verified-full"),
        (f"{BASE}?charset=utf8mb4", f"ssl_ca={CA}", "verified-full"),
        (f"{BASE}?ssl_ca={CA}", "ssl_check_hostname=false", "verified-ca"),
        (f"{BASE}?ssl_ca={CA}", "", "verified-full"),
    ],
)
def test_connection_parameters_count_like_the_query(url: str, parameters: str, when: str) -> None:
    found = database(url, parameters)

    assert found.when_encrypted == when
    if parameters:
        assert "connection_parameters" in [setting.name for setting in found.judging]


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        (f"{BASE}?ssl_ca={CA}", f"ssl_ca={CA}"),
        (BASE, f"?ssl_ca={CA}"),
        (f"{BASE}?charset=utf8", "charset=utf8"),
        (f"{BASE}?ssl_cipher=HIGH", "ssl_cipher=HIGH"),
    ],
)
def test_connection_parameters_that_repeat_the_query_break_it(url: str, parameters: str) -> None:
    found = database(url, parameters)

    assert found.posture is Posture.BROKEN


#: Option file, query besides read_default_file, posture where the server offers TLS with PyMySQL 1.0.2 and 1.1.0.
OPTION_FILES: list[tuple[str, str, str | None, str | None]] = [
    (f"[client]\nssl-ca={CA}\n", "", "verified-full", "verified-full"),
    (f"[client]\nssl_ca={CA}\n", "", None, "verified-full"),
    (f'[client]\nssl-ca = "{CA}"\n', "", "verified-full", "verified-full"),
    (f"[client]\nSSL-CA: {CA}\n", "", "verified-full", "verified-full"),
    (f"[DEFAULT]\nssl-ca={CA}\n[client]\n", "", "verified-full", "verified-full"),
    (f"[client]\nuser=nova\n  ssl-ca={CA}\n", "", None, None),
    ("[client]\nssl=1\nssl-mode=REQUIRED\nssl-verify-server-cert\n", "", None, None),
    ("[client]\nssl-ca\n", "", None, None),
    (f"[tripleo]\nssl=1\nssl-ca={CA}\n", "", None, None),
    (f"[tripleo]\nssl=1\nssl-ca={CA}\n", "&read_default_group=tripleo", "verified-full", "verified-full"),
    (f"[client]\nssl-cert={CERT}\nssl-key={KEY}\n", "", "encrypted", "encrypted"),
    (f"[client]\n!includedir /etc/mysql/conf.d\nssl-ca={CA}\n", "", "verified-full", "verified-full"),
    ("[client]\nssl-cipher=HIGH\n", f"&ssl_ca={CA}", "verified-full", "verified-full"),
    ("[client]\nssl-ca=/missing.pem\n", f"&ssl_ca={CA}", "verified-full", "verified-full"),
    (f"[client]\nssl-ca={CA}\n", "&ssl_verify_cert=true", "verified-ca", "verified-ca"),
    ("", "", None, None),
]


@pytest.mark.parametrize(("text", "query", "old", "new"), OPTION_FILES)
def test_an_option_file_counts_as_configparser_reads_it(
    text: str, query: str, old: str | None, new: str | None
) -> None:
    url, files = f"{BASE}?read_default_file=/etc/my.cnf{query}", {"/etc/my.cnf": text}

    found = [database(url, release=release, files=files).when_encrypted for release in ("zed", "2024.1")]

    assert found == [old, new]


@pytest.mark.parametrize(
    "text",
    [
        f"!includedir /etc/mysql/conf.d\n[client]\nssl-ca={CA}\n",
        f"[client]\nssl-ca={CA}\nssl-ca={CA}\n",
        "[client]\nuser=nova\n[client]\nhost=h\n",
        "[client]\nssl-ca=/missing.pem\n",
        "[client]\nport=three\n",
        "user=nova\n",
    ],
)
def test_an_option_file_that_configparser_refuses_is_broken(text: str) -> None:
    found = database(f"{BASE}?read_default_file=/etc/my.cnf", files={"/etc/my.cnf": text})

    assert found.posture is Posture.BROKEN


def test_an_option_file_without_a_group_sends_no_text_and_is_broken() -> None:
    hidden = file("/etc/my.cnf", None, "my.cnf")

    found = database(f"{BASE}?read_default_file=/etc/my.cnf", files={"/etc/my.cnf": hidden})

    assert found.posture is Posture.BROKEN
    assert "MissingSectionHeaderError" in found.reason


def test_an_option_file_that_is_not_there_is_ignored() -> None:
    found = database(f"{BASE}?read_default_file=/etc/missing.cnf")

    assert found.posture is Posture.PLAINTEXT
    assert found.reason.endswith("/etc/missing.cnf is no file, which PyMySQL ignores")


@pytest.mark.parametrize(
    ("status", "why"), [("denied", "permission denied"), ("limit", "one too many"), ("elsewhere", ELSEWHERE)]
)
def test_an_option_file_that_was_not_seen_leaves_the_posture_unknown(status: str, why: str) -> None:
    unseen = Missing("/etc/my.cnf", status, "" if why is ELSEWHERE else why)

    found = database(f"{BASE}?read_default_file=/etc/my.cnf", files={"/etc/my.cnf": unseen})

    assert found.posture is Posture.UNKNOWN
    assert found.undecided == f"the option file /etc/my.cnf was not seen: {why}"


def test_a_group_alone_means_the_file_in_etc() -> None:
    files = {"/etc/my.cnf": f"[nova]\nssl-ca={CA}\n"}

    found = database(f"{BASE}?read_default_group=nova", files=files)

    assert found.when_encrypted is Posture.VERIFIED_FULL


def test_an_option_file_names_host_port_and_user_where_the_url_does_not() -> None:
    files = {"/etc/my.cnf": "[client]\nhost=db9\nport=3307\nuser=fred\n"}

    found = database("mysql+pymysql:///nova?read_default_file=/etc/my.cnf", files=files)

    assert (found.endpoints, found.user) == (("db9:3307",), "fred")


def test_a_line_of_the_option_file_stands_as_evidence() -> None:
    files = {"/etc/my.cnf": f"# comment\n[client]\nuser=nova\nssl-ca={CA}\n"}

    found = database(f"{BASE}?read_default_file=/etc/my.cnf", files=files)
    (line,) = [setting for setting in found.judging if setting.name == "ssl-ca"]

    assert (str(line), line.resolved) == ("[client] ssl-ca", CA)
    assert (line.origin.kind, line.origin.path, line.origin.line) == (OriginKind.FILE, "/etc/my.cnf", 4)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("mysql+pymysql://nova:pw@db1.example/nova", "db1.example:3306"),
        ("mysql+pymysql://nova:pw@db1.example:3307/nova", "db1.example:3307"),
        ("mysql+pymysql://nova:pw@[::1]/nova", "[::1]:3306"),
        ("mysql+pymysql://nova:pw@/nova", "localhost:3306"),
        ("mysql+pymysql://nova:pw@db1/nova?host=db2", "db2:3306"),
        ("mariadb+pymysql://nova:pw@db1/nova", "db1:3306"),
    ],
)
def test_the_endpoint_has_its_default_port(url: str, endpoint: str) -> None:
    found = database(url)

    assert found.endpoints == (endpoint,)


def test_localhost_is_tcp_and_keeps_its_posture() -> None:
    found = database("mysql+pymysql://nova:pw@localhost/nova")

    assert (found.posture, found.is_loopback) == (Posture.PLAINTEXT, True)


@pytest.mark.parametrize(
    ("query", "release", "when"),
    [
        ("", "zed", None),
        (f"&ssl_ca={CA}", "zed", "verified-full"),
        (f"&ssl_ca={CA}", "2026.2", None),
    ],
)
def test_a_unix_socket_is_local_and_tls_is_negotiated_there_too(
    query: str, release: str, when: str | None
) -> None:
    found = database(f"mysql+pymysql://nova:pw@localhost/nova?unix_socket=/run/s{query}", release=release)

    assert (found.posture, found.endpoints, found.when_encrypted) == (Posture.LOCAL, ("/run/s",), when)
    assert found.limited_by is None


def test_a_socket_of_the_option_file_is_local() -> None:
    files = {"/etc/my.cnf": "[client]\nsocket=/run/s\n"}

    found = database(f"{BASE}?read_default_file=/etc/my.cnf", files=files)

    assert found.posture is Posture.LOCAL


@pytest.mark.parametrize(("status", "why"), [("elsewhere", ELSEWHERE), ("denied", "permission denied")])
def test_a_ca_that_was_not_seen_leaves_the_posture_undecided(status: str, why: str) -> None:
    unseen = Missing("/ca.pem", status, "" if why is ELSEWHERE else why)

    found = database(f"{BASE}?ssl_ca=/ca.pem", files={"/ca.pem": unseen})

    assert found.when_encrypted is Posture.VERIFIED_FULL
    assert found.undecided == f"/ca.pem was not seen: {why}"
    assert found.ca_file == unseen


@pytest.mark.parametrize("name", ["ssl_ca", "ssl_verify_cert", "ssl_check_hostname", "read_default_file"])
def test_a_withheld_value_that_decides_leaves_the_posture_unknown(name: str) -> None:
    found = database(f"{BASE}?{name}={withheld('0').token}")

    assert found.posture is Posture.UNKNOWN
    assert found.undecided is not None


@pytest.mark.parametrize(
    ("release", "posture"), [("zed", "plaintext"), ("2024.1", "plaintext"), ("2026.2", "broken")]
)
def test_a_folder_of_authorities_that_is_not_there_believes_nobody(release: str, posture: str) -> None:
    found = database(f"{BASE}?ssl_capath=/missing", release=release)

    assert found.posture == posture


def test_a_number_that_was_withheld_is_none() -> None:
    found = database(f"{BASE}?connect_timeout={withheld('0').token}&ssl_ca={CA}")

    assert (found.posture, found.reason) == (
        Posture.BROKEN,
        "connect_timeout of [database] connection is no number",
    )


@pytest.mark.parametrize("name", ["charset", "init_command"])
def test_a_withheld_value_that_decides_nothing_is_passed_over(name: str) -> None:
    found = database(f"{BASE}?{name}={withheld('0').token}&ssl_ca={CA}")

    assert found.when_encrypted is Posture.VERIFIED_FULL


def test_withheld_connection_parameters_leave_the_posture_unknown() -> None:
    found = database(BASE, withheld())

    assert found.posture is Posture.UNKNOWN


@pytest.mark.parametrize(("is_found", "posture"), [(True, "verified-full"), (False, "opportunistic")])
def test_a_capability_beats_the_version(is_found: bool, posture: str) -> None:
    release = "zed" if is_found else "2026.2"

    found = database(f"{BASE}?ssl_ca={CA}", release=release, capabilities={"PyMySQL:ssl_required": is_found})

    assert found.posture == posture


def test_pymysql_that_is_not_installed_is_broken() -> None:
    found = database(BASE, libraries={"PyMySQL": None})

    assert found.posture is Posture.BROKEN
    assert found.remedy == "Install PyMySQL."


@pytest.mark.parametrize(
    ("query", "remedy"),
    [
        ("", "Append `?ssl_ca=/path/to/ca.pem` to `[database] connection`."),
        ("?charset=utf8", "Append `&ssl_ca=/path/to/ca.pem` to `[database] connection`."),
        ("?plugin=dbcounter", "Append `&ssl_ca=/path/to/ca.pem` to `[database] connection`."),
        (f"&ssl_ca={CA}", "Write `?` in place of the first `&` in `[database] connection`."),
        (
            f"?ssl_ca={CA}",
            (
                "Install PyMySQL 1.2.0 or newer; or use mysqlclient (`mysql://`) with `ssl-ca` and"
                " `ssl-verify-server-cert=1` in the option file of `read_default_file`. `require_secure_transport` on"
                " the server does not help."
            ),
        ),
        (f"?ssl_ca={CA}&ssl_verify_cert=true", "Remove `ssl_verify_cert` from `[database] connection`."),
        (
            "?ssl_verify_cert=true&ssl_verify_identity=true",
            (
                "Replace `ssl_verify_cert` and `ssl_verify_identity` by `ssl_ca=/path/to/ca.pem` in"
                " `[database] connection`."
            ),
        ),
        (f"?ssl_disabled=false&ssl_ca={CA}", "Remove `ssl_disabled` from `[database] connection`."),
        (
            "?ssl_disabled=false",
            "Replace `ssl_disabled` by `ssl_ca=/path/to/ca.pem` in `[database] connection`.",
        ),
        ("?ssl=true", "Replace `ssl` by `ssl_ca=/path/to/ca.pem` in `[database] connection`."),
        (
            f"?ssl_ca={CA}&ssl_check_hostname=false",
            "Remove `ssl_check_hostname` from `[database] connection`.",
        ),
        ("?bogus=1", "Remove `bogus` from `[database] connection`."),
        (
            "?ssl_mode=VERIFY_IDENTITY",
            "Replace `ssl_mode` by `ssl_ca=/path/to/ca.pem` in `[database] connection`.",
        ),
        (f"?ssl_mode=VERIFY_IDENTITY&ssl_ca={CA}", "Remove `ssl_mode` from `[database] connection`."),
    ],
)
def test_the_remedy_is_the_change_to_make(query: str, remedy: str) -> None:
    found = database(BASE + query)

    assert found.remedy == remedy


def test_the_remedy_names_the_option_that_holds_the_parameter() -> None:
    found = database(f"{BASE}?ssl_ca={CA}", "ssl_verify_cert=true")

    assert found.remedy == "Remove `ssl_verify_cert` from `[database] connection_parameters`."


def test_an_authority_of_the_option_file_counts_as_written() -> None:
    files = {"/etc/my.cnf": f"[client]\nssl-ca={CA}\n"}

    found = database(f"{BASE}?read_default_file=/etc/my.cnf&ssl_disabled=1", files=files)

    assert found.remedy == "Remove `ssl_disabled` from `[database] connection`."


@pytest.mark.parametrize("path", ["nova&ssl_ca={}", "nova&ssl_ca={}&charset=utf8"])
@pytest.mark.parametrize(("release", "expected"), [("2026.1", "plaintext"), ("2026.2", "opportunistic")])
def test_a_url_as_a_host_sends_it_keeps_what_follows_an_ampersand(
    path: str, release: str, expected: str
) -> None:
    url = f"mysql+pymysql://nova:{withheld().token}@db1.example/{path.format(CA)}"

    found = database(url, release=release)

    assert (found.posture, found.endpoints) == (expected, ("db1.example:3306",))
    assert found.password == withheld()


def test_what_is_withheld_in_the_name_of_the_database_asks_for_nothing() -> None:
    found = database(f"{BASE}&ssl_ca={withheld().token}#{withheld().token}")

    assert found.posture is Posture.PLAINTEXT


def test_a_withheld_end_of_what_decides_leaves_the_posture_unknown() -> None:
    # SQLAlchemy knows no fragments: it belongs to the value before it.
    found = database(f"{BASE}?ssl_ca={CA}#{withheld().token}")

    assert found.posture is Posture.UNKNOWN


def test_an_ampersand_before_the_question_mark_is_told() -> None:
    found = database(f"{BASE}&ssl_ca={CA}")

    assert found.posture is Posture.PLAINTEXT
    assert found.reason.endswith("what follows the & is part of the database's name")


def test_user_and_password_are_told_apart() -> None:
    secret = withheld("2d")

    found = database(f"mysql+pymysql://nova:{secret.token}@db1/nova")

    assert (found.user, found.password) == ("nova", secret)
    assert secret.token not in f"{found.reason} {found.remedy} {found.endpoints} {found}"


@pytest.mark.parametrize(
    ("charset", "version", "posture"),
    [
        ("UTF8", "1.0.2", "opportunistic"),
        ("UTF8", "1.1.0", "broken"),
        ("UTF8", "1.1.1", "broken"),
        ("UTF8", "1.1.2", "opportunistic"),
        ("LATIN1", "1.1.0", "opportunistic"),
        ("klingon", "1.1.2", "broken"),
    ],
)
def test_a_charset_may_be_in_capitals_but_for_utf8_in_two_versions(
    charset: str, version: str, posture: str
) -> None:
    found = database(f"{BASE}?ssl_ca={CA}&charset={charset}", libraries={"PyMySQL": version})

    assert found.posture == posture


@pytest.mark.parametrize(("sqlalchemy", "posture"), [("1.4.54", "broken"), ("2.0.46", "opportunistic")])
def test_local_infile_is_a_number_before_sqlalchemy_2(sqlalchemy: str, posture: str) -> None:
    versions = {"PyMySQL": "1.1.2", "SQLAlchemy": sqlalchemy}

    found = database(f"{BASE}?ssl_ca={CA}&local_infile=true", libraries=versions)

    assert found.posture == posture
