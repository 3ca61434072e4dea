"""Ansible's settings in the working directory, at home and in the environment that would print, keep or change something."""

from pathlib import Path

import pytest

from tests.faults.fleet import audit, write_fleet, write_script

#: A plugin that leaves a mark wherever it is loaded, and then fails.
EVIL = """
import pathlib
pathlib.Path("{mark}").joinpath(__name__.replace(".", "_")).touch()
raise RuntimeError("evil")
"""

CONFIG = """
[defaults]
action_plugins = evil
any_errors_fatal = true
cache_plugins = evil
callback_plugins = evil
callbacks_enabled = evil, ansible.builtin.tree, ansible.builtin.junit
bin_ansible_callbacks = true
display_args_to_stdout = true
fact_caching = jsonfile
fact_caching_connection = facts
force_handlers = true
gathering = implicit
keep_remote_files = true
library = evil
log_path = ansible.log
module_utils = evil
no_target_syslog = false
retry_files_enabled = true
retry_files_save_path = retries
stdout_callback = evil
strategy = free
strategy_plugins = evil
task_timeout = 1
[inventory]
cache = true
cache_plugin = jsonfile
cache_connection = inventories
[callback_tree]
directory = tree_of_results
"""

ENVIRONMENT = {
    "ANSIBLE_ACTION_PLUGINS": "evil",
    "ANSIBLE_CALLBACKS_ENABLED": "evil",
    "ANSIBLE_CALLBACK_PLUGINS": "evil",
    "ANSIBLE_CHECK_MODE_MARKERS": "true",
    "ANSIBLE_DEBUG": "true",
    "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "true",
    "ANSIBLE_CACHE_PLUGIN": "jsonfile",
    "ANSIBLE_CACHE_PLUGIN_CONNECTION": "facts",
    "ANSIBLE_KEEP_REMOTE_FILES": "true",
    "ANSIBLE_LIBRARY": "evil",
    "ANSIBLE_LOG_PATH": "ansible.log",
    "ANSIBLE_STDOUT_CALLBACK": "evil",
    "ANSIBLE_STRATEGY": "free",
    "ANSIBLE_STRATEGY_PLUGINS": "evil",
    "ANSIBLE_TASK_TIMEOUT": "1",
    "ANSIBLE_VERBOSITY": "4",
}

NAMES = ("evil", "linear", "nova_auditor_probe", "default", "ansible")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with plugins that shall not be loaded, in every place where Ansible looks for some."""
    (tmp_path / "marks").mkdir()
    text = EVIL.format(mark=tmp_path / "marks")
    home = tmp_path / "home" / ".ansible" / "plugins"
    beside = ("callback", "action", "strategy", "cache", "modules", "module_utils")
    for place in (
        *(home / name for name in beside),
        *(tmp_path / f"{name}_plugins" for name in beside),
        tmp_path / "evil",
        tmp_path / "library",
    ):
        place.mkdir(parents=True)
        for name in NAMES:
            (place / f"{name}.py").write_text(text)
    return tmp_path


def left(folder: Path) -> list[str]:
    """The files in a working directory."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_hostile_settings_change_print_and_keep_nothing(folder: Path) -> None:
    write_fleet(folder, {"cmp01": {}})
    (folder / "ansible.cfg").write_text(CONFIG)
    before = left(folder)
    run = audit(folder, "-i", "hosts.yml", **ENVIRONMENT)

    assert (run.code, run.hosts) == (0, {"cmp01": ("audited", None)}), run.errors
    assert "evil" not in run.text + run.errors
    assert left(folder) == before


def test_a_config_that_anybody_may_write_is_not_read(tmp_path: Path) -> None:
    write_fleet(tmp_path, {"cmp01": {}})
    public = tmp_path / "public"
    public.mkdir()
    public.chmod(0o777)
    (public / "ansible.cfg").write_text(
        "[privilege_escalation]\nbecome = true\nbecome_exe = /nonexistent\nbecome_user = x"
    )
    run = audit(tmp_path, "-i", "../hosts.yml", where=public)

    assert (run.code, run.hosts) == (0, {"cmp01": ("audited", None)}), run.errors


def test_the_operators_connection_settings_are_followed(tmp_path: Path) -> None:
    write_fleet(tmp_path, {"cmp01": {}})
    refusal = write_script(
        tmp_path / "sudo", "#!/bin/sh\necho 'nova is not in the sudoers file' >&2\nexit 1\n"
    )
    (tmp_path / "ansible.cfg").write_text(
        f"[privilege_escalation]\nbecome = true\nbecome_exe = {refusal}\nbecome_user = nova\n"
    )
    run = audit(tmp_path, "-i", "hosts.yml")

    assert (run.code, run.hosts) == (3, {"cmp01": ("denied", "nova is not in the sudoers file")}), run.errors


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ANSIBLE_CONFIG": "absent.cfg"}, "ANSIBLE_CONFIG names it, and it does not exist"),
        ({"ANSIBLE_CONFIG": "broken.cfg"}, "it cannot be read as ansible.cfg"),
    ],
)
def test_a_config_that_cannot_be_read_is_refused(tmp_path: Path, more: dict[str, str], said: str) -> None:
    write_fleet(tmp_path, {"cmp01": {}})
    (tmp_path / "broken.cfg").write_text("password = tr0ub4dor\n")
    run = audit(tmp_path, "-i", "hosts.yml", **more)

    assert (run.code, run.text) == (2, "")
    assert said in run.errors
    assert "tr0ub4dor" not in run.errors
