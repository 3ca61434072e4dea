"""What libpq does with the parameters that psycopg2 or psycopg hands it.

Sources: libpq 17 (``fe-connect.c``, the documentation's chapter on SSL support), measured through psycopg2. libpq's own
version is in no evidence; what depends on it is left undecided.
"""

from typing import Any

from auditor.model import Limit, Missing, Posture, Transport, Trust
from auditor.semantics.certificates import look_at, look_at_certificates
from auditor.semantics.connection import Broken, Connection
from auditor.semantics.keywords import LIBPQ
from auditor.semantics.parameters import Parameters
from auditor.semantics.urls import endpoint

_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "host")


def judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport that this URL gives through libpq; raises `Broken` and `Unseen`."""
    judging = parameters.settings(*_TLS)
    for name in parameters.url.query:
        if name not in LIBPQ:
            raise Broken(
                f"libpq has no parameter {name!r}: every connection ends in invalid connection option",
                *judging,
                remedy=f"remove {name} from the query of {connection.url}; for TLS,"
                " sslmode=verify-full&sslrootcert=/path/to/ca.pem",
            )
    connection, is_socket = _locate(connection, parameters)
    if is_socket:
        return connection.transport(
            Posture.LOCAL, "a unix socket of this host, on which libpq does not use TLS", judging=judging
        )
    root = parameters.seen("sslrootcert")
    default = "require" if parameters.url.query.get("requiressl") == "1" else "prefer"
    mode = parameters.seen("sslmode") or ("verify-full" if root == "system" else default)
    if mode not in _MODES:
        raise Broken(
            f"sslmode {mode} is none of {', '.join(_MODES)}: every connection ends in invalid sslmode value",
            *judging,
            remedy=f"write sslmode=verify-full in the query of {connection.url}",
        )
    unseen: list[str] = []
    facts: dict[str, Any] = {
        "judging": judging,
        "client_certificate": _certificate(connection, parameters, unseen),
    }
    posture, when, trust, reason = _posture(connection, str(mode), root, unseen, facts)
    return connection.transport(
        posture,
        reason,
        when_encrypted=when,
        trust=trust,
        limited_by=None if posture is Posture.VERIFIED_FULL else Limit("configuration", str(connection.url)),
        remedy=None
        if posture is Posture.VERIFIED_FULL
        else _remedy(parameters, "sslmode" in parameters.url.query, "sslrootcert" in parameters.url.query),
        undecided="; ".join(unseen) or None,
        **facts,
    )


def _posture(
    connection: Connection,
    mode: str,
    root: str | tuple[str, ...] | None,
    unseen: list[str],
    facts: dict[str, Any],
) -> tuple[Posture, Posture | None, Trust, str]:
    """Posture, posture when encrypted, trust and reason of a mode with what lies at ``sslrootcert``."""
    nobody = Trust("none")
    if mode == "disable":
        return Posture.PLAINTEXT, None, nobody, "sslmode is disable"
    if mode == "allow":
        reason = "sslmode allow tries plain text first, and encrypts only where the server refuses that"
        return Posture.PLAINTEXT, None, nobody, reason
    if root == "system":
        if mode != "verify-full":
            raise Broken(f"sslrootcert=system needs sslmode verify-full, not {mode}", *facts["judging"])
        unseen.append("sslrootcert=system needs libpq 16 or newer, whose version was not seen")
        reason = "the server needs a certificate from the system's authorities for its own name"
        return Posture.VERIFIED_FULL, None, Trust("system"), reason
    verifies = mode.startswith("verify-")
    path = str(root) if root else None
    if path is None:
        if verifies:
            unseen.append(
                f"sslmode {mode} without sslrootcert needs ~/.postgresql/root.crt, which was not looked for"
            )
            path = "~/.postgresql/root.crt"
    else:
        seen = look_at_certificates(connection.service, path)
        facts["ca_file"] = seen.found
        is_there = not (isinstance(seen.found, Missing) and seen.found.is_absent)
        if seen.problem and (verifies or is_there):
            raise Broken(f"sslrootcert: {seen.problem}, and libpq refuses to connect", *facts["judging"])
        if seen.problem:
            path = None
        elif seen.unseen:
            unseen.append(seen.unseen)
    trust = Trust("file", path) if path else nobody
    lost = f"; {root} does not exist, and libpq does not mind" if root and not path else ""
    if mode == "verify-full":
        return (
            Posture.VERIFIED_FULL,
            None,
            trust,
            f"the server needs a certificate from {path} for its own name",
        )
    if mode == "verify-ca" or (mode == "require" and path):
        return (
            Posture.VERIFIED_CA,
            None,
            trust,
            f"sslmode {mode} accepts a certificate from {path} for any name",
        )
    if mode == "require":
        return Posture.ENCRYPTED, None, trust, f"sslmode require accepts any certificate{lost}"
    reason = (
        "sslmode prefer goes on in plain text, with the password, when the server says that it has no TLS"
    )
    if path:
        reason += " or shows a certificate that sslrootcert does not vouch for"
    return (
        Posture.OPPORTUNISTIC,
        Posture.VERIFIED_CA if path else Posture.ENCRYPTED,
        trust,
        reason + lost,
    )


def _certificate(connection: Connection, parameters: Parameters, unseen: list[str]) -> str:
    """Whether the client shows a certificate: ``yes`` or ``no``."""
    certificate, key = parameters.seen("sslcert"), parameters.seen("sslkey")
    if not certificate:
        return "no"
    for name, path in (("sslcert", certificate), ("sslkey", key)):
        seen = look_at(connection.service, str(path)) if path else None
        # libpq goes on without a certificate where the file is absent, but not without its key.
        if seen and seen.problem and name == "sslcert":
            return "no"
        if seen and seen.problem:
            raise Broken(f"{name}: {seen.problem}, and libpq refuses to connect", *parameters.settings(name))
        if seen and seen.unseen:
            unseen.append(seen.unseen)
    return "yes"


def _locate(connection: Connection, parameters: Parameters) -> tuple[Connection, bool]:
    """The connection to where it really goes, and whether that is a unix socket."""
    url = parameters.url
    hosts = parameters.seen("host") or url.host
    port = parameters.seen("port") or url.port or 5432
    if not hosts:
        return connection.to(("localhost", "/var/run/postgresql")), True
    if isinstance(hosts, str):
        hosts = tuple(hosts.split(","))
    if hosts[0].startswith("/"):
        return connection.to(("localhost", hosts[0])), True
    ports = str(port if not isinstance(port, tuple) else port[0]).split(",")
    places = []
    for index, host in enumerate(hosts):
        name, _, own = host.partition(":") if host.count(":") == 1 else (host, "", "")
        places.append((name, endpoint(name, own or ports[min(index, len(ports) - 1)])))
    return connection.to(*places), False


def _remedy(parameters: Parameters, has_mode: bool, has_root: bool) -> str:
    """The change that makes the server prove its name."""
    url = parameters.connection.url
    if not has_mode and not has_root:
        return parameters.add("sslmode=verify-full&sslrootcert=/path/to/ca.pem")
    return f"write sslmode=verify-full and sslrootcert=/path/to/ca.pem in the query of {url}"
