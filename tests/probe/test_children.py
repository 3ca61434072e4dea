"""Programs of the host's that are run as somebody else: bounded, without rights, and leaving nothing behind."""

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.probe import children
from auditor.probe.children import Answer, Identity, Refused

SHELL = "/bin/sh"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "WORD": "told"}

#: Of `clone(2)`.
_USER, _MOUNT, _NETWORK = 0x10000000, 0x00020000, 0x40000000


def somebody() -> Identity:
    """Who may be asked here: another than root where we are root, else ourselves."""
    own = Identity(os.geteuid(), os.getegid(), tuple(os.getgroups()))
    return children.of_account("daemon") if own.uid == 0 else own


def said(
    script: str,
    *,
    seconds: float = 10,
    most: int = 1 << 20,
    who: Identity | None = None,
    programs: Sequence[str] = (SHELL,),
) -> Answer:
    """What a shell script answers."""
    ends = time.monotonic() + seconds
    return children.run(programs, ["-c", script], who or somebody(), ENVIRONMENT, ends, most)


def is_gone(mark: str) -> bool:
    """Whether no process holds a word, within the seconds that a busy machine takes to end what was killed."""
    deadline = time.monotonic() + 5
    while running(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not running(mark)


def running(mark: str) -> list[str]:
    """The command lines of processes that hold a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if mark in line and folder.name != str(os.getpid()):
            found.append(line)
    return found


def test_it_is_the_user_and_has_no_other_rights() -> None:
    found = said(
        "id -u; id -g; umask; pwd; ulimit -c; ulimit -f; grep -E 'CapEff|NoNewPrivs' /proc/self/status"
    )

    who = somebody()
    assert found.output.split() == [
        str(who.uid),
        str(who.gid),
        "0077",
        "/",
        "0",
        "0",
        "CapEff:",
        "0" * 16,
        "NoNewPrivs:",
        "1",
    ]


def test_it_has_the_environment_that_it_is_given_and_no_input() -> None:
    found = said("env | grep -v -E '^(PWD|OLDPWD|SHLVL|_)=' | sort; cat; echo over")

    assert found.output.split() == ["PATH=/usr/bin:/bin", "WORD=told", "over"]


def test_it_inherits_no_file() -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        found = said("ls /proc/self/fd")
    finally:
        os.close(reading)
        os.close(writing)

    assert found.output.split() == ["0", "1", "2", "3"]  # the last is that of ls itself


def test_it_is_not_of_our_session() -> None:
    found = said("ps -o sid= -p $$; echo $$")

    session, pid = found.output.split()
    assert session == pid


def test_it_cannot_write_into_a_file(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents[:3]:
        if folder.owner() != "root" or os.geteuid() == 0:
            folder.chmod(0o755)

    found = said(f"echo text > {tmp_path}/file")

    assert found.code != 0
    assert [file.stat().st_size for file in tmp_path.iterdir()] == [0]


def test_how_it_ended_is_told() -> None:
    assert said("echo a; echo b >&2; exit 3") == Answer(SHELL, 3, "a\n", "b\n")
    assert said("kill -TERM $$").code == -signal.SIGTERM


def test_the_first_program_that_is_there_is_run() -> None:
    assert said("echo x", programs=("/no/such/sh", SHELL)).program == SHELL


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        (("/no/such/sh", "/nor/such/sh"), "there is no sh"),
        (("/etc/passwd",), "passwd cannot be run: Permission denied"),
        (("/no/such/passwd", "/etc/passwd"), "passwd cannot be run: Permission denied"),
    ],
)
def test_that_no_program_can_be_run_is_told(programs: Sequence[str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        said("echo x", programs=programs)


@pytest.mark.parametrize(
    "script", ["sleep 4711", "exec >&- 2>&-; sleep 4711", "while :; do echo x; sleep 0.1; : 4711; done"]
)
def test_what_does_not_end_is_killed(script: str) -> None:
    start = time.monotonic()

    with pytest.raises(Refused, match="sh had not ended when its time was over"):
        said(script, seconds=0.5)

    assert time.monotonic() - start < 5
    assert is_gone("4711")


def test_what_prints_without_end_is_killed() -> None:
    with pytest.raises(Refused, match="sh printed more than 65536 bytes"):
        said("yes 4713", most=1 << 16)

    assert is_gone("yes 4713")


@pytest.mark.parametrize(
    "script", ["sleep 4712 &", "setsid sleep 4712 >/dev/null 2>&1 &", "setsid sleep 4712 &"]
)
def test_what_it_leaves_behind_is_killed(script: str) -> None:
    start = time.monotonic()

    found = said(f"{script} sleep 0.2; echo out")

    assert (found.code, found.output) == (0, "out\n")
    assert is_gone("sleep 4712")
    assert time.monotonic() - start < 8


def test_an_alarm_while_it_runs_leaves_nothing_behind() -> None:
    class Expired(Exception):
        pass

    def expire(_signal: int, _frame: object) -> None:
        raise Expired

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(Expired):
            said("sleep 4714")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert is_gone("sleep 4714")


def test_no_file_of_ours_stays_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    said("echo x")
    with pytest.raises(Refused):
        said("echo x", programs=("/no/such/sh",))

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_nothing_is_run_as_root() -> None:
    with pytest.raises(Refused, match="the service runs as root"):
        said("id", who=Identity(0, 0, ()))


def test_the_root_of_a_container_is_root_too() -> None:
    with pytest.raises(Refused, match="the service runs as root"):
        said("id", who=Identity(100000, 100000, (), None, "0 100000 65536\n", "0 100000 65536\n"))


def test_an_account_that_is_not_there_is_told() -> None:
    with pytest.raises(Refused, match="the user of the service has no account on this host"):
        children.of_account("no-such-user")


def test_a_process_that_is_gone_is_told() -> None:
    with pytest.raises(
        Refused, match="the process of the service cannot be looked at: No such file or directory"
    ):
        children.of_process(2**22 + 1)


@contextmanager
def apart(spaces: int, script: str, numbers: str | None = None) -> Iterator[int]:
    """A process in namespaces of its own, which runs a script as root there and then sleeps as daemon."""
    ours, theirs = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            ctypes.CDLL(None).unshare(spaces)
            os.write(theirs[1], b".")
            os.read(ours[0], 1)
            if numbers is not None:
                os.setresgid(0, 0, 0)
                os.setresuid(0, 0, 0)
            subprocess.run([SHELL, "-c", script], check=True)
            os.setgroups([])
            os.setresgid(1, 1, 1)
            os.setresuid(1, 1, 1)
            os.execv("/bin/sleep", ["sleep", "60"])  # noqa: S606 - it is to become that
        finally:
            os._exit(1)
    os.close(theirs[1])
    try:
        os.read(theirs[0], 1)
        for kind in ("uid_map", "gid_map") if numbers is not None else ():
            Path(f"/proc/{pid}/{kind}").write_text(numbers or "")
        os.write(ours[1], b".")
        os.read(theirs[0], 1)  # its end is closed when it has become what it runs
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for file in (*ours, theirs[0]):
            os.close(file)


@pytest.mark.real
def test_the_namespaces_of_a_service_are_entered() -> None:
    with apart(_MOUNT | _NETWORK, "mount -t tmpfs none /mnt && echo inside > /mnt/file") as pid:
        who = children.of_process(pid)
        found = said("cat /mnt/file; readlink /proc/self/ns/net; id -u", who=who)
        space = str(Path(f"/proc/{pid}/ns/net").readlink())
        outside = said("cat /mnt/file")

    assert found.output.split() == ["inside", space, "1"]
    assert outside.code != 0


@pytest.mark.real
def test_the_user_namespace_of_a_service_is_entered_last() -> None:
    numbers = "0 100000 65536\n"
    script = "mount -t tmpfs none /mnt && echo inside > /mnt/file"
    with apart(_USER | _MOUNT, script, numbers) as pid:
        who = children.of_process(pid)
        found = said("cat /mnt/file; id -u; grep CapEff /proc/self/status", who=who)

    assert who.uid == 100001
    assert found.output.split() == ["inside", "1", "CapEff:", "0" * 16]


@pytest.mark.real
def test_only_root_enters_namespaces() -> None:
    with apart(_NETWORK, "true") as pid:
        child = os.fork()
        if child == 0:
            os.setresgid(1, 1, 1)
            os.setresuid(1, 1, 1)
            try:
                said("id", who=children.of_process(pid))
            except Refused as reason:
                os._exit(0 if "which only root may enter" in str(reason) else 2)
            finally:
                os._exit(1)
        status = os.waitpid(child, 0)[1]

    assert os.WEXITSTATUS(status) == 0


def test_as_many_files_may_be_open_as_the_limit_allows() -> None:
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(least, min(most, 4096)), most))
    held = [os.open("/dev/null", os.O_RDONLY) for _ in range(1100)]
    try:
        found = said("echo x")
    finally:
        for file in held:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, most))

    assert found.output == "x\n"
