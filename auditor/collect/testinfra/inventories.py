"""Hosts of an inventory of Ansible's, reached as testinfra reaches them: without Ansible, by what their variables say.

What Ansible would render, and connections that are Ansible's own, are for the fleet door (``audit -i``).
"""

import configparser
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from auditor.collect.testinfra.specs import Spec
from auditor.errors import UsageError
from auditor.model import Target

#: Ansible's connections that testinfra's backends can do, under the names that testinfra knows (testinfra 10.2,
#: utils/ansible_runner.py, get_ansible_host); on others, and other names, it starts Ansible for each command.
_CONNECTIONS: Mapping[str, str] = {
    "ansible.builtin.local": "local",
    "ansible.builtin.paramiko_ssh": "paramiko_ssh",
    "ansible.builtin.ssh": "ssh",
    "community.docker.docker": "docker",
    "community.docker.docker_api": "docker",
    "community.general.lxd": "lxd",
    "containers.podman.podman": "podman",
    "docker": "docker",
    "local": "local",
    "lxc": "lxc",
    "lxd": "lxd",
    "paramiko": "paramiko_ssh",
    "paramiko_ssh": "paramiko_ssh",
    "podman": "podman",
    "smart": "ssh",
    "ssh": "ssh",
}

#: What testinfra reads of a host, as it stands there.
_READ = (
    "ansible_become",
    "ansible_become_user",
    "ansible_connection",
    "ansible_host",
    "ansible_port",
    "ansible_private_key_file",
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
    "ansible_ssh_private_key_file",
    "ansible_user",
    "nova_auditor_expect",
    "nova_auditor_release",
    "nova_auditor_root",
    "nova_auditor_services",
)

#: What is rendered, because an inventory that describes trees beside it needs it.
_RENDERED = re.compile(r"\{\{\s*(inventory_dir|inventory_hostname)\s*\}\}")

#: Passwords are for Ansible: testinfra would hand them to sshpass on a command line.
_PASSWORDS = ("ansible_ssh_pass", "ansible_password")

# By path, what the inventory said when it was asked: it is asked once, and what it said stays for the run.
_LISTED: dict[str, Mapping[str, Any]] = {}


def targets(spec: Spec) -> tuple[Target, ...]:
    """Return the hosts that a pattern matches, by name or group, in the order of the inventory.

    Raises:
        UsageError: there is no inventory, it cannot be read, or as `matching`.
    """
    path = spec.options.get("ansible_inventory") or _default()
    spec = replace(spec, options={**spec.options, "ansible_inventory": path})
    return matching(spec, _listed(spec))


def matching(spec: Spec, listed: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return the hosts that a pattern matches of what ``ansible-inventory --list`` says.

    Raises:
        UsageError: nothing matches, or testinfra cannot do what a host's variables say.
    """
    from auditor.collect.ansible import inventory

    groups = inventory.groups(listed)
    every = inventory.targets(listed)
    found = tuple(
        _target(target, spec, listed["_meta"].get("hostvars", {}).get(target.name, {}))
        for target in every
        if any(fnmatchcase(name, spec.host) for name in (target.name, *groups.get(target.name, ())))
    )
    if not found:
        holds = f"none of the {len(every)} hosts" if every else "there is no host, so none"
        raise UsageError(
            f"--hosts ansible://{spec.host}: no host matched: "
            f"in {spec.options['ansible_inventory']} {holds} is called so or in such a group"
        )
    return found


def forget() -> None:
    """Forget what inventories said: another run is about to ask."""
    _LISTED.clear()


def listed_for(spec: Spec) -> Mapping[str, Any]:
    """Return what ``ansible-inventory --list`` would say if the spec's host were the only one."""
    variables = _listed(spec)["_meta"].get("hostvars", {}).get(spec.host, {})
    connection = _CONNECTIONS.get(variables.get("ansible_connection", "ssh"))
    return {
        "_meta": {"hostvars": {spec.host: {**variables, "ansible_connection": connection}}},
        "all": {"hosts": [spec.host]},
    }


def interpreter(spec: Spec) -> str | None:
    """Return the Python that the inventory names for the spec's host, where it does so as a path."""
    named = _listed(spec)["_meta"].get("hostvars", {}).get(spec.host, {}).get("ansible_python_interpreter")
    return named if isinstance(named, str) and re.fullmatch(r"/[\w./+-]+", named, re.ASCII) else None


def groups(specs: Iterable[tuple[str, Spec]]) -> Mapping[str, tuple[str, ...]]:
    """Return the groups of each host, given by name and spec, that an inventory named."""
    from auditor.collect.ansible import inventory

    return {
        name: inventory.groups(_LISTED[path]).get(name, ())
        for name, spec in specs
        if (path := spec.options.get("ansible_inventory", "")) in _LISTED
    }


def _listed(spec: Spec) -> Mapping[str, Any]:
    path = spec.options["ansible_inventory"]
    if path not in _LISTED:
        from auditor.collect.ansible import Fleet, inventory, settings

        if shutil.which("ansible-inventory", path=settings.search_path()) is None:
            raise UsageError(
                "--hosts ansible:// needs ansible-inventory, which is not installed; pip install 'nova-auditor[ansible]'"
            )
        _LISTED[path] = inventory.resolve(Fleet((path,)))
    return _LISTED[path]


def _target(target: Target, spec: Spec, variables: Mapping[str, Any]) -> Target:
    name, path = target.name, spec.options["ansible_inventory"]
    trouble = next(_troubles(name, variables), None)
    if trouble is not None:
        raise UsageError(f"{path}: {name}: {trouble}, or audit it with -i")
    own = Spec("ansible", name, spec.options)
    if _CONNECTIONS[variables.get("ansible_connection", "ssh")] == "podman":
        own = _container(name, variables)
    root = target.root
    if root is not None:
        parent = Path(path) if Path(path).is_dir() else Path(path).parent
        root = _rendered(root, name, parent)
    return replace(target, root=root, address=own.address)


def _troubles(name: str, variables: Mapping[str, Any]) -> Iterator[str]:
    connection = variables.get("ansible_connection", "ssh")
    if connection not in _CONNECTIONS:
        yield f"testinfra does not reach it by ansible_connection {connection} without Ansible; use another"
    for option in _READ:
        value = variables.get(option)
        text = _rendered(str(value), name, Path("/")) if value is not None else ""
        if "{{" in text or "{%" in text:
            yield f"{option} is a template, which testinfra does not render; write what it comes to"
    if any(variables.get(option) for option in _PASSWORDS):
        yield "it has a password, which testinfra would put on a command line; use a key"


def _container(name: str, variables: Mapping[str, Any]) -> Spec:
    user = variables.get("ansible_user")
    options = {}
    if variables.get("ansible_become"):
        options["sudo"] = "true"
        if variables.get("ansible_become_user"):
            options["sudo_user"] = str(variables["ansible_become_user"])
    container = str(variables.get("ansible_host", name))
    return Spec("podman", f"{user}@{container}" if user else container, options)


def _rendered(text: str, name: str, folder: Path) -> str:
    said = {"inventory_dir": str(folder), "inventory_hostname": name}
    return _RENDERED.sub(lambda found: said[found[1]], text)


def _default() -> str:
    """The inventory that Ansible would take here."""
    from auditor.collect.ansible import settings

    named = os.environ.get("ANSIBLE_INVENTORY", "")
    config = settings.operators_config(os.environ)
    if not named and config is not None:
        said = configparser.RawConfigParser(inline_comment_prefixes=(";",))
        said.read(config)
        named = said.get("defaults", "inventory", fallback="")
        named = named and str(config.parent / Path(named).expanduser())
    path = Path(named or "/etc/ansible/hosts").expanduser().absolute()
    if not path.exists():
        raise UsageError("--hosts: there is no inventory; write ansible://GROUP?ansible_inventory=FILE")
    return str(path)
