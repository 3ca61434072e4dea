"""Every trap of areas A, B and E through the command line's JSON, for every release it speaks of.

`traps.json` holds, per trap, the files of a host and what must be found in the JSON: a command, a path in its
output, and the value for a range of releases (``"*"`` inside a text stands for what was withheld; alone it stands
for any text). Traps that cannot be mapped say why.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from auditor.cli import main
from auditor.releases import RELEASES

TRAPS = json.loads(Path(__file__).with_name("traps.json").read_text())
MAPPED = [trap for trap in TRAPS if "expect" in trap]

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
    for trap in MAPPED:
        for expectation in trap["expect"]:
            for span, value in expectation["releases"].items():
                for release in releases_between(span):
                    name = f"{trap['id']}-{release}-{expectation['path']}"
                    yield pytest.param(trap, expectation, release, value, id=name)


def value_at(document: Any, path: str) -> Any:
    """The value at a path such as ``hosts[0].services[0].transports[purpose=rpc].posture``; None where it is not."""
    for key, index in re.findall(r"([a-z_]+)|\[([^\]]+)\]", path):
        if document is None:
            return None
        if key:
            document = document.get(key)
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


Laid = dict[str, tuple[Path, Path]]


def lay_out(trap: dict[str, Any], folder: Path) -> tuple[Path, Path]:
    """The trap's files below a root, and the evidence collected from them once for all releases."""
    root, bundle = folder / "host", folder / "bundle"
    for path, text in {**PRESENT, **trap["files"]}.items():
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    collected = CliRunner().invoke(main, ["collect", "--root", str(root), "-o", str(bundle)])

    assert collected.exit_code == 0, collected.output

    return root, bundle


@pytest.fixture(scope="module")
def laid() -> Laid:
    return {}


@pytest.fixture(scope="module")
def printed() -> dict[tuple[str, ...], Any]:
    return {}


@pytest.mark.parametrize(("trap", "expectation", "release", "expected"), tuple(expectations()))
def test_a_trap_comes_out_as_the_real_libraries_have_it(
    tmp_path_factory: pytest.TempPathFactory,
    laid: Laid,
    printed: dict[tuple[str, ...], Any],
    trap: dict[str, Any],
    expectation: dict[str, Any],
    release: str,
    expected: Any,
) -> None:
    name = trap["id"]
    if name not in laid:
        laid[name] = lay_out(trap, tmp_path_factory.mktemp(name))
    root, bundle = laid[name]
    command, *rest = expectation["command"]
    source = (
        ["--evidence", str(bundle), "--profile", "strict"] if command == "audit" else ["--root", str(root)]
    )
    arguments = (command, *rest, *source, "--release", release, "--format", "json")
    if arguments not in printed:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code in (0, 1, 3), result.output
        printed[arguments] = json.loads(result.stdout)

    assert is_as_expected(value_at(printed[arguments], expectation["path"]), expected), trap["why"]


def test_a_trap_that_cannot_be_mapped_says_why() -> None:
    unmapped = {trap["id"]: trap["unmapped"] for trap in TRAPS if "expect" not in trap}

    assert set(unmapped) == {"A44", "A45", "B19", "E26"}
    assert all(len(reason) > 40 for reason in unmapped.values())
