"""``nova-auditor audit``: what is asked, what is written where, and the exit code."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import PASSWORD, PLAIN
from tests.trees import CERTIFICATE, grow, unit

Run = Callable[..., Result]

ONE = ("--check", "messaging-plaintext")
ENVIRONMENT = {**os.environ, "HOME": "/nonexistent"}


def test_an_open_failure_is_exit_1_and_the_last_line_says_why(run: Run, root: Path) -> None:
    result = run("audit", "--root", root, "--release", "2025.1", *ONE)

    assert result.exit_code == 1, result.stderr
    assert "CRITICAL  messaging-plaintext" in result.stdout
    assert "(/etc/nova/nova.conf:2)" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("exit 1: 1 open failure at or above high on 1 of 1 host")
    assert PASSWORD not in result.output


def test_a_sound_host_is_exit_0(run: Run, tmp_path: Path) -> None:
    tls = "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"
    files = {**unit("nova-compute"), "/etc/nova/nova.conf": PLAIN + tls, "/etc/nova/ca.pem": CERTIFICATE}
    result = run("audit", "--root", grow(tmp_path / "good", files), "--release", "2026.2", *ONE)

    assert (result.exit_code, result.stdout.splitlines()[-1]) == (
        0,
        "exit 0: complete, no open failure at or above high",
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--fail-on", "critical"), 1),
        (("--fail-on", "none"), 0),
        (("--exit-zero",), 0),
        (("--check", "release-config-unparsable", "--check", "messaging-plaintext"), 1),
    ],
)
def test_the_gate_decides_the_code(run: Run, root: Path, words: tuple[str, ...], code: int) -> None:
    assert run("audit", "--root", root, "--release", "2025.1", *ONE, *words).exit_code == code


def test_what_could_not_be_decided_is_exit_3_unless_tolerated(run: Run, tmp_path: Path) -> None:
    withheld = "[DEFAULT]\ntransport_url = rabbit://nova:pa/ss@mq.example:5672/\n"
    root = grow(tmp_path / "host", {**unit("nova-compute"), "/etc/nova/nova.conf": withheld})
    words = ("audit", "--root", root, "--release", "2025.1", *ONE)

    assert run(*words).exit_code == 3
    assert (
        run(*words, "--check", "release-config-unparsable", "--tolerate", "unknown=1,error=1").exit_code == 0
    )


def test_a_tree_without_nova_is_exit_4(run: Run, tmp_path: Path) -> None:
    root = grow(tmp_path / "empty", {"/etc/hostname": "empty\n"})
    result = run("audit", "--root", root)

    assert result.exit_code == 4
    assert "no Nova or placement service was found" in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--check", "messaging-plaintxt"), "did you mean messaging-plaintext"),
        (("--release", "2025.3"), "unknown release '2025.3'"),
        (("--profile", "stict"), "did you mean strict"),
        (("--profile", "/absent.toml"), "/absent.toml: No such file"),
        (("--site", "/absent.toml"), "/absent.toml: No such file"),
        (("--waivers", "/absent.yaml"), "/absent.yaml: No such file"),
        (("--tolerate", "lost=1"), "--tolerate: 'lost=1' is not WORD=NUMBER"),
        (("-f", "sarif"), "unknown format 'sarif'; known are text, json, junit"),
        (("-f", "json="), "the file is missing"),
        (("-f", "text", "-f", "json"), "two formats for one place"),
        (("-o", "/absent/report.txt"), "there is no folder /absent"),
        (("-f", "json=/tmp"), "it is a folder"),
        (("-f", "json=/tmp/r.json", "-o", "/tmp/r.txt"), "every format has a file of its own"),
        (("--root", "/absent"), "there is no such folder"),
        (("--root", "/etc/hostname"), "it is not a folder"),
        (("--root", "a=/tmp", "--root", "a=/usr"), "the name 'a' is taken by /tmp"),
        (("--salt-file", "/absent"), "/absent: the salt cannot be read"),
        (
            ("--evidence", "/tmp", "--root", "/tmp"),
            "--root and --evidence are two ways to look",
        ),
        (("--evidence", "/absent"), "/absent: there is no such file"),
        (("--fail-on", "severe"), "'severe' is not one of"),
    ],
)
def test_what_the_operator_can_mend_is_exit_2_with_a_line_that_says_how(
    run: Run, words: tuple[str, ...], said: str
) -> None:
    result = run("audit", *words)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in " ".join(result.stderr.split())


def test_trouble_is_one_line_on_standard_error(run: Run) -> None:
    assert len(run("audit", "--release", "2025.3").stderr.splitlines()) == 1


def test_several_formats_go_to_files_of_their_own_that_only_the_owner_reads(
    run: Run, root: Path, tmp_path: Path
) -> None:
    places = [tmp_path / "report.json", tmp_path / "report.xml"]
    result = run(
        "audit",
        "--root",
        root,
        "--release",
        "zed",
        *ONE,
        "-f",
        "text",
        "-f",
        f"json={places[0]}",
        "-f",
        f"junit={places[1]}",
    )

    assert result.exit_code == 1
    assert json.loads(places[0].read_text())["exit"]["code"] == 1
    assert places[1].read_text().startswith("<?xml")
    assert "messaging-plaintext" in result.stdout
    assert [stat.S_IMODE(place.stat().st_mode) for place in places] == [0o600, 0o600]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cmp01", "report.json", "report.xml"]


def test_a_report_replaces_an_older_one(run: Run, root: Path, tmp_path: Path) -> None:
    place = tmp_path / "report.json"
    place.write_text("old")
    place.chmod(0o644)
    run("audit", "--root", root, "--release", "zed", *ONE, "-f", "json", "-o", place)

    assert json.loads(place.read_text())["schema"] == "nova-auditor/report/1"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_trees_are_named_by_their_folders_or_as_told(run: Run, root: Path) -> None:
    result = run("audit", "--root", root, "--root", f"other={root}", "--release", "zed", *ONE, "-f", "json")
    report = json.loads(result.stdout)

    assert [host["name"] for host in report["hosts"]] == ["cmp01", "other"]
    assert report["coverage"]["hosts_audited"] == 2


def test_one_service_can_be_named_by_its_files_inside_the_root(run: Run, tmp_path: Path) -> None:
    root = grow(tmp_path / "host", {"/srv/nova.conf": "[DEFAULT]\ndebug = true\n", "/srv/d/1.conf": PLAIN})
    result = run(
        "audit", "--root", root, "--config-file", "/srv/nova.conf", "--config-dir", "/srv/d",
        "--service", "nova-compute", "--release", "zed", *ONE, "-f", "json",
    )  # fmt: skip
    (service,) = json.loads(result.stdout)["hosts"][0]["services"]

    assert (service["name"], service["role"]) == ("nova-compute", "compute")
    assert service["transports"][0]["origin"]["path"] == "/srv/d/1.conf"


def test_collected_evidence_comes_to_the_same_verdicts(run: Run, root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    assert run("collect", "--root", root, "-o", bundle).exit_code == 0
    words = ("--release", "2025.1", "--profile", "strict", "-f", "json")
    live, replayed = (
        json.loads(run("audit", *source, *words).stdout)
        for source in (("--root", root), ("--evidence", bundle))
    )

    assert replayed["exit"] == live["exit"]
    assert [(one["fingerprint"], one["status"], one["message"]) for one in replayed["findings"]] == [
        (one["fingerprint"], one["status"], one["message"]) for one in live["findings"]
    ]
    assert replayed["passed"] == live["passed"]


def test_two_documents_of_one_host_are_refused(run: Run, root: Path, tmp_path: Path) -> None:
    run("collect", "--root", root, "-o", tmp_path / "one")
    run("collect", "--root", root, "-o", tmp_path / "two")
    result = run("audit", "--evidence", tmp_path / "one", "--evidence", tmp_path / "two")

    assert result.exit_code == 2
    assert "a second document of cmp01" in result.stderr


def test_a_waiver_lets_a_failure_pass_and_shows_it(run: Run, root: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    year = time.gmtime().tm_year
    waivers.write_text(
        "schema: 1\nwaivers:\n"
        "  - {id: lab, check: messaging-plaintext, hosts: [cmp*], reason: r, owner: jane, expires: "
        f"{year}-12-31}}\n"
    )
    result = run("audit", "--root", root, "--release", "2025.1", *ONE, "--waivers", waivers)

    assert result.exit_code == 0, result.output
    assert "Accepted failures" in result.stdout


def test_the_sites_file_is_found_named_and_recorded(run: Run, root: Path, tmp_path: Path) -> None:
    site = tmp_path / "nova-auditor.toml"
    site.write_text("[thresholds]\nplacement_call_seconds = 5\n")
    result = run("audit", "--root", root, "--release", "2025.1", *ONE, "--site", site, "-f", "json")

    assert json.loads(result.stdout)["selection"]["site"]["name"] == str(site)


def test_full_lists_what_passed_with_its_evidence(run: Run, root: Path) -> None:
    words = (
        "audit",
        "--root",
        root,
        "--release",
        "2025.1",
        "--check",
        "release-config-unparsable",
        "-f",
        "json",
    )

    assert [one["status"] for one in json.loads(run(*words, "--full").stdout)["findings"]] == ["pass"]
    assert json.loads(run(*words).stdout)["findings"] == []


def test_verbose_tells_on_standard_error_and_never_a_secret(run: Run, root: Path) -> None:
    quiet = run("audit", "--root", root, "--release", "2025.1", *ONE)
    loud = run("audit", "--root", root, "--release", "2025.1", *ONE, "-vvv")

    assert quiet.stderr == ""
    assert "cmp01 audited (1 of 1)" in loud.stderr
    assert PASSWORD not in loud.output
    assert loud.stdout == quiet.stdout


def test_this_host_is_audited_without_options() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "auditor.cli", "audit", "-f", "json", "--timeout", "30"],
        capture_output=True,
        env=ENVIRONMENT,
        check=False,
    )
    report = json.loads(done.stdout)

    assert [host["kind"] for host in report["hosts"]] == ["live"]
    assert done.returncode == report["exit"]["code"]


def test_who_stops_reading_early_changes_neither_code_nor_standard_error(root: Path) -> None:
    words = [sys.executable, "-m", "auditor.cli", "audit", "--root", str(root), "--release", "2025.1", *ONE]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()

    assert (process.returncode, errors) == (1, b"")


def test_an_interruption_writes_what_there_is_and_is_130(tmp_path: Path) -> None:
    roots = []
    for number in range(60):
        root = grow(tmp_path / f"host{number:02}", {**unit("nova-compute"), "/etc/nova/nova.conf": PLAIN})
        roots += ["--root", str(root)]
    place = tmp_path / "report.json"
    words = [sys.executable, "-m", "auditor.cli", "audit", *roots, "-v", "-f", f"json={place}"]
    with subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
        # A shell starts what runs in the background with the signal ignored.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    report = json.loads(place.read_text())

    assert "host00 audited (1 of 60)" in first
    assert (process.returncode, report["exit"]["code"], report["complete"]) == (130, 130, False)
    assert report["coverage"]["hosts_expected"] == 60
    assert {host["coverage"] for host in report["hosts"]} == {"audited", "not_attempted"}
