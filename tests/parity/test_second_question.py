"""A second question that fails leaves what the first brought, and no check that needs it passes."""

import base64
import gzip
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.checks import CATALOGUE
from auditor.collect import Options, ansible, collect, testinfra
from auditor.collect.ansible import Fleet
from auditor.collect.targets import this_host
from auditor.collect.turns import AT_ONE
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Status, Target
from auditor.pipeline import ASKED, audit
from auditor.report import Report
from tests import certificates
from tests.ansible.plays import inventory, play, run, task
from tests.collect.clients import client
from tests.collect.listeners import listening
from tests.faults.fleet import write_script
from tests.parity.test_live import NAME, Place, hosts, write

# Jitter and turns take their time.
pytestmark = pytest.mark.real

#: A Python that answers the first question, and comes to the second with a fault.
PYTHON = """\
#!/bin/sh
case " $* " in *" -c "*) exec {python} "$@";; esac
if [ -f "$1" ]; then script="$1"; else script=$(mktemp {folder}/XXXXXX); cat > "$script"; fi
if grep -q "import wire as entry" "$script"; then {fault}; fi
if [ "$script" = "$1" ]; then exec {python} "$@"; else exec {python} "$@" < "$script"; fi
"""

FAULTS = {
    "it fails": "echo no luck >&2; exit 1",
    "it is killed": "kill -9 $$",
    "it says nothing": "exit 0",
    "it says something else": "echo all is well; exit 0",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("second")
    authority = certificates.authority("our own")
    (folder / "ca.pem").write_bytes(authority.cert_pem)
    certificate, key = certificates.issue(authority, ["localhost"], key="ec:p256")
    found = Place(folder, str(folder / "nova.conf"), certificate, key)
    with listening(certificate, key) as listener:
        write(folder, listener, found)
        yield found


def python(folder: Path, fault: str) -> str:
    text = PYTHON.format(python=sys.executable, folder=folder, fault=FAULTS[fault])
    return write_script(folder / "bin" / "python3", text)


def judged(source: Document | Lost) -> Report:
    targets = [Target(NAME, Kind.LIVE)]
    return audit([source], CATALOGUE, targets=targets, profile="strict", asked=ASKED | {"wire"})


def require_first_evidence(source: Document | Lost) -> None:
    """What was read is there, what was to be asked is not, and the report does not take that for a pass."""
    assert isinstance(source, Document), source
    wire = source.content["wire"]
    report = judged(source)
    needing = {check.id for check in CATALOGUE if "wire" in check.needs}
    passed = {check for check, by_host in report.passed.items() if by_host}

    assert wire["handshakes"] == []
    assert wire["incomplete"][0].startswith("its endpoints were not asked: ")
    assert [service["name"] for service in source.content["services"]] == ["nova-conductor"]
    assert report.hosts[0].coverage in (Coverage.AUDITED, Coverage.PARTIAL)
    assert not needing & passed
    assert {one.status for one in report.findings if one.check in needing} <= {Status.ERROR, Status.UNKNOWN}
    assert passed


@pytest.mark.parametrize("fault", FAULTS)
def test_without_ansible(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    program = python(tmp_path, fault)
    client(tmp_path, "ssh", monkeypatch, f'PATH="{Path(program).parent}:$PATH" /bin/sh -c "$command"')
    (found,) = collect(testinfra.hosts([f"ssh://{NAME}"]), place.options(), collector="testinfra")

    require_first_evidence(found)


@pytest.mark.parametrize("fault", ["it fails", "it says something else"])
def test_over_ansible(place: Place, tmp_path: Path, fault: str) -> None:
    path = hosts(tmp_path, [NAME], ansible_python_interpreter=python(tmp_path, fault))
    fleet = Fleet((str(path),))
    (found,) = ansible.collect(fleet, ansible.freeze(fleet), place.options())

    require_first_evidence(found)


#: An ssh that runs its command here, and loses its connection when the second question comes.
SSH = """\
#!/bin/sh
for command; do :; done
said=$(mktemp {folder}/XXXXXX)
cat > "$said"
if grep -q "import wire as entry" "$said"; then echo "Connection reset by peer" >&2; exit 255; fi
exec /bin/sh -c "$command" < "$said"
"""


@pytest.mark.parametrize("fault", ["it fails", "it is lost"])
def test_in_a_task_of_ansible(place: Place, tmp_path: Path, fault: str) -> None:
    asked = {
        "config_files": [place.conf],
        "services": ["nova-conductor"],
        "release": "2025.1",
        "live": True,
    }
    fleet = inventory({NAME: {}})
    if fault == "it is lost":
        client_of_ours = write_script(tmp_path / "ssh", SSH.format(folder=tmp_path))
        reached_by = {"ansible_connection": "ssh", "ansible_ssh_executable": client_of_ours}
        fleet["all"]["vars"] |= {**reached_by, "ansible_pipelining": True, "ansible_ssh_retries": 0}
    else:
        fleet["all"]["vars"]["ansible_python_interpreter"] = python(tmp_path, fault)
    done = run(tmp_path, play([task("probe", "nova.auditor.probe", asked)]), fleet)
    packed = base64.b64decode(done.result("probe", NAME)["evidence"])

    found = Document(NAME, json.loads(gzip.decompress(packed)))
    require_first_evidence(found)


def test_whoever_was_reached_waits_on_disk_and_nothing_is_left_there(place: Place, tmp_path: Path) -> None:
    """One of two hosts is lost at once, and says so before the other was asked again."""
    variables = {"cmp1": {}, "cmp2": {"ansible_python_interpreter": "/nonexistent"}}
    path = tmp_path / "hosts.yml"
    path.write_text(yaml.safe_dump(inventory(variables)))
    fleet = Fleet((str(path),), extra_vars=("ansible_ssh_common_args='{{ inventory_hostname }}'",))
    frozen = ansible.Frozen((Target("cmp1", Kind.LIVE), Target("cmp2", Kind.LIVE)), {})
    found = {item.host: item for item in ansible.collect(fleet, frozen, place.options())}

    assert isinstance(found["cmp2"], Lost)
    assert isinstance(found["cmp1"], Document)
    assert found["cmp1"].content["wire"]["handshakes"][0]["result"] == "tls"


def test_a_run_that_nobody_wants_the_rest_of_ends_at_once(place: Place, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    targets = [Target("tree", Kind.TREE, str(tmp_path / "tree"))]
    targets += [Target(f"cmp{number:02}", Kind.LIVE) for number in range(12)]
    with listening(place.certificate, place.key, hold=5.0) as busy:
        own = Place(place.folder, str(tmp_path / "nova.conf"), place.certificate, place.key)
        write(place.folder, busy, own)
        documents: Any = collect(targets, own.options(), jobs=13)
        next(documents)
        until = time.monotonic() + 30
        while busy.count < 1 and time.monotonic() < until:
            time.sleep(0.1)
        closed = time.monotonic()
        documents.close()
        took = time.monotonic() - closed
        came = busy.count

    assert took < 4
    assert 1 <= came <= AT_ONE


def test_this_machine_is_asked_once_more_only_if_it_is_to(place: Place) -> None:
    (found,) = collect([this_host()], Options((place.conf,), service="nova-conductor"))
    assert isinstance(found, Document)
    report = judged(found)
    needing = {check.id for check in CATALOGUE if "wire" in check.needs}

    assert {one.status for one in report.findings if one.check in needing} <= {Status.ERROR}
    assert not needing & {check for check, by_host in report.passed.items() if by_host}
