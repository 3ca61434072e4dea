"""The auditor agrees with what Nova and its libraries did with each trap that no other subject holds."""

import pytest

from tests.conformance import truth
from tests.conformance.agreement import agreement, known


@pytest.mark.parametrize("release", truth.recorded("traps"))
def test_the_auditor_agrees_with_every_case(release: str) -> None:
    found = agreement("traps", release)

    assert sum(len(ids) for ids in found.cases.values()) == len(truth.cases("traps"))
    assert set(found.disagreements) == set(known("traps")), found.disagreements


def test_every_release_was_measured() -> None:
    assert truth.recorded("traps") == (
        "zed",
        "2023.1",
        "2023.2",
        "2024.1",
        "2024.2",
        "2025.1",
        "2025.2",
        "2026.1",
        "2026.2",
    )
