"""What goes wrong on one host, each as a host of one run of ``audit -i`` with sound hosts among them.

Programs that lie stand for Python, sudo and ssh (`tests.faults.lies`); Ansible, ansible-runner and the probe are real.
"""

import base64
import gzip
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.fleet import Ended, audit, judged, write_fleet, write_script
from tests.faults.lies import CLIENTS, PYTHONS, SUDOS


@dataclass(frozen=True, slots=True)
class Fault:
    """A host with a fault: its variables, its coverage and what the report says of it."""

    name: str
    variables: Mapping[str, Any]
    coverage: str
    says: str


def python(lie: str, coverage: str, says: str, **variables: Any) -> Fault:
    """A host whose Python lies."""
    return Fault(
        f"python-{lie}",
        {"ansible_python_interpreter": f"{{{{ lies }}}}/pythons/{lie}", **variables},
        coverage,
        says,
    )


def sudo(lie: str, says: str) -> Fault:
    """A host whose sudo refuses."""
    become = {
        "ansible_become": True,
        "ansible_become_user": "nova",
        "ansible_become_exe": f"{{{{ lies }}}}/sudos/{lie}",
    }
    return Fault(f"sudo-{lie}", become, "denied", says)


def ssh(lie: str, coverage: str, says: str, **variables: Any) -> Fault:
    """A host that is reached through a client that lies."""
    client = {"ansible_connection": "ssh", "ansible_ssh_executable": f"{{{{ lies }}}}/clients/{lie}"}
    name = "-".join(("ssh", lie, *(() if variables == {} else ("files",))))
    return Fault(name, {**client, **variables}, coverage, says)


#: Ansible writes the module to a file on the host.
FILES = {"ansible_pipelining": False, "ansible_ssh_transfer_method": "piped"}

NOT_WRITTEN = "Ansible cannot write its module there: the disk is full, or not ours to write to"

FAULTS = (
    Fault("release-unknown", {"nova_auditor_release": "{{ '20' ~ '25.7' }}"}, "not_attempted", "2025.7"),
    python("absent", "unreachable", "there is no Python where Ansible looked"),
    python("killed-at-once", "unreachable", "the probe was ended there by SIGKILL"),
    python("killed-half-way", "unreachable", "the probe was ended there by SIGKILL"),
    python("cut", "unreachable", "its answer is cut, or mixed with other text"),
    python("flipped", "unreachable", "it was cut or changed on the way: its digest is another"),
    python("too-large", "unreachable", "longer than the 700,000 characters that ansible-runner passes on"),
    python("silent", "unreachable", "the probe gave no answer, and nobody says why"),
    python("empty", "unreachable", "its answer is no evidence: it lacks evidence or digest"),
    python("fine", "unreachable", "its answer is no evidence: it lacks evidence or digest"),
    python("replayed", "unreachable", "its answer is no evidence: it answers another question than ours"),
    python("skips", "not_attempted", "Ansible skipped it"),
    python("gives-up", "unreachable", "no route to host"),
    python("out-of-memory", "unreachable", "MemoryError"),
    python("too-old", "unreachable", "SyntaxError: invalid syntax"),
    python("takes-leave", "unreachable", "mixed with other text: Good bye from {cmp01}"),
    sudo("not-in-sudoers", "nova is not in the sudoers file"),
    sudo("wants-password", "password is required"),
    sudo("wants-terminal", "set ansible_pipelining to false for it"),
    sudo("not-this-command", "is not allowed to execute /bin/sh as root"),
    ssh("refused", "unreachable", "port 22: Connection refused"),
    ssh("no-route", "unreachable", "port 22: No route to host"),
    ssh("silent", "unreachable", "port 22: Connection timed out"),
    ssh("breaks", "unreachable", "Broken pipe"),
    ssh("absent", "unreachable", "No such file or directory"),
    ssh("key-refused", "denied", "Permission denied (publickey)"),
    ssh("unknown-key", "denied", "Host key verification failed"),
    ssh("disk-full", "unreachable", "the disk is full", **FILES),
    Fault("folder-refused", {"ansible_remote_tmp": "/proc/nova", **FILES}, "unreachable", NOT_WRITTEN),
    Fault("connection-unknown", {"ansible_connection": "carrier"}, "unreachable", "'carrier' was not found"),
    Fault(
        "template", {"nova_auditor_root": "{{ of_nothing }}"}, "not_attempted", "'of_nothing' is undefined"
    ),
    Fault(
        "expectation",
        {"nova_auditor_services": "{{ of_nothing }}"},
        "not_attempted",
        "'of_nothing' is undefined",
    ),
    Fault(
        "folder-missing",
        {"nova_auditor_root": "/nonexistent/tree"},
        "partial",
        "no Nova or placement service",
    ),
    Fault(
        "nothing-there", {"nova_auditor_root": "{{ tree }}/lib"}, "partial", "no Nova or placement service"
    ),
    Fault("service-missing", {"nova_auditor_services": ["nova-api"]}, "partial", "nova-api"),
)

#: Hosts with something odd about them, which still can be looked at.
SOUND = {
    "sound": {},
    "greets": {"ansible_python_interpreter": "{{ lies }}/pythons/greets"},
    "greeted": ssh("greeted", "audited", "").variables,
    "over-ssh": ssh("connects", "audited", "").variables,
    "by-files": ssh("connects", "audited", "", **FILES).variables,
    "disk-full": ssh("disk-full", "audited", "").variables,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """The one run over all of them."""
    folder = tmp_path_factory.mktemp("faults")
    answer = folder / "answer.json"
    answer.write_text(json.dumps(replay()))
    for kind, lies in (("pythons", PYTHONS), ("sudos", SUDOS), ("clients", CLIENTS)):
        for name, text in lies.items():
            write_script(folder / kind / name, text.format(python=sys.executable, answer=answer, seconds=60))
    hosts = {fault.name: fault.variables for fault in FAULTS}
    return audit(folder, "-i", write_fleet(folder, {**hosts, **SOUND}, lies=str(folder)))


def replay() -> Mapping[str, Any]:
    """A whole answer with a right digest, of another run."""
    document = {"schema": "nova-auditor/evidence/1", "host": "python-replayed", "salt_id": "0" * 16}
    packed = gzip.compress(json.dumps(document).encode())
    return {
        "changed": False,
        "evidence": base64.b64encode(packed).decode(),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }


def test_the_run_is_incomplete_and_says_how_much_is_missing(run: Ended) -> None:
    partial = sum(fault.coverage == "partial" for fault in FAULTS)

    assert (run.code, run.report["complete"]) == (3, False), run.errors
    assert f"{len(FAULTS) - partial} hosts not audited, {partial} hosts seen in part" in run.why


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_host_with_a_fault_is_not_audited_and_the_reason_is_told(run: Ended, fault: Fault) -> None:
    coverage, reason = run.hosts[fault.name]

    assert (coverage, fault.says in (reason or "")) == (fault.coverage, True), reason


def test_the_text_names_each_host_that_was_not_audited(run: Ended) -> None:
    said = run.text.partition(" Coverage ")[2]
    missing = [fault.name for fault in FAULTS if f"- {fault.name}: {fault.coverage}" not in said]

    assert missing == []


def test_every_expected_result_is_recorded(run: Ended) -> None:
    count = len(FAULTS) + len(SOUND)

    assert run.report["coverage"] == {
        "hosts_expected": count,
        "hosts_audited": len(SOUND),
        "results_expected": count,
        "results_recorded": count,
    }


def test_nothing_is_judged_of_a_host_that_was_lost(run: Ended) -> None:
    partial = {fault.name for fault in FAULTS if fault.coverage == "partial"}

    assert set(judged(run)) - partial == set(SOUND)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_host_among_them_is_audited(run: Ended, name: str) -> None:
    assert run.hosts[name] == ("audited", None)
    assert name in run.report["passed"]["messaging-plaintext"]


def test_nothing_of_an_answer_that_was_cut_is_shown(run: Ended) -> None:
    assert "H4sI" not in run.text
    assert "H4sI" not in json.dumps(run.report)
