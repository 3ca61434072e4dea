"""What a run asks for beyond its evidence is never passed by, and what it does not ask for is not judged."""

import base64
from pathlib import Path
from typing import Any

import pytest

from auditor.checks import CATALOGUE
from auditor.evidence import Document
from auditor.pipeline import ASKED, audit
from auditor.probe import run
from auditor.report import Report
from tests.trees import CERTIFICATE, grow, unit

CONF = """[DEFAULT]
transport_url = rabbit://nova:hieV9iejeiR4oonu@mq.example:5671/
[oslo_messaging_rabbit]
ssl = true
ssl_ca_file = /etc/nova/ca.pem
"""
API = "[api_database]\nconnection = mysql+pymysql://nova:hieV9iejeiR4oonu@db.example/nova_api?ssl_ca=/etc/nova/ca.pem\n"

ROW = {
    "name": "cell1",
    "uuid": "7f1b1a0e-5a39-4b9c-b6a9-f4f2a6d4a001",
    "transport_url": "rabbit://nova:****@mq1.example:5672/",
    "database_connection": "mysql+pymysql://nova:****@db1.example/nova_cell1",
    "disabled": False,
}


def document(root: Path, service: str, conf: str, **changed: Any) -> dict[str, Any]:
    """The answer of a live host, all of whose files lie below a root."""
    grow(root, {**unit(service), "/etc/nova/nova.conf": conf, "/etc/nova/ca.pem": CERTIFICATE})
    salt = base64.b64encode(b"a salt of thirty-two bytes, fixed").decode()
    asked = {"host": "h", "kind": "container", "root": str(root), "salt": salt, "salt_id": "s"}
    return {**run.collect(asked), "kind": "live", "asked": ["processes"], **changed}


def judged(content: dict[str, Any], *further: str) -> Report:
    source = Document("h", content)
    return audit([source], CATALOGUE, profile="strict", release="2025.1", asked=ASKED | set(further))


def purposes(report: Report) -> dict[str, str]:
    (host,) = report.hosts
    return {one.purpose: str(one.posture) for service in host.services for one in service.transports}


@pytest.mark.parametrize("service", ["nova-scheduler", "nova-api", "nova-conductor"])
def test_cells_that_older_evidence_lacks_are_unknown_where_a_run_asks_for_them(
    tmp_path: Path, service: str
) -> None:
    report = judged(document(tmp_path, service, CONF + API), "cells")
    unknown = [
        one for one in report.findings if one.check == "database-plaintext" and one.status == "unknown"
    ]

    assert purposes(report)["cell:unlisted:database"] == "unknown"
    assert [one.object for one in unknown] == ["cell:unlisted:database"]
    assert "collect it with --cells" in unknown[0].message
    assert not report.complete


@pytest.mark.parametrize("service", ["nova-compute", "nova-conductor"])
def test_a_service_that_looks_for_no_cell_lacks_none(tmp_path: Path, service: str) -> None:
    report = judged(document(tmp_path, service, CONF), "cells")

    assert [purpose for purpose in purposes(report) if purpose.startswith("cell:")] == []


def test_cells_of_a_bundle_are_judged_where_a_run_asks_for_them_and_else_not(tmp_path: Path) -> None:
    content = document(tmp_path, "nova-api", CONF + API, asked=["processes", "cells"])
    for record in content["services"]:
        record["cells"] = {"status": "read", "reason": None, "user": "nova", "rows": [ROW]}

    assert purposes(judged(content, "cells"))["cell:cell1:database"] == "plaintext"
    assert "cell:cell1:database" not in purposes(judged(content))


@pytest.mark.parametrize("question", ["wire", "servers"])
def test_a_question_that_older_evidence_did_not_ask_is_an_error(tmp_path: Path, question: str) -> None:
    report = judged(document(tmp_path, "nova-conductor", CONF), question)
    errors = {
        one.check
        for one in report.findings
        if one.status == "error" and f"--{_OPTION[question]}" in one.message
    }

    assert errors == {one.id for one in CATALOGUE if question in one.needs}
    assert not report.complete


_OPTION = {"wire": "live", "servers": "servers"}


def test_a_tree_has_no_cells_to_miss(tmp_path: Path) -> None:
    content = document(tmp_path, "nova-api", CONF + API)
    report = judged({**content, "kind": "tree"}, "cells")

    assert [purpose for purpose in purposes(report) if purpose.startswith("cell:")] == []
