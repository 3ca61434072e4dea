"""How the resolver's answer about a set is compared with the recorded truth."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from auditor.effective import Unparsable, resolve
from auditor.errors import Unavailable
from auditor.evidence import Evidence, ServiceRecord
from auditor.model import File
from auditor.probe import commands, formats, schema
from auditor.probe.redact import Redactor
from auditor.releases import load
from tests.differential.laid_out import evidence_of

HERE = Path(__file__).parent
RELEASES = ("zed", "2025.1", "2026.2")

# The service ends with one of the system's own errors: we say that the file could not be read.
SYSTEM = ("IsADirectoryError", "NotADirectoryError", "OSError", "PermissionError")


@cache
def read(name: str) -> Any:
    return json.loads(gzip.decompress((HERE / name).read_bytes()))


def outcome_of(case: Mapping[str, Any], release: str, *, is_redacted: bool) -> Any:
    """The resolver's settings, or {"fatal": class name}, or {"unread": reason}."""
    evidence, record = evidence_of(case, release)
    if is_redacted:
        evidence, record = redacted(evidence, record)
    try:
        return resolve(evidence, record, release)
    except Unparsable as error:
        return {"fatal": error.error} if error.is_certain else {"unread": str(error), "fatal": error.error}
    except Unavailable as error:
        return {"unread": str(error)}


def redacted(evidence: Evidence, record: ServiceRecord) -> tuple[Evidence, ServiceRecord]:
    """The same evidence as it leaves a host."""
    redactor = Redactor(schema.load(), b"differential")
    files = {
        path: replace(file, text=formats.redact(file.text, "oslo", redactor))
        if isinstance(file, File) and file.text is not None
        else file
        for path, file in evidence.files.items()
    }
    record = replace(
        record,
        arguments=tuple(commands.redact(list(record.arguments), redactor)),
        environment={
            name: formats.variable(name, text, redactor) for name, text in record.environment.items()
        },
    )
    return replace(evidence, files=files, services=(record,)), record


def plain(value: Any) -> Any:
    """A resolved value as the truth has it."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"float": str(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def differences(
    case: Mapping[str, Any], release: str, *, everything: bool = False, is_redacted: bool = False
) -> Iterator[str]:
    """One line for each option on which the resolver and nova disagree.

    ``everything`` looks at the options that neither side says anything about, too. With ``is_redacted`` the resolver
    gets what the probe sends: it may then say that a value was withheld, but nothing else than nova.
    """
    truth = read(f"truth/{release}.json.gz")
    expected = truth["results"][case["id"]]
    found = outcome_of(case, release, is_redacted=is_redacted)
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
            if is_redacted and key.startswith(("mdev_", "neutron_physnet_")):
                continue  # the names of these groups may be withheld
            yield f"{case['id']} {key}: expected {shortened(wanted)}, got an unknown option"
            continue
        if is_redacted and (setting.is_withheld or "REDACTED-" in str(setting.resolved)):
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


def kind(release: str, key: str) -> str:
    """The kind of an option's type, with that of its items."""
    group, name = key.split(".", 1)
    options = load(release).projects["nova"].get(group, {})
    described: Mapping[str, Any] = options[name].type if name in options else {"kind": "per value"}
    return (
        f"{described['kind']} {described['item']['kind']}" if "item" in described else str(described["kind"])
    )


@cache
def references(release: str) -> frozenset[str]:
    """The options whose default refers to others, so that they change with them."""
    return frozenset(
        f"{group}.{name}"
        for group, options in load(release).projects["nova"].items()
        for name, option in options.items()
        if "$" in str(option.default)
    )


def shortened(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 300 else f"{text[:300]}..."
