"""MariaDB and MySQL: asked through the unix socket as the server's own user, else their option files.

The order of option files, their groups and what they may hold: ``mysys/my_default.c`` of MariaDB 10.11.
"""

import posixpath
import re
from typing import Iterator, List, Optional, Tuple

from .sight import Running, Sight

_SWITCH = ("boolean",)
_ADDRESSES = ("list", "host")

KINDS = {
    "require_secure_transport": _SWITCH,
    "have_ssl": ("enum", "YES", "NO", "DISABLED"),
    "ssl": _SWITCH,
    "ssl_ca": ("path",),
    "ssl_capath": ("path",),
    "ssl_cert": ("path",),
    "ssl_key": ("path",),
    "tls_version": ("list", "enum", "TLSv1", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "max_connections": ("integer",),
    "bind_address": _ADDRESSES,
    "port": ("port",),
    "extra_port": ("port",),
    "admin_address": _ADDRESSES,
    "admin_port": ("port",),
    "mysqlx_port": ("port",),
    "mysqlx_bind_address": _ADDRESSES,
    "skip_networking": _SWITCH,
    "skip_grant_tables": _SWITCH,
    "socket": ("path",),
    "version": ("word",),
}

_ACCOUNT = "SELECT 'account', User, Host, {}, plugin, 0 FROM mysql.user"
#: MariaDB from 10.4 on; MySQL; and older ones, which know no locks. The first that is answered counts.
_ACCOUNTS = (
    "SELECT 'private', User, Host, {0}.ssl_type'), {0}.account_locked'), {0}.plugin'), {0}.is_role') "
    "FROM mysql.global_priv".format("JSON_VALUE(Priv, '$"),
    _ACCOUNT.format("ssl_type, account_locked"),
    _ACCOUNT.format("ssl_type, 0").replace("account", "old"),
)
_TLS = {"NULL": "none", "0": "none", "-1": "none", "": "none", "1": "any", "ANY": "any"}
_TRUE = ("1", "true", "Y")

#: Where Debian and Red Hat build it to listen.
_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock")

_LINE = re.compile(r"([A-Za-z0-9_.-]+)\s*(?:=\s*(.*))?")
_DEPTH = 10


def is_one(name: str, _argv: List[str]) -> bool:
    """Return whether a process of this name is one."""
    return name in ("mariadbd", "mysqld")


def ask(sight: Sight, files: Sight) -> None:
    """Ask the running server, found by what its files say; raises `children.Refused`."""
    running = sight.running
    folder = posixpath.dirname(running.exe)
    places = [posixpath.normpath(posixpath.join(folder, up)) for up in ("", "../bin")] + ["/usr/bin"]
    clients = [place + "/" + name for place in places for name in ("mariadb", "mysql")]
    names = ", ".join("'{}'".format(name) for name in sorted(KINDS))
    statements = ["SHOW GLOBAL VARIABLES WHERE Variable_name IN ({})".format(names), *list(_ACCOUNTS)]
    socket = files.value("socket") or next(filter(sight.exists, _SOCKETS), _SOCKETS[0])
    options = ["--no-defaults", "--protocol=socket", "--socket=" + socket, "--user=" + running.name]
    options += ["--connect-timeout=5", "--batch", "--skip-column-names", "--force"]
    output = sight.ask(clients, [*options, "-e", "; ".join(statements)], {})
    rows = [line.split("\t") for line in output.split("\n")]
    for row in rows:
        if len(row) == 2:
            sight.put(row[0], row[1])
    accounts = [row for row in rows if len(row) == 7]
    for row in accounts:
        if row[0] == accounts[0][0] and row[6] not in _TRUE:
            sight.account(row[1], row[2], _TLS.get(row[3], "x509"), row[4] in _TRUE, [row[5]])
    if not accounts:
        sight.note("its user may not read the accounts")
    sight.version = sight.value("version")


def read(sight: Sight) -> None:
    """Read the settings from the option files and the command line."""
    options = [(line, at) for path in _files(sight) for line, at in _lines(sight, path, 0)]
    given = ("/proc/{}/cmdline".format(sight.running.pid), 0)
    options += [(word[2:], given) for word in sight.running.argv[1:] if word.startswith("--")]
    for option, at in options:
        match = _LINE.fullmatch(option)
        if match:
            name, value = _meant(match.group(1).replace("-", "_").lower(), match.group(2))
            if name in KINDS and name != "version":
                sight.put(name, value, at)


def listen(sight: Sight) -> None:
    """Record where the server listens, by its settings."""
    if (sight.value("skip_networking") or "").upper() in ("ON", "1", "TRUE"):
        return
    ports = [("bind_address", sight.value("port") or "3306", "mysql")]
    ports.append(("bind_address", sight.value("extra_port") or "0", "mysql"))
    if sight.value("admin_address"):
        ports.append(("admin_address", sight.value("admin_port") or "0", "mysql"))
    ports.append(("mysqlx_bind_address", sight.value("mysqlx_port") or "0", "mysqlx"))
    for name, port, protocol in ports:
        for address in (sight.value(name) or "*").split(","):
            sight.listen(address, port, protocol)


def _meant(name: str, value: Optional[str]) -> Tuple[str, str]:
    name = name[6:] if name.startswith("loose_") else name
    for prefix, switch in (("skip_", "OFF"), ("disable_", "OFF"), ("enable_", "ON")):
        if name.startswith(prefix) and name not in KINDS:
            return name[len(prefix) :], switch
    return name, "ON" if value is None else value


def _files(sight: Sight) -> Iterator[str]:
    words = dict(word.partition("=")[::2] for word in sight.running.argv[1:])
    if "--no-defaults" in words:
        return
    if "--defaults-file" in words:
        yield words["--defaults-file"]
        return
    environ = sight.running.environ
    home = environ.get("MARIADB_HOME") or environ.get("MYSQL_HOME")
    places = [
        "/etc/my.cnf",
        "/etc/mysql/my.cnf",
        home and home + "/my.cnf",
        words.get("--defaults-extra-file"),
    ]
    places.append(environ.get("HOME") and environ["HOME"] + "/.my.cnf")
    for place in places:
        if place:
            yield place


def _groups(running: Running) -> List[str]:
    groups = ["mysqld", "server"]
    if "maria" in posixpath.basename(running.exe or running.argv[0]):
        groups += ["mariadb", "mariadbd", "galera"]
    return groups


def _lines(sight: Sight, path: str, depth: int) -> Iterator[Tuple[str, Tuple[str, int]]]:
    """Yield (option, (path, line)) of the server's groups in a file and those that it includes, in the order of reading."""
    if sight.is_ignored(path):
        sight.note("{}: everybody may write it, so the server ignores it".format(path))
        return
    groups = _groups(sight.running)
    suffix = next(
        (word[24:] for word in sight.running.argv if word.startswith("--defaults-group-suffix=")), ""
    )
    ours = False
    for number, raw in enumerate((sight.text(path) or "").split("\n"), 1):
        line = raw.strip()
        include, _, target = line.partition(" ")
        if include in ("!include", "!includedir") and depth < _DEPTH:
            target = posixpath.join(posixpath.dirname(path), target.strip())
            for file in [target] if include == "!include" else sight.names(target, ".cnf"):
                yield from _lines(sight, file, depth + 1)
        elif line.startswith("["):
            name = line[1:].partition("]")[0].strip()
            # [mariadbd-10.11]: the groups of a version are the server's only where it is of this version.
            version = re.sub(r"-[0-9.]+$", "", name)
            ours = version in groups or (bool(suffix) and name in [group + suffix for group in groups])
            if ours and version != name:
                sight.note("{}:{}: whether [{}] counts depends on the version".format(path, number, name))
        elif ours and line and line[0] not in "#;!":
            yield _plain(line), (path, number)


def _plain(line: str) -> str:
    """Return an option without the comment behind it and the quotes around its value."""
    name, equals, value = line.partition("=")
    value = value.strip()
    if value[:1] in ("'", '"') and value.find(value[0], 1) > 0:
        value = value[1 : value.find(value[0], 1)]
    else:
        value = value.partition("#")[0].strip()
    return name.partition("#")[0].strip() + equals + value
