"""Whether the auditor agrees with recorded truth, case by case.

Each module of ``replay`` has ``compare(case, truth) -> str | None`` (one line where they differ), and ``KNOWN``: ids of
cases on which they may differ, each with the reason. A known disagreement that has gone has to leave the table too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from tests.conformance import truth


@dataclass(frozen=True, slots=True)
class Agreement:
    """A subject in a release (or an overlay).

    ``cases`` maps a driver to its case ids; ``disagreements`` maps a case id to what each side says. ``libraries`` are
    those of the measurement, by name to version; ``measured`` is its day.
    """

    subject: str
    release: str
    measured: str
    libraries: Mapping[str, str]
    cases: Mapping[str, tuple[str, ...]]
    disagreements: Mapping[str, str]


@cache
def agreement(subject: str, release: str) -> Agreement:
    """Replay every case of a subject with the libraries of a recorded truth.

    Raises:
        ValueError: the truth was measured with other cases than there are now: record it anew.
    """
    found = truth.read(subject, release)
    if found["cases"] != truth.digest(subject):
        raise ValueError(f"the truth of {subject} in {release} has other cases: record it anew")
    compare = import_module(f"tests.conformance.replay.{subject}").compare
    differing: dict[str, str] = {}
    drivers: dict[str, tuple[str, ...]] = {}
    for case in truth.cases(subject):
        if case["id"] not in found["results"]:
            continue  # a driver that this release's environment does not have
        driver = case.get("driver", subject)
        drivers[driver] = (*drivers.get(driver, ()), case["id"])
        line = compare(case, found)
        if line is not None:
            differing[case["id"]] = line
    return Agreement(subject, release, found["measured"], found["libraries"], drivers, differing)


def known(subject: str) -> Mapping[str, str]:
    """Case id to the reason why the auditor may differ there."""
    table: Mapping[str, str] = import_module(f"tests.conformance.replay.{subject}").KNOWN
    return table
