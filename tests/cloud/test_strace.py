"""The kernel's word: the first question reads, and does nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.evidence import Document
from tests.cloud.cloud import Cloud
from tests.cloud.probing import PYTHON, probe
from tests.conformance.servers.process import run

pytestmark = pytest.mark.real

#: All calls that take a path, make or end a process, or have to do with sockets.
STRACE = (
    "strace",
    "-f",
    "--seccomp-bpf",
    "-s",
    "512",
    "-e",
    "trace=%file,%process,%network,kill,tgkill,ptrace",
)

#: Those of them that only look.
LOOKING = frozenset(
    [
        "access",
        "faccessat",
        "faccessat2",
        "stat",
        "lstat",
        "newfstatat",
        "statx",
        "statfs",
        "readlink",
        "readlinkat",
        "getcwd",
        "exit",
        "exit_group",
    ]
)

_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)")
_OPENED = re.compile(r'(?:AT_FDCWD|\d+), "((?:[^"\\]|\\.)*)", ([A-Z_|0-9x]+)')
_WRITING = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND|TMPFILE)")


def calls(trace: Path) -> Iterator[tuple[str, str]]:
    """Each call of a trace: its name, and what follows."""
    for line in trace.read_text().splitlines():
        call = _CALL.match(line)
        if call:
            yield call.group(1), call.group(2)
        else:
            assert re.search(r"\+\+\+ exited with|--- SIG|resumed>", line), line


def opened(trace: Path) -> Iterator[tuple[str, str]]:
    """The paths that were opened, with the flags."""
    for name, rest in calls(trace):
        if name == "openat":
            found = _OPENED.match(rest)
            assert found, rest
            yield found.group(1), found.group(2)


def offences(trace: Path) -> list[str]:
    """The calls that do more than look, but for the start of the probe's own Python."""
    found = [f"openat {path} {flags}" for path, flags in opened(trace) if _WRITING.search(flags)]
    others = [(name, rest) for name, rest in calls(trace) if name != "openat" and name not in LOOKING]
    started = [rest for name, rest in others if name == "execve" and rest.startswith(f'"{PYTHON}"')]
    allowed = [("execve", started[0])] if started else []
    return found + [f"{name}({rest}" for name, rest in others if (name, rest) not in allowed]


@pytest.fixture(scope="module")
def watched(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Path]:
    """What the probe said of the running planes, and what it did for it."""
    trace = tmp_path_factory.mktemp("strace") / "trace"
    return probe([*STRACE, "-o", trace]), trace


def test_the_probe_that_was_watched_saw_the_planes(watched: tuple[Document, Path], cloud: Cloud) -> None:
    services = watched[0].content["services"]

    assert watched[0].content["incomplete"] == []
    assert len([one for one in services if one["process"]["status"] == "running"]) == sum(
        len(plane.services) for plane in cloud.planes.values()
    )


def test_it_writes_nothing_starts_nothing_and_connects_nowhere(watched: tuple[Document, Path]) -> None:
    assert offences(watched[1]) == []


def test_libraries_are_read_and_never_loaded(watched: tuple[Document, Path]) -> None:
    # The probe enters folders one by one; Python opens what it loads by its whole path.
    read = {path for path, _ in opened(watched[1]) if "/" not in path}
    loaded = {
        path
        for path, _ in opened(watched[1])
        if "/" in path and path.endswith((".py", ".pyc", ".so", ".pth"))
    }

    assert {"site-packages", "METADATA"} <= read
    assert not [path for path in read if path.endswith((".pyc", ".so", ".pth"))]
    assert not [path for path in loaded if not path.startswith(("/usr/lib/", "/lib/", "/usr/local/lib/"))]


@pytest.mark.parametrize(
    "offence",
    [
        "open('written', 'w')",
        "open('written', 'ab')",
        "import os; os.mkdir('folder')",
        "import os; os.unlink('/nowhere')",
        "import os; os.system('true')",
        "import os; os.fork() or os._exit(0)",
        "import os; os.execv('/bin/true', ['true'])",
        "import socket; socket.socket()",
        "import threading; threading.Thread(target=print).start()",
    ],
)
def test_the_watch_sees_an_offence(offence: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    script = f"try:\n    {offence}\nexcept OSError:\n    pass\n"
    run([*STRACE, "-o", trace, PYTHON, "-I", "-c", script], "root", tmp_path)

    assert offences(trace) != []


def test_the_watch_lets_pass_what_only_looks(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    script = "import os; print(open('/proc/self/status').read(), os.listdir('/'), os.stat('/'), os.path.realpath('/proc/self/exe'))"
    run([*STRACE, "-o", trace, PYTHON, "-I", "-c", script], "root", tmp_path)

    assert offences(trace) == []
    assert ("/proc/self/status", "O_RDONLY|O_CLOEXEC") in opened(trace)
