"""Which services are configured: every layout that a deployer may have left, looked for in turn.

Where nothing says which services run, a configuration file alone is one service of its project.
"""

import posixpath
import re
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional, Set, Tuple

from . import containers, order, programs, roots, scripts, services, units, view, wsgi

if TYPE_CHECKING:
    from .gather import Gathered
    from .roots import Roots

_UNITS = re.compile(r"nova|placement|uwsgi|gunicorn|devstack@|openstack")
_SCRIPTS = re.compile(r"(?:openstack-)?(?:nova-[a-z0-9-]+|placement-api)")
_SNAP = re.compile(r"snap\.openstack-hypervisor\.(nova-[a-z-]+)")
_SNAP_COMMON = "/var/snap/openstack-hypervisor/common"
_SNAP_CURRENT = "/snap/openstack-hypervisor/current"
_PODS = "/tmp"  # where OpenStack-Helm mounts the scripts of a pod


class Host:
    """What the layouts of one host share.

    Attributes:
        seen: `view.View` of services that see the host's own files, or those of the container that ``label`` names.
        layout: that of services which nothing else tells: debian, rdo or plain.
        used: paths of uWSGI's files and of init scripts that some unit has started.
    """

    def __init__(self, tree: "Roots", gathered: "Gathered", label: str = "") -> None:
        self.tree = tree
        self.gathered = gathered
        self.seen = view.View(tree, label=label)
        self.used: Set[str] = set()
        is_rdo = any(
            tree.exists(roots.joined(label, path))
            for path in ("/usr/share/nova/nova-dist.conf", "/etc/redhat-release", "/etc/sysconfig")
        )
        is_debian = any(
            tree.exists(roots.joined(label, path))
            for path in ("/etc/debian_version", "/var/lib/dpkg", "/usr/lib/python3/dist-packages")
        )
        self.layout = "rdo" if is_rdo else "debian" if is_debian else "plain"

    def text(self, path: str) -> str:
        """Return the text of a file that belongs to the definition of services; it enters the evidence as metadata."""
        path = roots.joined(self.seen.label, path)
        self.gathered.add(path, "other")
        return self.gathered.text(path) or ""

    def glance(self, path: str) -> Optional[str]:
        """Return the text of a file, or None; it does not enter the evidence."""
        return self.gathered.text(roots.joined(self.seen.label, path))


def find(tree: "Roots", gathered: "Gathered", request: Dict[str, Any]) -> Iterator[services.Definition]:
    """Yield a `services.Definition` for each service that is configured on the host.

    In a request ``config_files`` and ``config_dirs``, where given, are those of the only service; ``services`` names it, or
    those that a configuration file alone stands for.
    """
    if request.get("config_files") or request.get("config_dirs"):
        yield _explicit(tree, request)
        return
    host = Host(tree, gathered)
    projects = set()
    for contained in (containers.kolla, containers.tripleo, containers.rhoso):
        for definition in contained(tree, gathered):
            projects.add(definition.project)
            yield definition
    for search in (_snap, _units, _init_scripts, _pods, apache, _uwsgi):
        for definition in search(host):
            projects.add(definition.project)
            yield definition
    yield from _plain(host, request, projects)


def _explicit(tree: "Roots", request: Dict[str, Any]) -> services.Definition:
    arguments = ["--config-file=" + path for path in request.get("config_files") or ()]
    arguments += ["--config-dir=" + path for path in request.get("config_dirs") or ()]
    by_file = "placement" if any("placement" in argument for argument in arguments) else "nova"
    name = (request.get("services") or [by_file])[0]
    project = services.project_of(name)
    return services.Definition(
        name,
        project,
        "plain",
        view.View(tree),
        source="tree",
        program=_program(name, project),
        arguments=arguments,
    )


def _program(name: str, project: str) -> str:
    """Return prog where a name given by the operator is that of a program; the project alone names none."""
    return "" if name == project else name


def _units(host: Host) -> Iterator[services.Definition]:
    for unit in units.find(host.gathered, _UNITS):
        yield from _unit(unit, host)


def _unit(unit: units.Unit, host: Host) -> Iterator[services.Definition]:
    words = unit.command
    environment = dict(unit.environment)
    layout = host.layout
    if _SNAP.fullmatch(unit.name):
        return
    script = words[0] if words and words[0].startswith("/etc/init.d/") else None
    if script:
        host.used.add(script)
        host.text(script)
        layout = "debian"
        try:
            run = scripts.command(script, host.gathered)
        except scripts.Disabled as reason:
            host.gathered.leave_out(unit.path, str(reason))
            return
        words = run.words
        environment.update(run.environment)
    started = programs.find(words)
    if started is None:
        return
    host.gathered.add(unit.path, "unit")
    for path in unit.files:
        host.gathered.add(path, "environment")
    if unit.name.startswith("devstack@"):
        layout = "devstack"
    elif "/openstack/venvs/" in started.executable:
        layout = "openstack-ansible"
    known = {"environment": environment, "defined": (unit.path, unit.line), "user": unit.user}
    yield from definitions_of(started, layout, host, known, unit.cwd)


def definitions_of(
    started: programs.Started, layout: str, host: Host, known: Dict[str, Any], cwd: Optional[str] = None
) -> Iterator[services.Definition]:
    """Yield a `services.Definition` of what a command line starts, directly or through a WSGI server."""
    if started.server is None:
        yield services.Definition(
            started.name,
            services.project_of(started.name),
            layout,
            host.seen,
            program=started.name,
            arguments=started.arguments,
            executable=started.executable,
            cwd=cwd,
            **known,
        )
        return
    named = programs.ini_of(started.arguments)
    paths: List[Optional[str]] = [named]
    emperor = programs.value_of(started.arguments, "--emperor")
    if emperor:
        paths = list(wsgi.files((emperor,), host.seen, ".ini"))
    for path in paths:
        if path is not None:
            host.used.add(path)
        text = host.text(path) if path else wsgi.of_arguments(started.arguments)
        loaded = wsgi.uwsgi(text)
        if loaded is None and started.name:
            loaded = wsgi.Application(started.name, None, None, [], None, {}, None, None)
        if loaded is None:
            loaded = _unreadable(path, host)
        if loaded is not None:
            pyargv = programs.value_of(started.arguments, "--pyargv")
            yield _loaded(
                loaded, started.server, layout, host, known, None if pyargv is None else pyargv.split()
            )


def _unreadable(path: Optional[str], host: Host) -> Optional[wsgi.Application]:
    """The application that the name of a file which cannot be read tells."""
    if path is None or host.glance(path) is not None:
        return None
    name = programs.application(posixpath.basename(path).replace(".ini", "").replace("-uwsgi", ""))
    return wsgi.Application(name, None, None, [], None, {}, None, None) if name else None


def _loaded(
    loaded: wsgi.Application,
    program: str,
    layout: str,
    host: Host,
    known: Dict[str, Any],
    arguments: Optional[List[str]] = None,
) -> services.Definition:
    known = dict(known)
    known["environment"] = dict(known.get("environment", {}), **loaded.environment)
    known["user"] = loaded.user or known.get("user")
    if "/openstack/venvs/" in (loaded.virtualenv or "") + (loaded.application or ""):
        layout = "openstack-ansible"
    is_path = (loaded.application or "").startswith("/")
    return services.Definition(
        loaded.name,
        services.project_of(loaded.name),
        layout,
        host.seen,
        program=program,
        arguments=loaded.arguments if arguments is None else arguments,
        wsgi=True,
        executable=loaded.application if is_path else None,
        virtualenv=loaded.virtualenv,
        cwd=loaded.cwd,
        **known,
    )


def _init_scripts(host: Host) -> Iterator[services.Definition]:
    names, _ = host.tree.list("/etc/init.d")
    for name in names:
        path = "/etc/init.d/" + name
        if not _SCRIPTS.fullmatch(name) or path in host.used:
            continue
        if units.is_masked(name, host.gathered):
            host.gathered.leave_out(path, "its unit is masked: systemd does not start it")
            continue
        host.text(path)
        try:
            run = scripts.command(path, host.gathered)
        except scripts.Disabled as reason:
            host.gathered.leave_out(path, str(reason))
            continue
        started = programs.find(run.words)
        if started:
            known = {"environment": run.environment, "defined": (path, 1), "user": run.user}
            yield from definitions_of(started, "debian", host, known)


def _pods(host: Host) -> Iterator[services.Definition]:
    names, _ = host.tree.list(_PODS)
    for name in names:
        path = posixpath.join(_PODS, name)
        if not name.endswith(".sh") or not (
            name.startswith(("nova-", "placement-")) and _is_of_root(host, path)
        ):
            continue
        started = scripts.started(host.text(path))
        if started:
            known = {"source": "container", "defined": (path, _line(host.text(path), started)), "user": None}
            yield from definitions_of(started, "openstack-helm", host, known)


def _is_of_root(host: Host, path: str) -> bool:
    """Return whether a file is root's, as what Kubernetes mounts is: in this folder anybody may put one of that name."""
    seen = host.tree.look(path).stat
    is_roots = seen is not None and (seen.st_uid == 0 or not host.gathered.shows_owners)
    return is_roots and host.tree.is_file(path)


def _line(text: str, started: programs.Started) -> int:
    word = posixpath.basename(started.executable)
    for number, line in enumerate(text.split("\n"), 1):
        if word in line and not line.lstrip().startswith("#"):
            return number
    return 1


def _snap(host: Host) -> Iterator[services.Definition]:
    if not host.tree.exists(_SNAP_COMMON + "/etc/nova"):
        return
    started: List[Tuple[str, Optional[Tuple[str, int]]]] = []
    for unit in units.find(host.gathered, _SNAP):
        match = _SNAP.fullmatch(unit.name)
        if match:
            started.append((match.group(1), (unit.path, unit.line)))
    current = "/snap/openstack-hypervisor/" + _revision(host.tree)
    for name, defined in started or [("nova-compute", None)]:
        # The snap's service script names the folder and the file (snap-openstack-hypervisor, services.py).
        arguments = [
            "--config-file",
            _SNAP_COMMON + "/etc/nova/nova.conf",
            "--config-dir",
            _SNAP_COMMON + "/etc/nova/nova.conf.d",
        ]
        yield services.Definition(
            name,
            "nova",
            "snap",
            host.seen,
            arguments=arguments,
            environment={"SNAP_COMMON": _SNAP_COMMON, "SNAP": current},
            defined=defined,
            user="root",
            executable=posixpath.join(current, "usr/bin", name),
            virtualenv=current + "/usr",
        )


def _revision(tree: "Roots") -> str:
    if tree.exists(_SNAP_CURRENT):
        return "current"
    numbers = [name for name in tree.list("/snap/openstack-hypervisor")[0] if name.isdigit()]
    return max(numbers, key=int) if numbers else "current"


def apache(host: Host) -> Iterator[services.Definition]:
    """Yield a `services.Definition` for each service that the configuration of Apache loads."""
    environment = {}
    for path in wsgi.APACHE_ENVIRONMENT:
        environment.update(units.variables(host.glance(path) or ""))
    environment = {name: value for name, value in environment.items() if name.startswith("OS_")}
    for path in wsgi.files(wsgi.APACHE, host.seen, ".conf"):
        for loaded in wsgi.apache(host.glance(path) or ""):
            host.text(path)
            known = {"environment": environment, "defined": (path, loaded.line), "user": "apache"}
            yield _loaded(loaded, "mod_wsgi", host.layout, host, known)


def _uwsgi(host: Host) -> Iterator[services.Definition]:
    for path in wsgi.files(wsgi.UWSGI, host.seen, ".ini"):
        if path in host.used:
            continue
        loaded = wsgi.uwsgi(host.glance(path) or "")
        if loaded:
            host.text(path)
            yield _loaded(loaded, "uwsgi", host.layout, host, {"defined": (path, loaded.line)})


def _plain(host: Host, request: Dict[str, Any], projects: Set[str]) -> Iterator[services.Definition]:
    for project in ("nova", "placement"):
        if project in projects:
            continue
        places = order.search_path(project, {}, services.HOMES[project])
        wanted = [posixpath.join(place, project + ".conf") for place in places]
        wanted += [posixpath.join(place, project + ".conf.d") for place in places]
        path = next((path for path in wanted if host.tree.exists(path)), None)
        seen = host.seen
        if path is None and host.tree.exists("/{}.conf".format(project)):
            # The folder of the configuration alone, captured without what lies around it.
            seen = view.View(host.tree, [("/etc/" + project, "/"), ("/", "/")])
        elif path is None:
            continue
        asked = [name for name in request.get("services") or () if services.project_of(name) == project]
        for name in asked or [project]:
            yield services.Definition(
                name,
                project,
                host.layout,
                seen,
                source="tree",
                program=_program(name, project),
            )
