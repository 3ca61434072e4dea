"""The files that a TLS client loads before it speaks: there, absent, of the wrong kind, or not seen."""

from dataclasses import dataclass

from auditor.model import File, Missing, Service

#: What OpenSSL's PEM_read_bio_X509_AUX accepts as a certificate.
_CERTIFICATES = (
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN TRUSTED CERTIFICATE-----",
    "-----BEGIN X509 CERTIFICATE-----",
)

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


def look_at(service: Service, path: str) -> Seen:
    """A file that has to exist and to be a file; its content is not looked at (keys never leave the host)."""
    found = service.files.at(path)
    if isinstance(found, File):
        return Seen(found, problem=f"{path} is empty" if found.size == 0 else None)
    if found.is_absent:
        return Seen(found, problem=f"{path} does not exist")
    if found.status == "not-regular":
        return Seen(found, problem=f"{path} is a folder or a device, not a file")
    return Seen(found, unseen=f"{path} was not seen: {found.reason}")


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
    """A folder of certificates; what it holds is not looked at."""
    found = service.files.at(path)
    if isinstance(found, File):
        is_file = found.text is not None
        return Seen(found, problem=f"{path} is a file, not a folder of certificates" if is_file else None)
    if found.is_absent:
        return Seen(found, problem=f"{path} does not exist")
    if found.status == "not-regular":
        return Seen(found)
    return Seen(found, unseen=f"{path} was not seen: {found.reason}")
