"""What was measured of MySQL: both drivers, and the versions that decide."""

from collections import Counter

from tests.conformance import truth


def test_both_drivers_have_their_grid() -> None:
    drivers = Counter(case["driver"] for case in truth.cases("mysql"))

    assert drivers["PyMySQL"] >= 350
    assert drivers["mysqlclient"] >= 150


def test_a_truth_names_what_decides() -> None:
    libraries = truth.read("mysql", "zed")["libraries"]

    assert libraries["PyMySQL"] == "1.0.2"
    assert libraries["mysqlclient"] == "1.4.6"
    assert libraries["Connector/C"].startswith("3.3.")
