"""What the libraries of the oldest and the newest release do today is what was recorded: measured anew, and compared."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

from tests.conformance import truth

RELEASES = ("zed", "2026.2")

#: Subject to the seconds by which a result may be earlier or later than the one recorded; times are whole elsewhere.
SLACK = {"clients": 1.0, "pools": 1.0}

#: The same for the first call of a client, which has more to do than to wait.
FIRST = 3.0

#: What is measured with, but comes from the machine and not from the pins.
MACHINE = {"Connector/C"}

Results = Mapping[str, Mapping[str, Any]]
Measurements = Mapping[tuple[str, str], Future[Mapping[str, Any]]]


@pytest.fixture(scope="session")
def measurements() -> Iterator[Measurements]:
    """Everything, begun with the first test: what measures time first and alone, then the rest two at a time."""
    with ThreadPoolExecutor(1) as alone, ThreadPoolExecutor(2) as pairwise:
        timed = {
            (subject, release): alone.submit(truth.fresh, subject, release)
            for subject in SLACK
            for release in RELEASES
        }

        def measure(subject: str, release: str) -> Mapping[str, Any]:
            wait(timed.values())
            return truth.fresh(subject, release)

        others = {
            (subject, release): pairwise.submit(measure, subject, release)
            for subject in truth.SUBJECTS
            if subject not in SLACK
            for release in RELEASES
        }
        yield {**timed, **others}
        alone.shutdown(cancel_futures=True)
        pairwise.shutdown(cancel_futures=True)


@pytest.mark.real
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("subject", [*SLACK, *(name for name in truth.SUBJECTS if name not in SLACK)])
def test_the_libraries_do_what_was_recorded(subject: str, release: str, measurements: Measurements) -> None:
    measured, recorded = measurements[subject, release].result(), truth.read(subject, release)
    found = differing(subject, recorded["results"], measured["results"])
    if found and subject in SLACK:
        # A machine that is busy with something else is late now and then; what is so every time is no accident.
        wait(measurements.values())
        again = truth.fresh(subject, release, found.keys())["results"]
        found = differing(subject, recorded["results"], {**measured["results"], **again})

    assert measured["cases"] == recorded["cases"]
    assert pinned(measured) == pinned(recorded)
    assert found == {}


def differing(subject: str, before: Results, today: Results) -> Mapping[str, tuple[Any, Any]]:
    """Case id to what it was and what it is, where these differ.

    Where the kernel gives no mount namespace, nothing can lie in the place of the system's authorities: cases that need
    it have no result then.
    """
    found = {}
    for case in truth.cases(subject):
        was, now = before.get(case["id"]), today.get(case["id"])
        if now is None and case.get("trusts_system"):
            continue
        if not is_same(was, now, FIRST if case.get("call") == "first" else SLACK.get(subject, 0)):
            found[case["id"]] = (was, now)
    return found


def is_same(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, slack: float) -> bool:
    """Whether two results are equal, but for so many seconds."""
    if was is None or now is None:
        return was is now
    late = abs(now.get("seconds", 0) - was.get("seconds", 0))
    return was.keys() == now.keys() and {**was, "seconds": 0} == {**now, "seconds": 0} and late <= slack


def pinned(document: Mapping[str, Any]) -> Mapping[str, str]:
    """The libraries of a measurement that the pins decide, by name to version."""
    return {name: version for name, version in document["libraries"].items() if name not in MACHINE}
