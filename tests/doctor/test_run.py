"""The doctor's round: every expected host once, in order, and the exit code."""

from collections.abc import Iterator
from pathlib import Path

from auditor.doctor.run import visit
from auditor.evidence import Document, Lost
from auditor.model import Coverage, Kind, Target
from tests.doctor.build import document

LOST = Lost("cmp01", Coverage.TIMEOUT, "no answer within 25 seconds", Kind.LIVE)


def test_a_clear_fleet_is_exit_0(tmp_path: Path) -> None:
    found = visit([document(tmp_path)])

    assert found.exit.code == 0
    assert found.exit.reason == "an audit would see everything it needs on 1 host"


def test_a_lost_host_is_exit_3_and_hosts_stand_as_they_are_expected(tmp_path: Path) -> None:
    targets = (Target("cmp01", Kind.LIVE), Target("ctl01", Kind.LIVE))
    found = visit([document(tmp_path), LOST], targets=targets)

    assert [one.host for one in found.diagnoses] == ["cmp01", "ctl01"]
    assert (found.exit.code, found.exit.reason) == (3, "an audit would not see everything on 1 of 2 hosts")


def test_no_host_is_exit_4() -> None:
    assert visit([], targets=()).exit.code == 4


def test_evidence_that_nobody_vouches_for_is_exit_3(tmp_path: Path) -> None:
    found = visit([document(tmp_path)], doubt="no --expect says which hosts the bundles must hold")

    assert found.exit.code == 3
    assert "--expect" in found.exit.reason


def test_an_interrupted_round_says_whom_it_did_not_come_to(tmp_path: Path) -> None:
    def sources() -> Iterator[Document | Lost]:
        yield document(tmp_path)
        raise KeyboardInterrupt

    found = visit(sources(), targets=(Target("ctl01", Kind.LIVE), Target("cmp01", Kind.LIVE)))

    assert (found.exit.code, found.exit.reason) == (130, "interrupted after 1 host")
    assert [one.coverage for one in found.diagnoses] == [Coverage.AUDITED, Coverage.NOT_ATTEMPTED]
