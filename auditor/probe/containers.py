"""Services in containers whose configuration the host prepares: kolla, TripleO and what grew out of it.

In all of them the image's ``kolla_set_configs`` copies files, as a ``config.json`` says, from
``/var/lib/kolla/config_files`` in the container, where the host's files are mounted, to where the service reads them
(``kolla/docker/base/set_configs.py``). What is not copied lies in the image.
"""

import fnmatch
import json
import posixpath
import re
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Tuple

from . import commands, filesystem, programs, services, view, wsgi

if TYPE_CHECKING:
    from .gather import Gathered
    from .roots import Roots
    from .services import Definition
    from .view import View

_SOURCE = "/var/lib/kolla/config_files"
_PUPPET = "/var/lib/config-data/puppet-generated"
_RHOSO = "/var/lib/openstack/config"
_NAME = re.compile(r"(?:nova|placement)[_-][a-z0-9_-]+")
_VOLUME = re.compile(
    r"(?<![A-Za-z0-9_./-])(/[A-Za-z0-9_./-]+):(/[A-Za-z0-9_./-]+)(?::[a-zA-Z,]+)?(?=[\s\",']|$)"
)


def kolla(tree: "Roots", gathered: "Gathered") -> Iterator["Definition"]:
    """Yield the services of kolla-ansible: a folder of /etc/kolla each."""
    names, status = tree.list("/etc/kolla")
    if status not in ("read", "absent"):
        gathered.leave_out("/etc/kolla", filesystem.REASONS.get(status, status))
    for name in names:
        folder = "/etc/kolla/" + name
        if not _NAME.fullmatch(name) or not tree.is_folder(folder):
            continue
        yield from _prepared(tree, gathered, "kolla", name, folder + "/config.json", [(_SOURCE, folder)])


def tripleo(tree: "Roots", gathered: "Gathered") -> Iterator["Definition"]:
    """Yield the services of TripleO: a JSON file each, and the trees that puppet generated."""
    names, _ = tree.list(_SOURCE)
    for name in names:
        base, _, ending = name.rpartition(".")
        if ending != "json" or not _NAME.fullmatch(base) or not tree.is_folder(_PUPPET):
            continue
        mounted = [(_SOURCE + "/src", "{}/{}".format(_PUPPET, _puppet_tree(base, tree)))]
        yield from _prepared(
            tree, gathered, "tripleo", base, "{}/{}".format(_SOURCE, name), mounted + _volumes(base, gathered)
        )


def rhoso(tree: "Roots", gathered: "Gathered") -> Iterator["Definition"]:
    """Yield nova-compute of RHOSO's data plane (edpm-ansible, role edpm_nova): drop-ins for an empty nova.conf."""
    folder = _RHOSO + "/nova"
    if not tree.is_folder(folder):
        return
    mounted = [(_SOURCE, folder), (_SOURCE + "/src", folder), *_volumes("nova_compute", gathered)]
    found = list(_prepared(tree, gathered, "rhoso", "nova-compute", folder + "/config.json", mounted))
    if not found:
        names, status = tree.list(folder)
        mapped = [
            ("/etc/nova/nova.conf.d/" + name, posixpath.join(folder, name))
            for name in fnmatch.filter(names, "*nova*.conf")
        ]
        if mapped or status == "denied":
            mapped = mapped or [("/etc/nova/nova.conf.d", folder)]
            seen = view.View(tree, mapped + mounted)
            found = [
                services.Definition("nova-compute", "nova", "rhoso", seen, source="container", user="nova")
            ]
    yield from found


def _prepared(
    tree: "Roots", gathered: "Gathered", layout: str, name: str, path: str, mounted: List[Tuple[str, str]]
) -> Iterator["Definition"]:
    """Yield the service that a config.json starts, in the eyes of its container."""
    text = gathered.text(path)
    content = _content(text)
    if content is None:
        # Nothing says what runs there, but the folder is that of a service.
        if gathered.tree.look(path).status in ("absent",) and not tree.exists(_conf(mounted, name)):
            return
        gathered.add(path, "kolla")
        content = {}
    else:
        gathered.add(path, "kolla")
    mapped = list(mounted)
    for entry in content.get("config_files") or []:
        if (
            isinstance(entry, dict)
            and isinstance(entry.get("source"), str)
            and isinstance(entry.get("dest"), str)
        ):
            mapped.extend(_copied(tree, entry["source"], entry["dest"], mounted))
    if not content:
        project = "placement" if name.startswith("placement") else "nova"
        mapped.append(("/etc/{0}/{0}.conf".format(project), _conf(mounted, name)))
    yield from _started(gathered, layout, name, path, view.View(tree, mapped), content)


def _conf(mounted: List[Tuple[str, str]], name: str) -> str:
    return posixpath.join(mounted[0][1], ("placement" if name.startswith("placement") else "nova") + ".conf")


def _started(
    gathered: "Gathered", layout: str, name: str, path: str, seen: "View", content: Dict[str, Any]
) -> Iterator["Definition"]:
    words = commands.split(content["command"]) if isinstance(content.get("command"), str) else []
    service = name.replace("_", "-")
    base = {
        "source": "container",
        "defined": (path, _line_of(gathered.text(path), '"command"')) if content else None,
    }
    found = programs.find(words)
    if found and found.server is None:
        yield services.Definition(
            service if layout == "kolla" else found.name,
            services.project_of(found.name),
            layout,
            seen,
            program=found.name,
            arguments=found.arguments,
            **base,
        )
    elif (
        found
        or (words and posixpath.basename(words[0]) in ("httpd", "apache2", "apachectl"))
        or (words and not content)
    ):
        yield from _loaded(gathered, layout, service, seen, found, base)
    elif not words and services.role(service) != "unknown":
        program = {"nova-super-conductor": "nova-conductor", "nova-vnc-proxy": "nova-novncproxy"}.get(
            service, service
        )
        yield services.Definition(
            service, services.project_of(service), layout, seen, program=program, **base
        )


def _loaded(
    gathered: "Gathered",
    layout: str,
    service: str,
    seen: "View",
    found: Optional["programs.Started"],
    base: Dict[str, Any],
) -> Iterator["Definition"]:
    """Yield what a WSGI server in the container loads."""
    loaded: List[wsgi.Application] = []
    if found:
        path = programs.ini_of(found.arguments)
        host = seen.host(path) if path else None
        text = gathered.text(host) if host else None
        holder = wsgi.uwsgi(wsgi.of_arguments(found.arguments) if text is None else text)
        loaded += [holder] if holder else []
    else:
        for path in wsgi.files(wsgi.APACHE, seen, ".conf"):
            host = seen.host(path)
            loaded += wsgi.apache((gathered.text(host) if host else None) or "")
    program = (found.server if found else None) or "mod_wsgi"
    own = [item for item in loaded if services.role(item.name) == services.role(service)] or loaded
    if not own and services.role(service) != "unknown":
        own = [wsgi.Application(service, None, None, [], None, {}, None, None)]
    for item in own:
        yield services.Definition(
            service if layout == "kolla" else item.name,
            services.project_of(item.name),
            layout,
            seen,
            program=program,
            arguments=item.arguments,
            environment=item.environment,
            wsgi=True,
            **base,
        )


def _copied(tree: "Roots", source: str, dest: str, mounted: List[Tuple[str, str]]) -> List[Tuple[str, str]]:
    """Return (path in the container, path on the host) for an entry of config_files."""
    inside = view.View(tree, mounted)
    folder, pattern = posixpath.split(source)
    if "*" not in pattern:
        host = inside.host(source)
        target = posixpath.join(dest, pattern) if dest.endswith("/") else dest
        return [(posixpath.normpath(target), host)] if host else []
    host = inside.host(folder)
    if host is None:
        return []
    if pattern == "*":
        return [(posixpath.normpath(dest), host)]
    names, _ = tree.list(host)
    return [
        (posixpath.normpath(posixpath.join(dest, name)), posixpath.join(host, name))
        for name in fnmatch.filter(names, pattern)
    ]


def _puppet_tree(name: str, tree: "Roots") -> str:
    wanted = {"nova_compute": "nova_libvirt", "placement_api": "placement"}.get(name, name)
    return wanted if tree.is_folder("{}/{}".format(_PUPPET, wanted)) else "nova"


def _volumes(name: str, gathered: "Gathered") -> List[Tuple[str, str]]:
    """Return (path in the container, path on the host) of what is mounted, from TripleO's, RHOSO's or podman's files."""
    paths = [
        "{}/containers/{}.json".format(_RHOSO, name),
        "/etc/containers/systemd/{}.container".format(name),
    ]
    for step in range(6):
        paths.append("/var/lib/tripleo-config/container-startup-config/step_{}/{}.json".format(step, name))
    found = []
    for path in paths:
        for host, inside in _VOLUME.findall(gathered.text(path) or ""):
            if not inside.startswith((_SOURCE, "/dev", "/sys", "/proc", "/run")):
                found.append((posixpath.normpath(inside), posixpath.normpath(host)))
    return found


def _content(text: Optional[str]) -> Optional[Dict[str, Any]]:
    try:
        content = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _line_of(text: Optional[str], word: str) -> int:
    for number, line in enumerate((text or "").split("\n"), 1):
        if word in line:
            return number
    return 1
