"""How the auditor's word on a transport is compared with what the faces showed."""

from collections.abc import Mapping
from typing import Any

from auditor.model import Posture, Transport
from tests.conformance.verdict import verdict

#: The faces as they look to a connection that trusts another authority's file: which one plays which.
_PLAYED: Mapping[str, Mapping[str, str]] = {
    "other": {"right": "other", "name": "other-name", "other": "right"},
    "system": {"right": "system", "name": "system-name", "system": "right", "system-name": "name"},
}


def played(case: Mapping[str, Any], faces: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was seen of a case, under the names that the faces have for a connection which trusts ca.pem.

    The authority ``other`` has a face for a wrong name only where a case needs it.
    """
    players = _PLAYED.get(case.get("authority") or "", {})
    return {
        face: faces.get(players.get(face, face), seen) for face, seen in faces.items() if face != "other-name"
    }


def by_socket(transport: Transport, faces: Mapping[str, Any]) -> str | None:
    """One line where a login went to a unix socket and the auditor says otherwise.

    A socket is local, whatever TLS is spoken there; whether a client certificate is shown is compared.
    """
    if transport.posture is not Posture.LOCAL:
        return f"the auditor says {transport.posture}, and the login went to a unix socket"
    certificate = "yes" if any("certificate" in seen for seen in faces.values()) else "no"
    if transport.client_certificate != certificate:
        return (
            f"client_certificate: the auditor says {transport.client_certificate}, the library {certificate}"
        )
    return None


def disagreement(transport: Transport, result: Mapping[str, Any]) -> str | None:
    """One line saying where model and library differ, None where they agree.

    Compared are the posture, the posture when encrypted, whose certificates are believed, and whether a client
    certificate is shown. Where nothing is encrypted the last two have no meaning.
    """
    found = verdict(result)
    said = {"posture": str(transport.posture), "when_encrypted": transport.when_encrypted}
    true: dict[str, Any] = {"posture": str(found.posture), "when_encrypted": found.when_encrypted}
    if found.posture not in (Posture.PLAINTEXT, Posture.BROKEN):
        said |= {"trust": transport.trust.kind, "client_certificate": transport.client_certificate}
        true |= {"trust": found.trust, "client_certificate": found.client_certificate}
    differing = [name for name in said if said[name] != true[name]]
    if transport.undecided is not None and transport.posture is not Posture.UNKNOWN:
        differing.append("undecided")
        said["undecided"], true["undecided"] = transport.undecided, "measured"
    if not differing:
        return None
    return ", ".join(f"{name}: the auditor says {said[name]}, the library {true[name]}" for name in differing)
