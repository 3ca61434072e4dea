"""Which verdicts are differences, and which of them another difference tells."""

import pytest

from auditor.model import Judged, Origin, OriginKind, Severity, Status
from auditor.report import Finding
from auditor.upgrade.difference import Aspect, Difference, Effect
from auditor.upgrade.verdicts import Verdicts, compare_verdicts, count_unchanged, folded
from tests.build import CONF, finding

LINE = Judged("[DEFAULT] debug", "true", Origin(OriginKind.FILE, CONF, 2))


def verdict(status: Status, **rest: object) -> Finding:
    return finding(**{"check": "area-problem", "object": None, "status": status, **rest})


def verdicts(*found: Finding) -> Verdicts:
    return {(one.check, one.object): one for one in found}


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        (Status.PASS, Status.FAIL, Effect.WORSE),
        (None, Status.FAIL, Effect.WORSE),
        (Status.FAIL, Status.PASS, Effect.BETTER),
        (Status.FAIL, None, Effect.OTHER),
        (Status.PASS, Status.UNKNOWN, Effect.UNDECIDED),
        (Status.FAIL, Status.ERROR, Effect.UNDECIDED),
    ],
)
def test_a_verdict_that_changes_is_a_difference(
    before: Status | None, after: Status | None, effect: Effect
) -> None:
    old = verdicts() if before is None else verdicts(verdict(before))
    new = verdicts() if after is None else verdicts(verdict(after))
    (found,) = compare_verdicts(old, new, None)

    assert (found.effect, found.before, found.after) == (
        effect,
        str(before or "not_applicable"),
        str(after or "not_applicable"),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.PASS, Status.PASS),
        (Status.FAIL, Status.FAIL),
        (Status.PASS, None),
        (None, Status.PASS),
        (Status.UNKNOWN, Status.UNKNOWN),
        (Status.UNKNOWN, Status.ERROR),
    ],
)
def test_what_settles_the_same_is_none(before: Status | None, after: Status | None) -> None:
    old = verdicts() if before is None else verdicts(verdict(before))
    new = verdicts() if after is None else verdicts(verdict(after))

    assert list(compare_verdicts(old, new, None)) == []


def test_a_failure_that_becomes_graver_gets_worse() -> None:
    old, new = verdict(Status.FAIL, severity=Severity.LOW), verdict(Status.FAIL, severity=Severity.HIGH)
    (found,) = compare_verdicts(verdicts(old), verdicts(new), None)

    assert (found.effect, found.severity) == (Effect.WORSE, Severity.HIGH)


def test_objects_that_cannot_be_told_apart_any_more_are_one_difference() -> None:
    old = verdicts(verdict(Status.PASS, object="rpc"), verdict(Status.PASS, object="database"))
    (found,) = compare_verdicts(old, verdicts(verdict(Status.ERROR)), None)

    assert (found.subject, found.effect) == ("area-problem", Effect.UNDECIDED)


def test_failures_that_stay_are_counted() -> None:
    old = verdicts(verdict(Status.FAIL), verdict(Status.FAIL, object="rpc"))

    assert count_unchanged(old, verdicts(verdict(Status.FAIL), verdict(Status.PASS, object="rpc"))) == 1


def told(subject: str, effect: Effect, before: str = "pass", after: str = "fail") -> Difference:
    check = subject.partition("#")[0]
    severity = Severity.HIGH if effect is Effect.WORSE else None
    return Difference(
        Aspect.CHECK, effect, subject, "", before, after, severity, (LINE,), "Mend.", True, (check,)
    )


def test_a_verdict_about_a_connection_is_told_with_it() -> None:
    rpc = Difference(Aspect.TRANSPORT, Effect.WORSE, "rpc", "plaintext", severity=Severity.LOW)
    first, second = folded((rpc, told("a-b#rpc", Effect.WORSE)), frozenset())

    assert (first.checks, first.severity, first.remedy) == (("a-b",), Severity.HIGH, "Mend.")
    assert second.within == "rpc"


def test_a_problem_that_better_protection_brings_stands_alone_unless_it_is_about_the_path() -> None:
    rpc = Difference(Aspect.TRANSPORT, Effect.BETTER, "rpc", "encrypted")
    new = told("a-b#rpc", Effect.WORSE, before="not_applicable")

    assert folded((rpc, new), frozenset())[1].within is None
    assert folded((rpc, new), frozenset({"a-b"}))[1].effect is Effect.OTHER


def test_what_changes_a_clients_calls_is_as_bad_as_the_verdict_about_it() -> None:
    client = Difference(Aspect.CLIENT, Effect.OTHER, "[neutron], [placement]", "sent 6 times")
    first, second = folded((client, told("a-b#placement", Effect.WORSE)), frozenset())

    assert (first.effect, first.severity) == (Effect.WORSE, Severity.HIGH)
    assert second.within == "[neutron], [placement]"


def test_a_grave_verdict_is_not_hidden_behind_a_setting_that_changes_nothing() -> None:
    setting = Difference(Aspect.SETTING, Effect.OTHER, "[DEFAULT] debug", "", evidence=(LINE,))

    assert folded((setting, told("a-b", Effect.WORSE)), frozenset())[1].within is None
