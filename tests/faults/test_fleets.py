"""What goes wrong with a fleet as a whole: hosts that are dead, late or hidden, and an Ansible elsewhere that fails."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ansible_runner
import pytest

from auditor.checks import CATALOGUE
from auditor.collect import Options, ansible
from auditor.collect.ansible import answers, job, settings
from auditor.collect.ansible.fleet import Fleet, Frozen
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target
from auditor.pipeline import audit as judge
from tests.faults.fleet import Hosts, audit, judged, write_fleet, write_script
from tests.faults.lies import CLIENTS, PYTHONS

# Hosts that do not answer take their time.
pytestmark = pytest.mark.real


def dead(folder: Path) -> dict[str, Any]:
    """The variables of a host that nobody answers for."""
    client = write_script(folder / "ssh", CLIENTS["refused"])
    return {"ansible_connection": "ssh", "ansible_ssh_executable": client}


def test_one_dead_host_of_twenty_makes_the_run_incomplete(tmp_path: Path) -> None:
    hosts: Hosts = {f"cmp{number:02}": dead(tmp_path) if number == 7 else {} for number in range(1, 21)}
    inventory = write_fleet(tmp_path, hosts)
    run = audit(tmp_path, "-i", inventory)

    assert (run.code, run.why) == (3, "incomplete: 1 host not audited"), run.errors
    assert run.report["coverage"]["hosts_audited"] == 19
    assert [name for name, (coverage, _) in run.hosts.items() if coverage != "audited"] == ["cmp07"]
    assert judged(run) == sorted(set(hosts) - {"cmp07"})
    assert "cmp07: unreachable" in run.text
    tolerant = audit(tmp_path, "-i", inventory, "--limit", "cmp01:cmp07", "--tolerate", "unreachable=1")
    assert (tolerant.code, tolerant.report["complete"]) == (0, False)
    assert tolerant.why.endswith("tolerated: 1 host not audited")


def test_a_fleet_of_dead_hosts_is_listed_and_nothing_of_it_is_judged(tmp_path: Path) -> None:
    inventory = write_fleet(tmp_path, {f"cmp{number}": dead(tmp_path) for number in range(3)})
    run = audit(tmp_path, "-i", inventory, "--tolerate", "unreachable=2")

    assert (run.code, run.why) == (3, "incomplete: 3 hosts not audited"), run.errors
    assert {coverage for coverage, _ in run.hosts.values()} == {"unreachable"}
    assert all("Connection refused" in (reason or "") for _, reason in run.hosts.values())
    assert judged(run) == []


def test_a_fleet_of_dead_hosts_that_is_tolerated_is_still_nothing_audited(tmp_path: Path) -> None:
    inventory = write_fleet(tmp_path, {"cmp1": dead(tmp_path)})
    run = audit(tmp_path, "-i", inventory, "--tolerate", "unreachable=1")

    assert (run.code, run.why) == (4, "nothing audited: not one check came to pass or fail")


def door(folder: Path, hosts: Hosts, **asked: Any) -> tuple[Fleet, Frozen]:
    """A fleet and who is expected, as the command line makes them."""
    fleet = Fleet((str(write_fleet(folder, hosts)),), **asked)
    return fleet, ansible.freeze(fleet)


def test_a_host_that_answers_after_its_time_is_a_timeout(tmp_path: Path) -> None:
    late = write_script(tmp_path / "late", PYTHONS["sleeps"].format(seconds=120))
    fleet, frozen = door(tmp_path, {"cmp01": {}, "cmp02": {"ansible_python_interpreter": late}}, reach=1)
    started = time.monotonic()
    report = judge(
        ansible.collect(fleet, frozen, Options(seconds=3)),
        CATALOGUE,
        targets=frozen.targets,
        only=["messaging-plaintext"],
        release="2026.2",
    )
    found = {host.name: (host.coverage, host.reason) for host in report.hosts}

    assert time.monotonic() - started < 60
    assert (report.exit.code, report.complete) == (3, False)
    assert found == {
        "cmp01": (Coverage.AUDITED, None),
        "cmp02": (Coverage.TIMEOUT, "no answer in time: it was given up on"),
    }


def test_whoever_takes_the_answers_may_be_slow(tmp_path: Path) -> None:
    # A second for each event makes a run end with pexpect.TIMEOUT where the handler does the work (ansible-runner #1343).
    fleet, frozen = door(tmp_path, {f"cmp{number:02}": {} for number in range(8)})

    def slowly(found: Iterator[Document | Lost]) -> Iterator[Document | Lost]:
        for item in found:
            time.sleep(0.5)
            yield item

    items = list(slowly(ansible.collect(fleet, frozen, Options())))

    assert [type(item) for item in items] == [Document] * 8


def test_a_host_that_ansible_ignores_as_unreachable_is_lost(tmp_path: Path) -> None:
    # The stats of such a run count the host as ok (ansible-core 2.19, callback/default.py); ours is never asked to
    # ignore it, but a play of somebody else's may be.
    inventory = write_fleet(tmp_path, {"cmp01": dead(tmp_path)})
    question = job.first(Options())
    (play,) = job.play(question, 10)
    library = tmp_path / "project" / "library"
    library.mkdir(parents=True)
    (library / "nova_auditor_probe.py").write_text(question.module)
    found: list[Document | Lost] = []

    def take(event: dict[str, Any]) -> bool:
        item = answers.answer(event, Target("cmp01", Kind.LIVE), Options())
        found.extend([] if item is None else [item])
        return False

    ended = ansible_runner.run(
        private_data_dir=str(tmp_path),
        playbook=[{**play, "ignore_unreachable": True}],
        inventory=str(inventory),
        event_handler=take,
        envvars={"HOME": str(tmp_path), "PATH": settings.search_path(), "ANSIBLE_PIPELINING": "True"},
        quiet=True,
        settings={"suppress_output_file": True},
    )

    assert (ended.rc, ended.status) == (0, "successful"), found
    assert [(item.coverage, "refused" in item.reason) for item in found if isinstance(item, Lost)] == [
        (Coverage.UNREACHABLE, True)
    ]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("via", "said"),
    [
        (
            "echo 'ssh: Could not resolve hostname bastion' >&2; exit 255",
            "ssh: Could not resolve hostname bastion",
        ),
        ("cat >/dev/null", "its run ended early (exit 0)"),
        (f"{sys.executable} -m ansible_runner worker | head -c 5000", "what came back is cut, or mixed with"),
    ],
)
def test_an_ansible_elsewhere_that_fails_leaves_every_host_not_attempted(
    tmp_path: Path, via: str, said: str
) -> None:
    run = audit(tmp_path, "-i", write_fleet(tmp_path, {"cmp01": {}, "cmp02": {}}), "--via", via)
    reasons = {reason for _, reason in run.hosts.values()}

    assert (run.code, run.why) == (3, "incomplete: 2 hosts not audited"), run.errors
    assert {coverage for coverage, _ in run.hosts.values()} == {"not_attempted"}
    assert [f"Ansible told nothing of it: {said}" in (reason or "") for reason in reasons] == [True], reasons


def test_a_worker_elsewhere_gives_what_one_here_does(tmp_path: Path) -> None:
    inventory = write_fleet(tmp_path, {"cmp01": {}}, tree=str(tmp_path / "tree"))
    run = audit(tmp_path, "-i", inventory, "--via", f"{sys.executable} -m ansible_runner worker")

    assert (run.code, run.hosts) == (0, {"cmp01": ("audited", None)}), run.errors
