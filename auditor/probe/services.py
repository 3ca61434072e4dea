"""From a definition of a service, found in some layout, to its record in the evidence."""

from . import order

#: Where accounts live when no passwd file says it; packages and containers create them so.
HOMES = {
    "nova": "/var/lib/nova",
    "placement": "/var/lib/placement",
    "root": "/root",
    "stack": "/opt/stack",
}


class Definition:
    """What a layout says about a service. Paths are as the service sees them.

    Attributes:
        name, project, layout, source, program: as in the evidence.
        arguments: the command line after the program.
        environment: all variables known, secrets among them: redacted before they leave.
        defined: (path on the host, line) or None.
        user: or None where nothing says it. cwd: of the process. wsgi: whether a WSGI server loads it.
        view: `view.View`. executable, virtualenv: of the service, in its own eyes, or None.
        unit: what defines it, to tell services of one name apart.
    """

    def __init__(self, name, project, layout, view, **known):
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
        self.unit = known.pop("unit", None)
        if known:
            raise TypeError("unknown: {}".format(sorted(known)))


def project_of(name):
    """Return the project that a service belongs to by its name."""
    return "placement" if name.startswith("placement") else "nova"


def role(name):
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
    return {"n-cond": "conductor", "n-sch": "scheduler", "n-cpu": "compute"}.get(word.partition("@")[2] or word, "unknown")


def record(definition, gathered):
    """Return the record of a service (``auditor/evidence.py``), its files added to what is gathered."""
    view = definition.view
    user = definition.user or ("placement" if definition.project == "placement" else "nova")
    home = definition.home or _home(user, view, gathered)
    found = order.order(
        definition.project,
        definition.program,
        definition.arguments,
        definition.environment,
        home,
        definition.wsgi,
        view,
        definition.cwd,
    )
    paths = {}
    sources = []
    for source in found.sources:
        host = view.host(source.path)
        paths[source.path] = None if host is None else gathered.add(host, "oslo")
        sources.append({"path": source.path, "file": paths[source.path], "how": source.how})
    return {
        "id": definition.name,
        "name": definition.name,
        "project": definition.project,
        "role": role(definition.name),
        "source": definition.source,
        "layout": definition.layout,
        "program": definition.program,
        "defined": definition.defined and {"path": definition.defined[0], "line": definition.defined[1]},
        "user": definition.user,
        "home": home,
        "wsgi": definition.wsgi,
        "arguments": [],
        "environment": {},
        "sources": sources,
        "config_files": found.config_files,
        "config_dirs": found.config_dirs,
        "paths": paths,
        "opaque": view.is_opaque,
        "interpreter": None,
    }


def _home(user, view, gathered):
    host = view.host("/etc/passwd")
    for line in (gathered.text(host) or "").split("\n") if host else ():
        parts = line.split(":")
        if len(parts) > 5 and parts[0] == user and parts[5].startswith("/"):
            return parts[5]
    return HOMES.get(user)
