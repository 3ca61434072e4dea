"""What ansible-doc shows is what the modules and the role take."""

import importlib.util
import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import auditor
from tests.ansible.plays import HERE, environment, inventory, play, run, task

COLLECTION = HERE.parents[1] / "auditor" / "ansible"

_OPTION = ("type", "default", "choices", "elements")


def plugin(name: str) -> ModuleType:
    """A module below plugin_utils, under a name of its own."""
    path = COLLECTION / "plugins" / "plugin_utils" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"collection_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    command = [
        Path(sys.executable).parent / "ansible-doc",
        "--json",
        "nova.auditor.probe",
        "nova.auditor.audit",
    ]
    folder = tmp_path_factory.mktemp("doc")
    done = subprocess.run(command, capture_output=True, text=True, env=environment(folder), check=True)
    content: Mapping[str, Any] = json.loads(done.stdout)
    return content


def taken(specification: Mapping[str, Any]) -> dict[str, Any]:
    """What an argument specification says of each option, as documentation says it."""
    return {
        name: {
            **{key: option[key] for key in _OPTION if key in option},
            **({"suboptions": taken(option["options"])} if "options" in option else {}),
        }
        for name, option in specification.items()
    }


def documented(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {
            **{key: option[key] for key in _OPTION if key in option},
            **({"suboptions": documented(option["suboptions"])} if "suboptions" in option else {}),
        }
        for name, option in options.items()
    }


def test_the_options_of_both_modules_are_documented_as_they_are(shown: Mapping[str, Any]) -> None:
    probing, judging = plugin("arguments").PROBING, plugin("judging").OPTIONS

    assert documented(shown["nova.auditor.probe"]["doc"]["options"]) == taken(probing)
    assert documented(shown["nova.auditor.audit"]["doc"]["options"]) == taken({**probing, **judging})


def test_both_modules_have_examples_and_describe_what_they_return(shown: Mapping[str, Any]) -> None:
    for name in ("nova.auditor.probe", "nova.auditor.audit"):
        assert yaml.safe_load(shown[name]["examples"])
        assert len(shown[name]["return"]) > 5
        assert shown[name]["doc"]["attributes"]["check_mode"]["support"] == "full"


def test_the_role_documents_every_variable_that_it_has() -> None:
    role = COLLECTION / "roles" / "precheck"
    options = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
        "options"
    ]
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())

    assert {name: option["default"] for name, option in options.items()} == defaults


def test_the_collection_has_the_version_of_the_package_and_needs_no_other() -> None:
    galaxy = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())
    needs = (COLLECTION / "meta" / "ee-requirements.txt").read_text().split()

    assert galaxy["version"] == auditor.__version__
    assert galaxy["dependencies"] == {}
    assert needs == [f"nova-auditor>={auditor.__version__}"]


def test_the_wheel_lays_the_collection_where_ansible_finds_it() -> None:
    project = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert wheel["force-include"]["auditor/ansible"] == "ansible_collections/nova/auditor"
    assert "auditor/ansible" in wheel["exclude"]


def test_where_nova_auditor_is_missing_the_task_says_how_to_install_it(tmp_path: Path) -> None:
    shadow = tmp_path / "shadow" / "auditor"
    shadow.mkdir(parents=True)
    (shadow / "__init__.py").write_text("raise ImportError(\"No module named 'auditor'\")\n")
    names = ("nova.auditor.audit", "nova.auditor.probe")
    done = run(
        tmp_path,
        play([task(name, name, {"report_only": True} if name.endswith("audit") else {}) for name in names]),
        inventory({"host": {}}),
        extra={"PYTHONPATH": str(shadow.parent)},
    )

    for name in names:
        assert done.outcome(name, "host") == "failed"
        assert "nova-auditor is not installed where Ansible runs" in done.result(name, "host")["msg"]
        assert "-m pip install nova-auditor" in done.result(name, "host")["msg"]
