"""mysqlclient's TLS options through Connector/C: their products, their odd values, and its reading of option files."""

from collections.abc import Iterator

from tests.conformance.cases.mysqlcase import MYSQLCLIENT, Case, asking, database, queries
from tests.conformance.cases.pymysql import APPENDED, CA, CIPHERS, FILES, FOLDERS, OPTION_FILES, PAIRS, UNSEEN

MODES = (None, "DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")

#: Option files that only Connector/C reads otherwise than PyMySQL, or at all.
MORE_FILES = {
    "verified true": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=true\n",
    "verified on": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=on\n",
    "verified yes": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=yes\n",
    "verified TRUE": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=TRUE\n",
    "verified blank": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=\n",
    "verified without value": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert\n",
    "verified underscore": "[client]\nssl_ca=@DIR@/ca.pem\nssl_verify_server_cert=1\n",
    "verified quoted": '[client]\nssl-ca="@DIR@/ca.pem"\nssl-verify-server-cert="1"\n',
    "verified upper case": "[client]\nSSL-CA=@DIR@/ca.pem\nSSL-VERIFY-SERVER-CERT=1\n",
    "verified without authority": "[client]\nssl-verify-server-cert=1\n",
    "verified by folder": "[client]\nssl-capath=@DIR@/hashed\nssl-verify-server-cert=1\n",
    "verified, then not": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=1\nssl-verify-server-cert=0\n",
    "verified with certificate": (
        "[client]\nssl-ca=@DIR@/ca.pem\nssl-cert=@DIR@/client.pem\nssl-key=@DIR@/client.key\n"
        "ssl-verify-server-cert=1\n"
    ),
    "verified, missing authority": "[client]\nssl-ca=@DIR@/missing.pem\nssl-verify-server-cert=1\n",
    "tls-verify-peer": "[client]\ntls-ca=@DIR@/ca.pem\ntls-verify-peer=1\n",
    "enforced": "[client]\nssl-enforce=1\n",
    "enforced true": "[client]\nssl-enforce=true\n",
    "enforced with authority": "[client]\nssl-enforce=1\nssl-ca=@DIR@/ca.pem\n",
    "not enforced": "[client]\nssl-enforce=0\nssl-ca=@DIR@/ca.pem\n",
    "tls-version": "[client]\nssl-ca=@DIR@/ca.pem\ntls-version=TLSv1.2\n",
    "spaced verification": "[client]\n  ssl-ca = @DIR@/ca.pem\n  ssl-verify-server-cert = 1\n",
    "client-mariadb verified": "[client-mariadb]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=1\n",
    "mariadb group": "[mariadb-client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=1\n",
    "two groups": "[client]\nssl-verify-server-cert=0\n[client-server]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=1\n",
    "quote on a line": "[client]\n'\nssl-ca=@DIR@/ca.pem\n",
    "include first and verified": ("!include @DIR@/folder/extra.cnf\n[client]\nssl-verify-server-cert=1\n"),
    "include folder": "[client]\nuser=nova\n!includedir @DIR@/folder\n",
    "protocol": "[client]\nprotocol=TCP\nssl-ca=@DIR@/ca.pem\n",
}

WORDS_OF_OTHERS = (
    "ssl_mode=required",
    "ssl_mode=VERIFY_CA_AND_NAME",
    "ssl_mode=",
    "ssl-mode=REQUIRED",
    "sslmode=require",
    "ssl_disabled=true",
    "ssl_ca=@DIR@/ca.pem&ssl_disabled=false",
    "ssl_ca=@DIR@/ca.pem&ssl_verify_cert=true",
    "ssl_ca=@DIR@/ca.pem&ssl_verify_identity=true",
    "ssl_verify_server_cert=1",
    "SSL_CA=@DIR@/ca.pem",
    "connect_timeout=5",
    "connect_timeout=0",
    "connect_timeout=x",
    "read_timeout=30",
    "compress=true",
    "compress=0",
    "local_infile=1",
    "local_infile=x",
    "charset=utf8mb4",
    "charset=klingon",
    "collation=utf8mb4_general_ci",
    "use_unicode=0",
    "autocommit=true",
    "sql_mode=TRADITIONAL",
    "init_command=SELECT 1",
    "multi_statements=0",
    "client_flag=2048",
    "auth_plugin=mysql_native_password",
    "server_public_key_path=@DIR@/ca.pem",
    "executemany_fallback=loop",
    "named_pipe=1",
    "conv=x",
    "cursorclass=x",
    "port=3307",
    "unix_socket=@DIR@/@PORT@.sock",
    "unix_socket=@DIR@/missing.sock&ssl_ca=@DIR@/ca.pem",
    "plugin=dbcounter",
    "?ssl_ca=@DIR@/ca.pem",
    "ssl_ca=@DIR@/ca.pem&ssl_ca=@DIR@/ca.pem",
    "ssl_mode=REQUIRED&ssl_mode=REQUIRED",
    "ssl=true&ssl=false",
    "ssl_ca=@DIR@/ca.pem&ssl_check_hostname=bogus",
)

BESIDE = (
    "ssl_ca=@DIR@/ca.pem",
    "ssl_ca=@DIR@/missing.pem",
    "ssl_mode=VERIFY_IDENTITY",
    "ssl_mode=REQUIRED",
    "ssl_mode=DISABLED",
    "ssl=true",
    "ssl_check_hostname=true",
    "ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/client.key",
)


def cases() -> tuple[Case, ...]:
    """Every case of the driver, each id beginning with its name."""
    return tuple(_cases())


def _one(identity: str, query: str = "", files: dict[str, str] | None = None, more: str = "") -> Case:
    return database(f"mysqlclient {identity}", "mysqlclient", asking(MYSQLCLIENT, query), files, more)


def _cases() -> Iterator[Case]:
    for query in _products():
        yield _one(query or "(no query)", query)
    for query in (*UNSEEN, "ssl_key=@DIR@/both.pem"):
        yield _one(f"unseen: {query}", query)
    for query in WORDS_OF_OTHERS:
        yield _one(f"odd: {query}", query)
    for own, appended in APPENDED:
        if "disabled" in own + appended or "verify" in appended:
            continue
        files = {"@DIR@/mine.cnf": OPTION_FILES["dash"]} if "mine.cnf" in appended else None
        identity = f"connection_parameters={appended} with {own or 'no query'}"
        yield _one(identity, own, files, f"connection_parameters = {appended}\n")
    yield from _option_files()
    for name in ("system",):
        for tail in ("", "&ssl_mode=VERIFY_CA"):
            query = f"ssl_ca=@DIR@/{name}.pem{tail}"
            yield {**_one(query, query), "authority": name}
    query = f"ssl_ca={CA}"
    url = MYSQLCLIENT.replace("mysql:", "mysql+mysqldb:")
    yield database("mysqlclient mysql+mysqldb://", "mysqlclient", asking(url, query))
    url = MYSQLCLIENT.replace("mysql:", "mariadb:")
    yield database("mysqlclient mariadb://", "mysqlclient", asking(url, query))
    url = MYSQLCLIENT.replace("mysql:", "mariadb+mysqldb:")
    yield database("mysqlclient mariadb+mysqldb://", "mysqlclient", asking(url, query))


def _products() -> Iterator[str]:
    found: dict[str, None] = {}
    for query in queries({"ssl_ca": FILES, "ssl_capath": FOLDERS}):
        found[query] = None
    for pair in PAIRS:
        options = {
            "ssl_mode": MODES,
            "ssl_ca": (None, CA),
            **{name: (value,) for name, value in pair.items()},
            "ssl": (None, "true"),
        }
        found.update(dict.fromkeys(queries(options)))
    found.update(
        dict.fromkeys(
            queries(
                {
                    "ssl_mode": (None, "VERIFY_CA"),
                    "ssl_ca": (None, CA, "@DIR@/missing.pem", "@DIR@/garbage.pem"),
                    "ssl_capath": (None, "@DIR@/hashed", "@DIR@/missing"),
                    "ssl_check_hostname": (None, "true", "false"),
                }
            )
        )
    )
    found.update(dict.fromkeys(queries({"ssl_ca": (None, CA), "ssl": ("1", "0", "false", "", "bogus")})))
    found.update(dict.fromkeys(queries({"ssl_ca": (None, CA), "ssl_cipher": CIPHERS})))
    for bad in ("missing.pem", "garbage.pem", "empty.pem", "folder"):
        found[f"ssl_ca={CA}&ssl_cert=@DIR@/{bad}&ssl_key=@DIR@/client.key"] = None
    for bad in ("missing.pem", "empty.pem"):
        found[f"ssl_ca={CA}&ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/{bad}"] = None
    yield from found


def _option_files() -> Iterator[Case]:
    file = "@DIR@/mine.cnf"
    extra = {
        "@DIR@/folder/extra.cnf": OPTION_FILES["dash"],
        "@DIR@/folder/my.cnf": "[client]\nssl-ca=@DIR@/ca.pem\n",
    }
    for name, text in {**OPTION_FILES, **MORE_FILES}.items():
        if name in ("host", "port", "port that is no number"):
            continue
        query = f"read_default_file={file}"
        yield _one(f"option file: {name}", query, {file: text, **(extra if "include" in name else {})})
    for group in ("tripleo", "client", "nova"):
        query = f"read_default_file={file}&read_default_group={group}"
        yield _one(f"option file: group {group}", query, {file: f"[{group}]\nssl-ca={CA}\n"})
    yield _one("option file: missing", "read_default_file=@DIR@/missing.cnf")
    yield _one("option file: a folder", "read_default_file=@DIR@/folder")
    for beside in BESIDE:
        for name in ("dash", "verified", "unverified", "blank value", "enforced", "verified without value"):
            text = {**OPTION_FILES, **MORE_FILES}[name]
            query = f"read_default_file={file}&{beside}"
            yield _one(f"option file {name} and {beside}", query, {file: text})
