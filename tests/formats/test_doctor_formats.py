"""What the doctor found as text and as JSON, from literal values."""

import json
from pathlib import Path

import jsonschema
import pytest

from auditor.doctor.diagnosis import CELLS, Aspect, Diagnosis, Obstacle, Round, Sight, Sighting
from auditor.formats import Page
from auditor.formats.doctor import json as doctor_json
from auditor.formats.doctor import text as doctor_text
from auditor.model import Coverage, Kind
from auditor.report import Exit

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/doctor.schema.json").read_text())
HOSTILE = "\x1b[31mred\x00\u202e[bold]x[/bold] \ud800 \x9b2J\r\nnew"

DENIED = Obstacle(
    "not read: permission denied", "look as root", ("/etc/nova/nova.conf (the configuration of nova-api)",)
)
FURTHER = Obstacle("--cells needs root", "look as root, for cells", (), CELLS)


def host(name: str, *obstacles: Obstacle, **rest: object) -> Diagnosis:
    seen = (
        Sighting(Aspect.REACH, Sight.ALL, "yes", "it answered"),
        Sighting(Aspect.USER, Sight.SOME, "auditor", "as auditor, not as root"),
        Sighting(Aspect.FILES, Sight.SOME, "12", "12 files seen", tuple("abcdef"), obstacles),
    )
    return Diagnosis(name, Kind.LIVE, Coverage.AUDITED, seen, **rest)  # type: ignore[arg-type]


def round_of(*hosts: Diagnosis) -> Round:
    code = 0 if all(one.is_clear for one in hosts) else 3
    return Round("0.1.0", "2026-11-21T12:00:00Z", "2026-11-21T12:00:01Z", (), Exit(code, "a reason"), hosts)


def text(*hosts: Diagnosis, everything: bool = False) -> str:
    return doctor_text.render(round_of(*hosts), Page(), everything=everything)


def test_an_obstacle_stands_with_its_objects_hosts_and_cure() -> None:
    said = text(host("ctl01", DENIED))

    assert said.startswith("0 of 1 host can be seen as an audit needs it\n")
    assert (
        "  - files: not read: permission denied\n"
        "    /etc/nova/nova.conf (the configuration of nova-api)\n"
        "    on ctl01\n"
        "  > look as root\n"
    ) in said
    assert said.splitlines()[-1] == "exit 3: a reason"


def test_what_is_seen_stands_line_by_line_with_its_parts() -> None:
    said = text(host("ctl01"))

    assert "  files: 12 files seen\n    - a\n    - b\n    - c\n    - d\n    - and 2 more\n" in said


def test_forty_hosts_with_one_obstacle_are_a_line_each_and_one_obstacle() -> None:
    hosts = [host(f"cmp{number:02}", DENIED) for number in range(40)]
    said = text(*hosts)

    assert said.count("not read: permission denied") == 1
    assert "on cmp00, cmp01, cmp02, cmp03 and 36 more hosts" in said
    assert len(said.splitlines()) < 55
    assert "12 files seen" in text(*hosts, everything=True)


def test_what_only_an_option_would_need_stands_apart_and_costs_nothing() -> None:
    said = text(host("ctl01", FURTHER))

    assert said.startswith("1 of 1 host can be seen")
    assert said.index("Not seen, and not asked for") < said.index("--cells needs root")
    assert not host("ctl01", FURTHER, asked=(CELLS,)).is_clear


def test_no_line_is_wider_than_the_page_but_for_a_path() -> None:
    long = Obstacle("a reason of many words " * 9, "a cure of many words " * 9, ("an object " * 20,))

    assert max(map(len, text(host("ctl01", DENIED, long)).splitlines())) <= 80


@pytest.mark.parametrize("page", [Page(), Page(120)])
def test_what_a_host_sent_is_data(page: Page) -> None:
    evil = host(HOSTILE, Obstacle(HOSTILE, HOSTILE, (HOSTILE,)))
    written = doctor_text.render(round_of(evil), page)

    assert {character for character in written if not character.isprintable()} == {"\n"}
    assert "[bold]x[/bold]" in written


def test_colour_only_adds_colour() -> None:
    found = round_of(host("ctl01", DENIED))

    assert "\x1b[" in doctor_text.render(found, Page(colour=True))
    assert "\x1b[" not in doctor_text.render(found, Page())


@pytest.mark.parametrize(
    "hosts", [(), (host("ctl01", DENIED, FURTHER),), (host(HOSTILE.replace("\ud800", "")), host("b"))]
)
def test_the_json_keeps_its_schema(hosts: tuple[Diagnosis, ...]) -> None:
    written = doctor_json.render(round_of(*hosts))

    jsonschema.validate(json.loads(written), SCHEMA)
    assert written.isascii()


def test_the_schema_knows_every_aspect_and_sight() -> None:
    sighting = SCHEMA["properties"]["hosts"]["items"]["properties"]["sightings"]["items"]["properties"]

    assert sighting["aspect"]["enum"] == [str(one) for one in Aspect]
    assert sighting["sight"]["enum"] == [str(one) for one in Sight]
