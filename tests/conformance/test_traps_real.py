"""The recorded truth of the traps is what Nova and its libraries do today: measured anew and compared exactly."""

import pytest

from tests.conformance import truth


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_the_recorded_truth_is_what_the_libraries_do(release: str) -> None:
    measured, recorded = truth.fresh("traps", release), truth.read("traps", release)

    assert measured["libraries"] == recorded["libraries"]
    assert measured["results"] == recorded["results"]
