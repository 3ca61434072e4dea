"""The installed probe behind real sudo: the rule lets a user run exactly it, and what they get is no more than the list says."""

import base64
import gzip
import hashlib
import hmac
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.collect import Options, installed, payload, request
from auditor.model import Kind, Target
from tests.faults.fleet import audit, environment, write_inventory
from tests.faults.test_containers import COLLECTIONS, container, image, shell

__all__ = ["image"]

pytestmark = pytest.mark.real

TEXT = installed.program("0.1.0")
PLACE = installed.PATH
PASSWORD = "yFw7hPq2kZ4tLm9s"

#: What only root may read, in the form of a configuration.
SECRET = "[DEFAULT]\ntransport_url = rabbit://root:onlyRootKnowsThis1@mq.example:5672/\n"

#: Modules that would run as root, were they imported.
EVIL = "open('/tmp/pwned', 'w').close()\n"


@pytest.fixture(scope="module")
def box(image: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A container with the probe installed for one user, who has a process there that says it is Nova's."""
    folder = tmp_path_factory.mktemp("probe")
    (folder / "probe").write_text(TEXT)
    (folder / "rule").write_text(installed.rule(TEXT) + "\n")
    (folder / "changed").write_text(TEXT + "#\n")
    with container("--cap-add=SYS_PTRACE") as name:  # as root has it on a host
        for file in ("probe", "rule", "changed"):
            subprocess.run(["podman", "cp", folder / file, f"{name}:/{file}"], check=True, timeout=60)
        shell(
            name,
            "useradd -m auditor && useradd -m stranger",
            f"install -o root -g root -m 0700 /probe {PLACE}",
            "install -o root -g root -m 0700 /probe /usr/local/sbin/copy",
            "install -o root -g root -m 0440 /rule /etc/sudoers.d/nova-auditor-probe",
            "visudo -c",
            "chown root:root /etc/nova/nova.conf && chmod 600 /etc/nova/nova.conf",
            f"printf %s {shlex.quote(SECRET)} > /root/secret.conf && chmod 600 /root/secret.conf",
            "mkdir -m 777 /tmp/evil",
            "echo 127.0.0.1 mq.example >> /etc/hosts",
            *(
                f"echo {shlex.quote(EVIL)} > /tmp/evil/{module}.py"
                for module in ("json", "zlib", "sitecustomize")
            ),
        )
        yield name


def question(**changes: Any) -> bytes:
    asked = {**request(Target("box", Kind.LIVE), Options(salt=b"s" * 32)), **changes}
    return installed.question(asked)


def ask(
    box: str, line: bytes, command: str = f"sudo -n {PLACE}", user: str = "auditor"
) -> subprocess.CompletedProcess[bytes]:
    """Run a command of a user's in the container, with a line to read for it."""
    # podman 4.3 loses what a command says that ends before it has read its input.
    waiting = f"cat > /tmp/question.$$; cd /tmp/evil; {command} < /tmp/question.$$"
    words = ["podman", "exec", "--interactive", "--user", user, box, "/bin/sh", "-c", waiting]
    return subprocess.run(words, input=line, capture_output=True, check=False, timeout=120)


def answer(box: str, **changes: Any) -> Mapping[str, Any]:
    done = ask(box, question(**changes))
    content = payload.answer(done.stdout)

    assert content is not None, done.stderr
    return content


def test_the_rule_lets_the_user_have_what_only_root_may_read(box: str) -> None:
    content = answer(box)

    assert content["probe"]["uid"] == 0
    assert content["files"]["/etc/nova/nova.conf"]["status"] == "read"
    assert [record["name"] for record in content["services"]] == ["nova-compute"]
    assert PASSWORD not in json.dumps(content)


@pytest.mark.parametrize(
    ("command", "user"),
    [
        (f"sudo -n {PLACE} --root=/etc", "auditor"),
        (f"sudo -n {PLACE} ''", "auditor"),
        ("sudo -n /usr/local/sbin/copy", "auditor"),
        ("sudo -n /usr/bin/python3 -I -", "auditor"),
        (f"sudo -n /usr/bin/python3 {PLACE}", "auditor"),
        (f"sudo -n /bin/sh -c {PLACE}", "auditor"),
        (f"sudo -n -u stranger {PLACE}", "auditor"),
        (f"sudo -n PYTHONPATH=/tmp/evil {PLACE}", "auditor"),
        (f"sudo -n -E {PLACE}", "auditor"),
        (f"sudo -n {PLACE}", "stranger"),
        (PLACE, "auditor"),
    ],
)
def test_nothing_else_is_let_run(box: str, command: str, user: str) -> None:
    done = ask(box, question(), command, user)

    assert done.returncode != 0
    assert payload.answer(done.stdout) is None


def test_a_changed_program_is_not_let_run(box: str) -> None:
    shell(box, f"install -o root -g root -m 0700 /changed {PLACE}")
    try:
        done = ask(box, question())
    finally:
        shell(box, f"install -o root -g root -m 0700 /probe {PLACE}")

    assert (done.returncode, done.stdout) == (1, b"")
    assert b"a password is required" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (b'"root": "/root", ', b"root may not be asked"),
        (b'"config_files": ["/root/secret.conf"], ', b"config_files may not be asked"),
        (b'"wire": [], ', b"wire may not be asked"),
    ],
)
def test_what_is_not_on_its_list_is_refused_in_a_line(box: str, change: bytes, said: bytes) -> None:
    done = ask(box, b"{" + change + question()[1:])

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"nova-auditor-probe: refused: " + said + b"\n"


def test_programs_are_not_run_where_the_probe_was_not_written_for_it(box: str) -> None:
    done = ask(box, question(ask=["cells"]))

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.endswith(b"it was written without --allow cells\n")


@pytest.mark.parametrize(
    "before", ["PYTHONPATH=/tmp/evil", "PYTHONSTARTUP=/tmp/evil/json.py", "PYTHONHOME=/tmp/evil"]
)
def test_nothing_of_the_users_environment_or_folder_is_imported(box: str, before: str) -> None:
    done = ask(box, question(), f"env {before} sudo -n {PLACE}")

    assert payload.answer(done.stdout) is not None
    shell(box, "test ! -e /tmp/pwned")


#: Processes that say they are Nova's: of the user's own, and of a program that runs as root with the user's arguments.
PRETENDERS = (
    "exec python3 /tmp/evil/nova-conductor --config-file /root/secret.conf",
    "exec -a /tmp/evil/nova-conductor sudo -S -u stranger /bin/true --config-file /root/secret.conf",
)


@pytest.mark.parametrize("pretender", PRETENDERS)
def test_a_process_of_the_users_is_not_taken_for_novas(box: str, pretender: str) -> None:
    ask(box, b"", "printf 'import time\\ntime.sleep(60)\\n' > /tmp/evil/nova-conductor")
    words = ["podman", "exec", "--interactive", "--user", "auditor", box, "/bin/bash", "-c", pretender]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(box, "^[^ ]*(python3 )?/tmp/evil/nova-conductor")
            seen, by_root = answer(box), _as_root(box)
        finally:
            shell(box, "pkill -f '^[^ ]*(python3 )?/tmp/evil/nova-conductor'")
            process.wait()

    assert "nova-conductor" in {record["name"] for record in by_root["services"]}
    assert "/root/secret.conf" in by_root["files"]
    assert "/root/secret.conf" not in json.dumps(seen)
    assert [record["name"] for record in seen["services"]] == ["nova-compute"]
    assert "whoever asks" in seen["probe"]["proc"]["reason"]


def test_a_script_of_the_users_is_not_taken_for_a_pods(box: str) -> None:
    text = "exec nova-conductor --config-file /root/secret.conf"
    ask(box, b"", f"echo {shlex.quote(text)} > /tmp/nova-conductor.sh")
    try:
        seen = answer(box)
    finally:
        shell(box, "rm /tmp/nova-conductor.sh")

    assert "/root/secret.conf" not in json.dumps(seen)


def _wait_for(box: str, words: str) -> None:
    shell(box, f"for n in $(seq 100); do pgrep -f {shlex.quote(words)} && exit 0; sleep 0.1; done; exit 1")


def _as_root(box: str) -> Mapping[str, Any]:
    """What a payload that root runs sees, which asks on nobody's behalf."""
    script = payload.script(request(Target("box", Kind.LIVE), Options(salt=b"s" * 32)))
    words = ["podman", "exec", "--interactive", box, "python3", "-I", "-"]
    done = subprocess.run(words, input=script.encode(), capture_output=True, check=True, timeout=120)
    content = payload.answer(done.stdout)

    assert content is not None
    return content


def test_a_guess_cannot_be_held_against_a_digest(box: str) -> None:
    guess = hmac.new(b"s" * 32, PASSWORD.encode(), hashlib.sha256).hexdigest()[:16]
    first, second = _digests(answer(box)), _digests(answer(box))
    by_root = _digests(_as_root(box))

    assert guess in by_root
    assert guess not in first | second
    assert not first & second


def test_hosts_that_share_a_key_have_comparable_digests(box: str) -> None:
    shell(box, "mkdir -m 700 /etc/nova-auditor && head -c 32 /dev/urandom > /etc/nova-auditor/probe.key")
    try:
        refused = ask(box, question())
        shell(box, "chmod 600 /etc/nova-auditor/probe.key")
        first, second, other = (
            answer(box),
            answer(box),
            answer(box, salt=base64.b64encode(b"t" * 32).decode()),
        )
    finally:
        shell(box, "rm -r /etc/nova-auditor")

    assert b"only root may read" in refused.stderr
    assert _digests(first) == _digests(second)
    assert first["salt_id"] == second["salt_id"] != other["salt_id"]
    assert not _digests(first) & _digests(other)


def _digests(content: Mapping[str, Any]) -> set[str]:
    from auditor.probe.tokens import PATTERN

    return {match.group(2) for match in PATTERN.finditer(content["files"]["/etc/nova/nova.conf"]["text"])}


def doors(box: str, folder: Path, path: str, user: str = "auditor") -> Mapping[str, tuple[object, ...]]:
    inventory = write_inventory(
        folder / "hosts.yml",
        {box: {"ansible_user": user, "nova_auditor_probe": path}},
        ansible_connection="containers.podman.podman",
        ansible_python_interpreter="/usr/bin/python3",
    )
    return {
        "ansible": ("-i", inventory),
        "testinfra": ("--hosts", f"podman://{user}@{box}?name={box}", "--probe", path),
    }


@pytest.mark.parametrize("door", ["ansible", "testinfra"])
def test_an_audit_without_root_sees_what_root_sees(box: str, tmp_path: Path, door: str) -> None:
    run = audit(tmp_path, *doors(box, tmp_path, PLACE)[door], **COLLECTIONS)

    assert run.hosts == {box: ("audited", None)}, run.errors
    assert run.report["passed"]["messaging-plaintext"].keys() == {box}
    assert PASSWORD not in run.text


@pytest.mark.parametrize("door", ["ansible", "testinfra"])
def test_endpoints_are_asked_by_the_user_not_by_root(box: str, tmp_path: Path, door: str) -> None:
    shell(box, "chmod 600 /etc/nova/ca.pem")
    words = ("collect", *doors(box, tmp_path, PLACE)[door], "--live", "-o", tmp_path / "bundle")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "auditor.cli", *map(str, words)],
            env=environment(tmp_path, **COLLECTIONS),
            capture_output=True,
            check=False,
        )
    finally:
        shell(box, "chmod 644 /etc/nova/ca.pem")
    content = json.loads(gzip.decompress((tmp_path / "bundle" / f"{box}.json.gz").read_bytes()))
    (handshake,) = content["wire"]["handshakes"]

    assert done.returncode == 0, done.stderr
    assert content["files"]["/etc/nova/ca.pem"]["status"] == "read"
    assert (handshake["host"], handshake["result"]) == ("mq.example", "failed")
    assert "ermission denied" in handshake["reason"]


@pytest.mark.parametrize("door", ["ansible", "testinfra"])
def test_where_the_rule_is_for_somebody_else_the_host_is_denied(box: str, tmp_path: Path, door: str) -> None:
    run = audit(tmp_path, *doors(box, tmp_path, PLACE, "stranger")[door], **COLLECTIONS)
    coverage, reason = run.hosts[box]

    assert (coverage, "password" in (reason or "")) == ("denied", True), reason
    assert run.report["passed"] == {}


def test_two_at_a_time_are_one_too_many(box: str) -> None:
    held = f"sudo -n {PLACE} < /tmp/nothing"
    script = f"mkfifo /tmp/nothing; ({held} & exec 3>/tmp/nothing; sleep 1; sudo -n {PLACE} </tmp/question.$$; exec 3>&-; wait)"
    done = ask(box, question(), script.replace("</tmp/question.$$", "</dev/null"))

    assert b"another run is at work" in done.stderr
