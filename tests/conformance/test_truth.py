"""The auditor agrees with what the real libraries did in every release, subject by subject and case by case."""

import pytest

from tests.conformance import truth
from tests.conformance.agreement import agreement, known
from tests.conformance.environments import overlays, releases

MEASUREMENTS = [(subject, name) for subject in truth.SUBJECTS for name in truth.recorded(subject)]


#: The oldest, a middle and the newest release; the others take time and are replayed by make test-real.
_QUICK = ("zed", "2025.1", "2026.2")


@pytest.mark.parametrize(
    ("subject", "name"),
    [pytest.param(*one, marks=() if one[1] in _QUICK else pytest.mark.real) for one in MEASUREMENTS],
)
def test_the_auditor_agrees_with_every_case(subject: str, name: str) -> None:
    differing = agreement(subject, name).disagreements

    assert {case: line for case, line in differing.items() if case not in known(subject)} == {}


@pytest.mark.real
@pytest.mark.parametrize("subject", truth.SUBJECTS)
def test_what_is_known_to_differ_does(subject: str) -> None:
    differing = {case for name in truth.recorded(subject) for case in agreement(subject, name).disagreements}

    assert differing == set(known(subject))


@pytest.mark.parametrize("subject", truth.SUBJECTS)
def test_every_release_was_measured(subject: str) -> None:
    assert set(releases()) <= set(truth.recorded(subject))


def test_every_overlay_was_measured_and_nothing_that_cannot_be_made() -> None:
    recorded = {name for _, name in MEASUREMENTS}

    assert recorded - set(releases()) == {overlay.name for overlay in overlays()}


@pytest.mark.parametrize(("subject", "name"), MEASUREMENTS)
def test_cases_are_left_out_only_with_all_of_their_driver(subject: str, name: str) -> None:
    results = truth.read(subject, name)["results"]
    cases = truth.cases(subject)
    measured = {case.get("driver") for case in cases if case["id"] in results}
    left_out = {case.get("driver") for case in cases if case["id"] not in results}

    assert results.keys() <= {case["id"] for case in cases}
    assert measured.isdisjoint(left_out)
