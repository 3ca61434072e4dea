"""Which hosts an inventory holds, and what it says of them, as ``ansible-inventory`` resolves it.

Its answer holds every variable of every host, passwords among them: it stays in memory, and only the variables
``nova_auditor_*`` and those that tell hosts apart are looked at.
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from auditor.collect import private
from auditor.collect.ansible import settings
from auditor.collect.ansible.fleet import Fleet
from auditor.errors import UsageError
from auditor.model import Kind, Target, Told
from auditor.releases import UnknownRelease, canonical

#: Seconds that a dynamic inventory may take.
SECONDS = 300

#: Connections that are written in several ways.
_CONNECTIONS = {
    "ansible.builtin.local": "local",
    "ansible.builtin.ssh": "ssh",
    "paramiko": "ssh",
    "smart": "ssh",
    "": "ssh",
}

_UNMATCHED = re.compile(r"Could not match supplied host pattern, ignoring: (\S+)")


def sources(inventories: Sequence[str]) -> tuple[str, ...]:
    """Return inventories as Ansible is given them, whose paths are absolute.

    Raises:
        UsageError: there is no such file or folder. Ansible would take the path for the name of a host.
    """
    found = []
    for text in inventories:
        if "," in text:
            found.append(text)
        elif Path(text).expanduser().exists():
            found.append(str(Path(text).expanduser().absolute()))
        else:
            raise UsageError(
                f"-i {text}: there is no such inventory; give a file, a folder, or hosts with a comma: -i cmp01,"
            )
    return tuple(found)


def resolve(fleet: Fleet) -> Mapping[str, Any]:
    """Return what ``ansible-inventory --list`` says.

    Raises:
        UsageError: an inventory does not exist, or Ansible cannot read it; with Ansible's reason.
    """
    config = settings.operators_config(os.environ)
    with private.folder() as folder:
        (folder / "ansible.cfg").write_text(settings.sections(config))
        environment = {
            **settings.environment(os.environ),
            **settings.variables(os.environ, config),
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        }
        command = ["ansible-inventory", "--list"]
        for source in sources(fleet.inventories):
            command += ["-i", source]
        if fleet.limit is not None:
            command += ["--limit", limit(fleet.limit)]
        for path in fleet.vault_password_files:
            command += ["--vault-password-file", str(path.expanduser().absolute())]
        listed, said = _listed(command, environment, folder, fleet.inventories)
    _check_limit(fleet.limit, said, listed)
    return listed


def _check_limit(asked: str | None, said: str, listed: Mapping[str, Any]) -> None:
    """Refuse a ``--limit`` of which a part matches nothing: Ansible only warns, and the rest would pass for the whole."""
    unmatched = [name for name in _UNMATCHED.findall(said) if f"!{name}" not in (asked or "")]
    if asked is not None and unmatched and hosts(listed):
        raise UsageError(
            f"--limit {asked}: {', '.join(dict.fromkeys(unmatched))} matches no host of the inventory; "
            "mend it, or take it out"
        )


def _listed(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, named: Sequence[str]
) -> tuple[Mapping[str, Any], str]:
    """Return what a command lists, and what it says beside."""
    # To files, so that neither a flood on standard error nor a large inventory can block the other.
    with tempfile.TemporaryFile(dir=folder) as output, tempfile.TemporaryFile(dir=folder) as errors:
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=environment,
                cwd=folder,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UsageError(
                f"-i {', '.join(named)}: ansible-inventory takes over {SECONDS} seconds"
            ) from None
        output.seek(0)
        errors.seek(0)
        said = errors.read(1 << 20).decode("utf-8", "replace")
        if done.returncode:
            raise UsageError(
                f"-i {', '.join(named)}: Ansible cannot read it: {complaint(said)}; "
                "try: ansible-inventory --graph"
            )
        try:
            listed = json.load(output)
        except ValueError:
            raise UsageError(f"-i {', '.join(named)}: ansible-inventory gave no JSON") from None
    if not isinstance(listed, dict) or not isinstance(listed.get("_meta"), dict):
        raise UsageError(f"-i {', '.join(named)}: ansible-inventory did not list hosts")
    return listed, said


def complaint(text: str) -> str:
    """Return the first line of Ansible's own that tells an error, without the lines of the operator's files below it."""
    if "vault secrets" in text:
        return "it is encrypted, and no given password opens it (--vault-password-file)"
    marks = ("ERROR! ", "[ERROR]: ", "error: ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        for mark in marks:
            if mark in line:
                return line.partition(mark)[2][:300]
    return "no reason given"


def limit(text: str) -> str:
    """Return a ``--limit`` whose file, if it names one, is absolute."""
    return f"@{Path(text[1:]).expanduser().absolute()}" if text.startswith("@") else text


def hosts(listed: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the hosts in the order of the inventory, each once."""
    return tuple(dict.fromkeys(_members(listed, "all", set())))


def _members(listed: Mapping[str, Any], group: str, seen: set[str]) -> Iterator[str]:
    entry = listed.get(group)
    if group in seen or group == "_meta" or not isinstance(entry, dict):
        return
    seen.add(group)
    yield from entry.get("hosts", ())
    for child in entry.get("children", ()):
        yield from _members(listed, child, seen)


def groups(listed: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """Return the groups of each host, direct or through a child."""
    found: dict[str, list[str]] = {}
    for group in listed:
        for host in dict.fromkeys(_members(listed, group, set())):
            found.setdefault(host, []).append(group)
    return {host: tuple(names) for host, names in found.items()}


def targets(listed: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return the expected hosts with what the inventory says of them.

    A value that is a template is not known before the run: the evidence repeats what it came to.

    Raises:
        UsageError: a variable says what it cannot, or two names stand for one machine.
    """
    variables: Mapping[str, Mapping[str, Any]] = listed["_meta"].get("hostvars", {})
    machines: dict[tuple[str, ...], str] = {}
    found = []
    for host in hosts(listed):
        said = variables.get(host, {})
        machine = _machine(host, said)
        if machine is not None and machine in machines:
            raise UsageError(
                f"{host} and {machines[machine]} are the same machine in the inventory; take one of them out, "
                "or give each its nova_auditor_root"
            )
        if machine is not None:
            machines[machine] = host
        root = said.get("nova_auditor_root")
        found.append(
            Target(
                host, Kind.TREE if root else Kind.LIVE, str(root) if root else None, told=_told(host, said)
            )
        )
    return tuple(found)


def _machine(host: str, said: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return what tells one machine from another, None where templates do."""
    connection, port, address = (
        str(said.get(f"ansible_{name}", said.get(f"ansible_ssh_{name}", default)))
        for name, default in (("connection", ""), ("port", 22), ("host", host))
    )
    connection = _CONNECTIONS.get(connection, connection)
    rest = [str(said.get(name, "")) for name in ("ansible_ssh_common_args", "nova_auditor_root")]
    parts = [connection, *([] if connection == "local" else [address, port]), *rest]
    return None if any("{{" in part or "{%" in part for part in parts) else tuple(parts)


def _told(host: str, said: Mapping[str, Any]) -> Told:
    release, services, expect = (
        said.get(f"nova_auditor_{name}") for name in ("release", "services", "expect")
    )
    if _is_template(release):
        release = None
    elif release is not None:
        try:
            release = canonical(str(release))
        except UnknownRelease as error:
            raise UsageError(f"the inventory says of {host}: nova_auditor_release: {error}") from None
    if isinstance(services, str):
        services = [] if _is_template(services) else services.replace(",", " ").split()
    if not isinstance(services or [], list) or not all(isinstance(name, str) for name in services or ()):
        raise UsageError(
            f"the inventory says of {host}: nova_auditor_services is not a list of names; "
            "write [nova-api, nova-conductor]"
        )
    if expect not in (None, "", "none") and not _is_template(expect):
        raise UsageError(
            f"the inventory says of {host}: nova_auditor_expect: {expect!r}; the one word is none, "
            "for a host without services"
        )
    return Told(release, tuple(services or ()), expect == "none")


def _is_template(value: object) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)
