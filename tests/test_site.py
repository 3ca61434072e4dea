"""The site file: typed, unknown keys refused, never writable by everybody."""

from datetime import date
from pathlib import Path

import pytest

from auditor.errors import FileError
from auditor.site import Site, Thresholds, locate, read

TODAY = date(2026, 11, 21)


def written(folder: Path, text: str, mode: int = 0o640) -> Path:
    path = folder / "nova-auditor.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_threshold_replaces_its_default_and_the_profiles_own(tmp_path: Path) -> None:
    path = written(tmp_path, "[thresholds]\nplacement_call_seconds = 12.5\n")
    site = read(path, {"placement_call_seconds": 60, "secret_characters": 20}).site

    assert site.thresholds == Thresholds(placement_call_seconds=12.5, secret_characters=20)


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    first = read(written(tmp_path, ""))
    second = read(written(tmp_path, "[thresholds]\n"))

    assert first.site == second.site == Site()
    assert first.digest != second.digest
    assert first.name.endswith("nova-auditor.toml")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("threshold = 1\n", "unknown key threshold"),
        ("[thresholds]\nplacement_seconds = 1\n", "unknown key thresholds.placement_seconds"),
        ("[thresholds]\nplacement_call_seconds = '30'\n", "thresholds.placement_call_seconds is '30'"),
        ("[thresholds]\nplacement_call_seconds = true\n", "thresholds.placement_call_seconds is True"),
        ("[thresholds]\nplacement_call_seconds = 0\n", "give a positive number"),
        ("[thresholds]\nsecret_characters = 8.5\n", "give a positive whole number"),
        ("thresholds = 3\n", r"write \[thresholds\]"),
        ("[underlay]\nnetwork = 1\n", "unknown key underlay.network"),
        ("[underlay]\nnetworks = 1\n", r"write \[\[underlay.networks\]\]"),
        ("[[underlay.networks]]\nnetwork = '10.0.0.1/8'\n", "has host bits set"),
        ("[[underlay.networks]]\nnetwork = '10.0.0.0/8'\nexpires = 2027-01-01\n", "has no owner"),
        ("[[underlay.networks]]\nnetwork = '10.0.0.0/8'\nowner = 'jane'\n", "no day on which it expires"),
        ("[thresholds\n", "write it in TOML"),
    ],
)
def test_what_is_not_as_documented_is_refused_with_the_cure(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(FileError, match=problem) as caught:
        read(written(tmp_path, text))

    assert str(caught.value).startswith(str(tmp_path / "nova-auditor.toml"))


def test_a_file_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="everybody may write it; chmod o-w"):
        read(written(tmp_path, "", 0o666))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        read(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(FileError, match="not UTF-8"):
        read(tmp_path / "latin.toml")


def test_the_users_file_comes_before_the_systems(tmp_path: Path) -> None:
    user, system = tmp_path / "home" / ".config", tmp_path / "etc"
    for folder in (user, system):
        folder.mkdir(parents=True)
        written(folder, "")
    environment = {"HOME": str(tmp_path / "home")}

    assert locate(environment, system) == user / "nova-auditor.toml"
    assert locate({"XDG_CONFIG_HOME": str(system)}, tmp_path) == system / "nova-auditor.toml"
    assert locate({}, system) == system / "nova-auditor.toml"
    assert locate({}, tmp_path) is None


def test_an_underlay_encrypts_what_lies_inside_it_until_it_expires(tmp_path: Path) -> None:
    text = "[[underlay.networks]]\nnetwork = '10.20.0.0/16'\nowner = 'net'\nexpires = 2026-11-21\n"
    path = written(tmp_path, text + text.replace("10.20.0.0/16", "fd00::/8"))
    site = read(path, today=TODAY).site

    assert site.encrypts(("10.20.3.4:5672",))
    assert site.encrypts(("10.20.3.4:5672", "[fd00::1]:5672"))
    assert not site.encrypts(("10.20.3.4:5672", "10.21.0.1:5672"))
    assert not site.encrypts(("mq.example:5672",))
    assert not site.encrypts(())
    assert not read(path, today=date(2026, 11, 22)).site.encrypts(("10.20.3.4:5672",))
