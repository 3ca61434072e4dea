"""Redaction of the formats other than oslo.config's own; a file that does not have its format sends no text."""

import json
import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from . import commands, ini, policies, units
from .schema import Kind

if TYPE_CHECKING:
    from .redact import Redactor

_CERTIFICATE = re.compile(
    r"-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[ \t]*\r?\n(?:[A-Za-z0-9+/=]*[ \t]*\r?\n)+?-----END \1-----"
)
_PASTE_SECTION = re.compile(
    r"(?:app|application|composite|composit|pipeline|filter|filter-app|server):[A-Za-z0-9_.-]{1,64}"
)
_PASTE_KEY = re.compile(r"/[A-Za-z0-9_./+-]{0,63}")
#: The heading of a group in a my.cnf, which may have text behind it.
_GROUP = re.compile(r"(\[[^\]]*\]).*")
_EGG = re.compile(r"egg:[A-Za-z0-9_.-]{1,64}(?:#[A-Za-z0-9_.-]{1,64})?")
_ASSIGNMENT = re.compile(r"\s*(export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")

#: Variables of /etc/default and /etc/sysconfig that decide what is started and with which arguments.
_SWITCHES = {
    "USE_SYSLOG": ("boolean",),
    "USE_LOGFILE": ("boolean",),
    "NOVA_SERIAL_PROXY_START": ("boolean",),
    "NOVA_CONSOLE_PROXY_TYPE": ("enum", "novnc", "spicehtml5", "none"),
    "CONFIG_FILE": ("path",),
}
#: The keys of an entry of kolla's config_files, and the form of their values; ``*`` is every file of a folder.
_KOLLA = {
    "source": re.compile(r"/[A-Za-z0-9_./@+*-]{0,512}"),
    "dest": re.compile(r"/[A-Za-z0-9_./@+*-]{0,512}"),
    "owner": re.compile(r"[a-z][a-z0-9_-]{0,31}(?::[a-z0-9_-]{1,32})?|[0-9]{1,10}(?::[0-9]{1,10})?"),
    "perm": re.compile(r"[0-7]{3,4}"),
    "optional": re.compile(r"True|False"),
}

_COMMANDS = ("DAEMON_ARGS", "OPTIONS", "PYARGV")

_UNIT_KINDS = {
    "User": ("word",),
    "Group": ("word",),
    "Type": ("word",),
    "WorkingDirectory": ("path",),
    "EnvironmentFile": ("path",),
    "UMask": ("integer",),
    "LimitNOFILE": ("integer",),
    "PrivateTmp": ("boolean",),
    "NoNewPrivileges": ("boolean",),
}


def redact(text: str, form: str, redactor: "Redactor") -> Optional[str]:
    """Return the text without what must not leave, or None where the file does not have the format."""
    return _REDACTORS[form](text, redactor) if form in _REDACTORS else None


def variable(name: str, value: str, redactor: "Redactor") -> str:
    """Return what leaves of the value of an environment variable."""
    if name in _COMMANDS:
        return " ".join(commands.redact(commands.split(value), redactor))
    kind = _SWITCHES.get(name) or redactor.schema.variable(name)
    group, _, option = name[3:].partition("__")
    return redactor.value(value, kind, group if option else None)


def _oslo(text: str, redactor: "Redactor") -> Optional[str]:
    return redactor.oslo(text)


def _begins_with_section(text: str) -> bool:
    """Tell an INI file from other text that merely has colons in it, such as a passwd file."""
    for line in ini.read(text):
        if line.kind not in ("blank", "comment") and not line.text.startswith("!"):
            return line.kind == "section"
    return True


def _my_cnf(text: str, redactor: "Redactor") -> Optional[str]:
    """Lines as MySQL's readers take them: each by itself, however it is indented, and a group with text behind it."""
    raws = ini.split(text)
    flat = "\n".join(_GROUP.sub(r"\1", raw.strip()) for raw in raws)
    if not _begins_with_section(flat):
        return None

    def kind_of(_section: Optional[str], name: str) -> Kind:
        return redactor.schema.of("my.cnf", _my_cnf_key(name))

    done = redactor.lines(flat, kind_of, None, redactor.name).split("\n")
    for number, line in enumerate(ini.read(flat)):
        raw = raws[number]
        include, _, path = raw.strip().partition(" ")
        if include in ("!include", "!includedir"):
            done[number] = "{} {}".format(include, redactor.value(path.strip(), ("path",)))
        elif redactor.schema.of("my.cnf", _my_cnf_key(raw.strip())):
            done[number] = raw.strip()  # an option without a value
        elif raw.startswith((" ", "\t")) and line.kind == "option" and not kind_of(None, line.name or ""):
            done[number] = redactor.whole(raw.strip())  # it may continue a password
        if done[number] and raw.startswith((" ", "\t")):
            done[number] = "    " + done[number].lstrip()
    return "\n".join(done)


def _my_cnf_key(name: str) -> str:
    return name.replace("_", "-").lower()


def _logging(text: str, redactor: "Redactor") -> Optional[str]:
    if not _begins_with_section(text):
        return None
    return redactor.lines(text, lambda _, name: redactor.schema.of("logging", name), None, redactor.name)


def _paste(text: str, redactor: "Redactor") -> Optional[str]:
    if not _begins_with_section(text):
        return None

    def kind_of(section: Optional[str], name: str) -> Kind:
        found = redactor.schema.of("paste", "/" if name.startswith("/") else name)
        group = (section or "").partition("filter:")[2]
        return found or (
            redactor.schema.option("keystone_authtoken" if group == "authtoken" else group, name)
            if group
            else ()
        )

    def name_of(name: str) -> str:
        return name if _PASTE_KEY.fullmatch(name) else redactor.name(name)

    def section_of(name: str) -> str:
        return name if _PASTE_SECTION.fullmatch(name) else redactor.name(name)

    done = redactor.lines(text, kind_of, name_of, section_of).split("\n")
    for number, line in enumerate(ini.read(text)):
        if line.kind == "option" and line.name == "use" and _EGG.fullmatch(line.value):
            done[number] = "use = " + line.value
    return "\n".join(done)


def _pem(text: str, _redactor: "Redactor") -> Optional[str]:
    blocks = [match.group(0) for match in _CERTIFICATE.finditer(text)]
    return "\n".join(blocks) + "\n" if blocks else None


def _environment(text: str, redactor: "Redactor") -> Optional[str]:
    done = []
    for raw in ini.split(text):
        match = _ASSIGNMENT.fullmatch(raw)
        if match:
            value = " ".join(commands.split(match.group(3).strip()))
            done.append(
                "{}={}".format(
                    redactor.variable(match.group(2)),
                    commands.quote(variable(match.group(2), value, redactor)),
                )
            )
        elif not raw.strip() or raw.lstrip().startswith("#"):
            done.append("#" if raw.strip() else "")
        else:
            done.append(redactor.whole(raw.strip()))
    return "\n".join(done)


def _unit(text: str, redactor: "Redactor") -> Optional[str]:
    done: List[str] = []
    for _, count, line in units.logical(text):
        done += [_directive(line, redactor)] + [""] * (count - 1)
    return "\n".join(done)


def _directive(raw: str, redactor: "Redactor") -> str:
    if not raw or raw.startswith(("#", ";")):
        return raw[:1]
    if raw.startswith("[") and raw.endswith("]"):
        return "[{}]".format(redactor.name(raw[1:-1]))
    key, equals, value = raw.partition("=")
    key, value = key.strip(), value.strip()
    if not equals:
        return redactor.whole(raw)
    if key == "ExecStart":
        left = commands.line(value, redactor)
    elif key == "Environment":
        pairs = [word.partition("=") for word in commands.split(value)]
        left = " ".join(
            commands.quote("{}={}".format(redactor.variable(name), variable(name, text, redactor)))
            for name, _, text in pairs
        )
    elif key == "EnvironmentFile":
        left = "-" * value.startswith("-") + redactor.value(value.lstrip("-"), ("path",))
    else:
        left = redactor.value(value, _UNIT_KINDS.get(key, ()))
    return "{}={}".format(redactor.name(key), left)


def _kolla(text: str, redactor: "Redactor") -> Optional[str]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    kept: Dict[str, Any] = {}
    if isinstance(content.get("command"), str):
        kept["command"] = commands.line(content["command"], redactor)
    entries = content.get("config_files")
    kept["config_files"] = [
        {key: _kept(key, entry[key], redactor) for key in _KOLLA if key in entry}
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
    ]
    return json.dumps(kept, indent=4, sort_keys=True)


def _kept(key: str, value: Any, redactor: "Redactor") -> Any:
    if isinstance(value, bool):
        return value
    text = str(value)
    return text if _KOLLA[key].fullmatch(text) else redactor.whole(text)


_REDACTORS = {
    "oslo": _oslo,
    "my.cnf": _my_cnf,
    "logging": _logging,
    "paste": _paste,
    "policy": policies.redact,
    "pem": _pem,
    "environment": _environment,
    "unit": _unit,
    "kolla": _kolla,
}
