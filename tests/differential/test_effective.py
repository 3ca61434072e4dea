"""Our resolver against the recorded truth of nova itself: every set, every option of three releases."""

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from auditor.effective import Unparsable, resolve
from auditor.errors import Unavailable
from auditor.releases import load
from tests.differential.laid_out import evidence_of

HERE = Path(__file__).parent
RELEASES = ("zed", "2025.1", "2026.2")
CHUNK = 25

# The service ends with one of the system's own errors: we say that the file could not be read.
SYSTEM = ("IsADirectoryError", "NotADirectoryError", "OSError", "PermissionError")


@cache
def read(name: str) -> Any:
    return json.loads(gzip.decompress((HERE / name).read_bytes()))


def outcome_of(case: Mapping[str, Any], release: str) -> Any:
    """The resolver's settings, or {"fatal": class name}, or {"unread": reason}."""
    evidence, record = evidence_of(case, release)
    try:
        return resolve(evidence, record, release)
    except Unparsable as error:
        return {"fatal": error.error} if error.is_certain else {"unread": str(error), "fatal": error.error}
    except Unavailable as error:
        return {"unread": str(error)}


def plain(value: Any) -> Any:
    """A resolved value as the truth has it."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"float": str(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def differences(case: Mapping[str, Any], release: str, *, everything: bool) -> Iterator[str]:
    """One line for each option on which the resolver and nova disagree."""
    truth = read(f"truth/{release}.json.gz")
    expected = truth["results"][case["id"]]
    found = outcome_of(case, release)
    if isinstance(found, dict):
        if not is_agreed(case, expected, found):
            yield f"{case['id']}: expected {shortened(expected)}, got {found}"
        return
    if "fatal" in expected:
        yield f"{case['id']}: expected {expected}, got settings"
        return
    written = {f"{setting.group}.{setting.name}": setting for setting in found.written()}
    for key in sorted(
        key for key, setting in written.items() if setting.unknown and key in truth["baseline"]
    ):
        yield f"{case['id']} {key}: nova knows this option, the resolver calls it unknown"
    keys = {*expected["changed"], *(key for key, setting in written.items() if not setting.unknown)}
    if everything:
        keys |= {f"{setting.group}.{setting.name}" for setting in found.effective() if not setting.unknown}
        keys |= set(truth["baseline"])
    else:
        keys |= references(release)
    for key in sorted(keys):
        if key not in truth["baseline"] and key not in expected["changed"]:
            continue  # registered only by other plug-ins or libraries than the recorder's
        wanted = expected["changed"].get(key, {"value": truth["baseline"].get(key)})
        setting = found.find(*key.split(".", 1))
        if setting is None:
            yield f"{case['id']} {key}: expected {shortened(wanted)}, got an unknown option"
            continue
        ours = {"value": plain(setting.resolved)} if setting.error is None else {"error": setting.error}
        if "error" in wanted and "error" in ours:
            continue
        if json.dumps(ours, sort_keys=True) != json.dumps(wanted, sort_keys=True):
            yield f"{case['id']} {key}: expected {shortened(wanted)}, got {shortened(ours)}"


def is_agreed(case: Mapping[str, Any], expected: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether the resolver is right to give no settings."""
    if expected.get("fatal") in SYSTEM and "unread" in found:
        return True
    if "unread" in found and "fatal" not in expected:
        # nova silently reads nothing in a folder that it may not list: we do not call that a configuration.
        return "modes" in case
    return bool(expected.get("fatal") == found.get("fatal"))


@cache
def references(release: str) -> frozenset[str]:
    """The options whose default refers to others, so that they change with them."""
    return frozenset(
        f"{group}.{name}"
        for group, options in load(release).projects["nova"].items()
        for name, option in options.items()
        if "$" in str(option.default)
    )


def kind(release: str, key: str) -> str:
    group, name = key.split(".", 1)
    described = load(release).projects["nova"][group][name].type
    return (
        f"{described['kind']} {described['item']['kind']}" if "item" in described else str(described["kind"])
    )


def shortened(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 300 else f"{text[:300]}..."


@pytest.mark.parametrize("start", range(0, len(read("sets.json.gz")), CHUNK))
@pytest.mark.parametrize("release", RELEASES)
def test_every_set_comes_to_what_nova_makes_of_it(release: str, start: int) -> None:
    cases = read("sets.json.gz")[start : start + CHUNK]

    found = [line for n, case in enumerate(cases) for line in differences(case, release, everything=n == 0)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("release", RELEASES)
def test_the_sets_reach_options_of_every_kind(release: str) -> None:
    truth = read(f"truth/{release}.json.gz")
    changed = {key for result in truth["results"].values() for key in result.get("changed", ())}
    reached = changed & set(truth["baseline"])

    assert set(truth["results"]) == {case["id"] for case in read("sets.json.gz")}
    assert len(truth["results"]) >= 1000
    assert len(reached) >= 400
    # Whatever is written into an option of kind "ignored", nova sees None.
    assert {kind(release, key) for key in truth["baseline"]} - {kind(release, key) for key in reached} == {
        "ignored"
    }
