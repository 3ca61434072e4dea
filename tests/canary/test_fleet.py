"""No canary sings in what the fleet door writes down, shows of itself or leaves behind, at its loudest and when killed.

Ansible of this machine runs over the host with the canaries (``connection: local`` and ``nova_auditor_root``), with an
inventory, an environment and a salt that hold secrets of their own.
"""

import gzip
import hashlib
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.canary.host import write_host
from tests.canary.operator import AUDITOR, PRIVATE, SALT, SECRETS, SILENCE, WORDS, Operator, employ
from tests.canary.songs import songs
from tests.canary.watch import watched

#: Stands for sudo, whose password it wants and does not keep. It takes a second, so that who watches sees it.
SUDO = """\
#!/bin/sh
while :; do
    case $1 in
        -p) printf %s "$2" >&2; shift 2 ;;
        -u) shift 2 ;;
        -*) shift ;;
        *) break ;;
    esac
done
read -r said
[ "$(printf %s "$said" | sha256sum | cut -d' ' -f1)" = DIGEST ] || { echo "sudo: incorrect password attempt" >&2; exit 1; }
sleep 1
exec "$@"
"""

#: What is in extra variables is in files, in memory and for us alone, until Ansible has run.
EXTRA = "/project/extra"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return employ(tmp_path / "home")


@pytest.fixture
def fleet(operator: Operator, tmp_path: Path) -> list[str]:
    sudo = operator.home / "sudo"
    digest = hashlib.sha256(SECRETS["the password for sudo"].encode()).hexdigest()
    sudo.write_text(SUDO.replace("DIGEST", digest))
    sudo.chmod(0o700)
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "ansible_become_password": None,
        "ansible_become_exe": str(sudo),
        "ansible_become_user": "operator",  # not who we are: Ansible would not ask
        "nova_auditor_root": str(write_host(tmp_path / "host")),
    }
    hosts = {
        "whole": {},
        "lost": {"ansible_python_interpreter": "/nonexistent", "nova_auditor_root": "/srv"},
        "refused": {
            "ansible_become_password": SECRETS["ansible_become_password"],
            "nova_auditor_root": "/opt",
        },
    }
    return [*operator.fleet(variables, hosts), "--salt-file", str(operator.salt)]


def wait(until: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_no_canary_sings_while_a_fleet_is_audited(operator: Operator, fleet: list[str]) -> None:
    formats = ["-f", "text", "-f", "json=report.json", "-f", "junit=report.xml"]
    words = ["audit", *fleet, "-K", "--profile", "strict", "--full", "-vvv", *formats]
    seen = operator.observe([*AUDITOR, *words], SECRETS["the password for sudo"].encode() + b"\n")
    hosts = json.loads(seen.left["work/report.json"])["hosts"]
    private = seen.watch.written(PRIVATE)

    assert seen.code == 1, seen.output.decode()
    assert {host["name"]: host["coverage"] for host in hosts} == {
        "whole": "audited",
        "lost": "unreachable",
        "refused": "denied",
    }
    # What must have been seen, if the watch is worth anything: what the job consists of, and who runs it.
    assert any(path.endswith("/library/nova_auditor_probe.py") for path in seen.watch.files)
    assert any("/artifacts/" in path for path in seen.watch.files)
    assert songs(private, SALT)
    assert any(b"ansible-playbook" in words for words, _ in seen.watch.processes)
    assert any(f"{operator.home}/sudo\0".encode() in words for words, _ in seen.watch.processes)
    assert b"nova-conductor" in seen.output
    assert {
        seen.watch.modes[path] for path in seen.watch.modes if path.rpartition("/")[0].endswith("/run")
    } == {0o700}
    assert seen.sung("auditor.cli") == {
        **SILENCE,
        "private files": songs(seen.watch.written(EXTRA), {"an extra variable": WORDS["an extra variable"]}),
    }
    assert set(seen.left) == {"work/report.json", "work/report.xml"}
    assert not [path for path in seen.watch.files if path.startswith(str(operator.home / "tmp"))]


def test_no_canary_sings_in_a_bundle_of_a_fleet(operator: Operator, fleet: list[str]) -> None:
    seen = operator.observe([*AUDITOR, "collect", *fleet, "-o", "bundle", "-vvv"])
    document = gzip.decompress(seen.left["work/bundle/whole.json.gz"])

    assert seen.code == 3, seen.output.decode()
    assert b"/etc/nova/broken.conf" in document
    assert songs(seen.left.values(), {"a path": "/etc/nova/broken.conf"}) != {}  # packed as they are
    assert {**seen.sung("auditor.cli"), "private files": {}} == SILENCE


def test_a_killed_audit_leaves_no_canary_behind(operator: Operator, fleet: list[str]) -> None:
    slow = operator.home / "slow"
    slow.write_text("#!/bin/sh\nsleep 30\n")
    slow.chmod(0o700)
    with watched(operator.places) as watch:
        run = operator.start([*AUDITOR, "audit", *fleet, "-e", f"ansible_python_interpreter={slow}", "-vvv"])
        wait(lambda: b"/slow" in watch.shown(but="auditor.cli"))
        run.send_signal(signal.SIGKILL)
        output, _ = run.communicate(timeout=30)
        wait(lambda: not list((operator.home / "run").iterdir()))
        wait(lambda: not operator.running())

    assert run.returncode == -signal.SIGKILL
    assert any(PRIVATE in path for path in watch.files)
    assert operator.left() == {}
    assert songs((output, *watch.written(but=PRIVATE)), {**WORDS, **SALT}) == {}
