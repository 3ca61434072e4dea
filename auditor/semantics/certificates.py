"""The files that a TLS client loads before it speaks: there, absent, of the wrong kind, or not seen."""

from dataclasses import dataclass

from auditor.model import File, Missing, Service, Trust

#: What OpenSSL's PEM_read_bio_X509_AUX accepts as a certificate.
_CERTIFICATES = (
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN TRUSTED CERTIFICATE-----",
    "-----BEGIN X509 CERTIFICATE-----",
)

#: Bundles of public authorities, under the names that distributions give them.
PUBLIC_BUNDLES = frozenset(
    {
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/cert.pem",
        "/etc/pki/tls/certs",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/tls/certs/ca-bundle.trust.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/etc/ssl/certs",
        "/etc/ssl/certs/ca-bundle.crt",
        "/etc/ssl/certs/ca-certificates.crt",
    }
)

#: A file with more authorities than this is a public bundle under another name.
MANY_AUTHORITIES = 20

#: Evidence holds the certificates of a PEM file only; what is left of its size is too small for a key below this, in
#: bytes: the smallest, Ed25519, takes 119.
_SMALLEST_KEY = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """What evidence says of one file.

    ``problem`` says why a library cannot load it; ``unseen`` why that could not be looked at. Both are None where
    the file is as it should be.
    """

    found: File | Missing
    problem: str | None = None
    unseen: str | None = None


def is_public(trust: Trust, found: File | Missing | None) -> bool:
    """True where the certificates of public authorities are believed; ``found`` is the file, where one is named."""
    if trust.kind == "system" or trust.path in PUBLIC_BUNDLES:
        return True
    text = found.text if isinstance(found, File) else None
    return (text or "").count(_CERTIFICATES[0]) > MANY_AUTHORITIES


def why_unseen(missing: Missing) -> str:
    """Why a file was not seen, for one that the service uses."""
    if missing.status == "elsewhere":
        return "it is a path of the container, which this target does not show"
    return missing.reason


def look_at(service: Service, path: str) -> Seen:
    """A file that has to exist and to be a file; its content is not looked at (keys never leave the host)."""
    found = service.files.at(path)
    if isinstance(found, File) and found.format == "folder":
        return Seen(found, problem=f"{path} is a folder or a device, not a file")
    if isinstance(found, File):
        return Seen(found, problem=f"{path} is empty" if found.size == 0 else None)
    if found.is_absent:
        return Seen(found, problem=f"{path} does not exist")
    if found.status == "not-regular":
        return Seen(found, problem=f"{path} is a folder or a device, not a file")
    return Seen(found, unseen=f"{path} was not seen: {why_unseen(found)}")


def look_at_certificates(service: Service, path: str) -> Seen:
    """A file that has to hold certificates in PEM form."""
    seen = look_at(service, path)
    if seen.problem is not None or isinstance(seen.found, Missing):
        return seen
    text = seen.found.text
    if text is None and seen.found.format != "pem":
        return Seen(seen.found, unseen=f"the content of {path} was not read")
    if text is None or not any(marker in text for marker in _CERTIFICATES):
        return Seen(seen.found, problem=f"{path} holds no certificate in PEM form")
    return seen


def look_at_client(service: Service, certificate: str, key: str | None) -> tuple[Seen, ...]:
    """The client's certificate and its key, which without a file of its own has to lie beside the certificate."""
    first = look_at_certificates(service, certificate)
    if key:
        return first, look_at(service, key)
    if first.problem or not isinstance(first.found, File):
        return (first,)
    text = first.found.text
    if text is not None and first.found.size - len(text.encode()) < _SMALLEST_KEY:
        return (
            Seen(first.found, problem=f"{certificate} has no key beside it, and no file for the key is set"),
        )
    return (Seen(first.found, unseen=f"whether {certificate} holds its key too was not seen"),)


def look_at_folder(service: Service, path: str) -> Seen:
    """A folder of certificates, which OpenSSL finds only by the hash of their subject (`X509_LOOKUP_hash_dir`)."""
    found = service.files.at(path)
    if isinstance(found, File) and found.format != "folder":
        return Seen(found, problem=f"{path} is a file, not a folder of certificates")
    if isinstance(found, File):
        is_bare = not found.text
        why = f"nothing in {path} has the name of a hash, which `openssl rehash` gives"
        return Seen(found, problem=why if is_bare else None)
    if found.is_absent:
        return Seen(found, problem=f"{path} does not exist")
    if found.status == "not-regular":
        return Seen(found)
    return Seen(found, unseen=f"{path} was not seen: {why_unseen(found)}")
