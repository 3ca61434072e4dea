"""What a service does otherwise with another release's libraries: its connections, its calls, its logs, its start."""

from collections.abc import Iterator, Mapping, Sequence

from auditor.check import Outcome
from auditor.model import Client, Limit, Posture, Service, Severity, Transport
from auditor.semantics.logs import Levels
from auditor.site import Site
from auditor.upgrade.difference import Aspect, Difference, Effect
from auditor.upgrade.settings import is_early, options_of
from auditor.views import View

#: Postures by what they keep from whom, the weakest first.
_ORDER = (
    Posture.BROKEN,
    Posture.PLAINTEXT,
    Posture.OPPORTUNISTIC,
    Posture.ENCRYPTED,
    Posture.VERIFIED_CA,
    Posture.VERIFIED_FULL,
    Posture.LOCAL,
)

_SEVERITY: Mapping[Posture, Severity] = {
    Posture.BROKEN: Severity.HIGH,
    Posture.PLAINTEXT: Severity.CRITICAL,
    Posture.OPPORTUNISTIC: Severity.HIGH,
    Posture.ENCRYPTED: Severity.HIGH,
    Posture.VERIFIED_CA: Severity.MEDIUM,
}

#: Connections that go on without TLS, those that do not, and those that verify the certificate.
_WITHOUT_TLS = (Posture.PLAINTEXT, Posture.OPPORTUNISTIC)
_VERIFYING = (Posture.VERIFIED_CA, Posture.VERIFIED_FULL)
_INSISTING = (Posture.ENCRYPTED, *_VERIFYING)

_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE")

_NAMES = {
    "any": "any name",
    "common-name": "their common name too",
    "alternative-name": "their alternative names only",
}

#: Times nearer than this, in seconds, are the same.
_SAME = 0.05


def compare_start(before: Service, after: Service) -> Iterator[Difference]:
    """Whether oslo.config starts the service."""
    if before.refusal is None and after.refusal is not None:
        yield Difference(
            Aspect.START,
            Effect.WORSE,
            "start",
            f"it does not start under {after.release}: {after.refusal.message}",
            "starts",
            "does not start",
            Severity.HIGH,
            (after.refusal.judged(),),
            "Mend or remove the line.",
        )
    elif before.refusal is not None and after.refusal is None:
        yield Difference(
            Aspect.START,
            Effect.BETTER,
            "start",
            f"it starts under {after.release}, and does not today: {before.refusal.message}",
            "does not start",
            "starts",
            evidence=(before.refusal.judged(),),
        )


def compare_transports(
    before: View, after: View, site: Site, changed: Sequence[Difference]
) -> Iterator[Difference]:
    """Connections whose protection is another. ``changed`` are settings that are not read, or rejected, then."""
    if isinstance(before.transports, Outcome) or isinstance(after.transports, Outcome):
        return
    present = before.service
    for name in dict.fromkeys((*before.transports, *after.transports)):
        old, new = before.transports.get(name), after.transports.get(name)
        if isinstance(present, Service):
            yield from _transport(str(name), old, new, site, changed, present)


def _transport(
    name: str,
    old: Transport | None,
    new: Transport | None,
    site: Site,
    changed: Sequence[Difference],
    present: Service,
) -> Iterator[Difference]:
    subject = new or old
    if subject is None or (old is not None and new is not None and _protection(old) == _protection(new)):
        return
    effect = _effect(old, new)
    remedy, early = _mended(old, new, changed, present)
    yield Difference(
        Aspect.TRANSPORT,
        effect,
        name,
        _message(old, new),
        before=None if old is None else str(old.posture),
        after=None if new is None else str(new.posture),
        severity=_severity(new, site) if effect is Effect.WORSE else None,
        evidence=new.evidence() if new is not None else (subject.url.judged(),),
        remedy=remedy if effect is Effect.WORSE else None,
        is_early=early if effect is Effect.WORSE else None,
    )


def _protection(transport: Transport) -> tuple[object, ...]:
    limit = transport.limited_by
    return (
        transport.posture,
        transport.when_encrypted,
        transport.trust,
        transport.client_certificate,
        # Where the release as such is the limit, its name is no difference.
        None
        if limit is None
        else (limit.kind, "" if limit.kind == "release" else limit.name, limit.fixed_in),
    )


def _effect(old: Transport | None, new: Transport | None) -> Effect:
    if new is None:
        return Effect.WORSE if old is not None and old.is_opened else Effect.OTHER
    if new.posture is Posture.UNKNOWN:
        return Effect.UNDECIDED
    if old is not None and old.posture is Posture.UNKNOWN:
        return Effect.OTHER
    was, is_ = _rank(old), _rank(new)
    if was == is_:
        return Effect.OTHER
    return Effect.WORSE if is_ < was else Effect.BETTER


def _rank(transport: Transport | None) -> tuple[int, int]:
    """How well a connection is protected: one that does not exist gives nothing away."""
    if transport is None:
        return len(_ORDER), 0
    inner = transport.when_encrypted
    return _ORDER.index(transport.posture), -1 if inner is None else _ORDER.index(inner)


def _severity(new: Transport | None, site: Site) -> Severity:
    if new is None:
        return Severity.HIGH
    if not new.is_opened:
        return Severity.LOW
    is_exposed = new.posture is not Posture.BROKEN
    if is_exposed and (new.is_loopback or site.encrypts(new.endpoints)):
        return Severity.LOW
    return _SEVERITY.get(new.posture, Severity.LOW)


def _message(old: Transport | None, new: Transport | None) -> str:
    if new is None:
        return f"not configured any more, today {'none' if old is None else _words(old)}"
    if old is None:
        return f"{_words(new)}, today not configured: {new.reason}"
    if _words(old) != _words(new):
        return f"{_words(new)}, today {_words(old)}: {new.reason}{_refusing(old, new)}"
    changes = []
    if old.trust != new.trust:
        changes.append(f"it trusts {_trust(new)}, today {_trust(old)}")
    if old.client_certificate != new.client_certificate:
        changes.append(f"client certificate: {new.client_certificate}, today {old.client_certificate}")
    if _protection(old)[-1] != _protection(new)[-1]:
        changes.append(f"what limits it is {_limit(new.limited_by)}, today {_limit(old.limited_by)}")
    return f"{_words(new)} as today; {'; '.join(changes)}"


def _refusing(old: Transport, new: Transport) -> str:
    """What a connection that asks for more turns away: who relies on it today loses the connection."""
    asked, asks = old.when_encrypted or old.posture, new.when_encrypted or new.posture
    refused = []
    if old.posture in _WITHOUT_TLS and new.posture in _INSISTING:
        refused.append("a server without TLS")
    if asks in _VERIFYING and asked in (Posture.PLAINTEXT, Posture.ENCRYPTED):
        refused.append("a certificate of another authority")
    if asks is Posture.VERIFIED_FULL and asked in (*_WITHOUT_TLS, Posture.ENCRYPTED, Posture.VERIFIED_CA):
        refused.append("a certificate without the server's name")
    return f"; accepted today and refused then: {', '.join(refused)}" if refused else ""


def _words(transport: Transport) -> str:
    inner = transport.when_encrypted
    if inner is None:
        return str(transport.posture)
    how = "unverified" if inner is Posture.ENCRYPTED else str(inner)
    return f"{transport.posture} ({how} where encrypted)"


def _trust(subject: Transport | Client) -> str:
    names = {"system": "the system's authorities", "none": "anybody", "unknown": "what is not known"}
    return names.get(subject.trust.kind, subject.trust.path or subject.trust.kind)


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "nothing"
    return f"the {limit.kind} ({limit.name})" + (f" before {limit.fixed_in}" if limit.fixed_in else "")


def _mended(
    old: Transport | None, new: Transport | None, changed: Sequence[Difference], present: Service
) -> tuple[str | None, bool | None]:
    """The one change that keeps the protection, and whether it can be made before the upgrade."""
    judged = {
        str(setting)
        for transport in (old, new)
        if transport is not None
        for setting in (transport.url, *transport.judging)
    }
    parts = []
    for one in changed:
        options = options_of(one) & judged
        if one.is_early and options and one.after == "not read":
            parts.append(f"Write {one.subject} as {' and '.join(sorted(options))}.")
        elif one.is_early and options and one.remedy is not None:
            parts.append(one.remedy)
    if parts:
        return " ".join(parts), True
    if new is None:
        return None, None
    if new.limited_by is not None and new.limited_by.kind == "library":
        return new.remedy, False
    return new.remedy, is_early(new.remedy, present)


def compare_clients(before: View, after: View) -> Iterator[Difference]:
    """Sections whose requests are repeated, can block, or trust otherwise; those that change alike stand together."""
    if isinstance(before.clients, Outcome) or isinstance(after.clients, Outcome):
        return
    alike: dict[tuple[str, Effect], list[tuple[Client, Client]]] = {}
    for section, new in after.clients.items():
        old = before.clients.get(section)
        changes = () if old is None else tuple(_client_changes(old, new))
        if old is not None and changes:
            alike.setdefault(("; ".join(changes), _client_effect(old, new)), []).append((old, new))
    for (message, effect), found in alike.items():
        old, new = found[0]
        yield Difference(
            Aspect.CLIENT,
            effect,
            ", ".join(str(client) for _, client in found),
            f"one request: {message}",
            before=_bound(old),
            after=_bound(new),
            severity=Severity.MEDIUM if effect is Effect.WORSE else None,
            evidence=() if new.library is None else (new.library.judged(),),
        )


def _client_changes(old: Client, new: Client) -> Iterator[str]:
    was, is_ = old.request_worst_case, new.request_worst_case
    if was.bound != is_.bound or abs((was.seconds or 0.0) - (is_.seconds or 0.0)) > _SAME:
        yield f"can block {_time(new)}, today {_time(old)}"
    for kind, number in new.attempts.items():
        if kind in old.attempts and old.attempts[kind] != number:
            yield f"sent {_times(number)} on {kind.replace('_', ' ')}, today {_times(old.attempts[kind])}"
    if old.trust != new.trust:
        yield f"trusts {_trust(new)}, today {_trust(old)}"
    if old.names != new.names:
        names = _NAMES.get(new.names, new.names), _NAMES.get(old.names, old.names)
        yield f"certificates are believed for {names[0]}, today {names[1]}"


def _client_effect(old: Client, new: Client) -> Effect:
    was, is_ = old.request_worst_case.bound, new.request_worst_case.bound
    if was == "finite" and is_ == "unbounded":
        return Effect.WORSE
    return Effect.BETTER if was == "unbounded" and is_ == "finite" else Effect.OTHER


def _bound(client: Client) -> str:
    bound = client.request_worst_case
    return bound.bound if bound.seconds is None else f"{bound.seconds:g} s"


def _time(client: Client) -> str:
    bound = client.request_worst_case
    if bound.seconds is not None:
        return f"{bound.seconds:g} s"
    return "without end" if bound.bound == "unbounded" else "for a time that is not known"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def compare_levels(before: View, after: View) -> Iterator[Difference]:
    """Loggers that end up with another level, and logging that does not start."""
    old, new = before.levels, after.levels
    if not isinstance(old, Levels) or not isinstance(new, Levels):
        return
    if old.broken is None and new.broken is not None:
        yield Difference(
            Aspect.LOGGING,
            Effect.WORSE,
            "loggers",
            f"logging cannot be set up: {new.broken}",
            severity=Severity.HIGH,
        )
    moved: dict[Effect, list[str]] = {}
    for logger, level in new.levels.items():
        was = old.levels.get(logger)
        if was is not None and was != level:
            effect = _louder(was, level)
            moved.setdefault(effect, []).append(f"{logger} {level} (today {was})")
    for effect, loggers in moved.items():
        yield Difference(
            Aspect.LOGGING,
            effect,
            "loggers",
            f"levels: {', '.join(loggers)}",
            severity=Severity.LOW if effect is Effect.WORSE else None,
        )


def _louder(was: str, level: str) -> Effect:
    if was not in _LEVELS or level not in _LEVELS:
        return Effect.OTHER
    return Effect.WORSE if _LEVELS.index(level) > _LEVELS.index(was) else Effect.BETTER
