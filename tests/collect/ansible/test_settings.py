"""What of the operator's environment and ansible.cfg reaches Ansible, and what never does."""

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.collect.ansible.settings import environment, operators_config, search_path, sections, variables
from auditor.errors import FileError


def config(folder: Path, text: str) -> Path:
    path = folder / "ansible.cfg"
    path.write_text(text)
    return path


def test_of_the_environment_only_what_finds_files_and_agents_is_handed_on() -> None:
    ours = {
        "HOME": "/home/op",
        "SSH_AUTH_SOCK": "/run/agent",
        "OS_PASSWORD": "tr0ub4dor",
        "ANSIBLE_LOG_PATH": "/tmp/log",
        "PYTHONPATH": "/evil",
        "LD_PRELOAD": "/evil.so",
    }

    assert environment(ours) == {
        "HOME": "/home/op",
        "SSH_AUTH_SOCK": "/run/agent",
        "PATH": search_path(ours),
    }


def test_programs_are_looked_for_beside_our_own_interpreter_first() -> None:
    assert search_path({"PATH": "/usr/bin"}) == f"{Path(sys.executable).parent}{os.pathsep}/usr/bin"


def test_what_a_run_of_ours_never_does_is_always_said() -> None:
    said = variables({}, None)

    assert {name: said[name] for name in ("ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_PIPELINING")} == {
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
    }
    assert said["ANSIBLE_CACHE_PLUGIN"] == "memory"
    assert said["ANSIBLE_STRATEGY"] == "linear"
    assert {said[f"ANSIBLE_{kind}_PLUGINS"] for kind in ("ACTION", "CACHE", "CALLBACK", "STRATEGY")} == {
        "none"
    }


@pytest.mark.parametrize(
    "name",
    [
        "ANSIBLE_ACTION_PLUGINS",
        "ANSIBLE_CACHE_PLUGIN",
        "ANSIBLE_CALLBACK_PLUGINS",
        "ANSIBLE_GATHERING",
        "ANSIBLE_KEEP_REMOTE_FILES",
        "ANSIBLE_LIBRARY",
        "ANSIBLE_SSH_CONTROL_PATH_DIR",
        "ANSIBLE_STRATEGY",
        "ANSIBLE_STRATEGY_PLUGINS",
    ],
)
def test_the_environment_does_not_change_what_is_always_so(name: str) -> None:
    assert variables({name: "evil"}, None)[name] == variables({}, None)[name]


@pytest.mark.parametrize(
    "name",
    [
        "ANSIBLE_CALLBACKS_ENABLED",
        "ANSIBLE_LOG_PATH",
        "ANSIBLE_STDOUT_CALLBACK",
        "ANSIBLE_VERBOSITY",
        "OS_PASSWORD",
    ],
)
def test_what_prints_or_keeps_is_not_handed_on(tmp_path: Path, name: str) -> None:
    option = name.removeprefix("ANSIBLE_").lower()
    path = config(tmp_path, f"[defaults]\n{option} = evil\n")

    assert name not in variables({name: "evil"}, path)


@pytest.mark.parametrize(
    ("ours", "text", "name", "value"),
    [
        ({}, "[defaults]\nremote_user = nova\n", "ANSIBLE_REMOTE_USER", "nova"),
        ({"ANSIBLE_REMOTE_USER": "op"}, "[defaults]\nremote_user = nova\n", "ANSIBLE_REMOTE_USER", "op"),
        ({}, "[defaults]\nhost_key_checking = False\n", "ANSIBLE_HOST_KEY_CHECKING", "False"),
        ({}, "[ssh_connection]\nhost_key_checking = False\n", "ANSIBLE_HOST_KEY_CHECKING", "False"),
        (
            {"ANSIBLE_HOST_KEY_CHECKING": "True"},
            "[defaults]\nhost_key_checking = no\n",
            "ANSIBLE_HOST_KEY_CHECKING",
            "True",
        ),
        ({"ANSIBLE_BECOME_EXE": "/bin/su"}, "", "ANSIBLE_BECOME_EXE", "/bin/su"),
        ({"ANSIBLE_PIPELINING": "False"}, "", "ANSIBLE_PIPELINING", "False"),
        ({}, "[defaults]\ninterpreter_python = /opt/python\n", "ANSIBLE_PYTHON_INTERPRETER", "/opt/python"),
        ({}, "[inventory]\nenable_plugins = yaml, cloud\n", "ANSIBLE_INVENTORY_ENABLED", "yaml, cloud"),
        ({}, "[defaults]\nremote_user = nova ; the old one\n", "ANSIBLE_REMOTE_USER", "nova"),
    ],
)
def test_the_operators_settings_for_connections_are_followed_the_environment_before_the_file(
    tmp_path: Path, ours: Mapping[str, str], text: str, name: str, value: str
) -> None:
    assert variables(ours, config(tmp_path, text))[name] == value


@pytest.mark.parametrize("section", ["defaults", "connection", "ssh_connection"])
def test_a_file_that_speaks_of_pipelining_is_left_to_decide(tmp_path: Path, section: str) -> None:
    path = config(tmp_path, f"[{section}]\npipelining = False\n")

    assert "ANSIBLE_PIPELINING" not in variables({}, path)


def test_paths_of_a_file_are_relative_to_it_and_those_of_the_environment_to_where_we_are(
    tmp_path: Path,
) -> None:
    path = config(
        tmp_path,
        "[defaults]\nvault_password_file = keys/vault\ncollections_path = ours:/opt/theirs\n"
        "vault_identity_list = lab@lab.txt, prod@prompt, plain.txt\nconnection_plugins = ~/plugins\n",
    )
    said = variables({"ANSIBLE_PRIVATE_KEY_FILE": "id"}, path)

    assert said["ANSIBLE_VAULT_PASSWORD_FILE"] == str(tmp_path / "keys" / "vault")
    assert said["ANSIBLE_COLLECTIONS_PATH"] == f"{tmp_path}/ours:/opt/theirs"
    assert said["ANSIBLE_VAULT_IDENTITY_LIST"] == f"lab@{tmp_path}/lab.txt,prod@prompt,{tmp_path}/plain.txt"
    assert said["ANSIBLE_CONNECTION_PLUGINS"] == str(Path.home() / "plugins")
    assert said["ANSIBLE_PRIVATE_KEY_FILE"] == str(Path.cwd() / "id")


def test_sections_on_connections_are_copied_without_passwords(tmp_path: Path) -> None:
    path = config(
        tmp_path,
        "[defaults]\nlog_path = log\n[ssh_connection]\nssh_args = -o A=b\n    -o C=d\n"
        "[privilege_escalation]\nbecome = true\nbecome_ask_pass = true\nbecome_pass = tr0ub4dor\n"
        "[sudo_become_plugin]\npassword = tr0ub4dor\nflags = -n\n[callback_tree]\ndirectory = d\n",
    )

    assert sections(path) == (
        "[privilege_escalation]\nbecome = true\n[ssh_connection]\nssh_args = -o A=b\n    -o C=d\n"
        "[sudo_become_plugin]\nflags = -n\n"
    )


def test_without_a_config_there_are_no_sections() -> None:
    assert sections(None) == ""


def test_the_config_is_the_named_one_then_that_here_then_that_at_home(tmp_path: Path) -> None:
    here, home = tmp_path / "here", tmp_path / "home"
    for folder in (here, home):
        folder.mkdir()
    at_home = home / ".ansible.cfg"
    at_home.write_text("")
    ours = {"HOME": str(home)}
    with contextlib.chdir(here):
        without = operators_config(ours)
        local = config(here, "")
        within = operators_config(ours)
        here.chmod(0o777)
        open_to_all = operators_config(ours)
        named = operators_config({**ours, "ANSIBLE_CONFIG": str(here)})

    assert (without, within, open_to_all, named) == (at_home, local, at_home, local)


def test_a_named_config_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="ANSIBLE_CONFIG names it, and it does not exist"):
        operators_config({"ANSIBLE_CONFIG": str(tmp_path / "absent.cfg")})


@pytest.mark.parametrize(
    "text", ["become_pass = tr0ub4dor\n", "[a\nx = tr0ub4dor", "[a]\nx = 1\nx = tr0ub4dor\n"]
)
def test_a_config_that_cannot_be_read_is_refused_without_its_text(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileError, match="it cannot be read as") as caught:
        variables({}, config(tmp_path, text))

    assert "tr0ub4dor" not in str(caught.value)
