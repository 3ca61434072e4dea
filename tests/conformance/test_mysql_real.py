"""The recorded truth about MySQL is what the libraries do today: measured anew, case by case."""

import pytest

from tests.conformance import truth


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_the_recorded_truth_is_what_the_libraries_do(release: str) -> None:
    measured, recorded = truth.fresh("mysql", release), truth.read("mysql", release)

    assert measured["results"] == recorded["results"]
    assert measured["libraries"].keys() == recorded["libraries"].keys()


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_pools_attempts_and_silence_are_as_recorded(release: str) -> None:
    measured, recorded = truth.fresh("pools", release)["results"], truth.read("pools", release)["results"]

    assert measured.keys() == recorded.keys()
    for identity, result in recorded.items():
        seconds = result.get("seconds")
        again = measured[identity]
        assert {**again, "seconds": seconds} == {**result, "seconds": seconds}, identity
        assert abs(again.get("seconds", 0) - (seconds or 0)) <= 1, identity
