"""The payload runs on every older Python of this machine, the oldest first, and answers the same."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from auditor.collect import Options, request
from auditor.collect.payload import answer, script
from auditor.model import Kind, Target

EXAMPLE = Path(__file__).resolve().parents[2] / "inventories" / "example"
VERSIONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


def interpreters() -> dict[str, str]:
    """The interpreters that are here and start, by version."""
    found = {}
    for version in VERSIONS:
        places = [
            shutil.which(f"python{version}"),
            *Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"),
        ]
        for place in filter(None, places):
            done = subprocess.run([str(place), "-c", "pass"], capture_output=True, check=False)
            if done.returncode == 0:
                found.setdefault(version, str(place))
    return found


def evidence(interpreter: str, tree: str) -> Any:
    target = Target(tree, Kind.TREE, str(EXAMPLE / tree))
    payload = script(request(target, Options(salt=b"\0" * 32)))
    done = subprocess.run([interpreter, "-I", "-"], input=payload.encode(), capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()

    document = answer(done.stdout)
    assert document is not None
    return {**document, "collected": "", "clock": 0}


@pytest.mark.real
@pytest.mark.parametrize("tree", ["kolla-controller", "osa-api", "debian-compute", "hardened"])
def test_every_python_at_hand_gives_the_same_evidence(tree: str) -> None:
    here = interpreters()
    oldest, *others = here.values()
    reference = evidence(oldest, tree)

    assert reference["services"]
    assert reference["incomplete"] == []
    for interpreter in others:
        assert json.dumps(evidence(interpreter, tree)) == json.dumps(reference)
