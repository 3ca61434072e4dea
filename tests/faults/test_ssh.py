"""What goes wrong between two real ends of SSH, through both doors that use it, with the same names and the same config."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.benchmarks.loopback import Server, sshd
from tests.faults.fleet import SOUND, Ended, audit, judged, write_inventory
from tests.trees import CERTIFICATE, grow

pytestmark = pytest.mark.real

#: What sshd runs instead of the command, by the key that logs in.
COMMANDS = {
    "plain": "",
    "greets": 'echo "Welcome to {cmp01}, [authorised] use only"; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
    "sleeps": "exec sleep 120",
    "drops": "kill -9 $PPID; sleep 5",
    "cuts": '/bin/sh -c "$SSH_ORIGINAL_COMMAND" | head -c 1000; kill -9 $PPID',
}


@dataclass(frozen=True, slots=True)
class Host:
    """A name for the sshd with what ssh knows and has there, and what becomes of it through either door."""

    name: str
    key: str = "plain"
    known: str = "right"
    address: str = "127.0.0.2"
    port: str = "sshd"
    coverage: tuple[str, str] = ("audited", "audited")
    says: tuple[str, str] = ("", "")


def lost(name: str, coverage: str, says: str, **ways: str) -> Host:
    """A host that is lost the same way through both doors."""
    return Host(name, coverage=(coverage, coverage), says=(says, says), **ways)  # type: ignore[arg-type]


HOSTS = (
    Host("sound"),
    Host("greets", key="greets"),
    lost("stranger", "denied", "Permission denied", key="stranger"),
    lost("closed", "unreachable", "Connection refused", port="closed"),
    lost("mute", "unreachable", "timed out", address="127.0.0.3", port="mute"),
    lost("sleeps", "timeout", "no answer", key="sleeps"),
    Host("drops", key="drops", coverage=("unreachable", "unreachable")),
    Host("cuts", key="cuts", coverage=("unreachable", "unreachable"), says=("cut", "")),
    Host(
        "unknown",
        known="none",
        coverage=("denied", "denied"),
        says=("Host key verification failed",) * 2,
    ),
    Host(
        "changed",
        known="wrong",
        coverage=("denied", "denied"),
        says=("Host key verification failed",) * 2,
    ),
)
DOORS = ("ansible", "testinfra")


@contextmanager
def mute() -> Iterator[int]:
    """A port that accepts and never says anything."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.3", 0))
        listening.listen(8)
        yield listening.getsockname()[1]


def configure(folder: Path, server: Server, ports: dict[str, int]) -> Path:
    """Write the keys and the config of ssh that all hosts are reached with."""
    allowed = []
    for name, command in COMMANDS.items():
        public = generate(folder / name)
        quoted = command.replace('"', '\\"')
        allowed.append(f'command="{quoted}" {public}' if command else public)
    generate(folder / "stranger")
    other = generate(folder / "other").split()
    server.key.with_suffix(".pub").write_text("\n".join(allowed) + "\n")
    known = {
        "right": server.known_hosts.read_text(),
        "wrong": f"[127.0.0.2]:{server.port} {other[0]} {other[1]}\n",
        "none": "",
    }
    for name, text in known.items():
        (folder / f"known-{name}").write_text(text)
    config = folder / "ssh_config"
    config.write_text(
        "\n".join(
            f"Host {host.name}\n  HostName {host.address}\n  Port {ports[host.port]}\n  User {server.user}\n"
            f"  IdentityFile {folder / host.key}\n  IdentitiesOnly yes\n  IdentityAgent none\n"
            f"  UserKnownHostsFile {folder}/known-{host.known}\n  GlobalKnownHostsFile /dev/null\n"
            "  PasswordAuthentication no\n  ConnectTimeout 3\n"
            for host in HOSTS
        )
    )
    return config


def generate(path: Path) -> str:
    """Make a key; return its public half."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


@pytest.fixture(scope="module", params=range(len(DOORS)), ids=DOORS)
def door(request: pytest.FixtureRequest) -> int:
    """Which of `DOORS`."""
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, door: int) -> Iterator[Ended]:
    """One run over all hosts through a door."""
    folder = tmp_path_factory.mktemp("ssh")
    conf = SOUND["/etc/nova/nova.conf"].replace("/etc/nova/ca.pem", str(folder / "ca.pem"))
    grow(folder, {"nova.conf": conf, "ca.pem": CERTIFICATE})
    with sshd(folder / "sshd", ("127.0.0.2",)) as server, mute() as silent, socket.socket() as closed:
        closed.bind(("127.0.0.2", 0))
        ports = {"sshd": server.port, "mute": silent, "closed": closed.getsockname()[1]}
        config = configure(folder, server, ports)
        write_inventory(
            folder / "hosts.yml",
            {host.name: {} for host in HOSTS},
            ansible_ssh_common_args=f"-F {config}",
            ansible_python_interpreter=sys.executable,
        )
        specs = ",".join(f"ssh://{host.name}?timeout=3&ssh_config={config}" for host in HOSTS)
        asked = ("-i", "hosts.yml") if DOORS[door] == "ansible" else ("--hosts", specs)
        yield audit(
            folder,
            *(*asked, "--timeout", "2", "--config-file", folder / "nova.conf", "--service", "nova-compute"),
            ANSIBLE_TIMEOUT="3",
        )


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_each_host_has_its_coverage_and_the_reason(run: Ended, door: int, host: Host) -> None:
    coverage, reason = run.hosts[host.name]

    assert (coverage, host.says[door] in (reason or "")) == (host.coverage[door], True), reason


def test_the_run_is_incomplete_and_only_what_answered_is_judged(run: Ended) -> None:
    sound = {"sound", "greets"}

    assert (run.code, run.why) == (3, f"incomplete: {len(HOSTS) - len(sound)} hosts not audited"), run.errors
    assert set(judged(run)) == sound
    assert run.report["passed"]["messaging-plaintext"].keys() == sound


def test_a_host_that_is_not_known_is_never_talked_to(tmp_path: Path) -> None:
    # ansible-runner switches the checking of host keys off where nobody says anything (2.4, config/_base.py).
    with sshd(tmp_path / "sshd", ("127.0.0.2",)) as server:
        log = server.key.parent / "log0"
        inventory = write_inventory(
            tmp_path / "hosts.yml",
            {"cmp01": {"ansible_host": "127.0.0.2", "ansible_port": server.port}},
            ansible_python_interpreter=sys.executable,
            ansible_ssh_common_args=f"-i {server.key} -o UserKnownHostsFile={tmp_path}/known -o GlobalKnownHostsFile=/dev/null",
        )
        refused = audit(tmp_path, "-i", inventory)
        said = log.read_text()
        allowed = audit(tmp_path, "-i", inventory, ANSIBLE_HOST_KEY_CHECKING="False")

        assert (refused.code, refused.hosts["cmp01"][0]) == (3, "denied")
        assert not (tmp_path / "known").exists() or "127.0.0.2" not in (tmp_path / "known").read_text()
        assert "Accepted" not in said
        assert allowed.hosts["cmp01"][0] in ("audited", "partial")
        assert "Accepted" in log.read_text()
