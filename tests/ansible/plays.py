"""Runs of ansible-playbook as an operator starts them, and what came of them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
EXAMPLE = HERE.parents[1] / "inventories" / "example"

#: Seconds that a run may take.
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Done:
    """A run that ended: its exit code, all that it wrote to the terminal, and the result of each task and host."""

    code: int
    output: str
    kept: Sequence[Mapping[str, Any]]

    def outcome(self, task: str, host: str) -> str:
        """``ok``, ``failed``, ``unreachable`` or ``skipped``; nothing where the task did not run."""
        found = [line["outcome"] for line in self.kept if (line["task"], line["host"]) == (task, host)]
        return found[-1] if found else ""

    def result(self, task: str, host: str) -> Mapping[str, Any]:
        """What the task returned for the host."""
        found = [line["result"] for line in self.kept if (line["task"], line["host"]) == (task, host)]
        assert found, f"{task} did not run on {host}:\n{self.output}"
        return found[-1]


def environment(folder: Path) -> dict[str, str]:
    """What ansible needs, with all that it writes below a folder."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(HERE),
        "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
        "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "kept",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "KEPT_RESULTS": str(folder / "results.jsonl"),
    }


def inventory(hosts: Mapping[str, Mapping[str, Any]], python: str = sys.executable) -> dict[str, Any]:
    """An inventory of hosts with their variables, all of them this machine."""
    local = {"ansible_connection": "local", "ansible_python_interpreter": python}
    return {"all": {"vars": local, "hosts": {name: dict(said) for name, said in hosts.items()}}}


def task(name: str, module: str, options: Mapping[str, Any] | None = None, **words: Any) -> dict[str, Any]:
    """A task whose failure does not end the play."""
    return {"name": name, module: dict(options or {}), "ignore_errors": True, **words}


def play(tasks: Sequence[Mapping[str, Any]], **words: Any) -> list[dict[str, Any]]:
    """A playbook with one play for all hosts."""
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks), **words}]


def run(
    folder: Path,
    playbook: Sequence[Mapping[str, Any]] | str,
    hosts: Mapping[str, Any],
    *words: str,
    binaries: Path = Path(sys.executable).parent,
    extra: Mapping[str, str] | None = None,
) -> Done:
    """Run a playbook, given as such or by the name that a collection has for it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inventory.yml").write_text(yaml.safe_dump(dict(hosts)))
    if not isinstance(playbook, str):
        (folder / "play.yml").write_text(yaml.safe_dump(list(playbook), sort_keys=False))
    results = folder / "results.jsonl"
    results.unlink(missing_ok=True)
    done = subprocess.run(
        [
            binaries / "ansible-playbook",
            "-i",
            folder / "inventory.yml",
            *words,
            playbook if isinstance(playbook, str) else folder / "play.yml",
        ],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=folder,
        env={**environment(folder), **(extra or {})},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    kept = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    return Done(done.returncode, done.stdout + done.stderr, tuple(kept))
