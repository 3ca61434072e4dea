"""What a running service has read, by the times of its files and processes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from auditor.check import Unavailable, Undecidable
from auditor.model import Copy, File, Missing, Process, Service, Source
from auditor.semantics.processes import (
    change,
    configuration,
    copied,
    moment,
    require_seen_environment,
    start,
    unread,
)
from tests.semantics.build import service

CONF = "/etc/nova/nova.conf"
DROP_IN = "/etc/nova/nova.conf.d/50-site.conf"
BEFORE, STARTED, AFTER, LATER = 1000.0, 2000.0, 3000.0, 4000.0


def file(path: str, changed: float | None) -> File:
    """A file that was changed then."""
    return File(path, "root", "nova", "0640", 10, "oslo", "[DEFAULT]\n", changed)


def reading(changes: Mapping[str, float | None], is_wsgi: bool = False, **more: Any) -> Service:
    """A service that reads files which were changed then."""
    found = service(files={path: file(path, changed) for path, changed in changes.items()})
    return replace(
        found, sources=tuple(Source(path, path, "default") for path in changes), is_wsgi=is_wsgi, **more
    )


def process(started: float = STARTED, latest: float | None = None, count: int = 3, **more: Any) -> Process:
    """Processes that started then."""
    return Process(4711, started, started if latest is None else latest, count, "nova", "process", **more)


def paths(found: tuple[File, ...]) -> list[str]:
    return [one.path for one in found]


def test_files_that_are_newer_than_the_process_were_not_read() -> None:
    found = reading({"/etc/nova/api-paste.ini": BEFORE, CONF: AFTER, DROP_IN: LATER})

    assert paths(unread(found, process())) == [DROP_IN, CONF]


@pytest.mark.parametrize(("seconds", "expected"), [(-1.0, []), (1.9, []), (2.1, [CONF])])
def test_the_clock_of_the_kernel_is_two_seconds_wide(seconds: float, expected: list[str]) -> None:
    assert paths(unread(reading({CONF: STARTED + seconds}), process())) == expected


def test_workers_that_are_younger_are_forks_of_what_had_read_the_file() -> None:
    assert paths(unread(reading({CONF: AFTER}), process(latest=LATER))) == [CONF]


def test_a_wsgi_server_with_younger_workers_may_have_loaded_the_service_anew() -> None:
    with pytest.raises(Undecidable, match="whether their WSGI server has loaded the service anew"):
        unread(reading({CONF: AFTER}, is_wsgi=True), process(latest=LATER))


def test_a_wsgi_server_all_of_whose_processes_are_older_has_not() -> None:
    assert paths(unread(reading({CONF: LATER}, is_wsgi=True), process(latest=AFTER))) == [CONF]


def test_a_wsgi_server_without_workers_is_judged_by_its_start() -> None:
    assert paths(unread(reading({CONF: AFTER}, is_wsgi=True), process(count=1))) == [CONF]


def test_a_wsgi_server_whose_files_are_older_has_read_them() -> None:
    assert unread(reading({CONF: BEFORE}, is_wsgi=True), process(latest=LATER)) == ()


def test_a_file_whose_time_was_not_seen_settles_nothing() -> None:
    with pytest.raises(Unavailable, match="when it was changed was not seen"):
        unread(reading({CONF: None}), process())


def test_a_file_that_may_not_be_read_settles_nothing() -> None:
    denied = Missing(CONF, "denied", "permission denied")
    found = replace(service(files={CONF: denied}), sources=(Source(CONF, CONF, "argument"),))

    with pytest.raises(Unavailable, match="permission denied"):
        configuration(found)


def test_what_is_not_there_and_the_null_device_are_no_configuration() -> None:
    null = "/dev/null"
    found = service(
        files={null: Missing(null, "not-regular", "not a regular file"), CONF: file(CONF, BEFORE)}
    )
    listed = (
        Source("/etc/nova/api-paste.ini", None, "default"),
        Source(null, null, "argument"),
        Source(CONF, CONF, "argument"),
    )

    assert paths(configuration(replace(found, sources=listed))) == [CONF]


def test_times_are_shown_in_utc_with_their_place() -> None:
    assert moment(1795262400.5) == "2026-11-21 12:00:00 UTC"
    assert change(file(CONF, 0.0)).judged().origin.path == CONF
    assert start(process()).judged().origin.path == "/proc/4711"


def test_a_copy_says_whether_it_differs() -> None:
    shown = copied(Copy(CONF, "/etc/kolla/nova-api/nova.conf", True)).judged()

    assert (shown.setting, shown.value) == (CONF, "differs from the host's")
    assert shown.origin.path == "/etc/kolla/nova-api/nova.conf"


def test_an_environment_that_was_not_seen_settles_nothing() -> None:
    running = replace(process(), environment="unseen")

    with pytest.raises(Undecidable, match="the environment of its process was not seen"):
        require_seen_environment(replace(service(), seen=running))


def test_a_process_that_was_not_seen_settles_nothing() -> None:
    with pytest.raises(Unavailable, match="hidden"):
        require_seen_environment(replace(service(), seen=Missing("/proc", "denied", "hidden")))


@pytest.mark.parametrize("seen", [None, process()])
def test_what_runs_with_a_known_environment_or_not_at_all_is_seen(seen: Process | None) -> None:
    found = replace(service(), seen=seen)

    assert require_seen_environment(found) is None  # type: ignore[func-returns-value]
