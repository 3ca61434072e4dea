"""No canary sings through the doors that need no inventory: testinfra's, a rendered manifest, the tasks of a playbook."""

import base64
import json
import sys
from pathlib import Path

import pytest

from tests.canary.host import FILES, write_host
from tests.canary.operator import AUDITOR, PRIVATE, SECRETS, SILENCE, WORDS, Operator, employ
from tests.canary.songs import songs

COLLECTIONS = Path(__file__).parents[1] / "ansible"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return employ(tmp_path / "home")


@pytest.fixture
def spec(operator: Operator, tmp_path: Path) -> str:
    """The host as testinfra is told of it: by an inventory, which testinfra reads itself."""
    said = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "nova_auditor_root": str(write_host(tmp_path / "host")),
        "vendor_token": SECRETS["a variable of the operator's own"],
    }
    inventory = operator.home / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"whole": said}}}))
    return f"ansible://whole?ansible_inventory={inventory}"


def test_no_canary_sings_through_testinfra(operator: Operator, spec: str) -> None:
    asked = ["--hosts", spec, "--salt-file", str(operator.salt), "--profile", "strict", "--full", "-vvv"]
    seen = operator.observe([*AUDITOR, "audit", *asked, "-f", "text", "-f", "json=report.json"])

    assert seen.code == 1, seen.output.decode()
    assert b"nova-conductor" in seen.output
    assert any(b"auditor.collect.testinfra" in words for words, _ in seen.watch.processes)
    assert any(b"\0-I\0-\0" in words for words, _ in seen.watch.processes)  # the probe
    assert set(seen.left) == {"work/report.json"}
    assert seen.sung("auditor.cli") == SILENCE


def test_no_canary_sings_in_what_pytest_tells(operator: Operator, spec: str) -> None:
    # pytest-benchmark, where it is installed, starts programs of its own.
    others = ["-p", "no:cacheprovider", "-p", "no:benchmark"]
    loudest = [
        "-vvv",
        "--showlocals",
        "-rA",
        "--log-cli-level=DEBUG",
        "--junitxml=junit.xml",
    ]
    asked = ["--pyargs", "auditor.suite", f"--hosts={spec}", "--audit-profile=strict", "--audit-fail-on=info"]
    seen = operator.observe([sys.executable, "-m", "pytest", *asked, *loudest, *others])

    assert seen.code == 1, seen.output.decode()
    assert b"nova-conductor" in seen.left["work/junit.xml"]
    assert seen.output.count(b"FAILED") > 50
    assert set(seen.left) == {"work/junit.xml"}
    assert seen.sung("auditor.suite") == SILENCE


def manifest() -> str:
    """What a chart renders: Secrets with the host's configuration, and a workload that mounts one and names the other."""
    held = {path.rpartition("/")[2]: text for path, text in FILES.items() if path.startswith("/etc/nova/")}
    encoded = {name: base64.b64encode(text.encode()).decode() for name, text in held.items()}
    connection = f"mysql+pymysql://nova:{WORDS['environment file']}@db.example/nova"
    command = ["nova-conductor", "--config-file", "/etc/nova/nova.conf"]
    container = {
        "name": "nova-conductor",
        "image": "nova:2025.1",
        "command": command,
        "env": [
            {"name": "VENDOR_TOKEN", "value": WORDS["vendor token"]},
            {
                "name": "OS_DATABASE__CONNECTION",
                "valueFrom": {"secretKeyRef": {"name": "nova-db", "key": "url"}},
            },
        ],
        "volumeMounts": [{"name": "etc", "mountPath": "/etc/nova"}],
    }
    pod = {"containers": [container], "volumes": [{"name": "etc", "secret": {"secretName": "nova-etc"}}]}
    items = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "nova-etc"}, "data": encoded},
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "nova-db"},
            "stringData": {"url": connection},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "nova-conductor"},
            "spec": {"template": {"spec": pod}},
        },
    ]
    return "".join(f"---\n{json.dumps(item)}\n" for item in items)


def test_no_canary_sings_in_the_audit_of_a_manifest(operator: Operator) -> None:
    formats = ["-f", "text", "-f", "json=report.json"]
    command = [*AUDITOR, "audit", "--manifest", "-", "--profile", "strict", "--full", "-vvv", *formats]
    seen = operator.observe(command, manifest().encode())

    assert seen.code == 1, seen.output.decode()
    assert b"nova-conductor" in seen.output
    # It is audited as a tree, which is for us alone, and gone.
    assert len(songs(seen.watch.written(PRIVATE), WORDS)) > 10
    assert {mode for path, mode in seen.watch.modes.items() if path.rpartition("/")[0].endswith("/run")} == {
        0o700
    }
    assert set(seen.left) == {"work/report.json"}
    assert {**seen.sung("auditor.cli"), "private files": {}} == SILENCE


def test_no_canary_sings_in_the_tasks_of_a_playbook(operator: Operator, tmp_path: Path) -> None:
    root = write_host(tmp_path / "host")
    said = {"root": str(root), "salt_file": str(operator.salt)}
    report = {"profile": "strict", "report": True, "report_file": str(operator.work / "report.json")}
    tasks = [
        {"nova.auditor.probe": said, "register": "probed"},
        {"nova.auditor.audit": {**said, **report}, "register": "judged", "ignore_errors": True},
        {"ansible.builtin.debug": {"var": "judged"}},
        {"ansible.builtin.debug": {"var": "probed"}},
    ]
    play = operator.home / "play.json"
    play.write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    fleet = operator.fleet(local, {"whole": {}})
    (operator.home / "ansible.cfg").write_text(
        f"[defaults]\ncollections_path = {COLLECTIONS}\npipelining = true\n"
    )
    environment = ["env", f"ANSIBLE_CONFIG={operator.home / 'ansible.cfg'}"]
    seen = operator.observe([*environment, "ansible-playbook", *fleet, str(play), "-vvv"])
    sung = seen.sung("ansible-playbook")

    assert seen.code == 0, seen.output.decode()
    assert b"nova-conductor" in seen.output
    assert b"config-unparsable" in seen.left["work/report.json"]
    assert sung["output"] == {}
    assert sung["left"] == {}
