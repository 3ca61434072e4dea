"""What the faces say of a configuration: the words of the report, derived from what the real library did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.model import Posture


@dataclass(frozen=True, slots=True)
class Verdict:
    """The part of a transport that can be measured. ``trust`` is ``system``, ``file`` or ``none``."""

    posture: Posture
    when_encrypted: Posture | None = None
    trust: str = "none"
    client_certificate: str = "no"


def verdict(result: Mapping[str, Any]) -> Verdict:
    """The verdict on a result of measuring: ``{"start": error}`` or ``{"faces": {face: what the client did}}``.

    Whoever gets the login on the face ``plain`` needs no certificate. Where a face with TLS gets it in the clear too,
    the transport never encrypts.
    """
    if "start" in result:
        return Verdict(Posture.BROKEN)
    faces = result["faces"]
    logins = {face: seen["login"] for face, seen in faces.items()}
    if logins["plain"] == "plain" and "tls" not in logins.values():
        # A client that insists on plain text, or that cannot make its TLS layer and falls back.
        return Verdict(Posture.PLAINTEXT)
    accepted = {face for face, login in logins.items() if login == "tls"}
    if not accepted:
        return Verdict(Posture.BROKEN)
    certificate = "yes" if any(seen.get("certificate") for seen in faces.values()) else "no"
    encrypted, trust = _encrypted(accepted)
    if "plain" in logins.values():
        return Verdict(Posture.OPPORTUNISTIC, encrypted, trust, certificate)
    return Verdict(encrypted, None, trust, certificate)


def _encrypted(accepted: set[str]) -> tuple[Posture, str]:
    """How well the other side is verified where TLS is spoken, and whose certificates are believed."""
    if "other" in accepted:
        return Posture.ENCRYPTED, "none"
    trust = "file" if "right" in accepted or "name" in accepted else "system"
    is_named = accepted.isdisjoint({"name", "system-name"})
    return Posture.VERIFIED_FULL if is_named else Posture.VERIFIED_CA, trust
