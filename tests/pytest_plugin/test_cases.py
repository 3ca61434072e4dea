"""A report as cases."""

import pytest

from auditor.cases import Case, Verdict, check_cases, host_cases, run_case
from auditor.model import Coverage, Kind, Severity, Status
from auditor.report import Disposition, Exit, Finding, HostEntry, Report, Totals, WaiverNote
from tests.build import check, finding, report

CATALOGUE = [
    check(id_="database-plaintext", severity=Severity.CRITICAL),
    check(id_="logging-debug", severity=Severity.MEDIUM),
    check(id_="messaging-plaintext", severity=Severity.CRITICAL),
]


def cases(fail_on: Severity | None = Severity.HIGH, **rest: object) -> dict[str, Case]:
    return {case.id: case for case in check_cases(report(**rest), CATALOGUE, fail_on)}


def of_one_finding(one: Finding, fail_on: Severity | None = Severity.HIGH) -> Case:
    found = cases(fail_on, findings=(one,), passed={}, not_applicable={})
    return found[f"cmp01/nova-compute/{one.check}"]


def test_a_check_on_a_service_is_one_case_over_its_objects() -> None:
    found = cases()["cmp01/nova-compute/messaging-plaintext"]

    assert found.verdict is Verdict.FAIL
    assert found.text.splitlines() == [
        "cmp01/nova-compute/messaging-plaintext",
        "fail of rpc (critical): the rpc connection to mq:5672 is plain text",
        "  [DEFAULT] transport_url = rabbit://nova:***@mq:5672/  (/etc/nova/nova.conf:2)",
        "  remedy: [oslo_messaging_rabbit] ssl = true",
    ]
    assert found.marks == ("severity_critical", "area_messaging")


def test_what_could_not_be_decided_fails() -> None:
    found = cases()["cmp01/nova-compute/database-plaintext"]

    assert found.verdict is Verdict.FAIL
    assert "unknown of database (critical): it depends on the release: give --release" in found.text


def test_every_check_of_a_lost_host_fails_with_the_reason() -> None:
    lost = [case for case in cases().values() if case.host == "cmp02"]

    assert [case.id for case in lost] == [f"cmp02/{one.id}" for one in CATALOGUE]
    assert {(case.verdict, case.text) for case in lost} == {
        (Verdict.FAIL, "cmp02 is not audited as a whole: timeout, no answer within 25 seconds")
    }


def test_a_check_that_passed_passes_and_one_that_does_not_concern_is_skipped() -> None:
    found = cases(findings=())

    assert found["cmp01/nova-compute/messaging-plaintext"].verdict is Verdict.PASS
    assert found["cmp01/nova-compute/database-plaintext"].verdict is Verdict.SKIP
    assert (
        found["cmp01/nova-compute/database-plaintext"].text == "not applicable: it never leaves the machine"
    )


def test_a_check_of_the_whole_host_names_no_service() -> None:
    found = cases(
        findings=(finding(service=None, object="PyMySQL 1.1"),), passed={"logging-debug": {"cmp01": ("*",)}}
    )

    assert found["cmp01/messaging-plaintext"].verdict is Verdict.FAIL
    assert found["cmp01/logging-debug"].verdict is Verdict.PASS


def test_a_waived_failure_is_expected_and_an_expired_waiver_is_none() -> None:
    note = WaiverNote("lab", "jane", "2027-01-31")
    waived = of_one_finding(finding(disposition=Disposition.WAIVED, waiver=note))
    expired = of_one_finding(finding(disposition=Disposition.WAIVER_EXPIRED, waiver=note))

    assert (waived.verdict, waived.text) == (
        Verdict.EXPECTED,
        "waived by jane until 2027-01-31 (lab): the rpc connection to mq:5672 is plain text",
    )
    assert expired.verdict is Verdict.FAIL
    assert "its waiver lab expired on 2027-01-31" in expired.text


@pytest.mark.parametrize(
    ("severity", "fail_on", "verdict"),
    [
        (Severity.HIGH, Severity.HIGH, Verdict.FAIL),
        (Severity.MEDIUM, Severity.HIGH, Verdict.EXPECTED),
        (Severity.MEDIUM, Severity.LOW, Verdict.FAIL),
        (Severity.CRITICAL, None, Verdict.EXPECTED),
    ],
)
def test_a_failure_below_the_bar_is_expected(
    severity: Severity, fail_on: Severity | None, verdict: Verdict
) -> None:
    assert of_one_finding(finding(severity=severity), fail_on).verdict is verdict


def test_an_error_fails_whatever_the_bar() -> None:
    assert of_one_finding(finding(status=Status.ERROR, disposition=None), None).verdict is Verdict.FAIL


def test_an_accepted_failure_is_told_beside_one_that_counts() -> None:
    below = finding(object="notifications", severity=Severity.LOW, message="it is plain text on loopback")
    found = cases(findings=(finding(), below))["cmp01/nova-compute/messaging-plaintext"]

    assert found.verdict is Verdict.FAIL
    assert found.text.endswith("accepted: low, below --audit-fail-on high: it is plain text on loopback")


def test_text_of_a_host_is_data() -> None:
    found = of_one_finding(finding(message="evil\x1b[2J\nPASSED"))

    assert "\x1b" not in found.text
    assert "evil\\x1b[2J\\nPASSED" in found.text


def test_a_host_that_was_not_audited_as_a_whole_fails() -> None:
    found = [(case.id, case.verdict) for case in host_cases(report())]

    assert found == [("cmp01", Verdict.PASS), ("cmp02", Verdict.FAIL)]


def test_a_host_seen_in_part_fails_though_its_checks_pass() -> None:
    partial = HostEntry("cmp01", Kind.LIVE, Coverage.PARTIAL, "nova-api should be here, and was not found")
    (found,) = host_cases(report(hosts=(partial,)))

    assert found.verdict is Verdict.FAIL
    assert "nova-api should be here" in found.text


@pytest.mark.parametrize(
    ("rest", "verdict"),
    [
        ({}, Verdict.PASS),
        ({"exit": Exit(4, "nothing audited: no host matched")}, Verdict.FAIL),
        ({"coverage": Totals(2, 1, 6, 5)}, Verdict.FAIL),
    ],
)
def test_a_run_that_looked_at_nothing_fails(rest: dict[str, object], verdict: Verdict) -> None:
    assert run_case(report(**rest)).verdict is verdict


def test_the_report_of_a_builder_has_every_check() -> None:
    found: Report = report()

    assert set(found.selection.checks) == {one.id for one in CATALOGUE}
