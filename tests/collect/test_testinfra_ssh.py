"""The testinfra door over a real sshd: logins, sudo and interpreters as they are."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.collect import Options, collect
from auditor.collect.testinfra import hosts
from auditor.evidence import Document, Lost
from auditor.model import Coverage
from tests.benchmarks.loopback import Server, sshd

pytestmark = pytest.mark.real

ADDRESSES = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with sshd(tmp_path_factory.mktemp("loopback") / "sshd", ADDRESSES) as running:
        yield running


@pytest.fixture
def config(server: Server, tmp_path: Path) -> Path:
    path = tmp_path / "ssh_config"
    path.write_text(
        f"Host *\n  Port {server.port}\n  User {server.user}\n  IdentityFile {server.key}\n  IdentitiesOnly yes\n"
        f"  IdentityAgent none\n  UserKnownHostsFile {server.known_hosts}\n"
    )
    return path


@pytest.fixture
def forced(server: Server) -> Iterator[Path]:
    """The file of authorized keys, as it was afterwards."""
    path = server.key.with_suffix(".pub")
    text = path.read_text()
    yield path
    path.write_text(text)


def ask(config: Path, *specs: str) -> list[Document | Lost]:
    joined = [f"{spec}{'&' if '?' in spec else '?'}ssh_config={config}" for spec in specs]
    targets = hosts(joined)
    return list(collect(targets, Options(), collector="testinfra", jobs=len(targets)))


def reason(item: Document | Lost) -> tuple[Coverage, str]:
    assert isinstance(item, Lost)
    return item.coverage, item.reason


@pytest.mark.parametrize("backend", ["ssh", "safe-ssh"])
def test_hosts_answer_each_under_its_name(config: Path, backend: str) -> None:
    found = ask(config, *(f"{backend}://{address}" for address in ADDRESSES))

    assert [item.host for item in found if isinstance(item, Document)] == list(ADDRESSES)


def test_sudo_becomes_another_user(config: Path) -> None:
    (item,) = ask(config, "ssh://127.0.0.2?sudo=true&sudo_user=nobody")

    assert isinstance(item, Document)


def test_the_payload_stands_in_no_list_of_processes(config: Path, forced: Path, tmp_path: Path) -> None:
    """Neither here nor on the host, which are one machine here."""
    listing = tmp_path / "listing"
    shell = f'cat /proc/[0-9]*/cmdline > {listing} 2>&1; /bin/sh -c \\"$SSH_ORIGINAL_COMMAND\\"'
    forced.write_text(f'command="{shell}" {forced.read_text()}')
    (item,) = ask(config, "ssh://127.0.0.2?sudo=true")

    assert isinstance(item, Document)
    seen = listing.read_bytes()
    assert b"127.0.0.2" in seen
    assert b"UEsDB" not in seen


def test_a_key_that_nobody_knows_is_denied(config: Path, tmp_path: Path) -> None:
    key = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    config.write_text(
        "\n".join(line for line in config.read_text().splitlines() if "IdentityFile" not in line)
    )
    (item,) = ask(config, f"ssh://127.0.0.2?ssh_identity_file={key}")
    coverage, said = reason(item)

    assert coverage is Coverage.DENIED
    assert "Permission denied (publickey" in said


def test_sudo_that_wants_a_password_is_denied(config: Path, forced: Path) -> None:
    as_nobody = 'setpriv --reuid 65534 --regid 65534 --clear-groups /bin/sh -c \\"$SSH_ORIGINAL_COMMAND\\"'
    forced.write_text(f'command="{as_nobody}" {forced.read_text()}')
    (item,) = ask(config, "ssh://127.0.0.2?sudo=true")
    coverage, said = reason(item)

    assert coverage is Coverage.DENIED
    assert "sudo: " in said


def test_a_host_whose_key_is_unknown_is_denied(config: Path, tmp_path: Path) -> None:
    (tmp_path / "known").write_text("")
    config.write_text(config.read_text().replace("UserKnownHostsFile ", "UserKnownHostsFile /none/"))
    (item,) = ask(config, "ssh://127.0.0.2")

    assert reason(item) == (Coverage.DENIED, "Host key verification failed. (exit 255)")


def test_noise_of_a_login_shell_does_no_harm(config: Path, forced: Path) -> None:
    shell = 'echo Welcome; echo to the host >&2; /bin/sh -c \\"$SSH_ORIGINAL_COMMAND\\"; echo bye'
    forced.write_text(f'command="{shell}" {forced.read_text()}')
    (item,) = ask(config, "ssh://127.0.0.2")

    assert isinstance(item, Document)


def test_a_host_without_python_says_so(config: Path, forced: Path, tmp_path: Path) -> None:
    root = tmp_path / "bare"
    for library in ("/bin/sh", *libraries("/bin/sh")):
        place = root / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(Path(library).read_bytes())
        place.chmod(0o755)
    (root / "dev").mkdir()
    (root / "dev/null").write_text("")
    shell = f'chroot {root} /bin/sh -c \\"$SSH_ORIGINAL_COMMAND\\"'
    forced.write_text(f'command="{shell}" {forced.read_text()}')
    (item,) = ask(config, "ssh://127.0.0.2")
    coverage, said = reason(item)

    assert coverage is Coverage.UNREACHABLE
    assert said.startswith("there is no Python 3.6 or newer")


def test_a_chroot_answers(tmp_path: Path) -> None:
    (item,) = collect(hosts(["chroot:///?name=here"]), Options(), collector="testinfra")

    assert isinstance(item, Document)
    assert item.host == "here"


def libraries(program: str) -> list[str]:
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]


def test_an_inventory_reaches_its_hosts_as_its_variables_say(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "hosts.yml"
    path.write_text(
        "all:\n  vars:\n"
        f"    ansible_user: {server.user}\n    ansible_port: {server.port}\n"
        f"    ansible_ssh_private_key_file: {server.key}\n    ansible_connection: ansible.builtin.ssh\n"
        f"    ansible_ssh_common_args: -o UserKnownHostsFile={server.known_hosts} -o IdentityAgent=none\n"
        "  hosts:\n    cmp1: {ansible_host: 127.0.0.2}\n    cmp2: {ansible_host: 127.0.0.3, ansible_become: true}\n"
    )
    targets = hosts([f"ansible://all?ansible_inventory={path}"])
    found = list(collect(targets, Options(), collector="testinfra", jobs=2))

    assert [item.host for item in found if isinstance(item, Document)] == ["cmp1", "cmp2"]


@pytest.mark.parametrize("answers", [True, False])
def test_a_dead_host_costs_one_bounded_wait(answers: bool) -> None:
    """A port where nobody listens, and one where somebody does and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if answers:
            listener.listen(1)
        (target,) = hosts([f"ssh://127.0.0.1:{listener.getsockname()[1]}?timeout=1"])
        started = time.monotonic()
        (item,) = collect([target], collector="testinfra")
        took = time.monotonic() - started

    coverage, said = reason(item)
    assert coverage is Coverage.UNREACHABLE
    assert ("timed out" if answers else "Connection refused") in said
    assert took < 4
