"""What the auditor says of RPC and notifications, and of two brokers that take over from each other."""

from collections.abc import Mapping
from typing import Any

from auditor.check import Outcome
from auditor.model import Posture, Transport
from auditor.semantics import rabbit
from tests.conformance.replay import host, transports

#: Case id to the reason why the auditor may differ there.
KNOWN: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "url-port-word",
            "url-ipv6-unbracketed",
            "url-scheme-none",
            "url-scheme-missing",
            "query-html-ampersand",
            "query-quoted-name",
            "query-quoted-equals",
            "notifications-no-scheme-sent",
            "notifications-no-scheme-unsent",
        ),
        "a URL that is not in canonical form stays on its host as a whole, and the auditor says unknown",
    ),
    "query-plus": "a path with a blank is in no plain form and stays on its host; the auditor says unknown",
    "client-both-in-one-ca-any-names-unset": (
        "evidence holds certificates only: whether a key lies beside one is said to be undecided"
    ),
}

_PORT = 5671


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where the auditor and the library differ, None where they agree."""
    result = truth["results"][case["id"]]
    if "markers" in case:
        return None
    seen = host.view(
        case,
        {**truth, "capabilities": truth["results"].get("source", {})},
        _PORT,
        case.get("service", "nova-conductor"),
    )
    assert not isinstance(seen.transports, Outcome), seen.transports.message
    assert not isinstance(seen.service, Outcome)
    transport = seen.transports.get(case["purpose"])
    if "unused" in result or transport is None:
        found = None if "unused" in result else str(result)
        return _equal(None if transport is None else transport.posture, found)
    if "local" in result:
        return _equal(transport.posture, Posture.LOCAL)
    if "failover" in result:
        (found,) = set(result["failover"].values())
        is_frozen = rabbit.freezes_name(transport) and case["certificates"] == "own"
        return _equal("refused" if is_frozen else "works", found)
    if "silence" in result:
        is_bounded = rabbit.bounds_handshake(seen.service) or transport.posture is Posture.PLAINTEXT
        return _equal("bounded" if is_bounded else "unbounded", result["silence"])
    if "retries" in result:
        return _equal(transport.posture is Posture.BROKEN and _stops(transport), not result["retries"])
    if case.get("unreachable"):
        return None if "faces" in result else f"the library {result}"
    line = _compare_faces(case, transport, result)
    if line is None and transport.posture is Posture.BROKEN and _stops(transport) is not ("start" in result):
        return f"the auditor says {transport.reason!r}, the library {result}"
    return line


def _compare_faces(case: Mapping[str, Any], transport: Transport, result: Mapping[str, Any]) -> str | None:
    faces = result.get("faces")
    if faces is None or case.get("authority") is None:
        return transports.disagreement(transport, result)
    if case["authority"] == "system":
        return transports.disagreement(transport, {"faces": transports.played(case, faces)})
    # The authority ``other`` has one face only, for the right name.
    accepted = {face for face, seen in faces.items() if seen["login"] != "refused"}
    is_verified = transport.posture in (Posture.VERIFIED_CA, Posture.VERIFIED_FULL)
    if accepted == {"other"}:
        return _equal(is_verified and transport.trust.kind == "file", True)
    return transports.disagreement(transport, result)


def _stops(transport: Transport) -> bool:
    """Whether the auditor says that the service ends, where else it would look alive and dial for ever."""
    return "for ever" not in transport.reason


def _equal(said: object, found: object) -> str | None:
    return None if said == found else f"the auditor says {said}, the library {found}"
