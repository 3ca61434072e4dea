"""The auditor agrees with what oslo.db's pools held, how often they tried, and whom a silent server blocked."""

import pytest

from tests.conformance import truth
from tests.conformance.agreement import agreement, known
from tests.conformance.environments import releases


@pytest.mark.parametrize("release", truth.recorded("pools"))
def test_the_auditor_agrees_with_every_case(release: str) -> None:
    assert set(agreement("pools", release).disagreements) == set(known("pools"))


def test_every_release_was_measured() -> None:
    assert truth.recorded("pools") == releases()
