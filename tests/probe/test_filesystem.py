"""Access to a tree: rooted, bounded, blind to what could harm, and without a trace."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.probe.filesystem import Budget, OutOfTime, Tree


def tree(root: Path, files: int = 1000, file_bytes: int = 1 << 20, seconds: float = 60) -> Tree:
    return Tree(str(root), Budget(time.monotonic() + seconds, files, file_bytes))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").write_text("outside\n")
    folder = tmp_path / "root"
    (folder / "etc").mkdir(parents=True)
    (folder / "etc" / "plain").write_text("inside\n")
    return folder


def test_a_file_is_read(root: Path) -> None:
    entry = tree(root).read("/etc/plain")

    assert (entry.status, entry.text) == ("read", "inside\n")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/etc/plain", "read"),
        ("plain", "read"),
        ("../etc/./plain", "read"),
        ("../../../../../etc/plain", "read"),
        ("/../etc/plain", "read"),
        ("/outside", "absent"),
        ("../../outside", "absent"),
        ("/etc/passwd", "absent"),
        ("/proc/self/environ", "absent"),
        ("link", "loop"),
        ("/etc/plain/x", "absent"),
        ("/etc", "not-regular"),
    ],
)
def test_a_link_stays_inside_the_root(root: Path, target: str, status: str) -> None:
    (root / "etc" / "link").symlink_to(target)

    assert tree(root).read("/etc/link").status == status


def test_a_path_cannot_climb_out(root: Path) -> None:
    assert tree(root).read("/../../outside").status == "absent"
    assert tree(root).read("/etc/../../outside").status == "absent"


def test_a_folder_that_is_a_link_out_is_followed_inside(root: Path) -> None:
    (root / "nova").symlink_to("/etc")

    assert tree(root).read("/nova/plain").text == "inside\n"


def test_the_links_of_procfs_are_refused() -> None:
    entry = tree(Path("/")).read("/proc/self/root/etc/passwd")

    assert entry.status == "outside"


def test_links_in_a_circle_end(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    (root / "deep").symlink_to("deep/deep")

    assert tree(root).read("/a").status == "loop"
    assert tree(root).read("/deep/x").status == "loop"


def test_what_is_no_file_is_never_opened(root: Path) -> None:
    os.mkfifo(root / "fifo")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(root)
    listening.bind("socket")
    os.chdir(here)
    found = tree(root)

    assert found.read("/fifo").status == "not-regular"
    assert found.read("/socket").status == "not-regular"
    assert found.read("/etc")[:2] == ("not-regular", "it is a folder")
    listening.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_never_opened(root: Path) -> None:
    with contextlib.suppress(PermissionError):  # a container may not make one
        os.mknod(root / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        assert tree(root).read("/zero").status == "not-regular"

    assert tree(Path("/")).read("/dev/zero").status == "not-regular"


def test_a_large_file_is_left_unread(root: Path) -> None:
    with (root / "large").open("wb") as file:
        file.truncate(100 << 20)
    entry = tree(root).read("/large")

    assert entry.status == "too-large"
    assert entry.reason == "104857600 bytes, more than 1048576"
    assert entry.text is None


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"a\0b", "binary"),
        (b"\xff\xfe", "undecodable"),
        (b"caf\xe9", "undecodable"),
        (b"", "read"),
        (b"\xef\xbb\xbf", "read"),
    ],
)
def test_what_is_no_text_has_none(root: Path, content: bytes, status: str) -> None:
    (root / "file").write_bytes(content)

    assert tree(root).read("/file").status == status


def test_the_number_of_files_is_bounded(root: Path) -> None:
    found = tree(root, files=1)

    assert found.read("/etc/plain").status == "read"
    assert found.read("/etc/plain").status == "limit"


def test_time_is_bounded(root: Path) -> None:
    with pytest.raises(OutOfTime):
        tree(root, seconds=-1).read("/etc/plain")


def test_a_folder_with_many_names_is_listed_in_part(root: Path) -> None:
    many = root / "many"
    many.mkdir()
    for number in range(10_001):
        os.link(root / "etc" / "plain", many / str(number))
    names, status = tree(root).list("/many")

    assert (len(names), status) == (10_000, "limit")


def test_deep_nesting_ends(root: Path) -> None:
    folder = os.open(root, os.O_RDONLY)
    for _ in range(300):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)

    assert tree(root).look("/" + "d/" * 200).status == "metadata"
    assert tree(root).look("/" + "d/" * 300).status == "loop"


@pytest.mark.parametrize("path", ["/etc/" + "x" * 300, "/" + "x/" * 5000, "/etc/\0", "/\udcff"])
def test_an_impossible_path_is_absent_or_refused(root: Path, path: str) -> None:
    assert tree(root).read(path).status in ("absent", "loop")


def test_no_descriptor_is_left_open(root: Path) -> None:
    found = tree(root)
    (root / "loop").symlink_to("loop")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in ("/etc/plain", "/loop", "/none/x", "/etc/plain/x", "/etc"):
        found.read(path)
        found.look(path)
        found.list(path)
        found.link(path)

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_reading_leaves_no_trace(root: Path) -> None:
    os.utime(root / "etc" / "plain", (1, 1))
    os.utime(root / "etc", (1, 1))
    found = tree(root)
    found.read("/etc/plain")
    found.list("/etc")

    assert (root / "etc" / "plain").stat().st_atime == 1
    assert (root / "etc").stat().st_atime == 1


AS_NOBODY = """
import os, sys, time
sys.path.insert(0, sys.argv[2])
from auditor.probe.filesystem import Budget, Tree
os.setgroups([]); os.setgid(65534); os.setuid(65534)
tree = Tree(sys.argv[1], Budget(time.monotonic() + 60, 100, 1 << 20))
print(tree.read("/closed/file").status, tree.list("/closed")[1], tree.read("/file").status, tree.exists("/closed/file"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_what_is_denied_is_told_and_may_exist(root: Path) -> None:
    (root / "closed").mkdir(mode=0o700)
    (root / "closed" / "file").touch()
    (root / "file").touch(mode=0o600)
    for folder in root.parents:
        if len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o011)
    source = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(root), source], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["denied", "denied", "denied", "True"]
