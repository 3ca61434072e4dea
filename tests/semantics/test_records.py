"""What services write that logs should not hold; read off real services too (`tests/conformance/truth/logs`)."""

from typing import Any

import pytest

from auditor.model import Role
from auditor.semantics.logs import levels
from tests.semantics.build import file, service, withheld
from tests.semantics.test_logs import HANDLERS, PATH, by_file


def by_role(options: dict[tuple[str, str], Any], role: Role, release: str = "zed") -> set[tuple[str, str]]:
    found = levels(service(options, role=role, release=release))
    return {(record.kind, record.logger) for record in found.records}


UNGUARDED: dict[tuple[str, str], Any] = {
    ("DEFAULT", "debug"): True,
    ("DEFAULT", "default_log_levels"): ("boto=WARN",),
}

REQUESTS = {
    ("hashed-tokens", "keystoneauth.session"),
    ("request-bodies", "keystoneauth.session"),
    ("response-bodies", "keystoneauth.session"),
    ("request-paths", "keystoneauth.session"),
    ("request-paths", "urllib3.connectionpool"),
}


def test_what_is_written_depends_on_the_role() -> None:
    bodies = ("message-bodies", "oslo_messaging._drivers.amqpdriver")

    assert by_role(UNGUARDED, Role.CONSOLE_PROXY) == {bodies}
    assert by_role(UNGUARDED, Role.SCHEDULER) == {
        *REQUESTS,
        bodies,
        ("configuration-dump", "oslo_service.service"),
    }
    assert by_role(UNGUARDED, Role.API) == {
        *REQUESTS,
        bodies,
        ("action-bodies", "nova.api.openstack.wsgi"),
        ("configuration-dump", "nova.api.openstack.wsgi_app"),
    }
    assert by_role(UNGUARDED, Role.COMPUTE) == {
        *REQUESTS,
        bodies,
        ("configuration-dump", "oslo_service.service"),
        ("guest-xml", "nova.virt.libvirt.driver"),
        ("privileged-replies", "oslo.privsep.daemon"),
        ("volume-replies", "os_brick.privileged"),
    }


@pytest.mark.parametrize(
    ("debug", "kinds"),
    [(49, set()), (50, {"sql-with-parameters"}), (100, {"sql-with-parameters", "result-rows"})],
)
def test_rows_are_written_at_debug_only(debug: int, kinds: set[str]) -> None:
    found = levels(service({("database", "connection_debug"): debug}))

    assert {record.kind for record in found.records} == kinds


@pytest.mark.parametrize(
    ("release", "kinds"), [("zed", {"volume-replies"}), ("2025.2", {"volume-replies"}), ("2026.1", set())]
)
def test_debug_alone_writes_the_answers_to_os_brick_before_7(release: str, kinds: set[str]) -> None:
    found = by_role({("DEFAULT", "debug"): True}, Role.COMPUTE, release)

    assert {kind for kind, _ in found if kind.endswith("replies")} == kinds


def test_a_file_sets_back_the_level_of_os_brick_7() -> None:
    text = f"[loggers]\nkeys=root\n{HANDLERS}[logger_root]\nlevel=DEBUG\nhandlers=h\n"
    options = {("DEFAULT", "log_config_append"): PATH}
    found = levels(
        service(options, files={PATH: file(PATH, text, "logging")}, role=Role.COMPUTE, release="2026.2")
    )

    record = found.holding("volume-replies")

    assert record is not None
    assert record.logger == "brick_privsep_hide_output"


def test_the_privileged_daemon_knows_nothing_of_novas_own_guard() -> None:
    options = {
        ("DEFAULT", "debug"): True,
        ("nova_sys_admin", "logger_name"): "nova.privileged",
    }

    assert ("privileged-replies", "nova.privileged") in by_role(options, Role.COMPUTE)


def test_the_daemon_writes_by_itself_where_its_logger_has_a_handler() -> None:
    found = by_file(
        "[logger_root]\nlevel=WARNING\nhandlers=n\n"
        "[logger_p]\nlevel=DEBUG\nhandlers=h\nqualname=oslo.privsep.daemon\n",
        "root,p",
    )

    assert {(record.kind, record.logger) for record in found.records} == {
        ("privileged-replies", "oslo.privsep.daemon"),
        ("volume-replies", "oslo.privsep.daemon"),
    }


def test_split_loggers_give_each_part_a_logger() -> None:
    sections = ("placement", "cinder", "glance", "neutron", "keystone", "ironic", "cyborg", "barbican")
    split: dict[tuple[str, str], Any] = {(section, "split_loggers"): True for section in sections}

    def kinds(*pairs: str) -> set[str]:
        return {
            kind for kind, _ in by_role({**split, ("DEFAULT", "default_log_levels"): pairs}, Role.SCHEDULER)
        }

    assert kinds("keystoneauth.session.request=DEBUG") == {"hashed-tokens", "request-bodies", "request-paths"}
    assert kinds("keystoneauth.session.body=DEBUG") == set()
    assert kinds("keystoneauth.session.body=DEBUG", "keystoneauth.session.response=DEBUG") == {
        "response-bodies"
    }


@pytest.mark.parametrize(("pairs", "is_written"), [((), True), (("oslo.messaging=WARN",), False)])
def test_notifications_are_written_at_info_by_the_driver_log(
    pairs: tuple[str, ...], is_written: bool
) -> None:
    options: dict[tuple[str, str], Any] = {
        ("oslo_messaging_notifications", "driver"): ("noop", "log"),
        ("DEFAULT", "default_log_levels"): pairs,
    }

    found = levels(service(options))

    assert (found.holding("notification-payloads") is not None) == is_written


@pytest.mark.parametrize(("wanted", "kinds"), [(True, {"configuration-dump"}), (False, set())])
def test_the_options_are_written_at_start_unless_log_options_is_off(wanted: bool, kinds: set[str]) -> None:
    options = {("DEFAULT", "debug"): True, ("DEFAULT", "log_options"): wanted}

    assert {kind for kind, _ in by_role(options, Role.CONDUCTOR)} == kinds


@pytest.mark.parametrize(("release", "is_written"), [("2025.2", True), ("2026.1", False)])
def test_where_os_brick_does_not_show_it_is_that_of_the_release(release: str, *, is_written: bool) -> None:
    settings = {("DEFAULT", "debug"): True}
    found = levels(service(settings, role=Role.COMPUTE, release=release, libraries={"os-brick": None}))

    assert (found.holding("volume-replies") is not None) is is_written


def test_a_logger_name_that_was_withheld_follows_the_root() -> None:
    options = {("DEFAULT", "debug"): True, ("nova_sys_admin", "logger_name"): withheld()}

    assert ("privileged-replies", withheld().token) in by_role(options, Role.COMPUTE)
