"""The table of cells as Nova itself lists it: ``nova-manage cell_v2 list_cells``, run as a service's own user.

Passwords are masked by nova-manage (never asked with ``--verbose``), templates are filled in. Read and measured in Nova 26
(Zed) and 34 (2026.2), ``nova/cmd/manage.py`` (``list_cells``, ``mask_passwd_in_url``):

- The mask takes all from the first colon to the last ``@`` of what stands between ``//`` and the path: of several hosts
  only the last stays, with the first user. The query stays as it is. A password with ``/``, ``?`` or ``#`` is **not** masked:
  such a URL is withheld here as a whole.
- ``urlunparse`` of older Pythons drops two slashes where there is no host: ``none:///`` is printed as ``none:/``,
  ``sqlite:////PATH`` as ``sqlite://PATH``. A template with ``{port}`` has ``None`` there if the configuration names no port.
- A bracket in one of several hosts ends nova-manage with ValueError.
- What ``[DEFAULT] log_file``, ``log_dir``, ``log_config_append``, ``use_journal`` and ``use_syslog`` name is opened by nova-manage
  too: they are switched off on its command line, which comes before files and environment. ``use_stderr`` and
  ``publish_errors`` are none of its arguments, but the environment comes before files as well.
- ``--config-dir=/dev/null`` is accepted and holds nothing: without it the folders of nova-manage itself would be read.
"""

import builtins
import posixpath
import re
import time
import unicodedata
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Union

from . import children, ini, roots, tokens

if TYPE_CHECKING:
    from .gather import Gathered
    from .order import Order
    from .redact import Redactor
    from .services import Definition

#: The services that use the table; a conductor of one cell has no ``[api_database] connection``.
ROLES = ("api", "metadata", "scheduler", "conductor")

#: Seconds for one listing, and for all of a host; bytes that one may print.
SECONDS, TOTAL = 45.0, 56.0
BYTES = 1 << 20

#: Seconds without which none is begun, and seconds that are left to the rest of the probe.
_LEAST, _RESERVE = 3.0, 4.0

#: Nothing is logged but to the standard error, whatever the files say.
_QUIET = (
    "--log-file=",
    "--log-dir=",
    "--log-config-append=",
    "--nouse-syslog",
    "--nouse-journal",
    "--nouse-json",
    "--nodebug",
)
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OS_DEFAULT__USE_STDERR": "true",
    "OS_DEFAULT__PUBLISH_ERRORS": "false",
}
_NOTHING = "/dev/null"

#: Variables that set options, and those that decide how a database is connected to.
_CONFIGURING = re.compile(r"OS_[A-Za-z0-9_]+__|PG[A-Z]+$|SSL_CERT_(?:FILE|DIR)$")

#: Where nova-manage may be if it is not beside the service's program.
_BINS = ("/usr/local/bin", "/usr/bin", "/var/lib/openstack/bin", "/var/lib/kolla/venv/bin", "/bin")

#: The sections of oslo.config's that the list of cells depends on.
_SECTIONS = ("DEFAULT", "database", "api_database", "sql")

_COLUMNS = ("Name", "UUID", "Transport URL", "Database Connection")
_BORDER = re.compile(r"\+(?:-+\+)+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

_MASK = ":****@"
_ONE_SLASH = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/(?!/)")
_SQLITE = re.compile(r"(sqlite[a-z0-9+]*)://(?!/)")
_NO_PORT = re.compile(r"([a-z][a-z0-9+]*://[^/?#]*):None(/.*|)")
# A row that Nova could not fill in is printed as it stands: nothing but the names of parts.
_TEMPLATE = re.compile(
    r"(?:\{scheme\}|[a-z][a-z0-9+]{0,31})://"
    r"(?:(?:\{username[0-9]{0,2}\}|[A-Za-z0-9._-]{0,64})(?::\*{4})?@)?"
    r"(?:\{hostname[0-9]{0,2}\}|[A-Za-z0-9._-]{1,253})(?::(?:\{port[0-9]{0,2}\}|[0-9]{1,5}))?"
    r"(?:/(?:\{path\}|[A-Za-z0-9._-]{0,64}))?(?:\?\{query\})?(?:#\{fragment\})?"
)

_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION = re.compile(r"((?:[a-zA-Z_][a-zA-Z0-9_]*\.)*[A-Z][A-Za-z0-9]{2,64})(?::.*)?")
#: The packages whose exceptions are named.
_KNOWN = frozenset(
    "nova oslo_config oslo_db oslo_log oslo_messaging oslo_policy oslo_utils sqlalchemy pymysql MySQLdb psycopg2 psycopg "
    "stevedore configparser socket ssl json eventlet".split()
)


class Listings:
    """The tables of cells of a host, each asked for once.

    Args:
        gathered: `gather.Gathered`.
        deadline: when the probe ends (`time.monotonic`).
    """

    def __init__(self, gathered: "Gathered", deadline: float) -> None:
        self.gathered = gathered
        self._ends = min(deadline - _RESERVE, time.monotonic() + TOTAL)
        self._known: Dict[Any, Union[Tuple[str, List[Dict[str, Any]]], str]] = {}

    def of(
        self, definition: "Definition", found: "Order", record: Dict[str, Any]
    ) -> Optional[Dict[str, Any]]:
        """Return the cells of a service for its record, or None where it uses none.

        ``found`` is its `order.Order`, ``record`` its record so far (project, role, user, home, interpreter).
        """
        if record["project"] != "nova" or record["role"] not in ROLES:
            return None
        try:
            connection = _connection(definition, found, self.gathered)
            if not connection:
                return None
            self._check_file(connection, definition)
            who = _identity(definition, self.gathered)
        except children.Refused as reason:
            return unknown(str(reason), record["user"])
        user = self.gathered.user(who.uid, definition.view.label)
        environment = _environment(definition, record["home"], user)
        programs, arguments = (
            _programs(definition, record["interpreter"]),
            _arguments(definition, found, self.gathered),
        )
        told = tuple(sorted(environment.items()))
        key = (definition.view.label, who._replace(pid=None), tuple(programs), tuple(arguments), told)
        if key not in self._known:
            self._known[key] = self._ask(programs, arguments, who, environment)
        listed = self._known[key]
        shown = self.gathered.redactor.value(user, ("word",))
        if isinstance(listed, str):
            return unknown(listed, shown)
        return {"status": "read", "reason": None, "user": shown, "program": listed[0], "rows": listed[1]}

    def _ask(
        self, programs: List[str], arguments: List[str], who: "children.Identity", environment: Dict[str, str]
    ) -> Union[Tuple[str, List[Dict[str, Any]]], str]:
        """Return (the program that was run, rows), or why there are none."""
        ends = min(self._ends, time.monotonic() + SECONDS)
        if ends - time.monotonic() < _LEAST:
            return "no time was left to list the cells"
        try:
            answer = children.run(programs, arguments, who, environment, ends, BYTES)
        except children.Refused as reason:
            return str(reason)
        program = self.gathered.redactor.value(answer.program, ("path",))
        if answer.code:
            name = exception(answer.output) or exception(answer.errors)
            return "{} ended with status {}{}".format(
                program, answer.code, ", by {}".format(name) if name else ""
            )
        try:
            listed = table(answer.output)
        except ValueError as reason:
            return "{} printed no table that can be read: {}".format(program, reason)
        return program, [redact(row, self.gathered.redactor) for row in listed]

    def _check_file(self, connection: str, definition: "Definition") -> None:
        # SQLite makes the file that it does not find.
        scheme, _, path = connection.partition(":///")
        if scheme.startswith("sqlite"):
            host = definition.view.host(posixpath.join("/", path))
            if host is None or not self.gathered.tree.exists(host):
                raise children.Refused("its database is a file that is not there")


def unknown(reason: str, user: Optional[str] = None) -> Dict[str, Any]:
    """Return what stands in the record of a service whose cells were asked for in vain."""
    return {"status": "unknown", "reason": reason, "user": user, "program": None, "rows": []}


def _connection(definition: "Definition", found: "Order", gathered: "Gathered") -> str:
    """Return ``[api_database] connection`` as it is written, "" where it is not; raises `children.Refused`.

    ``sql_connection`` and ``[sql] connection`` were older names of it (oslo.db up to 14).
    """
    written = ""
    if not found.sources:
        raise children.Refused("no configuration of the service was seen")
    for source in found.sources:
        host = definition.view.host(source.path)
        text = None if host is None else gathered.text(host)
        if text is None and (source.how != "default" or (host is not None and gathered.tree.exists(host))):
            raise children.Refused("{} was not read, which may name the API database".format(source.path))
        for section, name, value, _ in ini.assignments(text or ""):
            group = (section or "").lower()
            if (group, name) in (("api_database", "connection"), ("sql", "connection")) or (
                name == "sql_connection" and group in ("default", "database")
            ):
                written = value
    return str(definition.environment.get("OS_API_DATABASE__CONNECTION", written))


def _identity(definition: "Definition", gathered: "Gathered") -> "children.Identity":
    """Return as whom the service's code runs; raises `children.Refused` where that is not told."""
    if definition.group is not None:
        main, label = definition.group.main, definition.view.label
        # A server of WSGI may be root itself, and load the service as its user.
        loading = [one for one in definition.group.members if one.uid != 0] if main.uid == 0 else [main]
        own = [one for one in loading if gathered.user(one.uid, label) == definition.user]
        users = {one.uid for one in own or loading}
        if len(users) > 1:
            raise children.Refused("its processes run as several users")
        return children.of_process((own or loading or [main])[0].pid)
    if definition.view.is_opaque or definition.view.label:
        raise children.Refused("no process of the service was seen in its container")
    if definition.user is None:
        raise children.Refused("nothing says as which user the service runs")
    return children.of_account(definition.user)


def _programs(definition: "Definition", interpreter: Optional[str]) -> List[str]:
    """Return where nova-manage may be, in the eyes of the service: beside its program, in its environment, on the path."""
    places = []
    if definition.executable and definition.executable.startswith("/"):
        places.append(posixpath.dirname(definition.executable))
    if definition.virtualenv:
        places.append(posixpath.join(definition.virtualenv, "bin"))
    if interpreter:
        places.append(posixpath.join(roots.split(interpreter)[1], "bin"))
    places.extend(_BINS)
    return list(dict.fromkeys(posixpath.join(place, "nova-manage") for place in places))


def _arguments(definition: "Definition", found: "Order", gathered: "Gathered") -> List[str]:
    """Return the arguments: the service's files one by one, in the order in which it reads them.

    What a WSGI server's service reads besides, its ``api-paste.ini``, is left out where it sets nothing of this.
    """
    named = []
    for source in found.sources:
        if source.how == "default" and source.path.endswith("/api-paste.ini"):
            text = gathered.text(definition.view.host(source.path) or "") or ""
            if not any(section in _SECTIONS for section, _, _, _ in ini.assignments(text)):
                continue
        is_folder = source.how.endswith("-dir") and not source.path.endswith(".conf")
        named.append("--config-{}={}".format("dir" if is_folder else "file", source.path))
    for option in ("--config-file=", "--config-dir="):
        if not any(word.startswith(option) for word in named):
            named.append(option + _NOTHING)
    return named + list(_QUIET) + ["cell_v2", "list_cells"]


def _environment(definition: "Definition", home: Optional[str], user: str) -> Dict[str, str]:
    """Return the environment: what configures the service, and what is ours."""
    kept = {name: value for name, value in definition.environment.items() if _CONFIGURING.match(name)}
    kept.update(_ENVIRONMENT, HOME=home or "/nonexistent", USER=user, LOGNAME=user)
    return kept


def table(text: str) -> List[Dict[str, Any]]:
    """Return the rows of the table in what nova-manage printed, with the keys of the evidence, as they are.

    Raises:
        ValueError: there is no such table, or it cannot be told apart; the text says why.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if (
            number
            and _BORDER.fullmatch(lines[number - 1])
            and line.count("|") == lines[number - 1].count("+")
        ):
            heads = [cell.strip() for cell in line.split("|")[1:-1]]
            if all(column in heads for column in _COLUMNS):
                return _rows(lines[number + 2 :], heads, lines[number - 1])
    raise ValueError("it has not the columns of cells")


def _rows(lines: List[str], heads: List[str], border: str) -> List[Dict[str, Any]]:
    found: List[Dict[str, str]] = []
    for line in lines:
        if _BORDER.fullmatch(line):
            return [_row(cells) for cells in found]
        parts = _cells(line, border)
        cells = {head: parts[place] for place, head in enumerate(heads)}
        if _UUID.fullmatch(cells["UUID"]):
            found.append(cells)
        elif cells["UUID"] or not found:
            raise ValueError("a row has no UUID")
        else:
            # A name of several lines, or a cell that was wrapped.
            for head, cell in cells.items():
                found[-1][head] += ("\n" if head == "Name" else "") + cell
    raise ValueError("it has no end")


def _row(cells: Dict[str, str]) -> Dict[str, Any]:
    return {
        "name": cells["Name"].rstrip("\n"),
        "uuid": cells["UUID"],
        "transport_url": cells["Transport URL"],
        "database_connection": cells["Database Connection"],
        "disabled": cells.get("Disabled") == "True",
    }


def _cells(line: str, border: str) -> List[str]:
    parts = line.split("|")
    count = border.count("+") - 1
    if len(parts) != count + 2:
        # A name may hold the sign: the places of the columns tell. Wide characters take two of them.
        parts, places = [""], [place for place, sign in enumerate(border) if sign == "+"]
        width = 0
        for character in line:
            if width in places and character == "|":
                parts.append("")
            else:
                parts[-1] += character
            width += _width(character)
    if len(parts) != count + 2 or parts[0] or parts[-1].strip():
        raise ValueError("a line does not have its columns")
    return [part.strip() for part in parts[1:-1]]


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def redact(row: Dict[str, Any], redactor: "Redactor") -> Dict[str, Any]:
    """Return what leaves of a row."""
    return dict(
        row,
        name=redactor.name(row["name"]) if row["name"] else "",
        transport_url=_url(row["transport_url"], redactor),
        database_connection=_url(row["database_connection"], redactor),
    )


def _url(text: str, redactor: "Redactor") -> str:
    if text.partition(":")[0] == "none":
        return "none:///"
    if "{" in text and _TEMPLATE.fullmatch(text):
        return text
    match = _NO_PORT.fullmatch(text)
    if match:
        left = _url(match.group(1) + match.group(2), redactor)
        place = left.find("/", left.find("//") + 2)
        place = len(left) if place < 0 else place
        return left if tokens.parse(left) else left[:place] + ":None" + left[place:]
    whole = _SQLITE.sub(r"\1:////", _ONE_SLASH.sub(r"\1:///", text, count=1), count=1)
    head, mask, rest = whole.partition(_MASK)
    left = redactor.value(head + "@" + rest if mask else head, ("url",))
    # The mask is put back where it stood, so that nobody takes it for a password.
    return left.replace("@", _MASK, 1) if mask and tokens.parse(left) is None else left


def exception(text: str) -> Optional[str]:
    """Return the name of the exception at the end of the last traceback in a text, if it is one that is known.

    What an exception says may hold a URL with its password, and stays here.
    """
    _, mark, rest = ("\n" + text).rpartition("\n" + _TRACEBACK + "\n")
    if not mark:
        return None
    line = next((line for line in rest.split("\n") if line and not line.startswith(" ")), "")
    match = _EXCEPTION.fullmatch(line)
    if match is None:
        return None
    name = match.group(1)
    found = getattr(builtins, name, None)
    is_builtin = isinstance(found, type) and issubclass(found, BaseException)
    return name if is_builtin or ("." in name and name.partition(".")[0] in _KNOWN) else None
