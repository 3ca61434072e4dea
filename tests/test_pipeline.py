"""From evidence to report: what is selected, who is expected, and what happens when it is cut short."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from auditor.check import Outcome, Scope, failed, passed
from auditor.collect import collect
from auditor.encoding import decode, encode
from auditor.errors import UsageError
from auditor.evidence import Document, Lost
from auditor.gate import Gate
from auditor.model import Coverage, Kind, Severity, Status, Target
from auditor.pipeline import MANY, audit, digest, select
from auditor.profiles import Profile
from auditor.report import Disposition, Report
from auditor.site import Site, SiteFile, Thresholds
from auditor.waivers import Waiver, Waivers
from tests.build import NOON, check
from tests.trees import grow, unit

CONF = "[DEFAULT]\ndebug = true\n"


def debug(subject: Any, _site: Site) -> Outcome:
    """Fail where debug is on."""
    setting = subject["DEFAULT", "debug"]
    return failed("debug is on", setting) if setting.value else passed("debug is off", setting)


DEBUG = check(debug, "logging-debug")
FINE = check(id_="area-fine")
CATALOGUE = (FINE, DEBUG)
PROFILE = Profile("own", "w", ("area-fine", "logging-debug"))


@pytest.fixture
def content(tmp_path: Path) -> dict[str, Any]:
    """The evidence of a host with one service, as the probe sends it."""
    root = grow(tmp_path / "one", {**unit("nova-conductor"), "/etc/nova/nova.conf": CONF})
    (document,) = collect([Target("one", Kind.TREE, str(root))])
    assert isinstance(document, Document)
    return dict(document.content)


def document(content: dict[str, Any], host: str = "one") -> Document:
    return Document(host, {**content, "host": host})


def targets(*names: str) -> list[Target]:
    return [Target(name, Kind.TREE, f"/srv/{name}") for name in names]


def run(sources: Any, **rest: Any) -> Report:
    return audit(
        sources, CATALOGUE, **{"profile": PROFILE, "release": "2025.1", "clock": lambda: NOON, **rest}
    )


def test_a_report_accounts_for_every_host_and_check(content: dict[str, Any]) -> None:
    report = run([document(content)], targets=targets("one"))

    assert (report.exit.code, report.complete) == (1, True)
    assert (report.coverage.results_expected, report.coverage.results_recorded) == (2, 2)
    assert [(one.check, one.disposition) for one in report.findings] == [("logging-debug", Disposition.OPEN)]
    assert report.passed == {"area-fine": {"one": ("nova-conductor",)}}
    assert (report.started, report.finished) == ("2026-11-21T12:00:00Z", "2026-11-21T12:00:00Z")
    assert decode(encode(report)) == report


def test_a_lost_host_is_shown_once_and_has_no_findings(content: dict[str, Any]) -> None:
    lost = Lost("two", Coverage.DENIED, "permission denied", Kind.LIVE)
    report = run([document(content), lost], targets=targets("one", "two"))

    assert [(host.name, host.coverage) for host in report.hosts] == [
        ("one", Coverage.AUDITED),
        ("two", Coverage.DENIED),
    ]
    assert {finding.host for finding in report.findings} == {"one"}
    assert report.coverage.results_recorded == report.coverage.results_expected == 4
    assert "1 host not audited" in report.exit.reason


def test_a_host_that_nobody_reported_is_not_attempted_and_the_run_incomplete(content: dict[str, Any]) -> None:
    report = run([document(content)], targets=targets("one", "two"), gate=Gate(None))

    assert (report.hosts[1].coverage, report.hosts[1].kind) == (Coverage.NOT_ATTEMPTED, Kind.TREE)
    assert (report.complete, report.exit.code) == (False, 3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": "nova-auditor/evidence/2"}, "schema 'nova-auditor/evidence/2' is not"),
        ({"services": None}, "not of the form"),
        ({"kind": "cloud"}, "cloud"),
    ],
)
def test_evidence_that_is_none_is_an_error_of_its_host(
    content: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    good, bad = document(content), document({**content, **change}, "two")
    report = run([good, bad], gate=Gate(None))

    assert report.hosts[1].coverage is Coverage.NOT_ATTEMPTED
    assert reason in (report.hosts[1].reason or "")
    assert report.exit.code == 3


def test_an_interrupted_run_still_reports_what_it_has(content: dict[str, Any]) -> None:
    def interrupted() -> Iterator[Document]:
        yield document(content)
        raise KeyboardInterrupt

    report = run(interrupted(), targets=targets("one", "two"))

    assert (report.exit.code, report.complete) == (130, False)
    assert [host.coverage for host in report.hosts] == [Coverage.AUDITED, Coverage.NOT_ATTEMPTED]
    assert (report.coverage.results_expected, report.coverage.results_recorded) == (4, 2)


def test_many_hosts_come_out_of_several_processes_as_of_one(content: dict[str, Any]) -> None:
    hosts = [f"host{number:03}" for number in range(MANY + 5)]
    sources = [document(content, host) for host in hosts]

    def closure(_subject: Any, _site: Site) -> Outcome:
        return passed(f"fine among {len(hosts)}")

    catalogue = (check(closure, "area-closure"), DEBUG)
    profile = Profile("own", "w", ("area-closure", "logging-debug"))
    one = audit(
        sources,
        catalogue,
        profile=profile,
        release="2025.1",
        targets=targets(*hosts),
        jobs=1,
        clock=lambda: NOON,
    )
    two = audit(iter(sources), catalogue, profile=profile, release="2025.1", jobs=2, clock=lambda: NOON)

    assert [host.name for host in one.hosts] == hosts
    assert one == two


def test_the_order_of_findings_is_the_worst_first(content: dict[str, Any]) -> None:
    catalogue = tuple(
        check(debug, f"area-{severity}", severity=severity)
        for severity in (Severity.LOW, Severity.CRITICAL, Severity.HIGH)
    )
    profile = Profile("own", "w", tuple(one.id for one in catalogue))
    report = audit(
        [document(content, "b"), document(content, "a")], catalogue, profile=profile, release="zed"
    )

    assert [(one.severity, one.host) for one in report.findings] == [
        (severity, host) for severity in ("critical", "high", "low") for host in ("a", "b")
    ]


def test_waivers_are_applied_by_the_day_of_the_run(content: dict[str, Any]) -> None:
    waiver = Waiver("w", "logging-debug", "r", "jane", date(2026, 11, 21), hosts=("one",))
    waivers = Waivers("w.yaml", "0" * 64, (waiver,))

    def code(day: datetime) -> int:
        return run([document(content)], waivers=waivers, clock=lambda: day).exit.code

    assert code(NOON) == 0
    assert code(NOON + timedelta(days=1)) == 1


def test_the_sites_thresholds_reach_a_check_and_the_profiles_do_without_a_site(
    content: dict[str, Any],
) -> None:
    told = check(lambda _, site: failed(f"{site.thresholds.secret_characters}"), "area-told")
    profile = Profile("own", "w", ("area-told",), {"secret_characters": 20})
    site = SiteFile(Site(Thresholds(secret_characters=9)), "site.toml", "0" * 64)
    alone = audit([document(content)], [told], profile=profile, release="zed")
    with_site = audit([document(content)], [told], profile=profile, release="zed", site=site)

    assert alone.findings[0].message == "20"
    assert with_site.findings[0].message == "9"
    assert with_site.selection.site is not None


def test_a_check_whose_evidence_was_not_asked_for_is_not_selected_but_counted() -> None:
    wired = check(id_="area-wired", needs=frozenset({"config", "wire"}))
    fleet = check(id_="area-fleet", scope=Scope.FLEET)
    profile = Profile("own", "w", ("area-fine", "area-fleet", "area-wired"))
    selected = select((FINE, fleet, wired), profile)

    assert selected.checks == (FINE,)
    assert selected.not_asked == ("area-fleet", "area-wired")


def test_checks_named_one_by_one_replace_the_profile() -> None:
    selected = select(CATALOGUE, PROFILE, ["logging-debug"])

    assert (selected.profile, selected.checks) == ("custom", (DEBUG,))
    with pytest.raises(UsageError, match="did you mean logging-debug"):
        select(CATALOGUE, PROFILE, ["logging-debgu"])


def test_a_host_may_be_expected_to_have_no_service(content: dict[str, Any]) -> None:
    empty = document({**content, "services": []}, "mon01")
    report = run([document(content), empty], expect_none=["mon01"], gate=Gate(None))
    surprised = run([document(content), empty], gate=Gate(None))

    assert (report.complete, report.exit.code) == (True, 0)
    assert (surprised.complete, surprised.exit.code) == (False, 3)


def test_each_host_is_announced_when_it_is_done(content: dict[str, Any]) -> None:
    announced: list[str] = []
    numbers = count()

    def sources() -> Iterator[Document]:
        for name in ("one", "two"):
            next(numbers)
            yield document(content, name)

    run(sources(), watch=lambda host: announced.append(f"{host.name} {host.coverage}"))

    assert announced == ["one audited", "two audited"]


def test_the_digest_follows_what_the_checks_say_of_themselves() -> None:
    other = replace(FINE, title="Another problem")

    assert digest(CATALOGUE) == digest(CATALOGUE)
    assert digest((other, DEBUG)) != digest(CATALOGUE)
    assert len(digest(CATALOGUE)) == 64


def test_equal_parts_of_a_large_fleet_are_kept_once(content: dict[str, Any]) -> None:
    report = run([document(content, "a"), document(content, "b")], full=True)
    first, second = (host.services[0] for host in report.hosts)

    assert first.transports is second.transports
    assert first.clients is second.clients
    assert {finding.status for finding in report.findings} == {Status.FAIL, Status.PASS}


def test_a_process_that_is_killed_loses_hosts_but_not_the_report(content: dict[str, Any]) -> None:
    def dying(_subject: Any, _site: Site) -> Outcome:
        os._exit(9)

    names = [f"host{number:03}" for number in range(MANY)]
    sources = [document(content, name) for name in names]
    catalogue = (check(dying, "area-dying"),)
    profile = Profile("own", "w", ("area-dying",))
    report = audit(sources, catalogue, profile=profile, targets=targets(*names), release="zed", jobs=2)

    assert report.exit.code == 3
    assert {host.coverage for host in report.hosts} == {Coverage.NOT_ATTEMPTED}
    assert "ended from outside" in (report.hosts[0].reason or "")
