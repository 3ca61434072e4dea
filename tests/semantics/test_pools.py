"""Pools, attempts at start-up and silent servers, as oslo.db, SQLAlchemy and the drivers were measured."""

from typing import Any

import pytest

from auditor.errors import Undecidable
from auditor.model import Bound, Missing, Role, Service
from auditor.semantics import pools
from auditor.semantics.transports import transports
from tests.semantics.build import CA, service, withheld

URL = "mysql+pymysql://nova:pw@db1/nova"


def configured(release: str = "zed", group: str = "database", **options: Any) -> Service:
    return service({(group, name): value for name, value in options.items()}, release=release)


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ({}, 55),
        ({"max_pool_size": 20}, 70),
        ({"max_pool_size": 20, "max_overflow": 0}, 20),
        ({"max_overflow": -1}, None),
        ({"max_pool_size": None}, 55),
        ({"max_pool_size": None, "max_overflow": None}, 15),
        ({"max_pool_size": -1}, 49),
    ],
)
@pytest.mark.parametrize("release", ["zed", "2026.2"])
@pytest.mark.parametrize("group", ["database", "api_database"])
def test_an_engine_holds_its_pool_and_the_overflow(
    options: dict[str, Any], most: int | None, release: str, group: str
) -> None:
    assert pools.pool(configured(release, group, **options), group).most == most


@pytest.mark.parametrize(
    ("release", "most"), [("zed", 50), ("2024.1", 50), ("2024.2", None), ("2026.2", None)]
)
def test_a_pool_of_size_0_has_no_limit_from_sqlalchemy_2_on(release: str, most: int | None) -> None:
    assert pools.pool(configured(release, max_pool_size=0), "database").most == most


@pytest.mark.parametrize(("value", "wait"), [(None, 30.0), (0, 0.0), (5, 5.0)])
def test_a_thread_waits_half_a_minute_for_a_connection(value: int | None, wait: float) -> None:
    found = pools.pool(configured(pool_timeout=value), "database")

    assert (found.wait, found.recycle, found.is_checked) == (wait, 3600, True)


def test_placement_holds_what_sqlalchemy_holds() -> None:
    found = pools.pool(service({}, project="placement", role=Role.PLACEMENT), "placement_database")

    assert found.most == 15


def test_a_withheld_size_leaves_the_pool_undecided() -> None:
    with pytest.raises(Undecidable):
        pools.pool(configured(max_pool_size=withheld()), "database")


@pytest.mark.parametrize(
    ("options", "bound"),
    [
        ({}, Bound("finite", 200.0, "10 x (10 s + 10 s)")),
        ({"max_retries": 3, "retry_interval": 1}, Bound("finite", 33.0, "3 x (10 s + 1 s)")),
        ({"max_retries": 0}, Bound("finite", 10.0, "1 x (10 s + 0 s)")),
        ({"max_retries": None}, Bound("finite", 10.0, "1 x (10 s + 0 s)")),
        ({"max_retries": -1}, Bound("unbounded", None, "max_retries is -1")),
    ],
)
def test_the_first_query_waits_for_all_attempts(options: dict[str, Any], bound: Bound) -> None:
    assert pools.start(configured(**options), "database").bound(10.0) == bound


def test_an_attempt_that_never_ends_bounds_nothing() -> None:
    found = pools.start(configured(), "database").bound(None)

    assert found == Bound("unbounded", None, "nothing bounds one attempt")


@pytest.mark.parametrize(
    ("code", "scheme", "expected"),
    [
        (2003, "mysql+pymysql", True),
        (2013, "mysql+pymysql", True),
        (1047, "mysql", True),
        (1045, "mysql+pymysql", False),
        (1040, "mysql+pymysql", False),
        (2026, "mysql+pymysql", False),
        (2003, "mariadb+pymysql", False),
        (2013, "mariadb+pymysql", True),
    ],
)
def test_the_attempts_go_on_after_some_errors_only(code: int, scheme: str, expected: bool) -> None:
    assert pools.is_retried(code, scheme) is expected


def lacking(url: str, parameters: str | None = None, **more: Any) -> tuple[str, ...]:
    options = {("database", "connection"): url, ("database", "connection_parameters"): parameters or ""}
    judged = service(options, **more)
    (found,) = [one for one in transports(judged) if one.purpose == "database"]
    return pools.lacking_timeouts(judged, found)


MYSQLCLIENT = {"mysqlclient": "2.2.7"}


@pytest.mark.parametrize(
    ("url", "more", "expected"),
    [
        (URL, {}, ("read_timeout",)),
        (f"{URL}?connect_timeout=5", {}, ("read_timeout",)),
        (f"{URL}?read_timeout=5", {}, ()),
        (f"{URL}?ssl_ca={CA}&read_timeout=5", {}, ("write_timeout",)),
        (f"{URL}?ssl_ca={CA}", {}, ("read_timeout", "write_timeout")),
        (f"{URL}?ssl_ca={CA}&read_timeout=5&write_timeout=5", {}, ()),
        (f"{URL}?read_timeout=5", {"release": "2026.2"}, ("write_timeout",)),
        ("mysql://nova:pw@db1/nova", {"libraries": MYSQLCLIENT}, ("connect_timeout", "read_timeout")),
        (
            "mysql://nova:pw@db1/nova?connect_timeout=0&read_timeout=5",
            {"libraries": MYSQLCLIENT},
            ("connect_timeout",),
        ),
        ("mysql://nova:pw@db1/nova?connect_timeout=5&read_timeout=5", {"libraries": MYSQLCLIENT}, ()),
        (
            "mariadb+mysqldb://nova:pw@db1/nova?read_timeout=5",
            {"libraries": MYSQLCLIENT},
            ("connect_timeout",),
        ),
        ("postgresql://nova:pw@db1/nova", {}, ()),
    ],
)
def test_each_driver_needs_timeouts_of_its_own(
    url: str, more: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert lacking(url, **more) == expected


def test_connection_parameters_count() -> None:
    assert lacking(URL, "read_timeout=5") == ()


@pytest.mark.parametrize("line", ["connect-timeout=5", "timeout=5", "connect_timeout=5"])
def test_connector_c_takes_its_timeout_from_an_option_file_too(line: str) -> None:
    url = "mysql://nova:pw@db1/nova?read_timeout=5&read_default_file=/etc/my.cnf"

    assert lacking(url, libraries=MYSQLCLIENT, files={"/etc/my.cnf": f"[client]\n{line}\n"}) == ()


def test_an_option_file_that_was_not_seen_leaves_it_undecided() -> None:
    url = "mysql://nova:pw@db1/nova?read_default_file=/etc/my.cnf"
    files = {"/etc/my.cnf": Missing("/etc/my.cnf", "denied", "permission denied")}

    with pytest.raises(Undecidable, match="permission denied"):
        lacking(url, libraries=MYSQLCLIENT, files=files)
