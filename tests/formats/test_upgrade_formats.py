"""What an upgrade changes as text and as JSON, from literal values."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auditor.formats import Page
from auditor.formats.upgrade import json as upgrade_json
from auditor.formats.upgrade import text as upgrade_text
from auditor.model import Coverage, Judged, Kind, Origin, OriginKind, Role, Severity
from auditor.report import Exit
from auditor.upgrade.difference import Aspect, Difference, Effect, HostUpgrade, ServiceUpgrade, Upgrade
from tests.build import CONF, check

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/upgrade.schema.json").read_text())
TOKEN = "REDACTED-2-0123456789abcdef"
PLAINTEXT = Difference(
    Aspect.TRANSPORT,
    Effect.WORSE,
    "rpc",
    "plaintext, today verified-ca: nothing asks for TLS",
    "verified-ca",
    "plaintext",
    Severity.CRITICAL,
    (
        Judged(
            "[DEFAULT] transport_url", f"rabbit://nova:{TOKEN}@mq:5671/", Origin(OriginKind.FILE, CONF, 2)
        ),
        Judged("oslo.messaging", "16.1.2", Origin(OriginKind.FILE, "/usr/lib/python3")),
    ),
    "Write [oslo_messaging_rabbit] rabbit_use_ssl as [oslo_messaging_rabbit] ssl.",
    True,
    ("messaging-plaintext",),
)
TOLD = Difference(
    Aspect.CHECK,
    Effect.WORSE,
    "messaging-plaintext#rpc",
    "it is plain text",
    "pass",
    "fail",
    Severity.CRITICAL,
    checks=("messaging-plaintext",),
    within="rpc",
)
BETTER = Difference(Aspect.TRANSPORT, Effect.BETTER, "database", "verified-full, today opportunistic")
FLIP = Difference(
    Aspect.DEFAULT,
    Effect.OTHER,
    "[DEFAULT] debug",
    "its default in 2025.1 is true, not false",
    "false",
    "true",
    is_judged=True,
)
QUIET = Difference(Aspect.DEFAULT, Effect.OTHER, "[compute] x", "its default in 2025.1 is 2, not 1", "1", "2")


def host(name: str, *differences: Difference, **rest: Any) -> HostUpgrade:
    service = ServiceUpgrade("nova-api", "nova-api", Role.API, "2024.2", False, None, differences)
    return HostUpgrade(
        **{
            "name": name,
            "kind": Kind.TREE,
            "coverage": Coverage.AUDITED,
            "services": (service,) if differences else (),
            **rest,
        }
    )


def upgrade(*hosts: HostUpgrade, **rest: Any) -> Upgrade:
    return Upgrade(
        **{
            "tool_version": "0.1.0",
            "started": "2026-11-21T12:00:00Z",
            "finished": "2026-11-21T12:00:01Z",
            "release": "2025.1",
            "present": None,
            "profile": "strict",
            "checks": ("messaging-plaintext",),
            "not_asked": (),
            "complete": True,
            "hosts_expected": len(hosts),
            "exit": Exit(1, "1 thing gets worse at or above high on 1 of 1 host"),
            "hosts": hosts,
            **rest,
        }
    )


def text(*hosts: HostUpgrade, everything: bool = False, **rest: Any) -> str:
    return upgrade_text.render(upgrade(*hosts, **rest), (check(),), Page(), everything=everything)


def test_what_gets_worse_comes_first_with_its_lines_and_the_change_that_mends_it() -> None:
    lines = text(host("ctl01", PLAINTEXT, TOLD, BETTER)).splitlines()

    assert lines.index("Gets worse") < lines.index("Gets better")
    assert "CRITICAL  rpc turns plaintext" in lines
    assert "    [DEFAULT] transport_url = rabbit://nova:***@mq:5671/" in "\n".join(lines)
    assert f"({CONF}:2)" in "\n".join(lines)
    assert "    fails then: messaging-plaintext" in lines
    assert "    > Before the upgrade: Write [oslo_messaging_rabbit] rabbit_use_ssl as" in lines
    assert "messaging-plaintext#rpc" not in "\n".join(lines)


def test_the_text_of_forty_alike_hosts_is_that_of_one() -> None:
    one = text(host("cmp00", PLAINTEXT, TOLD, BETTER, FLIP)).splitlines()
    many = text(*(host(f"cmp{n:02}", PLAINTEXT, TOLD, BETTER, FLIP) for n in range(40))).splitlines()

    assert len(many) <= len(one) + 3
    assert "    on cmp00, cmp01, cmp02, cmp03 and 36 more hosts (nova-api)" in many


def test_no_line_is_wider_than_the_page() -> None:
    assert max(map(len, text(host("ctl01", PLAINTEXT, BETTER, FLIP)).splitlines())) <= 80


def test_defaults_that_no_check_judges_are_named_and_told_when_asked_for() -> None:
    brief = text(host("ctl01", FLIP, QUIET))
    full = text(host("ctl01", FLIP, QUIET), everything=True)

    assert "  - [DEFAULT] debug: its default in 2025.1 is true, not false" in brief
    assert "1 more, which no check judges (--all tells their values): [compute] x" in brief
    assert "its default in 2025.1 is 2" not in brief
    assert "  - [compute] x: its default in 2025.1 is 2, not 1" in full


def test_no_difference_says_so() -> None:
    service = ServiceUpgrade("nova-api", "nova-api", Role.API, "2025.1", False)

    assert "No differences." in text(host("ctl01", services=(service,)))


def test_what_was_not_compared_is_said_with_the_reason() -> None:
    service = ServiceUpgrade("nova-api", "nova-api", Role.API, None, True, "its release is not known")
    said = text(
        host("ctl01", services=(service,)),
        host("ctl02", coverage=Coverage.TIMEOUT, reason="no answer within 20 seconds"),
    )

    assert "Nothing was compared." in said
    assert "  - its release is not known\n    on ctl01 (nova-api)" in said
    assert "  - ctl02: timeout, no answer within 20 seconds" in said


def test_results_that_could_not_be_had_are_not_silent() -> None:
    assert "2 results could not be had today or then" in text(host("ctl01", BETTER, errors=1, unknowns=1))


def test_what_a_host_sent_is_data() -> None:
    evil = Difference(
        Aspect.SETTING, Effect.WORSE, "[a] \x1b[31mb", "not [bold]read[/bold]", severity=Severity.LOW
    )
    said = text(host("ctl\x1b01", evil))

    assert "\x1b" not in said
    assert "[bold]read[/bold]" in said


def test_colour_only_adds_colour() -> None:
    shown = upgrade(host("ctl01", PLAINTEXT))
    coloured = upgrade_text.render(shown, (), Page(colour=True))

    assert "\x1b[" in coloured
    assert "\x1b[" not in upgrade_text.render(shown, (), Page())


@pytest.mark.parametrize(
    "hosts",
    [
        (),
        (host("ctl01", PLAINTEXT, TOLD, BETTER, FLIP, QUIET),),
        (host("a", PLAINTEXT), host("b", PLAINTEXT, differences=(BETTER,)), host("c", reason="lost")),
    ],
)
def test_the_json_keeps_its_schema(hosts: tuple[HostUpgrade, ...]) -> None:
    written = upgrade_json.render(upgrade(*hosts))

    jsonschema.validate(json.loads(written), SCHEMA)
    assert written.isascii()


def test_the_json_names_a_shared_difference_by_its_place() -> None:
    content = json.loads(upgrade_json.render(upgrade(host("a", PLAINTEXT, BETTER), host("b", BETTER))))

    assert [one["subject"] for one in content["differences"]] == ["rpc", "database"]
    assert [one["services"][0]["differences"] for one in content["hosts"]] == [[0, 1], [1]]
    assert content["differences"][0]["before_the_upgrade"] is True
