"""The parameters of libpq: which it knows, what they may say, and where they come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from auditor.model import Setting
from auditor.probe import tokens
from auditor.semantics import libpq, libraries
from auditor.semantics.connection import Broken, Connection, Unseen
from auditor.semantics.keywords import LIBPQ, LIBPQ_LATER, PSYCOPG, PSYCOPG2, STRINGS
from auditor.semantics.parameters import Parameters

_VERIFYING = "sslmode=verify-full&sslrootcert=/path/to/ca.pem"
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_WEAK = ("disable", "allow", "prefer")
_TLS = (
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslcrl",
    "requiressl",
    "sslnegotiation",
    "channel_binding",
    "gssencmode",
    "service",
    "host",
    "hostaddr",
)

#: Parameter to the variable that sets it where nothing is written (``PQconninfoOptions``).
_VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "service": "PGSERVICE",
        "sslmode": "PGSSLMODE",
        "sslrootcert": "PGSSLROOTCERT",
        "sslcert": "PGSSLCERT",
        "sslkey": "PGSSLKEY",
        "sslcrl": "PGSSLCRL",
        "sslcrldir": "PGSSLCRLDIR",
        "sslnegotiation": "PGSSLNEGOTIATION",
        "sslcertmode": "PGSSLCERTMODE",
        "channel_binding": "PGCHANNELBINDING",
        "gssencmode": "PGGSSENCMODE",
        "require_auth": "PGREQUIREAUTH",
        "target_session_attrs": "PGTARGETSESSIONATTRS",
        "load_balance_hosts": "PGLOADBALANCEHOSTS",
        "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
        "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    }
)

#: What else than these ends every connection (``pqConnectOptions2``).
_VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sslmode": _MODES,
        "sslnegotiation": ("postgres", "direct"),
        "sslcertmode": ("disable", "allow", "require"),
        "channel_binding": ("disable", "prefer", "require"),
        "gssencmode": ("disable", "prefer", "require"),
        "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
        "load_balance_hosts": ("disable", "random"),
    }
)

_INTEGERS = (
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
)
#: What Linux takes, from 1 on (``MAX_TCP_KEEPIDLE`` and its like in ``net/tcp.h``).
_KEEPALIVES: Mapping[str, int] = MappingProxyType(
    {"keepalives_idle": 32767, "keepalives_interval": 32767, "keepalives_count": 127}
)
_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)\s*")
_VERSIONS = ("tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3")
_METHODS = frozenset(("password", "md5", "gss", "sspi", "scram-sha-256", "oauth", "none"))


@dataclass(frozen=True, slots=True)
class Words:
    """The parameters of one connection: the query of its URL, then the environment of its service."""

    connection: Connection
    parameters: Parameters

    @property
    def driver(self) -> str:
        """The driver's module, which is what takes the parameters."""
        named = self.parameters.url.name.partition("+")[2]
        if not named:
            return "psycopg" if self._sqlalchemy >= (2, 1) else "psycopg2"
        return named

    @property
    def _sqlalchemy(self) -> tuple[int, ...]:
        return libraries.required(self.connection.service, "SQLAlchemy").release

    def judging(self) -> tuple[Setting, ...]:
        """The parameters that say something about TLS, as lines of evidence."""
        return self.parameters.settings(*_TLS)

    def value(self, name: str) -> str | None:
        """The value in effect, None where there is none; raises `Unseen` where it stayed on its host."""
        value = self.parameters.seen(name)
        if value is None:
            text = self._variable(_VARIABLES.get(name, ""))
            since = LIBPQ_LATER.get(name)
            # A libpq that does not have the parameter does not read its variable.
            return None if text is not None and since and not self._requires(name, since) else text
        # SQLAlchemy hands a repeated parameter over as a tuple, and the driver writes that out.
        return value if isinstance(value, str) else str(value)

    def _variable(self, name: str) -> str | None:
        text = self.connection.service.environment.get(name)
        if text is not None and tokens.occurs(text):
            raise Unseen(f"the value of the environment's {name} was withheld")
        return text

    @property
    def has_system_roots(self) -> bool:
        """True where ``sslrootcert=system`` means the system's authorities: libpq 16 and newer.

        To an older one it is the name of a file. Raises `Unseen` where the version is not in evidence.
        """
        return self._requires("sslrootcert=system", 16)

    def _requires(self, what: str, since: int) -> bool:
        found = libpq.knows(self.connection.service, self.driver, since)
        if found is None:
            raise Unseen(
                f"{what} needs libpq {since}, and which libpq {self.driver} uses was not seen",
                *self.judging(),
            )
        return found

    def mode(self) -> str:
        """The sslmode in effect.

        ``requiressl`` is another way to write it, and the last of them counts (``conninfo_storeval``).
        """
        mode: str | None = None
        for name in self.parameters.url.query:
            if name == "sslmode":
                mode = self.value(name)
            elif name == "requiressl":
                mode = "require" if (self.value(name) or "").startswith("1") else "prefer"
        if mode is None:
            mode = self._variable("PGSSLMODE")
        if mode is None:
            mode = "require" if (self._variable("PGREQUIRESSL") or "").startswith("1") else None
        if mode is None and self.value("sslrootcert") == "system" and self.has_system_roots:
            mode = "verify-full"
        return "prefer" if mode is None else mode

    def require_known(self) -> None:
        """Raise `Broken` for a parameter that libpq does not have, `Unseen` where its version decides."""
        for name in self.parameters.url.query:
            if name == "dbname" and self._sqlalchemy < (2,) and self.parameters.url.database:
                raise Broken("psycopg2 takes the database's name once: every connection ends in TypeError")
            since = LIBPQ_LATER.get(name)
            if name in LIBPQ or name in self._own() or (since is not None and self._requires(name, since)):
                continue
            if name in STRINGS:
                raise Unseen(f"{name} is a connection string of its own, which stayed on its host")
            older = f" before {since}" if since is not None else ""
            raise Broken(
                f"{self.driver} with libpq{older} takes no parameter {name!r}: every connection fails",
                *self.judging(),
                remedy=self.parameters.replace((name,), _VERIFYING)
                if name.startswith("ssl") and not {"sslmode", "sslrootcert"} & set(self.parameters.url.query)
                else self.parameters.remove(name),
            )
        if self.value("service") is not None:
            raise Unseen(
                "parameters that the URL leaves out may stand in the service file of libpq, which was not read",
                *self.judging(),
            )

    def _own(self) -> frozenset[str]:
        """What the driver takes besides libpq; SQLAlchemy 1.4 hands psycopg2 the database as ``database``."""
        if self.driver == "psycopg":
            return PSYCOPG
        return PSYCOPG2 | {"database"} if self._sqlalchemy < (2,) else PSYCOPG2

    def require_valid(self, mode: str) -> None:
        """Raise `Broken` where libpq refuses what is written before it opens a connection."""
        for name, values in _VALUES.items():
            value = mode if name == "sslmode" else self.value(name)
            if value is not None and value not in values:
                raise Broken(
                    f"{name} {value} is none of {', '.join(values)}: every connection ends in invalid {name} value",
                    *self.judging(),
                    remedy=self._instead(name),
                )
        for name in _INTEGERS:
            value = self.value(name)
            # psycopg 3 counts the seconds of a connect itself, and takes fractions (``timeout_from_conninfo``).
            pattern = _NUMBER if name == "connect_timeout" and self.driver == "psycopg" else _INTEGER
            if value is not None and pattern.fullmatch(value) is None:
                raise Broken(
                    f"{name} {value} is no number that {self.driver} takes",
                    *self.judging(),
                    remedy=self._instead(name),
                )
        self._require_versions()
        self._require_methods()
        if self.value("sslnegotiation") == "direct" and mode in _WEAK:
            raise Broken(
                f"sslnegotiation=direct needs sslmode require or better, not {mode}", *self.judging()
            )
        is_weak = mode != "verify-full"
        if is_weak and self.value("sslrootcert") == "system" and self.has_system_roots:
            raise Broken(f"sslrootcert=system needs sslmode verify-full, not {mode}", *self.judging())

    def require_keepalives(self) -> None:
        """Raise `Broken` for what Linux does not take for a TCP socket (``setKeepalivesIdle`` and its like)."""
        keepalives = self.value("keepalives")
        if keepalives is not None and int(keepalives) == 0:
            return
        for name, most in _KEEPALIVES.items():
            value = self.value(name)
            if value is not None and not 0 < int(value) <= most:
                raise Broken(
                    f"Linux does not take {name} {value}, and every connection fails: Invalid argument",
                    *self.judging(),
                    remedy=self._instead(name),
                )

    def _instead(self, name: str) -> str | None:
        if name not in self.parameters.url.query:
            return None
        if name == "sslmode":
            return self.parameters.replace((name,), "sslmode=verify-full")
        return self.parameters.remove(name)

    def _require_versions(self) -> None:
        """The range of TLS versions; ``ssl_min_protocol_version`` is TLSv1.2 by default."""
        bounds = []
        for name, default in (("ssl_min_protocol_version", "tlsv1.2"), ("ssl_max_protocol_version", None)):
            written = self.value(name)
            value = (written or default or "").lower()
            if value and value not in _VERSIONS:
                raise Broken(f"{name} {written} is no version of TLS that libpq knows", *self.judging())
            bounds.append(_VERSIONS.index(value) if value else len(_VERSIONS))
        if bounds[0] > bounds[1]:
            raise Broken("ssl_max_protocol_version is below ssl_min_protocol_version", *self.judging())

    def _require_methods(self) -> None:
        """``require_auth``: names of methods, all or none of them negated."""
        written = self.value("require_auth")
        if not written:
            return
        names = written.split(",")
        negated = [name.startswith("!") for name in names]
        if any(name.removeprefix("!") not in _METHODS for name in names) or len(set(negated)) > 1:
            raise Broken(
                f"require_auth {written} is no list of methods: every connection ends in invalid require_auth value",
                *self.judging(),
                remedy=self._instead("require_auth"),
            )
