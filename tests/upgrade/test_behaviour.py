"""Connections, calls and logs that another release changes, from literal views."""

from typing import Any

import pytest

from auditor.check import Outcome
from auditor.model import (
    DEFAULT_ORIGIN,
    Bound,
    Client,
    Limit,
    Posture,
    Service,
    Setting,
    Severity,
    Status,
    Transport,
    Trust,
)
from auditor.semantics.logs import Levels
from auditor.site import Site
from auditor.upgrade.behaviour import compare_clients, compare_levels, compare_transports
from auditor.upgrade.difference import Difference, Effect
from auditor.views import View, views_of
from tests.build import evidence, service

URL = Setting("DEFAULT", "transport_url", "rabbit://mq:5671/", DEFAULT_ORIGIN)
HELD = Outcome(Status.ERROR, "it cannot be read")


def present() -> Service:
    (view,) = views_of(evidence(), service(), "2025.1")
    assert isinstance(view.service, Service)
    return view.service


def transport(posture: Posture, **rest: Any) -> Transport:
    return Transport("rpc", "rabbit", ("mq:5671",), posture, "a reason", URL, **rest)


def view(transports: Any = HELD, clients: Any = HELD, levels: Any = HELD) -> View:
    return View("2025.1", present(), transports, clients, levels)


def changed(old: Transport | None, new: Transport | None) -> tuple[Difference, ...]:
    before = view({} if old is None else {"rpc": old})
    return tuple(compare_transports(before, view({} if new is None else {"rpc": new}), Site(), ()))


@pytest.mark.parametrize(
    ("old", "new", "effect", "severity"),
    [
        (Posture.VERIFIED_FULL, Posture.PLAINTEXT, Effect.WORSE, Severity.CRITICAL),
        (Posture.VERIFIED_FULL, Posture.BROKEN, Effect.WORSE, Severity.HIGH),
        (Posture.VERIFIED_FULL, Posture.ENCRYPTED, Effect.WORSE, Severity.HIGH),
        (Posture.VERIFIED_FULL, Posture.VERIFIED_CA, Effect.WORSE, Severity.MEDIUM),
        (Posture.PLAINTEXT, Posture.ENCRYPTED, Effect.BETTER, None),
        (Posture.BROKEN, Posture.PLAINTEXT, Effect.BETTER, None),
        (Posture.ENCRYPTED, Posture.UNKNOWN, Effect.UNDECIDED, None),
        (Posture.UNKNOWN, Posture.PLAINTEXT, Effect.OTHER, None),
    ],
)
def test_a_posture_that_changes_is_weighed_by_what_it_gives_away(
    old: Posture, new: Posture, effect: Effect, severity: Severity | None
) -> None:
    (found,) = changed(transport(old), transport(new))

    assert (found.effect, found.severity) == (effect, severity)


@pytest.mark.parametrize("rest", [{"is_loopback": True}, {"is_opened": False}])
def test_what_nobody_can_listen_to_weighs_little(rest: dict[str, Any]) -> None:
    (found,) = changed(transport(Posture.ENCRYPTED), transport(Posture.PLAINTEXT, **rest))

    assert found.severity is Severity.LOW


def test_the_inner_posture_of_one_that_steps_down_counts() -> None:
    strong = transport(Posture.OPPORTUNISTIC, when_encrypted=Posture.VERIFIED_FULL)
    (found,) = changed(strong, transport(Posture.OPPORTUNISTIC, when_encrypted=Posture.ENCRYPTED))

    assert found.effect is Effect.WORSE
    assert found.message.startswith(
        "opportunistic (unverified where encrypted), today opportunistic (verified-full where encrypted)"
    )


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        (
            (Posture.VERIFIED_CA, None),
            (Posture.VERIFIED_FULL, None),
            "a certificate without the server's name",
        ),
        (
            (Posture.OPPORTUNISTIC, Posture.VERIFIED_FULL),
            (Posture.VERIFIED_FULL, None),
            "a server without TLS",
        ),
        (
            (Posture.PLAINTEXT, None),
            (Posture.VERIFIED_CA, None),
            "a server without TLS, a certificate of another authority",
        ),
        ((Posture.PLAINTEXT, None), (Posture.OPPORTUNISTIC, Posture.ENCRYPTED), None),
        ((Posture.VERIFIED_FULL, None), (Posture.PLAINTEXT, None), None),
    ],
)
def test_what_a_stricter_connection_turns_away_is_told(
    old: tuple[Posture, Posture | None], new: tuple[Posture, Posture | None], refused: str | None
) -> None:
    (found,) = changed(transport(old[0], when_encrypted=old[1]), transport(new[0], when_encrypted=new[1]))
    said = "" if refused is None else f"; accepted today and refused then: {refused}"

    assert found.message.endswith(f": a reason{said}")


def test_whom_it_trusts_and_what_limits_it_are_told_although_the_posture_stays() -> None:
    old = transport(Posture.VERIFIED_CA, limited_by=Limit("library", "oslo.messaging", "14.0.3", "18.2"))
    (found,) = changed(old, transport(Posture.VERIFIED_CA, trust=Trust("file", "/etc/nova/ca.pem")))

    assert found.effect is Effect.OTHER
    assert found.message == (
        "verified-ca as today; it trusts /etc/nova/ca.pem, today anybody;"
        " what limits it is nothing, today the library (oslo.messaging) before 18.2"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Limit("library", "PyMySQL", "1.0.2", "1.2"), Limit("library", "PyMySQL", "1.1.1", "1.2")),
        (Limit("release", "2025.1"), Limit("release", "2026.2")),
    ],
)
def test_the_version_of_what_limits_it_is_no_difference(old: Limit, new: Limit) -> None:
    weak = Posture.VERIFIED_CA

    assert changed(transport(weak, limited_by=old), transport(weak, limited_by=new)) == ()


def test_a_connection_that_comes_is_weighed_like_one_that_was_well_protected() -> None:
    (found,) = changed(None, transport(Posture.PLAINTEXT))

    assert (found.effect, found.before) == (Effect.WORSE, None)


def client(section: str, bound: str, seconds: float | None, **attempts: int) -> Client:
    return Client(section, attempts, Bound(bound, seconds, ""), present().settings)


def test_a_call_that_turns_endless_gets_worse_and_sections_alike_are_one() -> None:
    before = view(clients={name: client(name, "finite", 4.5, refused=2) for name in ("cinder", "glance")})
    after = view(clients={name: client(name, "unbounded", None, refused=1) for name in ("cinder", "glance")})
    (found,) = compare_clients(before, after)

    assert (found.subject, found.effect) == ("[cinder], [glance]", Effect.WORSE)
    assert (found.before, found.after) == ("4.5 s", "unbounded")
    assert found.message == (
        "one request: can block without end, today 4.5 s; sent once on refused, today 2 times"
    )


def test_calls_that_stay_are_none() -> None:
    one = view(clients={"cinder": client("cinder", "finite", 4.5, refused=2)})

    assert list(compare_clients(one, one)) == []


def levels(broken: str | None = None, **names: str) -> Levels:
    return Levels("options", (), names, {}, {}, broken)


def test_a_logger_that_says_more_gets_worse_and_one_that_says_less_better() -> None:
    before = view(levels=levels(amqp="WARNING", nova="DEBUG", root="INFO"))
    worse, better = compare_levels(before, view(levels=levels(amqp="DEBUG", nova="INFO", root="INFO")))

    assert (worse.effect, worse.message) == (Effect.WORSE, "levels: amqp DEBUG (today WARNING)")
    assert (better.effect, better.message) == (Effect.BETTER, "levels: nova INFO (today DEBUG)")


def test_logging_that_cannot_be_set_up_then_is_grave() -> None:
    (found,) = compare_levels(view(levels=levels()), view(levels=levels("no such class")))

    assert (found.effect, found.severity) == (Effect.WORSE, Severity.HIGH)


def test_what_could_not_be_had_is_left_to_the_verdicts() -> None:
    assert list(compare_transports(view(), view({}), Site(), ())) == []
    assert list(compare_clients(view(), view(clients={}))) == []
    assert list(compare_levels(view(), view(levels=levels()))) == []
