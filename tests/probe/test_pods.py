"""Scripts of pods lie where anybody may put a file: on a running host only root's are taken for Kubernetes'."""

import os
from pathlib import Path

import pytest

from tests.trees import grow, probed

SCRIPT = "#!/bin/sh\nexec nova-conductor --config-file /etc/nova/nova.conf\n"


@pytest.mark.parametrize(("kind", "names"), [("container", []), ("tree", ["nova-conductor"])])
def test_a_script_of_somebody_elses_defines_no_service_of_a_running_host(
    tmp_path: Path, kind: str, names: list[str]
) -> None:
    grow(tmp_path, {"/tmp/nova-conductor.sh": SCRIPT})
    if os.geteuid() == 0:
        os.chown(tmp_path / "tmp" / "nova-conductor.sh", 1000, 1000)

    assert [record.name for record in probed(tmp_path, kind=kind).services] == names
