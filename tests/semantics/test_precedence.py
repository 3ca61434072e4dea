"""Which files count where others are expected to."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from auditor.check import Unavailable, Undecidable
from auditor.model import File, Missing, Service, Source
from auditor.semantics.precedence import drop_ins, hides, is_home_seen, shadows
from tests.semantics.build import file, service

HOME = "/var/lib/nova"


def reading(
    sources: Mapping[str, str], home: str | None = HOME, unread: Mapping[str, Missing] | None = None
) -> Service:
    """A service that reads these files, each found as it says."""
    files: dict[str, str | File | Missing] = {path: file(path, "", "oslo") for path in sources}
    found = service(files={**files, **(unread or {})})
    return replace(found, home=home, sources=tuple(Source(path, path, how) for path, how in sources.items()))


def hidden(sources: Mapping[str, str], home: str | None = HOME) -> list[tuple[str, str]]:
    return [(one.path, path) for one, path in shadows(reading(sources, home))]


@pytest.mark.parametrize(
    ("path", "how", "expected"),
    [
        (f"{HOME}/.nova/nova.conf", "default", "/etc/nova/nova.conf"),
        (f"{HOME}/nova.conf", "default", "/etc/nova/nova.conf"),
        (f"{HOME}/nova-compute.conf", "default", "/etc/nova/nova-compute.conf"),
        (f"{HOME}/.nova/nova.conf.d/10-a.conf", "default-dir", "/etc/nova/nova.conf.d"),
        (f"{HOME}/nova.conf.d/10-a.conf", "default-dir", "/etc/nova/nova.conf.d"),
    ],
)
def test_a_file_in_the_home_hides_the_one_below_etc(path: str, how: str, expected: str) -> None:
    assert hidden({path: how, "/etc/nova/other.conf": "default"}) == [(path, expected)]


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/etc/nova/nova.conf", "default"),
        ("/etc/nova/nova.conf.d/10-a.conf", "default-dir"),
        (f"{HOME}/nova.conf", "argument"),
        (f"{HOME}/nova.conf.d/10-a.conf", "argument-dir"),
        (f"{HOME}/sites/nova.conf", "default"),
        ("/var/snap/nova/common/etc/nova/nova.conf", "default"),
    ],
)
def test_other_places_and_files_that_are_named_hide_nothing(path: str, how: str) -> None:
    assert hidden({path: how}) == []


@pytest.mark.parametrize("home", ["/", "/etc", "/etc/nova", None])
def test_a_home_that_is_no_place_of_its_own_hides_nothing(home: str | None) -> None:
    assert hidden({"/etc/nova/nova.conf": "default", "/etc/nova.conf": "default"}, home) == []


def test_a_file_in_the_home_that_may_not_be_looked_at_settles_nothing() -> None:
    path = f"{HOME}/.nova/nova.conf"
    denied = {path: Missing(path, "denied", "permission denied")}

    with pytest.raises(Unavailable, match="permission denied"):
        shadows(reading({path: "default"}, unread=denied))


def test_a_home_inside_an_image_was_not_seen() -> None:
    path = f"{HOME}/.nova/nova.conf"
    elsewhere = Missing(path, "elsewhere", "it is a path of the container, which this target does not show")

    assert not is_home_seen(reading({}, unread={path: elsewhere}))
    assert is_home_seen(reading({}))


def test_a_home_that_nobody_knows_settles_nothing() -> None:
    with pytest.raises(Undecidable, match="the home of its user is not known"):
        is_home_seen(reading({}, home=None))


def test_a_file_in_the_home_is_shown_with_its_owner() -> None:
    shown = hides(file(f"{HOME}/nova.conf", ""), "/etc/nova/nova.conf").judged()

    assert shown.value == "/etc/nova/nova.conf, owned by root"


def test_drop_ins_are_those_that_were_found() -> None:
    found = reading(
        {
            "/etc/nova/nova.conf.d/1.conf": "default-dir",
            "/srv/2.conf": "argument-dir",
            "/srv/3.conf": "argument",
        }
    )

    assert drop_ins(found) == ("/etc/nova/nova.conf.d/1.conf",)
