"""Authorities and certificates for tests, made anew each time: no key lies in the tree."""

import datetime
import ipaddress
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

CURVES = {"p192": ec.SECP192R1(), "p256": ec.SECP256R1(), "p384": ec.SECP384R1()}

#: Signatures that the library cryptography does not make any more.
OLD = ("md5", "sha1")

#: How long ago certificates became valid.
YEAR = datetime.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate that signs others, and its key, both PEM."""

    cert_pem: bytes
    key_pem: bytes


def authority(
    name: str,
    *,
    by: Authority | None = None,
    days: float = 3650,
    key: str = "ec:p256",
) -> Authority:
    """An authority of this common name; one ``by`` another is an intermediate, else it signs itself."""
    own = _key(key)
    subject = _name(name)
    builder = _builder(subject, own, subject if by is None else _certificate(by).subject, days)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(own.public_key())
    builder = builder.add_extension(identifier, critical=False)
    if by is not None:
        builder = _signed_by(builder, by)
    signer = own if by is None else _private(by)
    return Authority(_signed(builder, signer, "sha256"), _key_pem(own))


def issue(
    authority: Authority | None,
    names: Sequence[str],
    days: float = 365,
    key: str = "rsa:2048",
    *,
    signature: str = "sha256",
    common_name: str | None = None,
    has_names: bool = True,
    starts_in: float = 0,
    client: bool = False,
    password: bytes | None = None,
) -> tuple[bytes, bytes]:
    """A certificate and its key, both PEM.

    Args:
        authority: None for one that signs itself.
        names: host names (``*.example.org`` too) and addresses, as subject alternative names.
        days: how long it is valid from now on; negative: it expired so many days ago.
        key: ``rsa:BITS`` (1024 at least), ``ec:p192|p256|p384``, ``ed25519``.
        signature: ``sha256``, ``sha384``, ``sha512``, or ``sha1`` and ``md5``, which only the program openssl
            still makes (``md5`` with an RSA authority only).
        common_name: the subject's; by default the first name, or ``client``.
        has_names: False leaves the alternative names out: the common name alone says whose it is.
        starts_in: days from now until it becomes valid; 0: it has been for a while.
        client: it is a client's, and no server's.
        password: encrypts the key.
    """
    own = _key(key)
    own_pem = _key_pem(own, password)
    subject = _name(common_name or (names[0] if names else "client"))
    signs_itself = authority is None or signature in OLD
    issuer = subject if authority is None or signs_itself else _certificate(authority).subject
    builder = _builder(subject, own, issuer, days, starts_in)
    if names and has_names:
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
    purpose = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
    builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    if authority is not None:
        builder = _signed_by(builder, authority)
    signed = _signed(builder, own if authority is None or signs_itself else _private(authority), signature)
    if signature in OLD:
        signed = _signed_anew(signed, authority or Authority(signed, _key_pem(own)), signature)
    return signed, own_pem


def _key(kind: str) -> Key:
    algorithm, _, size = kind.partition(":")
    if algorithm == "rsa":
        return rsa.generate_private_key(65537, int(size))
    return (
        ed25519.Ed25519PrivateKey.generate()
        if algorithm == "ed25519"
        else ec.generate_private_key(CURVES[size])
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, key: Key, issuer: x509.Name, days: float, starts_in: float = 0
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    starts = (
        now + datetime.timedelta(days=starts_in)
        if starts_in
        else min(now, now + datetime.timedelta(days)) - YEAR
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(now + datetime.timedelta(days=starts_in + days))
    )


def _signed_by(builder: x509.CertificateBuilder, signer: Authority) -> x509.CertificateBuilder:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(_private(signer).public_key())
    return builder.add_extension(identifier, critical=False)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _signed(builder: x509.CertificateBuilder, signer: Key, signature: str) -> bytes:
    if isinstance(signer, ed25519.Ed25519PrivateKey):
        return _pem(builder.sign(signer, None))
    match signature:
        case "sha384":
            return _pem(builder.sign(signer, hashes.SHA384()))
        case "sha512":
            return _pem(builder.sign(signer, hashes.SHA512()))
    return _pem(builder.sign(signer, hashes.SHA256()))


# The program openssl re-signs what signed itself.
def _signed_anew(certificate: bytes, by: Authority, signature: str) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in (("old", certificate), ("signer", by.cert_pem), ("key", by.key_pem)):
            (folder / file).write_bytes(content)
        command = f"openssl x509 -in old -CA signer -CAkey key -CAcreateserial -preserve_dates -{signature}"
        return subprocess.run(command.split(), cwd=folder, capture_output=True, check=True).stdout


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _certificate(authority: Authority) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority.cert_pem)


def _private(authority: Authority) -> Key:
    key = serialization.load_pem_private_key(authority.key_pem, None)
    assert isinstance(key, Key)
    return key


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key, password: bytes | None = None) -> bytes:
    hidden = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)
