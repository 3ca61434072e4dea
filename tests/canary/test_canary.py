"""A canary in every place of a host that bears secrets: none may sing outside of it.

Looked for raw, percent-encoded and in base64 at its three offsets, in everything that the command line writes: the
evidence bundle, each format, what `show` prints, the log at its loudest, and the folder for temporary files.
"""

import base64
import gzip
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.canary.host import CANARIES, write_host
from tests.canary.songs import songs


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_host(tmp_path_factory.mktemp("trees") / "host")


def run(arguments: list[str], temporary: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "TMPDIR": str(temporary), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "auditor.cli", *arguments],
        capture_output=True,
        env=environment,
        check=False,
        timeout=120,
    )


def left_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_the_search_finds_a_canary_in_each_of_its_forms() -> None:
    word = CANARIES["fixed_key"]
    written = [
        word.encode(),
        quote(word).encode(),
        *(base64.b64encode(b"x" * n + word.encode() + b"yy") for n in range(3)),
    ]

    assert all(songs(text) == {"fixed_key": songs(text)["fixed_key"]} for text in written)


def test_the_tree_holds_every_canary(root: Path) -> None:
    assert set(songs(left_in(root))) == set(CANARIES)
    assert len(CANARIES) >= 100


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_canary_sings_in_a_report(root: Path, tmp_path: Path, form: str) -> None:
    result = run(
        ["audit", "--root", str(root), "--profile", "strict", "--full", "-f", form, "-vvv"], tmp_path
    )

    assert result.returncode == 1, result.stderr.decode()
    assert b"nova-conductor" in result.stdout
    assert songs(result.stdout + result.stderr + left_in(tmp_path)) == {}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("steps", [("zed", "2026.2"), ("2024.2", "2025.1")])
def test_no_canary_sings_in_what_an_upgrade_changes(
    root: Path, tmp_path: Path, form: str, steps: tuple[str, str]
) -> None:
    words = [
        "upgrade",
        "--root",
        str(root),
        "--from",
        steps[0],
        "--to",
        steps[1],
        "--all",
        "-f",
        form,
        "-vvv",
    ]
    result = run(words, tmp_path)

    assert result.returncode in (1, 3), result.stderr.decode()
    assert b"nova-conductor" in result.stdout
    assert songs(result.stdout + result.stderr + left_in(tmp_path)) == {}


def test_no_canary_sings_in_a_bundle(root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    result = run(["collect", "--root", str(root), "-o", str(bundle), "-vvv"], temporary)
    documents = [gzip.decompress(path.read_bytes()) for path in bundle.glob("*.gz")]

    assert result.returncode == 0, result.stderr.decode()
    assert len(documents) == 1
    assert b"/etc/nova/broken.conf" in documents[0]
    assert songs(documents[0] + result.stdout + result.stderr + left_in(tmp_path)) == {}


@pytest.mark.parametrize("service", ["nova-conductor", "nova-compute", "nova-api-metadata", "placement"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_canary_sings_in_what_show_prints(root: Path, tmp_path: Path, service: str, form: str) -> None:
    result = run(
        ["show", "--all", "--root", str(root), "--service", service, "--release", "2025.1", "--format", form],
        tmp_path,
    )

    assert result.returncode == 0, result.stderr.decode()
    assert len(result.stdout) > 5_000
    assert songs(result.stdout + result.stderr + left_in(tmp_path)) == {}
