"""A machine that cannot run containers says why in one line: a skip, or a failure where CI promises that it can."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: A podman that has every image and can start nothing.
UNABLE = '#!/bin/sh\ncase "$*" in *run*) echo "Error: no cgroups here" >&2; exit 126 ;; esac\n'


def surroundings(folder: Path, **variables: str) -> dict[str, str]:
    """An environment whose only programs are those of that folder."""
    return {"PATH": str(folder), "HOME": str(folder), "LANG": os.environ.get("LANG", "C.UTF-8"), **variables}


def run(folder: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=surroundings(folder, **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_machine_without_podman_says_how_to_get_it(tmp_path: Path) -> None:
    done = run(tmp_path, "-m", "tests.containers.images")

    assert done.returncode == 3
    assert done.stderr == (
        "this machine cannot run containers: podman is not installed; run tests/containers/install as root\n"
    )


def test_a_podman_that_starts_nothing_is_quoted_for_each_way_that_was_tried(tmp_path: Path) -> None:
    program = tmp_path / "podman"
    program.write_text(UNABLE)
    program.chmod(0o755)
    done = run(tmp_path, "-m", "tests.containers.images")

    assert done.returncode == 3
    assert done.stderr == (
        "this machine cannot run containers: podman cannot start a container: "
        "Error: no cgroups here; then: Error: no cgroups here\n"
    )


@pytest.mark.parametrize(("ci", "code", "word"), [("", 0, "SKIPPED"), ("true", 1, "ERROR")])
def test_tests_with_containers_are_skipped_but_in_ci_they_fail(
    tmp_path: Path, ci: str, code: int, word: str
) -> None:
    suite = ["-m", "pytest", "-q", "-m", "real", "-p", "no:cacheprovider", "tests/containers/test_lab.py"]
    done = run(tmp_path, *suite, CI=ci)

    assert done.returncode == code, done.stdout
    assert word in done.stdout
    assert "this machine cannot run containers: podman is not installed" in done.stdout
