"""The other commands, and the frame that all share."""

import gzip
import hashlib
import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from auditor import __version__
from auditor.checks import CATALOGUE
from auditor.cli import COMMANDS, Commands, main
from tests.cli.conftest import PASSWORD
from tests.trees import grow, unit

Run = Callable[..., Result]

HEAVY = ("oslo_config", "rich", "yaml", "jsonschema", "auditor.checks", "auditor.releases")


def loaded(*words: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    script = (
        "import sys\nfrom auditor.cli import main\n"
        f"try: main({list(words)!r}, prog_name='nova-auditor')\n"
        "except SystemExit: pass\n"
        "print('\\n'.join(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


def test_the_version_is_told_without_loading_anything_heavy(run: Run) -> None:
    assert run("--version").stdout == f"nova-auditor {__version__}\n"
    assert not loaded("--version") & set(HEAVY)


def test_the_checks_are_listed_without_the_resolver_and_the_text_format() -> None:
    assert not loaded("checks") & {"oslo_config", "rich", "yaml", "jsonschema"}


@pytest.mark.parametrize("words", [(), ("audit",)])
def test_help_documents_the_exit_codes(run: Run, words: tuple[str, ...]) -> None:
    text = run(*words, "--help").stdout

    for code in ("0", "1", "2", "3", "4", "70", "130"):
        assert f"\n    {code:<4}" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_is_for(run: Run, name: str) -> None:
    result = run(name, "--help")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: nova-auditor {name}")


def test_a_command_that_does_not_exist_is_exit_2(run: Run) -> None:
    assert run("adit").exit_code == 2


def test_a_crash_is_exit_70_and_one_line_without_its_text() -> None:
    class Crashing(Commands):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            def crash() -> None:
                raise ZeroDivisionError(PASSWORD)

            return click.Command("crash", callback=crash)

    result = CliRunner().invoke(Crashing("nova-auditor"), ["crash"])

    assert result.exit_code == 70
    assert len(result.stderr.splitlines()) == 1
    assert "ZeroDivisionError" in result.stderr
    assert "please report it" in result.stderr
    assert PASSWORD not in result.output


def test_a_bundle_is_private_whole_and_without_secrets(run: Run, root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    result = run("collect", "--root", root, "-o", bundle)
    (document,) = bundle.glob("*.json.gz")
    manifest = (bundle / "MANIFEST.sha256").read_text()

    assert (result.exit_code, result.output) == (0, "")
    assert manifest == f"{hashlib.sha256(document.read_bytes()).hexdigest()}  cmp01.json.gz\n"
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o700
    assert stat.S_IMODE(document.stat().st_mode) == 0o600
    assert json.loads(gzip.decompress(document.read_bytes()))["host"] == "cmp01"
    assert PASSWORD.encode() not in gzip.decompress(document.read_bytes())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "cmp01"]


def test_a_bundle_replaces_a_bundle_and_nothing_else(run: Run, root: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").touch()
    result = run("collect", "--root", root, "-o", tmp_path)

    assert result.exit_code == 2
    assert "it is not empty and no bundle; give a new folder" in result.stderr
    assert [run("collect", "--root", root, "-o", tmp_path / "b").exit_code for _ in range(2)] == [0, 0]


def test_a_shared_salt_makes_passwords_comparable_between_runs(run: Run, root: Path, tmp_path: Path) -> None:
    salt = tmp_path / "salt"
    salt.write_bytes(b"0123456789abcdef")
    salt.chmod(0o600)

    def digest(*words: object) -> str:
        run("collect", "--root", root, "-o", tmp_path / "b", *words)
        return str(json.loads(gzip.decompress((tmp_path / "b" / "cmp01.json.gz").read_bytes()))["salt_id"])

    assert digest("--salt-file", salt) == digest("--salt-file", salt)
    assert digest() != digest()
    salt.chmod(0o644)
    assert (
        "others may read the salt"
        in run("collect", "--root", root, "-o", tmp_path / "c", "--salt-file", salt).stderr
    )


@pytest.mark.parametrize("command", ["audit", "show"])
def test_the_examples_of_the_help_stand_on_lines_of_their_own(run: Run, command: str) -> None:
    lines = run(command, "--help").stdout.splitlines()

    assert sum(line.startswith(f"    nova-auditor {command}") for line in lines) >= 2
    assert not any("\\b" in line or "\b" in line for line in lines)


def test_what_is_said_on_standard_error_holds_no_token(run: Run, tmp_path: Path) -> None:
    argued = {**unit("nova-compute", "--token s3cr3tT0ken1234"), "/etc/nova/nova.conf": ""}
    result = run("show", "--root", grow(tmp_path / "argued", argued), "--release", "2025.1")

    assert result.exit_code == 3
    assert "(withheld)" in result.stderr
    assert "REDACTED" not in result.output


def test_a_setting_is_shown_with_its_place(run: Run, root: Path) -> None:
    words = ("show", "DEFAULT", "transport_url", "--root", root, "--release", "2025.1")
    (record,) = json.loads(run(*words, "--format", "json").stdout)
    text = run(*words).stdout

    assert record["origin"] == {"kind": "file", "path": "/etc/nova/nova.conf", "line": 2}
    assert set(record) == {"group", "name", "value", "error", "origin", "written_as", "default", "unknown"}
    assert text == "[DEFAULT]\ntransport_url = rabbit://nova:***@mq.example:5672/  (/etc/nova/nova.conf:2)\n"


def test_defaults_are_shown_with_all(run: Run, root: Path) -> None:
    words = ("show", "DEFAULT", "debug", "--root", root, "--release", "2025.1")

    assert run(*words).stdout == ""
    assert "nothing is written; --all shows defaults" in run(*words).stderr
    assert run(*words, "--all").stdout == "[DEFAULT]\ndebug = false  (default)\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_everything_fits_the_page_and_the_order_is_by_group(run: Run, root: Path, form: str) -> None:
    result = run("show", "--all", "--root", root, "--release", "2025.1", "--format", form)

    assert result.exit_code == 0
    if form == "json":
        groups = [record["group"] for record in json.loads(result.stdout)]

        assert groups == sorted(groups)
        assert len(groups) > 600
    else:
        assert max(len(line) for line in result.stdout.splitlines()) <= 90


def test_a_name_that_does_not_exist_is_exit_2_with_those_most_like_it(run: Run, root: Path) -> None:
    words = ("--root", root, "--release", "2025.1")

    assert "did you mean database" in run("show", "databse", *words).stderr
    assert "did you mean connection" in run("show", "database", "conection", *words).stderr
    assert run("show", "databse", *words).exit_code == 2


def test_of_several_services_one_must_be_named(run: Run, tmp_path: Path) -> None:
    files = {
        **unit("nova-compute"),
        **unit("nova-conductor"),
        "/etc/nova/nova.conf": "[DEFAULT]\ndebug = true\n",
    }
    words = ("show", "--root", grow(tmp_path / "two", files), "--release", "2025.1")
    named = run(*words, "--service", "nova-conductor")

    assert (run(*words).exit_code, run(*words, "--service", "nova-api").exit_code) == (2, 2)
    assert "give --service, one of nova-compute, nova-conductor" in run(*words).stderr
    assert named.stdout == "[DEFAULT]\ndebug = true  (/etc/nova/nova.conf:2)\n"


def test_a_release_that_is_not_known_is_said_to_be_assumed(run: Run, root: Path) -> None:
    assert "shown as of 2026.2; give --release" in run("show", "--root", root).stderr


def test_a_configuration_that_does_not_parse_is_exit_3_and_nothing_is_exit_4(
    run: Run, tmp_path: Path
) -> None:
    broken = grow(
        tmp_path / "broken", {**unit("nova-compute"), "/etc/nova/nova.conf": "[DEFAULT]\nnothing\n"}
    )
    empty = grow(tmp_path / "empty", {"/etc/hostname": "x"})
    result = run("show", "--root", broken, "--release", "2025.1", "--format", "json")

    assert (result.exit_code, result.stdout) == (3, "[]\n")
    assert "/etc/nova/nova.conf:2" in result.stderr
    assert run("show", "--root", empty).exit_code == 4
    assert run("show", "--root", broken, "--root", empty).exit_code == 2


def test_the_checks_are_listed_with_severity_and_profile(run: Run) -> None:
    listed = json.loads(run("checks", "--format", "json").stdout)
    text = run("checks").stdout.splitlines()

    assert [one["id"] for one in listed] == [check.id for check in CATALOGUE]
    assert {one["profile"] for one in listed} == {"essential", "recommended", "strict"}
    assert [line.split()[0] for line in text] == [check.id for check in CATALOGUE]
    assert 0 < len(run("checks", "--profile", "essential").stdout.splitlines()) < len(CATALOGUE)


@pytest.mark.parametrize("check", CATALOGUE, ids=lambda check: check.id)
def test_every_check_explains_itself(run: Run, check: object) -> None:
    text = run("explain", getattr(check, "id")).stdout  # noqa: B009 - of any object

    assert "What mends it" in text
    assert "Fails (" in text
    assert "Passes (" in text


def test_a_check_that_does_not_exist_cannot_be_explained(run: Run) -> None:
    result = run("explain", "messaging-plaintxt")

    assert result.exit_code == 2
    assert "did you mean messaging-plaintext" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_names_the_command_and_its_variable(run: Run, shell: str) -> None:
    script = run("completion", shell).stdout

    assert "_NOVA_AUDITOR_COMPLETE" in script
    assert "nova-auditor" in script


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("nova-auditor a", "audit"),
        ("nova-auditor explain messaging-plaintext", "messaging-plaintext"),
        ("nova-auditor audit --check messaging-guest", "messaging-guest-login"),
        ("nova-auditor audit --release 2026.2", "2026.2"),
        ("nova-auditor show --release z", "zed"),
        ("nova-auditor audit --profile ess", "essential"),
        ("nova-auditor audit -f ju", "junit"),
    ],
)
def test_completion_offers_commands_checks_releases_profiles_and_formats(words: str, offered: str) -> None:
    environment = {
        "_NOVA_AUDITOR_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    result = CliRunner(env=environment).invoke(main, [], prog_name="nova-auditor")

    assert f"plain,{offered}" in result.stdout.splitlines()


def test_a_full_disk_is_told_in_a_line() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        words = [sys.executable, "-m", "auditor.cli", "checks"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr == "nova-auditor: standard output: No space left on device; write to a file with -o\n"


def test_a_closed_standard_output_is_no_crash() -> None:
    words = f"{sys.executable} -m auditor.cli checks >&-"
    done = subprocess.run(["sh", "-c", words], stderr=subprocess.PIPE, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
