"""What each case expects was read off the real loggers of services of Zed to 2026.2 (`tests/conformance/truth/logs`)."""

from typing import Any

import pytest

from auditor.errors import Unavailable, Undecidable
from auditor.model import File, Missing, OriginKind, Role
from auditor.releases import RELEASES
from auditor.semantics.loggers import DEBUG, INFO, WARNING
from auditor.semantics.logs import SENSITIVE, Levels, levels
from tests.semantics.build import Rejected, file, service, withheld

PATH = "/etc/nova/logging.conf"

HANDLERS = """[handlers]
keys=h,n,q
[formatters]
keys=f
[handler_h]
class=StreamHandler
args=(sys.stderr,)
formatter=f
[handler_n]
class=logging.NullHandler
args=()
formatter=f
[handler_q]
class=StreamHandler
level=WARNING
args=(sys.stderr,)
formatter=f
[formatter_f]
format=%(message)s
"""


def by_options(options: dict[str, Any], role: Role = Role.CONDUCTOR, release: str = "2025.1") -> Levels:
    return levels(
        service({("DEFAULT", name): value for name, value in options.items()}, role=role, release=release)
    )


def by_file(loggers: str, keys: str = "root", role: Role = Role.COMPUTE) -> Levels:
    text = f"[loggers]\nkeys={keys}\n{HANDLERS}{loggers}"
    content = file(PATH, text, "logging")
    return levels(service({("DEFAULT", "log_config_append"): PATH}, files={PATH: content}, role=role))


@pytest.mark.parametrize("release", RELEASES)
def test_the_defaults_hold_the_talkative_libraries_back(release: str) -> None:
    found = by_options({}, release=release)

    assert found.levels == {
        **dict.fromkeys(SENSITIVE, "INFO"),
        "amqp": "WARNING",
        "glanceclient": "WARNING",
        "keystoneauth": "WARNING",
        "keystoneauth.session": "WARNING",
        "keystonemiddleware": "WARNING",
        "sqlalchemy.engine": "WARNING",
        "sqlalchemy.engine.Engine": "WARNING",
        "urllib3.connectionpool": "WARNING",
    }
    assert found.records == ()


def test_debug_alone_makes_nova_talk_and_not_its_libraries() -> None:
    found = by_options({"debug": True})

    assert {name for name in SENSITIVE if found.writes(name, DEBUG)} == {
        "root",
        "castellan",
        "nova",
        "nova.api.openstack.wsgi",
        "nova.virt.libvirt.driver",
        "os_brick",
        "oslo_concurrency.processutils",
        "oslo_service",
    }


def test_default_log_levels_replaces_the_whole_list() -> None:
    found = by_options({"debug": True, "default_log_levels": ("nova=DEBUG",)})

    assert found.levels["keystoneauth.session"] == "DEBUG"
    assert found.levels["oslo.privsep.daemon"] == "DEBUG"
    assert found.levels["sqlalchemy.engine.Engine"] == "WARNING"


def test_later_pairs_win_and_numbers_are_levels() -> None:
    pairs = ("keystoneauth=DEBUG", "keystoneauth=WARN", "keystoneauth.session= 7")

    found = by_options({"default_log_levels": pairs})

    assert (found.levels["keystoneauth"], found.levels["keystoneauth.session"]) == ("WARNING", "Level 7")


@pytest.mark.parametrize("name", ["root", ""])
def test_root_can_be_set_by_a_pair(name: str) -> None:
    assert by_options({"default_log_levels": (f"{name}=DEBUG",)}).levels["amqp"] == "DEBUG"


def test_a_level_of_notset_asks_the_parent() -> None:
    assert by_options({"default_log_levels": ("keystoneauth=NOTSET",)}).levels["keystoneauth"] == "INFO"


@pytest.mark.parametrize("pair", ["amqp= WARN", "amqp=LOUD", "amqp=debug", "amqp"])
def test_a_level_that_python_does_not_know_stops_the_service(pair: str) -> None:
    found = by_options({"default_log_levels": (pair,)})

    assert found.broken is not None
    assert repr(pair) in found.broken
    assert found.levels == {}


def test_a_withheld_list_settles_nothing() -> None:
    with pytest.raises(Undecidable, match="withheld"):
        by_options({"default_log_levels": withheld()})


def test_a_logger_of_nobody_we_know_changes_nothing_else() -> None:
    found = by_options({"default_log_levels": (f"{withheld().token}=DEBUG", "keystoneauth=WARN")})

    assert found.levels["keystoneauth"] == "WARNING"


@pytest.mark.parametrize(
    ("debug", "level"), [(0, "WARNING"), (49, "WARNING"), (50, "INFO"), (99, "INFO"), (100, "DEBUG")]
)
def test_connection_debug_sets_the_engine_whatever_else_is_written(debug: int, level: str) -> None:
    found = levels(
        service(
            {
                ("DEFAULT", "default_log_levels"): ("sqlalchemy.engine=DEBUG",),
                ("database", "connection_debug"): debug,
            }
        )
    )

    assert (found.levels["sqlalchemy.engine"], found.levels["sqlalchemy.engine.Engine"]) == (level, level)


def test_the_engines_own_logger_is_not_set_back() -> None:
    found = by_options({"default_log_levels": ("sqlalchemy.engine.Engine=INFO",)})

    assert found.levels["sqlalchemy.engine"] == "WARNING"
    assert found.writes("sqlalchemy.engine.Engine", INFO)


def test_the_most_verbose_of_two_engines_is_told() -> None:
    options = {
        ("api_database", "connection"): "mysql+pymysql://nova@db.example/nova_api",
        ("api_database", "connection_debug"): 50,
    }

    assert levels(service(options)).levels["sqlalchemy.engine"] == "INFO"
    assert levels(service(options, role=Role.CONSOLE_PROXY)).levels["sqlalchemy.engine"] == "WARNING"


def test_a_compute_makes_no_engine() -> None:
    options = {
        ("DEFAULT", "default_log_levels"): ("sqlalchemy=ERROR",),
        ("database", "connection_debug"): 100,
    }

    assert levels(service(options, role=Role.COMPUTE)).levels["sqlalchemy.engine"] == "ERROR"


@pytest.mark.parametrize("role", [Role.CONDUCTOR, Role.COMPUTE])
@pytest.mark.parametrize("group", ["database", "api_database"])
def test_a_rejected_option_of_a_database_stops_every_service(group: str, role: Role) -> None:
    options = {(group, "connection_debug"): Rejected("must be an integer")}

    found = levels(service(options, role=role))

    assert found.broken == f"[{group}] connection_debug is rejected by oslo.config: must be an integer"


def test_placement_has_an_engine_of_its_own() -> None:
    options = {("placement_database", "connection_debug"): 50}

    found = levels(service(options, project="placement", role=Role.PLACEMENT))

    assert found.levels["sqlalchemy.engine.Engine"] == "INFO"


def test_with_a_file_the_options_count_for_nothing() -> None:
    content = f"[loggers]\nkeys=root\n{HANDLERS}[logger_root]\nlevel=WARNING\nhandlers=h\n"
    options = {("DEFAULT", "debug"): True, ("DEFAULT", "log_config_append"): PATH}

    found = levels(service(options, files={PATH: file(PATH, content, "logging")}))

    assert (found.source, found.levels["nova"]) == ("file", "WARNING")


def test_a_blank_name_of_a_file_is_none() -> None:
    assert by_options({"log_config_append": "", "debug": True}).source == "options"


def test_roots_level_holds_for_every_logger_without_one() -> None:
    found = by_file("[logger_root]\nlevel=DEBUG\nhandlers=h\n")

    assert set(found.levels.values()) == {"DEBUG"}
    assert all(found.writes(name, DEBUG) for name in SENSITIVE)


def test_without_a_level_root_is_notset_and_writes_everything() -> None:
    found = by_file("[logger_root]\nhandlers=h\n")

    assert found.levels["keystoneauth"] == "NOTSET"
    assert found.writes("keystoneauth", 1)


def test_a_null_handler_writes_nothing() -> None:
    found = by_file(
        "[logger_root]\nlevel=DEBUG\nhandlers=n\n[logger_nova]\nlevel=INFO\nhandlers=h\nqualname=nova\n",
        "root,nova",
    )

    assert found.written_from("keystoneauth.session") is None
    assert found.written_from("nova") == INFO


def test_a_handlers_own_level_counts() -> None:
    only_quiet = by_file("[logger_root]\nlevel=DEBUG\nhandlers=q\n")
    both = by_file("[logger_root]\nlevel=DEBUG\nhandlers=q, h\n")

    assert (only_quiet.written_from("amqp"), both.written_from("amqp")) == (WARNING, DEBUG)


def test_without_any_handler_warnings_go_to_standard_error() -> None:
    assert by_file("[logger_root]\nlevel=DEBUG\nhandlers=\n").written_from("amqp") == WARNING


@pytest.mark.parametrize(("propagate", "lowest"), [("", DEBUG), ("propagate=0\n", WARNING)])
def test_a_logger_that_does_not_propagate_has_its_own_handlers_only(propagate: str, lowest: int) -> None:
    found = by_file(
        "[logger_root]\nlevel=WARNING\nhandlers=h\n"
        f"[logger_k]\nlevel=DEBUG\nhandlers=\nqualname=keystoneauth\n{propagate}",
        "root, k",
    )

    assert found.written_from("keystoneauth.session") == lowest


def test_sections_that_keys_does_not_list_do_nothing() -> None:
    found = by_file(
        "[logger_root]\nlevel=DEBUG\nhandlers=h\n[logger_a]\nlevel=WARNING\nhandlers=\nqualname=amqp\n"
    )

    assert found.levels["amqp"] == "DEBUG"


def test_the_default_section_lends_its_level() -> None:
    found = by_file("[DEFAULT]\nlevel=DEBUG\n[logger_root]\nhandlers=h\n")

    assert found.levels["root"] == "DEBUG"


def test_an_engine_sets_its_logger_after_the_file() -> None:
    loggers = "[logger_root]\nlevel=WARNING\nhandlers=h\n[logger_s]\nlevel=DEBUG\nhandlers=\nqualname=sqlalchemy.engine\n"

    assert by_file(loggers, "root,s", Role.COMPUTE).levels["sqlalchemy.engine"] == "DEBUG"
    assert by_file(loggers, "root,s", Role.CONDUCTOR).levels["sqlalchemy.engine"] == "WARNING"


@pytest.mark.parametrize(
    ("loggers", "keys"),
    [
        ("[logger_nova]\nlevel=DEBUG\nhandlers=h\nqualname=nova\n", "nova"),
        ("[logger_root]\nlevel=INFO\nhandlers=h\n[logger_nova]\nhandlers=h\n", "root,nova"),
        ("[logger_root]\nlevel=DEBUG\n", "root"),
        ("[logger_root]\nlevel=LOUD\nhandlers=h\n", "root"),
        ("[logger_root]\nlevel=debug\nhandlers=h\n", "root"),
        ("[logger_root]\nlevel=10\nhandlers=h\n", "root"),
        ("[logger_root]\nlevel=INFO ; quiet\nhandlers=h\n", "root"),
        ("[logger_root]\nlevel=INFO\nhandlers=zz\n", "root"),
        ("[logger_root]\nlevel=INFO\nhandlers=h\n", "root,zz"),
        ("[logger_root]\nlevel=INFO\nlevel=DEBUG\nhandlers=h\n", "root"),
        (
            "[logger_root]\nlevel=INFO\nhandlers=h\n[logger_k]\nhandlers=\nqualname=k\npropagate=false\n",
            "root,k",
        ),
    ],
)
def test_a_file_that_does_not_hold_together_stops_the_service(loggers: str, keys: str) -> None:
    assert by_file(loggers, keys).broken is not None


def test_an_absent_file_stops_the_service() -> None:
    found = by_options({"log_config_append": "/etc/nova/missing.conf"})

    assert found.broken == "[DEFAULT] log_config_append names /etc/nova/missing.conf, which does not exist"


def test_an_empty_file_stops_the_service() -> None:
    options = {("DEFAULT", "log_config_append"): PATH}

    found = levels(service(options, files={PATH: file(PATH, "", "other")}))

    assert found.broken == "[DEFAULT] log_config_append names /etc/nova/logging.conf, which is empty"


@pytest.mark.parametrize(
    "found",
    [
        Missing(PATH, "denied", "permission denied"),
        Missing(PATH, "elsewhere", "it lies in the container's image"),
        File(PATH, None, None, None, 9, "other", None),
    ],
    ids=["denied", "elsewhere", "of no known format"],
)
def test_a_file_that_was_not_read_is_never_fine(found: File | Missing) -> None:
    with pytest.raises(Unavailable, match="log_config_append"):
        levels(service({("DEFAULT", "log_config_append"): PATH}, files={PATH: found}))


def test_a_withheld_level_settles_nothing() -> None:
    with pytest.raises(Undecidable, match="withheld"):
        by_file(f"[logger_root]\nlevel={withheld().token}\nhandlers=h\n")


def test_what_decided_stands_with_its_line() -> None:
    found = by_file("[logger_root]\nlevel=DEBUG\nhandlers=h\n")

    decided = found.decided_by("keystoneauth.session")

    assert (decided.setting, decided.value) == ("[logger_root] level", "DEBUG")
    assert (decided.origin.kind, decided.origin.path, decided.origin.line) == (OriginKind.FILE, PATH, 23)


GUARDED = ("keystoneauth.session", "oslo.privsep.daemon", "oslo_messaging", "oslo.messaging", "amqp")


def lines(found: Levels, logger: str) -> list[tuple[str, str | None]]:
    return [(line.judged().setting, line.judged().value) for line in found.evidence(logger)]


@pytest.mark.parametrize("logger", GUARDED)
def test_a_list_without_the_guard_comes_before_debug_in_the_evidence(logger: str) -> None:
    found = by_options({"debug": True, "default_log_levels": ("nova=DEBUG", "boto=WARN")})

    assert lines(found, logger) == [
        ("[DEFAULT] default_log_levels", "nova=DEBUG,boto=WARN"),
        ("[DEFAULT] debug", "true"),
        (f"level of logger {logger}", "DEBUG"),
    ]
    assert found.evidence(logger)[0].judged().origin.line == 2


@pytest.mark.parametrize("logger", ["root", "nova.api.openstack.wsgi"])
def test_a_logger_without_a_guard_has_no_cause_but_debug(logger: str) -> None:
    found = by_options({"debug": True, "default_log_levels": ("boto=WARN",)})

    assert lines(found, logger) == [("[DEFAULT] debug", "true"), (f"level of logger {logger}", "DEBUG")]


def test_a_list_with_the_guard_is_named_once() -> None:
    found = by_options({"debug": True, "default_log_levels": ("keystoneauth=WARN",)})

    assert lines(found, "keystoneauth.session") == [
        ("[DEFAULT] default_log_levels", "keystoneauth=WARN"),
        ("level of logger keystoneauth.session", "WARNING"),
    ]


def test_the_default_list_is_no_evidence_where_it_does_not_decide() -> None:
    found = by_options({"debug": True})

    assert [name for name, _ in lines(found, "nova")] == ["[DEFAULT] debug", "level of logger nova"]


@pytest.mark.parametrize(
    ("version", "is_broken"),
    [
        ("5.0.0", True),
        ("5.2.0", True),
        ("5.2.1", False),
        ("5.3.1", True),
        ("5.5.1", True),
        ("5.5.2", False),
        ("6.0.0", False),
    ],
)
def test_rate_limits_stop_a_service_with_an_old_oslo_log(version: str, is_broken: bool) -> None:
    options = {("DEFAULT", "rate_limit_burst"): 9, ("DEFAULT", "rate_limit_interval"): 1}

    found = levels(service(options, libraries={"oslo.log": version}))

    assert (found.broken is not None) == is_broken


def test_one_rate_limit_alone_limits_nothing_and_breaks_nothing() -> None:
    assert levels(service({("DEFAULT", "rate_limit_burst"): 9})).broken is None


def test_sqlalchemy_holds_its_loggers_at_warning_by_itself() -> None:
    found = by_options({"debug": True, "default_log_levels": ("boto=WARN",)}, Role.COMPUTE)

    assert found.levels["sqlalchemy.engine"] == "WARNING"


SECOND = (
    "[logger_root]\nlevel=WARNING\nhandlers=h\n[logger_a]\nlevel=DEBUG\nhandlers=h\nqualname=keystoneauth\n"
)


def test_a_second_section_of_a_logger_without_a_level_leaves_that_of_the_first() -> None:
    found = by_file(f"{SECOND}[logger_b]\nhandlers=\nqualname=keystoneauth\n", "root,a,b")

    assert found.levels["keystoneauth"] == "DEBUG"


@pytest.mark.parametrize("qualname", ["root", ""])
def test_a_section_may_be_the_root_logger_under_its_own_name(qualname: str) -> None:
    found = by_file(
        f"[logger_root]\nlevel=WARNING\nhandlers=h\n[logger_a]\nlevel=DEBUG\nhandlers=n\nqualname={qualname}\n",
        "root,a",
    )

    assert (found.levels["root"], found.written_from("root")) == ("DEBUG", None)


@pytest.mark.parametrize(
    ("loggers", "keys"),
    [
        ("[logger_root]\nlevel=INFO\nhandlers=h,\n", "root"),
        ("[logger_root]\nlevel=INFO\nhandlers=h\n", "root,"),
        ("[logger_root]\nlevel=INFO\nhandlers=h\n", "root,root"),
    ],
)
def test_a_trailing_comma_is_a_name_that_is_missing(loggers: str, keys: str) -> None:
    assert by_file(loggers, keys).broken is not None


def test_a_folder_in_place_of_the_file_stops_the_service() -> None:
    found = levels(
        service(
            {("DEFAULT", "log_config_append"): PATH},
            files={PATH: Missing(PATH, "not-regular", "it is a folder")},
        )
    )

    assert (
        found.broken == "[DEFAULT] log_config_append names /etc/nova/logging.conf, which is no regular file"
    )


@pytest.mark.parametrize(
    "option",
    [("placement", "split_loggers"), ("DEFAULT", "log_options"), ("oslo_messaging_notifications", "driver")],
)
def test_an_option_that_decides_nothing_here_may_be_withheld(option: tuple[str, str]) -> None:
    assert levels(service({option: withheld()})).records == ()
