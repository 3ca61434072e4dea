"""The report as a value and as JSON, by the published schema."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor.encoding import decode, encode
from auditor.model import Judged, Origin, OriginKind, Severity, Status
from auditor.report import Disposition, subject_name
from tests.build import finding, report

SCHEMA = json.loads((Path(__file__).parents[1] / "docs/reference/report.schema.json").read_text())


def errors(content: Any) -> list[str]:
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(content)
    ]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["properties"]["schema"]["const"] == "nova-auditor/report/1"


def test_a_report_is_as_the_schema_says_and_comes_back_as_it_was() -> None:
    content = json.loads(json.dumps(encode(report())))

    assert errors(content) == []
    assert decode(content) == report()


@pytest.mark.parametrize("place", ["", "hosts", "findings"])
def test_the_schema_refuses_a_key_that_it_does_not_know(place: str) -> None:
    content = json.loads(json.dumps(encode(report())))
    (content[place][0] if place else content)["surprise"] = 1

    assert any("surprise" in error for error in errors(content))


@pytest.mark.parametrize("key", sorted(SCHEMA["required"]))
def test_the_schema_and_the_reader_miss_what_is_not_there(key: str) -> None:
    content = json.loads(json.dumps(encode(report())))
    del content[key]

    assert errors(content) != []
    with pytest.raises(ValueError, match="nova-auditor/report/1"):
        decode(content)


def test_another_schema_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'nova-auditor/report/2' is not"):
        decode({**encode(report()), "schema": "nova-auditor/report/2"})


def test_the_keys_of_the_contract_are_all_there() -> None:
    content = encode(report())
    host = content["hosts"][0]
    (service,) = host["services"]

    assert list(content) == [
        "schema", "tool", "started", "finished", "selection", "complete", "coverage", "exit",
        "hosts", "findings", "passed", "not_applicable",
    ]  # fmt: skip
    assert list(host) == ["name", "kind", "coverage", "reason", "release", "services"]
    assert list(service) == [
        "id", "name", "role", "source", "release", "config_files", "config_dirs", "libraries",
        "transports", "logging", "clients",
    ]  # fmt: skip
    assert list(service["transports"][0]) == [
        "purpose", "driver", "endpoints", "posture", "when_encrypted", "limited_by", "trust",
        "client_certificate", "reason", "origin",
    ]  # fmt: skip
    assert list(content["findings"][0]) == [
        "check", "severity", "host", "service", "object", "status", "disposition", "waiver", "message",
        "evidence", "remediation", "fingerprint", "controls",
    ]  # fmt: skip


def test_a_fingerprint_follows_check_host_service_and_object_and_nothing_else() -> None:
    elsewhere = (Judged("[DEFAULT] transport_url", "rabbit://other/", Origin(OriginKind.FILE, "/etc/x", 99)),)
    same = finding(
        message="other words", evidence=elsewhere, severity=Severity.LOW, disposition=Disposition.WAIVED
    )
    others = [
        replace(finding(), check="other"),
        replace(finding(), host="other"),
        replace(finding(), service="other"),
        replace(finding(), object="other"),
        replace(finding(), object=None),
    ]

    assert same.fingerprint == finding().fingerprint
    assert len({one.fingerprint for one in (*others, finding())}) == 6


def test_a_fingerprint_takes_any_text_of_a_host() -> None:
    assert len(finding(host="caf\udce9").fingerprint) == 32


def test_a_subject_is_named_by_service_and_object() -> None:
    assert subject_name("nova-api", None) == "nova-api"
    assert subject_name("nova-api", "rpc") == "nova-api#rpc"
    assert subject_name(None, "/etc/nova/nova.conf") == "/etc/nova/nova.conf"
    assert subject_name(None, None) == "*"


def test_severities_compare_by_weight_and_not_by_alphabet() -> None:
    order = [Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]

    assert sorted([*order[2:], *order[:2]]) == order
    assert max(order) is Severity.CRITICAL
    assert Severity.HIGH >= Severity.LOW
    assert Severity.CRITICAL > Severity.HIGH
    assert Severity.LOW <= Severity.MEDIUM


def test_only_a_failure_has_a_disposition() -> None:
    content = encode(report(findings=(finding(status=Status.UNKNOWN, disposition=None),)))

    assert content["findings"][0]["disposition"] is None
    assert errors(content) == []
