"""Judgements on how endpoints answered, which messaging, databases and clients share.

`of_brokers`, `of_databases` and `of_services` make checks of a question (`auditor.semantics.wire`): the answers of all
endpoints of a connection become one outcome, in which a problem of one counts whatever the others hide.
"""

from collections.abc import Callable, Iterable

from auditor.check import (
    Client,
    Outcome,
    Posture,
    Site,
    Transport,
    Unavailable,
    Undecidable,
    failed,
    not_applicable,
    passed,
)
from auditor.checks import shapes
from auditor.checks.subjects import once_encrypted
from auditor.model import Handshake
from auditor.semantics import wire
from auditor.semantics.wire import Answer, Wire

#: What is asked about one endpoint.
Question = Callable[[Wire, Handshake], Answer]

_PLAIN = "it is plain text by configuration, which is a finding of its own"
_UNVERIFIED = "no certificate is verified, which is a finding of its own"


def of_brokers(question: Question, well: str, **more: bool) -> shapes.Evaluate:
    """The judgement for RPC and notifications; ``well`` is what is said where all is, ``more`` are flags of `_encrypted`."""
    return shapes.of_messaging(_encrypted(lambda _site: question, well, **more))


def of_databases(question: Question, well: str, **more: bool) -> shapes.Evaluate:
    """The judgement for database connections."""
    return shapes.of_databases(_encrypted(lambda _site: question, well, **more))


def of_services(
    question: Question, well: str, *, is_about_trust: bool = False
) -> Callable[[Client, Site], Outcome]:
    """The judgement for the https addresses that a client's own section names."""
    return _named(lambda _site: question, well, is_about_trust=is_about_trust)


def brokers_expiring() -> shapes.Evaluate:
    """The judgement of the time of brokers' certificates."""
    return shapes.of_messaging(_encrypted(_expiring, _IN_TIME))


def databases_expiring() -> shapes.Evaluate:
    """The judgement of the time of database servers' certificates."""
    return shapes.of_databases(_encrypted(_expiring, _IN_TIME))


def services_expiring() -> Callable[[Client, Site], Outcome]:
    """The judgement of the time of the certificates of other services."""
    return _named(_expiring, _IN_TIME)


_IN_TIME = "the certificates are valid for a while yet"


def _expiring(site: Site) -> Question:
    return wire.expiring(site.thresholds.certificate_days)


def _encrypted(
    ask: Callable[[Site], Question], well: str, *, is_about_trust: bool = False
) -> shapes.Evaluate:
    """The judgement for transports that use TLS; ``is_about_trust``: only for those that verify certificates."""

    def evaluate(transport: Transport, site: Site) -> Outcome:
        found = once_encrypted(transport)
        if found is None:
            return not_applicable(_PLAIN)
        if is_about_trust and found is Posture.ENCRYPTED:
            return not_applicable(_UNVERIFIED)
        if any(not answer.protocol for answer in transport.wire or ()):
            raise Undecidable(f"nobody asks the endpoints of {transport.driver}")
        return _told(transport, wire.of_transport(transport), ask(site), well)

    return evaluate


def _named(
    ask: Callable[[Site], Question], well: str, *, is_about_trust: bool = False
) -> Callable[[Client, Site], Outcome]:
    def evaluate(client: Client, site: Site) -> Outcome:
        if not client.wire:
            return not_applicable("its section names no https address")
        if is_about_trust and client.section == "service_user":
            return not_applicable("its token is fetched in the sessions of other clients")
        if is_about_trust and client.trust.kind == "none":
            return not_applicable(_UNVERIFIED)
        return _told(client, wire.of_client(client), ask(site), well)

    return evaluate


def _told(subject: Transport | Client, found: Wire, question: Question, well: str) -> Outcome:
    answers = found.each(question)
    shown = subject if isinstance(subject, Transport) else None
    problems = [answer for answer in answers if answer.problem is not None]
    if problems:
        message = _joined(answer.problem for answer in problems)
        return failed(f"{subject}: {message}", shown, *problems)
    if any(answer.unasked is not None for answer in answers):
        raise Unavailable(_joined(answer.unasked for answer in answers))
    if any(answer.undecided is not None for answer in answers):
        raise Undecidable(_joined(answer.undecided for answer in answers))
    if all(answer.moot is not None for answer in answers):
        return not_applicable(answers[0].moot or "" if answers else "it has no endpoint")
    return passed(f"{subject}: {well}", shown, *answers)


def _joined(texts: Iterable[str | None]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text is not None))
