"""Every format: whole, harmless, and the same for the same report."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from auditor.checks import CATALOGUE as SHIPPED
from auditor.encoding import decode
from auditor.formats import FORMATS, Page, load, visible
from auditor.model import Coverage, Judged, Kind, Origin, OriginKind, Severity, Status
from auditor.report import Disposition, HostEntry, Report, Selection, SourceFile, Totals, WaiverNote
from tests.build import CONF, check, finding, report

FOLDER = Path(__file__).parents[2] / "auditor" / "formats"
GOLDEN = Path(__file__).parent / "golden"
CATALOGUE = (
    check(
        id_="messaging-plaintext",
        title="RPC in plain text",
        doc="A.\n\nWhoever can listen reads ``all`` of it. There is more to tell.",
    ),
)

HOSTILE = "\x1b[31mred\x00\u202e[bold]x[/bold] <script>&\"'\ud800 \x9b2J\r\nnew"


def rendered(name: str, one: Report | None = None, page: Page | None = None) -> str:
    return load(name)(one or report(), CATALOGUE, page or Page())


def hostile() -> Report:
    bad = finding(
        host=HOSTILE,
        service=HOSTILE,
        object=HOSTILE,
        message=HOSTILE,
        remediation=HOSTILE,
        evidence=(Judged(HOSTILE, HOSTILE, Origin(OriginKind.FILE, HOSTILE, 3)),),
    )
    return report(
        hosts=(HostEntry(HOSTILE, Kind.TREE, Coverage.AUDITED, HOSTILE, "2025.1"),),
        findings=(bad, finding(host=HOSTILE, status=Status.UNKNOWN, message=HOSTILE, disposition=None)),
        passed={},
        not_applicable={},
    )


def test_every_format_has_a_file_and_every_file_a_format() -> None:
    parts = {"__init__", "lines"}
    files = {path.stem for path in FOLDER.glob("*.py")} - parts

    assert set(FORMATS) == files


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_ends_with_one_line_break_and_is_the_same_twice(name: str) -> None:
    text = rendered(name)

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert text == rendered(name)


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_host_sends_never_reaches_the_terminal_as_a_command(name: str) -> None:
    text = rendered(name, hostile(), Page(120))
    commands = {character for character in text if not character.isprintable()} - {"\n"}

    assert commands == set()


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_as_its_golden_file(name: str) -> None:
    golden = GOLDEN / f"report.{name}"

    assert rendered(name) == golden.read_text()


def test_the_json_is_what_the_contract_encodes() -> None:
    content = json.loads(rendered("json"))

    assert decode(content) == report()


def test_the_json_of_hostile_text_is_ascii_and_the_text_comes_back() -> None:
    text = rendered("json", hostile())

    assert text.isascii()
    assert json.loads(text)["findings"][0]["message"] == HOSTILE


def test_a_host_and_a_finding_stand_on_a_line_of_their_own() -> None:
    lines = [line.strip().rstrip(",") for line in rendered("json").splitlines()]
    names = [json.loads(line)["name"] for line in lines if line.startswith('{"name"')]

    assert names == ["cmp01", "cmp02"]
    assert sum(line.startswith('{"check"') for line in lines) == 3


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own output


def cases(text: str) -> dict[str, list[tuple[str, str | None]]]:
    """Per suite: the name of each case and what it came to."""
    return {
        str(suite.get("name")): [
            (str(case.get("classname")), case[0].tag if len(case) else None)
            for case in suite.iter("testcase")
        ]
        for suite in parsed(text).iter("testsuite")
    }


def test_junit_has_a_suite_per_host_and_a_lost_host_has_every_expected_case_as_an_error() -> None:
    found = cases(rendered("junit"))

    assert found["cmp02"] == [
        ("database-plaintext", "error"),
        ("logging-debug", "error"),
        ("messaging-plaintext", "error"),
    ]
    assert sorted(found["cmp01"], key=str) == sorted(
        [
            ("database-plaintext", "skipped"),
            ("database-plaintext", "error"),
            ("logging-debug", "skipped"),
            ("messaging-plaintext", None),
            ("messaging-plaintext", "failure"),
        ],
        key=str,
    )


def test_the_counts_of_junit_are_those_of_its_cases() -> None:
    root = parsed(rendered("junit"))

    for element in (root, *root.iter("testsuite")):
        for name, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            assert int(element.get(name, "-1")) == sum(1 for _ in element.iter(tag))


def test_junit_of_hostile_text_is_well_formed_and_without_what_xml_forbids() -> None:
    root = parsed(rendered("junit", hostile()))
    (failure,) = root.iter("failure")

    assert "<script>" in str(failure.get("message"))
    assert "\x1b" not in ElementTree.tostring(root, "unicode")


def test_the_text_fits_80_columns_and_shows_no_colour_unless_asked() -> None:
    text = rendered("text", page=Page(80))
    coloured = rendered("text", page=Page(80, colour=True))

    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b[" in coloured
    assert "\x1b[" not in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_text_fits_its_page_whatever_a_host_sends(width: int) -> None:
    long = "x" * 300
    one = report(
        hosts=(HostEntry(long, Kind.TREE, Coverage.AUDITED, long, "2025.1"),),
        findings=(finding(host=long, message=long, object=long),),
    )

    assert max(len(line) for line in rendered("text", one, Page(width)).splitlines()) <= width


def test_a_path_is_never_broken() -> None:
    path = "/var/snap/" + "x" * 90 + "/nova.conf"
    line = Judged("[DEFAULT] debug", "true", Origin(OriginKind.FILE, path, 3))

    assert f"({path}:3)" in rendered("text", report(findings=(finding(evidence=(line,)),)), Page(60))


def test_services_with_the_same_objects_stand_together() -> None:
    findings = tuple(
        finding(service=service, object=object_)
        for service in ("nova-api", "nova-conductor")
        for object_ in ("api_database", "database")
    )
    text = " ".join(rendered("text", report(findings=findings)).split())

    assert "on cmp01 (nova-api, nova-conductor: api_database, database)" in text


def test_what_cannot_be_decided_for_one_reason_stands_by_check_with_its_title() -> None:
    findings = tuple(
        finding(check=check, status=Status.UNKNOWN, message=message, disposition=None)
        for check, message in (("messaging-plaintext", "a"), ("messaging-plaintext", "b"), ("other", "a"))
    )
    text = " ".join(rendered("text", report(findings=findings)).split())

    assert "- messaging-plaintext RPC in plain text a on cmp01 (nova-compute: rpc) b on cmp01" in text
    assert "- other a on cmp01" in text


def test_a_host_that_was_audited_needs_no_word_of_coverage() -> None:
    told = HostEntry("cmp01", Kind.TREE, Coverage.AUDITED, "/etc/nova/x was left out: a loop of links")

    assert "left out" not in rendered("text", report(hosts=(told,), findings=()))


def test_the_last_line_of_the_text_is_the_reason_for_the_exit_code() -> None:
    assert rendered("text").splitlines()[-1] == "exit 1: 1 open failure at or above high on 1 of 2 hosts"


def test_the_text_shows_setting_place_reason_and_remedy_and_no_token() -> None:
    text = " ".join(rendered("text").split())

    assert "CRITICAL messaging-plaintext RPC in plain text" in text
    assert "Whoever can listen reads `all` of it. - the rpc" in text
    assert text.count("nova-auditor explain CHECK tells why") == 1
    assert f"[DEFAULT] transport_url = rabbit://nova:***@mq:5672/ ({CONF}:2)" in text
    assert "> [oslo_messaging_rabbit] ssl = true" in text
    assert "REDACTED" not in text


def test_the_same_finding_on_many_hosts_stands_there_once() -> None:
    hosts = [f"cmp{number:02}" for number in range(30)]
    one = report(
        hosts=tuple(HostEntry(host, Kind.TREE, Coverage.AUDITED) for host in hosts),
        findings=tuple(finding(host=host) for host in hosts),
    )
    text = rendered("text", one)

    assert text.count("the rpc connection to mq:5672 is plain text") == 1
    assert "and 26 more hosts" in text


def test_a_waived_failure_is_shown_as_such_and_an_expired_waiver_says_so() -> None:
    note = WaiverNote("lab", "jane", "2026-01-31")
    expired = finding(disposition=Disposition.WAIVER_EXPIRED, waiver=note)
    text = " ".join(rendered("text").split())

    assert "Accepted failures - logging-debug (medium), until 2027-01-31 by jane (lab): cmp01" in text
    assert "its waiver lab (jane) expired on 2026-01-31" in rendered("text", report(findings=(expired,)))
    assert "Waivers unused: old." in text


def test_a_run_that_audited_nothing_does_not_say_that_nothing_failed() -> None:
    lost = report(coverage=Totals(1, 0, 3, 3), hosts=report().hosts[1:], findings=())

    assert "Nothing was judged." in rendered("text", lost)
    assert "No open failure." not in rendered("text", lost)
    assert "No open failure." in rendered("text", report(findings=()))


def test_what_is_unknown_names_the_checks_and_the_lost_host_its_reason() -> None:
    text = " ".join(rendered("text").split())

    assert (
        "Could not be decided - database-plaintext it depends on the release: give --release on cmp01" in text
    )
    assert "- cmp02: timeout, no answer within 25 seconds" in text


def test_checks_that_were_not_asked_are_named() -> None:
    selection = Selection("own", ("a",), ("area-wired",), SourceFile("x", "0" * 64))

    assert "Not asked, for want of evidence: area-wired." in rendered("text", report(selection=selection))


def test_checks_that_an_option_would_ask_for_are_counted_by_it() -> None:
    wanted = tuple(one.id for one in SHIPPED if one.needs & {"wire", "servers"})
    selection = Selection("own", ("a",), wanted, SourceFile("x", "0" * 64))
    text = load("text")(report(selection=selection), SHIPPED, Page())
    wire = sum("wire" in one.needs for one in SHIPPED)

    assert f"{wire} checks by --live, {len(wanted) - wire} checks by --servers." in " ".join(text.split())
    assert not any(name in text for name in wanted)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("grün 東京", "grün 東京"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\u202eabc", "\\u202eabc"),
        ("\ud800", "\\ud800"),
        ("\u2028", "\\u2028"),
        ("", ""),
    ],
)
def test_control_characters_are_shown_and_letters_of_every_script_stay(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_every_severity_has_its_place() -> None:
    findings: Any = tuple(finding(severity=severity, check=f"area-{severity}") for severity in Severity)
    lines = [
        line.split()[0]
        for line in rendered("text", report(findings=findings)).splitlines()
        if "  area-" in line
    ]

    assert lines == ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"]
