"""The same trees through this door and as trees give the same findings."""

import json
from dataclasses import replace
from pathlib import Path

from auditor.cases import Asked
from auditor.checks import CATALOGUE
from auditor.collect import collect
from auditor.encoding import encode
from auditor.formats import without_tokens
from auditor.model import Kind, Severity, Target
from auditor.pipeline import audit
from auditor.report import Report

EXAMPLE = Path(__file__).parents[2] / "inventories" / "example"


def test_the_example_fleet_gives_the_same_findings_as_its_trees() -> None:
    spec = f"ansible://all?ansible_inventory={EXAMPLE}/hosts.yml"
    through = Asked((spec,), (), "strict", None, None, None, Severity.HIGH).run()
    targets = [Target(host.name, Kind.TREE, str(EXAMPLE / host.name)) for host in through.hosts]
    trees = audit(collect(targets), CATALOGUE, targets=targets, profile="strict")

    assert len(targets) > 5
    assert said(through) == said(trees)


def said(report: Report) -> str:
    """The report without times and tokens, which differ from salt to salt."""
    return without_tokens(json.dumps(encode(replace(report, started="", finished=""))))
