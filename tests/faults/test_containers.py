"""What goes wrong on a real host of its own, a container: sudo as it refuses, a disk that is full, an end at a bad moment."""

import secrets
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.containers import connection, images
from tests.containers.podman import LABEL, CannotRun, options, podman, remove, required
from tests.faults.fleet import (
    SOUND,
    Ended,
    audit,
    ended,
    environment,
    judged,
    words,
    write_inventory,
    write_script,
)

pytestmark = pytest.mark.real

#: A small Debian with sudo.
IMAGE = images.Recipe("sudo", (*images.PYTHON, "sudo"))

#: Seconds after which a container ends by itself.
LIFETIME = 900

PASSWORD = "yFw7hPq2"

SUDOERS = """\
allowed ALL=(ALL) NOPASSWD: ALL
knows ALL=(ALL) ALL
forgot ALL=(ALL) ALL
mistaken ALL=(ALL) ALL
terminal ALL=(ALL) NOPASSWD: ALL
Defaults:terminal requiretty
other ALL=(ALL) NOPASSWD: /usr/bin/id
"""

USERS = ("allowed", "knows", "forgot", "mistaken", "terminal", "other", "stranger")

BECOME = {"ansible_become": True, "ansible_become_method": "sudo"}
FILES = {"ansible_pipelining": False, "ansible_ssh_transfer_method": "piped"}

#: In place of ssh, with its manners: the last argument is a command for the shell of a user in the container.
CLIENT = """\
#!/bin/sh
for command; do :; done
exec podman exec --interactive --user {user} {box} /bin/sh -c "$command"
"""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the one container: as whom, with what variables, the coverage and what the report says."""

    name: str
    coverage: str
    says: str = ""
    user: str = "root"
    variables: Mapping[str, Any] = field(default_factory=dict)


def sudo(user: str, coverage: str, says: str = "", **variables: Any) -> Way:
    """Log in as a user, and become root."""
    return Way(f"sudo-{user}", coverage, says, user, {**BECOME, **variables})


WAYS = (
    Way("root", "audited"),
    sudo("allowed", "audited"),
    sudo("knows", "audited", ansible_become_password=PASSWORD),
    sudo("forgot", "denied", "sudo password"),
    sudo("mistaken", "denied", "password", ansible_become_password="wrong"),
    sudo("stranger", "denied", "sudo password"),
    sudo("terminal", "denied", "set ansible_pipelining to false"),
    sudo("other", "denied", "sudo password"),
    Way("user-unknown", "unreachable", "unable to find user", "nobody-of-that-name"),
    Way(
        "full-files",
        "unreachable",
        "the disk is full",
        "root",
        {"ansible_remote_tmp": "/full/ansible", **FILES},
    ),
    Way("full-piped", "audited", "", "root", {"ansible_remote_tmp": "/full/ansible"}),
)


@contextmanager
def container(*more: str) -> Iterator[str]:
    """Run a container that is the sound host, and ends by itself if nobody ends it; its name."""
    name = f"faults-{secrets.token_hex(4)}"
    told = options()
    run = ("run", "--detach", "--rm", "--network=none", "--label", f"{LABEL}=faults", *told.run)
    try:
        podman(*told.engine, *run, *more, "--name", name, IMAGE.tag, "sleep", str(LIFETIME))
        shell(name, *map(write, SOUND))
        yield name
    finally:
        remove((name,))


@pytest.fixture(scope="module")
def image() -> None:
    """The image is there, and so is Ansible's connection to containers."""
    try:
        images.make((*images.HOSTS, IMAGE))
    except CannotRun as reason:
        if required():
            pytest.fail(f"this machine cannot run containers: {reason}", pytrace=False)
        pytest.skip(f"this machine cannot run containers: {reason}")
    connection.make()


@pytest.fixture(scope="module")
def box(image: None) -> Iterator[str]:
    """A container with users, a configuration that only root reads, and a disk that is full."""
    with container("--tmpfs=/full:size=64k,mode=1777") as name:
        prepare(name)
        yield name


def prepare(name: str) -> None:
    """Make the users of a container, and fill its disks."""
    lines = [
        *(f"useradd -m {user} && echo {user}:{PASSWORD} | chpasswd" for user in USERS),
        f"printf %s '{SUDOERS}' > /etc/sudoers.d/faults",
        "chown root:root /etc/nova/nova.conf && chmod 600 /etc/nova/nova.conf",
        "dd if=/dev/zero of=/full/of-nothing bs=4k 2>/dev/null || true",
        "mkdir -p /full/ansible",
    ]
    shell(name, *lines)


def write(path: str) -> str:
    """The command that writes a file of the sound host."""
    return f"mkdir -p {Path(path).parent} && printf %s {shlex.quote(SOUND[path])} > {path}"


def shell(name: str, *lines: str) -> None:
    """Run commands in a container, until one fails."""
    podman("exec", name, "/bin/sh", "-ec", "\n".join(lines))


def write_ways(folder: Path, box: str) -> Path:
    """Write an inventory of the ways to a container."""
    hosts = {}
    for way in WAYS:
        client = write_script(folder / way.name, CLIENT.format(user=way.user, box=box))
        # A template, so that they are not taken for one host.
        hosts[way.name] = {"ansible_host": "{{ 'box' }}", "ansible_ssh_executable": client, **way.variables}
    return write_inventory(folder / "hosts.yml", hosts, ansible_python_interpreter="/usr/bin/python3")


COLLECTIONS = {"ANSIBLE_COLLECTIONS_PATH": str(connection.COLLECTIONS)}


@pytest.fixture(scope="module")
def run(box: str, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One run of the fleet door over all ways."""
    folder = tmp_path_factory.mktemp("ways")
    return audit(folder, "-i", write_ways(folder, box))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_each_way_to_a_host_has_its_coverage_and_the_reason(run: Ended, way: Way) -> None:
    coverage, reason = run.hosts[way.name]

    assert (coverage, way.says in (reason or "")) == (way.coverage, True), reason


def test_only_where_somebody_got_in_is_anything_judged(run: Ended) -> None:
    sound = {way.name for way in WAYS if way.coverage == "audited"}

    assert (run.code, run.why) == (3, f"incomplete: {len(WAYS) - len(sound)} hosts not audited"), run.errors
    assert set(judged(run)) == sound
    assert run.report["passed"]["messaging-plaintext"].keys() == sound


# podman 4.3 loses what a command says that ends before it has read its input, half of the time; then nobody knows that it
# was sudo that refused.
REFUSED = {"denied", "unreachable"}

SPECS: Mapping[str, tuple[str, set[str]]] = {
    "root": ("podman://{box}?name=root", {"audited"}),
    "allowed": ("podman://allowed@{box}?sudo=true&name=allowed", {"audited"}),
    "forgot": ("podman://forgot@{box}?sudo=true&name=forgot", REFUSED),
    "stranger": ("podman://stranger@{box}?sudo=true&name=stranger", REFUSED),
    "other": ("podman://other@{box}?sudo=true&name=other", REFUSED),
    "terminal": ("podman://terminal@{box}?sudo=true&name=terminal", REFUSED),
    "gone": ("podman://{box}-gone?name=gone", {"unreachable"}),
}


def test_testinfra_gets_in_where_sudo_lets_it(box: str, tmp_path: Path) -> None:
    run = audit(tmp_path, "--hosts", ",".join(spec.format(box=box) for spec, _ in SPECS.values()))
    wrong = {
        name: run.hosts[name] for name, (_, allowed) in SPECS.items() if run.hosts[name][0] not in allowed
    }

    assert wrong == {}
    assert (run.code, run.why) == (3, f"incomplete: {len(SPECS) - 2} hosts not audited"), run.errors
    assert set(judged(run)) == {"root", "allowed"}


@pytest.mark.parametrize("door", ["ansible", "testinfra"])
def test_without_root_what_only_root_may_read_is_not_green(box: str, tmp_path: Path, door: str) -> None:
    inventory = write_inventory(
        tmp_path / "hosts.yml",
        {box: {"ansible_user": "stranger"}},
        ansible_connection="containers.podman.podman",
        ansible_python_interpreter="/usr/bin/python3",
    )
    asked = ("-i", inventory) if door == "ansible" else ("--hosts", f"podman://stranger@{box}")
    run = audit(tmp_path, *asked, **COLLECTIONS)

    assert (run.code, run.report["complete"]) == (3, False)
    assert run.report["passed"] == {}
    assert "/etc/nova/nova.conf" in run.text


@pytest.mark.parametrize("door", ["ansible", "testinfra"])
def test_a_container_that_stops_after_its_answer_is_judged_by_it_and_one_that_stops_before_is_lost(
    image: None, tmp_path: Path, door: str
) -> None:
    with container() as answers, container() as asked:
        stops(tmp_path, door, answers, asked)


def stops(tmp_path: Path, door: str, answers: str, asked: str) -> None:
    """Stop both containers between the answer of one and that of the other."""
    python = write_script(
        tmp_path / "python", "#!/bin/sh\ncase $2 in -c) exit 0;; esac\ntouch /asked\nexec sleep 300\n"
    )
    podman("cp", python, f"{asked}:/usr/local/bin/python3")
    inventory = write_inventory(
        tmp_path / "hosts.yml",
        {
            answers: {"ansible_python_interpreter": "/usr/bin/python3"},
            asked: {"ansible_python_interpreter": "/usr/local/bin/python3"},
        },
        ansible_connection="containers.podman.podman",
    )
    doors = {
        "ansible": ("-i", inventory),
        "testinfra": ("--hosts", f"podman://{answers},podman://{asked}"),
    }
    auditor = subprocess.Popen(
        [*words(tmp_path, *doors[door]), "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path, **COLLECTIONS),
    )
    try:
        assert auditor.stderr is not None
        next(line for line in auditor.stderr if f"{answers} audited" in line)
        shell(asked, "until test -e /asked; do sleep 0.05; done")
        for name in (answers, asked):
            podman("stop", "--time=0", name)
        output, errors = auditor.communicate(timeout=60)
    finally:
        auditor.send_signal(signal.SIGTERM)
        auditor.wait()
    run = ended(tmp_path, auditor.returncode, output, errors)

    assert (run.code, run.why) == (3, "incomplete: 1 host not audited"), run.errors
    assert run.hosts[answers] == ("audited", None)
    assert judged(run) == [answers]
    assert run.hosts[asked][0] == "unreachable", run.hosts
