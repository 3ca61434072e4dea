"""A host that gives no evidence, or evidence that is empty, cut, changed or too large, is a failed task."""

import base64
import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.ansible.plays import EXAMPLE, HERE, Done, inventory, play, run, task
from tests.trees import grow, unit

SCHEMA = "nova-auditor/evidence/1"


def answer(document: Any, **other: Any) -> str:
    """What the probe's module would print for a document, with some of it replaced."""
    packed = gzip.compress(json.dumps(document).encode())
    said = {
        "changed": False,
        "evidence": base64.b64encode(packed).decode(),
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    return json.dumps({**said, **other})


def cut() -> str:
    """An answer whose evidence lost its end on the way."""
    whole = json.loads(answer({"schema": SCHEMA, "host": "cut"}))
    return json.dumps({**whole, "evidence": whole["evidence"][:40]})


OTHER = {"schema": SCHEMA, "host": "elsewhere", "salt_id": "0" * 16}

#: Host, what its Python prints instead of running the probe, and what the task says.
ANSWERS: Mapping[str, tuple[str, str]] = {
    "empty": ("{}", "gave no answer"),
    "bare": ('{"changed": false}', "gave no answer"),
    "cut": (cut(), "its digest is another"),
    "changed": (answer(OTHER, sha256="0" * 64), "its digest is another"),
    "replayed": (answer(OTHER), "it answers another question than ours"),
    "bomb": (
        answer({"schema": SCHEMA, "host": "bomb", "filled": " " * (65 << 20)}),
        "unpacks to more than 64 MiB",
    ),
    "list": (answer([]), "it is not a document"),
    "prose": (answer("no object", evidence="not base64"), "it is damaged"),
    "silent": ("", "incomplete: 1 host not audited"),
    "chatty": ("Welcome to chatty!", "Welcome to chatty!"),
}

#: Host, what its Python writes to standard error, its exit code, the coverage, and what the task says.
REFUSALS: Mapping[str, tuple[str, int, str, str]] = {
    "sudo": ("nova is not in the sudoers file.", 1, "denied", "not in the sudoers file"),
    "killed": ("Killed", 137, "unreachable", "ended there by SIGKILL"),
    "old": (
        "ansible-core requires a minimum of Python version 3.9. Current version: 3.6.8",
        1,
        "unreachable",
        "nova-auditor audit --hosts ssh://HOST",
    ),
}


@pytest.fixture(scope="module")
def closed() -> Iterator[Path]:
    """A tree that everybody may enter, whose nova.conf only its owner may read."""
    with TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        grow(root, {**unit("nova-compute"), "/etc/nova/nova.conf": "[DEFAULT]\ndebug = true\n"})
        (root / "etc/nova/nova.conf").chmod(0)
        yield root


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, closed: Path) -> Done:
    """Hosts whose Python is a script of ours, one without any, and one that cannot be reached."""
    folder = tmp_path_factory.mktemp("lost")
    hosts: dict[str, dict[str, Any]] = {
        "pythonless": {"ansible_python_interpreter": "/nonexistent/python3"},
        "unreachable": {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": 1,
            "ansible_ssh_common_args": "-o ConnectTimeout=2",
        },
    }
    scripts = {name: f"cat {folder / name}.json" for name in ANSWERS}
    scripts |= {name: f"echo '{words}' >&2; exit {code}" for name, (words, code, _, _) in REFUSALS.items()}
    for name, script in scripts.items():
        python = folder / f"{name}-python3"
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
        hosts[name] = {"ansible_python_interpreter": str(python)}
    for name, (text, _) in ANSWERS.items():
        (folder / f"{name}.json").write_text(text)
    unprivileged = folder / "unprivileged-python3"
    unprivileged.write_text(
        "#!/bin/sh\n"
        '[ "$(id -u)" = 0 ] && exec setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/python3 "$@"\n'
        'exec /usr/bin/python3 "$@"\n'
    )
    unprivileged.chmod(0o755)
    for said in hosts.values():
        said["nova_auditor_root"] = str(EXAMPLE / "hardened")
    # The names of options leave the host; random ones cannot be packed.
    chance = Random(4)  # noqa: S311 - to be the same each time
    names = ("".join(chance.choices(ascii_letters + digits, k=64)) for _ in range(12_000))
    large = {
        **unit("nova-compute"),
        "/etc/nova/nova.conf": "[DEFAULT]\n" + "".join(f"{name} = 1\n" for name in names),
    }
    hosts["large"] = {"nova_auditor_root": str(grow(folder / "large", large))}
    hosts["closed"] = {
        "ansible_python_interpreter": str(unprivileged),
        "ansible_pipelining": True,
        "nova_auditor_root": str(closed),
    }
    options = {
        "report_only": True,
        "tolerate": {"error": 999, "unknown": 999, "partial": 9},
        "fail_on": "none",
    }
    tasks = [
        task("audit", "nova.auditor.audit", options, when="inventory_hostname != 'large'"),
        task(
            "probe",
            "nova.auditor.probe",
            when="inventory_hostname in ['cut', 'pythonless', 'closed', 'large']",
        ),
    ]
    return run(folder, play(tasks), inventory(hosts))


@pytest.mark.parametrize(("host", "said"), [(host, said) for host, (_, said) in ANSWERS.items()])
def test_an_answer_that_is_no_evidence_is_a_failure(played: Done, host: str, said: str) -> None:
    result = played.result("audit", host)

    assert played.outcome("audit", host) == "failed"
    assert result["coverage"] == "unreachable"
    assert said in result["msg"]
    assert (result["complete"], result["findings"], result["exit"]["code"]) == (False, [], 3)


@pytest.mark.parametrize(
    ("host", "coverage", "said"), [(host, word, said) for host, (_, _, word, said) in REFUSALS.items()]
)
def test_what_the_host_said_is_the_reason(played: Done, host: str, coverage: str, said: str) -> None:
    result = played.result("audit", host)

    assert played.outcome("audit", host) == "failed"
    assert (result["coverage"], result["exit"]["code"]) == (coverage, 3)
    assert said in result["msg"]


def test_a_host_without_python_is_a_failure_that_says_so(played: Done) -> None:
    for name in ("audit", "probe"):
        result = played.result(name, "pythonless")

        assert played.outcome(name, "pythonless") == "failed"
        assert "there is no Python where Ansible looked" in result["msg"]
        assert "set ansible_python_interpreter" in result["msg"]


def test_files_that_may_not_be_read_are_a_failure_that_names_them(played: Done) -> None:
    result = played.result("audit", "closed")

    assert played.outcome("audit", "closed") == "failed"
    assert (result["coverage"], result["exit"]["code"]) == ("denied", 3)
    assert "/etc/nova/nova.conf" in result["msg"]
    assert "run it as root" in result["msg"]
    assert played.result("probe", "closed")["denied"] == ["/etc/nova/nova.conf"]


def test_evidence_that_is_too_large_for_a_result_is_a_failure(played: Done) -> None:
    result = played.result("probe", "large")

    assert played.outcome("probe", "large") == "failed"
    assert "the evidence is too large for a result: " in result["msg"]
    assert "evidence" not in result


def test_a_result_that_is_too_large_fails_without_its_findings() -> None:
    program = (
        "from ansible_collections.nova.auditor.plugins.action.audit import _within_limits as within\n"
        "import json\n"
        "said = {'failed': False, 'msg': 'host: complete', 'coverage': 'audited', 'findings': ['x' * SIZE]}\n"
        "print(json.dumps(within(said)))\n"
    )
    small, large = (
        json.loads(
            subprocess.run(
                [sys.executable, "-c", program.replace("SIZE", size)],
                capture_output=True,
                check=True,
                env={"PYTHONPATH": str(HERE)},
            ).stdout
        )
        for size in ("600_000", "660_000")
    )

    assert (small["failed"], len(small["findings"])) == (False, 1)
    assert (large["failed"], large["coverage"], "findings" in large) == (True, "audited", False)
    assert "write the report with report_file instead" in large["msg"]


def test_the_probe_fails_as_the_audit_does(played: Done) -> None:
    result = played.result("probe", "cut")

    assert played.outcome("probe", "cut") == "failed"
    assert "its digest is another" in result["msg"]
    assert "evidence" not in result


def test_a_host_that_cannot_be_reached_is_unreachable(played: Done) -> None:
    assert played.outcome("audit", "unreachable") == "unreachable"
    assert played.code != 0
