"""What an audit over Ansible costs: against one task of Ansible's own that does nothing, over the same hosts.

Both are timed as whole processes, in turn, so that what else the machine does meets both alike; each round gives one
ratio. Hosts are copies of an example host, reached by `connection: local` or by ssh to addresses of loopback.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.loopback import Server, sshd

HOSTS = 50
MANY = 500
FORKS = 20
ROUNDS = 5
HOST = Path(__file__).resolve().parents[2] / "inventories" / "example" / "hardened"

PING = [{"hosts": "all", "gather_facts": False, "tasks": [{"name": "nothing", "ansible.builtin.ping": {}}]}]


def write_inventory(folder: Path, count: int, server: Server | None) -> Path:
    """Write an inventory of hosts with a tree of their own each; reached by ssh where there is a server."""
    hosts: dict[str, Mapping[str, object]] = {}
    for number in range(count):
        name = f"host{number:03}"
        shutil.copytree(HOST, folder / "trees" / name, symlinks=True)
        hosts[name] = {} if server is None else {"ansible_host": server.addresses[number]}
    reached: Mapping[str, object] = {"ansible_connection": "local"}
    if server is not None:
        reached = {
            "ansible_port": server.port,
            "ansible_user": server.user,
            "ansible_ssh_private_key_file": str(server.key),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={server.known_hosts}",
            # A connection that a run leaves open would serve the next one.
            "ansible_ssh_args": "-o ControlMaster=no",
        }
    shared = {
        "ansible_python_interpreter": sys.executable,
        "nova_auditor_root": "{{ inventory_dir }}/trees/{{ inventory_hostname }}",
        **reached,
    }
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps({"all": {"vars": shared, "hosts": hosts}}))
    return inventory


def seconds(command: Sequence[str], folder: Path) -> float:
    """The wall time of a whole process, which must succeed on every host."""
    # Ansible of this environment, with what the audit sets too; nothing of the operator's.
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    environment = {**kept, "PATH": path, "ANSIBLE_PIPELINING": "True", "ANSIBLE_HOST_KEY_CHECKING": "True"}
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, cwd=folder, env=environment)
    taken = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(
            f"{' '.join(command)}: exit {done.returncode}: {done.stdout[-2000:]!r} {done.stderr!r}"
        )
    return taken


def compare(folder: Path, inventory: Path, auditor: Sequence[str], rounds: int) -> list[tuple[float, float]]:
    """The seconds of an audit and of the task that does nothing, in each round."""
    playbook = folder / "ping.json"
    playbook.write_text(json.dumps(PING))
    asked = ("-i", str(inventory), "--forks", str(FORKS))
    report = folder / "report.json"
    audit = [*auditor, "audit", *asked, "-f", f"json={report}"]
    nothing = ["ansible-playbook", *asked, str(playbook)]
    pairs = []
    for number in range(rounds):
        if number % 2:
            task = seconds(nothing, folder)
            pairs.append((seconds(audit, folder), task))
        else:
            first = seconds(audit, folder)
            pairs.append((first, seconds(nothing, folder)))
        coverage = json.loads(report.read_text())["coverage"]
        if coverage["hosts_audited"] != coverage["hosts_expected"]:
            raise SystemExit(f"only {coverage['hosts_audited']} of {coverage['hosts_expected']} were audited")
    return pairs


def most_resident(command: Sequence[str], folder: Path) -> int:
    """The most memory that a process itself had, in bytes, without those it started."""
    most = 0
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    ) as process:
        while process.poll() is None:
            most = max(most, _high_water(process.pid))
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}")
    return most


def _high_water(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def rows(auditor: Sequence[str], rounds: int = ROUNDS) -> list[tuple[str, str, str, str]]:
    """The figures: what, the goal, the figure, and how it was made."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        addresses = tuple(f"127.0.1.{number}" for number in range(1, HOSTS + 1))
        with sshd(folder / "sshd", addresses) as server:
            for way, reached in (("connection local", None), ("SSH to 127.0.1.1-50", server)):
                place = folder / way.partition(" ")[0]
                place.mkdir()
                pairs = compare(place, write_inventory(place, HOSTS, reached), auditor, rounds)
                found.append(_row(way, pairs))
        places = {count: folder / f"of-{count}" for count in (HOSTS, MANY)}
        inventories = {}
        for count, place in places.items():
            place.mkdir()
            inventories[count] = write_inventory(place, count, None)
        door, whole = (
            {
                count: most_resident(
                    [*auditor, *words, "-i", str(inventory), "--forks", str(FORKS)], places[count]
                )
                for count, inventory in inventories.items()
            }
            for words in (("collect", "-o", "bundle"), ("audit", "-f", "json=report.json"))
        )
        size = (places[MANY] / "report.json").stat().st_size
    growth = (whole[MANY] - whole[HOSTS]) / (MANY - HOSTS)
    found += [
        (
            f"memory of the door, {HOSTS} and {MANY} hosts",
            "the same",
            f"{door[HOSTS] / 1e6:.0f} MB, {door[MANY] / 1e6:.0f} MB",
            "`collect -i`, most resident of the process itself, connection local",
        ),
        (
            f"memory of `audit -i`, {HOSTS} and {MANY} hosts",
            "",
            f"{whole[HOSTS] / 1e6:.0f} MB, {whole[MANY] / 1e6:.0f} MB",
            f"the same, with the report ({size / 1e6:.0f} MB of JSON for {MANY}): {growth / 1e3:.0f} kB for a host more",
        ),
    ]
    return found


def _row(way: str, pairs: Sequence[tuple[float, float]]) -> tuple[str, str, str, str]:
    ratios = [audit / nothing for audit, nothing in pairs]
    audit, nothing = (statistics.median(column) for column in zip(*pairs, strict=True))
    return (
        f"`audit -i`, {HOSTS} hosts, {way}",
        "at most 1.2 times a task that does nothing",
        f"{statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})",
        (
            f"{audit:.1f} s, and {nothing:.1f} s for `ansible-playbook` with `ansible.builtin.ping`, --forks {FORKS} and "
            f"pipelining for both; medians of {len(pairs)} rounds in turn (`python -m tests.benchmarks.fleet`)"
        ),
    )


def main() -> None:
    """Measure, and print the figures."""
    for row in rows((sys.executable, "-m", "auditor.cli")):
        sys.stdout.write(f"| {' | '.join(row)} |\n")


if __name__ == "__main__":
    main()
