"""What is asked besides what lies there: collected with one command, judged with another, refused where nothing runs."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from auditor.checks import CATALOGUE
from tests import certificates
from tests.collect.listeners import Listener, listening

Run = Callable[..., Result]

NEEDING_WIRE = {check.id for check in CATALOGUE if "wire" in check.needs}

SECRET = "yFw7hPq2kZ4tLm9s"

CONF = """\
[DEFAULT]
transport_url = rabbit://nova:{secret}@localhost:{port}/
[oslo_messaging_rabbit]
ssl = true
ssl_ca_file = {ca}
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Listener]]:
    """The configuration of a service whose broker is on the loopback."""
    folder = tmp_path_factory.mktemp("asked")
    authority = certificates.authority("our own")
    (folder / "ca.pem").write_bytes(authority.cert_pem)
    with listening(*certificates.issue(authority, ["localhost"], key="ec:p256")) as listener:
        conf = folder / "nova.conf"
        conf.write_text(CONF.format(secret=SECRET, port=listener.port, ca=folder / "ca.pem"))
        yield conf, listener


def collected(run: Run, bundle: Path, conf: Path, *words: object) -> dict[str, Any]:
    """The document of this machine, collected into a bundle."""
    service = ("--config-file", conf, "--service", "nova-conductor", "--name", "ctl1")
    result = run("collect", *service, "-o", bundle, *words)
    assert result.exit_code == 0, result.stderr
    content: dict[str, Any] = json.loads(gzip.decompress((bundle / "ctl1.json.gz").read_bytes()))
    return content


def judged(run: Run, bundle: Path, *words: object) -> dict[str, Any]:
    release = ("--release", "2025.1", "--profile", "strict")
    result = run("audit", "--evidence", bundle, *release, "--exit-zero", "-f", "json", *words)
    assert result.exit_code == 0, result.stderr
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def ended_in_error(report: dict[str, Any]) -> set[str]:
    return {finding["check"] for finding in report["findings"] if finding["status"] == "error"}


def test_endpoints_are_asked_when_they_are_to_be(
    run: Run, tmp_path: Path, broker: tuple[Path, Listener]
) -> None:
    conf, listener = broker
    before = listener.count
    content = collected(run, tmp_path / "bundle", conf, "--live")

    assert listener.count == before + 1
    assert content["asked"] == ["processes", "wire"]
    assert content["wire"]["handshakes"][0]["result"] == "tls"
    assert SECRET not in json.dumps(content)


def test_nothing_is_asked_otherwise(run: Run, tmp_path: Path, broker: tuple[Path, Listener]) -> None:
    conf, listener = broker
    before = listener.count
    content = collected(run, tmp_path / "bundle", conf)

    assert listener.count == before
    assert content["asked"] == ["processes"]


def test_what_was_asked_is_judged_where_that_is_wanted(
    run: Run, tmp_path: Path, broker: tuple[Path, Listener]
) -> None:
    collected(run, tmp_path / "bundle", broker[0], "--live")
    silent, heard = judged(run, tmp_path / "bundle"), judged(run, tmp_path / "bundle", "--live")

    assert set(silent["selection"]["not_asked"]) >= NEEDING_WIRE
    assert not NEEDING_WIRE & set(heard["selection"]["not_asked"])
    assert not NEEDING_WIRE & ended_in_error(heard)


def test_what_was_not_asked_ends_in_an_error_where_it_is_wanted(
    run: Run, tmp_path: Path, broker: tuple[Path, Listener]
) -> None:
    collected(run, tmp_path / "bundle", broker[0])
    report = judged(run, tmp_path / "bundle", "--live")

    assert not NEEDING_WIRE & report["passed"].keys()
    assert ended_in_error(report) >= NEEDING_WIRE


@pytest.mark.parametrize("option", ["--live", "--cells", "--servers"])
@pytest.mark.parametrize("command", ["audit", "collect"])
def test_files_are_not_asked(run: Run, root: Path, tmp_path: Path, command: str, option: str) -> None:
    words = ("-o", tmp_path / "bundle") if command == "collect" else ()
    result = run(command, "--root", root, option, *words)

    assert result.exit_code == 2
    assert result.stderr.strip() == (
        f"nova-auditor: {option} asks what runs, and nothing runs in the files of --root; leave it away"
    )


@pytest.mark.parametrize("command", ["audit", "collect"])
def test_the_help_says_what_is_asked_besides(run: Run, command: str) -> None:
    text = run(command, "--help").stdout
    section = text.partition("What is asked besides:")[2].partition("\n\n")[0]

    assert [line.split()[0] for line in section.splitlines() if line.startswith("  --")] == [
        "--live",
        "--cells",
        "--servers",
    ]


def test_an_upgrade_asks_nothing_besides(run: Run) -> None:
    assert "What is asked besides" not in run("upgrade", "--help").stdout
