"""What ``init`` writes, and that it runs."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from auditor.cli import init as initial
from auditor.cli.audit import audit
from auditor.cli.collect import collect
from auditor.cli.init import KINDS, scaffold, write
from auditor.errors import FileError, UsageError
from tests.ansible import plays
from tests.cli.conftest import PLAIN
from tests.trees import grow, unit

BINARIES = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]
SCAFFOLD = Path(initial.__file__).parents[1] / "scaffold"


def call(*words: object) -> Result:
    return CliRunner().invoke(initial.init, [str(word) for word in words])


def tree(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_there_is_a_scaffold_for_each_kind_and_for_nothing_else() -> None:
    assert {path.name for path in SCAFFOLD.iterdir()} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_written_where_their_tool_looks_for_them(kind: str, tmp_path: Path) -> None:
    result = call(kind, tmp_path)

    assert tree(tmp_path) == {str(place): content for place, content in scaffold(kind)}
    assert result.stdout.splitlines() == [
        *(f"wrote {tmp_path}/{place}" for place, _ in scaffold(kind)),
        f"next, in {tmp_path}: {KINDS[kind]}",
    ]
    assert result.exit_code == 0


def test_without_a_folder_they_are_written_where_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert call("github").stdout == (
        "wrote .github/workflows/nova-auditor.yml\nnext: git add .github/workflows/nova-auditor.yml\n"
    )


def test_a_second_time_there_is_nothing_to_write(tmp_path: Path) -> None:
    call("systemd", tmp_path)

    assert call("systemd", tmp_path).stdout.startswith("nothing to write: all is there as it should be\nnext")


def test_what_is_there_is_left_alone_and_nothing_else_is_written(tmp_path: Path) -> None:
    mine = tmp_path / "systemd" / "nova-auditor-collect.timer"
    mine.parent.mkdir()
    mine.write_text("mine")

    with pytest.raises(UsageError) as raised:
        write("systemd", tmp_path, force=False)
    assert str(raised.value) == f"{mine}: it is there already, and nothing was written; --force replaces it"
    assert tree(tmp_path) == {"systemd/nova-auditor-collect.timer": b"mine"}


def test_what_is_there_is_replaced_by_force(tmp_path: Path) -> None:
    mine = tmp_path / ".pre-commit-config.yaml"
    mine.write_text("mine")

    assert call("pre-commit", tmp_path, "--force").stdout.startswith(f"wrote {mine}\n")
    assert mine.read_bytes() == (SCAFFOLD / "pre-commit" / mine.name).read_bytes()


@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_written_through_a_link(tmp_path: Path, force: bool) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / ".pre-commit-config.yaml").symlink_to(tmp_path / "elsewhere")
    if force:
        write("pre-commit", tmp_path / "repository", force=True)
    else:
        with pytest.raises(UsageError, match="it is there already"):
            write("pre-commit", tmp_path / "repository", force=False)

    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FileError, match="give a folder that can be written"):
        write("github", tmp_path / "file", force=False)


def yaml_files() -> list[Path]:
    return sorted(path for path in SCAFFOLD.rglob("*") if path.suffix in (".yml", ".yaml"))


@pytest.mark.parametrize("path", yaml_files(), ids=lambda path: str(path.relative_to(SCAFFOLD)))
def test_what_is_written_as_yaml_is_yaml(path: Path) -> None:
    assert path.read_text().startswith("---\n")
    assert isinstance(yaml.safe_load(path.read_text()), dict | list)


def rendered(folder: Path, text: str) -> Path:
    """A repository with the rendered configuration of a host."""
    grow(folder / "rendered" / "cmp01", {**unit("nova-compute"), "/etc/nova/nova.conf": text})
    return folder


def gitlab_script() -> list[str]:
    content = yaml.safe_load((SCAFFOLD / "gitlab/.gitlab/nova-auditor.yml").read_text())
    script: list[str] = content["nova-auditor"]["script"]
    return script


def github_steps() -> list[Mapping[str, Any]]:
    content = yaml.safe_load((SCAFFOLD / "github/.github/workflows/nova-auditor.yml").read_text())
    steps: list[Mapping[str, Any]] = content["jobs"]["audit"]["steps"]
    return steps


def variables(job: str) -> dict[str, str]:
    """What the job sets, as its runner gives it to the script."""
    if job == "gitlab":
        found = yaml.safe_load((SCAFFOLD / "gitlab/.gitlab/nova-auditor.yml").read_text())["nova-auditor"][
            "variables"
        ]
    else:
        path = SCAFFOLD / "github/.github/workflows/nova-auditor.yml"
        found = yaml.safe_load(path.read_text())["jobs"]["audit"]["env"]
    return dict(found)


def run_job(job: str, repository: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run the audit of a job in a repository, as the runner does, with the nova-auditor that is tested here."""
    if job == "pre-commit":
        hook = yaml.safe_load((SCAFFOLD / "pre-commit/.pre-commit-config.yaml").read_text())["repos"][0][
            "hooks"
        ][0]
        command = shlex.split(hook["entry"])
    else:
        script = gitlab_script()[-1] if job == "gitlab" else github_steps()[2]["run"]
        installed = repository / (".nova-auditor" if job == "gitlab" else "temp/nova-auditor") / "bin"
        installed.mkdir(parents=True)
        (installed / "nova-auditor").symlink_to(BINARIES / "nova-auditor")
        command = ["sh" if job == "gitlab" else "bash", "-ec", script]
        changed = {**variables(job), "RUNNER_TEMP": str(repository / "temp"), **changed}
    environment = {"PATH": f"{BINARIES}:{os.environ['PATH']}", "HOME": "/nonexistent", "LANG": "C.UTF-8"}
    return subprocess.run(
        command, cwd=repository, env={**environment, **changed}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("job", ["gitlab", "github", "pre-commit"])
def test_a_job_fails_on_a_failure_and_says_which(job: str, tmp_path: Path) -> None:
    done = run_job(job, rendered(tmp_path, PLAIN))

    assert done.returncode == 1, done.stderr
    assert "messaging-plaintext" in done.stdout


@pytest.mark.parametrize("job", ["gitlab", "github"])
def test_a_job_leaves_a_junit_report_also_when_it_fails(job: str, tmp_path: Path) -> None:
    run_job(job, rendered(tmp_path, PLAIN), RELEASE="2025.1")

    assert b"<testsuites" in (tmp_path / "nova-auditor.xml").read_bytes()


@pytest.mark.parametrize("job", ["gitlab", "github"])
def test_a_job_takes_the_release(job: str, tmp_path: Path) -> None:
    done = run_job(job, rendered(tmp_path, PLAIN), RELEASE="no such release")

    assert done.returncode == 2
    assert "no such release" in done.stderr


@pytest.mark.parametrize("job", ["gitlab", "github"])
def test_a_job_takes_manifests(job: str, tmp_path: Path) -> None:
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "nova-etc"},
        "stringData": {"nova.conf": PLAIN},
    }
    (tmp_path / "manifests.yaml").write_text(yaml.safe_dump(secret))
    done = run_job(job, tmp_path, RENDERED="manifests.yaml")

    assert "messaging-plaintext" in done.stdout, done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("job", ["gitlab", "github", "pre-commit"])
def test_a_job_with_nothing_to_audit_fails(job: str, tmp_path: Path) -> None:
    (tmp_path / "rendered").mkdir()

    assert run_job(job, tmp_path).returncode == 2


@pytest.mark.parametrize("job", ["gitlab", "github"])
def test_a_job_whose_folder_is_not_there_fails(job: str, tmp_path: Path) -> None:
    assert run_job(job, tmp_path).returncode == 2


@pytest.mark.parametrize("job", ["gitlab", "github", "pre-commit"])
def test_a_job_fails_where_no_service_is_found(job: str, tmp_path: Path) -> None:
    (tmp_path / "rendered" / "cmp01" / "etc").mkdir(parents=True)

    assert run_job(job, tmp_path).returncode in (3, 4)


def test_the_workflow_may_read_only_and_keeps_no_token() -> None:
    path = SCAFFOLD / "github/.github/workflows/nova-auditor.yml"

    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
    assert github_steps()[0]["with"] == {"persist-credentials": False}


def unit_file(name: str) -> dict[str, list[str]]:
    """The settings of a unit, each with its values."""
    found: dict[str, list[str]] = {}
    for line in (SCAFFOLD / "systemd" / "systemd" / name).read_text().splitlines():
        key, separator, value = line.partition("=")
        if separator and key.isalpha():
            found.setdefault(key, []).append(value)
    return found


def command_of(name: str) -> list[str]:
    """The words of a unit's command, without the program."""
    (line,) = unit_file(name)["ExecStart"]
    program, *words = shlex.split(line)
    assert program == "/opt/nova-auditor/bin/nova-auditor"
    return words


UNITS = ("nova-auditor-collect.service", "nova-auditor-audit.service")


@pytest.mark.parametrize("name", UNITS)
def test_the_command_of_a_unit_is_one_of_ours(name: str) -> None:
    command, *words = command_of(name)

    with {"collect": collect, "audit": audit}[command].make_context(command, words) as context:
        assert context.params


def test_the_unit_of_a_host_writes_a_bundle_that_an_audit_takes(root: Path, tmp_path: Path) -> None:
    salt = tmp_path / "salt"
    salt.write_bytes(os.urandom(32))
    salt.chmod(0o600)
    places = {"/etc/nova-auditor/salt": str(salt), "/var/lib/nova-auditor/bundle": str(tmp_path / "b")}
    words = [places.get(word, word) for word in command_of("nova-auditor-collect.service")]
    command = [BINARIES / "nova-auditor", *words, "--root", root]
    subprocess.run(command, check=True)

    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == ["MANIFEST.sha256", "cmp01.json.gz"]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_may_write_nothing_but_its_own_state(name: str) -> None:
    said = unit_file(name)

    assert {key: said[key] for key in ("ProtectSystem", "NoNewPrivileges", "UMask", "StateDirectory")} == {
        "ProtectSystem": ["strict"],
        "NoNewPrivileges": ["yes"],
        "UMask": ["0077"],
        "StateDirectory": ["nova-auditor"],
    }
    # systemd.service(5): RuntimeMaxSec= has no effect on units of this type, their start is what takes time.
    assert (said["Type"], "TimeoutStartSec" in said) == (["oneshot"], True)


def ansible_run(folder: Path, playbook: str, **variables: str) -> plays.Done:
    """Run a playbook on a host that is a tree of this machine."""
    write("ansible", folder / "repository", force=False)
    told = {"nova_auditor_root": str(folder / "cmp01"), "nova_auditor_release": "2026.2"}
    inventory = plays.inventory({"cmp01": {**told, **variables}})
    return plays.run(folder, str(folder / "repository" / "nova-auditor" / playbook), inventory)


@pytest.mark.parametrize("playbook", ["audit.yml", "precheck.yml"])
def test_a_playbook_fails_for_a_host_that_is_not_safe(playbook: str, root: Path, tmp_path: Path) -> None:
    done = ansible_run(tmp_path, playbook, nova_auditor_become="false", precheck_become="false")

    assert done.code == 2, done.output
    assert "messaging-plaintext" in done.output


def test_the_requirements_name_the_collection_by_the_wheel_it_is_in() -> None:
    path = SCAFFOLD / "ansible" / "nova-auditor" / "requirements.txt"

    assert [line for line in path.read_text().splitlines() if not line.startswith("#")] == [
        "nova-auditor[ansible]"
    ]


def test_the_scenario_imports_the_suite_and_names_its_container() -> None:
    folder = SCAFFOLD / "molecule" / "molecule" / "nova-auditor"
    scenario = yaml.safe_load((folder / "molecule.yml").read_text())
    (host,) = yaml.safe_load((folder / "inventory" / "hosts.yml").read_text())["nova"]["hosts"]

    assert "from auditor.suite import *" in (folder / "tests" / "test_nova.py").read_text()
    assert scenario["verifier"]["options"]["hosts"] == f"podman://{host}"


# With the tools themselves: make test-real.


def environment_with(folder: Path, *requirements: str) -> Path:
    """The programs of a new environment with what pip installs."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    subprocess.run(
        [folder / "venv" / "bin" / "pip", "install", "-qq", "--disable-pip-version-check", *requirements],
        check=True,
    )
    return folder / "venv" / "bin"


@pytest.mark.real
def test_units_are_what_systemd_takes_and_leave_little_open(tmp_path: Path) -> None:
    write("systemd", tmp_path, force=False)
    for path in (tmp_path / "systemd").iterdir():
        text = path.read_text().replace("/opt/nova-auditor/bin/nova-auditor", str(BINARIES / "nova-auditor"))
        path.write_text(text)
    units = sorted((tmp_path / "systemd").iterdir())
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    services = [path for path in units if path.suffix == ".service"]
    # In tenths: 0 is closed, 100 is as open as a service without any restriction.
    security = ["systemd-analyze", "security", "--offline=true", "--threshold=15", *services]

    assert (verified.returncode, verified.stderr) == (0, "")
    assert subprocess.run(security, capture_output=True, check=False).returncode == 0


@pytest.mark.real
def test_the_unit_of_a_host_needs_no_more_than_its_one_capability(root: Path, tmp_path: Path) -> None:
    """As root without any other capability, it reads what belongs to nova and is nobody else's to read."""
    conf = root / "etc" / "nova" / "nova.conf"
    conf.chmod(0o400)
    os.chown(conf, 64060, 64060)
    (capability,) = unit_file("nova-auditor-collect.service")["CapabilityBoundingSet"]
    bounded = f"-all,+{capability.removeprefix('CAP_').lower()}"
    confined = ["setpriv", "--no-new-privs", f"--bounding-set={bounded}"]
    command = [BINARIES / "nova-auditor", "collect", "--root", root, "-o", tmp_path / "b"]
    subprocess.run([*confined, *command], check=True)
    audited = [
        BINARIES / "nova-auditor",
        "audit",
        "--evidence",
        tmp_path / "b",
        "--check",
        "messaging-plaintext",
    ]

    assert subprocess.run(audited, capture_output=True, check=False).returncode == 1


@pytest.mark.real
def test_jobs_are_of_the_schemas_that_their_services_publish(tmp_path: Path) -> None:
    tool = environment_with(tmp_path, "check-jsonschema") / "check-jsonschema"
    for schema, place in (
        ("vendor.github-workflows", "github/.github/workflows/nova-auditor.yml"),
        ("vendor.gitlab-ci", "gitlab/.gitlab/nova-auditor.yml"),
    ):
        done = subprocess.run(
            [tool, "--builtin-schema", schema, SCAFFOLD / place], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stdout


@pytest.mark.real
@pytest.mark.parametrize("job", ["gitlab", "github"])
def test_a_job_installs_what_it_runs(job: str, tmp_path: Path) -> None:
    rendered(tmp_path, PLAIN)
    lines = gitlab_script() if job == "gitlab" else [step["run"] for step in github_steps() if "run" in step]
    done = subprocess.run(
        ["bash", "-ec", "\n".join(lines)],
        cwd=tmp_path,
        env={**os.environ, **variables(job), "RUNNER_TEMP": str(tmp_path), "NOVA_AUDITOR": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert "messaging-plaintext" in done.stdout
    assert (tmp_path / "nova-auditor.xml").exists()


@pytest.mark.real
def test_the_hook_is_run_by_pre_commit(tmp_path: Path) -> None:
    tools = environment_with(tmp_path, "pre-commit")
    repository = rendered(tmp_path / "repository", PLAIN)
    write("pre-commit", repository, force=False)
    environment = {**os.environ, "PATH": f"{tools}:{BINARIES}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    for command in ("git init -q", "git add -A"):
        subprocess.run(command.split(), cwd=repository, env=environment, check=True)
    done = subprocess.run(
        ["pre-commit", "run", "--all-files", "--color=never", "nova-auditor"],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stdout
    assert re.search(r"exit code: 1\b", done.stdout)
    assert "messaging-plaintext" in done.stdout
