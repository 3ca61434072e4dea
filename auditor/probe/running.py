"""Which services run: from processes to definitions, and what a deployer configured for them beside that.

What runs is what is audited: a configured service that runs takes its arguments, working directory, user and environment
from its process, and its files from the root that the process has. What is configured and does not run stays as it is.
"""

import json
import posixpath
import re
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from . import layouts, processes, programs, roots

if TYPE_CHECKING:
    from .gather import Gathered
    from .processes import Process, Processes
    from .roots import Roots
    from .services import Definition
    from .sockets import Sockets

_PYTHON = re.compile(r"(?:platform-)?python[0-9.]*")
_UWSGI = re.compile(r"uwsgi(?:[_-].*)?")
_APACHE = ("apache2", "httpd")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")

_DOCKER = "/var/lib/docker/containers/{}/config.v2.json"
_PODMAN = "/var/lib/containers/storage/overlay-containers/containers.json"


class Held(NamedTuple):
    """The container of a process: its engine, id, and name or None."""

    engine: str
    id: str
    name: Optional[str]


class Group:
    """The processes of one service.

    Attributes:
        main: `processes.Process`, the first of them. members: all, it among them. label: of its root. held: `Held` or None.
        environment: where its variables were seen: process, container, unit or unseen. named: what its command line
        starts, as `programs.Started`, or None where its title does not tell.
    """

    def __init__(
        self, main: "Process", label: str, held: Optional[Held], named: Optional["programs.Started"]
    ) -> None:
        self.main = main
        self.members = [main]
        self.label = label
        self.held = held
        self.named = named
        self.environment = "unseen" if main.environ is None else "process"


class Running:
    """The services that run on a host.

    Args:
        tree: `roots.Roots`, in which the roots of containers are entered.
        gathered: `gather.Gathered`.
        found: `processes.Processes`.
        sockets: `sockets.Sockets`.

    Attributes:
        groups: the `Group` of each service. labels: of the container that a process is in, by pid. riddles: what is ours
        and could not be told apart.
    """

    def __init__(self, tree: "Roots", gathered: "Gathered", found: "Processes", sockets: "Sockets") -> None:
        self.tree = tree
        self.gathered = gathered
        self.processes = found
        self.sockets = sockets
        self.riddles: List[str] = []
        self.labels: Dict[int, str] = {}
        self._held: Dict[int, Optional[Held]] = {}
        self._names: Optional[Dict[str, str]] = None
        self._by_root: Dict[Any, str] = {}
        for process in self._in_order():
            self._enter(process)
        self.groups = self._grouped()
        self.helpers = [pid for pid, process in found.found.items() if _is_privsep(process.argv)]

    def _in_order(self) -> List["Process"]:
        return sorted(self.processes.found.values(), key=lambda process: (process.started, process.pid))

    def definitions(self, configured: List["Definition"]) -> Iterator["Definition"]:
        """Yield what runs, then what is configured only; what both speak of is one."""
        waiting = list(configured)
        started = []
        for group in self.groups:
            for definition in self._started(group, waiting):
                definition.group = group
                started.append(definition)
        hidden = sum(
            one.group.environment == "unseen" and one.group.main.root is None for one in started if one.group
        )
        if hidden:
            self.riddles.append(
                "the variables of {} running services were denied, and may say otherwise than files: run it as root".format(
                    hidden
                )
            )
        is_running = {(one.project, one.view.label) for one in started}
        # In an order that a restart keeps: what a service is called follows from it where several have one name.
        yield from sorted(started, key=_place)
        for definition in waiting:
            # A configuration that nothing but its name speaks for is that of the processes.
            if definition.source != "tree" or (definition.project, "") not in is_running:
                yield definition

    def _started(self, group: Group, waiting: List["Definition"]) -> Iterator["Definition"]:
        # A title may hide what it loads, which its unit tells; Apache's files do in any case.
        known = [
            self._attached(definition, group, waiting)
            for definition in list(waiting)
            if self._is_loaded_by(definition, group)
        ]
        known = known or [self._claim(group, definition, waiting) for definition in self._own(group)]
        if not known and self._hides_nova(group):
            self.riddles.append(
                "process {} has loaded Nova or placement, and nothing says which service it is".format(
                    group.main.pid
                )
            )
        for definition in known:
            if group.environment == "unseen":
                self._find_environment(group, definition)
            yield definition

    def _own(self, group: Group) -> Iterator["Definition"]:
        """Yield what the command line of a group starts, as the process itself sees it."""
        named, main = group.named, group.main
        host = layouts.Host(self.tree, self.gathered, group.label)
        if named is None:
            if group.label and posixpath.basename(main.exe or main.argv[0]) in _APACHE:
                yield from layouts.apache(host)
            return
        executable = named.executable
        if not executable.startswith("/") and "/" in executable:
            executable = posixpath.normpath(posixpath.join(main.cwd or "/", executable))
        layout = _layout(executable, host.layout)
        known = {
            "environment": main.environ or {},
            "source": "container" if group.label else "process",
            "user": self.gathered.user(main.uid, group.label),
        }
        named = named._replace(executable=executable)
        for definition in layouts.definitions_of(named, layout, host, known, main.cwd):
            definition.virtualenv = _loaded_from(group, definition) or definition.virtualenv
            yield definition

    def _claim(self, group: Group, definition: "Definition", waiting: List["Definition"]) -> "Definition":
        """Return a running service with what was configured for it, which no longer waits."""
        unit = None if group.label else processes.unit(group.main.cgroup)
        fitting = [one for one in waiting if _is_same(one, definition, group)]
        by_unit = [one for one in fitting if unit is not None and _unit_of(one) == unit]
        by_arguments = [one for one in fitting if one.arguments == definition.arguments]
        for one in (by_unit or by_arguments or fitting)[:1]:
            waiting.remove(one)
            definition.name = one.name if one.source == "container" else definition.name
            definition.layout = one.layout
            definition.defined = one.defined
            if group.label:
                definition.copies = list(self._copies(one, definition))
            elif group.environment == "unseen" and one.defined is not None:
                definition.environment = dict(one.environment)
                group.environment = "unit"
        return definition

    def _attached(self, definition: "Definition", group: Group, waiting: List["Definition"]) -> "Definition":
        waiting.remove(definition)
        definition.source = "process"
        definition.user = self.gathered.user(group.main.uid)
        if group.main.environ is not None:
            definition.environment = dict(definition.environment, **group.main.environ)
        elif group.environment == "unseen":
            group.environment = "unit"
        return definition

    @staticmethod
    def _is_loaded_by(definition: "Definition", group: Group) -> bool:
        is_told = group.named is not None and not group.main.title.startswith("uwsgi")
        if group.label or not definition.wsgi or definition.view.is_opaque or is_told:
            return False
        program = posixpath.basename(group.main.exe or group.main.argv[0])
        if definition.program == "mod_wsgi":
            return program in _APACHE
        unit = processes.unit(group.main.cgroup)
        if _UWSGI.fullmatch(program) is None:
            return False
        if unit is not None and _unit_of(definition) == unit:
            return True
        return group.named is not None and definition.name == group.named.name

    def _hides_nova(self, group: Group) -> bool:
        """Whether what a title hides is of an environment that holds Nova or placement, and that is not everybody's."""
        if not group.main.title.startswith("uwsgi"):
            return False
        prefixes = {prefix for member in group.members for prefix in member.mapped} - {"/usr", "/usr/local"}
        return any(
            name.startswith(("nova-", "openstack_placement-"))
            for prefix in prefixes
            for version in self.tree.list(roots.joined(group.label, prefix + "/lib"))[0]
            for name in self.tree.list(
                roots.joined(group.label, "{}/lib/{}/site-packages".format(prefix, version))
            )[0]
        )

    def _copies(self, prepared: "Definition", running: "Definition") -> Iterator[Dict[str, Any]]:
        """Yield the files that the host prepares for a container, each with whether the container has the same."""
        for path, host in sorted(prepared.view.mapped):
            inside = running.view.host(path)
            if not path.endswith((".conf", ".ini", ".json", ".yaml")) or inside is None:
                continue
            there, here = self.gathered.text(host), self.gathered.text(inside)
            if there is not None and here is not None:
                self.gathered.note(host)
                yield {"path": path, "host": host, "differs": there != here}

    def _find_environment(self, group: Group, definition: "Definition") -> None:
        """Take the variables from another process of the same container, where the own ones are overwritten."""
        if not group.label:
            return
        for pid in self.processes.ancestors(group.main.pid):
            if self.processes.root(str(pid)) != group.main.root:
                return
            variables = self.processes.environ(pid)
            if variables is not None:
                # What it was started with; what stands further out may have been taken from it.
                definition.environment = dict(variables, **definition.environment)
                group.environment = "container"
                return

    def _grouped(self) -> List[Group]:
        groups: List[Group] = []
        of: Dict[int, Group] = {}
        names: Dict[int, Any] = {}
        for process in self._in_order():
            program = posixpath.basename(process.exe or process.argv[0])
            named = _titled(process) if process.title.startswith("uwsgi") else started_by(process.argv)
            is_server = bool(_UWSGI.fullmatch(program)) or program in _APACHE
            if _is_privsep(process.argv) or (named is None and not is_server):
                continue
            names[process.pid] = (named.name or named.server) if named else program
            parent = next((pid for pid in self.processes.ancestors(process.pid) if pid in of), None)
            label = self.labels.get(process.pid, "")
            same = parent is not None and of[parent].label == label
            if same and parent is not None and _is_worker(process, of[parent], names, parent):
                of[parent].members.append(process)
                of[process.pid] = of[parent]
            elif not process.title.endswith("worker"):
                of[process.pid] = Group(process, label, self._held.get(process.pid), named)
                groups.append(of[process.pid])
        return groups

    def _enter(self, process: "Process") -> None:
        """Find out in which root a process is, and make that known under a label."""
        found = self.processes
        if process.root is not None and process.root == found.own_root:
            return
        engine, identity = found.container(process) or ("", "")
        if process.root is None and not identity:
            return
        key = identity or process.root
        if key not in self._by_root:
            name = self._name(engine, identity, process.pid)
            label = name if name and _LABEL.fullmatch(name) else identity[:12] or "pid{}".format(process.pid)
            if label in self._by_root.values():
                label = "{}.{}".format(label, identity[:12] or process.pid)
            self._by_root[key] = label
            self.tree.enter(label, "{}/{}/root".format(found.proc, process.pid))
        self.labels[process.pid] = self._by_root[key]
        name = self._name(engine, identity, process.pid)
        self._held[process.pid] = Held(engine or "unknown", identity[:12] or "", name)

    def _name(self, engine: str, identity: str, pid: int) -> Optional[str]:
        """Return the name of a container, from what its engine keeps of it on the host's disk."""
        if engine == "docker":
            text = self.gathered.text(_DOCKER.format(identity))
            match = re.search(r'"Name":\s*"/?([A-Za-z0-9_.-]+)"', text or "")
            return match.group(1) if match else None
        if engine == "podman":
            if self._names is None:
                self._names = _podman_names(self.gathered.text(_PODMAN))
            return self._names.get(identity)
        if engine == "kubernetes":
            environ = self.processes.found[pid].environ
            return environ.get("HOSTNAME") if environ else None
        return identity or None

    def record(self, definition: "Definition") -> Dict[str, Any]:
        """Return what the evidence says of the processes of a service (PROCESS in ``auditor/evidence.py``)."""
        group = definition.group
        if group is None:
            status = "none" if self.processes.is_whole else "unseen"
            return {"status": status, "reason": self.processes.reason}
        peers, reason = self.sockets.connections([member.pid for member in group.members])
        held = group.held
        return {
            "status": "running",
            "reason": "",
            "pid": group.main.pid,
            "started": group.main.started,
            "latest": max(member.started for member in group.members),
            "count": len(group.members),
            "user": self.gathered.redactor.value(self.gathered.user(group.main.uid, group.label), ("word",)),
            "environment": group.environment,
            "container": held and {"engine": held.engine, "id": held.id, "name": held.name},
            "peers": peers,
            "peers_reason": reason,
            "shared": posixpath.basename(group.main.exe or group.main.argv[0]) in _APACHE,
        }

    def listed(self, definitions: List[Tuple["Definition", Dict[str, Any]]]) -> Iterator[Dict[str, Any]]:
        """Yield the evidence's list of processes, given definitions with their records."""
        owner: Dict[int, str] = {}
        for definition, record in definitions:
            for member in definition.group.members if definition.group else ():
                owner.setdefault(member.pid, record["id"])
        helped = set(self.helpers)
        mains = {group.main.pid for group in self.groups}
        for process in self._in_order():
            if process.pid not in owner and process.pid not in helped:
                continue
            kind = "privsep" if process.pid in helped else "main" if process.pid in mains else "worker"
            yield {
                "pid": process.pid,
                "parent": process.parent,
                "service": owner.get(process.pid) or self._helped(process, owner),
                "kind": kind,
                "user": self.gathered.redactor.value(
                    self.gathered.user(process.uid, self.labels.get(process.pid, "")), ("word",)
                ),
                "started": process.started,
                "root": self.labels.get(process.pid, ""),
            }

    def _helped(self, process: "Process", owner: Dict[int, str]) -> Optional[str]:
        """Return the service that a privsep daemon works for: its ancestor, or the only one in the same cgroup."""
        for pid in self.processes.ancestors(process.pid):
            if pid in owner:
                return owner[pid]
        found = self.processes.found
        beside = {owner[pid] for pid in owner if found[pid].cgroup == process.cgroup}
        return beside.pop() if len(beside) == 1 else None


def _place(definition: "Definition") -> Tuple[Any, ...]:
    chosen = {name: definition.environment[name] for name in definition.environment if name.startswith("OS_")}
    main = definition.group.main if definition.group else None
    return (
        definition.name,
        definition.view.label,
        definition.defined or ("", 0),
        definition.arguments,
        sorted(chosen.items()),
        definition.cwd or "",
        definition.user or "",
        main.started if main else 0,
    )


def started_by(argv: List[str]) -> Optional["programs.Started"]:
    """Return what a process's own command line starts, as `programs.Started`, or None where it is none of ours.

    Other than in a unit, nothing may stand before it but the interpreter: ``grep nova-compute`` is no service.
    """
    if not argv or not argv[0]:
        return None
    place = 0
    if _PYTHON.fullmatch(posixpath.basename(argv[0])):
        place = _script(argv)
        if not place:
            return None
    found = programs.find(argv[place : place + 1])
    if found is None or found.executable != argv[place]:
        return None
    # Its arguments are what they are: no shell takes them apart.
    arguments = argv[place + 1 :]
    name = found.name or next((one for one in map(_application, arguments) if one), "")
    return found._replace(name=name, arguments=arguments)


def _titled(process: "Process") -> "programs.Started":
    """Return what a title of uWSGI's tells: its prefix, and the arguments that it left."""
    name = programs.application(process.argv[0]) or next(
        filter(None, map(_application, process.argv[1:])), ""
    )
    return programs.Started(name, process.exe or "", process.argv[1:], "uwsgi")


def _script(argv: List[str]) -> int:
    """Return where the script stands among the arguments of an interpreter, 0 where there is none."""
    place = 1
    while place < len(argv) and argv[place].startswith("-"):
        if argv[place] in ("-c", "-m", "-"):
            return 0
        place += 2 if argv[place] in ("-W", "-X") else 1
    return place if place < len(argv) else 0


def _application(word: str) -> Optional[str]:
    return programs.application(word.partition("=")[2] or word)


def _is_privsep(argv: List[str]) -> bool:
    return any(posixpath.basename(word) == "privsep-helper" for word in argv[:2])


def _is_worker(process: "Process", group: Group, names: Dict[int, Any], parent: int) -> bool:
    """Whether a process belongs to the group of its ancestor: the same program, not a vassal with a file of its own."""
    if names[process.pid] != names[parent]:
        return False
    return (
        process.title.endswith("worker")
        or process.argv == group.main.argv
        or group.named is None
        or not group.named.server
    )


def _is_same(configured: "Definition", running: "Definition", group: Group) -> bool:
    """Whether a configured service may be the one that runs."""
    if configured.project != running.project or configured.view.label or configured.group is not None:
        return False
    if not group.label:
        return configured.source not in ("container", "tree") and configured.name == running.name
    name = group.held.name if group.held and group.held.name else ""
    return configured.source == "container" and (
        configured.name == name.replace("_", "-") or (not name and configured.program == running.program)
    )


def _unit_of(definition: "Definition") -> Optional[str]:
    base = posixpath.basename(definition.defined[0]) if definition.defined else ""
    return base[: -len(".service")] if base.endswith(".service") else None


def _layout(executable: str, otherwise: str) -> str:
    for start, layout in (
        ("/var/lib/kolla/", "kolla"),
        ("/var/lib/openstack/", "openstack-helm"),
        ("/openstack/venvs/", "openstack-ansible"),
        ("/snap/openstack-hypervisor/", "snap"),
        ("/opt/stack/", "devstack"),
    ):
        if executable.startswith(start):
            return layout
    return otherwise


def _loaded_from(group: Group, definition: "Definition") -> Optional[str]:
    """Return the prefix of the Python environment that the processes have loaded, where that is one alone."""
    prefixes = list(dict.fromkeys(prefix for member in group.members for prefix in member.mapped))
    prefixes = list(dict.fromkeys("/usr" if prefix == "/usr/local" else prefix for prefix in prefixes))
    own = posixpath.dirname(posixpath.dirname(definition.executable or ""))
    if own in prefixes:
        return own
    several = [prefix for prefix in prefixes if prefix != "/usr"] if len(prefixes) > 1 else prefixes
    return several[0] if len(several) == 1 else None


def _podman_names(text: Optional[str]) -> Dict[str, str]:
    try:
        listed = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return {}
    return {
        item["id"]: str(item["names"][0])
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict) and isinstance(item.get("id"), str) and item.get("names")
    }
