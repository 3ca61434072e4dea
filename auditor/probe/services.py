"""From a definition of a service, found in some layout, to its record in the evidence."""

import posixpath
import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from . import commands, formats, order, references, roots

if TYPE_CHECKING:
    from .cells import Listings
    from .gather import Gathered
    from .libraries import Environments
    from .redact import Redactor
    from .running import Group
    from .view import View

#: Where accounts live when no passwd file says it; packages and containers create them so.
HOMES = {
    "nova": "/var/lib/nova",
    "placement": "/var/lib/placement",
    "root": "/root",
    "stack": "/opt/stack",
}

_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?")

#: What nova calls itself under any WSGI server, where it does (nova 33, nova/wsgi/*.py): prog of oslo.config.
_NAMED_BY_NOVA = {"api": "nova-api-os-compute", "metadata": "nova-api-metadata"}


class Definition:
    """What a layout says about a service. Paths are as the service sees them.

    Attributes:
        name, project, layout, source, program: as in the evidence.
        arguments: the command line after the program.
        environment: all variables known, secrets among them: redacted before they leave.
        defined: (path on the host, line) or None.
        user: or None where nothing says it. cwd: of the process. wsgi: whether a WSGI server loads it.
        view: `view.View`. executable, virtualenv: of the service, in its own eyes, or None.
        group: the `running.Group` of processes that run it, or None. copies: as in the evidence.
    """

    def __init__(self, name: str, project: str, layout: str, view: "View", **known: Any) -> None:
        self.name = name
        self.project = project
        self.layout = layout
        self.view = view
        self.source = known.pop("source", "unit")
        self.program = known.pop("program", name)
        self.arguments = known.pop("arguments", [])
        self.environment = known.pop("environment", {})
        self.defined = known.pop("defined", None)
        self.user = known.pop("user", None)
        self.home = known.pop("home", None)
        self.cwd = known.pop("cwd", None)
        self.wsgi = known.pop("wsgi", False)
        self.executable = known.pop("executable", None)
        self.virtualenv = known.pop("virtualenv", None)
        self.group: Optional[Group] = None
        self.copies: List[Dict[str, Any]] = []
        if known:
            raise TypeError("unknown: {}".format(sorted(known)))


def project_of(name: str) -> str:
    """Return the project that a service belongs to by its name."""
    return "placement" if name.startswith("placement") else "nova"


def role(name: str) -> str:
    """Return the role (``auditor.model.Role``) that the name of a program or unit says."""
    word = name.replace("_", "-").lower()
    for part, meaning in (
        ("novnc", "console-proxy"),
        ("spicehtml5", "console-proxy"),
        ("serialproxy", "console-proxy"),
        ("xvpvnc", "console-proxy"),
        ("placement", "placement"),
        ("metadata", "metadata"),
        ("conductor", "conductor"),
        ("scheduler", "scheduler"),
        ("compute-api", "api"),
        ("os-compute", "api"),
        ("osapi", "api"),
        ("api", "api"),
        ("compute", "compute"),
    ):
        if part in word:
            return meaning
    return {"n-cond": "conductor", "n-sch": "scheduler", "n-cpu": "compute"}.get(
        word.partition("@")[2] or word, "unknown"
    )


def record(
    definition: "Definition",
    gathered: "Gathered",
    environments: "Environments",
    listings: "Optional[Listings]" = None,
) -> Dict[str, Any]:
    """Return the record of a service (``auditor/evidence.py``), its files added to what is gathered.

    ``definition`` is a `Definition`, ``gathered`` a `gather.Gathered`, ``environments`` a `libraries.Environments`, and
    ``listings`` a `cells.Listings` where its cells are asked for.
    """
    seen = definition.view
    user = definition.user or ("placement" if definition.project == "placement" else "nova")
    home = definition.environment.get("HOME") or definition.home or _home(user, seen, gathered)
    cwd = home if definition.cwd == "~" else definition.cwd
    definition.cwd = cwd
    environment = environments.of(definition)
    if definition.wsgi and definition.project == "nova" and environments.names_itself(environment):
        definition.program = _NAMED_BY_NOVA.get(role(definition.name), definition.program)
    found = order.order(
        definition.project,
        definition.program,
        definition.arguments,
        definition.environment,
        home,
        definition.wsgi,
        seen,
        cwd=cwd or "/",
        dist=definition.layout == "rdo",
    )
    paths: Dict[str, Optional[str]] = {}
    sources: List[Dict[str, Any]] = []
    unseen = hidden(definition)
    if unseen:
        # What it reads would follow from this alone: a guess in its place would be judged as if it were read.
        found = order.Order([], [], [])
        sources.append({"path": unseen[0], "file": gathered.deny(*unseen), "how": "argument"})
    for source in found.sources:
        host = seen.host(source.path)
        if host is None and source.how == "default":
            # What the package ships (api-paste.ini): in the image, unless somebody mounts another over it.
            gathered.leave_out(source.path, "it lies in the image of {}".format(definition.name))
            continue
        paths[source.path] = None if host is None else _add(source, host, gathered)
        sources.append({"path": source.path, "file": paths[source.path], "how": source.how})
    follower = references.References(definition, found, home, gathered, gathered.redactor.schema)
    followed = follower.follow()
    followed.update(paths)
    redactor = gathered.redactor
    item: Dict[str, Any] = {
        "id": definition.name,
        "name": definition.name,
        "project": definition.project,
        "role": role(definition.name),
        "source": definition.source,
        "layout": definition.layout,
        "program": definition.program,
        "defined": definition.defined and {"path": definition.defined[0], "line": definition.defined[1]},
        "user": definition.user and redactor.value(definition.user, ("word",)),
        "home": home,
        "wsgi": definition.wsgi,
        "arguments": commands.redact(definition.arguments, redactor),
        "environment": _variables(definition.environment, redactor),
        "sources": sources,
        "config_files": found.config_files,
        "config_dirs": found.config_dirs,
        "paths": followed,
        "opaque": seen.is_opaque,
        "interpreter": environment,
        "copies": definition.copies,
        "names": _names(definition, found, gathered),
    }
    if listings is not None:
        item["cells"] = listings.of(definition, found, item)
        for row in item["cells"]["rows"] if item["cells"] else ():
            follower.follow_cell(row["transport_url"], row["database_connection"])
    gathered.pairs.extend(follower.pairs())
    return item


def hidden(definition: "Definition") -> Optional[Tuple[str, str]]:
    """Return (path, reason) of what was not seen of a process although its files follow from it, or None."""
    group = definition.group
    if group is None:
        return None
    if definition.wsgi and group.environment == "unseen":
        reason = "the variables of its process, which say where its configuration lies, were not seen"
        return "/proc/{}/environ".format(group.main.pid), reason
    if group.main.cwd is None and order.names_relative(definition.arguments):
        reason = "the working directory of its process, from which its files are named, was not seen"
        return "/proc/{}/cwd".format(group.main.pid), reason
    return None


def _add(source: "order.Source", host: str, gathered: "Gathered") -> str:
    if source.how.endswith("-dir") and (gathered.tree.is_folder(host) or not source.path.endswith(".conf")):
        return gathered.add_folder(host)
    return gathered.add(host, "paste" if posixpath.basename(source.path).startswith("api-paste") else "oslo")


def name_apart(records: List[Dict[str, Any]]) -> None:
    """Give services of one name ids of their own: from what defines them, the container they run in, or a number."""
    taken = set()
    names = [item["name"] for item in records]
    for item in records:
        identity = item["name"]
        if names.count(identity) > 1 and item["defined"]:
            base = posixpath.basename(item["defined"]["path"])
            unit = base[: -len(".service")] if base.endswith(".service") else base
            identity = "{}@{}".format(identity, unit.partition("@")[2] or unit)
        elif names.count(identity) > 1 and _label_of(item):
            identity = "{}@{}".format(identity, _label_of(item))
        base, number = identity, 2
        while identity in taken:
            identity = "{}@{}".format(base, number)
            number += 1
        taken.add(identity)
        item["id"] = identity


def _label_of(item: Dict[str, Any]) -> str:
    """Return the label of the container that the files of a record lie in, or ""."""
    files = [source["file"] for source in item["sources"] if source["file"]]
    return roots.split(files[0])[0] if files else ""


def _variables(environment: Dict[str, str], redactor: "Redactor") -> Dict[str, str]:
    """Return the variables that decide something about a service, redacted."""
    kept = {}
    for name, value in environment.items():
        if name.startswith("OS_") or redactor.schema.of("environment", name):
            kept[redactor.variable(name)] = formats.variable(name, value, redactor)
    return kept


def _names(definition: "Definition", found: "order.Order", gathered: "Gathered") -> Dict[str, List[str]]:
    """Return the addresses that the service's own /etc/hosts gives to names which its configuration holds."""
    seen = definition.view
    hosts = seen.host("/etc/hosts")
    known: Dict[str, List[str]] = {}
    for line in (gathered.text(hosts) or "").split("\n") if hosts else ():
        words = line.partition("#")[0].split()
        for name in words[1:]:
            known.setdefault(name.lower(), []).append(words[0])
    if not known:
        return {}
    files = [seen.host(source.path) for source in found.sources]
    texts = [gathered.text(path) or "" for path in files if path]
    said = {word.lower() for text in texts for word in _HOST_NAME.findall(text)}
    return {name: known[name] for name in sorted(known) if name in said and _HOST_NAME.fullmatch(name)}


def _home(user: str, view: "View", gathered: "Gathered") -> Optional[str]:
    host = view.host("/etc/passwd")
    for line in (gathered.text(host) or "").split("\n") if host else ():
        parts = line.split(":")
        if len(parts) > 5 and parts[0] == user and parts[5].startswith("/"):
            return parts[5]
    return HOMES.get(user)
