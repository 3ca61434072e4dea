"""What an endpoint says comes to the same through every door, and no door asks it more often, or by more hosts, than it may."""

import base64
import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.checks import CATALOGUE
from auditor.collect import Options, ansible, bundle, collect, testinfra
from auditor.collect.ansible import Fleet
from auditor.collect.targets import this_host
from auditor.collect.turns import AT_ONE, HOSTS
from auditor.evidence import Document, Lost
from auditor.pipeline import ASKED, audit
from tests import certificates
from tests.ansible.plays import inventory, play, run, task
from tests.collect.listeners import Listener, listening

# Jitter and turns take their time.
pytestmark = pytest.mark.real

NAME = this_host().name

SALT = b"a salt that all the doors are given"

#: A broker that is there, and one that is not.
CONF = """\
[DEFAULT]
transport_url = rabbit://nova:tr0ub4dor@localhost:{port},nova:tr0ub4dor@127.0.0.1:1/
[oslo_messaging_rabbit]
ssl = true
ssl_ca_file = {ca}
[oslo_messaging_notifications]
driver = messagingv2
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A host's configuration, its authority, and what listens there."""

    folder: Path
    conf: str
    certificate: bytes
    key: bytes

    def options(self, **rest: Any) -> Options:
        given = {"jitter": 0.1, "live": True, **rest}
        return Options((self.conf,), service="nova-conductor", release="2025.1", salt=SALT, **given)


def write(folder: Path, listener: Listener, place: Place) -> None:
    Path(place.conf).write_text(CONF.format(port=listener.port, ca=folder / "ca.pem"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("live")
    authority = certificates.authority("our own")
    (folder / "ca.pem").write_bytes(authority.cert_pem)
    certificate, key = certificates.issue(authority, ["localhost"], key="ec:p256")
    return Place(folder, str(folder / "nova.conf"), certificate, key)


@pytest.fixture(scope="module")
def listener(place: Place) -> Iterator[Listener]:
    with listening(place.certificate, place.key) as found:
        write(place.folder, found, place)
        yield found


def one(documents: Iterator[Document | Lost]) -> Document:
    (found,) = documents
    assert isinstance(found, Document), found
    return found


def hosts(folder: Path, names: list[str], **variables: Any) -> Path:
    path = folder / "hosts.yml"
    path.write_text(yaml.safe_dump(inventory(dict.fromkeys(names, variables))))
    return path


@pytest.fixture(scope="module")
def documents(place: Place, listener: Listener) -> Mapping[str, Document]:
    """This machine through each door; what it looked at is one service of ours."""
    found = {"local": one(collect([this_host()], place.options()))}
    found["testinfra"] = one(collect(testinfra.hosts(["local://"]), place.options(), collector="testinfra"))
    fleet = Fleet((str(hosts(place.folder, [NAME])),))
    frozen = ansible.freeze(fleet)
    found["ansible"] = one(ansible.collect(fleet, frozen, place.options()))
    carried = Fleet(fleet.inventories, via=f"exec {Path(sys.executable).with_name('ansible-runner')} worker")
    found["via"] = one(ansible.collect(carried, frozen, place.options()))
    (place.folder / "salt").write_bytes(SALT)
    (place.folder / "salt").chmod(0o600)
    asked = {
        "config_files": [place.conf],
        "services": ["nova-conductor"],
        "release": "2025.1",
        "salt_file": str(place.folder / "salt"),
        "live": True,
    }
    done = run(place.folder, play([task("probe", "nova.auditor.probe", asked)]), inventory({NAME: {}}))
    packed = base64.b64decode(done.result("probe", NAME)["evidence"])
    found["collection"] = Document(NAME, json.loads(gzip.decompress(packed)))
    list(bundle.write(place.folder / "bundle", iter([found["local"]])))
    found["bundle"] = one(bundle.read([place.folder / "bundle"]))
    return found


DOORS = ("local", "testinfra", "ansible", "via", "collection", "bundle")


@pytest.mark.parametrize("door", DOORS)
def test_every_door_says_the_same_of_the_endpoints(documents: Mapping[str, Document], door: str) -> None:
    wire = [{**documents[name].content["wire"], "asked_at": 0} for name in ("local", door)]

    assert wire[0] == wire[1]
    assert documents[door].content["wire"]["asked_at"] > 1.7e9


def test_what_is_said_of_the_endpoints_is_what_is_there(
    documents: Mapping[str, Document], place: Place
) -> None:
    evidence = documents["local"].read()
    assert evidence.handshakes is not None
    there, gone = evidence.handshakes

    assert (there.host, there.result, there.verified) == ("localhost", "tls", True)
    assert there.chain[0].split() == place.certificate.decode().split()
    assert (gone.endpoint, gone.result) == ("127.0.0.1:1", "refused")
    assert "wire" in evidence.asked


@pytest.mark.parametrize("door", DOORS)
def test_every_door_comes_to_the_same_findings(documents: Mapping[str, Document], door: str) -> None:
    reports = [
        audit([documents[name]], CATALOGUE, profile="strict", release="2025.1", asked=ASKED | {"wire"})
        for name in ("local", door)
    ]
    wire = {check.id for check in CATALOGUE if "wire" in check.needs}
    findings = [[finding for finding in report.findings if finding.check in wire] for report in reports]

    assert findings[0] == findings[1]
    assert {report.hosts[0].name for report in reports} == {NAME}


def test_no_secret_is_in_what_comes_back(documents: Mapping[str, Document]) -> None:
    assert "tr0ub4dor" not in json.dumps([document.content for document in documents.values()])


def test_an_endpoint_is_asked_once_by_a_host(place: Place, listener: Listener) -> None:
    """The configuration names it twice: for RPC and for notifications."""
    before = listener.count
    one(collect([this_host()], place.options()))

    assert listener.count == before + 1


def test_nothing_is_asked_unless_it_is_wanted(place: Place, listener: Listener) -> None:
    before = listener.count
    document = one(collect([this_host()], place.options(live=False)))

    assert listener.count == before
    assert "wire" not in document.content
    assert "wire" not in document.content["asked"]


def test_no_more_hosts_ask_an_endpoint_at_a_time_than_may(place: Place, tmp_path: Path) -> None:
    names = [f"cmp{number:02}" for number in range(12)]
    with listening(place.certificate, place.key, hold=0.5) as busy:
        own = Place(place.folder, str(tmp_path / "nova.conf"), place.certificate, place.key)
        write(place.folder, busy, own)
        targets = testinfra.hosts([f"local://?name={name}" for name in names])
        found = list(collect(targets, own.options(), collector="testinfra", jobs=12))

    assert [item.host for item in found] == names
    assert {result(item) for item in found} == {"tls"}
    assert busy.count == len(names)
    assert 1 < busy.most <= AT_ONE


def test_no_more_hosts_of_a_fleet_ask_at_a_time_than_may(place: Place, tmp_path: Path) -> None:
    names = [f"cmp{number:02}" for number in range(12)]
    # The inventory's hosts are one machine, which is refused unless something tells them apart.
    variables = {name: {"ansible_ssh_common_args": name} for name in names}
    path = tmp_path / "hosts.yml"
    path.write_text(yaml.safe_dump(inventory(variables)))
    with listening(place.certificate, place.key, hold=1.0) as busy:
        own = Place(place.folder, str(tmp_path / "nova.conf"), place.certificate, place.key)
        write(place.folder, busy, own)
        fleet = Fleet((str(path),), forks=12)
        found = list(ansible.collect(fleet, ansible.freeze(fleet), own.options()))

    assert sorted(item.host for item in found) == names
    assert {result(item) for item in found} == {"tls"}
    assert busy.count == len(names)
    assert 1 < busy.most <= HOSTS


def result(item: Document | Lost) -> str:
    assert isinstance(item, Document), item
    handshakes = item.read().handshakes
    assert handshakes is not None
    return handshakes[0].result
