"""Our resolver against the recorded truth of nova itself: every set, every option of three releases."""

import pytest

from tests.differential.comparison import RELEASES, differences, kind, read

CHUNK = 25


@pytest.mark.parametrize("start", range(0, len(read("sets.json.gz")), CHUNK))
@pytest.mark.parametrize("release", RELEASES)
def test_every_set_comes_to_what_nova_makes_of_it(release: str, start: int) -> None:
    cases = read("sets.json.gz")[start : start + CHUNK]

    found = [line for n, case in enumerate(cases) for line in differences(case, release, everything=n == 0)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("release", RELEASES)
def test_the_sets_reach_options_of_every_kind(release: str) -> None:
    truth = read(f"truth/{release}.json.gz")
    changed = {key for result in truth["results"].values() for key in result.get("changed", ())}
    reached = changed & set(truth["baseline"])

    assert set(truth["results"]) == {case["id"] for case in read("sets.json.gz")}
    assert len(truth["results"]) >= 1000
    assert len(reached) >= 400
    # Whatever is written into an option of kind "ignored", nova sees None.
    assert {kind(release, key) for key in truth["baseline"]} - {kind(release, key) for key in reached} == {
        "ignored"
    }
