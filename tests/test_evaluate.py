"""The engine: what calls, exceptions and candidates come to."""

import logging
from datetime import date
from ipaddress import ip_network
from typing import Any

import pytest

from auditor.candidates import CURE
from auditor.check import Outcome, Scope, failed, not_applicable, passed
from auditor.errors import Unavailable, Undecidable
from auditor.evaluate import HostResult, evaluate
from auditor.model import Coverage, Kind, Missing, Posture, Role, Severity, Status
from auditor.releases import RELEASES
from auditor.site import Site, Underlay
from tests.build import CONF, check, evidence, service, text_file

PLAIN = "[DEFAULT]\ntransport_url = rabbit://nova:REDACTED-2-0123456789abcdef@mq.example:5672/\n"
DATABASE = (
    "[database]\nconnection = mysql+pymysql://nova:REDACTED-2-0123456789abcdef@db.example/nova"
    "?ssl_ca=/etc/ssl/ca.pem\n"
)
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n"
BROKEN = "[DEFAULT]\nno delimiter here\n"


def run(checks: Any, found: Any = None, release: str | None = "2025.1", **rest: Any) -> HostResult:
    return evaluate(found or evidence(), [checks], Site(), release, **rest)


def outcome(result: HostResult, id_: str = "area-problem") -> tuple[Status, str]:
    return result.cells[id_].status, result.cells[id_].reason


def test_what_a_check_returns_is_the_status_of_its_cell() -> None:
    fails = check(lambda subject, _: failed(f"{subject} is wrong"))
    passes = check(lambda subject, _: passed(f"{subject} is fine"))
    moot = check(lambda _, __: not_applicable("it is no such thing"))

    assert outcome(run(fails)) == (Status.FAIL, "nova-conductor is wrong")
    assert outcome(run(passes)) == (Status.PASS, "nova-conductor is fine")
    assert outcome(run(moot)) == (Status.NOT_APPLICABLE, "it is no such thing")


def test_what_settles_nothing_is_unknown_and_what_cannot_be_read_is_an_error() -> None:
    def undecided(_subject: Any, _site: Any) -> Outcome:
        raise Undecidable("it was withheld")

    def unread(_subject: Any, _site: Any) -> Outcome:
        raise Unavailable("it was denied")

    assert outcome(run(check(undecided))) == (Status.UNKNOWN, "it was withheld")
    assert outcome(run(check(unread))) == (Status.ERROR, "it was denied")


def test_a_bug_of_a_check_is_an_error_and_hides_no_other_check(caplog: pytest.LogCaptureFixture) -> None:
    def crashing(_subject: Any, _site: Any) -> Outcome:
        raise ZeroDivisionError("rabbit://nova:secret@mq")

    with caplog.at_level(logging.DEBUG, "auditor"):
        result = evaluate(evidence(), [check(crashing), check(id_="area-fine")], Site(), "2025.1")

    assert outcome(result)[0] is Status.ERROR
    assert "ZeroDivisionError" in outcome(result)[1]
    assert "secret" not in repr(result)
    assert outcome(result, "area-fine")[0] is Status.PASS
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("returned", [None, True, "pass", Status.PASS])
def test_only_a_returned_outcome_is_a_verdict(returned: Any) -> None:
    assert outcome(run(check(lambda _, __: returned)))[0] is Status.ERROR


def test_the_release_in_evidence_is_judged_whatever_the_flag_says() -> None:
    names = check(lambda subject, _: failed(f"{subject.release} assumed {subject.assumed}"))
    result = run(names, evidence(packages={"nova": "26.2.2"}), release="2026.2")

    assert outcome(result)[1] == "zed assumed False"
    assert result.host.release == "zed"
    assert result.host.services[0].libraries == (("nova", "26.2.2"),)


def test_the_flag_fills_the_gap_and_the_libraries_are_then_assumed() -> None:
    names = check(lambda one, _: failed(f"{one.release} {one.libraries.find('PyMySQL')} {one.assumed}"))
    result = run(names, release="2024.1")

    assert outcome(result)[1] == "2024.1 PyMySQL 1.1.0 True"
    assert result.host.services[0].libraries == ()


def test_an_interpreter_without_nova_keeps_what_it_shows_and_the_pins_fill_the_gaps() -> None:
    names = check(
        lambda one, _: failed(f"{one.libraries.find('PyMySQL')}, {one.libraries.find('kombu') is not None}")
    )
    result = run(names, evidence(packages={"PyMySQL": "9.9"}), release="2024.1")

    assert outcome(result)[1] == "PyMySQL 9.9, True"


def test_what_every_candidate_agrees_on_is_the_verdict() -> None:
    seen: list[str] = []

    def agreeing(subject: Any, _site: Any) -> Outcome:
        seen.append(subject.release)
        return failed(f"wrong in {subject.release}")

    result = run(check(agreeing), release=None)

    assert tuple(seen) == RELEASES
    assert outcome(result) == (Status.FAIL, f"wrong in {RELEASES[0]}")
    assert result.host.release is None


def test_candidates_that_disagree_are_unknown_and_say_which_release_says_what() -> None:
    early = RELEASES[:3]
    result = run(
        check(lambda one, _: failed("wrong") if one.release in early else passed("fine")), release=None
    )

    assert outcome(result) == (
        Status.UNKNOWN,
        f"wrong on zed to 2023.2; passes on 2024.1 to 2026.2: the release decides; {CURE}",
    )


def limited(transport: Any, _site: Any) -> Outcome:
    """What a driver below 1.2 fails, in words that name its version."""
    if transport.purpose != "database":
        return not_applicable("it is no database connection")
    if transport.library.release < (1, 2):
        return failed(f"{transport.library} steps down", transport)
    return passed("it does not", transport)


def test_the_library_that_decides_between_candidates_is_named() -> None:
    files = {CONF: text_file(CONF, DATABASE), "/etc/ssl/ca.pem": text_file("/etc/ssl/ca.pem", CERTIFICATE)}
    result = run(check(limited, scope=Scope.TRANSPORT), evidence(files=files), release=None)
    (finding,) = (one for one in result.findings if one.object == "database")

    assert finding.message == (
        f"PyMySQL steps down on zed to 2026.1; passes on 2026.2: the version of PyMySQL decides; {CURE}"
    )
    assert "PyMySQL" not in {line.setting for line in finding.evidence}


def test_the_reason_of_a_posture_that_releases_disagree_on_names_the_library() -> None:
    files = {CONF: text_file(CONF, DATABASE), "/etc/ssl/ca.pem": text_file("/etc/ssl/ca.pem", CERTIFICATE)}
    found = run(check(), evidence(files=files), release=None).host.services[0].transports
    (database,) = (one for one in found if one.purpose == "database")

    assert database.posture is Posture.UNKNOWN
    assert database.reason.startswith("opportunistic (PyMySQL goes on in plain text")
    assert database.reason.endswith(
        f" on zed to 2026.1; verified-full on 2026.2: the version of PyMySQL decides; {CURE}"
    )


def test_a_verdict_of_every_candidate_leaves_out_the_libraries_that_differ() -> None:
    weak = check(lambda one, _: failed("weak", one), scope=Scope.TRANSPORT)
    assumed = run(weak, evidence(DATABASE), release=None).findings
    known = run(weak, evidence(DATABASE), release="zed").findings
    lines = [{line.setting for one in found for line in one.evidence} for found in (assumed, known)]

    assert ["PyMySQL" in settings for settings in lines] == [False, True]
    assert "[database] connection" in lines[0]


def test_to_pass_here_and_not_to_apply_there_is_a_pass() -> None:
    result = run(
        check(lambda one, _: not_applicable("no such option") if one.release == "zed" else passed("fine")),
        release=None,
    )

    assert outcome(result) == (Status.PASS, "fine")


def test_a_transport_is_judged_once_per_connection() -> None:
    posture = check(lambda one, _: failed(f"{one.purpose} {one.posture}"), scope=Scope.TRANSPORT)
    result = run(posture, evidence(PLAIN + "[api_database]\nconnection = sqlite:////tmp/a.db\n"))

    assert [(one.service, one.object, one.message) for one in result.findings] == [
        ("nova-conductor", "rpc", "rpc plaintext"),
        ("nova-conductor", "api_database", "api_database local"),
    ]
    assert result.cells["area-problem"].counts == ((Status.FAIL, 2),)


def test_a_service_without_connections_has_a_reason_for_not_being_judged() -> None:
    placement = evidence(services=[service()], files={CONF: text_file(CONF, "")})
    result = run(check(scope=Scope.CLIENT), placement)

    assert outcome(result)[0] in (Status.PASS, Status.NOT_APPLICABLE)
    assert result.cells["area-problem"].reason


def test_the_posture_in_the_report_is_unknown_where_releases_disagree() -> None:
    result = run(check(), evidence(DATABASE), release=None)
    database = next(one for one in result.host.services[0].transports if one.purpose == "database")

    assert database.posture in (Posture.UNKNOWN, Posture.BROKEN)
    assert (
        run(check(), evidence(PLAIN), release=None).host.services[0].transports[0].posture
        is Posture.PLAINTEXT
    )


def test_a_role_that_is_not_concerned_says_so_and_an_unknown_role_asks_for_the_service() -> None:
    for_compute = check(roles=frozenset({Role.COMPUTE}))
    unnamed = evidence(services=[service("nova")])

    assert outcome(run(for_compute)) == (Status.NOT_APPLICABLE, "it does not concern the role conductor")
    assert outcome(run(for_compute, unnamed)) == (
        Status.NOT_APPLICABLE,
        "its role is not known: give --service",
    )


def test_a_configuration_that_does_not_parse_is_an_error_for_every_check_that_reads_it() -> None:
    def reading(subject: Any, _site: Any) -> Outcome:
        return passed("fine", subject["DEFAULT", "debug"])

    result = run(check(reading), evidence(BROKEN))

    assert outcome(result)[0] is Status.ERROR
    assert f"{CONF}:2" in outcome(result)[1]


def test_a_check_sees_that_oslo_config_refuses_the_configuration() -> None:
    refused = check(lambda one, _: failed("refused", one.refusal) if one.refusal else passed("starts"))
    result = run(refused, evidence(BROKEN))
    (shown,) = result.findings[0].evidence

    assert outcome(result)[0] is Status.FAIL
    assert (shown.origin.path, shown.origin.line) == (CONF, 2)


def test_a_file_that_we_may_not_read_refuses_nothing() -> None:
    refused = check(lambda one, _: failed("refused") if one.refusal else passed("starts"))
    denied = evidence(files={CONF: Missing(CONF, "denied", "permission denied")})

    assert outcome(run(refused, denied))[0] is Status.ERROR


def test_a_broken_service_hides_no_other() -> None:
    other = "/etc/nova/other.conf"
    two = evidence(
        services=[service(), service("nova-compute", other)],
        files={CONF: text_file(CONF, BROKEN), other: text_file(other, "[DEFAULT]\ndebug = true\n")},
    )
    result = run(check(lambda one, _: failed("debug is on", one["DEFAULT", "debug"])), two)

    assert [(one.service, one.status) for one in result.findings] == [
        ("nova-conductor", Status.ERROR),
        ("nova-compute", Status.FAIL),
    ]
    assert outcome(result)[0] is Status.ERROR


def test_a_host_is_judged_as_a_whole() -> None:
    counted = check(lambda host, _: failed(f"{host.name} has {len(host.services)}"), scope=Scope.HOST)
    result = run(counted, evidence(services=[service(), service("nova-compute")]), release=None)

    assert [(one.service, one.object, one.message) for one in result.findings] == [(None, None, "host has 2")]


def test_a_verdict_that_is_the_librarys_is_one_finding_with_the_transports_listed() -> None:
    found = evidence(
        DATABASE + DATABASE.replace("[database]", "[api_database]"),
        packages={"nova": "26.2.2", "PyMySQL": "1.0.2", "oslo.messaging": "14.0.0"},
        services=[service(interpreter="python"), service("nova-scheduler", interpreter="python")],
        files={
            CONF: text_file(CONF, DATABASE + DATABASE.replace("[database]", "[api_database]")),
            "/etc/ssl/ca.pem": text_file("/etc/ssl/ca.pem", CERTIFICATE),
        },
    )
    result = run(
        check(
            lambda one, _: (
                failed("the driver steps down", one)
                if one.purpose.endswith("database")
                else not_applicable("rpc")
            ),
            scope=Scope.TRANSPORT,
            is_per_library=True,
        ),
        found,
    )

    assert [(one.service, one.object) for one in result.findings] == [(None, "PyMySQL 1.0.2")]
    assert (
        "nova-conductor: database, api_database; nova-scheduler: database, api_database"
        in result.findings[0].message
    )


def test_a_problem_of_the_path_is_low_on_loopback() -> None:
    weak = check(
        lambda one, _: failed(f"{one.posture}"),
        scope=Scope.TRANSPORT,
        severity=Severity.CRITICAL,
        is_of_path=True,
    )
    near = run(weak, evidence(PLAIN.replace("mq.example", "127.0.0.1")))
    far = run(weak, evidence(PLAIN))

    assert near.findings[0].severity is Severity.LOW
    assert far.findings[0].severity is Severity.CRITICAL


def test_a_problem_that_needs_no_path_keeps_its_weight_on_loopback() -> None:
    login = check(lambda _, __: failed("root"), scope=Scope.TRANSPORT, severity=Severity.HIGH)
    near = run(login, evidence(PLAIN.replace("mq.example", "127.0.0.1")))

    assert near.findings[0].severity is Severity.HIGH


def test_the_replica_of_the_api_database_has_its_name_whatever_else_is_written() -> None:
    named = check(lambda one, _: failed(one.purpose), scope=Scope.TRANSPORT)
    api = "[api_database]\nslave_connection = sqlite:////tmp/b.db\n"
    alone = run(named, evidence(api)).findings
    beside = run(named, evidence("[database]\nslave_connection = sqlite:////tmp/a.db\n" + api)).findings
    objects = [{one.object for one in found} for found in (alone, beside)]

    assert "database_replica:api_database" in objects[0]
    assert {"database_replica:api_database", "database_replica"} <= objects[1]


def test_a_tree_has_no_evidence_of_processes_and_of_owners() -> None:
    assert outcome(run(check(needs=frozenset({"files"}))))[0] is Status.NOT_APPLICABLE
    assert outcome(run(check(needs=frozenset({"files"})), evidence(kind=Kind.LIVE)))[0] is Status.PASS


def test_a_host_without_a_service_is_partial_unless_none_is_expected() -> None:
    empty = evidence(services=[])
    result = run(check(), empty)
    expected = run(check(), empty, expects_none=True)

    assert (result.host.coverage, outcome(result)[0]) == (Coverage.PARTIAL, Status.ERROR)
    assert (expected.host.coverage, outcome(expected)[0]) == (Coverage.AUDITED, Status.NOT_APPLICABLE)


def test_a_host_whose_configuration_we_may_not_read_is_denied_and_has_no_findings() -> None:
    missing = Missing(CONF, "denied", "permission denied")
    result = run(check(), evidence(files={CONF: missing}))
    empty = run(check(), evidence(services=[], files={"/etc/nova": missing}))

    assert (result.host.coverage, result.findings) == (Coverage.DENIED, ())
    assert outcome(result) == (
        Status.ERROR,
        f"{CONF}: permission denied; run it as root, or as the service's user",
    )
    assert empty.host.coverage is Coverage.DENIED


def test_a_service_that_we_may_not_read_beside_one_that_we_may_is_an_error_of_its_own() -> None:
    other = "/etc/nova/other.conf"
    two = evidence(
        services=[service(), service("nova-compute", other)],
        files={CONF: Missing(CONF, "denied", "permission denied"), other: text_file(other, "")},
    )
    result = run(check(), two)

    assert result.host.coverage is Coverage.AUDITED
    assert [(one.service, one.status) for one in result.findings] == [("nova-conductor", Status.ERROR)]


def test_what_the_probe_left_out_makes_a_host_partial_and_is_told() -> None:
    cut = run(check(), evidence(incomplete=("the time limit of 20 seconds passed",)))
    skipped = run(check(), evidence(left_out=(("/etc/nova/loop", "a loop of links"),)))

    assert (cut.host.coverage, cut.host.reason) == (Coverage.PARTIAL, "the time limit of 20 seconds passed")
    assert (skipped.host.coverage, skipped.host.reason) == (
        Coverage.AUDITED,
        "/etc/nova/loop was left out: a loop of links",
    )


def test_what_passed_is_kept_in_brief_and_in_full_where_asked() -> None:
    brief, full = run(check()), run(check(), full=True)

    assert brief.findings == ()
    assert brief.passed == {"area-problem": ("nova-conductor",)}
    assert [one.status for one in full.findings] == [Status.PASS]
    assert full.findings[0].disposition is None


def test_a_file_is_judged_once_and_one_that_cannot_be_read_is_an_error() -> None:
    named = check(lambda file, _: failed(f"{file.path} is {file.format}"), scope=Scope.FILE)
    files = {
        CONF: text_file(CONF, ""),
        "/etc/nova/denied": Missing("/etc/nova/denied", "denied", "permission denied"),
        "/etc/nova/absent": Missing("/etc/nova/absent", "absent", "there is no such file"),
    }
    result = run(named, evidence(files=files))

    assert [(one.object, one.status, one.message) for one in result.findings] == [
        (CONF, Status.FAIL, f"{CONF} is oslo"),
        ("/etc/nova/denied", Status.ERROR, "/etc/nova/denied: permission denied"),
    ]


def test_a_library_whose_version_is_assumed_is_named_without_it() -> None:
    found = evidence(
        DATABASE,
        files={CONF: text_file(CONF, DATABASE), "/etc/ssl/ca.pem": text_file("/etc/ssl/ca.pem", CERTIFICATE)},
    )
    limited = check(
        lambda one, _: failed("the driver", one) if one.purpose == "database" else not_applicable("rpc"),
        scope=Scope.TRANSPORT,
        is_per_library=True,
    )

    assert [one.object for one in run(limited, found, release="2024.1").findings] == ["PyMySQL"]


def test_a_client_fails_by_the_library_that_it_goes_through() -> None:
    slow = check(
        lambda one, _: failed("slow") if one.section == "placement" else not_applicable("another client"),
        scope=Scope.CLIENT,
        is_per_library=True,
    )
    found = evidence(
        "[placement]\ntimeout = 3\n",
        packages={"nova": "31.0.0", "keystoneauth1": "5.10.0", "openstacksdk": "4.4.0"},
    )
    (finding,) = run(slow, found).findings

    assert (finding.service, finding.message) == (None, "slow (concerns nova-conductor: placement)")
    assert finding.object in ("openstacksdk 4.4.0", "keystoneauth1 5.10.0")


def test_an_underlay_that_encrypts_lowers_a_weak_transport() -> None:
    weak = check(
        lambda one, _: failed(f"{one.posture}"),
        scope=Scope.TRANSPORT,
        severity=Severity.CRITICAL,
        is_of_path=True,
    )
    declared = Site(underlays=(Underlay(ip_network("10.0.0.0/8"), "net", date(2027, 1, 1)),))

    def severity(address: str) -> Severity:
        found = evidence(PLAIN.replace("mq.example", address))
        return evaluate(found, [weak], declared, "2025.1").findings[0].severity

    assert severity("10.1.2.3") is Severity.LOW
    assert severity("192.0.2.1") is Severity.CRITICAL
