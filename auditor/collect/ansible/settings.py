"""What Ansible gets to know of the operator's environment and ansible.cfg: by allow-list.

The operator's settings for connections, becoming root, vaults and where inventories come from are theirs. Callbacks, logs,
caches, strategies, modules and whatever else could print, keep or change something is not handed on; nor is the rest of
the environment, because ansible-runner writes all of it to a file (ansible-runner 2.4, runner.py, ``command``).
"""

import configparser
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from auditor.errors import FileError

#: What programs need of an environment to find the operator's files and agents.
_ENVIRONMENT = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "TZ",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "SSH_AUTH_SOCK",
    "KRB5CCNAME",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "KUBECONFIG",
    "DOCKER_HOST",
    "CONTAINER_HOST",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
)

#: Sections of ansible.cfg that speak of connections and becoming alone.
_SECTIONS = (
    "connection",
    "paramiko_connection",
    "persistent_connection",
    "privilege_escalation",
    "ssh_connection",
    "doas_become_plugin",
    "dzdo_become_plugin",
    "su_become_plugin",
    "sudo_become_plugin",
)

#: Options of [defaults] and [inventory] that are handed on, with the variable that does the same (ansible-core,
#: config/base.yml), and whether they name a path, or several.
_OPTIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("defaults", "remote_user"): ("ANSIBLE_REMOTE_USER", ""),
    ("defaults", "remote_port"): ("ANSIBLE_REMOTE_PORT", ""),
    ("defaults", "remote_tmp"): ("ANSIBLE_REMOTE_TMP", ""),
    ("defaults", "private_key_file"): ("ANSIBLE_PRIVATE_KEY_FILE", "path"),
    ("defaults", "host_key_checking"): ("ANSIBLE_HOST_KEY_CHECKING", ""),
    ("defaults", "timeout"): ("ANSIBLE_TIMEOUT", ""),
    ("defaults", "transport"): ("ANSIBLE_TRANSPORT", ""),
    ("defaults", "executable"): ("ANSIBLE_EXECUTABLE", ""),
    ("defaults", "interpreter_python"): ("ANSIBLE_PYTHON_INTERPRETER", ""),
    ("defaults", "forks"): ("ANSIBLE_FORKS", ""),
    ("defaults", "vault_password_file"): ("ANSIBLE_VAULT_PASSWORD_FILE", "path"),
    ("defaults", "vault_identity"): ("ANSIBLE_VAULT_IDENTITY", ""),
    ("defaults", "vault_identity_list"): ("ANSIBLE_VAULT_IDENTITY_LIST", "identities"),
    ("defaults", "vault_id_match"): ("ANSIBLE_VAULT_ID_MATCH", ""),
    ("defaults", "collections_path"): ("ANSIBLE_COLLECTIONS_PATH", "paths"),
    ("defaults", "collections_paths"): ("ANSIBLE_COLLECTIONS_PATHS", "paths"),
    ("defaults", "connection_plugins"): ("ANSIBLE_CONNECTION_PLUGINS", "paths"),
    ("defaults", "become_plugins"): ("ANSIBLE_BECOME_PLUGINS", "paths"),
    ("defaults", "inventory_plugins"): ("ANSIBLE_INVENTORY_PLUGINS", "paths"),
    ("defaults", "vars_plugins"): ("ANSIBLE_VARS_PLUGINS", "paths"),
    ("defaults", "lookup_plugins"): ("ANSIBLE_LOOKUP_PLUGINS", "paths"),
    ("defaults", "filter_plugins"): ("ANSIBLE_FILTER_PLUGINS", "paths"),
    ("defaults", "test_plugins"): ("ANSIBLE_TEST_PLUGINS", "paths"),
    ("defaults", "hash_behaviour"): ("ANSIBLE_HASH_BEHAVIOUR", ""),
    ("defaults", "jinja2_native"): ("ANSIBLE_JINJA2_NATIVE", ""),
    ("defaults", "jinja2_extensions"): ("ANSIBLE_JINJA2_EXTENSIONS", ""),
    ("inventory", "enable_plugins"): ("ANSIBLE_INVENTORY_ENABLED", ""),
    ("inventory", "ignore_extensions"): ("ANSIBLE_INVENTORY_IGNORE", ""),
    ("inventory", "ignore_patterns"): ("ANSIBLE_INVENTORY_IGNORE_REGEX", ""),
}

#: Variables for the sections of connections and becoming; none holds a password.
_VARIABLES = (
    "ANSIBLE_BECOME",
    "ANSIBLE_BECOME_EXE",
    "ANSIBLE_BECOME_FLAGS",
    "ANSIBLE_BECOME_METHOD",
    "ANSIBLE_BECOME_USER",
    "ANSIBLE_PIPELINING",
    "ANSIBLE_SCP_EXECUTABLE",
    "ANSIBLE_SFTP_EXECUTABLE",
    "ANSIBLE_SSH_ARGS",
    "ANSIBLE_SSH_COMMON_ARGS",
    "ANSIBLE_SSH_CONTROL_PATH",
    "ANSIBLE_SSH_EXECUTABLE",
    "ANSIBLE_SSH_EXTRA_ARGS",
    "ANSIBLE_SSH_HOST_KEY_CHECKING",
    "ANSIBLE_SSH_PIPELINING",
    "ANSIBLE_SSH_RETRIES",
    "ANSIBLE_SSH_TRANSFER_METHOD",
    "ANSIBLE_SSH_USETTY",
)

#: Options of such sections that are passwords, which would be written down once more, or that ask for one: -K does.
_LEFT_OUT = ("become_pass", "become_ask_pass", "password")

#: What a run of ours never does, whatever the operator's own runs do.
_ALWAYS: Mapping[str, str] = {
    "ANSIBLE_CACHE_PLUGIN": "memory",
    "ANSIBLE_COLOR": "0",
    "ANSIBLE_DEPRECATION_WARNINGS": "False",
    "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "False",
    "ANSIBLE_GATHERING": "explicit",
    "ANSIBLE_INVENTORY_CACHE": "False",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
    "ANSIBLE_KEEP_REMOTE_FILES": "False",
    # Of our own, for the time of the run: connections that stay open would be the operator's other runs' too.
    "ANSIBLE_SSH_CONTROL_PATH_DIR": "cp",
    "ANSIBLE_NOCOWS": "1",
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_NO_TARGET_SYSLOG": "True",
    "ANSIBLE_PYTHON_INTERPRETER": "auto_silent",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
    "ANSIBLE_STRATEGY": "linear",
    # ansible-runner switches it off where nothing is said (2.4, config/_base.py), and the password of sudo would go to
    # whoever answers.
    "ANSIBLE_HOST_KEY_CHECKING": "True",
    "ANSIBLE_PIPELINING": "True",
}

#: Plugins that act, print or keep: those at home (~/.ansible/plugins) are found without being named. Here is no folder of
#: that name.
_NOWHERE = dict.fromkeys(
    (
        "ANSIBLE_ACTION_PLUGINS",
        "ANSIBLE_CACHE_PLUGINS",
        "ANSIBLE_CALLBACK_PLUGINS",
        "ANSIBLE_LIBRARY",
        "ANSIBLE_MODULE_UTILS",
        "ANSIBLE_STRATEGY_PLUGINS",
    ),
    "none",
)

#: Those of them that are only defaults, which the operator's own setting replaces.
_DEFAULTS = ("ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_PIPELINING", "ANSIBLE_PYTHON_INTERPRETER")

_ANY_PIPELINING = ("ANSIBLE_PIPELINING", "ANSIBLE_SSH_PIPELINING")


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that Ansible's processes are started in: what they need of ours."""
    kept = {name: ours[name] for name in _ENVIRONMENT if name in ours}
    return {**kept, "PATH": search_path(ours)}


def search_path(ours: Mapping[str, str] | None = None) -> str:
    """Return where programs are looked for: beside our own interpreter first, where our Ansible is installed."""
    named = (os.environ if ours is None else ours).get("PATH", os.defpath)
    return os.pathsep.join((str(Path(sys.executable).parent), named))


def variables(ours: Mapping[str, str], config: Path | None) -> dict[str, str]:
    """Return Ansible's own variables: the operator's as far as they are handed on, and what is always so.

    Args:
        ours: the environment.
        config: the operator's ansible.cfg, whose settings those of the environment replace.
    """
    here = Path.cwd()
    found = {**_ALWAYS, **_NOWHERE}
    read = _read(config)
    for (section, option), (name, form) in _OPTIONS.items():
        if name in ours:
            found[name] = _absolute(ours[name], form, here)
        elif config is not None and read.has_option(section, option):
            found[name] = _absolute(read.get(section, option), form, config.parent)
    found.update({name: ours[name] for name in _VARIABLES if name in ours})
    if not any(name in ours for name in _ANY_PIPELINING) and _says_pipelining(read):
        del found["ANSIBLE_PIPELINING"]
    if read.has_option("ssh_connection", "host_key_checking") and "ANSIBLE_HOST_KEY_CHECKING" not in ours:
        found["ANSIBLE_HOST_KEY_CHECKING"] = read.get("ssh_connection", "host_key_checking")
    return found


def sections(config: Path | None) -> str:
    """Return the text of an ansible.cfg with the operator's sections on connections and becoming, without passwords."""
    read = _read(config)
    lines = []
    for section in _SECTIONS:
        if read.has_section(section):
            lines.append(f"[{section}]")
            for option, value in read.items(section):
                if option not in _LEFT_OUT:
                    indented = value.replace("\n", "\n    ")
                    lines.append(f"{option} = {indented}")
    return "\n".join([*lines, ""])


def operators_config(ours: Mapping[str, str]) -> Path | None:
    """Return the ansible.cfg that Ansible would take here: named, in this folder (unless others may write there), at home, or in /etc.

    Raises:
        FileError: the one that ANSIBLE_CONFIG names does not exist.
    """
    named = ours.get("ANSIBLE_CONFIG")
    if named:
        path = Path(named).expanduser().absolute()
        path = path / "ansible.cfg" if path.is_dir() else path
        if not path.is_file():
            raise FileError(path, "ANSIBLE_CONFIG names it, and it does not exist", "unset it, or mend it")
        return path
    here = Path.cwd()
    candidates = [] if here.stat().st_mode & stat.S_IWOTH else [here / "ansible.cfg"]
    if ours.get("HOME"):
        candidates.append(Path(ours["HOME"]) / ".ansible.cfg")
    candidates.append(Path("/etc/ansible/ansible.cfg"))
    return next((path for path in candidates if path.is_file()), None)


def _read(config: Path | None) -> configparser.RawConfigParser:
    # As ansible-core's config/manager.py reads it.
    read = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    if config is not None:
        try:
            read.read_string(config.read_text(encoding="utf-8"), str(config))
        except (OSError, UnicodeDecodeError, configparser.Error) as error:
            problem = f"it cannot be read as ansible.cfg: {type(error).__name__}"
            raise FileError(config, problem, "mend it, or name another with ANSIBLE_CONFIG=FILE") from None
    return read


def _says_pipelining(read: configparser.RawConfigParser) -> bool:
    sections_ = ("ssh_connection", "connection", "defaults")
    return any(read.has_option(section, "pipelining") for section in sections_)


def _absolute(value: str, form: str, base: Path) -> str:
    """Return a setting with its paths made absolute: Ansible runs in another folder than the operator."""
    value = value.strip()
    if form == "path":
        return _path(value, base)
    if form == "paths":
        return os.pathsep.join(_path(part, base) for part in value.split(os.pathsep) if part)
    if form == "identities":
        return ",".join(_identity(part.strip(), base) for part in value.split(","))
    return value


def _identity(text: str, base: Path) -> str:
    label, separator, source = text.rpartition("@")
    return (
        text if source in ("prompt", "prompt_ask_vault_pass") else f"{label}{separator}{_path(source, base)}"
    )


def _path(text: str, base: Path) -> str:
    text = text.strip().strip("'\"").replace("{{CWD}}", str(Path.cwd())).replace("{{ CWD }}", str(Path.cwd()))
    return str(base / Path(os.path.expandvars(text)).expanduser())
