"""The recorded truth of PostgreSQL is what the real libraries do today: measured anew."""

import pytest

from tests.conformance import truth


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_the_recorded_truth_is_what_libpq_does(release: str) -> None:
    measured, recorded = truth.fresh("postgresql", release), truth.read("postgresql", release)

    assert measured["cases"] == recorded["cases"]
    assert measured["libraries"] == recorded["libraries"]
    assert measured["results"] == recorded["results"]
