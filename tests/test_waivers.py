"""Waivers: what they cover, until when, and what is wrong with a file."""

from datetime import date
from pathlib import Path

import pytest

from auditor.errors import FileError
from auditor.model import Status
from auditor.report import Disposition, WaiverNote
from auditor.waivers import Waiver, Waivers, apply, read
from tests.build import check, finding

TODAY = date(2026, 11, 21)
CATALOGUE = (check(id_="messaging-plaintext"), check(id_="database-plaintext"))

GOOD = """\
schema: 1
waivers:
  - id: lab
    check: messaging-plaintext
    hosts: ["cmp*"]
    reason: no CA yet
    owner: jane
    ticket: LAB-17
    expires: 2027-01-31
"""


def waiver(**rest: object) -> Waiver:
    known = {
        "id": "lab",
        "check": "messaging-plaintext",
        "reason": "r",
        "owner": "jane",
        "expires": date(2027, 1, 31),
    }
    return Waiver(**{**known, **rest})  # type: ignore[arg-type]


def disposition(one: Waiver, today: date = TODAY, **rest: object) -> Disposition | None:
    (found,), _ = apply(Waivers("w.yaml", "0" * 64, (one,)), [finding(**rest)], today)
    return found.disposition


def test_a_waiver_marks_a_failure_and_leaves_its_status() -> None:
    (found,), _ = apply(Waivers("w.yaml", "0" * 64, (waiver(),)), [finding()], TODAY)

    assert found.status is Status.FAIL
    assert found.disposition is Disposition.WAIVED
    assert found.waiver == WaiverNote("lab", "jane", "2027-01-31")


@pytest.mark.parametrize(
    "globs",
    [
        {"hosts": ("cmp*",)},
        {"services": ("nova-comp?te",)},
        {"objects": ("rpc", "notifications")},
        {"hosts": ("other", "cmp01"), "services": ("nova-*",), "objects": ("*",)},
    ],
)
def test_globs_that_all_match_cover_a_failure(globs: dict[str, tuple[str, ...]]) -> None:
    assert disposition(waiver(**globs)) is Disposition.WAIVED


@pytest.mark.parametrize(
    "globs",
    [
        {"check": "database-plaintext"},
        {"hosts": ("ctl*",)},
        {"services": ("nova-api",)},
        {"objects": ("database",)},
        {"hosts": ("cmp*",), "objects": ("database",)},
        {"groups": ("lab",)},
    ],
)
def test_one_that_does_not_match_covers_nothing(globs: dict[str, object]) -> None:
    assert disposition(waiver(**globs)) is Disposition.OPEN


def test_a_group_covers_its_hosts() -> None:
    waivers = Waivers("w.yaml", "0" * 64, (waiver(groups=("lab",)),))
    found, _ = apply(waivers, [finding(), finding(host="cmp02")], TODAY, {"cmp02": ["lab", "compute"]})

    assert [one.disposition for one in found] == [Disposition.OPEN, Disposition.WAIVED]


def test_a_waiver_counts_to_the_end_of_its_day_and_then_waives_nothing() -> None:
    last = waiver(expires=TODAY)

    assert disposition(last, TODAY) is Disposition.WAIVED
    assert disposition(last, date(2026, 11, 22)) is Disposition.WAIVER_EXPIRED


def test_of_two_waivers_the_one_that_lasts_longer_counts() -> None:
    waivers = Waivers("w.yaml", "0" * 64, (waiver(id="long"), waiver(id="short", expires=date(2026, 1, 1))))
    (found,), account = apply(waivers, [finding()], TODAY)

    assert found.waiver is not None
    assert found.waiver.id == "long"
    assert account.expired == ("short",)


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.ERROR])
def test_only_a_failure_can_be_waived(status: Status) -> None:
    assert disposition(waiver(), status=status, disposition=None) is None


def test_unused_expired_and_over_broad_waivers_are_listed() -> None:
    waivers = Waivers(
        "w.yaml",
        "0" * 64,
        (
            waiver(hosts=("cmp*",)),
            waiver(id="gone", hosts=("gone",)),
            waiver(id="broad", hosts=("*",)),
            waiver(id="old", hosts=("cmp01",), expires=date(2026, 11, 20)),
        ),
    )
    _, account = apply(waivers, [finding()], TODAY)

    assert (account.unused, account.over_broad, account.expired) == (("gone",), ("broad",), ("old",))


def test_a_file_is_read_with_every_field(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(GOOD)
    (one,) = read(path, CATALOGUE, TODAY).listed

    assert one == waiver(reason="no CA yet", ticket="LAB-17", hosts=("cmp*",))


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("schema: 1", "schema: 2", 0, "its schema is not 1"),
        ("    owner: jane\n", "", 3, "a waiver without owner"),
        ("    expires: 2027-01-31\n", "", 3, "a waiver without expires"),
        ("2027-01-31", "2028-01-31", 9, "more than a year ahead"),
        ("2027-01-31", "soon", 9, "expires 'soon' is no day"),
        ("2027-01-31", "2027-01-31T10:00:00Z", 9, "is no day"),
        ("messaging-plaintext", "messaging-plaintex", 4, "did you mean messaging-plaintext"),
        ('["cmp*"]', "cmp*", 5, "hosts is no list of names"),
        ('["cmp*"]', "[]", 5, "hosts is no list of names"),
        ("ticket:", "tickets:", 8, "unknown key tickets"),
        ("    reason: no CA yet\n", "    reason:\n", 6, "reason is no text"),
        ("    owner: jane\n", "    owner: jane\n    owner: joe\n", 8, "owner is written twice"),
        ("waivers:\n", "waivers: none\nother:\n", 3, "unknown key other"),
        ('["cmp*"]', '["cmp*"', 6, "write it in YAML"),
    ],
)
def test_what_is_not_as_documented_is_refused_by_line(
    tmp_path: Path, old: str, new: str, line: int, problem: str
) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(GOOD.replace(old, new))

    with pytest.raises(FileError, match=problem) as caught:
        read(path, CATALOGUE, TODAY)
    assert str(caught.value).startswith(f"{path}:{line}: " if line else f"{path}: ")


def test_an_id_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(GOOD + GOOD.partition("waivers:\n")[2])

    with pytest.raises(FileError, match=r":10: a second waiver 'lab'"):
        read(path, CATALOGUE, TODAY)


@pytest.mark.parametrize("content", [b"", b"[]", b"just text", b"\xff\xfe"])
def test_what_is_no_waiver_file_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_bytes(content)

    with pytest.raises(FileError, match=str(path)):
        read(path, CATALOGUE, TODAY)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        read(tmp_path / "absent.yaml", CATALOGUE, TODAY)
