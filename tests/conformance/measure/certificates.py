"""The authorities and certificates of the impostors, made anew for each run: keys never lie in the tree.

Two authorities are trusted, each where it belongs: ``ca.pem`` is the file that configurations name, ``system.pem`` is
what OpenSSL loads by default while measuring (``SSL_CERT_FILE``). ``other.pem`` is trusted nowhere.
"""

import datetime
import ipaddress
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: The name that clients dial, and one that they do not.
HOST, ELSEWHERE = "127.0.0.1", "127.0.0.99"

AUTHORITIES = ("ca", "system", "other")


def make(folder):
    """Fill a folder: an authority's ``<a>.pem``, and ``<a>-right.pem``, ``<a>-wrong.pem`` with their keys inside.

    Besides there are what configurations point to: ``client.pem`` and ``client.key`` (from ``ca``), ``empty.pem``,
    ``garbage.pem`` (no PEM), ``folder/`` (an empty folder), and ``hashed/`` (the authority under OpenSSL's hash name).
    ``missing.pem`` is not made.
    """
    authorities = {name: _authority(name) for name in AUTHORITIES}
    for name, (certificate, _) in authorities.items():
        _write(folder, name + ".pem", _pem(certificate))
    certify(folder, authorities, HOST, ELSEWHERE)
    client, client_key = issue("nova", None, *authorities["ca"])
    _write(folder, "client.pem", _pem(client))
    _write(folder, "client.key", _key_pem(client_key))
    _write(folder, "both.pem", _pem(client) + _key_pem(client_key))
    _write(folder, "empty.pem", b"")
    _write(folder, "garbage.pem", b"this is no certificate\n")
    for name in ("folder", "hashed"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    _write(folder, "hashed/{:08x}.0".format(_subject_hash(authorities["ca"][0])), _pem(authorities["ca"][0]))
    return authorities


def certify(folder, authorities, right, wrong):
    """Write ``<a>-right.pem`` and ``<a>-wrong.pem`` of each authority: certificates for these hosts, with their keys."""
    for name, (certificate, key) in authorities.items():
        for kind, host in (("right", right), ("wrong", wrong)):
            leaf, leaf_key = issue("impostor", host, certificate, key)
            _write(folder, f"{name}-{kind}.pem", _pem(leaf) + _key_pem(leaf_key))


def issue(common_name, host, authority, authority_key, san=True):
    """A certificate for an address (as SAN unless ``san`` is false: then the common name alone has it), and its key.

    ``host`` may be several in a tuple.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(host if host and not san else common_name, key, authority.subject)
    if host and san:
        hosts = [host] if isinstance(host, str) else host
        names = x509.SubjectAlternativeName([_general_name(one) for one in hosts])
        builder = builder.add_extension(names, critical=False)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    builder = builder.add_extension(usage, critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    builder = builder.add_extension(identifier, critical=False)
    return builder.sign(authority_key, hashes.SHA256()), key


def _authority(name):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "conformance " + name)])
    builder = _builder("conformance " + name, key, subject)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = builder.add_extension(usage, critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256()), key


def _builder(common_name, key, issuer):
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
    )


def _general_name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subject_hash(certificate):
    """OpenSSL's X509_NAME_hash, which names the files of a folder of authorities."""
    import subprocess

    done = subprocess.run(
        ["openssl", "x509", "-hash", "-noout"],
        input=_pem(certificate),
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(done.stdout, 16)


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as stream:
        stream.write(content)
    # libpq refuses a key that others may read.
    os.chmod(path, 0o600 if b"PRIVATE KEY" in content else 0o644)
