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
    """A subject and release: how many cases, and where the auditor differs: case id to what each says."""

    subject: str
    release: str
    measured: str
    libraries: Mapping[str, str]
    cases: int
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
    differing = {}
    for case in truth.cases(subject):
        line = compare(case, found)
        if line is not None:
            differing[case["id"]] = line
    return Agreement(
        subject, release, found["measured"], found["libraries"], len(found["results"]), differing
    )


def known(subject: str) -> Mapping[str, str]:
    """Case id to the reason why the auditor may differ there."""
    table: Mapping[str, str] = import_module(f"tests.conformance.replay.{subject}").KNOWN
    return table
