"""The example fleet through the command line, against the list that reviewers agreed on.

``golden/<host>.toml`` says what an operator and a reviewer of Nova expect of each host, finding by finding, with the
reason; `inventories/example/README.md` tells the story behind it. A host has one run without ``--release``, as ``make
audit`` makes it, and another with the release it is of, where its libraries are not on its disk.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.checks import CATALOGUE
from auditor.cli import main

FLEET = Path(__file__).parents[2] / "inventories" / "example"
GOLDEN = Path(__file__).parent / "golden"
HOSTS = tuple(sorted(path.stem for path in GOLDEN.glob("*.toml")))

#: A finding as the list has it: check, service, object, status, severity; "-" where there is none.
Line = tuple[str, str, str, str, str]


@cache
def golden(host: str) -> Mapping[str, Any]:
    """The reviewed runs of a host by release; "" is the run without one."""
    runs = tomllib.loads((GOLDEN / f"{host}.toml").read_text())["run"]
    return {run.get("release", ""): run for run in runs}


RUNS = tuple((host, release) for host in HOSTS for release in golden(host))


@cache
def report(release: str) -> Mapping[str, Any]:
    """One run of the command line over every host that has a run with that release."""
    roots = [word for host, its in RUNS if its == release for word in ("--root", str(FLEET / host))]
    words = ["audit", *roots, "--profile", "strict", "-f", "json", "--exit-zero"]
    environment = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
    result = CliRunner(env=environment).invoke(main, [*words, *(["--release", release] if release else [])])

    assert result.exit_code == 0, result.output
    read: Mapping[str, Any] = json.loads(result.stdout)
    return read


def services(host: str, release: str) -> Mapping[str, Mapping[str, Any]]:
    """What the report says of each service of a host."""
    (found,) = (entry for entry in report(release)["hosts"] if entry["name"] == host)
    return {service["id"]: service for service in found["services"]}


def found(host: str, release: str) -> dict[Line, str]:
    """The findings of a host, and their messages."""
    return {
        (
            finding["check"],
            finding["service"] or "-",
            finding["object"] or "-",
            finding["status"],
            finding["severity"],
        ): finding["message"]
        for finding in report(release)["findings"]
        if finding["host"] == host
    }


def expected(host: str, release: str) -> dict[Line, str]:
    """The findings that reviewers expect of a host, and why."""
    return {
        (check, service if service != "host" else "-", thing, entry["status"], entry["severity"]): entry[
            "why"
        ]
        for entry in golden(host)[release].get("finding", ())
        for check in entry.get("checks", [entry.get("check")])
        for service, things in entry["on"].items()
        for thing in things or ("-",)
    }


def differences(host: str, release: str) -> Iterator[str]:
    """What differs between the two, in words."""
    ours, theirs = found(host, release), expected(host, release)
    for line in sorted(set(ours) - set(theirs)):
        yield f"not on the list: {' '.join(line)}: {ours[line]}"
    for line in sorted(set(theirs) - set(ours)):
        yield f"missing: {' '.join(line)}: {theirs[line]}"


@pytest.mark.parametrize(("host", "release"), RUNS)
def test_the_findings_are_those_that_reviewers_agreed_on(host: str, release: str) -> None:
    listed = list(differences(host, release))

    assert listed == [], "\n" + "\n".join(listed)


@pytest.mark.parametrize(("host", "release"), RUNS)
def test_every_connection_has_the_posture_of_the_table(host: str, release: str) -> None:
    postures = {
        name: {
            transport["purpose"]: transport["posture"]
            + (f" ({transport['when_encrypted']})" if transport["when_encrypted"] else "")
            for transport in service["transports"]
        }
        for name, service in services(host, release).items()
    }

    assert postures == golden(host)[release]["postures"]


@pytest.mark.parametrize(("host", "release"), RUNS)
def test_calls_to_placement_are_bounded_as_in_the_table(host: str, release: str) -> None:
    bounds = {}
    for name, service in services(host, release).items():
        for client in service["clients"]:
            if client["section"] == "placement":
                worst, attempts = client["request_worst_case"], client["attempts"].get("no_answer")
                seconds = "" if worst["seconds"] is None else f" {worst['seconds']:g} s"
                bounds[name] = f"{worst['bound']}{seconds}, {attempts or 'unknown'} attempts"

    assert bounds == golden(host)[release].get("placement", {})


@pytest.mark.parametrize(("host", "release"), RUNS)
def test_the_root_logger_has_the_level_of_the_table(host: str, release: str) -> None:
    levels = {
        name: (service["logging"] or {"levels": {}})["levels"].get("root", "unknown")
        for name, service in services(host, release).items()
    }

    assert levels == golden(host)[release]["root_logger"]


@pytest.mark.parametrize(("host", "release"), RUNS)
def test_what_reviewers_expect_to_pass_passes(host: str, release: str) -> None:
    passed = report(release)["passed"]
    missing = [
        f"{check} on {thing}"
        for check, things in golden(host)[release].get("passes", {}).items()
        for thing in things
        if thing not in passed.get(check, {}).get(host, ())
    ]

    assert missing == []


@pytest.mark.parametrize(("host", "release"), RUNS)
def test_a_failure_shows_what_was_judged_and_says_in_a_sentence_what_mends_it(
    host: str, release: str
) -> None:
    bare = [
        (finding["check"], finding["service"])
        for finding in report(release)["findings"]
        if finding["host"] == host and finding["status"] == "fail"
        if not finding["evidence"] or not finding["remediation"].endswith(".")
    ]

    assert bare == []


def test_every_host_of_the_example_is_reviewed() -> None:
    folders = sorted(path.name for path in FLEET.iterdir() if path.is_dir())

    assert list(HOSTS) == folders
    assert all("" in golden(host) for host in HOSTS)


def test_every_reviewed_check_is_in_the_catalogue() -> None:
    reviewed = {line[0] for host, release in RUNS for line in expected(host, release)}

    assert reviewed <= {check.id for check in CATALOGUE}


def test_every_reviewed_finding_has_a_reason() -> None:
    assert all(why.endswith(".") for host, release in RUNS for why in expected(host, release).values())
