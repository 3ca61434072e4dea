"""``nova-auditor upgrade``: what is asked, what is written where, and the exit code."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import PASSWORD, PLAIN
from tests.trees import CERTIFICATE, grow, unit

Run = Callable[..., Result]

OLD_NAMES = "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\nkombu_ssl_ca_certs = /etc/nova/ca.pem\n"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A compute host whose RPC is encrypted under names that 2025.1 does not read."""
    files = {"/etc/nova/nova.conf": PLAIN + OLD_NAMES, "/etc/nova/ca.pem": CERTIFICATE}
    return grow(tmp_path / "cmp01", {**unit("nova-compute"), **files})


def test_what_turns_plain_text_is_the_headline_and_exit_1(run: Run, old: Path) -> None:
    result = run("upgrade", "--from", "2024.2", "--to", "2025.1", "--root", old)

    assert result.exit_code == 1, result.stderr
    assert "CRITICAL  rpc turns plaintext" in result.stdout
    assert "> Before the upgrade: Write [oslo_messaging_rabbit] rabbit_use_ssl as" in result.stdout
    assert result.stdout.splitlines()[-1] == "exit 1: 1 thing gets worse at or above high on 1 of 1 host"
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    ("words", "code"), [(("--exit-zero",), 0), (("--fail-on", "none"), 0), (("--fail-on", "critical"), 1)]
)
def test_the_gate_decides_the_code(run: Run, old: Path, words: tuple[str, ...], code: int) -> None:
    assert run("upgrade", "--from", "dalmatian", "--to", "epoxy", "--root", old, *words).exit_code == code


def test_the_same_release_prints_no_differences(run: Run, old: Path) -> None:
    result = run("upgrade", "--from", "2025.1", "--to", "2025.1", "--root", old)

    assert result.exit_code == 0
    assert "No differences." in result.stdout


def test_an_unknown_present_release_is_asked_for_in_one_line(run: Run, old: Path) -> None:
    result = run("upgrade", "--to", "2025.1", "--root", old)

    assert result.exit_code == 3
    assert "its present release is not in evidence; give it with --from" in result.stdout
    assert result.stdout.splitlines()[-1] == "exit 3: incomplete: 1 service not compared"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "2019.1"), "unknown release '2019.1'"),
        (("--from", "newton", "--to", "2025.1"), "unknown release 'newton'"),
        (("--from", "2025.2", "--to", "2025.1"), "a downgrade is not supported"),
        (("--to", "2025.1", "--check", "no-such"), "no-such"),
        (("--to", "2025.1", "--tolerate", "all=1"), "--tolerate"),
    ],
)
def test_what_does_not_exist_is_one_line_and_exit_2(
    run: Run, old: Path, words: tuple[str, ...], said: str
) -> None:
    result = run("upgrade", "--root", old, *words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert said in result.stderr


def test_what_nothing_can_be_said_of_is_no_green(run: Run, tmp_path: Path) -> None:
    tree = grow(tmp_path / "host", {**unit("nova-compute"), "/etc/nova/nova.conf": "[DEFAULT]\nnonsense\n"})
    result = run("upgrade", "--from", "2024.2", "--to", "2025.1", "--root", tree, "--tolerate", "error=99")

    assert result.exit_code == 3
    assert result.stdout.startswith("Upgrade to 2025.1: 0 of 1 host compared")
    assert "Nothing was compared." in result.stdout
    assert "/etc/nova/nova.conf:2: oslo.config cannot parse" in " ".join(result.stdout.split())
    assert "1 failure of today stays as it is" in result.stdout


def test_two_formats_at_once_are_refused(run: Run, old: Path) -> None:
    result = run("upgrade", "--to", "2025.1", "--root", old, "-f", "json", "-f", "text")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "one format at a time" in result.stderr


def test_a_release_to_upgrade_to_must_be_named(run: Run, old: Path) -> None:
    assert run("upgrade", "--root", old).exit_code == 2


def test_json_goes_to_a_private_file(run: Run, old: Path, tmp_path: Path) -> None:
    file = tmp_path / "upgrade.json"
    result = run("upgrade", "--from", "2024.2", "--to", "2025.1", "--root", old, "-f", "json", "-o", file)
    content = json.loads(file.read_text())

    assert (result.exit_code, result.stdout) == (1, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (content["to"], content["from"]) == ("2025.1", "2024.2")
    assert content["differences"][0]["after"] == "plaintext"
    assert PASSWORD not in file.read_text()


def test_collected_evidence_is_compared_like_the_host(run: Run, old: Path, tmp_path: Path) -> None:
    assert run("collect", "--root", old, "-o", tmp_path / "bundle").exit_code == 0

    words = ("upgrade", "--from", "2024.2", "--to", "2025.1")
    assert run(*words, "--evidence", tmp_path / "bundle").stdout == run(*words, "--root", old).stdout
    assert run(*words, "--evidence", tmp_path / "bundle", "--root", old).exit_code == 2


def test_a_tree_without_nova_is_exit_4(run: Run, tmp_path: Path) -> None:
    result = run("upgrade", "--to", "2026.2", "--root", grow(tmp_path / "empty", {"/etc/hostname": "x\n"}))

    assert result.exit_code == 4


def test_an_unreadable_configuration_is_not_silent(run: Run, tmp_path: Path) -> None:
    withheld = "[DEFAULT]\ntransport_url = rabbit://nova:pa/ss@mq.example:5672/\n"
    tree = grow(tmp_path / "host", {**unit("nova-compute"), "/etc/nova/nova.conf": withheld})
    result = run("upgrade", "--from", "2025.1", "--to", "2025.2", "--root", tree)

    assert result.exit_code == 3
    assert "could not be had today or then" in result.stdout


def test_the_help_documents_the_exit_codes(run: Run) -> None:
    said = run("upgrade", "--help").stdout

    for code in ("0", "1", "2", "3", "4", "70", "130"):
        assert f"\n    {code:<4}" in said
