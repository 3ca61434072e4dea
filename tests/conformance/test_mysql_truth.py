"""The auditor agrees with what PyMySQL and mysqlclient did with each connection to MySQL, in every release."""

from collections import Counter

import pytest

from tests.conformance import truth
from tests.conformance.agreement import agreement, known
from tests.conformance.environments import releases


@pytest.mark.parametrize("release", truth.recorded("mysql"))
def test_the_auditor_agrees_with_every_case(release: str) -> None:
    found = agreement("mysql", release)

    assert set(found.disagreements) == set(known("mysql")) & set(truth.read("mysql", release)["results"])


def test_every_release_was_measured_and_what_deployments_upgrade_by_hand() -> None:
    recorded = truth.recorded("mysql")

    assert recorded[:9] == releases()
    assert {"zed+pymysql-1.1.2", "zed+pymysql-1.2.4", "zed+mysqlclient-2.2.7", "2026.2+pymysql-1.2.0"} <= set(
        recorded
    )


def test_both_drivers_have_their_grid() -> None:
    drivers = Counter(case["driver"] for case in truth.cases("mysql"))

    assert drivers["PyMySQL"] >= 350
    assert drivers["mysqlclient"] >= 150


def test_a_truth_names_what_decides() -> None:
    libraries = truth.read("mysql", "zed")["libraries"]

    assert libraries["PyMySQL"] == "1.0.2"
    assert libraries["mysqlclient"] == "1.4.6"
    assert libraries["Connector/C"].startswith("3.3.")
