"""PostgreSQL: asked through its unix socket as its own user, else postgresql.conf, what that includes, and pg_hba.conf.

How the files are read: ``guc-file.l`` and ``hba.c`` of PostgreSQL 15.
"""

import json
import posixpath
import re
from typing import Any, Dict, Iterator, List, Tuple

from .sight import MOST, Sight

_SWITCH = ("boolean",)
_VERSION = ("enum", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")

#: hba.1, hba.2 and so on are the records of pg_hba.conf in their order, as they stand there without the options of their methods.
KINDS = {
    "ssl": _SWITCH,
    "ssl_min_protocol_version": _VERSION,
    "ssl_max_protocol_version": _VERSION,
    "ssl_ca_file": ("path",),
    "ssl_cert_file": ("path",),
    "ssl_key_file": ("path",),
    "listen_addresses": ("list", "host"),
    "port": ("port",),
    "unix_socket_directories": ("list", "path"),
    "max_connections": ("integer",),
    "password_encryption": ("word",),
    "server_version": ("word",),
    "hba_file": ("path",),
    "data_directory": ("path",),
    "hba.": ("list", "phrase"),
}

_QUESTIONS = (
    "SELECT json_build_array('s', name, setting, sourcefile, sourceline) FROM pg_settings WHERE name IN ({})",
    "SELECT json_build_array('a', rolname, rolsuper) FROM pg_roles WHERE rolcanlogin ORDER BY rolname LIMIT {}".format(
        MOST
    ),
    "SELECT json_build_array('h', row_to_json(r)) FROM pg_hba_file_rules r ORDER BY r.line_number",
)
_OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=10000"

_SETTING = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.]*)\s*(?:=|\s)\s*('(?:[^'\\]|''|\\.)*'|[^\s#']+)")
_WORD = re.compile(r'#.*|((?:"[^"]*"|[^\s,#"])+)(,?)')
_METHODS = (
    "trust reject md5 scram-sha-256 password gss sspi ident peer pam ldap radius cert bsd oauth".split()
)
_TYPES = ("local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc")
_DEPTH = 10

Place = Tuple[str, int]


def is_one(name: str, argv: List[str]) -> bool:
    """Return whether a process of this name is the first of its server: the others rewrite their title."""
    return name in ("postgres", "postmaster") and not argv[0].startswith("postgres:")


def ask(sight: Sight, files: Sight) -> None:
    """Ask the running server; raises `children.Refused`."""
    folder = posixpath.dirname(sight.running.exe)
    names = ", ".join("'{}'".format(name) for name in sorted(KINDS))
    # Where it listens, as it wrote itself: PID, data, start, port, folder of the socket, address.
    written = (files.text(_data(files) + "/postmaster.pid") or "").split("\n")
    port, socket = written[3:5] if len(written) > 5 and written[4] else ("5432", "/var/run/postgresql")
    words = ["-XAtqw", "-h", socket, "-p", port, "-U", sight.running.name, "-d", "postgres"]
    for question in _QUESTIONS:
        words += ["-c", question.replace("{}", names)]
    environment = {
        "PGCONNECT_TIMEOUT": "5",
        "PGOPTIONS": _OPTIONS,
        "PGPASSFILE": "/dev/null",
        "PGCLIENTENCODING": "UTF8",
    }
    hba = False
    for line in sight.ask([folder + "/psql", "/usr/bin/psql"], words, environment).split("\n"):
        try:
            row: List[Any] = json.loads(line) if line.startswith("[") else [""]
        except (ValueError, RecursionError):
            continue
        if row[0] == "s" and row[1] == "server_version":
            sight.version = row[2].partition(" ")[0]
        elif row[0] == "s":
            sight.put(row[1], row[2], (row[3], row[4]) if row[3] else None)
        elif row[0] == "a":
            sight.account(row[1], tags=["superuser"] if row[2] else [])
        elif row[0] == "h":
            hba = True
            _rule(sight, row[1])
    if not hba:
        sight.note("it did not show the records of pg_hba.conf")


def _rule(sight: Sight, rule: Dict[str, object]) -> None:
    """Record a row of the view pg_hba_file_rules, which shows the file as it is now."""
    line = rule.get("line_number")
    at = (str(rule.get("file_name") or sight.value("hba_file")), line if isinstance(line, int) else 0)
    if rule.get("error"):
        sight.note("{}:{}: the server does not take this record".format(*at))
        return sight.put("hba.", None, at)
    lists = [rule.get(name) for name in ("database", "user_name")]
    fields = [",".join(map(str, one)) if isinstance(one, list) else "" for one in lists]
    place = [str(rule[name]) for name in ("address", "netmask") if rule.get(name)]
    options = rule.get("options")
    words = [str(rule.get("type")), *fields, *place, str(rule.get("auth_method"))]
    return _put(sight, words + list(map(str, options if isinstance(options, list) else [])), at)


def read(sight: Sight) -> None:
    """Read the settings from the files and the command line."""
    argv = sight.running.argv
    data = _data(sight)
    given = list(_given(argv))
    places = dict(given)
    main = places.get("config_file") or data + "/postgresql.conf"
    found = list(_settings(sight, main, 0))
    data = next((value for name, value, _ in reversed(found) if name == "data_directory"), data)
    found += _settings(sight, data + "/postgresql.auto.conf", 0)
    sight.version = (sight.text(data + "/PG_VERSION") or "").strip()
    line = ("/proc/{}/cmdline".format(sight.running.pid), 0)
    for name, value, at in found + [(name, value, line) for name, value in given]:
        sight.put(name, value, at)
    hba = sight.value("hba_file") or data + "/pg_hba.conf"
    text = sight.text(hba)
    if text is None:
        sight.note("{}: it could not be read".format(hba))
    for number, raw in enumerate((text or "").split("\n"), 1):
        fields: List[str] = []
        goes_on = False
        for word, comma in _WORD.findall(raw):
            if not word:  # a comment
                continue
            fields[len(fields) - goes_on :] = [
                (fields[-1] if goes_on else "") + word.replace('"', "") + comma
            ]
            goes_on = bool(comma)
        if fields:
            _put(sight, [field.rstrip(",") for field in fields], (hba, number))


def _put(sight: Sight, fields: List[str], at: Place) -> None:
    """Record a record of pg_hba.conf up to its method, of whose options only the client's certificate leaves."""
    method = next((place for place in range(3, min(6, len(fields))) if fields[place] in _METHODS), None)
    if fields[0] not in _TYPES or method is None:
        sight.note("{}:{}: it is no record that we know".format(sight.key(at[0]), at[1]))
        sight.put("hba.", None, at)
        return
    # A name may hold blanks, which would make two of it.
    fields = [re.sub(r"\s", "_", field) for field in fields]
    options = [word for word in fields[method + 1 :] if re.fullmatch("clientcert=[a-z0-9-]+", word)]
    sight.put("hba.", " ".join(fields[: method + 1] + options), at)


def listen(sight: Sight) -> None:
    """Record where the server listens, by its settings."""
    addresses = sight.value("listen_addresses")
    for address in ("localhost" if addresses is None else addresses).split(","):
        if address.strip():
            sight.listen(address, sight.value("port") or "5432", "postgresql")


def _data(sight: Sight) -> str:
    argv = sight.running.argv
    given = dict(_given(argv))
    at = next((argv[at + 1] for at in range(len(argv) - 1) if argv[at] == "-D"), None)
    at = at or next((word[2:] for word in argv if word.startswith("-D") and len(word) > 2), None)
    return (
        at or given.get("data_directory") or sight.running.environ.get("PGDATA") or "/var/lib/postgresql/data"
    )


def _given(argv: List[str]) -> Iterator[Tuple[str, str]]:
    """Yield (name, value) of the settings on a command line."""
    short = {"-p": "port", "-h": "listen_addresses", "-N": "max_connections", "-k": "unix_socket_directories"}
    for at, word in enumerate(argv):
        following = argv[at + 1] if at + 1 < len(argv) else ""
        if word in short:
            yield short[word], following
        elif word in ("-c", "-l") or word.startswith("--"):
            name, equals, value = (following if word == "-c" else word[2:]).partition("=")
            if word == "-l":
                yield "ssl", "on"
            elif equals:
                yield name.replace("-", "_"), value


def _settings(sight: Sight, path: str, depth: int) -> Iterator[Tuple[str, str, Place]]:
    """Yield (name, value, where) of a file and those that it includes, in the order of reading."""
    for number, line in enumerate((sight.text(path) or "").split("\n"), 1):
        match = _SETTING.match(line)
        if not match:
            continue
        name, value = match.group(1).lower(), match.group(2)
        if value.startswith("'"):
            value = value[1:-1].replace("''", "'")
        if name in ("include", "include_if_exists", "include_dir"):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), value))
            for file in sight.names(target, ".conf") if name == "include_dir" else [target]:
                if depth < _DEPTH:
                    yield from _settings(sight, file, depth + 1)
        else:
            yield name, value, (path, number)
