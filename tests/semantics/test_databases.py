"""What oslo.db and SQLAlchemy make of a URL before a driver sees it."""

from typing import Any

import pytest

from auditor.model import Posture
from tests.semantics.build import CA, Rejected, database, transport, withheld

URL = "mysql+pymysql://nova:pw@db1/nova"


@pytest.mark.parametrize(
    "url",
    [
        "MySQL+pymysql://nova:pw@db1/nova",
        "mysql+PyMySQL://nova:pw@db1/nova",
        "mysql-pymysql://nova:pw@db1/nova",
        "mysql+pymysql+x://nova:pw@db1/nova",
        "pymysql://nova:pw@db1/nova",
        "postgres://nova:pw@db1/nova",
        "mysql+asyncmy://nova:pw@db1/nova",
        "mysql+aiomysql://nova:pw@db1/nova",
        "mysql+pymysql:/nova:pw@db1/nova",
        "mysql+pymysql://nova:pw@db1:/nova",
        "mysql+pymysql://nova:pw@db1:x/nova",
        "mysql+pymysql://nova:pw@db1:3306,db2:3306/nova",
        "mysql+pymysql://nova:pw@::1/nova",
        "mysql+pymysql://nova:p@ss@db1/nova",
        " mysql+pymysql://nova:pw@db1/nova",
        "db1.example",
    ],
)
def test_a_url_that_loads_no_driver_is_broken(url: str) -> None:
    found = database(url)

    assert found.posture is Posture.BROKEN


@pytest.mark.parametrize("release", ["zed", "2024.2", "2026.2"])  # SQLAlchemy 1.4, 2.0, 2.1
@pytest.mark.parametrize("query", ["plugin=dbcounter", "plugins=a", "plugin=a&plugin=b&plugins=c"])
def test_plugins_of_sqlalchemy_never_reach_a_driver(query: str, release: str) -> None:
    plain = {"mysql+pymysql": Posture.PLAINTEXT, "postgresql+psycopg2": Posture.OPPORTUNISTIC}

    for scheme in plain:
        url = f"{scheme}://nova:pw@db1/nova"
        alone, beside = database(url, release=release), database(f"{url}?{query}", release=release)
        appended = database(url, query, release=release)

        assert alone.posture in (Posture.PLAINTEXT, Posture.OPPORTUNISTIC)
        assert [(one.posture, one.reason) for one in (beside, appended)] == [
            (alone.posture, alone.reason)
        ] * 2


@pytest.mark.parametrize(
    "query", ["creator=x", "module=x", "echo=1", "pool_pre_ping=true", "poolclass=QueuePool"]
)
def test_other_arguments_of_create_engine_do(query: str) -> None:
    found = database(f"{URL}?{query}")

    assert found.posture is Posture.BROKEN


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:////var/lib/nova/nova.sqlite", "sqlite+pysqlite:///x"])
def test_sqlite_is_local(url: str) -> None:
    found = database(url)

    assert (found.posture, found.endpoints) == (Posture.LOCAL, ())


@pytest.mark.parametrize("driver", ["mysqlconnector", "cymysql", "pyodbc", "mariadbconnector"])
def test_a_driver_that_is_not_known_is_not_judged(driver: str) -> None:
    distribution = {"mysqlconnector": "mysql-connector-python", "mariadbconnector": "mariadb"}
    there = {distribution.get(driver, driver): "9.9"}

    found = database(f"mysql+{driver}://nova:pw@db1/nova", libraries=there)
    absent = database(f"mysql+{driver}://nova:pw@db1/nova", libraries={})

    assert found.posture is Posture.UNKNOWN
    assert absent.posture is Posture.BROKEN


@pytest.mark.parametrize("name", ["max_pool_size", "connection_debug", "retry_interval"])
def test_a_rejected_option_of_the_group_breaks_the_connection(name: str) -> None:
    options: dict[tuple[str, str], Any] = {
        ("database", "connection"): URL,
        ("database", name): Rejected("not of its type"),
        ("api_database", "connection"): URL,
    }

    broken, other = transport("database", options), transport("api_database", options)

    assert broken.posture is Posture.BROKEN
    assert broken.reason.endswith("not of its type")
    assert other.posture is Posture.PLAINTEXT


def test_a_rejected_url_is_broken() -> None:
    found = transport("database", {("database", "connection"): Rejected("no such option word")})

    assert found.posture is Posture.BROKEN
    assert found.reason.endswith("no such option word")


def test_a_url_that_was_withheld_as_a_whole_is_unknown() -> None:
    found = transport("database", {("database", "connection"): withheld("2a")})

    assert (found.posture, found.driver, found.endpoints) == (Posture.UNKNOWN, "unknown", ())
    assert found.undecided == found.reason


def test_parameters_belong_to_their_own_group() -> None:
    options = {
        ("database", "connection"): URL,
        ("database", "slave_connection"): URL,
        ("database", "connection_parameters"): f"ssl_ca={CA}",
        ("api_database", "connection"): URL,
    }

    found = [transport(purpose, options) for purpose in ("database", "database_replica", "api_database")]

    assert [one.posture for one in found] == [
        Posture.OPPORTUNISTIC,
        Posture.OPPORTUNISTIC,
        Posture.PLAINTEXT,
    ]


@pytest.mark.parametrize("secret", ["hunter2secret", "S3cr3t%21value"])
@pytest.mark.parametrize("url", ["{}@db1:x/nova", "{}@db1/nova?bogus=1", "{}@db1/nova", "{}@db1:1,2/nova"])
def test_nothing_of_a_transport_shows_the_password(secret: str, url: str) -> None:
    found = database("mysql+pymysql://" + url.format(f"nova:{secret}"))

    assert secret not in f"{found.reason} {found.remedy} {found.endpoints} {found.undecided} {found}"


@pytest.mark.parametrize(
    ("release", "posture"),
    [
        ("zed", "opportunistic"),
        ("2023.1", "broken"),
        ("2023.2", "opportunistic"),
        ("2026.2", "verified-full"),
    ],
)
def test_an_option_that_oslo_db_warns_of_stops_the_service_of_one_release(release: str, posture: str) -> None:
    options = {("database", "connection"): f"{URL}?ssl_ca={CA}", ("database", "mysql_enable_ndb"): True}

    found = transport("database", options, release=release)

    assert found.posture == posture


@pytest.mark.parametrize("value", [True, False])
def test_that_option_of_the_api_database_does_too_whatever_its_value(value: bool) -> None:
    options = {("database", "connection"): URL, ("api_database", "mysql_enable_ndb"): value}

    assert transport("database", options, release="2023.1").posture is Posture.BROKEN


def test_a_url_of_several_lines_was_withheld_in_parts() -> None:
    found = database(f"{withheld().token}\n{withheld().token}")

    assert (found.posture, found.reason) == (
        Posture.UNKNOWN,
        "[database] connection has several lines, which were withheld on the host",
    )


def test_an_empty_url_is_refused_by_sqlalchemy() -> None:
    assert database("").posture is Posture.BROKEN
