"""The recorded truth about logging is what services of Zed and 2026.2 log today: measured anew, case by case."""

import pytest

from tests.conformance import truth


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_the_recorded_truth_is_what_the_services_log(release: str) -> None:
    measured, recorded = truth.fresh("logs", release), truth.read("logs", release)

    assert measured["results"] == recorded["results"]
    assert measured["libraries"] == recorded["libraries"]
