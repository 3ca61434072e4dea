"""The pytest plugin in sessions of pytest."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.checks import CATALOGUE
from auditor.pytest_plugin import AREAS
from tests.pytest_plugin.sessions import CANARY, fleet, run, without_testinfra

SUITE = ("--pyargs", "auditor.suite")


@pytest.fixture
def hosts(tmp_path: Path) -> str:
    return f"--hosts=ansible://all?ansible_inventory={fleet(tmp_path)}"


def test_every_host_service_and_check_is_a_test(tmp_path: Path, hosts: str) -> None:
    session = run(tmp_path, *SUITE, hosts, "--audit-profile=essential", "-vvv", "--showlocals")
    failed = [line.split(" - ")[0] for line in session.text.splitlines() if line.startswith("FAILED")]

    assert session.code == 1
    assert failed == ["FAILED ::test_check[careless/nova-compute/messaging-plaintext]"]
    assert "PASSED ::test_check[careful/nova-compute/messaging-plaintext]" in session.text
    assert "PASSED ::test_host_audited[careful]" in session.text
    assert "PASSED ::test_audit_ran[run]" in session.text
    for part in (
        "fail of rpc (critical): the rpc connection to mq.example:5672 is plain text",
        "[DEFAULT] transport_url = rabbit://nova:***@mq.example:5672/  (/etc/nova/nova.conf:2)",
        "remedy: ",
    ):
        assert part in session.text
        assert part in session.junit.replace("&#10;", "\n")
    assert CANARY not in session.text + session.junit
    assert "REDACTED" not in session.text + session.junit


def test_a_file_of_one_line_does_the_same_and_markers_choose(tmp_path: Path) -> None:
    """The hosts are those of the module, as for testinfra, and the one failure is waived."""
    path = fleet(tmp_path)
    (tmp_path / "test_nova.py").write_text(
        f"from auditor.suite import *\ntestinfra_hosts = ['ansible://c*?ansible_inventory={path}']\n"
    )
    expires = datetime.now(UTC) + timedelta(days=30)
    (tmp_path / "waivers.yaml").write_text(
        "schema: 1\nwaivers:\n  - {id: lab, check: messaging-plaintext, hosts: [careless], reason: no CA yet, "
        f"owner: jane, expires: {expires:%Y-%m-%d}}}\n"
    )
    chosen = "severity_critical and area_messaging"
    session = run(tmp_path, "test_nova.py", "--audit-waivers=waivers.yaml", "-m", chosen)

    assert session.code == 0
    assert "PASSED test_nova.py::test_check[careful/nova-compute/messaging-plaintext]" in session.text
    assert (
        f"XFAIL test_nova.py::test_check[careless/nova-compute/messaging-plaintext] - "
        f"waived by jane until {expires:%Y-%m-%d} (lab): the rpc connection" in session.text
    )
    assert "PASSED test_nova.py::test_audit_ran[run]" in session.text
    assert "PASSED test_nova.py::test_host_audited[careful]" in session.text
    assert "database-" not in session.text
    assert "logging-" not in session.text


def test_what_is_asked_besides_has_tests_of_its_own(tmp_path: Path, hosts: str) -> None:
    words = (*SUITE, hosts, "--audit-profile=essential", "--collect-only", "-q")
    plain, live = run(tmp_path, *words), run(tmp_path, *words, "--audit-live")
    besides = {check.id for check in CATALOGUE if "wire" in check.needs}
    named = {check for check in besides if f"/{check}]" in live.text}

    assert named
    assert not {check for check in besides if f"/{check}]" in plain.text}


@pytest.mark.parametrize(
    ("arguments", "named", "said"),
    [
        (("--hosts=",), "", "no host is named"),
        ((), "testinfra_hosts = []", "no host is named"),
        ((), "testinfra_hosts = ['ssh://a', 'podman://a']", "the name a is taken by ssh://a"),
        (("--hosts=ssh://cmp1", "--audit-waivers=/none/such"), "", "/none/such: "),
        (("--hosts=ssh://cmp1", "--audit-profile=sturdy"), "", "unknown profile 'sturdy'"),
        (("--hosts=ssh://cmp1", "--audit-release=zeta"), "", "zeta"),
    ],
)
def test_what_cannot_be_audited_is_an_error_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], named: str, said: str
) -> None:
    (tmp_path / "test_nova.py").write_text(f"from auditor.suite import *\n{named}\n")
    session = run(tmp_path, "test_nova.py", *arguments)

    assert session.code == 2
    assert "nova-auditor: " in session.text
    assert said in session.text
    assert "skipped" not in session.text
    assert "Traceback" not in session.text


def test_a_pattern_without_hosts_is_an_error(tmp_path: Path) -> None:
    path = fleet(tmp_path)
    session = run(tmp_path, *SUITE, f"--hosts=ansible://storage?ansible_inventory={path}")

    assert session.code == 2
    assert "no host matched" in session.text
    assert session.counts == {"error": 1}


def test_dead_hosts_cost_one_wait_together_and_none_is_green(tmp_path: Path) -> None:
    """An ssh that gives up after a second, as it does when nobody answers; every start of it is counted."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\necho >> {tmp_path}/calls\nsleep 1\necho 'ssh: connect to host: Connection timed out' >&2\nexit 255\n"
    )
    program.chmod(0o755)
    names = [f"cmp{number}" for number in range(12)]
    named = ",".join(f"ssh://{name}" for name in names)
    session = run(
        tmp_path,
        *SUITE,
        f"--hosts={named}",
        "-m",
        "severity_critical",
        PATH=f"{program.parent}:{os.environ['PATH']}",
    )

    assert session.code == 1
    assert len((tmp_path / "calls").read_text().splitlines()) == len(names)
    assert session.counts["passed"] == 1
    assert session.counts["failed"] > len(names) * 3
    for name in names:
        assert f"FAILED ::test_host_audited[{name}] - Failed: {name} is not audited" in session.text
        assert f"FAILED ::test_check[{name}/messaging-plaintext]" in session.text
    assert "Connection timed out" in session.junit


def test_an_expected_failure_is_no_pass_where_pytest_is_told_to_run_them(tmp_path: Path, hosts: str) -> None:
    session = run(tmp_path, *SUITE, hosts, "-k", "debug", "--runxfail")

    assert session.code == 1
    assert (
        "FAILED ::test_check[careless/nova-compute/logging-debug-enabled] - Failed: medium, below"
        in session.text
    )


def test_it_does_no_harm_where_testinfra_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("def test_something():\n    pass\n")
    before = without_testinfra(tmp_path)
    other = run(tmp_path, "test_other.py", before=before)
    suite = run(tmp_path, *SUITE, before=before)

    assert other.code == 0
    assert suite.code == 2
    assert "pip install 'nova-auditor[testinfra]'" in suite.text


def test_loading_it_imports_nothing_of_ours() -> None:
    program = (
        "import sys, auditor.pytest_plugin; print(sorted(name for name in sys.modules if 'auditor' in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "['auditor', 'auditor.pytest_plugin']"


def test_every_check_has_a_marker_of_its_area() -> None:
    assert {check.area for check in CATALOGUE} <= set(AREAS)
