"""Measure, and write the figures with the command that made them: ``make bench``.

Whole processes are timed from outside, best of several runs (the machine's noise only ever adds). Memory is the sum
over the process and its children, polled; shared pages count for each of them, so the figure is an upper bound.
"""

import gzip
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import fleet, merged
from tests.conformance.environments import interpreter

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "performance.md"
EXAMPLE = ROOT / "inventories" / "example"
AUDITOR = (sys.executable, "-m", "auditor.cli")
PEER = "2026.2"
HOSTS = 1000
SERVICES = 5


def seconds(command: Sequence[str], runs: int = 7) -> float:
    """The best wall time of a whole process, in seconds; its exit code may say that there are failures."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        best = min(best, time.perf_counter() - start)
        if done.returncode not in (0, 1, 3):
            raise SystemExit(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.decode()}")
    return best


def tree_of(pid: int) -> list[int]:
    """A process and all below it."""
    below = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below += [one for child in task.read_text().split() for one in tree_of(int(child))]
        except OSError:
            continue
    return below


def resident(pid: int) -> int:
    """The resident memory of a process in bytes, 0 where it has ended."""
    try:
        match = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return 1024 * int(match[1]) if match else 0


def seconds_and_memory(command: Sequence[str]) -> tuple[float, int]:
    """The wall time of a whole process tree and the most memory it had at once, in bytes."""
    start = time.perf_counter()
    most = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(resident(pid) for pid in tree_of(process.pid)))
            time.sleep(0.02)
    return time.perf_counter() - start, most


def write_fleet(folder: Path, template: Path) -> Path:
    """A bundle of `HOSTS` evidence files of `SERVICES` services each, no two with the same configuration text."""
    bundle = folder / "bundle"
    subprocess.run([*AUDITOR, "collect", "--root", str(template), "-o", str(folder / "one")], check=True)
    (collected,) = (folder / "one").glob("*.gz")
    text = gzip.decompress(collected.read_bytes()).decode()
    bundle.mkdir(mode=0o700)
    manifest = []
    for number in range(HOSTS):
        document = json.loads(text)
        document["host"] = f"host{number:04}"
        for path, file in document["files"].items():
            if file["text"] and path.endswith(".conf"):
                # A setting of the host's own in every file: no two hosts share a content, and no cache helps.
                file["text"] = file["text"].replace("[DEFAULT]", f"[DEFAULT]\nhost = host{number:04}", 1)
        name = f"host{number:04}.json.gz"
        content = gzip.compress(json.dumps(document).encode(), 1)
        (bundle / name).write_bytes(content)
        manifest.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
    (bundle / "MANIFEST.sha256").write_text("".join(manifest))
    return bundle


def write_template(folder: Path) -> Path:
    """A controller with `SERVICES` services, each with a configuration file of its own."""
    root = folder / "controller"
    conf = (EXAMPLE / "hardened" / "etc" / "nova" / "nova.conf").read_text()
    programs = ("nova-conductor", "nova-scheduler", "nova-novncproxy", "nova-compute", "nova-serialproxy")
    for program in programs[:SERVICES]:
        file = root / "etc" / "nova" / f"{program}.conf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(conf.replace("[DEFAULT]", f"[DEFAULT]\n# {program}", 1))
        unit = root / "lib" / "systemd" / "system" / f"{program}.service"
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.write_text(
            f"[Service]\nUser=nova\nExecStart=/usr/bin/{program} --config-file /etc/nova/{program}.conf\n"
        )
    for path in (EXAMPLE / "hardened").rglob("*"):
        if path.is_file() and path.suffix in (".pem", ".crt", ".key"):
            copy = root / path.relative_to(EXAMPLE / "hardened")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return root


def validator_seconds(conf: Path) -> float:
    """One file through oslo-config-validator with Nova's own namespaces, as a whole process."""
    tool = interpreter(PEER).with_name("oslo-config-validator")
    namespaces = (
        "nova.conf",
        "oslo.log",
        "oslo.messaging",
        "oslo.db",
        "oslo.cache",
        "oslo.concurrency",
        "oslo.middleware",
        "oslo.policy",
        "keystonemiddleware.auth_token",
    )
    return seconds([str(tool), *(f"--namespace={name}" for name in namespaces), f"--input-file={conf}"], 5)


def validator_loop_seconds(conf: Path) -> float:
    """One more file in a process of oslo-config-validator that has already loaded everything else."""
    script = (
        "import sys, time, logging\n"
        "from oslo_config import validator, generator, cfg\n"
        "logging.disable(logging.CRITICAL)\n"
        "def run():\n"
        "    conf = cfg.ConfigOpts()\n"
        "    validator._register_cli_opts(conf)\n"
        "    oslo = generator.register_cli_opts\n"
        "    conf(['--namespace=nova.conf', '--namespace=oslo.log', '--namespace=oslo.messaging', '--namespace=oslo.db',\n"
        "          '--namespace=keystonemiddleware.auth_token', '--input-file=' + sys.argv[1]], default_config_files=[])\n"
        "    validator._validate(conf)\n"
        "run()\n"
        "best = 9e9\n"
        "for _ in range(5):\n"
        "    start = time.perf_counter(); run(); best = min(best, time.perf_counter() - start)\n"
        "print(best)\n"
    )
    done = subprocess.run(
        [str(interpreter(PEER)), "-c", script, str(conf)], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def figures() -> list[tuple[str, str, str, str]]:
    """Every figure: what, the goal, the figure, and how it was made."""
    hardened = EXAMPLE / "hardened"
    conf = hardened / "etc" / "nova" / "nova.conf"
    rows: list[tuple[str, str, str, str]] = []

    def add(what: str, goal: str, figure: str, how: str) -> None:
        rows.append((what, goal, figure, how))
        sys.stderr.write(f"{what}: {figure} (goal {goal})\n")

    bare = seconds([sys.executable, "-c", "pass"])
    version = seconds([*AUDITOR, "--version"])
    add(
        "`nova-auditor --version`",
        "under 0.25 s",
        f"{version:.3f} s",
        f"best of 7 processes; a bare Python takes {bare:.3f} s",
    )
    one = seconds([*AUDITOR, "audit", "--root", str(hardened), "-f", "json"])
    add(
        "audit of one host",
        "under 1 s",
        f"{one:.2f} s",
        "`audit --root inventories/example/hardened -f json`, best of 7 processes",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = write_fleet(folder, write_template(folder))
        output = folder / "report.json"
        command = [*AUDITOR, "audit", "--evidence", str(bundle), "-f", f"json={output}", "--release", PEER]
        wall, most = seconds_and_memory(command)
        report = json.loads(output.read_text())
        counted = sum(len(host["services"]) for host in report["hosts"])
        if counted != HOSTS * SERVICES:
            raise SystemExit(f"the fleet has {counted} services, not {HOSTS * SERVICES}")
        results = report["coverage"]["results_recorded"]
        merging = merged.rows(bundle, wall, AUDITOR, PEER, folder, seconds_and_memory)
    add(
        f"{HOSTS:,} evidence files of {SERVICES} services",
        "under 20 s",
        f"{wall:.1f} s",
        f"`audit --evidence BUNDLE`, {results:,} results, no two hosts with the same text",
    )
    add(
        "its memory, all processes",
        "under 300 MB",
        f"{most / 1e6:.0f} MB",
        "sum of resident sizes, polled every 20 ms",
    )
    for row in (*merging, *fleet.rows(AUDITOR)):
        add(*row)
    validator = validator_seconds(conf)
    add(
        "oslo-config-validator, one file",
        "",
        f"{validator:.2f} s",
        f"whole process, Nova {PEER}'s namespaces, best of 5",
    )
    add(
        "whole process against whole process",
        "",
        f"{validator / one:.1f} times faster",
        "one file against the audit of one host (all its services and files, probe included)",
    )
    per_host = wall / HOSTS
    add(
        "per host, amortised",
        "50 times faster",
        f"{validator / per_host:.0f} times faster",
        f"{1000 * per_host:.1f} ms for a host of {SERVICES} files against one process of the validator for one file",
    )
    loop = validator_loop_seconds(conf)
    per_file = per_host / SERVICES
    add(
        "per file, both amortised",
        "50 times faster",
        f"{loop / per_file:.0f} times faster",
        f"{1000 * per_file:.2f} ms against {1000 * loop:.0f} ms in a validator that stays in memory",
    )
    return rows


def page(rows: Sequence[tuple[str, str, str, str]]) -> str:
    """The figures as a page."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    machine = f"{os.cpu_count()} cores ({model[1] if model else platform.machine()}), Python {platform.python_version()}"
    lines = [
        "# Performance",
        "",
        "Made by `make bench` (`python -m tests.benchmarks`); figures are measured, never tested.",
        "",
        f"Machine: {machine}.",
        "",
        "| what | goal | measured | how |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
    ]
    return "\n".join(lines)


def main(write: Callable[[str], object] = PAGE.write_text) -> None:
    """Measure and write the page."""
    write(page(figures()))


if __name__ == "__main__":
    main()
