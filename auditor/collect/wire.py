"""The second question to a host, how its endpoints answer, and what becomes of the answer: the document's ``wire``.

document, plan -> prepared, nothing answered -> asked on the host itself (`auditor.probe.wire`) -> completed
"""

from collections.abc import Mapping
from typing import Any

from auditor.collect import Options
from auditor.collect.live import Plan
from auditor.evidence import Document, Lost
from auditor.model import Kind

_NO_ANSWER = "the host did not come to it"


def is_running(document: Document) -> bool:
    """Whether a document is of a host that runs: in a tree of files nothing connects anywhere."""
    return document.content.get("kind") == Kind.LIVE


def question(request: Mapping[str, Any], options: Options) -> Mapping[str, Any]:
    """What of the second request (`auditor.probe.wire`) is the same for all hosts, or was so in the first."""
    return {
        **{name: request[name] for name in ("tool", "host", "kind", "salt_id")},
        "seconds": options.live_limit,
        "jitter": options.jitter,
    }


def asked(document: Document, planned: Plan) -> Mapping[str, Any]:
    """What of the second request is the host's own: its name, its plan, and a process in each container that it names."""
    labels = planned.labels
    places: dict[str, int] = {}
    for process in document.content.get("processes") or ():
        if process["root"] in labels:
            places.setdefault(process["root"], int(process["pid"]))
    return {"host": document.host, "wire": planned.content(), "roots": places}


def prepared(document: Document, planned: Plan) -> Document:
    """The document with the place that its answer will take: until then, nothing of the plan was asked."""
    items = {item.endpoint: item.unasked(_NO_ANSWER) for item in planned.items}
    for one in planned.left:
        if one.item is not None:
            items.setdefault(one.item.endpoint, one.item.unasked(one.reason))
    wire = {
        "asked_at": document.content.get("clock") or 0,
        "handshakes": list(items.values()),
        "incomplete": [] if planned.trouble is None else [planned.trouble],
        "unasked": [{"client": one.who, "reason": one.reason} for one in planned.left],
    }
    asked = dict.fromkeys([*(document.content.get("asked") or ()), "wire"])
    return Document(document.host, {**document.content, "asked": list(asked), "wire": wire})


def completed(document: Document, second: Document | Lost) -> Document:
    """A prepared document with what came of the second question."""
    if isinstance(second, Lost):
        return failed(document, f"its endpoints were not asked: {second.coverage}, {second.reason}")
    return answered(document, second.content)


def answered(document: Document, said: Mapping[str, Any]) -> Document:
    """A prepared document with what its host answered: ``asked_at``, ``handshakes`` and ``incomplete``.

    Only what was asked is taken, each endpoint once. What does not have that form fails as `failed` says.
    """
    wire = document.content["wire"]
    places = {_key_of(one): number for number, one in enumerate(wire["handshakes"])}
    handshakes = list(wire["handshakes"])
    try:
        for one in said["handshakes"]:
            number = places.get(_key_of(one))
            if number is not None:
                handshakes[number] = _handshake(one, handshakes[number])
        incomplete = [*wire["incomplete"], *(str(reason) for reason in said["incomplete"])]
        asked_at = float(said["asked_at"])
    except (KeyError, TypeError, ValueError) as error:
        return failed(document, f"its answer does not have the form that it should: {error}")
    whole = {**wire, "asked_at": asked_at, "handshakes": handshakes, "incomplete": incomplete}
    return Document(document.host, {**document.content, "wire": whole})


def _key_of(handshake: Mapping[str, Any]) -> tuple[str, str, int]:
    return str(handshake["protocol"]), str(handshake["host"]), int(handshake["port"])


def _handshake(said: Mapping[str, Any], asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """A handshake as evidence has it: of what the host says nothing else, and what was asked as we asked it."""
    texts = {name: said.get(name) for name in ("address", "version", "cipher", "verify_error", "verify_code")}
    claims = {name: said.get(name) for name in ("verified", "asks_client")}
    return {
        **asked,
        "result": str(said["result"]),
        "reason": str(said["reason"]),
        **{name: None if text is None else str(text) for name, text in texts.items()},
        **{name: claim if isinstance(claim, bool) else None for name, claim in claims.items()},
        "addresses": [str(address) for address in said.get("addresses") or ()],
        "chain": [str(certificate) for certificate in said.get("chain") or ()],
    }


def failed(document: Document, reason: str) -> Document:
    """A prepared document of a host that gave no answer: what it said first stands, and nothing of its endpoints."""
    wire = {**document.content["wire"], "handshakes": [], "incomplete": [reason]}
    return Document(document.host, {**document.content, "wire": wire})
