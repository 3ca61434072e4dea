"""Secrets of a host, the salt and the payload are in no output of Ansible, however loud, and in no file it leaves."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.ansible.plays import Done, inventory, play, run, task
from tests.trees import CERTIFICATE, grow, unit

CANARIES = ("Zk200qVxw", "Zk201qVxw", "Zk202qVxw", "Zk203qVxw", "Zk204qVxw")

NOVA_CONF = f"""\
# {CANARIES[0]}
[DEFAULT]
transport_url = rabbit://nova:{CANARIES[1]}@mq.example:5672/
debug = true
[database]
connection = mysql+pymysql://nova:{CANARIES[2]}@db.example/nova
[keystone_authtoken]
password = {CANARIES[3]}
[vault]
root_token_id = {CANARIES[4]}
"""

#: A file of the host's that is named like a template, and what it would come to.
TEMPLATE, RESULT = "{{ 'Zk' ~ 300 ~ 'qVxw' }}", "Zk300qVxw"

#: A salt that is known, so that it can be looked for.
SALT = b"Zk299qVxw is the salt of this run"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


def loudest(folder: Path, **words: Any) -> Done:
    """Both modules at Ansible's loudest, with pipelining and without; then what they returned used as a template."""
    files = {
        "/etc/nova/nova.conf": NOVA_CONF,
        f"/etc/nova/nova.conf.d/{TEMPLATE}.conf": "[oslo_messaging_rabbit]\nssl_ca_file = /etc/nova/ca.pem\n",
        "/etc/nova/ca.pem": CERTIFICATE,
    }
    grow(folder / "tree", {**unit("nova-compute"), **files})
    (folder / "salt").write_bytes(SALT)
    (folder / "salt").chmod(0o600)
    said: dict[str, Any] = {"root": str(folder / "tree"), "salt_file": str(folder / "salt")}
    tasks = [
        task("probe", "nova.auditor.probe", said, register="read"),
        task("audit", "nova.auditor.audit", {**said, "report": True, "profile": "strict"}, register="judged"),
        task("silent", "nova.auditor.audit", said, no_log=True, register="unseen"),
        task("own salt", "nova.auditor.probe", {"root": str(folder / "tree")}),
        task(
            "used",
            "ansible.builtin.debug",
            {"msg": "{{ judged.findings }} {{ unseen.msg }} {{ read.denied }}"},
        ),
        task("kept", "ansible.builtin.set_fact", {"copy": "{{ judged.summary | join(' ') }}"}),
        task("used again", "ansible.builtin.debug", {"msg": "{{ copy }}"}),
    ]
    hosts = inventory({"piped": {"ansible_pipelining": True}, "filed": {"ansible_pipelining": False}})
    return run(
        folder,
        play(tasks),
        hosts,
        "-vvvvv",
        **{**words, "extra": {**words.get("extra", {}), "ANSIBLE_DEBUG": "1"}},
    )


@pytest.fixture(scope="module")
def played(folder: Path) -> Done:
    return loudest(folder)


def hidden(text: str) -> list[str]:
    """Which secrets a text holds, raw or in base64 at any of its offsets."""
    found = []
    for secret in (*CANARIES, SALT.decode()):
        raw = secret.encode()
        forms = [
            secret,
            *(base64.b64encode(b" " * skip + raw)[4 * bool(skip) : -4].decode() for skip in range(3)),
        ]
        found += [secret for form in forms if form in text]
    return found


def test_the_tasks_ran(played: Done) -> None:
    assert "done with _execute_module (nova.auditor.probe" in played.output  # so it is as loud as it can be
    for host in ("piped", "filed"):
        assert played.outcome("probe", host) == "ok"
        assert played.outcome("audit", host) == "failed"
        assert played.outcome("used again", host) == "ok"
        assert len(played.result("audit", host)["findings"]) > 5


def test_no_secret_and_no_salt_is_in_the_output(played: Done) -> None:
    assert hidden(played.output) == []
    assert hidden(json.dumps(played.kept)) == []


def test_the_payload_is_in_no_output(played: Done) -> None:
    zipped = base64.b64encode(b"PK\x03\x04")[:5].decode()

    assert zipped not in played.output
    assert "exec_module" not in played.output


def test_nothing_is_left_on_either_side(played: Done, folder: Path) -> None:
    written = {"tree", "salt", "play.yml", "inventory.yml", "results.jsonl"}
    left = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in written
    ]

    assert played.output
    assert left == []


def test_what_a_host_wrote_is_never_a_template(played: Done) -> None:
    for name in ("used", "used again"):
        shown = played.result(name, "piped")["msg"]

        assert TEMPLATE in shown or TEMPLATE.replace("'", "\\'") in shown
        assert RESULT not in shown


def test_a_silent_task_shows_nothing_and_returns_all(played: Done) -> None:
    assert "findings" not in played.result("silent", "piped")
    assert "open failures at or above high" in json.dumps(played.result("used", "piped"))


def salt_id(done: Done, name: str, host: str) -> str:
    """The name of the salt that a task's evidence was made with."""
    packed = base64.b64decode(done.result(name, host)["evidence"])
    return str(json.loads(gzip.decompress(packed))["salt_id"])


def test_the_hosts_of_a_run_share_a_salt_that_no_other_run_has(played: Done) -> None:
    assert salt_id(played, "own salt", "piped") == salt_id(played, "own salt", "filed")
    assert salt_id(played, "own salt", "piped") != salt_id(played, "probe", "piped")
