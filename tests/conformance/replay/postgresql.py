"""What the auditor says of a connection to PostgreSQL, beside what the real libpq did."""

from collections.abc import Mapping
from typing import Any

from auditor.model import Posture, Transport
from auditor.semantics.transports import transports
from tests.conformance.replay.host import FOLDER, MADE, opener, view
from tests.conformance.replay.transports import by_socket, disagreement, played

#: Case id to the reason why the auditor says otherwise.
KNOWN: Mapping[str, str] = {}

#: A list of revocations, as far as the auditor can tell it from anything else.
_LIST = "-----BEGIN X509 CRL-----\n" + "RVhBTVBMRQ==\n" * 10 + "-----END X509 CRL-----\n"


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where the auditor and the library differ about a case, None where they agree.

    What is not in evidence has to be ``unknown``: then nothing is compared.
    """
    result = truth["results"][case["id"]]
    if "seconds" in result:
        return None if result["seconds"] == 0 else f"oslo.db waited {result['seconds']} s"
    found = transport(case, truth)
    if found is None:
        return "the auditor sees no connection, and there is one"
    if "undecidable" in case and (found.posture is Posture.UNKNOWN or "start" not in result):
        is_fine = found.posture is Posture.UNKNOWN
        return None if is_fine else f"the auditor says {found.posture}, but {case['undecidable']}"
    if "start" in result:
        return disagreement(found, result)
    faces = played(case, result["faces"])
    if any("socket" in seen for seen in faces.values()):
        return by_socket(found, faces)
    return disagreement(found, {"faces": faces})


def transport(case: Mapping[str, Any], truth: Mapping[str, Any]) -> Transport | None:
    """The connection that a case is about, with the libraries of a truth; None where the auditor lists none."""
    project = case.get("project", "nova")
    files = dict(case.get("files", {}))
    for name, source in case.get("home", {}).items():
        files[f"/var/lib/{project}/.postgresql/{name}"] = MADE[source]
    if "crl" in case:
        files["@DIR@/crl.pem"] = _LIST
    environment = {
        name: value.replace("@DIR@", FOLDER).replace("@CONF@", "/etc/nova")
        for name, value in case.get("environment", {}).items()
    }
    if environment:
        files["/etc/systemd/system/nova-conductor.service"] = _unit(environment)
    placed = {**case, "files": files, "environment": environment}
    named = {one.name: one for one in transports(view(placed, truth, 5432, opener(case)).service)}
    return named.get(case["purpose"])


def _unit(environment: Mapping[str, str]) -> str:
    variables = "".join(f"Environment={name}={value}\n" for name, value in environment.items())
    return f"[Service]\nUser=nova\nExecStart=/usr/bin/nova-conductor\n{variables}"
