"""What the certificates in a file come to: until when they are valid, and how strong they are.

A file may hold a certificate with those that lead to its authority, or several authorities of which a client needs one.
Bundles of public authorities are the distribution's to keep; old roots in them are as they should be.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from auditor import tls
from auditor.errors import Undecidable
from auditor.model import File, Judged, Origin, OriginKind
from auditor.semantics.certificates import MANY_AUTHORITIES, PUBLIC_BUNDLES
from auditor.semantics.wire import is_untimely, timeliness


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate in a file, as evidence."""

    file: File
    certificate: tls.Certificate

    def judged(self) -> Judged:
        """Return the certificate as a line of evidence."""
        one = self.certificate
        days = f"{datetime.fromtimestamp(one.starts, UTC).date()} to {datetime.fromtimestamp(one.ends, UTC).date()}"
        said = f"{one.key}, {days}, from {one.issuer}"
        return Judged(f"certificate {one.subject}", said, Origin(OriginKind.FILE, self.file.path))


def certificates(file: File) -> tuple[tls.Certificate, ...]:
    """The certificates of a file, none where it holds none; raises `Undecidable` where one cannot be read."""
    try:
        return tls.read(file.text or "")
    except tls.Unreadable as error:
        raise Undecidable(f"{file.path}: {error}") from None


def is_bundle(file: File) -> bool:
    """True for the authorities of a distribution, which keeps them."""
    path = file.path.rpartition(":")[2]
    return path in PUBLIC_BUNDLES or (file.text or "").count("-----BEGIN CERTIFICATE") > MANY_AUTHORITIES


def untimely(file: File, days: int) -> tuple[str, ...]:
    """What is over, or will be within so many days, in words; by the time at which the file was looked at.

    An authority that has a successor of the same name beside it does not count.

    Raises:
        Undecidable: a certificate cannot be read, or nobody knows when the file was looked at.
    """
    found = certificates(file)
    if not file.seen:
        raise Undecidable(f"{file.path}: when it was looked at is not known")
    wrong = [one for one in found if is_untimely(one, file.seen, days)]
    lasting = {one.subject for one in found if one not in wrong}
    return tuple(f"{one.subject} {timeliness(one, file.seen)}" for one in wrong if one.subject not in lasting)


def weak(file: File) -> tuple[str, ...]:
    """What is too weak, in words; raises `Undecidable` where a certificate cannot be read."""
    found = certificates(file)
    return tuple(f"{one.subject} has {weakness}" for one in found for weakness in one.weaknesses)


def shown(file: File) -> tuple[Shown, ...]:
    """The certificates of a file as evidence."""
    return tuple(Shown(file, one) for one in certificates(file))
