"""What libpq does with the parameters that psycopg2 or psycopg hands it.

Sources: libpq 17 (``fe-connect.c``, ``fe-secure-openssl.c``, the manual's chapter "SSL Support"), measured through
psycopg2 2.9. libpq's own version is in no evidence; what depends on it is left undecided.
"""

from dataclasses import dataclass
from typing import Any

from auditor.model import File, Limit, Missing, Posture, Setting, Transport, Trust
from auditor.semantics.certificates import look_at, look_at_certificates
from auditor.semantics.connection import Broken, Connection
from auditor.semantics.keywords import LIBPQ
from auditor.semantics.parameters import Parameters
from auditor.semantics.urls import endpoint

_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "requiressl", "host")
_VERIFYING = "sslmode=verify-full&sslrootcert=/path/to/ca.pem"


@dataclass(slots=True)
class _Attempt:
    """One connection being made, and what was learnt on the way.

    ``problem`` is why no TLS connection can come about; ``root`` is the file of authorities that libpq loads.
    """

    connection: Connection
    parameters: Parameters
    judging: tuple[Setting, ...]
    mode: str
    root: str | None = None
    ca_file: File | Missing | None = None
    problem: str | None = None
    unseen: tuple[str, ...] = ()
    client_certificate: str = "no"

    def transport(self, posture: Posture, reason: str, **more: Any) -> Transport:
        """The transport with this posture, and the change that mends it."""
        is_fine = posture is Posture.VERIFIED_FULL
        url = self.connection.url
        return self.connection.transport(
            posture,
            reason,
            **{
                "limited_by": None if is_fine else Limit("configuration", str(url)),
                "remedy": None if is_fine else self._remedy(),
                "client_certificate": self.client_certificate,
                "judging": self.judging,
                "undecided": "; ".join(self.unseen) or None,
                "ca_file": self.ca_file,
                **more,
            },
        )

    def _remedy(self) -> str:
        """The change that has certificate and name verified, with the file of authorities that there is already."""
        query = self.parameters.url.query
        is_unused = self.mode in ("disable", "allow") and "sslrootcert" in query
        has_root = is_unused or (bool(self.root) and self.problem is None)
        names = tuple(name for name in ("sslmode", *(() if has_root else ("sslrootcert",))) if name in query)
        wanted = "sslmode=verify-full" if has_root else _VERIFYING
        return self.parameters.replace(names, wanted) if names else self.parameters.add(wanted)


def judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport that this URL gives through libpq; raises `Broken` and `Unseen`."""
    judging = parameters.settings(*_TLS)
    for name in parameters.url.query:
        if name not in LIBPQ:
            raise Broken(
                f"libpq has no parameter {name!r}: every connection ends in invalid connection option",
                *judging,
                remedy=parameters.replace((name,), _VERIFYING)
                if name.startswith("ssl") and not {"sslmode", "sslrootcert"} & set(parameters.url.query)
                else parameters.remove(name),
            )
    mode = _mode(parameters, judging)
    connection, is_socket = _locate(connection, parameters)
    if is_socket:
        reason = "a unix socket of this host, on which libpq uses no TLS"
        return connection.transport(Posture.LOCAL, reason, judging=judging)
    attempt = _Attempt(connection, parameters, judging, mode)
    if mode == "disable":
        return attempt.transport(Posture.PLAINTEXT, "sslmode is disable")
    if mode == "allow":
        reason = "sslmode allow tries plain text first, and encrypts only where the server refuses that"
        return attempt.transport(Posture.PLAINTEXT, reason)
    if parameters.seen("sslrootcert") == "system":
        return _by_system(attempt)
    _load_root(attempt)
    _load_certificate(attempt)
    return _optional(attempt) if mode == "prefer" else _required(attempt)


def _mode(parameters: Parameters, judging: tuple[Setting, ...]) -> str:
    """The sslmode in effect."""
    default = "require" if parameters.seen("requiressl") == "1" else "prefer"
    if parameters.seen("sslrootcert") == "system":
        default = "verify-full"
    mode = parameters.seen("sslmode") or default
    if mode not in _MODES:
        raise Broken(
            f"sslmode {mode} is none of {', '.join(_MODES)}: every connection ends in invalid sslmode value",
            *judging,
            remedy=parameters.replace(("sslmode",), "sslmode=verify-full"),
        )
    if parameters.seen("sslnegotiation") == "direct" and mode in ("allow", "prefer"):
        raise Broken(f"sslnegotiation=direct needs sslmode require or better, not {mode}", *judging)
    return str(mode)


def _by_system(attempt: _Attempt) -> Transport:
    if attempt.mode != "verify-full":
        raise Broken(f"sslrootcert=system needs sslmode verify-full, not {attempt.mode}", *attempt.judging)
    attempt.unseen += ("sslrootcert=system needs libpq 16 or newer, whose version was not seen",)
    return attempt.transport(
        Posture.VERIFIED_FULL,
        "the server needs a certificate from the system's authorities for its own name",
        trust=Trust("system"),
    )


def _load_root(attempt: _Attempt) -> None:
    """``sslrootcert``, or what lies in the home of the service's user; libpq does not mind where neither is there."""
    service, verifies = attempt.connection.service, attempt.mode.startswith("verify-")
    written = attempt.parameters.seen("sslrootcert")
    path = str(written) if written else f"/var/lib/{service.project}/.postgresql/root.crt"
    seen = look_at_certificates(service, path)
    if written:
        attempt.ca_file = seen.found
    if isinstance(seen.found, Missing) and seen.found.is_absent:
        attempt.problem = seen.problem if verifies else None
    elif seen.problem:
        attempt.root, attempt.problem = path, seen.problem
    elif seen.unseen and written:
        attempt.root, attempt.unseen = path, (seen.unseen,)
    elif seen.unseen and verifies:
        attempt.root = "~/.postgresql/root.crt"
        attempt.unseen = (
            "without sslrootcert, libpq needs ~/.postgresql/root.crt, which was not looked for",
        )
    elif not seen.unseen:
        attempt.root = path


def _load_certificate(attempt: _Attempt) -> None:
    """The client's certificate and key; libpq goes on without the first, but not without the second."""
    parameters, service = attempt.parameters, attempt.connection.service
    certificate, key = parameters.seen("sslcert"), parameters.seen("sslkey")
    if not certificate or (seen := look_at(service, str(certificate))).problem:
        return
    attempt.client_certificate = "yes"
    if key:
        held = look_at(service, str(key))
        attempt.problem = attempt.problem or held.problem
        attempt.unseen += tuple(filter(None, (seen.unseen, held.unseen)))
    else:
        attempt.unseen += (
            "without sslkey, libpq needs ~/.postgresql/postgresql.key, which was not looked for",
        )


def _required(attempt: _Attempt) -> Transport:
    """Sslmode require, verify-ca and verify-full."""
    mode, root = attempt.mode, attempt.root
    if attempt.problem:
        raise Broken(f"{attempt.problem}, and libpq refuses to connect", *attempt.judging)
    trust = Trust("file", root) if root else Trust("none")
    if mode == "verify-full":
        reason = f"the server needs a certificate from {root} for its own name"
        return attempt.transport(Posture.VERIFIED_FULL, reason, trust=trust)
    if root:
        reason = f"sslmode {mode} accepts any certificate from {root} for any name"
        return attempt.transport(Posture.VERIFIED_CA, reason, trust=trust)
    return attempt.transport(Posture.ENCRYPTED, "sslmode require accepts any certificate" + _lost(attempt))


def _optional(attempt: _Attempt) -> Transport:
    """Sslmode prefer, the default."""
    if attempt.problem:
        reason = (
            f"{attempt.problem}, so that every TLS handshake fails and sslmode prefer goes on in plain text"
        )
        return attempt.transport(Posture.PLAINTEXT, reason)
    reason = (
        "sslmode prefer goes on in plain text, with the password, when the server says that it has no TLS"
    )
    if attempt.root:
        return attempt.transport(
            Posture.OPPORTUNISTIC,
            f"{reason} or shows a certificate that does not come from {attempt.root}",
            when_encrypted=Posture.VERIFIED_CA,
            trust=Trust("file", attempt.root),
        )
    return attempt.transport(Posture.OPPORTUNISTIC, reason + _lost(attempt), when_encrypted=Posture.ENCRYPTED)


def _lost(attempt: _Attempt) -> str:
    written = attempt.parameters.seen("sslrootcert")
    return f"; {written} does not exist, which libpq does not mind" if written else ""


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
