"""What may leave a host: reads ``allowed.json``, whose form ``auditor/releases/allowed.py`` documents.

Everything that stands nowhere in it is secret. Group names compare as oslo.config compares them: without regard to
case, except DEFAULT (``oslo_config/cfg.py:_normalize_group_name``).
"""

import json
import pkgutil
import re
from typing import Any, Dict, Optional, Set, Tuple

#: oslo.config's references: ``cfg.py:ConfigOpts.Template`` over string.Template, where ``\\$`` is read as ``$$``.
REFERENCE = re.compile(r"\$(?:(\$)|([_a-z][._a-z0-9]*)|\{([_a-z][._a-z0-9]*)\}|())", re.IGNORECASE)

#: A kind is a tuple such as ("word",), ("list", "host"), ("enum", "a", "b"); this one is withheld.
Kind = Tuple[str, ...]

SECRET: Kind = ()

# oslo.messaging lets the query of a transport URL override the options of these groups (_drivers/common.py).
_MESSAGING = ("oslo_messaging_rabbit", "oslo_messaging_kafka")


class Schema:
    """The reviewed kinds, asked by group and name.

    Args:
        allowed: the JSON value of ``allowed.json``.
    """

    def __init__(self, allowed: Dict[str, Any]) -> None:
        self.types = [tuple(kind) for kind in allowed["types"]]
        # Older names have groups of their own in capitals ([DATABASE]), which are the same to a file.
        self.groups: Dict[str, Dict[str, int]] = {}
        for group, names in sorted(allowed["groups"].items()):
            self.groups.setdefault(_normal(group), {}).update(names)
        self.prefixes = [(group[:-1], names) for group, names in self.groups.items() if group.endswith("*")]
        self.withheld: Dict[str, Set[str]] = {}
        for group, text in allowed["withheld"].items():
            self.withheld.setdefault(_normal(group), set()).update(text.split())
        self.formats = {
            name: allowed[name] for name in ("query", "my.cnf", "paste", "logging", "environment")
        }

    def option(self, section: Optional[str], name: str) -> Kind:
        """Return the kind of an option as a file's section and name spell it; `SECRET` where it is not listed."""
        position = self._names(_normal(section or "")).get(name)
        return SECRET if position is None else self.types[position]

    def _names(self, group: str) -> Dict[str, int]:
        names = self.groups.get(group)
        if names is None:
            names = next((names for prefix, names in self.prefixes if group.startswith(prefix)), {})
        return names

    def knows(self, section: Optional[str], name: str) -> bool:
        """Return whether some release knows the option under this name, older names included.

        A reference to it resolves (``cfg.py:ConfigOpts._get_opt_info`` looks among deprecated names too).
        """
        group = _normal(section or "")
        return name in self.withheld.get(group, ()) or name in self._names(group)

    def knows_group(self, name: str) -> bool:
        """Return whether some release registers a group of this name."""
        return name in self.groups or name in self.withheld

    def query(self, key: str) -> Kind:
        """Return the kind of a key of a URL's query or of connection_parameters."""
        kind = self.of("query", key)
        for group in _MESSAGING:
            kind = kind or self.option(group, key)
        return kind

    def of(self, form: str, key: str) -> Kind:
        """Return the kind of a key in one of the other formats: query, my.cnf, paste, logging, environment."""
        position = self.formats[form].get(key)
        return SECRET if position is None else self.types[position]

    def variable(self, name: str) -> Kind:
        """Return the kind of an environment variable; ``OS_<GROUP>__<OPTION>`` has that of the option."""
        group, separator, option = name[3:].partition("__")
        if name.startswith("OS_") and separator:
            return self.option("DEFAULT" if group == "DEFAULT" else group, option.lower())
        return self.of("environment", name)

    def knows_variable(self, name: str) -> bool:
        """Return whether an environment variable of this name means something to a service."""
        group, separator, option = name[3:].partition("__")
        if name.startswith("OS_") and separator and self.knows(group, option.lower()):
            return True
        return name in self.formats["environment"]

    def refers(self, key: str, section: Optional[str]) -> bool:
        """Return whether ``$key``, written in a section, resolves (``cfg.py:ConfigOpts.StrSubWrapper``)."""
        group, separator, name = key.partition(".")
        if separator:
            return self.knows(group, name)
        return self.knows(section, key) or self.knows("DEFAULT", key) or self.knows_group(key)

    def references(self, text: str, section: Optional[str]) -> str:
        """Return which of the traits ``u`` and ``r`` (see `tokens`) apply to a text, as a string."""
        found = ""
        for _, named, braced, _ in REFERENCE.findall(text.replace("\\$", "$$")):
            if named or braced:
                found += "r" if self.refers(named or braced, section) else "u"
        return found

    def is_reference(self, text: str, section: Optional[str]) -> bool:
        """Return whether the whole text is one reference to a known option."""
        match = REFERENCE.fullmatch(text)
        key = match.group(2) or match.group(3) if match else None
        return bool(key) and self.refers(str(key), section)


def _normal(group: str) -> str:
    return group if group == "DEFAULT" else group.lower()


def load() -> Schema:
    """Return the `Schema` that travels with the probe."""
    packed = pkgutil.get_data(__package__ or "", "allowed.json") or b"{}"
    return Schema(json.loads(packed.decode("utf-8")))
