"""The libraries of a service's own interpreter: versions from metadata, capabilities from installed source as text.

Environments are never merged: each is the list of folders on one interpreter's path, the first hit of a name wins. What
is found is only read; nothing is imported, and ``__version__`` is never asked.
"""

import posixpath
import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Set, Tuple

from . import commands, filesystem, roots

if TYPE_CHECKING:
    from .gather import Gathered
    from .roots import Roots
    from .services import Definition

#: The distributions that decide what settings do, in the spelling of ``auditor.releases``.
NAMES = (
    "PyMySQL SQLAlchemy alembic amqp castellan certifi confluent-kafka cryptography eventlet greenlet keystoneauth1 "
    "keystonemiddleware kombu mysqlclient netaddr nova openstack-placement openstacksdk os-brick os-vif oslo.cache "
    "oslo.concurrency oslo.config oslo.context oslo.db oslo.limit oslo.log oslo.messaging oslo.metrics oslo.middleware "
    "oslo.policy oslo.privsep oslo.reports oslo.rootwrap oslo.serialization oslo.service oslo.upgradecheck oslo.utils "
    "oslo.versionedobjects osprofiler psycopg psycopg-binary psycopg2 psycopg2-binary pyOpenSSL pymemcache python-barbicanclient "
    "python-cinderclient python-glanceclient python-keystoneclient python-memcached python-neutronclient redis requests "
    "rfc3986 stevedore urllib3 vine websockify"
).split()

#: (marker, distribution, file below the site folder, pattern): whether the installed source can do something, whatever
#: its version says. Read in oslo.messaging 14.0.3 to 18.3.1 (and Debian's 14.0.3-0+deb12u1), PyMySQL 1.0.2 to 1.2.4,
#: keystoneauth1 5.0.1 to 5.18.1, openstacksdk 0.101 to 4.22.0.
MARKERS = (
    (
        "oslo.messaging:ssl_enforce_hostname_verification",
        "oslo.messaging",
        "oslo_messaging/_drivers/impl_rabbit.py",
        re.compile(r"BoolOpt\(\s*['\"]ssl_enforce_hostname_verification['\"]"),
    ),
    (
        "oslo.messaging:hostname_default_true",
        "oslo.messaging",
        "oslo_messaging/_drivers/impl_rabbit.py",
        re.compile(r"BoolOpt\(\s*['\"]ssl_enforce_hostname_verification['\"],\s*default=True"),
    ),
    (
        "oslo.messaging:hostname_always",
        "oslo.messaging",
        "oslo_messaging/_drivers/impl_rabbit.py",
        # The name is handed to the socket, and nothing asks the option.
        re.compile(
            r"(?s)\A(?!.*\.ssl_enforce_hostname_verification).*ssl_params\[['\"]server_hostname['\"]\]"
        ),
    ),
    (
        "PyMySQL:ssl_required",
        "PyMySQL",
        "pymysql/connections.py",
        re.compile(r"SSL is required but the server doesn't support it|self\._ssl_required\s*=\s*True"),
    ),
    (
        "keystoneauth1:retry_after",
        "keystoneauth1",
        "keystoneauth1/session.py",
        re.compile(r"headers\.get\(\s*['\"]Retry-After['\"]"),
    ),
    (
        "keystoneauth1:retries_429",
        "keystoneauth1",
        "keystoneauth1/session.py",
        re.compile(r"_RETRIABLE_STATUS_CODES = \[[^\]]*\b429\b"),
    ),
    (
        "openstacksdk:connect_retries",
        "openstacksdk",
        "openstack/proxy.py",
        # No default stands in the way of the adapter's option.
        re.compile(r"(?s)\A(?!.*\bconnect_retries(?:: int)?\s*=\s*1\b).*def request\("),
    ),
    (
        "openstacksdk:connect_retry_delay",
        "openstacksdk",
        "openstack/config/cloud_region.py",
        re.compile(r"['\"]connect_retry_delay['\"],\s*self\.get_connect_retry_delay"),
    ),
    (
        "openstacksdk:status_code_retry_delay",
        "openstacksdk",
        "openstack/config/cloud_region.py",
        re.compile(r"['\"]status_code_retry_delay['\"],\s*self\.get_status_code_retry_delay"),
    ),
    (
        "openstacksdk:retriable_status_codes",
        "openstacksdk",
        "openstack/config/cloud_region.py",
        re.compile(r"['\"]retriable_status_codes['\"],\s*self\.get_retriable_status_codes"),
    ),
)

#: Where interpreters live when nothing names the service's own: used only if one of them alone has the project.
PREFIXES = ("/usr", "/var/lib/openstack", "/var/lib/kolla/venv", "/opt/stack/data/venv")

_CANONICAL = {re.sub("[-_.]+", "-", name).lower(): name for name in NAMES}
_CANONICAL["placement"] = "openstack-placement"
_PROJECTS = {"nova": "nova", "placement": "openstack-placement"}
_METADATA = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+?)-(?P<version>[0-9][^-]*)(?:-py[0-9.]+)?\.(?:dist|egg)-info"
)
_VERSION = re.compile(r"^Version:\s*(\S{1,64})", re.MULTILINE)
_PYTHON = re.compile(r"python(3\.[0-9]+)")
_EXEC = re.compile(r"exec'?\s+[\"']?(/[^\s\"']*python[^\s\"']*)")
_BINS = ("/usr/local/bin", "/usr/bin", "/var/lib/openstack/bin", "/var/lib/kolla/venv/bin", "/bin")


class Environments:
    """The environments of a host, each read once."""

    def __init__(self, tree: "Roots", gathered: "Gathered") -> None:
        self.tree = tree
        self.gathered = gathered
        self.found: List[Dict[str, Any]] = []
        self._known: Dict[Tuple[str, Optional[str]], Optional[Dict[str, Any]]] = {}

    def of(self, definition: "Definition") -> Optional[str]:
        """Return the id of the environment of a service, or None where it is not in evidence."""
        if definition.view.is_opaque:
            return None
        wanted = _PROJECTS[definition.project]
        label = definition.view.label
        prefix, version = self._prefix(definition)
        if prefix:
            identity = self._read(label, prefix, version, wanted)
            if identity:
                return identity
        # Nothing names it: one environment alone has the project.
        places = (self._read(label, place, None, wanted) for place in self._places(label))
        having = [identity for identity in places if identity]
        if len(having) > 1:
            self.gathered.leave_out(
                having[-1], "several environments hold {}, and nothing says which one runs".format(wanted)
            )
        return having[0] if len(having) == 1 else None

    def names_itself(self, identity: Optional[str]) -> bool:
        """Return whether the nova of an environment gives oslo.config its name under WSGI servers: 33 and later do."""
        found = next((item for item in self.found if item["id"] == identity), None)
        version = found["packages"].get("nova", {}).get("version", "") if found else ""
        return version.partition(".")[0].isdigit() and int(version.partition(".")[0]) >= 33

    def _places(self, label: str) -> List[str]:
        venvs, _ = self.tree.list(roots.joined(label, "/openstack/venvs"))
        return list(PREFIXES) + ["/openstack/venvs/" + name for name in venvs]

    def _prefix(self, definition: "Definition") -> Tuple[Optional[str], Optional[str]]:
        """Return (prefix, version or None) of the interpreter that the service's script or server names."""
        if definition.virtualenv:
            return posixpath.normpath(definition.virtualenv), None
        label = definition.view.label
        executable = definition.executable
        if executable and not executable.startswith("/"):
            paths = (definition.environment.get("PATH") or "").split(":") + list(_BINS)
            places = (posixpath.join(path, executable) for path in paths if path.startswith("/"))
            executable = next((path for path in places if self.tree.is_file(roots.joined(label, path))), None)
        if not executable:
            return None, None
        interpreter = self._interpreter(roots.joined(label, executable)) or executable
        link = self.tree.link(roots.joined(label, interpreter)) or ""
        version = _PYTHON.search(posixpath.basename(interpreter) + " " + link)
        prefix = posixpath.dirname(posixpath.dirname(interpreter))
        return "/usr" if prefix in ("/", "", "/usr/local") else prefix, version and version.group(1)

    def _interpreter(self, path: str) -> Optional[str]:
        head = (self.gathered.text(path) or "")[:1024].split("\n")
        if not head[0].startswith("#!"):
            return None
        words = commands.split(head[0][2:].strip())
        if words and "python" in posixpath.basename(words[0]):
            return words[0]
        # pip writes this where the interpreter's path is too long for the kernel.
        match = _EXEC.search("\n".join(head[1:4]))
        return match.group(1) if match else None

    def _read(self, label: str, prefix: str, version: Optional[str], wanted: str) -> Optional[str]:
        """Return the id of the environment at a prefix if it holds the wanted distribution, else None."""
        prefix = roots.joined(label, prefix)
        key = (prefix, version)
        if key not in self._known:
            sites = self._sites(label, prefix, version, wanted)
            self._known[key] = self._environment(prefix, sites) if sites else None
        found = self._known[key]
        if found is None or wanted not in found["packages"]:
            return None
        if found not in self.found:
            self.found.append(found)
        return str(found["id"])

    def _sites(self, label: str, prefix: str, version: Optional[str], wanted: str) -> List[str]:
        systems = [roots.joined(label, place) for place in ("/usr/local", "/usr")]
        prefixes = systems if prefix in systems else [prefix]
        versions = [version] if version else self._versions(prefixes)
        chosen = []
        for number in versions:
            sites = []
            for place in prefixes:
                for library in ("lib", "lib64"):
                    for kind in ("site-packages", "dist-packages"):
                        sites.append("{}/{}/python{}/{}".format(place, library, number, kind))
            chosen.append([site for site in sites if self.tree.is_folder(site)])
        shared = ["{}/lib/python3/dist-packages".format(place) for place in prefixes]
        shared = [site for site in shared if self.tree.is_folder(site)]
        # Where several versions of Python are installed, the one that has the project.
        own = next((sites for sites in chosen if self._holds(sites, wanted)), chosen[0] if chosen else [])
        return own + shared

    def _versions(self, prefixes: List[str]) -> List[str]:
        found: Set[str] = set()
        for place in prefixes:
            for library in ("lib", "lib64"):
                found.update(
                    match.group(1)
                    for match in map(_PYTHON.fullmatch, self.tree.list(place + "/" + library)[0])
                    if match
                )
        return sorted(found, key=lambda number: -int(number[2:]))

    def _holds(self, sites: List[str], wanted: str) -> bool:
        return any(_canonical(name) == wanted for site in sites for name in self.tree.list(site)[0])

    def _environment(self, prefix: str, sites: List[str]) -> Dict[str, Any]:
        packages: Dict[str, Dict[str, str]] = {}
        for site in sites:
            names, status = self.tree.list(site)
            if status != "read":
                self.gathered.leave_out(site, filesystem.REASONS.get(status, status))
            for name in names:
                distribution = _canonical(name)
                if distribution and distribution not in packages:
                    found = self._package(posixpath.join(site, name))
                    if found:
                        packages[distribution] = found
        version = _PYTHON.search(" ".join(sites))
        capabilities = {}
        for marker, owner, file, pattern in MARKERS:
            if owner not in packages:
                continue
            source = self.gathered.text(posixpath.join(posixpath.dirname(packages[owner]["path"]), file))
            if source is not None:
                capabilities[marker] = pattern.search(source) is not None
        return {
            "id": prefix,
            "python": version and version.group(1),
            "site": sites,
            "packages": packages,
            "capabilities": capabilities,
        }

    def _package(self, path: str) -> Optional[Dict[str, str]]:
        if path.endswith(".egg-link"):
            return self._linked(path)
        for file in (path + "/METADATA", path + "/PKG-INFO", path):
            text = self.gathered.text(file) if self.tree.is_file(file) else None
            match = text and _VERSION.search(text.partition("\n\n")[0])
            if match:
                return {"version": match.group(1), "path": path}
        match = _METADATA.fullmatch(posixpath.basename(path))
        return {"version": match.group("version"), "path": path} if match else None

    def _linked(self, path: str) -> Optional[Dict[str, str]]:
        """A development install: the file names the folder of the source, whose metadata stands beside it."""
        folder = (self.gathered.text(path) or "").split("\n")[0].strip()
        name = posixpath.basename(path)[: -len(".egg-link")].replace("-", "_")
        folder = roots.joined(roots.split(path)[0], folder) if folder.startswith("/") else ""
        text = self.gathered.text("{}/{}.egg-info/PKG-INFO".format(folder, name)) if folder else None
        match = _VERSION.search((text or "").partition("\n\n")[0])
        return {"version": match.group(1), "path": path} if match else None


def _canonical(name: str) -> Optional[str]:
    """Return the distribution that an entry of a site folder belongs to, or None where it is none of ours."""
    match = _METADATA.fullmatch(name)
    if match:
        base = match.group("name")
    elif name.endswith((".egg-info", ".dist-info", ".egg-link")):
        base = name[: -len(".egg-info")]
    else:
        return None
    return _CANONICAL.get(re.sub("[-_.]+", "-", base).lower())
