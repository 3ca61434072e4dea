"""No canary sings while live hosts are audited: containers, and this machine by ssh, at the loudest."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.loopback import sshd
from tests.canary.host import CANARIES, write_host
from tests.canary.operator import AUDITOR, SALT, SILENCE, Operator, employ
from tests.canary.songs import songs
from tests.containers import connection, images
from tests.containers.podman import CannotRun, options, podman, required
from tests.parity import live

pytestmark = pytest.mark.real

LOUDEST = (
    "--profile",
    "strict",
    "--full",
    "-vvv",
    "-f",
    "text",
    "-f",
    "json=report.json",
    "-f",
    "junit=report.xml",
)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return employ(tmp_path / "home")


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running host with all canaries."""
    try:
        options()
    except CannotRun as reason:
        if required():
            raise
        pytest.skip(f"this machine cannot run containers: {reason}")
    images.make()
    tree = write_host(tmp_path_factory.mktemp("canary") / "host")
    with live.running("canary", "controller", tree) as name:
        yield name


def coverage(seen_report: bytes) -> dict[str, str]:
    return {host["name"]: host["coverage"] for host in json.loads(seen_report)["hosts"]}


def test_no_canary_sings_while_testinfra_looks_at_a_container(operator: Operator, container: str) -> None:
    asked = ["--hosts", f"podman://{container}", "--salt-file", str(operator.salt)]
    seen = operator.observe([*AUDITOR, "audit", *asked, *LOUDEST])

    assert coverage(seen.left["work/report.json"]) == {container: "audited"}, seen.output.decode()
    assert any(words.startswith(b"podman\0") for words, _ in seen.watch.processes)
    assert b"nova-conductor" in seen.output
    assert seen.sung("auditor.cli") == SILENCE


def test_no_canary_sings_in_what_pytest_tells_of_a_container(operator: Operator, container: str) -> None:
    asked = ["--pyargs", "auditor.suite", f"--hosts=podman://{container}", "--audit-profile=strict"]
    loudest = ["-vvv", "--showlocals", "--full-trace", "-rA", "--log-cli-level=DEBUG", "--junitxml=junit.xml"]
    # Some of the tests: a full trace has pages for each.
    some = ["-p", "no:cacheprovider", "-p", "no:benchmark", "-m", "area_messaging"]
    seen = operator.observe([sys.executable, "-m", "pytest", *asked, *loudest, *some])

    assert seen.code == 1, seen.output.decode()
    assert b"nova-conductor" in seen.left["work/junit.xml"]
    assert seen.sung("auditor.suite") == SILENCE


@pytest.mark.parametrize("pipelining", [True, False])
def test_no_canary_sings_while_ansible_looks_at_a_container(
    operator: Operator, container: str, *, pipelining: bool
) -> None:
    config = operator.home / "ansible.cfg"
    config.write_text(f"[defaults]\ncollections_path = {connection.make()}\n")
    variables = {
        "ansible_connection": "containers.podman.podman",
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_pipelining": pipelining,
    }
    fleet = operator.fleet(variables, {container: {}})
    command = [
        "env",
        f"ANSIBLE_CONFIG={config}",
        *AUDITOR,
        "audit",
        *fleet,
        "--salt-file",
        str(operator.salt),
    ]
    seen = operator.observe([*command, *LOUDEST])
    # Where the module lay on the host without pipelining.
    found = podman(*options().engine, "exec", container, "sh", "-c", "find / -xdev -name '*nova_auditor*'")

    assert coverage(seen.left["work/report.json"]) == {container: "audited"}, seen.output.decode()
    assert b"nova-conductor" in seen.output
    assert found == ""
    assert {**seen.sung("auditor.cli"), "private files": {}} == SILENCE
    assert set(seen.sung("auditor.cli")["private files"]) <= {
        "an extra variable",
        *("salt",) * (not pipelining),
    }


@pytest.fixture
def near() -> Iterator[Operator]:
    """An operator whose paths are short: ssh's sockets have at most 108 bytes for theirs."""
    with tempfile.TemporaryDirectory(prefix="nova-canary-") as folder:
        yield employ(Path(folder))


@pytest.mark.parametrize("pipelining", [True, False])
def test_no_canary_sings_while_ansible_logs_in_by_ssh(
    near: Operator, tmp_path: Path, *, pipelining: bool
) -> None:
    with sshd(tmp_path / "sshd", ("127.0.1.1",)) as server:
        variables = {
            "ansible_host": server.addresses[0],
            "ansible_port": server.port,
            "ansible_user": server.user,
            "ansible_password": None,
            "ansible_ssh_private_key_file": str(server.key),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={server.known_hosts}",
            "ansible_python_interpreter": sys.executable,
            "ansible_remote_tmp": str(near.home / "tmp"),
            "ansible_pipelining": pipelining,
            "nova_auditor_root": str(write_host(tmp_path / "host")),
        }
        fleet = near.fleet(variables, {"whole": {}})
        seen = near.observe([*AUDITOR, "audit", *fleet, "--salt-file", str(near.salt), *LOUDEST])
    sung = seen.sung("auditor.cli")

    assert coverage(seen.left["work/report.json"]) == {"whole": "audited"}, seen.output.decode()
    assert any(words.startswith(b"ssh\0") for words, _ in seen.watch.processes)
    assert b"nova-conductor" in seen.output
    assert set(seen.left) == {"work/report.json", "work/report.xml"}
    # Without pipelining the module lies on the host while it runs, and holds the salt.
    assert sung["other files"] == ({} if pipelining else songs(seen.watch.written("/tmp/ansible"), SALT))
    assert {**sung, "private files": {}, "other files": {}} == SILENCE
    assert songs(seen.watch.written(), CANARIES) == {}
