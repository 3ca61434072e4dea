"""RabbitMQ: asked by rabbitmqctl as the broker's own user, else its rabbitmq.conf, conf.d and advanced.config.

What `rabbitmqctl environment` prints as JSON has text either as text or as a list of its characters. Files in the newer form
are turned into the same terms, as ``priv/schema/rabbit.schema`` of RabbitMQ does, which advanced.config then overrides.
"""

import json
import posixpath
import re
from typing import Any, Dict, Iterator, List, Optional, Tuple

from . import children
from .sight import PATH, Sight

_VERSIONS = ("list", "enum", "tlsv1.3", "tlsv1.2", "tlsv1.1", "tlsv1", "sslv3")

KINDS = {
    "loopback_users": ("list", "word"),
    "ssl_options.versions": _VERSIONS,
    "ssl_options.verify": ("enum", "verify_peer", "verify_none"),
    "ssl_options.fail_if_no_peer_cert": ("boolean",),
    "ssl_options.cacertfile": ("path",),
    "ssl_options.certfile": ("path",),
    "ssl_options.keyfile": ("path",),
    "ssl.protocol_version": _VERSIONS,
    "auth_mechanisms": ("list", "enum", "PLAIN", "AMQPLAIN", "EXTERNAL", "ANONYMOUS", "RABBIT-CR-DEMO"),
    "connection_max": ("integer",),
}

#: What its client needs of the broker's own environment: where the cookie lies, the node, and how it is reached.
_NEEDED = (
    "HOME RABBITMQ_NODENAME RABBITMQ_USE_LONGNAME RABBITMQ_CONF_ENV_FILE RABBITMQ_CTL_ERL_ARGS ERL_EPMD_PORT ERL_EPMD_ADDRESS"
).split()

_PLACES = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/sbin")
_FOLDER = "/etc/rabbitmq"

#: Plugins with listeners of their own: how rabbitmq.conf and the broker call them, and the port they take unless told.
_PLUGINS = {
    "rabbitmq_mqtt": ("mqtt", "1883"),
    "rabbitmq_stomp": ("stomp", "61613"),
    "rabbitmq_stream": ("stream", "5552"),
}

_SETTING = re.compile(r"\s*([A-Za-z0-9_.$-]+)\s*=\s*(.*)")
_VARIABLE = re.compile(r"\s*(?:export\s+)?(?:RABBITMQ_)?([A-Z_]+)=[\"']?([^\"'#]*)")
_TOKEN = re.compile(
    r"\s+|%[^\n]*|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<mark><<|>>|[][{},.|])|(?P<word>[A-Za-z0-9_@#.+-]*[A-Za-z0-9_@#+-])",
    re.S,
)
_DEPTH = 64

Origins = Dict[str, Tuple[str, int]]


def is_one(name: str, argv: List[str]) -> bool:
    """Return whether a process of this name is one; its clients and other programs in Erlang run as beam.smp too."""
    return name in ("beam.smp", "beam") and any(
        argv[at : at + 2] == ["-s", "rabbit"] for at in range(len(argv))
    )


def ask(sight: Sight, _files: Sight) -> None:
    """Ask the running broker; raises `children.Refused`."""
    running = sight.running
    environment = {name: running.environ[name] for name in _NEEDED if name in running.environ}
    environment.setdefault("HOME", _after(running.argv, "-home") or "/var/lib/rabbitmq")
    node = _after(running.argv, "-sname") or _after(running.argv, "-name")
    if node and "@" in node:
        environment.setdefault("RABBITMQ_NODENAME", node)
    folder = _after(running.argv, "-root")
    if folder:
        environment["PATH"] = "{}/bin:{}".format(folder, PATH)
    libraries = running.environ.get("ERL_LIBS", "").split(":")[0]
    homes = [posixpath.dirname(libraries) + "/sbin"] if libraries.endswith("/plugins") else []
    clients = [place + "/rabbitmqctl" for place in homes + list(_PLACES)]

    def answer(*words: str) -> Any:
        output = sight.ask(clients, ["-q", *words, "--formatter", "json"], environment)
        starts = [output.find(mark) for mark in "{[" if mark in output]
        try:
            return json.loads(output[min(starts or [0]) :])
        except (ValueError, RecursionError):
            raise children.Refused("rabbitmqctl {} gave no JSON".format(words[0])) from None

    applications = answer("environment")
    status = answer("status")
    _put(sight, applications, {})
    sight.version = str(status.get("rabbitmq_version", ""))
    # Of what its web server listens on, the broker always says that it were every address.
    bound = {config.get("port"): config.get("ip") for config in _web(applications)}
    for listener in status.get("listeners", []):
        address = bound.get(listener["port"]) or listener["interface"]
        sight.listen(_text(address), str(listener["port"]), str(listener["protocol"]))
    sight.accounts = []
    for user in answer("list_users"):
        sight.account(str(user["user"]), tags=[str(tag) for tag in user.get("tags", [])])


def read(sight: Sight) -> None:
    """Read the settings from the files."""
    environ = dict(_environment(sight), **sight.running.environ)
    applications: Dict[str, Any] = {}
    origins: Origins = {}
    settings: Dict[str, Tuple[str, Tuple[str, int]]] = {}
    main = environ.get("RABBITMQ_CONFIG_FILE", _FOLDER + "/rabbitmq")
    stem = re.sub(r"\.(conf|config)$", "", main)
    folder = environ.get("RABBITMQ_CONFIG_FILES", _FOLDER + "/conf.d")
    for path in [stem + ".conf", *sight.names(folder, ".conf")]:
        text = sight.text(path)
        for number, line in enumerate((text or "").split("\n"), 1):
            match = _SETTING.fullmatch(line.partition("#")[0].rstrip())
            if match:
                settings[match.group(1)] = (match.group(2).strip("'"), (path, number))
    _translate(settings, applications, origins)
    for path in (
        stem + ".config",
        environ.get("RABBITMQ_ADVANCED_CONFIG_FILE", _FOLDER + "/advanced.config"),
    ):
        text = sight.text(path)
        if text is not None:
            _override(sight, path, text, applications, origins)
    rabbit = applications.setdefault("rabbit", {})
    if not sight.running.environ:
        sight.note("its environment could not be seen, which may name other files")
    rabbit.setdefault("tcp_listeners", [5672])
    plugins = sight.text(environ.get("RABBITMQ_ENABLED_PLUGINS_FILE", _FOLDER + "/enabled_plugins")) or ""
    _put(sight, applications, origins)
    for name, protocol in (("tcp_listeners", "amqp"), ("ssl_listeners", "amqp/ssl")):
        for item in rabbit.get(name) or ():
            address, port = item[:2] if isinstance(item, (tuple, list)) else ("*", item)
            sight.listen(_text(address), str(port), protocol)
    for plugin, (name, usual) in _PLUGINS.items():
        if re.search(r"\b{}\b".format(plugin), plugins):
            given = [value for key, (value, _) in settings.items() if key.startswith(name + ".listeners.tcp")]
            for value in given or [usual]:
                address, _, port = value.rpartition(":")
                sight.listen(address or "*", port, name)
    if re.search(r"\brabbitmq_management\b", plugins):
        _listen_for_management(sight, settings)


def listen(_sight: Sight) -> None:
    """Record nothing more: a broker's listeners are known by themselves."""


def _after(words: List[str], name: str) -> Optional[str]:
    return next((words[at + 1] for at in range(len(words) - 1) if words[at] == name), None)


def _put(sight: Sight, applications: Dict[str, Any], origins: Origins) -> None:
    rabbit = _mapping(applications.get("rabbit"))
    options = _mapping(rabbit.get("ssl_options"))
    found = {"ssl_options." + name: value for name, value in options.items()}
    found["ssl.protocol_version"] = _mapping(applications.get("ssl")).get("protocol_version")
    found.update((name, rabbit.get(name)) for name in ("loopback_users", "auth_mechanisms", "connection_max"))
    for name, value in found.items():
        if name in KINDS and value is not None and value != "infinity":
            text = (
                _text(value) if not isinstance(value, list) or _text(value) else ",".join(map(_text, value))
            )
            sight.put(name, text, origins.get(name) or origins.get(name.partition(".")[0]))


def _web(applications: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
    """Yield the configurations of the listeners of plugins that speak HTTP."""
    for name, options in applications.items():
        for key in ("listener", "tcp_config", "ssl_config"):
            if name.startswith("rabbitmq_"):
                yield _mapping(_mapping(options).get(key))


def _mapping(value: Any) -> Dict[str, Any]:
    if isinstance(value, list):
        pairs = [pair for pair in value if isinstance(pair, (tuple, list)) and len(pair) == 2]
        return {pair[0]: pair[1] for pair in pairs if isinstance(pair[0], str)}
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """Return text as text, whether Erlang has it as an atom, a binary, or a list of its characters."""
    if isinstance(value, list):
        return (
            "".join(map(chr, value)) if all(type(one) is int and 0 < one < 1 << 16 for one in value) else ""
        )
    return "true" if value is True else "false" if value is False else str(value)


def _environment(sight: Sight) -> Dict[str, str]:
    """Return the variables in rabbitmq-env.conf, a script for the shell, as far as they are plain assignments."""
    path = sight.running.environ.get("RABBITMQ_CONF_ENV_FILE", _FOLDER + "/rabbitmq-env.conf")
    found = (_VARIABLE.match(line) for line in (sight.text(path) or "").split("\n"))
    return {"RABBITMQ_" + match.group(1): match.group(2).strip() for match in found if match}


def _translate(
    settings: Dict[str, Tuple[str, Tuple[str, int]]], applications: Dict[str, Any], origins: Origins
) -> None:
    """Turn the settings of rabbitmq.conf into the terms that they stand for."""
    rabbit = applications.setdefault("rabbit", {})
    for name, (value, at) in settings.items():
        first, _, rest = name.partition(".")
        kind = rest.partition(".")[0]
        if first == "listeners" and kind in ("tcp", "ssl"):
            found = rabbit.setdefault(kind + "_listeners", [])
            address, colon, port = value.rpartition(":")
            if value != "none":
                found.append((address, port) if colon else value)
        elif first == "loopback_users":
            users = rabbit.setdefault(first, [])
            origins[first] = at
            if rest and value == "true":
                users.append(rest)
        elif first == "ssl_options":
            options = rabbit.setdefault(first, {})
            is_list = kind == "versions"
            options[kind] = [*options.get(kind, []), value] if is_list else value
            origins["ssl_options." + kind] = at
        elif first == "auth_mechanisms":
            rabbit.setdefault(first, []).append(value)
            origins[first] = at
        elif name == "connection_max":
            rabbit[name], origins[name] = value, at


def _listen_for_management(sight: Sight, settings: Dict[str, Tuple[str, Tuple[str, int]]]) -> None:
    def value(name: str) -> Optional[str]:
        return settings[name][0] if name in settings else None

    has_tls = any(name.startswith("management.ssl.") for name in settings)
    has_tcp = any(name.startswith("management.tcp.") for name in settings)
    if value("management.listener.port") or value("management.listener.ssl"):
        is_tls = value("management.listener.ssl") == "true"
        address, port = value("management.listener.ip"), value("management.listener.port")
        sight.listen(address or "*", port or "15672", "https" if is_tls else "http")
    elif has_tcp or not has_tls:
        sight.listen(value("management.tcp.ip") or "*", value("management.tcp.port") or "15672", "http")
    if has_tls:
        sight.listen(value("management.ssl.ip") or "*", value("management.ssl.port") or "15671", "https")


def _override(sight: Sight, path: str, text: str, applications: Dict[str, Any], origins: Origins) -> None:
    try:
        tokens = _tokens(text)
        first = next(tokens, "")
        terms = _mapping(_term(tokens, first, 0)) if first else {}
    except (ValueError, StopIteration):
        sight.note("{}: it is no Erlang term".format(path))
        return
    for application, pairs in terms.items():
        for name, value in _mapping(pairs).items():
            applications.setdefault(application, {})[name] = value
            for key in [key for key in origins if key.partition(".")[0] == name]:
                del origins[key]
            origins[name] = (path, 0)


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match or match.end() == at:
            raise ValueError(at)
        at = match.end()
        if match.lastgroup:
            yield match.group()


def _term(tokens: Iterator[str], token: str, depth: int) -> Any:
    """Return a term: tuples and lists as such, atoms, strings and binaries as text, numbers as numbers."""
    if depth > _DEPTH:
        raise ValueError(depth)
    if token in ("[", "{", "<<"):
        ends = {"[": "]", "{": "}", "<<": ">>"}[token]
        items = []
        for one in iter(lambda: next(tokens), ends):
            if one not in (",", "|"):
                items.append(_term(tokens, one, depth + 1))
        if ends == ">>":
            return items[0] if items else ""
        return items if ends == "]" else tuple(items)
    if token[0] in "\"'":
        return token[1:-1]
    if not re.match(r"[A-Za-z0-9_@#+-]", token):
        raise ValueError(token)
    if token in ("true", "false"):
        return token == "true"
    return int(token) if token.isdigit() else token
