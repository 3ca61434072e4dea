"""The files that a configuration points at: certificates, keys, my.cnf, logging, paste and policy files, logs."""

import posixpath
import re
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Sequence, Tuple
from urllib.parse import unquote_plus

from . import grammar, ini, order, schema, tokens

if TYPE_CHECKING:
    from .gather import Gathered
    from .schema import Schema
    from .services import Definition

_CERTIFICATES = re.compile(
    r"(?:.*_)?(?:ca(?:_?file|_?certs?|_bundle)?|cert(?:_?file|s)?|cafile|certfile|verify_ssl_path|rootcert)"
)
_KEYS = re.compile(r"(?:.*_)?(?:key(?:_?file|s)?)")
_LOGS = ("log_file", "log_dir", "logfile", "logdir")

#: Keys of URL queries and of connection_parameters that name files, by what is read of them.
_QUERY = {
    "ssl_ca": "pem",
    "ssl_cert": "pem",
    "ssl_key": None,
    "ssl_capath": "folder",
    "sslrootcert": "pem",
    "sslcert": "pem",
    "sslkey": "key",
    "sslcrl": "pem",
    "ssl_ca_file": "pem",
    "ssl_cert_file": "pem",
    "ssl_key_file": None,
    "ssl_cafile": "pem",
    "ssl_client_cert_file": "pem",
    "ssl_client_key_file": None,
    "read_default_file": "my.cnf",
}
_MY_CNF = {"ssl-ca": "pem", "ssl-cert": "pem", "ssl-key": None, "ssl-capath": "folder", "ssl-crl": None}
_ENVIRONMENT = {
    "SSL_CERT_FILE": "pem",
    "REQUESTS_CA_BUNDLE": "pem",
    "CURL_CA_BUNDLE": "pem",
    "SSL_CERT_DIR": None,
    "PGSSLROOTCERT": "pem",
    "PGSSLCERT": "pem",
    "PGSSLKEY": "key",
    "PGSSLCRL": "pem",
}


class References:
    """Follows one service's configuration.

    Args:
        definition: `services.Definition`. found: `order.Order`. home: of the user, or None.
        gathered: takes the files. allowed: `schema.Schema`, which tells the options that are paths or URLs.
    """

    def __init__(
        self,
        definition: "Definition",
        found: "order.Order",
        home: Optional[str],
        gathered: "Gathered",
        allowed: "Schema",
    ) -> None:
        self.definition = definition
        self.found = found
        self.home = home
        self.gathered = gathered
        self.schema = allowed
        self.paths: Dict[str, Optional[str]] = {}
        self._pairs: List[Tuple[str, str]] = []
        self._values: Dict[Tuple[str, str], str] = {}

    def follow(self) -> Dict[str, Optional[str]]:
        """Add every file to what is gathered; return {path as the service uses it: key of the file, or None}."""
        view = self.definition.view
        texts = []
        for source in self.found.sources:
            host = view.host(source.path)
            text = self.gathered.text(host) if host else None
            if text:
                texts.append(text)
        settings = [item[:3] for text in texts for item in ini.assignments(text)]
        settings += list(_environment(self.definition.environment))
        settings += list(_arguments(self.definition.arguments))
        for section, name, value in settings:
            self._values[(section or "", name)] = value
        for section, name, value in settings:
            self._option(section, name, value)
        for name, form in _ENVIRONMENT.items():
            if self.definition.environment.get(name):
                self._add(self.definition.environment[name], form)
        self._beside("policy_file", ("policy.yaml", "policy.json"), "policy", ("oslo_policy", "DEFAULT"))
        self._policies()
        if self.definition.project == "nova":
            self._beside("api_paste_config", ("api-paste.ini",), "paste", ("wsgi", "DEFAULT"))
        self._pair_options()
        return self.paths

    def follow_cell(self, transport_url: str, database_connection: str) -> None:
        """Add the files that the redacted URLs of a cell name to what `follow` has returned."""
        for section, name, value in (
            ("DEFAULT", "transport_url", transport_url),
            ("database", "connection", database_connection),
        ):
            head, mark, query = value.partition("?")
            shown = "&".join(part for part in query.split("&") if not tokens.occurs(part))
            self._option(section, name, head + mark + shown)

    def pairs(self) -> List[Tuple[str, str]]:
        """Return (certificate, its key) as keys of files, as far as both lie where this target shows them.

        A certificate that is named alone stands for both: whoever loads it looks for the key in the same file.
        """
        found = []
        for certificate, key in self._pairs:
            places = self.paths.get(certificate), self.paths.get(key)
            if places[0] is not None and places[1] is not None:
                found.append((places[0], places[1]))
        return list(dict.fromkeys(found))

    def _pair_options(self) -> None:
        for (section, name), value in self._values.items():
            partner = name.replace("cert", "key")
            group = "keystone_authtoken" if section == "filter:authtoken" else section
            kinds = [self.schema.option(group or None, one) for one in (name, partner)]
            if partner == name or not all(kind and kind[-1] == "path" for kind in kinds):
                continue
            certificate = self._resolved(value, section)
            key = self._resolved(self._values.get((section, partner), value), section)
            if certificate and key:
                self._pairs.append((certificate, key))
        environment = self.definition.environment
        if environment.get("PGSSLCERT") and environment.get("PGSSLKEY"):
            self._pairs.append((environment["PGSSLCERT"], environment["PGSSLKEY"]))

    def _option(self, section: Optional[str], name: str, value: str) -> None:
        group = "keystone_authtoken" if section == "filter:authtoken" else section
        kind = self.schema.option(group, name)
        if not kind or not value:
            return
        if kind == ("pairs",):
            self._query(value.lstrip("?"), section)
        elif kind[-1] == "url":
            query = value.partition("?")[2]
            self._query(query, section)
            if "#" in query:
                self._query(query.partition("#")[0], section)  # where oslo.messaging ends it
            if value.startswith("postgresql") and self.home:
                own = [
                    self.home + "/.postgresql/" + file
                    for file in ("postgresql.crt", "postgresql.key", "root.crt")
                ]
                for path in own:
                    self._add(path, "key" if path.endswith("key") else "pem")
                self._pairs.append((own[0], own[1]))
        elif kind[-1] == "path":
            self._path(name, self._resolved(value, section))

    def _path(self, name: str, value: Optional[str]) -> None:
        if value is None or "\n" in value:
            return
        if name in ("log_config_append", "log_config"):
            self._add(value, "logging")
        elif name in ("policy_file", "policy_dirs", "api_paste_config"):
            pass  # looked for beside the configuration, see follow
        elif name in _LOGS:
            self._add(value, None)
            folder = self._values.get(("DEFAULT", "log_dir")) or self._values.get(("DEFAULT", "logdir"))
            if name in ("log_file", "logfile") and folder and not value.startswith("/"):
                self._add(posixpath.join(folder, value), None)
        elif _KEYS.fullmatch(name):
            self._add(value, None)
        elif _CERTIFICATES.fullmatch(name):
            self._add(value, "pem")

    def _query(self, text: str, section: Optional[str]) -> None:
        found: Dict[str, List[str]] = {}
        for part in text.split("&"):
            key, _, value = part.partition("=")
            if key in _QUERY and value:
                found.setdefault(key, []).append(unquote_plus(value))
        for key, values in found.items():
            # oslo.messaging joins what is repeated.
            for value in [*values, ",".join(values)]:
                resolved = self._resolved(value, section)
                if resolved:
                    self._add(resolved, _QUERY[key])
        for name in found:
            partner = name.replace("cert", "key")
            # libpq looks for a key of its own beside sslcert, never in the same file.
            if partner == name or partner not in _QUERY or (name == "sslcert" and partner not in found):
                continue
            places = [self._resolved(found.get(one, found[name])[-1], section) for one in (name, partner)]
            if places[0] and places[1]:
                self._pairs.append((places[0], places[1]))
        if "read_default_group=" in text and "read_default_file=" not in text:
            # The drivers then look where MySQL's clients do.
            for path in ("/etc/my.cnf", "/etc/mysql/my.cnf"):
                self._add(path, "my.cnf")

    def _resolved(self, value: str, section: Optional[str]) -> Optional[str]:
        """Return a value with simple references replaced, or None where one cannot be resolved here."""
        for _ in range(4):
            match = schema.REFERENCE.search(value)
            if match is None:
                return value
            key = match.group(2) or match.group(3)
            if not key:
                return None
            group, dot, name = key.partition(".")
            places = [(group, name)] if dot else [(section or "", key), ("DEFAULT", key)]
            place = next((place for place in places if place in self._values), None)
            if place is None or not self._leaves(place):
                return None
            found = self._values[place]
            value = value[: match.start()] + found + value[match.end() :]
        return None

    def _leaves(self, place: Tuple[str, str]) -> bool:
        """Return whether a value may become part of a path, which leaves the host as it is."""
        kind = self.schema.option(*place)
        plain = grammar.without_references(self._values[place], lambda _: True)
        return (
            bool(kind)
            and kind[-1] not in ("url", "pairs")
            and plain is not None
            and grammar.fits(plain, kind)
        )

    def _beside(self, name: str, defaults: Sequence[str], form: str, sections: Sequence[str]) -> None:
        """Add a file that oslo.config's find_file looks for (cfg.py:ConfigOpts.find_file)."""
        written = next(
            (self._values[place, name] for place in sections if (place, name) in self._values), None
        )
        if written and not grammar.fits(written, ("path",)):
            return
        for wanted in (written,) if written else defaults:
            path = self._find(wanted)
            if path is not None:
                self.paths.setdefault(wanted, self._add(path, form))
                return
        if written and not written.startswith("/"):
            self.paths.setdefault(
                written, self._add(posixpath.join("/etc/" + self.definition.project, written), form)
            )

    def _find(self, name: str) -> Optional[str]:
        if name.startswith("/"):
            return name
        folders = [
            path
            for path in self.found.config_dirs
            if any(item.how == "argument-dir" for item in self.found.sources)
        ]
        folders += [posixpath.dirname(path) for path in reversed(self.found.config_files)]
        folders += order.search_path(self.definition.project, self.definition.environment, self.home)
        paths = [posixpath.join(folder, name) for folder in folders]
        return next((path for path in paths if self.definition.view.exists(path)), None)

    def _policies(self) -> None:
        written = [value for (_, name), value in self._values.items() if name == "policy_dirs"] or [
            "policy.d"
        ]
        view = self.definition.view
        for wanted in written:
            folder = self._find(wanted)
            if folder is None:
                continue
            try:
                names = view.listdir(folder)
            except OSError:
                self._add(folder, None)
                continue
            for name in names:
                if not name.startswith("."):
                    self._add(posixpath.join(folder, name), "policy")

    def _add(self, path: str, form: Optional[str]) -> Optional[str]:
        """Record a file under the path that the service uses; return its key, or None where it lies elsewhere."""
        # What has not the form of a path may be anything, and a path leaves the host as it is.
        if path in self.paths or not grammar.fits(path, ("path",)):
            return self.paths.get(path)
        host = self.definition.view.host(order.absolute(path, self.home, self.definition.cwd or "/"))
        key = None
        if host is not None:
            if form == "key":
                key = self.gathered.note_key(host)
            elif form == "folder" or (form == "pem" and self.gathered.tree.is_folder(host)):
                key = self.gathered.note_authorities(host)
            else:
                key = self.gathered.note(host) if form is None else self.gathered.add(host, form)
        self.paths[path] = key
        if form == "my.cnf" and host is not None:
            self._my_cnf(self.gathered.text(host) or "", 0)
        return key

    def _my_cnf(self, text: str, depth: int) -> None:
        for line in ini.split(text):
            include, _, path = line.strip().partition(" ")
            path = path.strip()
            if include == "!include" and depth < 3 and path:
                self._add(path, "my.cnf")
            elif include == "!includedir" and depth < 3 and path:
                try:
                    names = self.definition.view.listdir(path)
                except OSError:
                    names = []
                for name in names:
                    if name.endswith((".cnf", ".ini")):
                        self._add(posixpath.join(path, name), "my.cnf")
        sections: Dict[Tuple[Optional[str], str], str] = {}
        for section, name, value, _ in ini.assignments("\n".join(line.strip() for line in ini.split(text))):
            key = name.replace("_", "-").lower().replace("tls-", "ssl-")
            if key in _MY_CNF and value:
                self._add(value, _MY_CNF[key])
                sections[section, key] = value
        for (section, key), value in sections.items():
            if key == "ssl-cert" and (section, "ssl-key") in sections:
                self._pairs.append((value, sections[section, "ssl-key"]))


def _environment(environment: Dict[str, str]) -> Iterator[Tuple[str, str, str]]:
    """Yield (group, option, value) for each variable that sets an option (oslo_config/sources/_environment.py)."""
    for variable, value in environment.items():
        group, separator, name = variable[3:].partition("__")
        if variable.startswith("OS_") and separator:
            yield ("DEFAULT" if group == "DEFAULT" else group.lower()), name.lower(), value


def _arguments(arguments: List[str]) -> Iterator[Tuple[str, str, str]]:
    """Yield (group, option, value) for the arguments that have values, under DEFAULT."""
    for index, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            continue
        following = arguments[index + 1] if index + 1 < len(arguments) else ""
        value = value if equals else "" if following.startswith("-") else following
        if value:
            yield "DEFAULT", name[2:].replace("-", "_"), value
