"""testinfra's way of naming hosts, as targets.

    ssh://root@cmp1:2222?sudo=true   podman://ctl   kubectl://pod?namespace=openstack   ansible://compute?ansible_inventory=F

A spec is testinfra's own (testinfra 10.2, backend/__init__.py, parse_hostspec), but what testinfra would pass over in
silence is refused. One thing is added, ``name=``, for two specs that would have one name.
"""

import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from auditor.collect.targets import this_host
from auditor.errors import UsageError

_SUDO = ("sudo", "sudo_user")
_SSH = ("ssh_config", "ssh_identity_file", "timeout", *_SUDO)
_POD = ("namespace", "container", "kubeconfig", *_SUDO)

#: testinfra's backends, and what their specs may say. (winrm has no Nova, and salt logs the commands that it runs.)
BACKENDS: Mapping[str, tuple[str, ...]] = {
    "ssh": (*_SSH, "controlpersist"),
    "safe-ssh": (*_SSH, "controlpersist"),
    "paramiko": _SSH,
    "podman": _SUDO,
    "docker": _SUDO,
    "kubectl": (*_POD, "context"),
    "openshift": _POD,
    "lxc": _SUDO,
    "chroot": _SUDO,
    "local": _SUDO,
    "ansible": ("ansible_inventory", "ssh_config", "ssh_identity_file", *_SUDO),
}

_PATHS = ("ssh_config", "ssh_identity_file", "kubeconfig", "ansible_inventory")

_NAME = re.compile(r"[^\s/=\x00-\x1f\x7f-][^\s/=\x00-\x1f\x7f]{0,252}")

#: Of a host: it becomes an argument of ssh, podman and the like.
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:%-]*")


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec in its parts.

    ``host`` is as testinfra takes it, with user and port, and a pattern with ``ansible``. ``options`` are testinfra's
    arguments of the same names. ``name`` is what the target is called; of a pattern it is empty.
    """

    backend: str
    host: str
    options: Mapping[str, str]
    name: str = ""

    @property
    def address(self) -> str:
        """The spec as one text, which `read` takes."""
        query = urlencode(sorted(self.options.items()), safe="/:")
        return f"{self.backend}://{quote(self.host, safe='@:[]%/*?!.-_~')}" + (f"?{query}" if query else "")


def named(specs: Iterable[str] | None, given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the texts of the specs; where nobody names any (None), what testinfra takes instead.

    Raises:
        UsageError: none is left.
    """
    if specs is None:
        backend = given.get("connection") or "local"
        if backend not in ("ansible", "local"):
            raise UsageError(f"--connection {backend} needs hosts: --hosts NAME,...")
        return (f"{backend}://",)
    texts = tuple(part.strip() for text in specs for part in text.split(","))
    if not texts or not all(texts):
        raise UsageError("--hosts: no host is named; write ssh://cmp1, podman://NAME, ansible://GROUP, ...")
    return texts


def read(text: str, given: Mapping[str, Any]) -> Spec:
    """Return a spec in its parts. A bare name is reached through paramiko, as testinfra does.

    Args:
        text: the spec.
        given: what testinfra's own options say where the spec does not, ``connection`` for the backend among them, and
            ``name`` where it is known what the target is called.

    Raises:
        UsageError: it does not stand for what it seems to.
    """
    shown = re.sub(r":[^@/]*@", ":...@", text)
    is_bare = "://" not in text
    try:
        parts = urlsplit(f"{given.get('connection') or 'paramiko'}://{text}" if is_bare else text)
    except ValueError as error:
        raise UsageError(f"--hosts {shown}: {error}; write ssh://NAME") from None
    backend, host = parts.scheme, parts.netloc
    if backend not in BACKENDS:
        known = ", ".join(f"{name}://" for name in BACKENDS)
        raise UsageError(f"--hosts {shown}: there is no {backend}:// here; known are {known}")
    user, _, place = host.rpartition("@")
    if ":" in user:
        raise UsageError(
            f"--hosts {shown}: testinfra would put the password on a command line; "
            "use a key or an agent, or an inventory: audit -i"
        )
    if backend == "chroot":
        host = place = parts.netloc + parts.path
    elif parts.path.strip("/") or parts.fragment:
        raise UsageError(f"--hosts {shown}: testinfra passes over what follows {host}; take it away")
    options = _options(parts.query, backend, given, shown)
    asked = options.pop("name", None)
    if backend == "ansible":
        if asked is not None:
            raise UsageError(
                f"--hosts {shown}: the inventory says what its hosts are called; take name= away"
            )
        return Spec(backend, host or "all", options)
    found = _name(backend, place, shown)
    name = next((one for one in (asked, given.get("name")) if one is not None), found)
    if not _NAME.fullmatch(name):
        raise UsageError(f"--hosts {shown}: {name!r} is no name for a host; give one: ...?name=NAME")
    if backend == "paramiko" and importlib.util.find_spec("paramiko") is None:
        which = "testinfra reaches a bare name through paramiko, which" if is_bare else "paramiko"
        raise UsageError(
            f"--hosts {shown}: {which} is not installed; write ssh://{place}, or pip install paramiko"
        )
    return Spec(backend, "" if backend == "local" else host, options, name)


def _name(backend: str, place: str, shown: str) -> str:
    if backend == "local":
        return this_host().name
    if backend == "chroot":
        if not Path(place).is_absolute():
            raise UsageError(f"--hosts {shown}: {place!r} is no folder; write chroot:///srv/root")
        return Path(place).name
    name = place
    if backend in ("ssh", "safe-ssh", "paramiko"):
        name = unquote(place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0])
    if not _SAFE.fullmatch(name):
        raise UsageError(f"--hosts {shown}: {name!r} is no host; write {backend}://NAME")
    return name


def _options(query: str, backend: str, given: Mapping[str, Any], shown: str) -> dict[str, str]:
    said = dict(parse_qsl(query, keep_blank_values=True))
    known = (*BACKENDS[backend], "name")
    if "force_ansible" in said or (backend == "ansible" and given.get("force_ansible")):
        raise UsageError(f"--hosts {shown}: Ansible itself is another door: audit -i INVENTORY")
    for name in said:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            cure = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
            raise UsageError(f"--hosts {shown}: {backend}:// takes no {name}; {cure}")
    for name in BACKENDS[backend]:
        if name not in said and given.get(name):
            said[name] = "true" if given[name] is True else str(given[name])
    if said.get("sudo", "true") not in ("true", "false"):
        raise UsageError(f"--hosts {shown}: sudo={said['sudo']}: write true or false")
    for name in ("timeout", "controlpersist"):
        if name in said and not re.fullmatch("[0-9]{1,4}", said[name], re.ASCII):
            raise UsageError(f"--hosts {shown}: {name}={said[name]}: write whole seconds")
    for name in _PATHS:
        if name in said:
            said[name] = str(Path(said[name]).expanduser().absolute())
            if not Path(said[name]).exists():
                raise UsageError(f"--hosts {shown}: there is no {said[name]}; name a file that exists")
    return said
