"""The exit code of an upgrade's view, and what a run keeps, from literal values."""

from collections.abc import Iterator
from typing import Any

import pytest

from auditor.evidence import Document, Lost
from auditor.gate import Gate
from auditor.model import Coverage, Kind, Role, Severity, Target
from auditor.site import Site
from auditor.upgrade.comparison import Comparer
from auditor.upgrade.difference import Aspect, Difference, Effect, HostUpgrade, ServiceUpgrade
from auditor.upgrade.run import compare, conclude
from tests.build import NOON, check

WORSE = Difference(Aspect.TRANSPORT, Effect.WORSE, "rpc", "plaintext", severity=Severity.CRITICAL)
BETTER = Difference(Aspect.TRANSPORT, Effect.BETTER, "rpc", "verified-full")


def service(*differences: Difference, reason: str | None = None) -> ServiceUpgrade:
    return ServiceUpgrade("nova-api", "nova-api", Role.API, "zed", False, reason, differences)


def host(*differences: Difference, reason: str | None = None, **rest: Any) -> HostUpgrade:
    listed = (service(*differences, reason=reason),)
    return HostUpgrade(
        **{"name": "a", "kind": Kind.TREE, "coverage": Coverage.AUDITED, "services": listed, **rest}
    )


@pytest.mark.parametrize(
    ("gate", "found", "code", "said"),
    [
        (Gate(), host(BETTER), 0, "complete, nothing gets worse at or above high"),
        (Gate(), host(WORSE), 1, "1 thing gets worse at or above high on 1 of 1 host"),
        (Gate(None), host(WORSE), 0, "complete; what gets worse is reported only (--fail-on none)"),
        (
            Gate(exit_zero=True),
            host(WORSE),
            0,
            "1 thing gets worse at or above high on 1 of 1 host (--exit-zero)",
        ),
        (
            Gate(),
            host(WORSE, unknowns=2),
            1,
            "1 thing gets worse at or above high on 1 of 1 host; incomplete: 2 results unknown",
        ),
        (Gate(), host(BETTER, errors=1), 3, "incomplete: 1 result in error"),
        (
            Gate(tolerate=(("error", 1),)),
            host(BETTER, errors=1),
            0,
            "nothing gets worse at or above high; tolerated: 1 result in error",
        ),
        (Gate(), host(reason="its release is not known"), 3, "incomplete: 1 service not compared"),
        (Gate(), host(coverage=Coverage.TIMEOUT, services=()), 3, "incomplete: 1 host not audited"),
        (
            Gate(),
            host(services=()),
            4,
            "nothing compared: every host answered, and no Nova or placement service was found",
        ),
    ],
)
def test_the_exit_code_follows_what_was_compared(
    gate: Gate, found: HostUpgrade, code: int, said: str
) -> None:
    _, outcome = conclude(gate, [found], ["a check"])

    assert (outcome.code, outcome.reason) == (code, said)


def test_nothing_to_compare_is_exit_4() -> None:
    assert conclude(Gate(), [], ["a check"])[1].code == 4
    assert conclude(Gate(), [host(BETTER)], [])[1].code == 4


def test_a_verdict_told_with_another_difference_counts_once() -> None:
    told = Difference(Aspect.CHECK, Effect.WORSE, "x#rpc", "", severity=Severity.CRITICAL, within="rpc")

    assert conclude(Gate(), [host(WORSE, told)], ["x"])[1].reason.startswith("1 thing gets worse")


def test_what_is_incomplete_says_so_whatever_the_code() -> None:
    assert conclude(Gate(), [host(WORSE)], ["x"])[0] is True
    assert conclude(Gate(), [host(WORSE, unknowns=1)], ["x"])[0] is False
    assert conclude(Gate(), [host(reason="newer")], ["x"])[0] is False


def test_a_lost_host_is_coverage_and_one_that_never_came_as_well() -> None:
    lost = [Lost("a", Coverage.UNREACHABLE, "no route")]
    targets = [Target("a", Kind.TREE, "/a"), Target("b", Kind.TREE, "/b")]
    found = compare(lost, Comparer((check(),), Site(), "2026.2"), targets=targets, clock=lambda: NOON)

    assert [(one.name, one.coverage) for one in found.hosts] == [
        ("a", Coverage.UNREACHABLE),
        ("b", Coverage.NOT_ATTEMPTED),
    ]
    assert (found.complete, found.exit.code, found.hosts_expected) == (False, 3, 2)


def test_an_interrupted_run_keeps_what_it_had() -> None:
    def sources() -> Iterator[Document | Lost]:
        yield Lost("a", Coverage.UNREACHABLE, "no route")
        raise KeyboardInterrupt

    found = compare(sources(), Comparer((check(),), Site(), "2026.2"), clock=lambda: NOON)

    assert (len(found.hosts), found.complete, found.exit.code) == (1, False, 130)


def test_evidence_of_another_form_is_a_host_not_attempted() -> None:
    document = Document("a", {"schema": "nova-auditor/evidence/9", "host": "a", "kind": "tree"})
    found = Comparer((check(),), Site(), "2026.2")(document)

    assert found.coverage is Coverage.NOT_ATTEMPTED
    assert found.reason is not None
    assert "its evidence cannot be read" in found.reason
