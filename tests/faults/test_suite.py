"""The same faults where the audit is tests: no test of a host that was lost passes, and none is skipped."""

import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping

import pytest

from tests.faults.fleet import SOUND, write_inventory, write_script
from tests.faults.test_testinfra import CLIENT
from tests.pytest_plugin.sessions import run as session
from tests.trees import grow

LOST = {
    "refused": "Connection refused",
    "key-refused": "Permission denied (publickey)",
    "wants-password": "a password is required",
    "without-python": "there is no Python 3.6 or newer",
    "cut": "the answer is damaged",
    "killed-half-way": "the answer is damaged",
    "silent": "the answer is missing or cut off",
}

Outcomes = Mapping[str, tuple[str, str]]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Outcomes]:
    """The exit code of one session over all of them, and what became of each test."""
    folder = tmp_path_factory.mktemp("suite")
    grow(folder / "tree", SOUND)
    write_script(folder / "clients" / "ssh", CLIENT.format(answer=os.devnull))
    inventory = write_inventory(
        folder / "hosts.yml",
        {key: {} for key in ("sound", *LOST)},
        ansible_connection="ssh",
        nova_auditor_root=str(folder / "tree"),
        nova_auditor_release="2026.2",
    )
    done = session(
        folder,
        *("--pyargs", "auditor.suite", f"--hosts=ansible://all?ansible_inventory={inventory}"),
        *("-m", "severity_critical and area_messaging"),
        PATH=f"{folder / 'clients'}:{os.environ['PATH']}",
    )
    return done.code, outcomes(done.junit)


def outcomes(junit: str) -> Outcomes:
    """Of each test its outcome and what it says."""
    found = {}
    for case in ElementTree.fromstring(junit).iter("testcase"):  # noqa: S314 - pytest's own
        trouble = next((one for one in case if one.tag in ("failure", "error", "skipped")), None)
        found[case.get("name", "")] = (
            ("passed", "")
            if trouble is None
            else (trouble.tag, trouble.get("message", "") + (trouble.text or ""))
        )
    return found


@pytest.mark.parametrize("host", LOST)
def test_every_test_of_a_lost_host_fails_with_the_reason(ended: tuple[int, Outcomes], host: str) -> None:
    _, found = ended
    its = {name: outcome for name, outcome in found.items() if f"[{host}]" in name or f"[{host}/" in name}

    assert {outcome for outcome, _ in its.values()} == {"failure"}
    assert len(its) > 1
    assert all(LOST[host] in said for _, said in its.values())


def test_the_session_fails_and_the_sound_host_passes(ended: tuple[int, Outcomes]) -> None:
    code, found = ended

    assert code == 1
    assert found["test_host_audited[sound]"] == ("passed", "")
    assert found["test_check[sound/nova-compute/messaging-plaintext]"] == ("passed", "")
