"""Bundles of hosts that audit themselves, on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture
def store(run: Run, root: Path, tmp_path: Path) -> Path:
    """A folder with the bundles of two hosts."""
    for name in ("cmp01", "cmp02"):
        run("collect", "--root", f"{name}={root}", "-o", tmp_path / "store" / name)
    return tmp_path / "store"


def expect(folder: Path, *names: str) -> Path:
    path = folder / "hosts"
    path.write_text("".join(f"{name}\n" for name in names))
    return path


CHECK = ("--check", "logging-debug-enabled")


def test_all_expected_hosts_are_merged(run: Run, store: Path, tmp_path: Path) -> None:
    hosts = expect(tmp_path, "cmp01", "cmp02")
    result = run("audit", "--evidence", store, "--expect", hosts, "--max-age", "24h", *CHECK, "-f", "json")

    assert [host["name"] for host in json.loads(result.stdout)["hosts"]] == ["cmp01", "cmp02"]
    assert result.exit_code == 0


def test_the_hosts_may_be_those_of_an_inventory(run: Run, store: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yml"
    inventory.write_text("all: {hosts: {cmp01: {}, cmp02: {}, cmp03: {}}}\n")
    result = run("audit", "--evidence", store, "--expect", inventory, "--max-age", "24h", *CHECK)

    assert result.exit_code == 3
    assert "no bundle speaks of it" in result.stdout


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("cmp01", "cmp02", "cmp03"), "incomplete: 1 host not audited"),
        (("cmp01",), "incomplete: 1 host not audited"),
        (("other",), "incomplete: 3 hosts not audited"),
    ],
)
def test_who_is_missing_and_who_is_not_expected_makes_the_run_incomplete(
    run: Run, store: Path, tmp_path: Path, names: tuple[str, ...], said: str
) -> None:
    hosts = expect(tmp_path, *names)
    result = run("audit", "--evidence", store, "--expect", hosts, "--max-age", "24h", *CHECK, "-f", "json")

    assert json.loads(result.stdout)["exit"] == {"code": 3, "reason": said}


@pytest.mark.parametrize("words", [("--expect",), ()])
def test_several_bundles_need_both_the_hosts_and_their_age(
    run: Run, store: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    given = (*words, expect(tmp_path, "cmp01", "cmp02")) if words else ()
    result = run(
        "audit", "--evidence", store / "cmp01", "--evidence", store / "cmp02", *given, *CHECK, "-f", "json"
    )
    report = json.loads(result.stdout)

    assert (result.exit_code, report["complete"]) == (3, False)
    assert report["exit"]["reason"] == "incomplete: " + (
        "--max-age does not say how old evidence may be"
        if words
        else "no --expect says which hosts the bundles must hold"
    )


def test_an_age_that_is_none_is_refused(run: Run, store: Path, tmp_path: Path) -> None:
    hosts = expect(tmp_path, "cmp01")
    result = run("audit", "--evidence", store, "--expect", hosts, "--max-age", "a day")

    assert result.exit_code == 2
    assert result.stderr == "nova-auditor: --max-age a day: it is no duration; write 90m, 24h, 7d or 2w\n"


def test_a_host_collects_under_the_name_that_the_inventory_has(run: Run, tmp_path: Path) -> None:
    run("collect", "--name", "cmp01", "-o", tmp_path / "b")

    assert (tmp_path / "b" / "cmp01.json.gz").exists()
    assert run("collect", "--name", "a/b", "-o", tmp_path / "c").exit_code == 2
    assert run("collect", "--name", "x", "--root", tmp_path, "-o", tmp_path / "c").exit_code == 2
