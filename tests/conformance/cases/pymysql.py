"""PyMySQL's TLS options: their products, their odd values, and its reading of option files."""

from collections.abc import Iterator

from tests.conformance.cases.mysqlcase import PYMYSQL, Case, asking, database, queries

CA = "@DIR@/ca.pem"
CLIENT = {"ssl_cert": "@DIR@/client.pem", "ssl_key": "@DIR@/client.key"}

#: What an authority may be that is written as a file.
FILES = (
    None,
    CA,
    "",
    "@DIR@/missing.pem",
    "@DIR@/empty.pem",
    "@DIR@/garbage.pem",
    "@DIR@/folder",
    "@DIR@/hashed",
)
FOLDERS = (None, "@DIR@/hashed", "@DIR@/missing", "")

#: The certificate and the key of the client.
PAIRS = (
    {},
    CLIENT,
    {"ssl_cert": "@DIR@/client.pem"},
    {"ssl_key": "@DIR@/client.key"},
)

#: Words for true and false, as people write them, and some that are neither.
WORDS = ("true", "True", "TRUE", "1", "yes", "on", "t", "y", "false", "False", "0", "no", "off", "f", "n")
ODD = ("", "bogus", "2", "none", "None", "-1")
MODES = ("optional", "required", "REQUIRED", "CERT_REQUIRED", "CERT_NONE", "null")

#: Option files, by what is odd about them: file name to text, and what the URL says besides.
OPTION_FILES = {
    "dash": "[client]\nssl-ca=@DIR@/ca.pem\n",
    "underscore": "[client]\nssl_ca=@DIR@/ca.pem\n",
    "upper case": "[client]\nSSL-CA=@DIR@/ca.pem\n",
    "spaces": "[client]\nssl-ca  =  @DIR@/ca.pem  \n",
    "colon": "[client]\nssl-ca: @DIR@/ca.pem\n",
    "single quotes": "[client]\nssl-ca='@DIR@/ca.pem'\n",
    "double quotes": '[client]\nssl-ca="@DIR@/ca.pem"\n',
    "blank value": "[client]\nssl-ca=\n",
    "no value": "[client]\nssl-ca\n",
    "indented": "[client]\n  ssl-ca=@DIR@/ca.pem\n",
    "indented group": " [client]\n ssl-ca=@DIR@/ca.pem\n",
    "group and text": "[client] # mine\nssl-ca=@DIR@/ca.pem\n",
    "comments": "# a\n; b\n[client]\n# c\nssl-ca=@DIR@/ca.pem\n",
    "missing authority": "[client]\nssl-ca=@DIR@/missing.pem\n",
    "capath": "[client]\nssl-capath=@DIR@/hashed\n",
    "certificate": "[client]\nssl-ca=@DIR@/ca.pem\nssl-cert=@DIR@/client.pem\nssl-key=@DIR@/client.key\n",
    "certificate alone": "[client]\nssl-cert=@DIR@/client.pem\nssl-key=@DIR@/client.key\n",
    "key alone": "[client]\nssl-key=@DIR@/client.key\n",
    "cipher": "[client]\nssl-cipher=ECDHE-ECDSA-AES256-GCM-SHA384\n",
    "ssl": "[client]\nssl=1\n",
    "ssl without value": "[client]\nssl\n",
    "ssl-mode": "[client]\nssl-mode=VERIFY_IDENTITY\n",
    "ssl-mode and ca": "[client]\nssl-mode=VERIFY_IDENTITY\nssl-ca=@DIR@/ca.pem\n",
    "ssl-mode disabled": "[client]\nssl-mode=DISABLED\nssl-ca=@DIR@/ca.pem\n",
    "ssl-verify-server-cert": "[client]\nssl-verify-server-cert\n",
    "verified": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=1\n",
    "unverified": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=0\n",
    "other group": "[tripleo]\nssl=1\nssl-ca=@DIR@/ca.pem\n",
    "mysql group": "[mysql]\nssl-ca=@DIR@/ca.pem\n",
    "client-mariadb": "[client-mariadb]\nssl-ca=@DIR@/ca.pem\n",
    "client-server": "[client-server]\nssl-ca=@DIR@/ca.pem\n",
    "upper-case group": "[CLIENT]\nssl-ca=@DIR@/ca.pem\n",
    "spaced group": "[ client ]\nssl-ca=@DIR@/ca.pem\n",
    "DEFAULT": "[DEFAULT]\nssl-ca=@DIR@/ca.pem\n",
    "DEFAULT with client": "[DEFAULT]\nssl-ca=@DIR@/ca.pem\n[client]\nuser=nova\n",
    "group twice": "[client]\nuser=nova\n[client]\nssl-ca=@DIR@/ca.pem\n",
    "key twice": "[client]\nssl-ca=@DIR@/missing.pem\nssl-ca=@DIR@/ca.pem\n",
    "dash and underscore": "[client]\nssl-ca=@DIR@/ca.pem\nssl_ca=@DIR@/ca.pem\n",
    "no group": "ssl-ca=@DIR@/ca.pem\n",
    "include first": "!includedir @DIR@/folder\n[client]\nssl-ca=@DIR@/ca.pem\n",
    "include last": "[client]\nssl-ca=@DIR@/ca.pem\n!include @DIR@/folder/extra.cnf\n",
    "include only": "[client]\nuser=nova\n!include @DIR@/folder/extra.cnf\n",
    "empty": "",
    "host": "[client]\nhost=192.0.2.1\nssl-ca=@DIR@/ca.pem\n",
    "port": "[client]\nport=1\nssl-ca=@DIR@/ca.pem\n",
    "port that is no number": "[client]\nport=x\n",
    "socket": "[client]\nsocket=@DIR@/@PORT@.sock\nssl-ca=@DIR@/ca.pem\n",
    "percent": "[client]\npassword=a%b\nssl-ca=@DIR@/ca.pem\n",
}

#: Other groups that are asked for.
GROUPS = {
    "tripleo": "[tripleo]\nssl=1\nssl-ca=@DIR@/ca.pem\n",
    "client": "[client]\nssl-ca=@DIR@/ca.pem\n",
    "nova": "[client]\nssl-ca=@DIR@/ca.pem\n",
    "DEFAULT": "[DEFAULT]\nssl-ca=@DIR@/ca.pem\n",
}

#: What else a URL may say beside an option file whose authority is the right one.
BESIDE = (
    "ssl_ca=@DIR@/missing.pem",
    "ssl_ca=@DIR@/ca.pem",
    "ssl_check_hostname=false",
    "ssl_check_hostname=true",
    "ssl_disabled=true",
    "ssl_verify_cert=true",
    "ssl_verify_identity=true",
    "ssl=true",
    "ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/client.key",
    "ssl_capath=@DIR@/hashed",
)

#: Names that PyMySQL does not know, or knows to refuse them, and values that nobody can use.
WORDS_OF_OTHERS = (
    "ssl_mode=REQUIRED",
    "ssl_mode=VERIFY_IDENTITY",
    "ssl-mode=REQUIRED",
    "ssl-ca=@DIR@/ca.pem",
    "sslmode=verify-full",
    "sslrootcert=@DIR@/ca.pem",
    "tls=true",
    "useSSL=true",
    "require_secure_transport=ON",
    "ssl_verify_server_cert=1",
    "SSL_CA=@DIR@/ca.pem",
    "Ssl_ca=@DIR@/ca.pem",
    "ssl_crl=@DIR@/ca.pem",
    "tls_version=TLSv1.2",
    "ssl_key_password=x",
    "ssl_ca=@DIR@/ca.pem&ssl_key_password=x",
    "compress=true",
    "compress=1",
    "compress=false",
    "named_pipe=1",
    "cursorclass=x",
    "conv=x",
    "connect_timeout=5",
    "connect_timeout=0",
    "connect_timeout=x",
    "connect_timeout=31536001",
    "read_timeout=30",
    "read_timeout=0",
    "write_timeout=30",
    "charset=utf8mb4",
    "charset=utf8",
    "charset=utf8mb3",
    "charset=klingon",
    "collation=utf8mb4_general_ci",
    "sql_mode=TRADITIONAL",
    "autocommit=true",
    "local_infile=1",
    "local_infile=x",
    "client_flag=2048",
    "client_flag=x",
    "use_unicode=1",
    "init_command=SELECT 1",
    "program_name=nova",
    "max_allowed_packet=x",
    "bind_address=127.0.0.1",
    "defer_connect=1",
    "binary_prefix=1",
    "server_public_key=x",
    "auth_plugin=mysql_clear_password",
    "plugin=dbcounter",
    "port=3307",
    "db=other",
    "passwd=x",
    "ssl_ca=@DIR@/ca%2Epem",
    "ssl_ca",
    "ssl_disabled",
    "ssl_verify_cert&ssl_ca=@DIR@/ca.pem",
    "&ssl_ca=@DIR@/ca.pem",
    "?ssl_ca=@DIR@/ca.pem",
)

TWICE = (
    "ssl_ca=@DIR@/ca.pem&ssl_ca=@DIR@/ca.pem",
    "ssl_ca=@DIR@/ca.pem&ssl_ca=",
    "ssl_ca=@DIR@/ca.pem&ssl_check_hostname=true&ssl_check_hostname=false",
    "ssl_ca=@DIR@/ca.pem&ssl_verify_cert=true&ssl_verify_cert=false",
    "ssl_ca=@DIR@/ca.pem&ssl_verify_identity=true&ssl_verify_identity=false",
    "ssl_ca=@DIR@/ca.pem&ssl_disabled=false&ssl_disabled=false",
    "charset=utf8&charset=utf8mb4",
    "ssl_ca=@DIR@/ca.pem&ssl=true&ssl=false",
    "ssl=true&ssl=false",
)

#: What the host withholds, or what keys and folders hold, so that the auditor cannot see what decides.
UNSEEN = (
    "ssl_ca=@DIR@/ca.pem#fragment",
    "ssl_ca=+@DIR@/ca.pem",
    "ssl_ca=@DIR@/ca.pem;ssl_check_hostname=false",
    "ssl_ca=@DIR@/ca.pem&ssl_cipher=DEFAULT@SECLEVEL=1",
    "ssl_capath=@DIR@/folder",
    "ssl_capath=@DIR@/ca.pem",
    "ssl_ca=@DIR@/ca.pem&ssl_cert=@DIR@/both.pem",
    "ssl_ca=@DIR@/ca.pem&ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/garbage.pem",
    "ssl_ca=@DIR@/ca.pem&ssl_cert=@DIR@/ca.pem&ssl_key=@DIR@/client.key",
)

#: The query of the URL, and ``connection_parameters`` beside it.
APPENDED = (
    ("", "ssl_ca=@DIR@/ca.pem"),
    ("", "?ssl_ca=@DIR@/ca.pem"),
    ("", "&ssl_ca=@DIR@/ca.pem"),
    ("", "ssl_ca=@DIR@/ca.pem&ssl_check_hostname=false"),
    ("", "ssl_disabled=true"),
    ("", "ssl_mode=REQUIRED"),
    ("", "charset=utf8mb4"),
    ("", "read_default_file=@DIR@/mine.cnf"),
    ("", ""),
    ("charset=utf8mb4", "ssl_ca=@DIR@/ca.pem"),
    ("charset=utf8mb4", "charset=utf8"),
    ("ssl_ca=@DIR@/ca.pem", "ssl_ca=@DIR@/ca.pem"),
    ("ssl_ca=@DIR@/ca.pem", "ssl_check_hostname=false"),
    ("ssl_ca=@DIR@/ca.pem", "ssl_check_hostname=true"),
    ("ssl_ca=@DIR@/ca.pem", "ssl_verify_cert=true"),
    ("ssl_ca=@DIR@/ca.pem", "ssl_verify_identity=false"),
    ("ssl_ca=@DIR@/ca.pem", "ssl_disabled=false"),
    ("ssl_ca=@DIR@/ca.pem", "ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/client.key"),
    ("ssl_cert=@DIR@/client.pem", "ssl_key=@DIR@/client.key"),
    ("ssl_disabled=true", "ssl_ca=@DIR@/ca.pem"),
)

CIPHERS = (
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "HIGH:!aNULL",
    "TLS_AES_256_GCM_SHA384",
    "bogus",
    "AES256-SHA,DES-CBC3-SHA",
)


def cases() -> tuple[Case, ...]:
    """Every case of the driver, each id beginning with its name."""
    return tuple(_cases())


def _one(identity: str, query: str = "", files: dict[str, str] | None = None, more: str = "") -> Case:
    return database(f"pymysql {identity}", "PyMySQL", asking(PYMYSQL, query), files, more)


def _cases() -> Iterator[Case]:
    for query in _products():
        yield _one(query or "(no query)", query)
    for query in UNSEEN:
        yield _one(f"unseen: {query}", query)
    for query in (*WORDS_OF_OTHERS, *TWICE):
        yield _one(f"odd: {query}", query)
    for own, appended in APPENDED:
        files = {"@DIR@/mine.cnf": OPTION_FILES["dash"]} if "mine.cnf" in appended else None
        identity = f"connection_parameters={appended} with {own or 'no query'}"
        yield _one(identity, own, files, f"connection_parameters = {appended}\n")
    yield from _option_files()
    for name, tails in (
        ("other", ("", "&ssl_verify_cert=true")),
        ("system", ("", "&ssl_check_hostname=false", "&ssl_verify_cert=true")),
    ):
        for tail in tails:
            query = f"ssl_ca=@DIR@/{name}.pem{tail}"
            case = _one(query, query)
            yield {**case, "authority": name} if "verify" not in tail else case


def _products() -> Iterator[str]:
    """The combinations that are asked for by the URL, each once."""
    found: dict[str, None] = {}
    for query in queries({"ssl_ca": FILES, "ssl_capath": FOLDERS}):
        found[query] = None
    switches = {
        "ssl_check_hostname": (None, "true", "false"),
        "ssl_verify_cert": (None, "true", "false"),
        "ssl_verify_identity": (None, "true", "false"),
        "ssl_disabled": (None, "true"),
    }
    for pair in PAIRS:
        options = {"ssl_ca": (None, CA), **{name: (value,) for name, value in pair.items()}, **switches}
        found.update(dict.fromkeys(queries(options)))
    found.update(
        dict.fromkeys(
            queries(
                {
                    "ssl_ca": (None, CA),
                    "ssl_capath": (None, "@DIR@/hashed"),
                    **dict(list(switches.items())[:3]),
                }
            )
        )
    )
    found.update(
        dict.fromkeys(
            queries(
                {
                    "ssl_ca": (None, CA),
                    "ssl": (None, "true", "false", "1", ""),
                    "ssl_disabled": (None, "false", "0", ""),
                    "ssl_cipher": (None, *CIPHERS[:1]),
                }
            )
        )
    )
    for name, words in (
        ("ssl_check_hostname", (*WORDS, *ODD)),
        ("ssl_verify_cert", (*WORDS, *ODD, *MODES)),
        ("ssl_verify_identity", (*WORDS, *ODD)),
        ("ssl_disabled", (*WORDS, *ODD)),
        ("ssl_cipher", CIPHERS),
    ):
        found.update(dict.fromkeys(queries({"ssl_ca": (None, CA), name: words})))
    for bad in ("missing.pem", "garbage.pem", "empty.pem", "folder"):
        found[f"ssl_ca={CA}&ssl_cert=@DIR@/{bad}&ssl_key=@DIR@/client.key"] = None
    for bad in ("missing.pem", "empty.pem"):
        found[f"ssl_ca={CA}&ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/{bad}"] = None
    for bad in ("missing.pem", "garbage.pem"):
        found[f"ssl_key=@DIR@/{bad}"] = None
        found[f"ssl_ca={CA}&ssl_key=@DIR@/{bad}"] = None
    for bad in ("missing.pem", "garbage.pem"):
        for name in ("ssl_verify_cert=true", "ssl_verify_identity=true", "ssl_disabled=true", "ssl=true"):
            found[f"ssl_ca=@DIR@/{bad}&{name}"] = None
    yield from found


def _option_files() -> Iterator[Case]:
    file = "@DIR@/mine.cnf"
    extra = {"@DIR@/folder/extra.cnf": OPTION_FILES["dash"]}
    for name, text in OPTION_FILES.items():
        query = f"read_default_file={file}"
        yield _one(f"option file: {name}", query, {file: text, **(extra if "include" in name else {})})
    for name, text in GROUPS.items():
        yield _one(
            f"option file: group {name}", f"read_default_file={file}&read_default_group={name}", {file: text}
        )
    yield _one("option file: missing", "read_default_file=@DIR@/missing.cnf")
    yield _one("option file: a folder", "read_default_file=@DIR@/folder")
    yield _one("option file: blank", "read_default_file=")
    yield _one("option file: group alone", "read_default_group=client")
    for beside in BESIDE:
        yield _one(
            f"option file and {beside}", f"read_default_file={file}&{beside}", {file: OPTION_FILES["dash"]}
        )
    for query in ("", "&ssl_check_hostname=false"):
        yield _one(
            f"option file without authority{query}",
            f"read_default_file={file}{query}",
            {file: "[client]\nuser=nova\n"},
        )
