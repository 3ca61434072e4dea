"""What libpq does with the parameters that psycopg2 or psycopg hands it.

Sources: libpq 15 to 18 (``fe-connect.c``, ``fe-secure-openssl.c``, the manual's chapter "SSL Support"), each row measured
through psycopg2 2.9.5 to 2.9.13 and psycopg 3.2.1 to 3.3.9 (``tests/conformance``). A parameter comes from the URL, else
from the service's environment, else from ``~/.postgresql``.
"""

from dataclasses import dataclass
from typing import Any

from auditor.model import File, Limit, Missing, Posture, Setting, Transport, Trust
from auditor.semantics import libpq
from auditor.semantics.certificates import Seen, look_at, look_at_certificates
from auditor.semantics.connection import Broken, Connection, Unseen, system_trust
from auditor.semantics.hosts import locate
from auditor.semantics.libpqwords import Words
from auditor.semantics.parameters import Parameters

_VERIFYING = "sslmode=verify-full&sslrootcert=/path/to/ca.pem"

#: Evidence holds the certificates of a PEM file only; the smallest list of revocations takes more than this, in bytes.
_SMALLEST_LIST = 100


@dataclass(slots=True)
class _Attempt:
    """One connection being made, and what was learnt on the way.

    ``problem`` is why no TLS connection can come about; ``root`` is the file of authorities that libpq loads.
    """

    connection: Connection
    words: Words
    mode: str
    judging: tuple[Setting, ...]
    root: str | None = None
    ca_file: File | Missing | None = None
    problem: str | None = None
    unseen: tuple[str, ...] = ()
    client_certificate: str = "no"

    @property
    def is_bound(self) -> bool:
        """True where libpq logs in by SCRAM over TLS only, bound to the server's certificate."""
        return self.words.value("channel_binding") == "require"

    def transport(self, posture: Posture, reason: str, **more: Any) -> Transport:
        """The transport with this posture, and the change that mends it."""
        is_fine = posture is Posture.VERIFIED_FULL
        return self.connection.transport(
            posture,
            reason,
            **{
                "limited_by": None if is_fine else Limit("configuration", str(self.connection.url)),
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
        parameters = self.words.parameters
        query = parameters.url.query
        is_unused = self.mode in ("disable", "allow") and "sslrootcert" in query
        has_root = is_unused or (bool(self.root) and self.problem is None)
        names = tuple(name for name in ("sslmode", *(() if has_root else ("sslrootcert",))) if name in query)
        # libpq reads requiressl as a mode, and the last one counts.
        names += tuple(name for name in ("requiressl",) if name in query)
        wanted = "sslmode=verify-full" if has_root else _VERIFYING
        return parameters.replace(names, wanted) if names else parameters.add(wanted)


def judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport that this URL gives through libpq; raises `Broken` and `Unseen`."""
    words = Words(connection, parameters)
    words.require_known()
    connection, is_socket, has_name = locate(connection, parameters)
    mode = words.mode()
    words.require_valid(mode)
    if words.value("gssencmode") == "require":
        raise Unseen(
            "gssencmode=require has Kerberos encrypt the connection, and what tickets the service has was not seen",
            *words.judging(),
        )
    if is_socket and words.value("channel_binding") == "require":
        raise Broken(
            "channel_binding=require needs TLS, which libpq does not use on a unix socket", *words.judging()
        )
    if is_socket:
        reason = "a unix socket of this host, on which libpq uses no TLS"
        return connection.transport(Posture.LOCAL, reason, judging=words.judging())
    words.require_keepalives()
    attempt = _Attempt(connection, words, mode, words.judging())
    if mode in ("disable", "allow"):
        return _plain(attempt)
    _load_root(attempt)
    _load_certificate(attempt)
    if mode == "verify-full" and not has_name and attempt.problem is None:
        attempt.problem = "hostaddr without a host leaves no name to verify"
    return _optional(attempt) if mode == "prefer" else _required(attempt)


def _plain(attempt: _Attempt) -> Transport:
    """Sslmode disable and allow."""
    if attempt.is_bound:
        raise Broken(
            f"channel_binding=require needs TLS, and sslmode {attempt.mode} speaks plain text first",
            *attempt.judging,
            remedy=attempt.words.parameters.replace(("sslmode",), _VERIFYING),
        )
    if attempt.mode == "disable":
        return attempt.transport(Posture.PLAINTEXT, "sslmode is disable")
    reason = "sslmode allow tries plain text first, and encrypts only where the server refuses that"
    return attempt.transport(Posture.PLAINTEXT, reason)


def _load_root(attempt: _Attempt) -> None:
    """``sslrootcert``, or what lies in the home of the service's user; libpq does not mind where neither is there."""
    connection, verifies = attempt.connection, attempt.mode.startswith("verify-")
    written = attempt.words.value("sslrootcert")
    if written == "system" and attempt.words.has_system_roots:
        _load_system(attempt)
        return
    path = written or _home(connection, "root.crt")
    seen = _look(attempt, "sslrootcert", path)
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
    if attempt.root and not attempt.problem:
        _load_revocations(attempt)


def _load_system(attempt: _Attempt) -> None:
    """The authorities that OpenSSL loads by default. The OpenSSL inside a wheel looks where its makers built it."""
    service, library = attempt.connection.service, attempt.connection.library
    trust = system_trust(service)
    wheel = libpq.wheel(service, attempt.words.driver)
    attempt.root = trust.path or "the system's authorities"
    if wheel and not trust.path:
        attempt.problem = (
            f"{wheel} {library.version if library else ''} brings an OpenSSL that looks for the system's authorities"
            " in a folder of the machine it was built on (SSL_CERT_FILE names another)"
        )


def _load_revocations(attempt: _Attempt) -> None:
    """``sslcrl``: what cannot be loaded is passed over; a file with certificates and no list refuses every server.

    So does ``sslcrldir``, be it there or not, unless it has a list of the authority under OpenSSL's hash name.
    """
    if attempt.words.value("sslcrldir"):
        raise Unseen(
            "whether sslcrldir has a list of revoked certificates by the server's authority was not seen, and without"
            " one no certificate is accepted",
            *attempt.judging,
        )
    path = attempt.words.value("sslcrl")
    if not path:
        return
    seen = _look(attempt, "sslcrl", path)
    text = seen.found.text if isinstance(seen.found, File) else None
    if isinstance(seen.found, File) and text and seen.found.size - len(text.encode()) < _SMALLEST_LIST:
        attempt.problem = f"{path} holds certificates but no list of revoked ones"
    elif seen.unseen and isinstance(seen.found, Missing):
        attempt.unseen += (seen.unseen,)


def _load_certificate(attempt: _Attempt) -> None:
    """The client's certificate and key; libpq goes on without the first, but not without the second."""
    words, connection = attempt.words, attempt.connection
    if words.value("sslcertmode") == "disable":
        return
    written = words.value("sslcert")
    seen = _look(attempt, "sslcert", written or _home(connection, "postgresql.crt"))
    if isinstance(seen.found, Missing) and (seen.found.is_absent or (seen.unseen and not written)):
        return
    if seen.problem:
        attempt.problem = attempt.problem or seen.problem
        return
    attempt.client_certificate = "yes"
    key = words.value("sslkey")
    held = look_at(connection.service, key or _home(connection, "postgresql.key"))
    problem = held.problem
    if isinstance(held.found, File) and _is_open(held.found):
        problem = f"{held.found.path} may be read or written by others, and libpq takes no such key"
    attempt.problem = attempt.problem or problem
    if held.unseen and not key:
        attempt.unseen += (
            "without sslkey, libpq needs ~/.postgresql/postgresql.key, which was not looked for",
        )
        return
    attempt.unseen += tuple(filter(None, (seen.unseen, held.unseen)))


def _is_open(key: File) -> bool:
    """``initialize_SSL``: a key is for its owner alone; root's may also be read by a group."""
    if key.mode is None:
        return False
    return bool(int(key.mode, 8) & (0o037 if key.owner in ("root", "0") else 0o077))


def _look(attempt: _Attempt, name: str, path: str) -> Seen:
    """A file of certificates. A parameter that is written twice names a file that nobody has."""
    if isinstance(attempt.words.parameters.seen(name), tuple):
        return Seen(Missing(path, "absent", "there is no such file"), problem=f"{path} does not exist")
    return look_at_certificates(attempt.connection.service, path)


def _home(connection: Connection, name: str) -> str:
    return f"/var/lib/{connection.service.project}/.postgresql/{name}"


def _required(attempt: _Attempt) -> Transport:
    """Sslmode require, verify-ca and verify-full."""
    mode, root = attempt.mode, attempt.root
    if attempt.problem:
        raise Broken(f"{attempt.problem}, and libpq refuses to connect", *attempt.judging)
    if root:
        return _verified(attempt, root)
    bound = "; channel_binding keeps the password itself from it" if attempt.is_bound else ""
    return attempt.transport(
        Posture.ENCRYPTED, f"sslmode {mode} accepts any certificate{_lost(attempt)}{bound}"
    )


def _verified(attempt: _Attempt, root: str) -> Transport:
    """Every connection is by TLS, and its certificate comes from the file of authorities."""
    if attempt.mode == "verify-full":
        reason = f"the server needs a certificate from {root} for its own name"
        return attempt.transport(Posture.VERIFIED_FULL, reason, trust=_trust(attempt))
    reason = f"sslmode {attempt.mode} accepts any certificate from {root} for any name"
    return attempt.transport(Posture.VERIFIED_CA, reason, trust=_trust(attempt))


def _optional(attempt: _Attempt) -> Transport:
    """Sslmode prefer, the default."""
    if attempt.is_bound:
        return _required(attempt)
    if attempt.problem:
        reason = (
            f"{attempt.problem}, so that every TLS handshake fails and sslmode prefer goes on in plain text"
        )
        return attempt.transport(Posture.PLAINTEXT, reason, client_certificate="no")
    reason = (
        "sslmode prefer goes on in plain text, with the password, when the server says that it has no TLS"
    )
    if attempt.root:
        return attempt.transport(
            Posture.OPPORTUNISTIC,
            f"{reason} or shows a certificate that does not come from {attempt.root}",
            when_encrypted=Posture.VERIFIED_CA,
            trust=_trust(attempt),
        )
    return attempt.transport(Posture.OPPORTUNISTIC, reason + _lost(attempt), when_encrypted=Posture.ENCRYPTED)


def _trust(attempt: _Attempt) -> Trust:
    if attempt.words.value("sslrootcert") == "system" and attempt.words.has_system_roots:
        return system_trust(attempt.connection.service)
    return Trust("file", attempt.root)


def _lost(attempt: _Attempt) -> str:
    written = attempt.words.value("sslrootcert")
    return f"; {written} does not exist, which libpq does not mind" if written else ""
