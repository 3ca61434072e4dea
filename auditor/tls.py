"""Judgements on certificates in PEM form: what they say, whether they lead to an authority, and until when.

The only module that knows pyOpenSSL, and cryptography through it; both are imported when the first certificate is read.
Nothing here connects, reads files or asks the clock: the time to judge by is an argument, in seconds since the epoch.

Sources: OpenSSL's ``crypto/x509/x509_vfy.c`` and ``v3_purp.c`` (the same from 1.1.1 to 4.0 in what is used), and the module
``ssl`` of Python, which is the judge of ``tests/test_tls.py``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from OpenSSL import crypto

#: What has no hyphen in it, so that a text of beginnings without ends is searched once.
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")

#: The longest name that a message shows: a host says what it likes.
_LONGEST = 120

#: ``X509_V_FLAG_NO_CHECK_TIME``, which pyOpenSSL gives no name.
_NO_CHECK_TIME = 0x200000

#: Below these a key is too small for OpenSSL's security level 2 (112 bits), which Python and distributions ask for
#: (``ssl/t1_lib.c:ssl_security_cert_key``): bits of RSA and DSA, and of an elliptic curve.
_LEAST_BITS = 2048
_LEAST_CURVE = 224

#: Kinds of keys by OpenSSL's numbers (``EVP_PKEY_*``).
_KEYS = {6: "RSA", 912: "RSA-PSS", 116: "DSA", 408: "EC", 1087: "Ed25519", 1088: "Ed448"}

#: Hashes that no certificate may be signed with any more (``crypto/x509/x509_vfy.c:check_sig_level``).
_BROKEN_HASHES = ("md2", "md4", "md5", "sha1")

#: What a certificate on a server's way to its authority may be for, if it says what for: serverAuth, or the server gated
#: cryptography of Netscape and Microsoft, not anyExtendedKeyUsage (``v3_purp.c:check_purpose_ssl_server``).
_SERVER_USAGES = frozenset({"1.3.6.1.5.5.7.3.1", "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"})

#: Errors of OpenSSL: the way ends before an authority (2, 20, 21); the certificate is for something else (26).
_INCOMPLETE = (2, 20, 21)
_PURPOSE = 26


class Unreadable(ValueError):
    """A text holds no certificate that OpenSSL and cryptography can read; the text of the error says why."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says.

    ``subject`` and ``issuer`` are for messages. ``names`` are the DNS names among the alternative names and ``addresses``
    the IP addresses in their usual form; ``common_names`` are those of the subject. ``starts`` and ``ends`` bound its
    validity, in seconds since the epoch. ``key`` is the kind of its key with the size in bits, ``weak_key`` and
    ``weak_signature`` say what is too weak, or are None. ``is_self_issued``: subject and issuer are the same, so that
    nobody looks at its signature.
    """

    pem: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    common_names: tuple[str, ...]
    starts: float
    ends: float
    key: str
    weak_key: str | None
    weak_signature: str | None
    is_self_issued: bool

    @property
    def weaknesses(self) -> tuple[str, ...]:
        """What is too weak, in words; the signature of who vouches for himself does not count."""
        signature = None if self.is_self_issued else self.weak_signature
        return tuple(text for text in (self.weak_key, signature) if text is not None)

    def __str__(self) -> str:
        return self.subject


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether certificates lead to an authority.

    ``code`` is OpenSSL's number for what is wrong (``X509_V_ERR_*``), 0 where nothing is, and ``reason`` its words;
    ``certificate`` is the one that they speak of. ``path`` is the way to the authority, the server's own certificate first.
    """

    code: int = 0
    reason: str = ""
    certificate: Certificate | None = None
    path: tuple[Certificate, ...] = ()

    @property
    def is_trusted(self) -> bool:
        """True where an authority vouches for them, at that time."""
        return self.code == 0

    @property
    def is_incomplete(self) -> bool:
        """True where the way ends before an authority: a certificate that was not seen might complete it."""
        return self.code in _INCOMPLETE


def read(pem: str) -> tuple[Certificate, ...]:
    """The certificates of a text in PEM form, in their order; a text without any gives none.

    Raises:
        Unreadable: one of them cannot be read.
    """
    return tuple(_read(match.group()) for match in _BLOCK.finditer(pem))


def verify(
    chain: Sequence[str], anchors: str, *, at: float | None = None, is_strict: bool = False
) -> Verdict:
    """Whether a server's certificates lead to one of the authorities, as OpenSSL judges them for a TLS client.

    Args:
        chain: certificates in PEM form as the server sends them, its own first.
        anchors: the text of the file of authorities.
        at: the time to judge by, in seconds since the epoch; None leaves time out.
        is_strict: as `ssl.create_default_context` from Python 3.13 on: RFC 5280 to the letter, and whatever certificate of
            the file ends the way, be it no root.

    Raises:
        Unreadable: a certificate cannot be read, or there is none.
    """
    return _verified(tuple(chain), anchors, at, is_strict=is_strict)


# Kept, because the hosts of a fleet see the same servers; few, because a file of authorities can be large.
@lru_cache(maxsize=128)
def _verified(chain: tuple[str, ...], anchors: str, at: float | None, *, is_strict: bool) -> Verdict:
    from OpenSSL import crypto

    certificates = [certificate for pem in chain for certificate in read(pem)]
    authorities = read(anchors)
    if not certificates or not authorities:
        raise Unreadable("there is no certificate in PEM form")
    sent = [_opened(certificate) for certificate in certificates]
    context = crypto.X509StoreContext(_store(authorities, at, is_strict=is_strict), sent[0], sent[1:])
    try:
        path = [_of(one) for one in context.get_verified_chain()]
    except crypto.X509StoreContextError as error:
        return Verdict(int(error.errors[0]), str(error.errors[2]), _of(error.certificate))
    for depth, certificate in enumerate(path):
        if not _serves(_parsed(certificate.pem), is_server=depth == 0):
            return Verdict(_PURPOSE, "unsuitable certificate purpose", certificate)
    return Verdict(path=tuple(path))


def _store(authorities: Sequence[Certificate], at: float | None, *, is_strict: bool) -> "crypto.X509Store":
    from OpenSSL import crypto

    store = crypto.X509Store()
    for authority in authorities:
        store.add_cert(_opened(authority))
    flags = 0 if at is not None else _NO_CHECK_TIME
    if is_strict:
        flags |= crypto.X509StoreFlags.X509_STRICT | crypto.X509StoreFlags.PARTIAL_CHAIN
    if at is not None:
        store.set_time(datetime.fromtimestamp(at, UTC))
    store.set_flags(flags)
    return store


@lru_cache(maxsize=4096)
def _read(pem: str) -> Certificate:
    """One certificate. Kept, because the hosts of a fleet see the same servers and have the same files."""
    import warnings

    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from OpenSSL import crypto

    try:
        # cryptography warns of what RFC 5280 forbids and clients accept, a serial number of zero for one.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _described(pem)
    except crypto.Error as error:
        reasons = "; ".join(reason for _, _, reason in error.args[0]) if error.args else "no reason given"
        raise Unreadable(f"a certificate cannot be read: {reasons}") from None
    except (
        ValueError,
        OverflowError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise Unreadable(f"a certificate cannot be read: {error}") from None


def _described(pem: str) -> Certificate:
    from cryptography import x509
    from OpenSSL import crypto

    found = _parsed(pem)
    opened = crypto.load_certificate(crypto.FILETYPE_PEM, pem.encode())
    key, weak_key = _key(opened)
    names, addresses = _alternative_names(found)
    algorithm = opened.get_signature_algorithm().decode("ascii", "replace")
    commons = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return Certificate(
        pem=pem,
        subject=_shown(found.subject),
        issuer=_shown(found.issuer),
        names=names,
        addresses=addresses,
        common_names=tuple(str(one.value) for one in commons),
        starts=found.not_valid_before_utc.timestamp(),
        ends=found.not_valid_after_utc.timestamp(),
        key=key,
        weak_key=weak_key,
        weak_signature=f"a signature by {algorithm}" if _is_broken(algorithm) else None,
        is_self_issued=found.subject == found.issuer,
    )


def _opened(certificate: Certificate) -> "crypto.X509":
    from OpenSSL import crypto

    return crypto.load_certificate(crypto.FILETYPE_PEM, certificate.pem.encode())


def _parsed(pem: str) -> "x509.Certificate":
    from cryptography import x509

    return x509.load_pem_x509_certificate(pem.encode())


def _of(opened: "crypto.X509") -> Certificate:
    from OpenSSL import crypto

    return _read(crypto.dump_certificate(crypto.FILETYPE_PEM, opened).decode().strip())


def _shown(name: "x509.Name") -> str:
    """A distinguished name in a message: the last common name, else all of it, cut where it is too long."""
    from cryptography import x509

    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    text = str(common[-1].value) if common else name.rfc4514_string() or "(no subject)"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _alternative_names(found: "x509.Certificate") -> tuple[tuple[str, ...], tuple[str, ...]]:
    from cryptography import x509

    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (), ()
    return (
        tuple(names.get_values_for_type(x509.DNSName)),
        tuple(str(address) for address in names.get_values_for_type(x509.IPAddress)),
    )


def _key(opened: "crypto.X509") -> tuple[str, str | None]:
    """The kind of a certificate's key, and what of it is too weak."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    key = opened.get_pubkey()
    kind, bits = _KEYS.get(key.type(), "unknown"), key.bits()
    shown = f"{kind} {bits}"
    try:
        is_curve = isinstance(key.to_cryptography_key(), ec.EllipticCurvePublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return shown, f"a key ({shown} bits) of parameters that nobody should use"
    if kind == "DSA":
        return shown, f"a key of {shown} bits, a kind that TLS 1.3 does not have"
    is_small = bits < _LEAST_CURVE if is_curve else kind.startswith("RSA") and bits < _LEAST_BITS
    return shown, f"a key of {shown} bits" if is_small else None


def _is_broken(algorithm: str) -> bool:
    words = algorithm.lower().replace("-", "")
    return any(name in words for name in _BROKEN_HASHES)


def _serves(found: "x509.Certificate", *, is_server: bool) -> bool:
    """Whether a certificate is for the way of a TLS server to its authority (``check_purpose_ssl_server``).

    Who may sign others is OpenSSL's own judgement: pyOpenSSL cannot tell it the purpose alone.
    """
    from cryptography import x509

    try:
        usages = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        pass
    else:
        if not any(usage.dotted_string in _SERVER_USAGES for usage in usages):
            return False
    if not is_server:
        return True
    try:
        key = found.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return key.digital_signature or key.key_encipherment or key.key_agreement
