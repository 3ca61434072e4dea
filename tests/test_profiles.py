"""Profiles: the ladder, files of one's own, and names that do not exist."""

from pathlib import Path

import pytest

from auditor.errors import FileError, UsageError
from auditor.profiles import PROFILES, find, load, near
from tests.build import check

CATALOGUE = (check(id_="area-one"), check(id_="area-two"), check(id_="area-three"))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def test_a_profile_holds_the_checks_of_what_it_extends(tmp_path: Path) -> None:
    written(tmp_path, "essential", 'name = "essential"\nwhy = "w"\nchecks = ["area-one"]\n')
    written(
        tmp_path,
        "recommended",
        'name = "recommended"\nextends = "essential"\nwhy = "w"\nchecks = ["area-two"]\n'
        "[thresholds]\nsecret_characters = 20\n",
    )
    profile = load("recommended", CATALOGUE, tmp_path)

    assert profile.checks == ("area-one", "area-two")
    assert profile.thresholds == {"secret_characters": 20}
    assert load("essential", CATALOGUE, tmp_path).thresholds == {}


def test_a_file_of_ones_own_extends_the_ladder_and_overrides_its_thresholds(tmp_path: Path) -> None:
    written(
        tmp_path,
        "essential",
        'name = "essential"\nwhy = "w"\nchecks = ["area-one"]\n[thresholds]\nsecret_characters = 20\n',
    )
    own = written(
        tmp_path,
        "own",
        'name = "own"\nextends = "essential"\nwhy = "w"\nchecks = ["area-three"]\n[thresholds]\nsecret_characters = 8\n',
    )
    profile = load(str(own), CATALOGUE, tmp_path)

    assert (profile.name, profile.checks) == ("own", ("area-one", "area-three"))
    assert profile.thresholds == {"secret_characters": 8}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('name = "x"\nwhy = "w"\nchecks = ["area-tow"]\n', "unknown check 'area-tow', did you mean area-two"),
        ('name = "x"\nwhy = "w"\ncheck = []\n', "unknown key check"),
        ('name = "x"\nchecks = []\n', "name or why is missing"),
        ('name = "x"\nwhy = "w"\nchecks = "area-one"\n', "checks is no list of ids"),
        ('name = "x"\nwhy = "w"\nextends = 3\n', "extends is no name"),
        ('name = "x"\nwhy = "w"\nextends = "absent"\n', "No such file"),
        ('name = "x"\nwhy = "w"\nextends = "own.toml"\n', "it extends itself"),
        ('name = "x"\nwhy = "w"\n[thresholds]\nseconds = 1\n', "unknown key thresholds.seconds"),
        ("name = \n", "write it in TOML"),
    ],
)
def test_what_is_not_as_documented_is_refused_by_file(tmp_path: Path, text: str, problem: str) -> None:
    path = written(tmp_path, "own", text)

    with pytest.raises(FileError, match=problem):
        load(str(path), CATALOGUE, tmp_path)


def test_a_profile_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(UsageError, match="unknown profile 'stict', did you mean strict"):
        load("stict", CATALOGUE)
    with pytest.raises(FileError, match="No such file"):
        load("absent.toml", CATALOGUE)


def test_a_check_that_does_not_exist_names_those_most_like_it() -> None:
    with pytest.raises(UsageError, match="unknown check 'area-on', did you mean area-one"):
        find("area-on", CATALOGUE)
    assert find("area-two", CATALOGUE) is CATALOGUE[1]
    assert near("nothing-like-it", ["area-one"]) == ""


def test_the_ladder_climbs_from_essential_to_strict() -> None:
    from auditor.checks import CATALOGUE as SHIPPED

    rungs = [set(load(name, SHIPPED).checks) for name in PROFILES]

    assert PROFILES == ("essential", "recommended", "strict")
    assert rungs[0] < rungs[1] < rungs[2]
