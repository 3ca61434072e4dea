"""The scenario that ``init molecule`` writes, run by Molecule with podman: make test-real."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from auditor.cli.init import KINDS, write
from tests.certificates import authority, issue
from tests.containers import podman
from tests.containers.connection import make as make_connection
from tests.containers.images import DEBIAN
from tests.containers.images import make as make_images

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "inventories" / "example"


def molecule(folder: Path) -> dict[str, str]:
    """The environment in which Molecule runs on this machine, with this project installed as its users install it."""
    try:
        options = podman.options()
        make_images([DEBIAN])
    except podman.CannotRun as reason:
        if podman.required():
            raise
        pytest.skip(str(reason))
    subprocess.run([ROOT / "tests" / "containers" / "molecule", "--version"], check=True, capture_output=True)
    # The scenario says nothing of what podman needs here: that is the machine's to say.
    runtimes = [word.removeprefix("--runtime=") for word in options.engine]
    limits = [word.removeprefix("--ulimit=") for word in options.run]
    settings = ["[engine]", *(f'runtime = "{name}"' for name in runtimes), "[containers]", 'netns = "none"']
    settings += [f"default_ulimits = {json.dumps(limits)}"] if limits else []
    (folder / "containers.conf").write_text("\n".join(settings) + "\n")
    return {
        **os.environ,
        "PATH": f"{ROOT / '.real' / 'molecule' / 'bin'}:{os.environ['PATH']}",
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "ANSIBLE_COLLECTIONS_PATH": str(make_connection()),
        "ANSIBLE_NOCOLOR": "1",
        "NO_COLOR": "1",
        "NOVA_AUDITOR_IMAGE": DEBIAN.tag,
    }


def write_role(folder: Path, host: str) -> Path:
    """A role that configures its host as one of the examples is."""
    tree = folder / "files" / "tree"
    shutil.copytree(EXAMPLE / host, tree)
    # The examples hold no private key; a host that runs has pairs that fit.
    example = authority("Example CA")
    for key in tree.rglob("*.key"):
        certificate = key.with_suffix(".crt")
        if certificate.exists():
            pair = issue(example, ["nova.example"], days=365)
            certificate.write_bytes(pair[0])
            key.write_bytes(pair[1])
    tasks = [
        {
            "name": "Write configuration",
            "ansible.builtin.copy": {"src": "tree/", "dest": "/", "mode": "preserve"},
        }
    ]
    (folder / "tasks").mkdir()
    (folder / "tasks" / "main.yml").write_text(yaml.safe_dump(tasks))
    return folder


@pytest.mark.real
@pytest.mark.parametrize("verifier", ["ansible", "testinfra"])
@pytest.mark.parametrize(("host", "code"), [("hardened", 0), ("debian-compute", 1)])
def test_the_scenario_runs_with_the_role_of_the_repository(
    verifier: str, host: str, code: int, tmp_path: Path
) -> None:
    environment = molecule(tmp_path)
    role = write_role(tmp_path / "role", host)
    write("molecule", role, force=False)
    scenario = role / "molecule" / "nova-auditor" / "molecule.yml"
    scenario.write_text(scenario.read_text().replace("name: ansible\n", f"name: {verifier}\n"))
    done = subprocess.run(
        shlex.split(KINDS["molecule"]),
        cwd=role,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    output = done.stdout + done.stderr

    assert bool(done.returncode) == bool(code), output
    assert ("messaging-guessable-password" in output) == bool(code), output
    assert not podman.exists("container", "molecule-nova")
