"""The answers of all endpoints of a connection become one outcome, and what was not answered is never a pass."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from auditor.check import Check, good
from auditor.checks import CATALOGUE
from auditor.checks.exhibits import AUTHORITIES, EXPIRED, EXPIRING, OF_ANOTHER_NAME, asked, plain, silent
from auditor.evaluate import HostResult, evaluate
from auditor.model import Status
from auditor.site import Site, Thresholds
from tests.trees import example

_TLS = "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\nssl_enforce_hostname_verification = true\n"
BROKERS = (
    "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671,"
    "nova:yFw7hPq2kZ4tLm9sXc@mysql.example:5671/\n" + _TLS
)
ONE, TWO = ("amqp", "rabbit.example", 5671), ("amqp", "mysql.example", 5671)
UNASKED = {"result": "unasked", "reason": "the time limit passed", "chain": [], "version": None}

ON_WIRE = [check for check in CATALOGUE if "wire" in check.needs]


def find(name: str) -> Check:
    (check,) = [one for one in CATALOGUE if one.id == name]
    return check


def together(*evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evidence of several endpoints as one."""
    handshakes = [one for each in evidence for one in each["wire"]["handshakes"]]
    return {"wire": {**evidence[0]["wire"], "handshakes": handshakes}}


def judged(
    folder: Path, name: str, conf: str, evidence: Mapping[str, Any], site: Site | None = None
) -> HostResult:
    case = good(conf, files=AUTHORITIES, evidence=evidence)
    return evaluate(example(folder, case), [find(name)], site or Site(), case.release, full=True)


def status(folder: Path, name: str, conf: str, evidence: Mapping[str, Any], site: Site | None = None) -> str:
    return judged(folder, name, conf, evidence, site).cells[name].status


@pytest.mark.parametrize(
    ("answers", "wanted"),
    [
        ((asked(*ONE), asked(*TWO)), Status.PASS),
        ((asked(*ONE, chain=[EXPIRED]), silent(*TWO)), Status.FAIL),
        ((silent(*ONE), asked(*TWO, chain=[EXPIRED])), Status.FAIL),
        ((asked(*ONE, chain=[EXPIRED]), asked(*TWO, **UNASKED)), Status.FAIL),
        ((silent(*ONE), asked(*TWO, **UNASKED)), Status.ERROR),
        ((asked(*ONE), asked(*TWO, **UNASKED)), Status.ERROR),
        ((asked(*ONE), silent(*TWO)), Status.UNKNOWN),
        ((asked(*ONE), plain(*TWO, "AMQP")), Status.PASS),
        ((plain(*ONE, "AMQP"), plain(*TWO, "AMQP")), Status.NOT_APPLICABLE),
        ((asked(*ONE),), Status.ERROR),
    ],
)
def test_a_problem_of_one_endpoint_counts_whatever_the_others_hide(
    tmp_path: Path, answers: Sequence[Mapping[str, Any]], wanted: Status
) -> None:
    assert status(tmp_path, "messaging-certificate-expiring", BROKERS, together(*answers)) == wanted


def test_one_finding_lists_every_endpoint_with_the_problem(tmp_path: Path) -> None:
    both = together(asked(*ONE, chain=[EXPIRED]), asked(*TWO, chain=[EXPIRED]))
    (finding,) = judged(tmp_path, "messaging-certificate-expiring", BROKERS, both).findings

    assert "services of rabbit.example:5671 expired on 2026-11-01" in finding.message
    assert "services of mysql.example:5671 expired on 2026-11-01" in finding.message
    assert [line.setting for line in finding.evidence if line.origin.kind == "wire"] == [
        "amqp rabbit.example:5671",
        "amqp mysql.example:5671",
    ]


def test_a_broker_without_the_other_s_name_breaks_failover(tmp_path: Path) -> None:
    lone = together(asked(*ONE), asked(*TWO, chain=[OF_ANOTHER_NAME]))
    (finding,) = judged(tmp_path, "messaging-certificate-name-missing", BROKERS, lone).findings

    assert "mysql.example:5671 does not carry the name mysql.example" in finding.message


@pytest.mark.parametrize(("days", "wanted"), [(14, Status.FAIL), (13, Status.PASS)])
def test_the_site_says_what_is_soon(tmp_path: Path, days: int, wanted: Status) -> None:
    site = Site(Thresholds(certificate_days=days))
    answers = together(asked(*ONE, chain=[EXPIRING]), asked(*TWO))

    assert status(tmp_path, "messaging-certificate-expiring", BROKERS, answers, site) == wanted


@pytest.mark.parametrize("check", ON_WIRE, ids=lambda check: check.id)
def test_without_the_question_there_is_no_verdict(tmp_path: Path, check: Check) -> None:
    case = good(BROKERS, files=AUTHORITIES, evidence={"asked": ["processes"]})
    result = evaluate(example(tmp_path, case), [check], Site(), case.release)

    assert result.cells[check.id].status == Status.ERROR


def test_nobody_asks_a_broker_of_kafka(tmp_path: Path) -> None:
    conf = (
        "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
        f"{_TLS}[oslo_messaging_notifications]\ndriver = messagingv2\ntransport_url = kafka://mq.example:9093/\n"
        "[oslo_messaging_kafka]\nsecurity_protocol = SSL\n"
    )

    assert status(tmp_path, "messaging-certificate-weak", conf, asked(*ONE)) == Status.UNKNOWN


def test_a_service_token_is_fetched_in_the_sessions_of_others(tmp_path: Path) -> None:
    section = (
        "auth_type = password\nauth_url = https://keystone.example:5000/v3\npassword = yFw7hPq2kZ4tLm9sXc\n"
    )
    conf = f"[placement]\n{section}cafile = /etc/nova/ca.pem\n[service_user]\nsend_service_user_token = true\n{section}"
    result = judged(tmp_path, "clients-certificate-untrusted", conf, asked("https", "keystone.example", 5000))
    reasons = result.not_applicable or {}

    assert result.cells["clients-certificate-untrusted"].status == Status.PASS
    assert "its token is fetched in the sessions of other clients" in reasons["clients-certificate-untrusted"]
