"""The account of a run, and the exit code that follows from it."""

import pytest

from auditor.errors import UsageError
from auditor.gate import Gate, conclude, is_open, read_tolerance
from auditor.ledger import Cell, Ledger, lost_cells, settle
from auditor.model import Coverage, Kind, Severity, Status
from auditor.report import Disposition, Exit, Finding, HostEntry, Totals
from tests.build import finding, report

SERVICES = report().hosts[0].services


def cell(status: Status) -> Cell:
    return settle([(status, "why")])


def run(
    *statuses: Status,
    coverage: Coverage = Coverage.AUDITED,
    findings: tuple[Finding, ...] = (),
    gate: Gate | None = None,
    interrupted: bool = False,
    expected: tuple[str, ...] = ("one",),
) -> tuple[bool, Exit]:
    """A run of one host with a check per status, of which ``expected`` were to come."""
    checks = [f"check-{number}" for number in range(len(statuses))]
    ledger = Ledger(checks, expected)
    ledger.record(
        "one", coverage, {name: cell(status) for name, status in zip(checks, statuses, strict=True)}
    )
    host = HostEntry("one", Kind.TREE, coverage, services=SERVICES)
    return conclude(gate or Gate(), ledger, [host], findings, interrupted=interrupted)


def test_a_cell_takes_the_worst_of_its_objects_and_keeps_all_counts() -> None:
    every = [(status, status.value) for status in Status]

    assert settle(every).status is Status.ERROR
    assert settle([one for one in every if one[0] is not Status.ERROR]).status is Status.FAIL
    assert settle([(Status.PASS, "a"), (Status.UNKNOWN, "b"), (Status.PASS, "c")]) == Cell(
        Status.UNKNOWN, "b", ((Status.UNKNOWN, 1), (Status.PASS, 2))
    )
    assert settle([(Status.NOT_APPLICABLE, "a"), (Status.PASS, "b")]).status is Status.PASS


def test_a_cell_without_an_object_does_not_exist() -> None:
    with pytest.raises(ValueError, match="no object"):
        settle([])


def test_the_ledger_counts_expected_and_recorded_cells() -> None:
    ledger = Ledger(["a", "b"], ["one", "two"])
    ledger.record("one", Coverage.AUDITED, {"a": cell(Status.PASS), "b": cell(Status.FAIL)})

    assert ledger.totals() == Totals(2, 1, 4, 2)
    assert ledger.outstanding == ("two",)
    assert ledger.coverages[Coverage.NOT_ATTEMPTED] == 1


def test_the_ledger_takes_no_stranger_no_host_twice_and_no_unselected_check() -> None:
    ledger = Ledger(["a"], ["one"])
    ledger.record("one", Coverage.AUDITED, {"a": cell(Status.PASS)})

    with pytest.raises(ValueError, match="two is not expected"):
        ledger.record("two", Coverage.AUDITED, {})
    with pytest.raises(ValueError, match="recorded before"):
        ledger.record("one", Coverage.AUDITED, {})
    with pytest.raises(ValueError, match="not selected"):
        Ledger(["a"], ["one"]).record("one", Coverage.AUDITED, {"b": cell(Status.PASS)})


def test_a_lost_host_has_every_cell_in_error_and_counts_as_a_host_not_as_results() -> None:
    ledger = Ledger(["a", "b"], ["one"])
    ledger.record("one", Coverage.TIMEOUT, lost_cells(["a", "b"], "no answer"))

    assert ledger.totals() == Totals(1, 0, 2, 2)
    assert ledger.results == {}


def test_a_complete_run_without_a_failure_is_0() -> None:
    assert run(Status.PASS) == (True, Exit(0, "complete, no open failure at or above high"))
    assert run(Status.PASS, Status.NOT_APPLICABLE)[1].code == 0


def test_an_open_failure_at_the_threshold_is_1_and_below_it_is_0() -> None:
    medium = (finding(severity=Severity.MEDIUM),)

    assert run(Status.FAIL, findings=(finding(severity=Severity.HIGH),))[1].code == 1
    assert run(Status.FAIL, findings=medium)[1].code == 0
    assert run(Status.FAIL, findings=medium, gate=Gate(Severity.MEDIUM))[1].code == 1
    assert run(Status.FAIL, findings=(finding(),), gate=Gate(None))[1].code == 0


@pytest.mark.parametrize(
    ("disposition", "open_"),
    [
        (Disposition.OPEN, True),
        (Disposition.WAIVER_EXPIRED, True),
        (Disposition.WAIVED, False),
        (Disposition.BASELINED, False),
    ],
)
def test_only_an_open_failure_or_one_whose_waiver_expired_counts(
    disposition: Disposition, open_: bool
) -> None:
    assert is_open(finding(disposition=disposition), Severity.HIGH) is open_


def test_an_error_or_unknown_is_3_and_a_failure_wins_over_it() -> None:
    unknown = finding(status=Status.UNKNOWN, disposition=None)

    assert run(Status.PASS, Status.ERROR) == (False, Exit(3, "incomplete: 1 result in error"))
    assert run(Status.PASS, Status.UNKNOWN, findings=(unknown,))[1] == Exit(3, "incomplete: 1 result unknown")
    assert run(Status.FAIL, Status.ERROR, findings=(finding(),)) == (
        False,
        Exit(1, "1 open failure at or above high on 1 of 1 host; incomplete: 1 result in error"),
    )


def test_what_is_tolerated_is_0_but_not_complete() -> None:
    gate = Gate(tolerate=(("error", 1),))

    assert run(Status.PASS, Status.ERROR, gate=gate) == (
        False,
        Exit(0, "no open failure at or above high; tolerated: 1 result in error"),
    )
    assert run(Status.PASS, Status.ERROR, Status.ERROR, gate=gate)[1].code == 3


def test_a_lost_host_is_3_whatever_the_others_say_and_can_be_tolerated() -> None:
    def with_a_lost_host(gate: Gate) -> Exit:
        ledger = Ledger(["a"], ["one", "two"])
        ledger.record("one", Coverage.AUDITED, {"a": cell(Status.PASS)})
        ledger.record("two", Coverage.UNREACHABLE, lost_cells(["a"], "no route"))
        return conclude(gate, ledger, [HostEntry("one", Kind.TREE, Coverage.AUDITED, services=SERVICES)], [])[
            1
        ]

    assert with_a_lost_host(Gate()) == Exit(3, "incomplete: 1 host not audited")
    assert with_a_lost_host(Gate(tolerate=(("unreachable", 1),))).code == 0


def test_every_host_lost_is_3_and_not_4() -> None:
    ledger = Ledger(["a"], ["one"])
    ledger.record("one", Coverage.TIMEOUT, lost_cells(["a"], "no answer"))

    assert conclude(Gate(), ledger, [HostEntry("one", Kind.LIVE, Coverage.TIMEOUT)], [])[1].code == 3


def test_a_host_that_never_came_makes_the_run_incomplete() -> None:
    complete, outcome = run(Status.PASS, expected=("one", "two"))

    assert (complete, outcome.code) == (False, 3)


def test_nothing_audited_is_4_and_says_why() -> None:
    no_host = conclude(Gate(), Ledger(["a"], []), [], [])[1]
    no_check = conclude(Gate(), Ledger([], ["one"]), [], [])[1]
    empty = Ledger(["a"], ["one"])
    empty.record("one", Coverage.PARTIAL, lost_cells(["a"], "no service"))
    no_service = conclude(Gate(), empty, [HostEntry("one", Kind.TREE, Coverage.PARTIAL)], [])[1]

    assert no_host == Exit(4, "nothing audited: no host matched")
    assert no_check == Exit(4, "nothing audited: no check is selected")
    assert no_service.code == 4
    assert run(Status.NOT_APPLICABLE)[1] == Exit(4, "nothing audited: not one check came to pass or fail")


def test_an_interrupted_run_is_130_and_never_complete() -> None:
    assert run(Status.FAIL, findings=(finding(),), interrupted=True) == (
        False,
        Exit(130, "interrupted after 1 host"),
    )


def test_exit_zero_only_reports_but_an_interruption_stays_one() -> None:
    gate = Gate(exit_zero=True)

    assert run(Status.FAIL, findings=(finding(),), gate=gate)[1].code == 0
    assert run(Status.ERROR, gate=gate)[1].code == 0
    assert run(Status.NOT_APPLICABLE, gate=gate)[1].code == 0
    assert run(Status.PASS, gate=gate, interrupted=True)[1].code == 130


def test_a_tolerance_is_read_as_words_and_numbers() -> None:
    assert read_tolerance("unreachable=2, error=0,unknown=3") == (
        ("unreachable", 2),
        ("error", 0),
        ("unknown", 3),
    )


@pytest.mark.parametrize("text", ["unreachable", "lost=1", "error=-1", "error=", "error=many", ""])
def test_a_tolerance_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="the words are unreachable, partial, error, unknown"):
        read_tolerance(text)
