"""What a client trusts and shows, as the configuration names it: contexts of TLS, made of files that only `Roots` opens.

Contexts are more lenient than any client in what they speak, so that it can be seen what a server really offers: every
version of TLS that this Python still has (Debian's and Red Hat's openssl.cnf leave out the old ones), security level 0, and
servers without secure renegotiation (RFC 5746). They are as strict as any in what they verify, but for two things that are
judged elsewhere by the certificates themselves: names, and keys and signatures that are too weak for level 1 or 2.
"""

import os
import re
import ssl
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from .handshake import offers_newest

if TYPE_CHECKING:
    from .roots import Roots

_CERTIFICATE = re.compile(
    "-----BEGIN (?P<kind>(?:X509 )?CERTIFICATE)-----\r?\n[A-Za-z0-9+/=\\s]*?-----END (?P=kind)-----"
)
#: How OpenSSL names the authorities of a folder (`openssl rehash`), and how many of them are read.
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+$")
_AUTHORITIES = 1000

#: Where distributions keep the authorities of the system in one file: Debian, Red Hat (two places), SUSE, Alpine.
_SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)

#: What a pipe holds, so that it can be filled before anybody reads it (pipe(7)).
_PIPE = 60 << 10

_NO_TLS_1_3 = 0x20000000  # ssl.OP_NO_TLSv1_3, which early Pythons 3.6 do not name
_LEGACY_SERVER = 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, of Python 3.12


class Unusable(Exception):
    """A connection cannot be begun as the configuration says; the message says why."""


class Trusts:
    """Makes contexts, and reads each file once."""

    def __init__(self, roots: "Roots") -> None:
        self._roots = roots
        self._read: Dict[str, str] = {}

    def context(
        self, verify: bool, trust: Dict[str, Any], client: Optional[Dict[str, Any]]
    ) -> Tuple[ssl.SSLContext, str]:
        """Return (context, note); the note says why no certificate of the client is shown, "" where nothing is amiss.

        Args:
            verify: whether the server's certificate has to be of a trusted authority.
            trust: ``kind`` (file, system, none) and ``path``: a file, or a folder as `openssl rehash` makes it; for ``system``
                None for what this host trusts, ``LABEL:/`` for what a container does.
            client: ``certificate`` and ``key``, or None.

        Raises:
            Unusable: what is trusted cannot be read.
        """
        context = _lenient()
        if verify and trust["kind"] != "none":
            context.verify_mode = ssl.CERT_REQUIRED
            self._trust(context, trust["kind"], trust.get("path"))
        return context, "" if client is None else self._show(context, client["certificate"], client["key"])

    def _trust(self, context: ssl.SSLContext, kind: str, path: Optional[str]) -> None:
        if kind == "system" and path is None:
            context.load_default_certs()
            return
        if kind == "system" and str(path).endswith(":/"):
            places = [str(path)[:-1] + place for place in _SYSTEM]
            path = next((place for place in places if self._roots.is_file(place)), None)
            if path is None:
                raise Unusable("no authorities of the system were found in that root")
        if path is None:
            raise Unusable("what it trusts is not known")
        found = self._authorities(path)
        try:
            context.load_verify_locations(cadata=found)
        except (ssl.SSLError, ValueError):
            raise Unusable("what it trusts is damaged: {}".format(path)) from None

    def _authorities(self, path: str) -> str:
        if path not in self._read:
            if self._roots.is_folder(path):
                names, status = self._roots.list(path)
                if status not in ("read", "limit"):
                    raise Unusable("what it trusts cannot be read: {}, {}".format(path, status))
                files = ["{}/{}".format(path.rstrip("/"), name) for name in names if _HASHED.match(name)]
            else:
                files = [path]
            self._read[path] = "\n".join(self._certificates(file) for file in files[:_AUTHORITIES])
        if not self._read[path]:
            raise Unusable("what it trusts holds no certificate: {}".format(path))
        return self._read[path]

    def _certificates(self, path: str) -> str:
        # Comments in another script than ASCII, which bundles have, are refused by the module ssl.
        return "\n".join(match.group() for match in _CERTIFICATE.finditer(self._text(path)))

    def _text(self, path: str) -> str:
        entry = self._roots.read(path)
        if entry.text is None:
            raise Unusable("{} cannot be read: {}".format(path, entry.reason or entry.status))
        return entry.text

    def _show(self, context: ssl.SSLContext, certificate: str, key: str) -> str:
        """Load the client's own certificate; return why not, or ""."""
        pipes: List[int] = []
        try:
            for path in (certificate, key):
                pipes.append(_filled(self._text(path).encode("utf-8")))
            names = ["/proc/self/fd/{}".format(pipe) for pipe in pipes]
            context.load_cert_chain(names[0], names[1], _refuse)
        except (Unusable, _Encrypted) as error:
            return str(error)
        except (OSError, ValueError):  # a pipe hides OpenSSL's own words behind the errno of a seek
            return "{} and {} are no certificate with its key".format(certificate, key)
        finally:
            for pipe in pipes:
                os.close(pipe)
        return ""


class _Encrypted(Exception):
    """A key wants a passphrase."""


def _refuse() -> str:
    raise _Encrypted("its key is encrypted")


def _filled(content: bytes) -> int:
    """Return a pipe that holds a content: the module ssl reads only what has a path, and a path may have been changed since."""
    if len(content) > _PIPE:
        raise Unusable("a certificate or a key is larger than {} KiB".format(_PIPE >> 10))
    reading, writing = os.pipe()
    try:
        os.write(writing, content)
    finally:
        os.close(writing)
    return reading


def _lenient() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    versions: Any = getattr(ssl, "TLSVersion", None)  # from Python 3.7 on
    if versions is not None:
        settable: Any = context
        settable.minimum_version = versions.MINIMUM_SUPPORTED
    options = context.options | _LEGACY_SERVER
    context.options = options if offers_newest() else options | _NO_TLS_1_3
    try:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    except ssl.SSLError:  # OpenSSL before 1.1.0 has no levels
        context.set_ciphers("DEFAULT")
    return context
