"""What the auditor says of a client, beside how often the real one asked, how long it waited, and whom it believed."""

from collections.abc import Mapping
from typing import Any

from auditor.check import Outcome
from auditor.model import Bound, Client
from tests.conformance.replay.host import view

#: Case id to the reason why the auditor may say otherwise.
KNOWN: Mapping[str, str] = {}

#: A way to make a client to the service that makes it so; nova-compute makes the others.
_SERVICES: Mapping[str, str] = {
    "neutron_in_api": "nova-api",
    "cinder_in_api": "nova-api",
    "glance_in_api": "nova-api",
    "cyborg_in_api": "nova-api",
    "keystone": "nova-api",
    "keystone_authtoken": "nova-api",
    "oslo_limit": "nova-api",
    "vendordata_dynamic_auth": "nova-api",
}

#: A behaviour to the key under which the auditor says how long a request blocks, and how often it is sent.
_KINDS: Mapping[str, tuple[str, str]] = {
    "refused": ("refused", "no_answer"),
    "closed": ("refused", "no_answer"),
    "silent": ("silent", "no_answer"),
    "dropped": ("silent", "no_answer"),
    "held": ("silent", "no_answer"),
    "dripping": ("dripping", "no_answer"),
    "503": ("503", "503"),
    "429": ("429", "429"),
    "500": ("other", "500"),
    "409": ("other", "409"),
    "503+2": ("retry_after", "503"),
    "429+2": ("retry_after", "429"),
}

#: Of these a measurement has to reach three quarters of the bound.
_TIGHT = frozenset({"refused", "closed", "silent", "dropped", "503"})

#: What was accepted, by the name of the face: whose certificates and which names have to be believed for it.
_ACCEPTED: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "right": (frozenset({"file", "none"}), frozenset({"any", "common-name", "alternative-name"})),
    "wrong-name": (frozenset({"none"}), frozenset({"any"})),
    "wrong-ca": (frozenset({"none"}), frozenset({"any"})),
    "system": (frozenset({"system", "none"}), frozenset({"any", "common-name", "alternative-name"})),
    "system-wrong-name": (frozenset({"none"}), frozenset({"any"})),
    "common-name": (frozenset({"file", "none"}), frozenset({"any", "common-name"})),
    "plain": (frozenset(), frozenset()),
}


def compare(case: Mapping[str, Any], truth: Mapping[str, Any]) -> str | None:
    """One line where the auditor and the library differ about a case, None where they agree."""
    result = truth["results"][case["id"]]
    client = made(case, truth)
    if client is None:
        return f"the auditor knows no client of [{case['driver']}]"
    if case.get("scheme") == "https":
        return _of_certificates(case, client, result)
    if result["outcome"] == "ValueError":
        return None if client.request_worst_case.bound == "unknown" else "no request was sent at all"
    if case["call"] == "first":
        return _never_below(client.call_worst_case, result)
    return _of_request(case, client, result)


def made(case: Mapping[str, Any], truth: Mapping[str, Any]) -> Client | None:
    """The client of a case as the auditor has it."""
    text = case["conf"].replace("@IDENTITY@", "https://keystone.example:5000")
    text = text.replace("@SERVICE@", "https://service.example:8778")
    service = _SERVICES.get(case.get("client", case["driver"]), "nova-compute")
    found = view({**case, "conf": text}, truth, 0, service).clients
    assert not isinstance(found, Outcome), found.message
    return found.get(case["driver"])


def _of_request(case: Mapping[str, Any], client: Client, result: Mapping[str, Any]) -> str | None:
    side: Mapping[str, str] = case.get("identity") or case["service"]
    behaviour = side["behaviour"]
    if behaviour not in _KINDS:
        return _never_below(client.call_worst_case, result)
    kind, answer = _KINDS[behaviour]
    attempts = client.attempts.get(answer, 1)
    if attempts != result["requests"]:
        return f"{attempts} attempts, and {result['requests']} were made"
    if case["driver"] == "manila":
        return None  # each call makes its client anew, which takes more time than it waits
    bound = client.worst_cases.get(kind, client.request_worst_case)
    if kind == "dripping" and result["seconds"] <= attempts * case["timeout"]:
        return "what drips was given up"
    if behaviour in _TIGHT and bound.seconds and result["seconds"] < 0.75 * bound.seconds:
        return f"{bound.arithmetic}, and only {result['seconds']} s were waited"
    return _never_below(bound, result)


def _never_below(bound: Bound, result: Mapping[str, Any]) -> str | None:
    if bound.bound == "unbounded":
        return None
    if bound.seconds is None or result["seconds"] > bound.seconds:
        return f"{bound.arithmetic}, and {result['seconds']} s were waited"
    return None


def _of_certificates(case: Mapping[str, Any], client: Client, result: Mapping[str, Any]) -> str | None:
    is_accepted = result["outcome"] in ("200", "204", "returned")
    if client.trust.path is not None and client.trust.path.endswith("missing.pem"):
        return None if result["outcome"] == "OSError" else "a missing file was no error"
    kinds, names = _ACCEPTED[case["id"].rpartition("/")[2]]
    expected = client.trust.kind in kinds and client.names in names
    if expected != is_accepted:
        said = "accepts" if expected else "refuses"
        return f"trust {client.trust.kind}, names {client.names}: {said} it, and the outcome was {result['outcome']}"
    return None
