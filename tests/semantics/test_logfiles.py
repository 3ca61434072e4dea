import pytest

from auditor.errors import Undecidable
from auditor.semantics import logfiles
from auditor.semantics.logfiles import RateLimit
from tests.semantics.build import service, withheld

BOTH = {("DEFAULT", "rate_limit_burst"): 100, ("DEFAULT", "rate_limit_interval"): 60}


@pytest.mark.parametrize("name", ["rate_limit_burst", "rate_limit_interval"])
def test_one_half_of_a_limit_limits_nothing(name: str) -> None:
    assert logfiles.rate_limit(service({("DEFAULT", name): 100})) is None


def test_both_halves_limit_all_but_what_is_critical() -> None:
    assert logfiles.rate_limit(service(BOTH, release="2025.1")) == RateLimit(100, 60, "CRITICAL")


def test_only_a_file_is_rotated() -> None:
    options = {("DEFAULT", "log_rotation_type"): "size"}

    assert logfiles.rotation(service(options)) == "none"
    assert logfiles.rotation(service({**options, ("DEFAULT", "log_file"): "/var/log/nova.log"})) == "size"
    assert logfiles.rotation(service({**options, ("DEFAULT", "log_dir"): "/var/log/nova"})) == "size"


def test_a_file_is_not_rotated_unasked() -> None:
    assert logfiles.rotation(service({("DEFAULT", "log_file"): "/var/log/nova.log"})) == "none"


@pytest.mark.parametrize(("release", "expected"), [("zed", "none"), ("2026.2", "interval")])
def test_a_watched_file_is_not_rotated_as_long_as_files_are_watched(release: str, expected: str) -> None:
    options = {
        ("DEFAULT", "log_rotation_type"): "interval",
        ("DEFAULT", "log_file"): "/var/log/nova.log",
        ("DEFAULT", "watch_log_file"): True,
    }

    assert logfiles.rotation(service(options, release=release)) == expected


@pytest.mark.parametrize(
    ("release", "starts"),
    [("zed", True), ("2024.1", True), ("2024.2", False), ("2025.2", False), ("2026.1", True)],
)
def test_releases_between_refuse_to_watch_a_file(release: str, starts: bool) -> None:
    options = {("DEFAULT", "watch_log_file"): True, ("DEFAULT", "log_file"): "/var/log/nova.log"}

    assert (logfiles.refusal(service(options, release=release)) is None) == starts


def test_nothing_is_refused_without_a_file() -> None:
    found = service({("DEFAULT", "watch_log_file"): True}, release="2025.1")

    assert logfiles.refusal(found) is None


def test_a_configuration_of_logging_of_its_own_knows_neither() -> None:
    options = {
        **BOTH,
        ("DEFAULT", "log_config_append"): "/etc/nova/logging.conf",
        ("DEFAULT", "log_rotation_type"): "size",
        ("DEFAULT", "log_file"): "/var/log/nova.log",
    }

    assert logfiles.rate_limit(service(options)) is None
    assert logfiles.rotation(service(options)) == "none"
    assert logfiles.refusal(service(options)) is None


def test_a_withheld_burst_cannot_be_told() -> None:
    with pytest.raises(Undecidable, match="rate_limit_burst"):
        logfiles.rate_limit(service({("DEFAULT", "rate_limit_burst"): withheld()}))
