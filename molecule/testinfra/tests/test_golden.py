"""The audit as tests of pytest finds on each fixture host what reviewers agreed on, and nothing else."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

GOLDEN = Path(__file__).parents[2] / "default" / "golden"

FINDING = re.compile(r"(fail|unknown|error)(?: of (.+?))? \((critical|high|medium|low|info)\): ")


@pytest.mark.parametrize("name", ["hardened", "careless", "compute", "kolla"])
def test_pytest_finds_what_is_in_the_golden_list(name: str, tmp_path: Path) -> None:
    lines = (GOLDEN / f"{name}.txt").read_text().splitlines()

    assert sorted(found(f"molecule-{name}", tmp_path)) == sorted(
        line for line in lines if line and not line.startswith("#")
    )


def found(host: str, folder: Path) -> list[str]:
    """The findings that the failures of the suite tell, as the golden lists write them."""
    junit = folder / "junit.xml"
    suite = [
        "-p",
        "no:cacheprovider",
        "--pyargs",
        "auditor.suite",
        f"--rootdir={folder}",
        f"--junitxml={junit}",
    ]
    asked = [f"--hosts=podman://{host}", "--audit-profile=strict", "--audit-fail-on=info"]
    command = [sys.executable, "-m", "pytest", *suite, *asked]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode in {0, 1}, done.stdout + done.stderr

    cases = list(ElementTree.parse(junit).getroot().iter("testcase"))  # noqa: S314 - pytest wrote it just now
    checks = [case for case in cases if case.get("name", "").startswith("test_check[")]
    others = [case.get("name") for case in cases if case not in checks and case.find("failure") is not None]

    assert checks
    assert not others

    return [line for case in checks for line in told(case)]


def told(case: ElementTree.Element) -> list[str]:
    """The findings of one test: one a line of its failure that begins with a status."""
    failure = case.find("failure")
    if failure is None:
        return []
    place = case.get("name", "").removeprefix("test_check[").removesuffix("]").split("/")
    service = place[1] if len(place) == 3 else "-"
    matches = [FINDING.match(line) for line in (failure.text or "").splitlines()]
    return [
        f"{match[1]} {match[3]} {place[-1]} {service} {match[2] or '-'}"
        for match in matches
        if match is not None
    ]
