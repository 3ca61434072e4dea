"""What was measured of PostgreSQL: its grid, a libpq that no wheel carries, and a server that is down."""

from collections.abc import Mapping
from typing import Any

import pytest

from auditor.model import Posture
from tests.conformance import truth
from tests.conformance.environments import releases
from tests.conformance.replay.postgresql import compare, transport


def test_postgresql_has_its_grid() -> None:
    assert len(truth.cases("postgresql")) >= 900


@pytest.mark.parametrize("release", releases())
def test_with_a_libpq_of_the_distribution_the_auditor_says_the_same_or_that_it_cannot_know(
    release: str,
) -> None:
    packaged = without_wheels(truth.read("postgresql", release))
    undecided = 0
    for case in truth.cases("postgresql"):
        line = compare(case, packaged)
        if line is None:
            continue
        found = transport(case, packaged)
        undecided += 1

        assert found is not None, case["id"]
        assert found.posture is Posture.UNKNOWN, f"{case['id']}: {line}"
        assert "libpq" in (found.undecided or ""), case["id"]

    assert undecided > 0


def without_wheels(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A truth as if psycopg2 and psycopg had been built against the libpq of their machine."""
    libraries = dict(document["libraries"])
    libraries["psycopg2"] = libraries.pop("psycopg2-binary")
    libraries.pop("psycopg-binary", None)
    return {**document, "libraries": libraries}


@pytest.mark.parametrize("release", releases())
def test_oslo_db_does_not_wait_for_a_postgresql_that_is_down(release: str) -> None:
    """Its filter looks for "could not connect to server", which libpq has not said since 14."""
    found = truth.read("postgresql", release)["results"]["oslo.db does not wait for a server that is down"]

    assert found == {"error": "OperationalError", "seconds": 0}
