"""The heart: every check, by its own examples, through the real probe, resolver and engine."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from auditor.check import Case, Check, Example, Scope, bad, good
from auditor.checks import CATALOGUE
from auditor.evaluate import HostResult, evaluate
from auditor.evidence import Evidence
from auditor.model import File, Missing, Status
from auditor.pipeline import ASKED, FURTHER
from auditor.probe.tokens import PATTERN
from auditor.profiles import PROFILES, aliases, load
from auditor.releases import RELEASES, Groups
from auditor.releases import load as load_release
from auditor.site import Site
from tests.trees import example

FOLDER = Path(__file__).parents[1] / "checks"
SHIPPED = {check.id for check in CATALOGUE}


#: The evidence of an example, the same value for all tests of it.
Built = Callable[[Case], Evidence]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Builds the evidence of an example of the catalogue, once."""
    known: dict[int, Evidence] = {}

    def build(case: Case) -> Evidence:
        # Every example lives as long as the catalogue, and no two share an identity.
        if id(case) not in known:
            known[id(case)] = example(tmp_path_factory.mktemp("example"), case)
        return known[id(case)]

    return build


def cases(*kinds: Example) -> list[Any]:
    return [
        pytest.param(check, case, id=f"{check.id}-{case.expected.name.lower()}-{number}")
        for check in CATALOGUE
        for number, case in enumerate(check.examples, 1)
        if case.expected in (kinds or tuple(Example))
    ]


def status(check: Check, evidence: Evidence, case: Case) -> str:
    return judged(check, evidence, case).cells[check.id].status


def judged(check: Check, evidence: Evidence, case: Case) -> HostResult:
    return evaluate(evidence, [check], Site(), case.release, full=True)


@pytest.mark.parametrize(("check", "case"), cases())
def test_an_example_comes_to_what_it_says(built: Built, check: Check, case: Case) -> None:
    result = judged(check, built(case), case)

    assert [host.name for host in result.host.services] != []
    assert result.cells[check.id].status == case.expected, result.cells[check.id].reason


@pytest.mark.parametrize(("check", "case"), cases(Example.BAD))
def test_a_failure_shows_what_was_judged_and_what_mends_it(built: Built, check: Check, case: Case) -> None:
    failures = [one for one in judged(check, built(case), case).findings if one.status is Status.FAIL]

    assert failures
    assert all(finding.evidence and finding.message and finding.remediation for finding in failures)


@pytest.mark.parametrize(("check", "case"), cases(Example.BAD))
def test_an_example_with_its_status_flipped_is_noticed(built: Built, check: Check, case: Case) -> None:
    flipped = replace(case, expected=Example.GOOD)

    assert status(check, built(case), flipped) != flipped.expected


@pytest.mark.parametrize(("check", "case"), cases(Example.BAD, Example.GOOD))
def test_what_could_not_be_read_is_never_a_pass(built: Built, check: Check, case: Case) -> None:
    evidence = built(case)
    denied = {path: Missing(path, "denied", "permission denied") for path in evidence.files}

    assert status(check, replace(evidence, files=denied), case) in (Status.ERROR, Status.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("check", "case"),
    [
        one
        for one in cases(Example.BAD, Example.GOOD)
        if one.values[0].needs & {"processes", "wire", "servers"}
    ],
)
def test_what_was_not_asked_for_or_not_seen_is_never_a_pass(built: Built, check: Check, case: Case) -> None:
    evidence = built(case)
    hidden = Missing("/proc", "denied", "hidden")
    unseen = replace(
        evidence,
        services=tuple(replace(record, seen=hidden) for record in evidence.services),
        listeners=hidden,
        handshakes=(),
        unasked=("it ended",),
    )

    assert status(check, replace(evidence, asked=frozenset()), case) == Status.ERROR
    if "servers" not in check.needs:
        assert status(check, unseen, case) in (Status.ERROR, Status.NOT_APPLICABLE, Status.UNKNOWN)


@pytest.mark.parametrize(("check", "case"), cases())
def test_an_example_leaves_no_secret_of_its_own_in_a_finding(built: Built, check: Check, case: Case) -> None:
    evidence = built(case)
    written = " ".join(file.text or "" for file in evidence.files.values() if isinstance(file, File))
    result = judged(check, evidence, case)

    assert "yFw7hPq2kZ4tLm9s" not in written
    assert "yFw7hPq2kZ4tLm9s" not in repr(result)
    assert "yFw7hPq2kZ4tLm9s" not in case.nova_conf or PATTERN.search(written)


_PLACEMENT = "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"


@pytest.mark.parametrize(
    ("check", "conf"),
    [
        ("database-sqlite", "[database]\nconnection = sqlite:////srv/no va.sqlite\n"),
        ("clients-ca-missing", f"{_PLACEMENT}cafile = /srv/my ca.pem\n"),
        ("messaging-guest-login", "[DEFAULT]\ntransport_url = rabbit://guest:a/b@mq.example/\n"),
        ("messaging-heartbeat-disabled", "[DEFAULT]\ntransport_url = rabbit://nova:a/b@mq.example/\n"),
        ("messaging-handshake-unbounded", "[DEFAULT]\ntransport_url = rabbit://nova:a/b@mq.example/\n"),
    ],
)
def test_what_was_withheld_is_neither_passed_nor_set_aside(tmp_path: Path, check: str, conf: str) -> None:
    (found,) = [one for one in CATALOGUE if one.id == check]
    case = bad(conf)

    assert status(found, example(tmp_path, case), case) == Status.UNKNOWN


@pytest.mark.parametrize(
    ("check", "conf", "lines"),
    [
        (
            "placement-retries-excessive",
            f"{_PLACEMENT}status_code_retries = 60\n",
            "`[placement] status_code_retries = 3`",
        ),
        (
            "placement-retries-excessive",
            f"{_PLACEMENT}connect_retries = 60\n",
            "`[placement] connect_retries = 3`",
        ),
    ],
)
def test_a_remedy_names_only_what_is_wrong(tmp_path: Path, check: str, conf: str, lines: str) -> None:
    (found,) = [one for one in CATALOGUE if one.id == check]
    case = bad(conf, release="2026.2")
    findings = judged(found, example(tmp_path, case), case).findings

    assert [one.remediation for one in findings if one.status is Status.FAIL] == [f"Write {lines}."]


def test_the_remedy_of_a_client_of_kafka_names_no_option_of_rabbit(tmp_path: Path) -> None:
    (check,) = [one for one in CATALOGUE if one.id == "messaging-name-unchecked-by-library"]
    (case,) = [one for one in check.examples if "kafka://" in one.nova_conf]
    (found,) = [
        one for one in judged(check, example(tmp_path, case), case).findings if one.status is Status.FAIL
    ]

    assert found.remediation == "Install confluent-kafka 2.0.2 or newer."


@pytest.mark.parametrize("release", RELEASES)
def test_the_timeout_that_is_recommended_satisfies_every_check_of_placement(
    tmp_path: Path, release: str
) -> None:
    case = good(f"{_PLACEMENT}timeout = 5\n", release=release)
    evidence = example(tmp_path, case)
    checks = [one for one in CATALOGUE if one.id.startswith("placement-")]

    assert [one.id for one in checks if status(one, evidence, case) == Status.FAIL] == []


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.id)
def test_a_check_is_whole(check: Check) -> None:
    first_line = check.doc.strip().splitlines()[0]
    kinds = {case.expected for case in check.examples}

    assert {Example.BAD, Example.GOOD} <= kinds
    assert first_line.endswith(".")
    assert "\n\n" in check.doc.strip()
    assert check.title
    assert not check.title.endswith(".")
    assert check.remediation
    assert check.scope is not Scope.FLEET
    assert check.needs <= ASKED | FURTHER
    assert all(case.release in RELEASES for case in check.examples)


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.id)
def test_every_option_that_a_check_names_exists_in_some_release(check: Check) -> None:
    unknown = [option for option in check.options if not any(knows(name, option) for name in RELEASES)]

    assert unknown == []


def knows(release: str, option: str) -> bool:
    group, _, name = option.partition(".")
    projects: list[Groups] = list(load_release(release).projects.values())
    return any(group in options and name in options[group] for options in projects)


def test_the_catalogue_lists_every_file_once_sorted_by_id() -> None:
    files = [path for path in FOLDER.glob("*/*.py") if path.name != "__init__.py"]
    on_disk = {f"{path.parent.name}-{path.stem}".replace("_", "-") for path in files}
    ids = [check.id for check in CATALOGUE]

    assert set(ids) == on_disk
    assert all(before < after for before, after in pairwise(ids))


def test_an_older_name_leads_to_a_check_and_is_not_used_again() -> None:
    assert set(aliases().values()) <= SHIPPED
    assert not set(aliases()) & SHIPPED


def test_every_check_stands_in_exactly_one_profile_of_its_own() -> None:
    strict = load("strict", CATALOGUE)
    listed = [load(name, CATALOGUE).checks for name in PROFILES]

    assert set(strict.checks) == SHIPPED
    assert [len(checks) for checks in listed] == sorted(len(set(checks)) for checks in listed)
