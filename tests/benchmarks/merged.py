"""What merging bundles of hosts that audit themselves costs: alone, and within an audit."""

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

#: Measures a command: its wall time in seconds, and the most memory of its process tree in bytes.
Measure = Callable[[Sequence[str]], tuple[float, int]]

MERGE = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from auditor.collect.expected import read_names
from auditor.collect.merged import merge
from auditor.evidence import Document
expected = read_names(Path(sys.argv[2]))
items = merge([Path(sys.argv[1])], expected, timedelta(hours=24), datetime.now(UTC))
whole = sum(isinstance(item, Document) for item in items)
sys.exit(whole != len(expected))
"""


def part(bundle: Path, folder: Path) -> tuple[Path, Path]:
    """Part a bundle into one bundle for each host; the folder that holds them, and the list of the hosts."""
    store = folder / "store"
    hosts = []
    for file in sorted(bundle.glob("*.json.gz")):
        host = file.name.removesuffix(".json.gz")
        own = store / host
        own.mkdir(parents=True)
        shutil.copy(file, own / file.name)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        (own / "MANIFEST.sha256").write_text(f"{digest}  {file.name}\n")
        hosts.append(host)
    expected = folder / "expected"
    expected.write_text("".join(f"{host}\n" for host in hosts))
    return store, expected


def rows(
    bundle: Path, whole: float, auditor: Sequence[str], release: str, folder: Path, measure: Measure
) -> list[tuple[str, str, str, str]]:
    """The figures: what, the goal, the figure, and how it was made.

    Args:
        bundle: one bundle of all hosts.
        whole: the seconds that its audit took, in this run.
        auditor: the command to run.
        release: the release of services that show none.
        folder: where there is room.
        measure: how a command is measured.
    """
    store, expected = part(bundle, folder)
    count = sum(1 for _ in store.iterdir())
    alone, most_alone = measure([sys.executable, "-c", MERGE, str(store), str(expected)])
    output = folder / "merged.json"
    asked = ("--evidence", str(store), "--expect", str(expected), "--max-age", "24h", "--release", release)
    wall, most = measure([*auditor, "audit", *asked, "-f", f"json={output}"])
    audited = json.loads(output.read_text())["coverage"]["hosts_audited"]
    if audited != count:
        raise SystemExit(f"{audited} of {count} merged hosts were audited")
    return [
        (
            f"merging {count:,} bundles",
            "under 20 s, 300 MB",
            f"{alone:.1f} s, {most_alone / 1e6:.0f} MB",
            "one bundle for each host, with `--expect` and `--max-age`, nothing judged",
        ),
        (
            f"audit of {count:,} merged bundles",
            "",
            f"{wall:.1f} s, {most / 1e6:.0f} MB",
            f"`audit --evidence DIR --expect LIST --max-age 24h`; {wall / whole:.2f} times the audit of one bundle",
        ),
    ]
