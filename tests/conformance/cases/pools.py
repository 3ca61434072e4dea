"""oslo.db's pools, its attempts at start-up, and servers that refuse, fail or stay silent, in seconds that are scaled down."""

from collections.abc import Iterator

from tests.conformance.cases.mysqlcase import MYSQLCLIENT, PYMYSQL, Case

#: Settings of [database] about its pool.
POOLS = (
    "",
    "max_pool_size = 0\n",
    "max_pool_size = 20\n",
    "max_pool_size = 20\nmax_overflow = 0\n",
    "max_overflow = -1\n",
    "max_pool_size =\n",
    "max_pool_size =\nmax_overflow =\n",
    "max_pool_size = 0\nmax_overflow = 5\n",
    "max_pool_size = -1\n",
    "pool_timeout = 5\n",
    "pool_timeout = 0\n",
    "pool_timeout =\n",
    "connection_recycle_time = 100\n",
    "connection_recycle_time = -1\n",
    "max_pool_size = 1\nmax_overflow = 2\npool_timeout = 3\nconnection_recycle_time = 4\n",
)

#: What is written for db_* and whatever else oslo.db takes and forgets.
IGNORED = (
    "db_max_retries = 1\ndb_retry_interval = 2\ndb_inc_retry_interval = false\ndb_max_retry_interval = 3\n"
)

#: Settings of the attempts at start-up.
ATTEMPTS = (
    "max_retries = 0\n",
    "max_retries =\n",
    "max_retries = 1\nretry_interval = 1\n",
    "max_retries = 2\nretry_interval = 1\n",
    "max_retries = 3\nretry_interval = 0\n",
    "max_retries = 3\nretry_interval = 1\n",
    "max_retries = -1\nretry_interval = 0\n",
)

#: Errors that a server may greet with: its own, and what a proxy or Galera says.
ERRORS = (1040, 1042, 1043, 1045, 1047, 1049, 1053, 1129, 1130, 1152, 1159, 1203, 1205, 1213, 1927, 2013)

QUICK = "max_retries = 3\nretry_interval = 0\n"

#: Timeouts in the URL, against servers that fall silent at one place or another.
TIMEOUTS = (
    "",
    "connect_timeout=1",
    "read_timeout=1",
    "write_timeout=1",
    "connect_timeout=1&write_timeout=1",
    "read_timeout=1&write_timeout=1",
    "connect_timeout=1&read_timeout=1&write_timeout=1",
)
SILENCES = (
    "silent",
    "silent after its greeting",
    "silent after a request for TLS",
    "silent after the login",
)


#: Plug-ins of authentication by which a server without TLS asks for the password itself.
PLUGINS = ("mysql_clear_password", "sha256_password", "caching_sha2_password")


def cases() -> tuple[Case, ...]:
    """Pools, then what is ignored, then attempts, then errors, then silence."""
    return tuple(_cases())


def _one(
    identity: str, server: str, url: str, more: str, driver: str = "oslo.db", group: str = "database"
) -> Case:
    conf = f"[{group}]\nconnection = {url}\n{more}"
    return {"id": identity, "driver": driver, "group": group, "server": server, "conf": conf, "files": {}}


def _cases() -> Iterator[Case]:
    for more in POOLS:
        for group in ("database", "api_database"):
            yield _one(
                f"pool of [{group}]: {_line(more)}", "none", PYMYSQL, f"max_retries = 0\n{more}", group=group
            )
        place = _one(
            f"pool of placement: {_line(more)}",
            "none",
            PYMYSQL,
            f"max_retries = 0\n{more}",
            group="placement_database",
        )
        yield {**place, "project": "placement"}
    yield _one("ignored: db_*", "none", PYMYSQL, f"max_retries = 0\n{IGNORED}")
    for more in ATTEMPTS:
        if "-1" not in more:
            yield _one(f"refused: {_line(more)}", "refused", PYMYSQL, more)
        yield _one(f"lost: {_line(more)}", "lost", PYMYSQL, more)
    yield _one(
        "refused: max_retries = 3 of mysqlclient",
        "refused",
        MYSQLCLIENT,
        "max_retries = 3\nretry_interval = 1\n",
    )
    yield _one(
        "refused: max_retries = 3 of mariadb+pymysql",
        "refused",
        PYMYSQL.replace("mysql+", "mariadb+"),
        "max_retries = 3\nretry_interval = 1\n",
    )
    yield _one("lost: max_retries = 3 of mysqlclient", "lost", MYSQLCLIENT, QUICK)
    yield _one(
        "lost: max_retries = 3 of mariadb+pymysql", "lost", PYMYSQL.replace("mysql+", "mariadb+"), QUICK
    )
    for code in ERRORS:
        yield _one(f"error {code}", f"error {code}", PYMYSQL, QUICK)
    yield _one("a missing authority", "lost", f"{PYMYSQL}?ssl_ca=@DIR@/missing.pem", QUICK)
    yield _one("an untrusted certificate", "untrusted", f"{PYMYSQL}?ssl_ca=@DIR@/ca.pem", QUICK)
    yield _one("no TLS", "silent after its greeting", f"{PYMYSQL}?ssl_ca=@DIR@/ca.pem&read_timeout=1", QUICK)
    for plugin in PLUGINS:
        for driver, url in (("PyMySQL", PYMYSQL), ("mysqlclient", MYSQLCLIENT)):
            more = "max_retries = 1\nretry_interval = 0\n"
            yield _one(f"{driver} is asked for its password by {plugin}", f"asks {plugin}", url, more, driver)
    for server in SILENCES:
        for query in TIMEOUTS:
            for driver, url in (("PyMySQL", PYMYSQL), ("mysqlclient", MYSQLCLIENT)):
                asked = "&".join(filter(None, (query, "ssl_ca=@DIR@/ca.pem" if "TLS" in server else "")))
                text = f"{url}?{asked}" if asked else url
                more = "max_retries = 1\nretry_interval = 0\npool_timeout = 1\n"
                yield _one(f"{server}: {driver} {query or 'without timeouts'}", server, text, more, driver)


def _line(text: str) -> str:
    return "; ".join(text.splitlines()) or "defaults"
