"""Judgements that messaging and databases share: `of_databases` and `of_messaging` make checks of them."""

from collections.abc import Callable

from auditor.check import Outcome, Posture, Site, Transport, Undecidable, failed, not_applicable, passed
from auditor.checks.subjects import (
    VERIFYING,
    in_cell,
    is_limited_by_library,
    is_rabbit,
    of_another_area,
    once_encrypted,
    posture,
    replacing_ca,
    require_url,
    set_aside,
    trusts_public,
    with_every_name,
)
from auditor.model import Withheld
from auditor.semantics.cells import MASKED

Evaluate = Callable[[Transport, Site], Outcome]

_NO_PASSWORD = "no password is written"
_MASKED = "its password is masked by nova-manage"
_UNVERIFIED = "its certificate is not verified at all"

#: Traits of a withheld password that make it no secret (`auditor.probe.tokens`).
_GUESSABLE = {
    "e": "is empty",
    "k": "is a default that everybody knows",
    "p": "is a placeholder from a manual",
}

#: The least and the most characters of each length class of a withheld password.
_LENGTHS = {"0": (1, 7), "1": (8, 15), "2": (16, 31), "3": (32, 1_000_000)}


def of_databases(judge: Evaluate) -> Evaluate:
    """The judgement for database connections that leave the machine and can be made."""
    return _of(judge, messaging=False)


def of_messaging(judge: Evaluate) -> Evaluate:
    """The judgement for RPC and notifications that leave the machine and can be made."""
    return _of(judge, messaging=True)


def _of(judge: Evaluate, messaging: bool) -> Evaluate:
    def evaluate(transport: Transport, site: Site) -> Outcome:
        return set_aside(transport, messaging) or judge(transport, site)

    return evaluate


def plain_text(transport: Transport, _site: Site) -> Outcome:
    """Fail where the connection is plain text and leaves the machine."""
    if posture(transport) is not Posture.PLAINTEXT:
        return passed(f"{transport} tries TLS at least", transport)
    if transport.is_loopback:
        return not_applicable("it stays on the loopback interface")
    return failed(f"{transport} is plain text: {transport.reason}", transport, remedy=transport.remedy)


def plain_text_on_loopback(transport: Transport, _site: Site) -> Outcome:
    """Fail where a connection to the loopback interface is plain text."""
    if not transport.is_loopback:
        return not_applicable("it leaves the machine")
    if posture(transport) is Posture.PLAINTEXT:
        message = f"{transport} is plain text, on the loopback interface"
        return failed(message, transport, remedy=transport.remedy)
    return passed(f"{transport} uses TLS", transport)


def any_certificate(transport: Transport, _site: Site) -> Outcome:
    """Fail where any certificate is accepted, be it only while TLS is in use."""
    found = once_encrypted(transport)
    if found is None:
        return not_applicable("it is not encrypted at all")
    if replacing_ca(transport):
        return not_applicable("ssl_ca is ignored, which is a finding of its own")
    if transport.posture is Posture.OPPORTUNISTIC and not is_limited_by_library(transport):
        return not_applicable("TLS is optional by configuration, which is a finding of its own")
    if found is Posture.ENCRYPTED:
        message = f"{transport} verifies nothing: {transport.reason}"
        return failed(message, transport, remedy=transport.remedy)
    return passed(f"{transport} verifies the certificate", transport)


def public_authorities(transport: Transport, _site: Site) -> Outcome:
    """Fail where public authorities are trusted and names are not checked."""
    found = once_encrypted(transport)
    if found not in VERIFYING:
        return not_applicable(_UNVERIFIED)
    if replacing_ca(transport):
        return not_applicable("ssl_ca is ignored, which is a finding of its own")
    if found is Posture.VERIFIED_CA and trusts_public(transport):
        trusted = transport.trust.path or "the system's authorities"
        message = (
            f"{transport} trusts {trusted} and checks no name: a certificate of anybody's domain will do"
        )
        remedy = in_cell(
            transport, "Name the one authority that signed the server's certificate, and check names."
        )
        return failed(message, transport, remedy=remedy)
    return passed(f"{transport} checks the name, or trusts an authority of its own only", transport)


def any_name(transport: Transport, _site: Site) -> Outcome:
    """Fail where the configuration leaves names unchecked, within an authority that is not public."""
    found = once_encrypted(transport)
    if found not in VERIFYING:
        return not_applicable(_UNVERIFIED)
    if found is Posture.VERIFIED_FULL:
        return passed(f"{transport} checks the name", transport)
    if trusts_public(transport):
        return not_applicable("it trusts public authorities, which is a finding of its own")
    if is_limited_by_library(transport) and transport.posture is Posture.VERIFIED_CA:
        return not_applicable("the installed library cannot check names")
    message = f"{transport} checks no name: {transport.reason}"
    return failed(message, transport, remedy=with_every_name(transport, transport.remedy))


def no_connection(messaging: bool) -> Evaluate:
    """Fail where the service cannot start or connect with what is written."""

    def evaluate(transport: Transport, _site: Site) -> Outcome:
        if transport.posture is Posture.BROKEN and transport.is_opened:
            message = f"{transport} cannot be made: {transport.reason}"
            other = of_another_area(transport, messaging)
            return other or failed(message, transport, remedy=transport.remedy)
        aside = set_aside(transport, messaging)
        if aside is not None:
            return aside
        posture(transport)
        if transport.undecided is not None:
            raise Undecidable(transport.undecided)
        return passed(f"{transport} can be made as it is written", transport)

    return evaluate


def guessable_password(transport: Transport, _site: Site) -> Outcome:
    """Fail where the password is none, a known default or a placeholder."""
    if _ends_in_guest(transport):
        return failed(
            f"{transport} is written without a password, and kombu logs in with guest",
            transport.url,
            remedy=in_cell(transport, "Give the broker's user a random password."),
        )
    missing = _without_password(transport)
    if missing is not None or transport.password is None:
        return missing or not_applicable(_NO_PASSWORD)
    known = _guessable(transport.password)
    if known is not None:
        return failed(f"the password of {transport}, user {transport.user}, {known}", transport.url)
    return passed(f"the password of {transport} is no default and no placeholder", transport.url)


def short_password(transport: Transport, site: Site) -> Outcome:
    """Fail where the password is shorter than the site accepts."""
    aside = _without_password(transport)
    if aside is not None or transport.password is None:
        return aside or not_applicable(_NO_PASSWORD)
    if _guessable(transport.password) is not None:
        return not_applicable("the password is guessable, which is a finding of its own")
    wanted = site.thresholds.secret_characters
    least, most = next(_LENGTHS[trait] for trait in transport.password.traits if trait in _LENGTHS)
    if most < wanted:
        return failed(f"the password of {transport} has fewer than {wanted} characters", transport.url)
    if least < wanted:
        raise Undecidable(f"the password has {least} to {most} characters, and the host told no more")
    return passed(f"the password of {transport} has {wanted} characters or more", transport.url)


def _without_password(transport: Transport) -> Outcome | None:
    """The outcome for a transport whose password is not to be judged."""
    require_url(transport)
    if transport.password == MASKED:
        return not_applicable(_MASKED)
    return not_applicable(_NO_PASSWORD) if transport.password is None else None


def is_guessable(password: Withheld | None) -> bool:
    """True for a password that is none, a known default or a placeholder."""
    return password is not None and _guessable(password) is not None


def _guessable(password: Withheld) -> str | None:
    """What makes a password no secret, or None."""
    return next((_GUESSABLE[trait] for trait in password.traits if trait in _GUESSABLE), None)


def _ends_in_guest(transport: Transport) -> bool:
    """True where a written URL leaves the password out: kombu takes guest for it (`kombu.transport.pyamqp`)."""
    is_left_out = transport.password is None and transport.url.is_written and not transport.url.is_withheld
    return is_rabbit(transport) and is_left_out and transport.posture is not Posture.UNKNOWN
