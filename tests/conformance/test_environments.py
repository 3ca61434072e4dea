"""The pins of the releases are whole, and every overlay differs from its release."""

import re
from collections.abc import Mapping

import pytest

from tests.conformance.environments import PINS, overlays, releases


def pinned(release: str) -> Mapping[str, str]:
    """Name of a distribution, as the index writes it, to version."""
    lines = [line for line in (PINS / f"{release}.txt").read_text().splitlines() if not line.startswith("#")]
    found = dict(split(line) for line in lines)

    assert len(found) == len(lines), "a distribution stands twice"

    return found


def split(line: str) -> tuple[str, str]:
    name, _, version = line.partition("==")

    assert version, f"{line} is no pin"

    return re.sub("[-_.]+", "-", name).lower(), version


def test_the_releases_come_in_their_order() -> None:
    assert releases() == (
        "zed",
        "2023.1",
        "2023.2",
        "2024.1",
        "2024.2",
        "2025.1",
        "2025.2",
        "2026.1",
        "2026.2",
    )


@pytest.mark.parametrize("release", releases())
def test_a_release_has_nova_and_a_driver_for_everything_it_connects_to(release: str) -> None:
    found = pinned(release)
    drivers = {"oslo-messaging", "kombu", "amqp", "pymysql", "mysqlclient", "psycopg2-binary"}
    if found["sqlalchemy"] >= "2.0":
        drivers |= {"psycopg", "psycopg-binary"}
    if release not in ("zed", "2023.1"):
        drivers.add("confluent-kafka")

    assert found["nova"].partition(".")[0] == str(26 + releases().index(release))
    assert drivers <= found.keys()


def test_an_overlay_says_in_its_name_what_it_changes() -> None:
    for overlay in overlays():
        base = pinned(overlay.release)
        changed = dict(map(split, overlay.distributions))
        shown = f"{overlay.release}+"

        assert overlay.name.startswith(shown)
        assert overlay.packages or overlay.name.rpartition("-")[2] in changed.values()
        assert all(base.get(name) != version for name, version in changed.items())
    assert len({overlay.name for overlay in overlays()}) == len(overlays())
