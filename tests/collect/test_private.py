"""Folders that are ours alone and do not outlive us."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

from auditor.collect import private

HOLD = """
import sys, time
from pathlib import Path
from auditor.collect import private
with private.folder((Path(sys.argv[1]),)) as path:
    (path / "secret").write_text("s")
    print(path, flush=True)
    time.sleep(60)
"""


def hold(place: Path) -> tuple[subprocess.Popen[str], Path]:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    return child, Path(child.stdout.readline().strip())


def wait_until_gone(path: Path) -> bool:
    end = time.monotonic() + 10
    while path.exists() and time.monotonic() < end:
        time.sleep(0.02)
    return not path.exists()


def test_only_its_owner_enters_it_and_it_is_gone_afterwards(tmp_path):
    with private.folder((tmp_path,)) as path:
        mode = stat.S_IMODE(path.stat().st_mode)

    assert mode == 0o700
    assert not path.exists()


def test_the_next_place_is_taken_where_the_first_cannot_be_used(tmp_path):
    with private.folder((tmp_path / "missing", tmp_path)) as path:
        parent = path.parent

    assert parent == tmp_path


def test_a_killed_run_leaves_nothing(tmp_path):
    child, path = hold(tmp_path)
    held = path.is_dir()
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()

    assert held
    assert wait_until_gone(path)


def test_the_next_run_removes_what_a_dead_one_left_and_nothing_else(tmp_path):
    child, living = hold(tmp_path)
    dead = tmp_path / f"{private.PREFIX}dead"
    dead.mkdir()
    (dead / ".held").touch()
    half_made = tmp_path / f"{private.PREFIX}new"
    half_made.mkdir()
    other = tmp_path / "other"
    other.mkdir()

    try:
        swept = private.sweep((tmp_path,))
        remaining = sorted(path.name for path in tmp_path.iterdir())
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert child.stdout is not None
        child.stdout.close()

    assert swept == (dead,)
    assert remaining == sorted([living.name, half_made.name, other.name])


def test_memory_comes_before_the_disk():
    assert private.places({"XDG_RUNTIME_DIR": "/run/user/7", "TMPDIR": "relative"}) == (
        Path("/run/user/7"),
        Path("/dev/shm"),
        Path("/tmp"),
    )
