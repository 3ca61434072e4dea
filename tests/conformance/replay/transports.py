"""How the auditor's word on a transport is compared with what the faces showed."""

from collections.abc import Mapping
from typing import Any

from auditor.model import Posture, Transport
from tests.conformance.verdict import verdict


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
