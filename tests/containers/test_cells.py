"""The cells of a service inside a container, asked for from the host that runs it, in the container, as its user."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.probe import (
    cells,
    filesystem,
    gather,
    libraries,
    processes,
    roots,
    running,
    services,
    sockets,
)
from tests.containers import conductor
from tests.probe.redaction import REDACTOR

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into containers"),
]

#: The API database lies in the container.
NOVA_CONF = """[DEFAULT]
transport_url = rabbit://nova:s3cretOfTheBus@127.0.0.1:5671/?ssl=1
log_file = /var/lib/nova/written.log
[api_database]
connection = sqlite:////var/lib/nova/cells.sqlite
[database]
connection = mysql+pymysql://nova:s3cretOfTheBase@127.0.0.1/nova
"""

START = f"""
manage="nova-manage {conductor.CONF} --log-file="
$manage api_db sync
$manage cell_v2 map_cell0 --database_connection=sqlite:////var/lib/nova/cell0.sqlite
$manage cell_v2 create_cell --name=cell1 \\
    --transport-url='{{scheme}}://{{username}}:{{password}}@cell1.example:{{port}}/?{{query}}' \\
    --database_connection=mysql+pymysql://nova:s3cretOfTheCell@cell1.example/nova
cd /var/lib/nova
printf '#!/usr/bin/python3\\nimport time\\ntime.sleep(900)\\n' > nova-conductor
chmod +x nova-conductor
exec ./nova-conductor {conductor.CONF}
"""


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a container with two cells, whose first process goes by the name of nova-conductor."""
    with conductor.running(tmp_path_factory.mktemp("etc"), NOVA_CONF, "sh", "-ec", START) as name:
        wait_for(name)
        yield name


def wait_for(container: str) -> None:
    """Return when the container has its cells, and its service runs."""
    deadline = time.monotonic() + 90
    command = ["podman", "exec", container, "cat", "/proc/1/cmdline"]
    while time.monotonic() < deadline:
        if b"/nova-conductor\0" in subprocess.run(command, capture_output=True, check=True).stdout:
            return
        time.sleep(0.5)


def looked(container: str) -> tuple[dict[str, Any], gather.Gathered]:
    """The record of that container's service, its cells asked for, and what was gathered for it."""
    tree = roots.Roots(filesystem.Tree("/", filesystem.Budget(time.monotonic() + 120, 2000, 1 << 20)))
    gathered = gather.Gathered(tree, REDACTOR, shows_owners=True)
    found = processes.Processes("/proc", tree.check_time)
    live = running.Running(tree, gathered, found, sockets.Sockets("/proc", tree.check_time))
    (definition,) = [
        one
        for one in live.definitions([])
        if one.group is not None and one.group.held is not None and one.group.held.name == container
    ]
    environments = libraries.Environments(tree, gathered)
    listings = cells.Listings(gathered, time.monotonic() + 120)
    return services.record(definition, gathered, environments, listings), gathered


def written(container: str) -> str:
    """The files of the service's folder in the container, with their sizes and times."""
    command = [
        "podman",
        "exec",
        container,
        "find",
        "/var/lib/nova",
        "/tmp",
        "-type",
        "f",
        "-printf",
        "%p %s %T@\n",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_cells_are_listed_by_the_nova_manage_of_the_container(container: str) -> None:
    before = {line.partition(" ")[0] for line in written(container).splitlines()}

    record, gathered = looked(container)
    found = record["cells"]

    assert (found["status"], found["reason"]) == ("read", None)
    assert (found["user"], found["program"]) == ("nova", "/usr/bin/nova-manage")
    assert [(row["name"], row["transport_url"], row["database_connection"]) for row in found["rows"]] == [
        ("cell0", "none:///", "sqlite:////var/lib/nova/cell0.sqlite"),
        (
            "cell1",
            "rabbit://nova:****@cell1.example:5671/?ssl=1",
            "mysql+pymysql://nova:****@cell1.example/nova",
        ),
    ]
    assert "s3cret" not in repr((record, gathered.files))
    assert {line.partition(" ")[0] for line in written(container).splitlines()} == before
    assert not Path("/var/lib/nova/cells.sqlite").exists()
