"""Where a connection to MySQL goes, which of Nova's connections it is, and who is to make it."""

from collections.abc import Iterator

from tests.conformance.cases.mysqlcase import MYSQLCLIENT, PYMYSQL, Case, database

CA = "ssl_ca=@DIR@/ca.pem"
SOCKET = "unix_socket=@DIR@/@PORT@.sock"

#: URLs of PyMySQL that go to this host under another name; certificates are for ``localhost``.
NAMED = (
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:pw@LOCALHOST:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova?{CA}&ssl_check_hostname=false",
    "mysql+pymysql://nova:pw@localhost:@PORT@/nova",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova?{SOCKET}",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova?{SOCKET}&{CA}",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova?{SOCKET}&{CA}&ssl_check_hostname=false",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova?{SOCKET}&ssl_disabled=true",
    f"mysql+pymysql://nova:pw@localhost/nova?{SOCKET}&{CA}&ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/client.key",
    f"mysql+pymysql://nova:pw@/nova?{SOCKET}&{CA}",
    f"mysql+pymysql:///nova?{SOCKET}",
    f"mysql+pymysql://nova@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:pw@localhost:@PORT@?{CA}",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/?{CA}",
    f"mysql+pymysql://nova:p%40w@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:p%2Fw@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:p/w@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:p@w@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:p#w@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:p:w@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova&{CA}",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova&{CA}?charset=utf8mb4",
    f"mysql+pymysql://nova:pw@localhost:@PORT@/nova?{CA}#x",
    f"mysql+pymysql://nova:pw@localhost:x/nova?{CA}",
    f"mysql+pymysql://nova:pw@localhost:/nova?{CA}",
    f"mysql+pymysql:/nova:pw@localhost:@PORT@/nova?{CA}",
    f"MySQL+PyMySQL://nova:pw@localhost:@PORT@/nova?{CA}",
    f"mysql+PyMySQL://nova:pw@localhost:@PORT@/nova?{CA}",
    f"mariadb+pymysql://nova:pw@localhost:@PORT@/nova?{CA}",
    f"mysql-pymysql://nova:pw@localhost:@PORT@/nova?{CA}",
    f"pymysql://nova:pw@localhost:@PORT@/nova?{CA}",
    f"mysql+pymysql+x://nova:pw@localhost:@PORT@/nova?{CA}",
)

#: The same of mysqlclient, where ``localhost`` is a unix socket.
NAMED_FOR_CONNECTOR = (
    f"mysql://nova:pw@localhost:@PORT@/nova?{SOCKET}",
    f"mysql://nova:pw@localhost:@PORT@/nova?{SOCKET}&{CA}",
    f"mysql://nova:pw@localhost/nova?{SOCKET}&{CA}&ssl_cert=@DIR@/client.pem&ssl_key=@DIR@/client.key",
    f"mysql:///nova?{SOCKET}",
    f"mysql://nova:pw@LOCALHOST:@PORT@/nova?{CA}",
    "mysql://nova:pw@LOCALHOST:@PORT@/nova",
    f"mysql://nova:pw@LOCALHOST:@PORT@/nova?{CA}&{SOCKET}",
    "mysql://nova:pw@LOCALHOST:@PORT@/nova?read_default_file=@DIR@/verified.cnf",
    f"mysql://nova:pw@localhost:@PORT@/nova?read_default_file=@DIR@/tcp.cnf&{CA}",
    "mysql://nova:pw@localhost:@PORT@/nova?read_default_file=@DIR@/tcpverified.cnf",
    "mysql://nova:pw@localhost:@PORT@/nova?read_default_file=@DIR@/socket.cnf",
)

OPTION_FILES = {
    "@DIR@/verified.cnf": "[client]\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=1\n",
    "@DIR@/tcp.cnf": "[client]\nprotocol=1\n",
    "@DIR@/tcpverified.cnf": "[client]\nprotocol=1\nssl-ca=@DIR@/ca.pem\nssl-verify-server-cert=1\n",
    "@DIR@/socket.cnf": "[client]\nsocket=@DIR@/@PORT@.sock\nssl-ca=@DIR@/ca.pem\n",
}

#: Dialects and drivers that nobody has, that speak asyncio, or that are another database's.
STRANGERS = (
    "mysql+asyncmy",
    "mysql+aiomysql",
    "mysql+mysqlconnector",
    "mysql+cymysql",
    "mysql+oursql",
    "mysql+pyodbc",
    "mysql+nosuchdriver",
    "mariadb+mariadbconnector",
    "mysqlclient",
    "mysql+mysqlclient",
    "mysqls",
    "postgres",
    "galera",
    "oracle",
)

#: ``[group] option`` under which the two databases of Nova were named before oslo.db 15.
FORMER = (
    ("DEFAULT", "sql_connection"),
    ("DATABASE", "sql_connection"),
    ("sql", "connection"),
    ("DEFAULT", "connection"),
    ("database", "sql_connection"),
    ("DATABASE", "connection"),
)


def cases() -> tuple[Case, ...]:
    """Places first, then purposes, then drivers that are not there."""
    return (*_places(), *_purposes(), *_strangers())


def _places() -> Iterator[Case]:
    for url in NAMED:
        yield database(f"pymysql to {url}", "PyMySQL", url, name="localhost")
    for url in NAMED_FOR_CONNECTOR:
        yield database(f"mysqlclient to {url}", "mysqlclient", url, OPTION_FILES, name="localhost")


def _purposes() -> Iterator[Case]:
    tls, plain = f"{PYMYSQL}?{CA}", PYMYSQL
    sections = {
        "slave_connection with TLS": (
            "database_replica",
            f"[database]\nconnection = {plain}\nslave_connection = {tls}\n",
        ),
        "slave_connection without TLS": (
            "database_replica",
            f"[database]\nconnection = {tls}\nslave_connection = {plain}\n",
        ),
        "slave_connection with connection_parameters": (
            "database_replica",
            f"[database]\nconnection = {plain}\nslave_connection = {plain}\nconnection_parameters = {CA}\n",
        ),
        "primary beside a replica with TLS": (
            "database",
            f"[database]\nconnection = {plain}\nslave_connection = {tls}\n",
        ),
        "slave_connection of mysqlclient": (
            "database_replica",
            f"[database]\nconnection = {plain}\nslave_connection = {MYSQLCLIENT}?{CA}\n",
        ),
        "api_database with TLS": (
            "api_database",
            f"[database]\nconnection = {plain}\n[api_database]\nconnection = {tls}\n",
        ),
        "api_database without TLS": (
            "api_database",
            f"[database]\nconnection = {tls}\n[api_database]\nconnection = {plain}\n",
        ),
        "api_database does not read [database] connection_parameters": (
            "api_database",
            f"[database]\nconnection = {plain}\nconnection_parameters = {CA}\n[api_database]\nconnection = {plain}\n",
        ),
        "api_database connection_parameters": (
            "api_database",
            f"[database]\nconnection = {plain}\n[api_database]\nconnection = {plain}\nconnection_parameters = {CA}\n",
        ),
        "api_database slave_connection": (
            "database_replica:api_database",
            f"[api_database]\nconnection = {plain}\nslave_connection = {tls}\n",
        ),
        "no database": ("database", "[DEFAULT]\ndebug = false\n"),
        "no API database": ("api_database", f"[database]\nconnection = {tls}\n"),
        "substitution": (
            "database",
            (
                "[DEFAULT]\nmy_ip = 127.0.0.1\n[database]\nconnection = "
                f"mysql+pymysql://nova:pw@$my_ip:@PORT@/nova?{CA}\n"
            ),
        ),
        "a dollar in the password": (
            "database",
            f"[database]\nconnection = mysql+pymysql://nova:pa$word@127.0.0.1:@PORT@/nova?{CA}\n",
        ),
        "two dollars in the password": (
            "database",
            f"[database]\nconnection = mysql+pymysql://nova:pa$$word@127.0.0.1:@PORT@/nova?{CA}\n",
        ),
        "a blank connection": ("database", "[database]\nconnection =\n"),
        "quotes": ("database", f'[database]\nconnection = "{tls}"\n'),
        "two lines": ("database", f"[database]\nconnection = {plain}\n   ?{CA}\n"),
        "a bad max_pool_size": ("database", f"[database]\nconnection = {tls}\nmax_pool_size = many\n"),
        "a blank mysql_sql_mode": ("database", f"[database]\nconnection = {tls}\nmysql_sql_mode =\n"),
        "mysql_enable_ndb": ("database", f"[database]\nconnection = {tls}\nmysql_enable_ndb = true\n"),
        "connection_debug": ("database", f"[database]\nconnection = {tls}\nconnection_debug = 50\n"),
        "connection_debug out of range": (
            "database",
            f"[database]\nconnection = {tls}\nconnection_debug = 200\n",
        ),
        "[placement_database] in nova.conf": ("database", f"[placement_database]\nconnection = {tls}\n"),
    }
    for name, (purpose, conf) in sections.items():
        yield _conf(f"purpose {name}", purpose, conf)
    for group, option in FORMER:
        for purpose in ("database", "api_database"):
            yield _conf(f"former [{group}] {option} as {purpose}", purpose, f"[{group}]\n{option} = {tls}\n")
            both = f"[{group}]\n{option} = {plain}\n[database]\nconnection = {tls}\n"
            yield _conf(f"former [{group}] {option} beside [database] as {purpose}", purpose, both)
    for name, query in (("TLS", f"?{CA}"), ("plain text", "")):
        conf = f"[placement_database]\nconnection = {PYMYSQL}{query}\n"
        yield {**_conf(f"placement {name}", "placement_database", conf), "project": "placement"}


def _conf(identity: str, purpose: str, conf: str) -> Case:
    return {"id": identity, "driver": "PyMySQL", "purpose": purpose, "conf": conf, "files": {}}


def _strangers() -> Iterator[Case]:
    for name in STRANGERS:
        url = f"{name}://nova:pw@127.0.0.1:@PORT@/nova"
        yield database(f"driver {name}", "none", url)
        yield database(f"driver {name} with authority", "none", f"{url}?{CA}")
    for scheme, module in (
        ("mysql", "MySQLdb"),
        ("mysql+mysqldb", "MySQLdb"),
        ("mysql+pymysql", "pymysql"),
        ("mariadb+pymysql", "pymysql"),
        ("mariadb", "MySQLdb"),
    ):
        driver = "PyMySQL" if module == "pymysql" else "mysqlclient"
        url = f"{scheme}://nova:pw@127.0.0.1:@PORT@/nova?{CA}"
        yield database(f"{driver} is not installed for {scheme}://", driver, url, without=module)
