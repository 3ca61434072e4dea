"""What a task lets pass, what it refuses before it looks, and what it makes of a host without services."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.ansible.plays import Done, inventory, run, task
from tests.trees import CERTIFICATE, grow, unit

PLAIN = "[DEFAULT]\ntransport_url = rabbit://nova:Zk100qVxw@mq.example:5672/\n"
#: Whether this is safe cannot be known: the URL is not in its canonical form, so that it stayed on the host.
WITHHELD = "[DEFAULT]\ntransport_url = rabbit://nova:pa/ss@mq.example:5672/\n"
ENCRYPTED = PLAIN + "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n"

ONE = {"checks": ["messaging-plaintext"], "release": "2025.1"}

WAIVERS = f"""\
schema: 1
waivers:
  - id: lab
    check: messaging-plaintext
    groups: [laboratory]
    reason: there is nobody else on that network
    owner: network team
    ticket: NET-1
    expires: {datetime.now(UTC).date() + timedelta(days=30)}
"""

AUDIT = "nova.auditor.audit"

#: Task, options.
TASKS: Mapping[str, Mapping[str, Any]] = {
    "default": ONE,
    "fail_on none": {**ONE, "fail_on": "none"},
    "report_only": {**ONE, "report_only": True, "report": True},
    "waived": {**ONE, "waivers": "accepted.yml"},
    "tolerate": {
        **ONE,
        "checks": [*ONE["checks"], "release-config-unparsable"],
        "tolerate": {"unknown": 1, "error": 1},
    },
    "full": {**ONE, "fail_on": "none", "full": True},
    "one report for all": {**ONE, "report_file": "{{ playbook_dir }}/report.json"},
    "expect none": {**ONE, "expect": "none"},
    "named": {**ONE, "services": ["nova-compute", "nova-api"], "report_only": True},
    "file": {**ONE, "config_files": ["/etc/nova/nova.conf"], "services": ["nova-compute"]},
    "elsewhere": {**ONE, "root": "{{ nova_auditor_root }}"},
    "told": {"checks": ONE["checks"]},
    "told otherwise": {"checks": ONE["checks"], "services": "nova-compute"},
    # What is refused.
    "unknown option": {**ONE, "proflie": "strict"},
    "unknown profile": {"profile": "stric"},
    "unknown check": {"checks": ["messaging-plain"]},
    "unknown release": {**ONE, "release": "2011.1"},
    "unknown tolerance": {**ONE, "tolerate": {"unreachable": 1}},
    "missing waivers": {**ONE, "waivers": "nowhere.yml"},
    "relative path": {**ONE, "config_files": ["nova.conf"]},
    "open salt": {**ONE, "salt_file": "{{ playbook_dir }}/open"},
    "no time": {**ONE, "timeout": 0},
    "endpoints of files": {**ONE, "live": True},
    "servers of files": {**ONE, "servers": True},
}

REFUSED = {
    "unknown option": "unknown option proflie; known are cells, checks, ",
    "unknown profile": "unknown profile 'stric', did you mean strict?",
    "unknown check": "unknown check 'messaging-plain', did you mean messaging-plaintext",
    "unknown release": "2011.1",
    "unknown tolerance": "unreachable",
    "missing waivers": "nowhere.yml",
    "relative path": "config_files: nova.conf is not an absolute path",
    "open salt": "others may read the salt (mode 0644)",
    "no time": "timeout: 0 is not between 1 and 3600 seconds",
    "endpoints of files": "live: it asks what runs, and nothing runs in the files of root; leave it away",
    "servers of files": "servers: it asks what runs, and nothing runs in the files of root",
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Three hosts: one in plain text, one that cannot be decided, one without Nova; all tasks where they differ."""
    folder = tmp_path_factory.mktemp("gate")
    (folder / "accepted.yml").write_text(WAIVERS)
    (folder / "open").write_bytes(b"x" * 32)
    (folder / "open").chmod(0o644)
    for name, content in {"plain": PLAIN, "withheld": WITHHELD, "sound": ENCRYPTED}.items():
        files = {**unit("nova-compute"), "/etc/nova/nova.conf": content, "/etc/nova/ca.pem": CERTIFICATE}
        grow(folder / name, files)
    grow(folder / "empty", {"/etc/hostname": "empty\n"})
    names = ("plain", "withheld", "sound", "empty")
    hosts = inventory({name: {"nova_auditor_root": str(folder / name)} for name in names})
    told = {"nova_auditor_release": "epoxy", "nova_auditor_services": "nova-compute, nova-api"}
    hosts["all"]["hosts"]["told"] = {"nova_auditor_root": str(folder / "sound"), **told}
    hosts["all"]["hosts"]["vacant"] = {
        "nova_auditor_root": str(folder / "empty"),
        "nova_auditor_expect": "none",
    }
    hosts["all"]["children"] = {"laboratory": {"hosts": {"plain": {}}}}
    where = {
        "default": names,
        "one report for all": ("plain", "sound"),
        "tolerate": ("withheld",),
        "report_only": ("plain", "empty"),
        "expect none": ("empty",),
        "told": ("told", "vacant"),
        "told otherwise": ("told",),
    }
    plays = [
        {
            "hosts": ":".join(where.get(name, ("plain",))),
            "gather_facts": False,
            "serial": 1 if name == "one report for all" else "100%",
            "tasks": [
                task(name, AUDIT, options, **({"delegate_to": "sound"} if name == "elsewhere" else {}))
            ],
        }
        for name, options in TASKS.items()
    ]
    return run(folder, plays, hosts)


def test_an_open_failure_fails_the_task(played: Done) -> None:
    result = played.result("default", "plain")

    assert played.outcome("default", "plain") == "failed"
    assert result["exit"]["code"] == 1
    assert [finding["check"] for finding in result["findings"]] == ["messaging-plaintext"]
    assert result["findings"][0]["evidence"][0]["origin"] == {
        "kind": "file",
        "path": "/etc/nova/nova.conf",
        "line": 2,
    }


def test_a_sound_host_passes(played: Done) -> None:
    result = played.result("default", "sound")

    assert played.outcome("default", "sound") == "ok"
    assert (result["findings"], result["coverage"], result["complete"]) == ([], "audited", True)
    assert result["msg"] == "sound: complete, no open failure at or above high"


def test_what_cannot_be_decided_fails_the_task_unless_it_is_tolerated(played: Done) -> None:
    assert played.outcome("default", "withheld") == "failed"
    assert played.result("default", "withheld")["exit"]["code"] == 3
    assert played.outcome("tolerate", "withheld") == "ok"


def test_a_host_without_nova_fails_the_task_unless_it_is_expected_to_be_one(played: Done) -> None:
    assert played.outcome("default", "empty") == "failed"
    assert "no Nova or placement service was found" in played.result("default", "empty")["msg"]
    assert played.outcome("report_only", "empty") == "failed"
    assert played.outcome("expect none", "empty") == "ok"


def test_the_severity_that_fails_can_be_chosen(played: Done) -> None:
    assert played.outcome("fail_on none", "plain") == "ok"
    assert len(played.result("fail_on none", "plain")["findings"]) == 1


def test_a_task_that_only_reports_passes_with_its_findings(played: Done) -> None:
    result = played.result("report_only", "plain")

    assert played.outcome("report_only", "plain") == "ok"
    assert result["exit"]["code"] == 1
    assert result["report"]["schema"] == "nova-auditor/report/1"
    assert result["report"]["findings"] == result["findings"]


def test_a_waiver_may_name_a_group_of_the_inventory(played: Done) -> None:
    result = played.result("waived", "plain")
    (finding,) = result["findings"]

    assert played.outcome("waived", "plain") == "ok"
    assert (finding["status"], finding["disposition"], finding["waiver"]["id"]) == ("fail", "waived", "lab")
    assert played.result("waived", "plain")["summary"] == []


def test_what_passed_is_listed_on_demand(played: Done) -> None:
    statuses = {finding["status"] for finding in played.result("full", "plain")["findings"]}

    assert "fail" in statuses
    assert statuses <= {"fail", "pass"}


def test_two_hosts_do_not_write_one_report(played: Done) -> None:
    first, second = (played.result("one report for all", name)["msg"] for name in ("plain", "sound"))

    assert "put {{ inventory_hostname }} into report_file" not in first
    assert "it holds the report on plain; put {{ inventory_hostname }} into report_file" in second
    assert played.outcome("one report for all", "sound") == "failed"


def test_a_service_that_is_missing_makes_the_host_partial(played: Done) -> None:
    result = played.result("named", "plain")

    assert result["coverage"] == "partial"
    assert "nova-api" in result["coverage_reason"]


def test_one_service_can_be_named_by_its_files(played: Done) -> None:
    result = played.result("file", "plain")

    assert played.outcome("file", "plain") == "failed"
    assert [finding["service"] for finding in result["findings"]] == ["nova-compute"]


def test_what_the_inventory_says_of_a_host_holds_unless_the_task_says_otherwise(played: Done) -> None:
    assert played.result("told", "told")["coverage"] == "partial"
    assert "nova-api" in played.result("told", "told")["coverage_reason"]
    assert played.outcome("told otherwise", "told") == "ok"
    assert played.outcome("told", "vacant") == "ok"


def test_a_task_that_is_delegated_speaks_of_its_own_host(played: Done) -> None:
    result = played.result("elsewhere", "plain")

    assert result["msg"].startswith("plain: 1 open failure")
    assert {finding["host"] for finding in result["findings"]} == {"plain"}


@pytest.mark.parametrize(("name", "said"), REFUSED.items())
def test_what_makes_no_sense_is_refused_with_the_reason(played: Done, name: str, said: str) -> None:
    result = played.result(name, "plain")

    assert played.outcome(name, "plain") == "failed"
    assert said in result["msg"]
    assert "findings" not in result


def test_no_secret_is_in_any_result(played: Done) -> None:
    assert "Zk100qVxw" not in json.dumps(played.kept) + played.output
