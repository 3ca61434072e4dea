"""Sources with which a service does not start, and sources that we could not read."""

import pytest

from auditor.effective import Unparsable
from auditor.errors import Unavailable
from tests.effective.services import NOVA_CONF, UNIT, Content, settings_of

EMPTY = "[DEFAULT]\n"


def refusal_of(files: dict[str, Content] | str, *rest: object, **also: object) -> Unparsable:
    with pytest.raises(Unparsable) as caught:
        settings_of(files, *rest, **also)  # type: ignore[arg-type]
    return caught.value


def test_a_file_that_does_not_parse_stops_the_service_with_its_place() -> None:
    refusal = refusal_of({NOVA_CONF: EMPTY, "/etc/nova/2.conf": "[DEFAULT]\n  x = 1\n"})

    assert (refusal.path, refusal.line, refusal.error) == ("/etc/nova/2.conf", 2, "ConfigFileParseError")
    assert str(refusal).startswith("/etc/nova/2.conf:2: ")


@pytest.mark.parametrize(
    ("nova_conf", "line", "words"),
    [
        ("[DEFAULT]\ndebug =\n", 2, "[DEFAULT] debug: it is not a boolean"),
        ("[DEFAULT]\n\nuse_json = maybe\n", 3, "[DEFAULT] use_json: it is not a boolean"),
    ],
)
def test_options_of_the_command_line_are_validated_at_start(nova_conf: str, line: int, words: str) -> None:
    refusal = refusal_of(nova_conf)

    assert (refusal.path, refusal.line, refusal.error) == (NOVA_CONF, line, "SystemExit")
    assert words in refusal.message


def test_whose_command_line_it_is_decides_what_is_validated_at_start() -> None:
    text = "[vnc]\nnovncproxy_port = 99999\n"

    assert refusal_of(text, program="nova-novncproxy").error == "SystemExit"
    assert settings_of(text, program="nova-compute")["vnc", "novncproxy_port"].error is not None


def test_a_reference_to_nothing_in_an_option_of_the_command_line_stops_the_service() -> None:
    assert refusal_of("[DEFAULT]\nlog_file = $nothing\n").error == "NoSuchOptError"


def test_at_start_options_that_are_registered_later_cannot_be_referred_to() -> None:
    late = "${keystone_authtoken.username}"

    assert refusal_of(f"[DEFAULT]\nlog_file = {late}\n").error in ("NoSuchOptError", "NoSuchGroupError")
    assert settings_of(f"[DEFAULT]\nconsole_host = {late}\n")["DEFAULT", "console_host"].value == ""


@pytest.mark.parametrize(
    "arguments",
    [["--no-such-option"], ["--debug=true"], ["positional"], ["--config-file"], ["--version"], ["-h"]],
)
def test_arguments_that_the_service_does_not_take_stop_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = refusal_of(EMPTY, arguments=arguments)

    assert (refusal.error, refusal.path, refusal.line) == ("SystemExit", UNIT.path, UNIT.line)
    assert capsys.readouterr() == ("", "")


def test_a_bad_value_on_the_command_line_stops_the_service_where_it_is_defined() -> None:
    refusal = refusal_of(EMPTY, program="nova-novncproxy", arguments=["--vnc-novncproxy_port=99999"])

    assert (refusal.error, refusal.path) == ("SystemExit", UNIT.path)


def test_what_is_withheld_does_not_appear_in_the_words_for_a_refused_argument() -> None:
    refusal = refusal_of(EMPTY, arguments=["REDACTED-0-0123456789abcdef"])

    assert refusal.message == "the service exits at its command line: unrecognized arguments: (withheld)"


def test_sources_named_by_a_reference_to_nothing_stop_the_service() -> None:
    assert refusal_of("[DEFAULT]\nconfig_source = $nothing\n").error == "NoSuchOptError"


@pytest.mark.parametrize(
    ("how", "is_wsgi", "error"),
    [
        ("argument", False, "ConfigFilesNotFoundError"),
        ("default", True, "ConfigFilesNotFoundError"),
        ("default-dir", False, "ConfigFilesNotFoundError"),
        ("argument-dir", False, "ConfigFilesNotFoundError"),
    ],
)
def test_a_file_that_is_named_or_listed_and_absent_stops_the_service(
    how: str, is_wsgi: bool, error: str
) -> None:
    files: dict[str, Content] = {"/etc/nova/1.conf": ("absent", "there is no such file")}

    assert refusal_of(files, [("/etc/nova/1.conf", how)], is_wsgi=is_wsgi).error == error


def test_a_default_file_that_is_absent_is_not_looked_for() -> None:
    assert settings_of({NOVA_CONF: ("absent", "")})["DEFAULT", "debug"].value is False


def test_a_folder_that_is_named_and_absent_stops_the_service() -> None:
    files: dict[str, Content] = {"/etc/nova/more": ("absent", "")}

    assert refusal_of(files, [("/etc/nova/more", "argument-dir")]).error == "ConfigDirNotFoundError"
    assert refusal_of(EMPTY, arguments=["--config-dir="]).error == "ConfigDirNotFoundError"


def test_a_file_that_may_not_be_read_stops_the_service_as_far_as_we_can_tell() -> None:
    refusal = refusal_of({NOVA_CONF: ("denied", "permission denied")})

    assert (refusal.error, refusal.is_certain) == ("ConfigFilesPermissionDeniedError", False)


@pytest.mark.parametrize(("status", "error"), [("undecodable", "UnicodeDecodeError"), ("loop", "OSError")])
def test_a_file_that_python_cannot_read_stops_the_service(status: str, error: str) -> None:
    refusal = refusal_of({NOVA_CONF: (status, "not UTF-8 at byte 7")})

    assert (refusal.error, refusal.is_certain) == (error, True)


@pytest.mark.parametrize(
    "status", ["too-large", "binary", "outside", "limit", "timeout", "elsewhere", "not-regular"]
)
def test_a_file_that_we_could_not_read_leaves_nothing_to_say(status: str) -> None:
    with pytest.raises(Unavailable) as caught:
        settings_of({NOVA_CONF: (status, "9 bytes, more than 8")})

    assert not isinstance(caught.value, Unparsable)
    assert str(caught.value) == f"{NOVA_CONF}: 9 bytes, more than 8"


def test_a_folder_where_a_file_belongs_stops_the_service() -> None:
    assert refusal_of({NOVA_CONF: ("not-regular", "it is a folder")}).error == "IsADirectoryError"


@pytest.mark.parametrize("status", ["denied", "not-regular", "limit"])
def test_a_folder_that_could_not_be_listed_leaves_nothing_to_say(status: str) -> None:
    folder = "/etc/nova/nova.conf.d"
    with pytest.raises(Unavailable, match="could not be listed: why") as caught:
        settings_of({folder: (status, "why")}, [(folder, "default-dir")])

    assert not isinstance(caught.value, Unparsable)


def test_the_null_device_is_an_empty_file() -> None:
    found = settings_of({"/dev/null": ("not-regular", "not a regular file")}, [("/dev/null", "argument")])

    assert list(found.written()) == []


def test_a_required_option_that_nobody_sets_stops_the_service() -> None:
    refusal = refusal_of(EMPTY, project="placement")

    assert refusal.error == "RequiredOptError"
    assert "[placement_database] connection is required" in refusal.message


def test_parsing_comes_before_missing_files_and_these_before_denied_ones() -> None:
    files: dict[str, Content] = {"/1": ("denied", ""), "/2": ("absent", ""), "/3": "[DEFAULT]\ndebug = x\n"}
    order = [("/1", "argument"), ("/2", "argument"), ("/3", "argument")]

    assert refusal_of(files, order).error == "SystemExit"
    assert refusal_of(files, order[:2]).error == "ConfigFilesNotFoundError"
    assert refusal_of(files, order[:1]).error == "ConfigFilesPermissionDeniedError"


def test_arguments_count_up_to_the_one_that_is_refused() -> None:
    files: dict[str, Content] = {"/1": "[DEFAULT\n"}

    assert (
        refusal_of(files, [("/1", "argument")], arguments=["--bogus", "--config-file=/1"]).error
        == "ConfigFileParseError"
    )
    assert (
        refusal_of(files, [("/1", "argument")], arguments=["--config-file", "--config-file=/1"]).error
        == "SystemExit"
    )
