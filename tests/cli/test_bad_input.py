"""What bad input gets: a clear line and an exit code, no loss, and never a pass for what could not be read.

The trees hold two services of one host: nova-compute, whose configuration is broken in one way each, and
nova-conductor, whose is sound. The command runs on its own, without root's right to read everything.
"""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.conftest import PLAIN
from tests.trees import grow, unit

Run = Callable[..., Result]
Spoil = Callable[[Path], object]

ONE = ("--release", "2025.1", "--check", "messaging-plaintext")
ALL = ("--release", "2025.1", "--profile", "strict", "-f", "json")
DATABASE = "[database]\nconnection = mysql+pymysql://nova:yFw7hPq2kZ4tLm9s@db.example/nova\n"

#: As root, without the two rights that let root read what its mode forbids.
_UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()

#: A terminal's escape sequences, bell, C1 codes and changes of direction.
_ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def apart(*words: object, seconds: float = 60) -> "subprocess.CompletedProcess[str]":
    """The command as a process of its own, for what root would be let through or what could hang."""
    return subprocess.run(
        [*_UNPRIVILEGED, sys.executable, "-m", "auditor.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"},
        timeout=seconds,
        check=False,
    )


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Two services, each with a configuration of its own."""
    return grow(
        tmp_path / "ctl1",
        {
            **unit("nova-compute", "--config-file /etc/nova/nova.conf"),
            **unit("nova-conductor", "--config-file /etc/nova/conductor.conf"),
            "/etc/nova/nova.conf": PLAIN,
            "/etc/nova/conductor.conf": PLAIN + DATABASE,
        },
    )


def verdicts(report: Mapping[str, Any], service: str) -> set[tuple[str, str]]:
    """Check and status of what was judged of a service, its transports and clients included.

    A finding without a service is of the host: here the one about database credentials on a compute host.
    """
    found = {
        (one["check"], one["status"])
        for one in report["findings"]
        if one["service"] == service or (one["service"] is None and service == "nova-compute")
    }
    for check, hosts in report["passed"].items():
        if any(name.partition("#")[0] == service for names in hosts.values() for name in names):
            found.add((check, "pass"))
    return found


def _instead(make: Callable[[Path], object]) -> Spoil:
    def spoil(path: Path) -> None:
        path.unlink()
        make(path)

    return spoil


def _sparse(path: Path) -> None:
    os.truncate(path, 100 * 1024 * 1024)


BROKEN: Mapping[str, tuple[Spoil, str]] = {
    "mode 000": (lambda path: path.chmod(0), "it may not be read"),
    "a link to itself": (_instead(lambda path: path.symlink_to(path.name)), "too many links"),
    "100 MB": (_sparse, "104857600 bytes, more than 1048576"),
    "binary": (lambda path: path.write_bytes(b"\x7fELF\x02\x01\x00\x00" * 999), "it holds NUL bytes"),
    "undecodable": (lambda path: path.write_bytes(b"[DEFAULT]\nhost = \xff\n"), "not UTF-8 at byte 17"),
    "a FIFO": (_instead(os.mkfifo), "not a regular file"),
    "absent": (_instead(lambda _: None), "the service names this file, and it does not exist"),
    "a link out of the root": (
        _instead(lambda path: path.symlink_to("../../../../../../../../../../../../etc/hostname")),
        "it does not exist",
    ),
    "a folder": (_instead(Path.mkdir), "it is a folder, where a file belongs"),
    "a byte order mark": (
        lambda path: path.write_bytes(b"\xef\xbb\xbf" + PLAIN.encode()),
        "/etc/nova/nova.conf:1: oslo.config cannot parse this line",
    ),
    "no section": (
        lambda path: path.write_text("debug = true\n"),
        "Section must be started before assignment",
    ),
    "a value that stops the service": (
        lambda path: path.write_text("[DEFAULT]\ndebug = perhaps\n"),
        "it is not a boolean",
    ),
}


@pytest.mark.parametrize(("spoil", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_service_passes_nothing_and_hides_no_other(host: Path, spoil: Spoil, said: str) -> None:
    whole = json.loads(apart("audit", "--root", host, *ALL).stdout)
    spoil(host / "etc/nova/nova.conf")
    done = apart("audit", "--root", host, *ALL)
    report = json.loads(done.stdout)
    broken = verdicts(report, "nova-compute")

    assert done.returncode == report["exit"]["code"] == 1
    assert not report["complete"]
    assert report["coverage"]["results_recorded"] == report["coverage"]["results_expected"]
    assert [one["id"] for one in report["hosts"][0]["services"]] == ["nova-compute", "nova-conductor"]
    assert {check for check, _ in verdicts(whole, "nova-compute")} <= {check for check, _ in broken}
    assert {status for _, status in broken} <= {"error", "fail"}
    assert {one["message"] for one in report["findings"] if said in one["message"]}
    assert verdicts(report, "nova-conductor") == verdicts(whole, "nova-conductor")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes device nodes")
@pytest.mark.parametrize("minor", [3, 5], ids=["null", "zero"])
def test_a_device_is_not_opened(host: Path, minor: int) -> None:
    place = host / "etc/nova/nova.conf"
    place.unlink()
    subprocess.run(["mknod", str(place), "c", "1", str(minor)], check=True)
    done = apart("audit", "--root", host, *ALL)

    assert done.returncode == 1
    assert {status for _, status in verdicts(json.loads(done.stdout), "nova-compute")} == {"error"}


def test_the_text_report_names_the_file_that_could_not_be_read(host: Path) -> None:
    (host / "etc/nova/nova.conf").chmod(0)
    done = apart("audit", "--root", host, *ONE)

    assert done.returncode == 1
    assert "/etc/nova/nova.conf: it may not be read" in done.stdout
    assert "incomplete: 1 result in error" in " ".join(done.stdout.split())


def test_a_folder_that_may_not_be_read_loses_the_host_and_says_what_to_do(host: Path) -> None:
    (host / "etc/nova").chmod(0)
    done = apart("audit", "--root", host, *ALL)
    report = json.loads(done.stdout)
    (host / "etc/nova").chmod(0o755)

    assert (done.returncode, report["hosts"][0]["coverage"]) == (3, "denied")
    assert "run it as root" in report["hosts"][0]["reason"]
    assert report["passed"] == {}


def test_one_denied_host_leaves_the_others_judged(host: Path, root: Path) -> None:
    (host / "etc/nova").chmod(0)
    done = apart("audit", "--root", host, "--root", root, *ALL)
    (host / "etc/nova").chmod(0o755)
    report = json.loads(done.stdout)

    assert done.returncode == 1
    assert not report["complete"]
    assert {one["name"]: one["coverage"] for one in report["hosts"]} == {"ctl1": "denied", "cmp01": "audited"}


def test_an_empty_file_is_a_configuration_of_defaults(host: Path, run: Run) -> None:
    (host / "etc/nova/nova.conf").write_text("")
    report = json.loads(run("audit", "--root", host, *ALL).stdout)

    assert report["complete"]
    assert "pass" in {status for _, status in verdicts(report, "nova-compute")}


def test_a_loop_of_folders_ends(host: Path, run: Run) -> None:
    (host / "etc/nova/again").symlink_to(".")
    (host / "etc/nova/nova.conf.d").symlink_to("..")

    assert run("audit", "--root", host, *ONE).exit_code == 1


def test_a_file_named_on_the_command_line_and_absent_is_an_error_of_its_service(host: Path, run: Run) -> None:
    result = run("audit", "--root", host, "--config-file", "/absent.conf", *ONE)

    assert result.exit_code == 3
    assert "/absent.conf: the service names this file, and it does not exist" in result.stdout


SITES = {
    "foo = 1": "unknown key foo; known are thresholds",
    "[thresholds]\nfoo = 1": "unknown key thresholds.foo; known are",
    '[thresholds]\nsecret_characters = "x"': "give a positive whole number",
    "thresholds = 3": "thresholds is no table; write [thresholds]",
    "[thresholds": "write it in TOML",
    '[[underlay.networks]]\nnetwork = "10.0.0.0/99"\nowner = "a"\nexpires = 2027-01-01': "write it as 10.20.0.0/16",
    '[[underlay.networks]]\nnetwork = "10.0.0.0/8"\nexpires = 2027-01-01': "has no owner; name who answers",
}


@pytest.mark.parametrize(("text", "said"), SITES.items())
def test_a_wrong_site_file_is_refused_by_name_and_with_the_cure(
    run: Run, root: Path, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text + "\n")

    assert said in refused(run("audit", "--root", root, *ONE, "--site", file), file)


def test_a_site_file_that_everybody_may_write_is_refused(run: Run, root: Path, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text("[thresholds]\n")
    file.chmod(0o666)

    assert f"chmod o-w {file}" in refused(run("audit", "--root", root, *ONE, "--site", file), file)


def _waiver(**changed: str | None) -> str:
    fields = {
        "id": "lab", "check": "messaging-plaintext", "reason": "r", "owner": "o", "expires": "2027-01-01", **changed,
    }  # fmt: skip
    items = ", ".join(f"{name}: {value}" for name, value in fields.items() if value is not None)
    return f"schema: 1\nwaivers:\n  - {{{items}}}\n"


WAIVERS = {
    "schema: 1\nwaivers: [\n": "write it in YAML",
    _waiver(
        check="messaging-plaintxt"
    ): ":3: unknown check 'messaging-plaintxt', did you mean messaging-plaintext",
    _waiver(expires="2099-01-01"): ":3: expires 2099-01-01 is more than a year ahead; accept it for a year",
    _waiver(expires="soon"): ":3: expires 'soon' is no day; write it as",
    _waiver(owner=None): ":3: a waiver without owner; add owner",
    "schema: 2\nwaivers: []\n": "write schema: 1",
    "": "write KEY: VALUE lines",
    "a: !!python/object/apply:os.getcwd []\n": "known are schema, waivers",
}


@pytest.mark.parametrize(("text", "said"), WAIVERS.items())
def test_a_wrong_waiver_file_is_refused_by_line_and_with_the_cure(
    run: Run, root: Path, tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(text)

    assert said in refused(run("audit", "--root", root, *ONE, "--waivers", file), file)


def _manifest(bundle: Path) -> None:
    lines = [f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.name}\n" for one in bundle.glob("*.gz")]
    (bundle / "MANIFEST.sha256").write_text("".join(lines))


def _cut(bundle: Path) -> None:
    (file,) = bundle.glob("*.gz")
    file.write_bytes(file.read_bytes()[:300])


def _cut_and_vouched_for(bundle: Path) -> None:
    _cut(bundle)
    _manifest(bundle)


def _no_document(bundle: Path) -> None:
    (file,) = bundle.glob("*.gz")
    file.write_bytes(gzip.compress(b"[1]"))
    _manifest(bundle)


def _without_its_file(bundle: Path) -> None:
    (file,) = bundle.glob("*.gz")
    file.unlink()


BUNDLES: Mapping[str, tuple[Spoil, str]] = {
    "cut": (_cut, "its content is not what the manifest says; collect it again"),
    "cut, with a manifest": (_cut_and_vouched_for, "cannot be read as evidence"),
    "no manifest": (
        lambda at: (at / "MANIFEST.sha256").unlink(),
        "MANIFEST.sha256: No such file; give a bundle",
    ),
    "no sums": (
        lambda at: (at / "MANIFEST.sha256").write_text("junk\n"),
        ":1: not a line of sha256sum; collect",
    ),
    "a file is gone": (_without_its_file, ": No such file; collect it again"),
    "no document": (_no_document, "it is not an evidence document; collect it again"),
}


@pytest.mark.parametrize(("spoil", "said"), BUNDLES.values(), ids=BUNDLES)
def test_a_damaged_bundle_is_refused(run: Run, root: Path, tmp_path: Path, spoil: Spoil, said: str) -> None:
    bundle = tmp_path / "bundle"
    assert run("collect", "--root", root, "-o", bundle).exit_code == 0
    spoil(bundle)

    assert said in refused(run("audit", "--evidence", bundle, *ONE), bundle)


def test_evidence_of_another_schema_is_never_a_pass(run: Run, root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    run("collect", "--root", root, "-o", bundle)
    (file,) = bundle.glob("*.gz")
    file.write_bytes(
        gzip.compress(gzip.decompress(file.read_bytes()).replace(b"/evidence/1", b"/evidence/9"))
    )
    _manifest(bundle)
    result = run("audit", "--evidence", bundle, *ONE)

    assert result.exit_code == 3
    assert "nova-auditor/evidence/9" in " ".join(result.output.split())


@pytest.mark.parametrize(
    "text", ["", "x=1", "unknown", "unknown=", "unknown=-1", "unknown=x", "unknown=1%", "unknown=1.5", "=1"]
)
def test_a_tolerance_that_is_none_is_refused(run: Run, root: Path, text: str) -> None:
    said = refused(run("audit", "--root", root, *ONE, "--tolerate", text), "--tolerate")

    assert "the words are unreachable, partial, error, unknown" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("databse",), "no group 'databse' in this release, did you mean database"),
        (("DEFAULT", "debgu"), "no option 'debgu' in [DEFAULT], did you mean debug"),
        (("--service", "nova-api"), "--service nova-api: there is none of that name; there are nova-compute"),
        (("--release", "2025.3"), "unknown release '2025.3'; choose one of zed"),
        (("--root", "/"), "give one --root"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_what_can(
    run: Run, root: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in refused(run("show", "--root", root, "--release", "2025.1", *words), "")


def test_a_root_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0)
    done = apart("audit", "--root", folder)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"--root {folder}: permission denied; run as a user that may read" in done.stderr


def test_a_place_that_cannot_be_written_is_refused_before_any_work(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    done = apart("audit", "--root", root, *ONE, "-f", f"json={folder / 'report.json'}")

    assert (done.returncode, done.stdout) == (2, "")
    assert f"{folder / 'report.json'}: it cannot be written; name another file" in done.stderr


HOSTILE = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9s@\x1b]0;owned\x07mq.example:5672/\n"
    "host = [bold red]x[/bold red][/nope]\nrpc_response_timeout = \x1b[2Jsoon\nb\x1b[5mad = 1\n"
    "[\x1b[31mgroup]\nx = 1\n[\x9b31m]\ny = \u202e1\n"
)


@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_no_value_reaches_the_terminal_as_a_command(host: Path, run: Run, form: str) -> None:
    (host / "etc/nova/nova.conf").write_text(HOSTILE)
    result = run("audit", "--root", host, "--release", "2025.1", "--profile", "strict", "-f", form, "-vvv")

    assert result.exit_code == 1, result.stderr
    assert not _ACTIVE.search(result.output)


def test_markup_in_a_name_is_shown_as_it_is_written(host: Path, run: Run) -> None:
    result = run("audit", "--root", host, "--config-file", "/etc/[bold]a[/nope].conf", *ONE)

    assert result.exit_code == 3, result.stderr
    assert "/etc/[bold]a[/nope].conf: the service names this file" in " ".join(result.stdout.split())


def test_what_is_shown_reaches_the_terminal_without_commands(host: Path, run: Run) -> None:
    (host / "etc/nova/nova.conf").write_text(HOSTILE)
    result = run("show", "--root", host, "--release", "2025.1", "--service", "nova-compute")

    assert result.exit_code == 0, result.stderr
    assert "/etc/nova/nova.conf:3" in result.stdout
    assert not _ACTIVE.search(result.output)


def test_a_folders_name_that_is_no_hosts_is_refused_without_its_escapes(run: Run, host: Path) -> None:
    name = host.rename(host.with_name("ho\x1b[31mst[red]"))
    result = run("audit", "--root", name, *ONE)

    assert "give one: --root NAME=" in refused(result, "--root")
    assert not _ACTIVE.search(result.stderr)


def refused(result: Result, named: object) -> str:
    """The one line of a refusal, which names the thing; nothing was audited."""
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("nova-auditor: ")
    assert str(named) in line
    return line
