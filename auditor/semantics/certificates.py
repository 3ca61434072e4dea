"""The files that a TLS client loads before it speaks: there, absent, of the wrong kind, or not seen."""

from dataclasses import dataclass

from auditor.model import File, Missing, Service

#: What OpenSSL's PEM_read_bio_X509_AUX accepts as a certificate.
_CERTIFICATES = (
    "-----BEGIN CERTIFICATE-----",
    "-----BEGIN TRUSTED CERTIFICATE-----",
    "-----BEGIN X509 CERTIFICATE-----",
)


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
    if seen.found.text is None:
        if seen.found.format == "pem":
            return Seen(seen.found, unseen=f"{path} stayed on its host")
        return Seen(seen.found, problem=f"{path} is not in PEM form")
    if not any(marker in seen.found.text for marker in _CERTIFICATES):
        return Seen(seen.found, problem=f"{path} holds no certificate in PEM form")
    return seen


def look_at_folder(service: Service, path: str) -> Seen:
    """A folder of certificates; what it holds is not looked at."""
    found = service.files.at(path)
    if isinstance(found, File):
        return Seen(found, problem=f"{path} is a file, not a folder of certificates")
    if found.is_absent:
        return Seen(found, problem=f"{path} does not exist")
    if found.status == "not-regular":
        return Seen(found)
    return Seen(found, unseen=f"{path} was not seen: {found.reason}")
