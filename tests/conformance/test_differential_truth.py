"""The recorded truth of the differential test is what the real Nova says today: measured anew, set by set."""

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.environments import interpreter

DIFFERENTIAL = Path(__file__).resolve().parents[1] / "differential"


def read(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


@pytest.mark.real
@pytest.mark.parametrize("release", ["zed", "2025.1", "2026.2"])
def test_the_recorded_truth_is_what_nova_says(release: str, tmp_path: Path) -> None:
    measured = tmp_path / "truth.json.gz"
    recorder = DIFFERENTIAL / "record.py"
    sets = DIFFERENTIAL / "sets.json.gz"
    subprocess.run([interpreter(release), recorder, "truth", sets, measured], check=True, timeout=1500)
    recorded = read(DIFFERENTIAL / "truth" / f"{release}.json.gz")

    assert len(recorded["results"]) >= 1000
    assert read(measured)["results"] == recorded["results"]
    assert read(measured)["baseline"] == recorded["baseline"]
