"""A service inside a container, seen from the host that runs it: through /proc, with the verdicts it has from inside."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from auditor.probe import run
from tests.containers import conductor
from tests.trees import grow

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into containers"),
]

PROGRAM = Path(sys.executable).with_name("nova-auditor")

#: A broker and a database that refuse, which nova-conductor goes on to ask for long enough.
NOVA_CONF = """[DEFAULT]
transport_url = rabbit://nova:s3cretOfTheBus@127.0.0.1:5671/
debug = true
[oslo_messaging_rabbit]
ssl = true
[database]
connection = mysql+pymysql://nova:s3cretOfTheBase@127.0.0.1/nova
max_retries = -1
[placement]
auth_type = none
endpoint_override = https://127.0.0.1:8778
"""


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a container whose first process is nova-conductor, as Debian's package starts it."""
    folder = tmp_path_factory.mktemp("etc")
    with conductor.running(folder, NOVA_CONF, "nova-conductor", conductor.CONF) as name:
        _await(name)
        yield name


def _await(name: str) -> None:
    """Return when the service has loaded what it needs."""
    deadline = time.monotonic() + 90
    while "SQL connection failed" not in _said(name) and time.monotonic() < deadline:
        time.sleep(0.5)


def _said(name: str) -> str:
    done = subprocess.run(["podman", "logs", name], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout + done.stderr


def audited(*words: str) -> Mapping[str, Any]:
    done = subprocess.run(
        [PROGRAM, "audit", *words, "--profile", "strict", "--full", "-f", "json", "--exit-zero"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 0, done.stderr

    read: Mapping[str, Any] = json.loads(done.stdout)
    return read


def service_of(report: Mapping[str, Any], container: str | None) -> Mapping[str, Any]:
    (host,) = report["hosts"]
    (found,) = [
        one
        for one in host["services"]
        if one["name"] == "nova-conductor" and one.get("process", {}).get("container") == container
    ]
    return dict(found)


def verdicts(report: Mapping[str, Any], service: Mapping[str, Any]) -> Sequence[tuple[object, ...]]:
    """What was said of one service, without the names under which host and container call it."""
    return sorted(
        (one["check"], one["object"] or "", one["status"], one["severity"])
        for one in report["findings"]
        if one["service"] == service["id"]
    )


@pytest.fixture(scope="module")
def outside(container: str) -> Mapping[str, Any]:
    return audited()


@pytest.fixture(scope="module")
def inside(container: str) -> Mapping[str, Any]:
    return audited("--hosts", f"podman://{container}")


def test_the_host_finds_the_service_of_a_container_with_its_engine_and_its_name(
    container: str, outside: Mapping[str, Any]
) -> None:
    found = service_of(outside, container)

    assert found["source"] == "container"
    assert found["process"]["user"] == "nova"
    assert found["config_files"] == ["/etc/nova/nova.conf"]
    assert found["release"] == "zed"


def test_the_verdicts_are_those_from_inside(
    container: str, outside: Mapping[str, Any], inside: Mapping[str, Any]
) -> None:
    own = service_of(inside, None)

    assert own["process"]["status"] == "running"
    assert len(verdicts(inside, own)) > 20
    assert verdicts(outside, service_of(outside, container)) == verdicts(inside, own)


def test_the_libraries_are_those_of_the_container(
    container: str, outside: Mapping[str, Any], inside: Mapping[str, Any]
) -> None:
    found = service_of(outside, container)

    assert found["libraries"]["nova"].startswith("26.")
    assert found["libraries"] == service_of(inside, None)["libraries"]
    assert _postures(found) == _postures(service_of(inside, None))


def _postures(service: Mapping[str, Any]) -> Sequence[tuple[str, str, str]]:
    return [(one["purpose"], one["posture"], one["reason"]) for one in service["transports"]]


def test_a_file_of_a_container_is_named_as_podman_names_it(
    container: str, outside: Mapping[str, Any]
) -> None:
    found = service_of(outside, container)
    (debug,) = [
        one
        for one in outside["findings"]
        if one["check"] == "logging-debug-enabled" and one["service"] == found["id"]
    ]

    assert debug["evidence"][0]["origin"] == {
        "kind": "file",
        "path": f"{container}:/etc/nova/nova.conf",
        "line": 3,
    }


@pytest.mark.parametrize(("text", "differs"), [(NOVA_CONF, False), (NOVA_CONF + "[api]\n", True)])
def test_what_kolla_prepared_is_compared_with_what_the_container_has(
    container: str, tmp_path: Path, text: str, differs: bool
) -> None:
    folder = f"/etc/kolla/{container.replace('_', '-')}"
    copied = {"source": "/var/lib/kolla/config_files/nova.conf", "dest": "/etc/nova/nova.conf"}
    content = {"command": "nova-conductor --config-file=/etc/nova/nova.conf", "config_files": [copied]}
    names = Path("/var/lib/containers/storage/overlay-containers/containers.json")
    grow(
        tmp_path,
        {
            f"{folder}/config.json": json.dumps(content),
            f"{folder}/nova.conf": text,
            str(names): names.read_text(),
        },
    )
    request = {"host": "h", "kind": "live", "root": str(tmp_path), "salt": "c2FsdA==", "salt_id": "s"}
    document = run.collect(request)
    (found,) = document["services"]

    assert found["process"]["container"]["name"] == container
    assert found["layout"] == "kolla"
    assert found["copies"] == [
        {"path": "/etc/nova/nova.conf", "host": f"{folder}/nova.conf", "differs": differs}
    ]


def test_no_secret_of_the_container_leaves_it(outside: Mapping[str, Any]) -> None:
    assert "s3cretOf" not in json.dumps(outside)
