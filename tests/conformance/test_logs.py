"""What was measured of logging: twenty loggers in every case, and every kind of record that matters."""

from collections.abc import Iterator

import pytest

from auditor.semantics.records import FACTS
from tests.conformance import truth
from tests.conformance.agreement import agreement

SUBJECT = "logs"


def kinds_written(release: str) -> Iterator[str]:
    for result in truth.read(SUBJECT, release)["results"].values():
        yield from (kind for kind, written in result.get("written", {}).items() if written)


def test_what_is_known_to_differ_is_never_called_fine() -> None:
    lines = {
        name: line
        for release in truth.recorded(SUBJECT)
        for name, line in agreement(SUBJECT, release).disagreements.items()
    }

    assert [name for name, line in lines.items() if "unknown" not in line and "error" not in line] == []


@pytest.mark.parametrize("release", truth.recorded(SUBJECT))
def test_every_case_and_twenty_loggers_were_measured(release: str) -> None:
    results = truth.read(SUBJECT, release)["results"]
    started = [result for result in results.values() if "start" not in result]

    assert set(results) == {case["id"] for case in truth.cases(SUBJECT)}
    assert len(results) >= 200
    assert all(len(result["levels"]) >= 20 for result in started)


@pytest.mark.parametrize("release", truth.recorded(SUBJECT))
def test_everything_that_the_table_knows_was_seen_in_the_output(release: str) -> None:
    assert {fact.kind for fact in FACTS} <= set(kinds_written(release))


@pytest.mark.parametrize("release", truth.recorded(SUBJECT))
def test_tokens_and_options_registered_as_secret_are_never_written(release: str) -> None:
    assert {"tokens", "configuration-secrets"}.isdisjoint(kinds_written(release))


def test_debug_alone_writes_what_os_brick_is_told_until_it_hides_it() -> None:
    written = {
        release: truth.read(SUBJECT, release)["results"]["trap/D01/compute"]["written"]["volume-replies"]
        for release in truth.recorded(SUBJECT)
    }

    assert [release for release, is_written in written.items() if not is_written] == ["2026.1", "2026.2"]
