"""Every trap of areas A to F comes out of the auditor as the real libraries have it, in every release it speaks of.

All traps are hosts of one fleet: their evidence is collected once, and audited once for each release.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.check import Outcome
from auditor.cli import main
from auditor.collect import Options, request
from auditor.collect.bundle import write
from auditor.evidence import Document
from auditor.model import Kind, Service, Target
from auditor.probe.run import collect as probe
from auditor.releases import RELEASES
from auditor.show import record, show
from auditor.views import View, views_of
from tests.conformance import truth
from tests.traps.proofs import kind, proofs, traps

CERTIFICATE = Path(__file__).with_name("ca.pem").read_text()
KEY = "-----BEGIN PRIVATE KEY-----\nRVhBTVBMRQ==\n-----END PRIVATE KEY-----\n"
PRESENT = {
    "/etc/ssl/openstack/ca.pem": CERTIFICATE,
    "/etc/ssl/openstack/client.pem": CERTIFICATE,
    "/etc/ssl/openstack/client.key": KEY,
    "/etc/ssl/certs/README": "a folder, where a bundle file belongs\n",
}


def releases_between(text: str) -> tuple[str, ...]:
    """``"zed..2024.2"`` as the releases it spans, both ends included."""
    first, _, last = text.partition("..")
    return RELEASES[RELEASES.index(first) : RELEASES.index(last or first) + 1]


def expectations() -> Iterator[Any]:
    for trap in traps():
        for expectation in trap["expect"]:
            for span, value in expectation["releases"].items():
                for release in releases_between(span):
                    where = expectation.get("function", "") + expectation["path"]
                    name = f"{trap['id']}-{release}-{where}"
                    yield pytest.param(trap, expectation, release, value, id=name)


def value_at(document: Any, path: str) -> Any:
    """The value at a path such as ``hosts[0].transports[purpose=rpc].levels[a.b]``; None where it is not."""
    for key, index in re.findall(r"([^.\[\]]+)|\[([^\]]+)\]", path):
        if document is None:
            return None
        if key or isinstance(document, Mapping):
            document = document.get(key or index)
        elif index.isdigit():
            document = document[int(index)] if int(index) < len(document) else None
        else:
            wanted = dict(part.split("=") for part in index.split(","))
            found = (item for item in document if all(item[name] == value for name, value in wanted.items()))
            document = next(found, None)
    return document


def is_as_expected(value: Any, expected: Any) -> bool:
    """Whether a value is the expected one, where ``*`` in a text stands for any characters."""
    if isinstance(expected, str) and "*" in expected:
        pattern = ".+".join(re.escape(part) for part in expected.split("*"))
        return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None
    return bool(value == expected)


def plain(value: Any) -> Any:
    """What a function returned, as JSON would have it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    return value


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Trap id to the root of its host."""
    fleet = tmp_path_factory.mktemp("fleet")
    for trap in traps():
        for path, text in {**PRESENT, **trap["files"]}.items():
            file = fleet / trap["id"] / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return {trap["id"]: fleet / trap["id"] for trap in traps()}


class Fleet:
    """What the auditor says of each trap's host under a release. Everything is collected, resolved and audited once."""

    def __init__(self, roots: Mapping[str, Path], folder: Path) -> None:
        options = Options()
        asked = (request(Target(name, Kind.TREE, str(root)), options) for name, root in roots.items())
        documents = [Document(found["host"], found) for found in map(probe, map(dict, asked))]
        self._bundle = folder / "bundle"
        self._evidence = {document.host: document.read() for document in documents}
        assert len(list(write(self._bundle, documents))) == len(documents)
        self._views: dict[tuple[str, str], View] = {}
        self._reports: dict[str, Any] = {}

    def says(self, trap: str, expectation: Mapping[str, Any], release: str) -> Any:
        """What stands where the expectation looks."""
        if kind(expectation) == "function":
            module, _, name = expectation["function"].partition(":")
            found = getattr(import_module(module), name)
            return plain(found(self.service(trap, release), **expectation.get("arguments", {})))
        if kind(expectation) == "settings":
            _, group, option, _ = expectation["command"]
            settings = self.service(trap, release).settings
            found = settings.find(group, option)
            # What `show --all` prints of one option, without looking at each of the others.
            return [record(found)] if found is not None else list(show(settings, group, option))
        return self.report(trap, release)

    def service(self, trap: str, release: str) -> Service:
        """The one service of a host."""
        if (trap, release) not in self._views:
            (service,) = self._evidence[trap].services
            (self._views[trap, release],) = views_of(self._evidence[trap], service, release)
        found = self._views[trap, release].service
        assert not isinstance(found, Outcome), found.message
        return found

    def report(self, trap: str, release: str) -> Any:
        """What the report on the fleet says of one host."""
        if release not in self._reports:
            source = ["--evidence", str(self._bundle), "--profile", "strict", "--format", "json"]
            result = CliRunner().invoke(main, ["audit", *source, "--release", release])
            assert result.exit_code in (0, 1, 3), result.output
            self._reports[release] = by_host(json.loads(result.stdout))
        return self._reports[release][trap]


def by_host(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says of each host: itself as the only one of ``hosts``, its findings, and what does not concern it."""
    found: dict[str, Any] = {
        host["name"]: {"hosts": [host], "findings": [], "not_applicable": {}} for host in report["hosts"]
    }
    for finding in report["findings"]:
        found[finding["host"]]["findings"].append(finding)
    for check, reasons in report["not_applicable"].items():
        for reason, hosts in reasons.items():
            for host in hosts:
                found[host]["not_applicable"].setdefault(check, []).append(reason)
    return found


@pytest.fixture(scope="module")
def fleet(roots: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(roots, tmp_path_factory.mktemp("evidence"))


@pytest.mark.parametrize(("trap", "expectation", "release", "expected"), tuple(expectations()))
def test_a_trap_comes_out_as_the_real_libraries_have_it(
    fleet: Fleet, trap: Mapping[str, Any], expectation: Mapping[str, Any], release: str, expected: Any
) -> None:
    value = value_at(fleet.says(trap["id"], expectation, release), expectation["path"])

    assert is_as_expected(value, expected), f"{value!r}: {trap['why']}"


def test_every_trap_of_every_area_is_proven() -> None:
    areas = Counter(name[0] for name, _ in proofs())

    assert areas == {"A": 28, "B": 29, "C": 17, "D": 14, "E": 27, "F": 16}


def test_what_a_trap_rests_on_was_measured() -> None:
    measured = {trap["id"][:3]: trap.get("measured", ()) for trap in traps()}
    known = {f"{subject}:{case['id']}" for subject in truth.SUBJECTS for case in truth.cases(subject)}

    assert {name: set(found) - known for name, found in measured.items() if set(found) - known} == {}
    # Area E is oslo.config's, whose truth is in tests/differential. No configuration shows what a catalogue says (C13),
    # and B45 is about a value that oslo.config gives too.
    assert {name for name, found in measured.items() if not found and name[0] != "E"} == {"B45", "C13"}


def test_a_trap_is_expected_to_come_out_somehow_in_every_release_its_host_may_have() -> None:
    covered = {
        trap["id"]: {
            release
            for expectation in trap["expect"]
            for span in expectation["releases"]
            for release in releases_between(span)
        }
        for trap in traps()
        # A host that shows its libraries has one release.
        if not any("dist-info" in path for path in trap["files"])
    }

    assert len(covered) >= 131 - 3
    assert {name for name, found in covered.items() if found != set(RELEASES)} == set()
