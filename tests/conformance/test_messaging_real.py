"""The recorded truth about RPC, notifications and cells is what the libraries do today: measured anew, case by case."""

from collections.abc import Mapping

import pytest

from tests.conformance import truth


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_the_recorded_truth_is_what_the_libraries_do(release: str) -> None:
    measured, recorded = truth.fresh("messaging", release), truth.read("messaging", release)
    left_out = recorded["results"].keys() - measured["results"].keys()

    # Where the kernel gives no mount namespace, nothing can lie in the place of the system's authorities.
    assert left_out <= {case["id"] for case in truth.cases("messaging") if case.get("trusts_system")}
    assert measured["results"] == without(recorded["results"], left_out)
    assert measured["libraries"].keys() == recorded["libraries"].keys()


def without(results: Mapping[str, object], names: set[str]) -> Mapping[str, object]:
    """The results but for some."""
    return {name: result for name, result in results.items() if name not in names}


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2026.2"])
def test_the_recorded_truth_is_what_nova_makes_of_cells(release: str) -> None:
    assert truth.fresh("cells", release)["results"] == truth.read("cells", release)["results"]
