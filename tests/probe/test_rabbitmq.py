"""The files of RabbitMQ; `test_real_servers.py` proves them against a real broker."""

from pathlib import Path

import pytest

from tests.probe.seen import by_files, listening, lost, places, values

CONF, ADVANCED, PLUGINS = (
    f"/etc/rabbitmq/{name}" for name in ("rabbitmq.conf", "advanced.config", "enabled_plugins")
)
PLAIN = ("*", 5672, "amqp")


@pytest.mark.parametrize(
    ("text", "listeners"),
    [
        ("", [PLAIN]),
        ("listeners.tcp.default = 5673", [("*", 5673, "amqp")]),
        (
            "listeners.tcp.1 = 127.0.0.1:5672\nlisteners.tcp.2 = [::1]:5672",
            [("127.0.0.1", 5672, "amqp"), ("::1", 5672, "amqp")],
        ),
        ("listeners.tcp = none\nlisteners.ssl.1 = 5671 # all", [("*", 5671, "amqp/ssl")]),
        ("listeners.ssl.default = 5671", [PLAIN, ("*", 5671, "amqp/ssl")]),
    ],
)
def test_listeners_of_rabbitmq_conf(tmp_path: Path, text: str, listeners: list[tuple[str, int, str]]) -> None:
    assert listening(by_files(tmp_path, "rabbitmq", {CONF: text})) == listeners


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("loopback_users = none", {"loopback_users": ""}),
        ("loopback_users.guest = false", {"loopback_users": ""}),
        ("loopback_users.guest = true\nloopback_users.nova = true", {"loopback_users": "guest,nova"}),
        (
            "ssl_options.versions.1 = tlsv1.2\nssl_options.versions.2 = tlsv1.1",
            {"ssl_options.versions": "tlsv1.2,tlsv1.1"},
        ),
        (
            "ssl_options.verify = verify_peer\nssl_options.password = Kanarienvogel",
            {"ssl_options.verify": "verify_peer"},
        ),
        ("default_pass = Kanarienvogel\nconnection_max = 9", {"connection_max": "9"}),
        ("ssl_options.keyfile = Kanarien vogel", {"ssl_options.keyfile": None}),
    ],
)
def test_settings_of_rabbitmq_conf(tmp_path: Path, text: str, settings: dict[str, str | None]) -> None:
    record = by_files(tmp_path, "rabbitmq", {CONF: text})

    assert values(record) == settings
    assert "Kanarien" not in repr(record)


def test_a_later_file_wins_and_its_line_is_shown(tmp_path: Path) -> None:
    files = {
        CONF: "ssl_options.versions.1 = tlsv1.1\n",
        "/etc/rabbitmq/conf.d/20-b.conf": "# this\nssl_options.versions.1 = tlsv1.3\n",
        "/etc/rabbitmq/conf.d/10-a.conf": "ssl_options.versions.1 = tlsv1.2\n",
    }
    record = by_files(tmp_path, "rabbitmq", files)

    assert values(record) == {"ssl_options.versions": "tlsv1.3"}
    assert places(record)["ssl_options.versions"] == ("/etc/rabbitmq/conf.d/20-b.conf", 2)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("[{rabbit, [{loopback_users, []}]}].", {"loopback_users": ""}),
        ('[{rabbit, [{loopback_users, [<<"guest">>, "nova"]}]}].', {"loopback_users": "guest,nova"}),
        (
            "[{rabbit,[{ssl_options,[{versions,['tlsv1.2','tlsv1.1']},{verify,verify_none}]}]}].",
            {"ssl_options.versions": "tlsv1.2,tlsv1.1", "ssl_options.verify": "verify_none"},
        ),
        (
            "%% {rabbit, x}\n[{rabbit, [{connection_max, 9}]}, {kernel, [{x, -1.5e3}]}].",
            {"connection_max": "9"},
        ),
        ('[{rabbit, [{default_pass, <<"Kanarienvogel">>}]}].', {}),
        ("[].", {}),
        ("", {}),
    ],
)
def test_an_advanced_configuration_is_read(tmp_path: Path, text: str, settings: dict[str, str]) -> None:
    record = by_files(tmp_path, "rabbitmq", {ADVANCED: text})

    assert values(record) == settings
    assert lost(record) == []
    assert "Kanarienvogel" not in repr(record)


def test_an_advanced_configuration_overrides_the_other(tmp_path: Path) -> None:
    files = {
        CONF: "listeners.tcp.1 = 5672\nssl_options.versions.1 = tlsv1.1\n",
        ADVANCED: "[{rabbit,[{tcp_listeners,[{\"127.0.0.1\",5672}]},{ssl_options,[{versions,['tlsv1.2']}]}]}].",
    }
    record = by_files(tmp_path, "rabbitmq", files)

    assert listening(record) == [("127.0.0.1", 5672, "amqp")]
    assert values(record) == {"ssl_options.versions": "tlsv1.2"}
    assert places(record)["ssl_options.versions"] == (ADVANCED, None)


@pytest.mark.parametrize("text", ["[{rabbit, [", "{rabbit}", '[{rabbit, "', "[" * 200, "<<>>>>", "\x01"])
def test_what_is_no_term_is_said_or_holds_nothing(tmp_path: Path, text: str) -> None:
    record = by_files(tmp_path, "rabbitmq", {ADVANCED: text})

    assert values(record) == {}
    assert lost(record) in ([f"{ADVANCED}: it is no Erlang term"], [])


@pytest.mark.parametrize(
    "text",
    [
        "[{rabbit, [{tcp_listeners, 5672}]}].",
        "[{rabbit, [{ssl_listeners, [{a, b, c}, []]}]}].",
        "[{rabbit, 5}].",
    ],
)
def test_terms_of_another_form_do_not_end_the_probe(tmp_path: Path, text: str) -> None:
    record = by_files(tmp_path, "rabbitmq", {ADVANCED: text})

    assert record["source"] == "files"


@pytest.mark.parametrize(
    ("conf", "plugins", "listeners"),
    [
        ("", "[rabbitmq_management].", [("*", 15672, "http")]),
        ("management.tcp.ip = 127.0.0.1", "[rabbitmq_management].", [("127.0.0.1", 15672, "http")]),
        ("management.ssl.port = 15671", "[rabbitmq_management].", [("*", 15671, "https")]),
        (
            "management.ssl.port = 1\nmanagement.tcp.port = 2",
            "[rabbitmq_management].",
            [("*", 2, "http"), ("*", 1, "https")],
        ),
        (
            "management.listener.port = 3\nmanagement.listener.ssl = true",
            "[rabbitmq_management].",
            [("*", 3, "https")],
        ),
        ("mqtt.listeners.tcp = none", "[rabbitmq_mqtt,rabbitmq_stomp].", [("*", 61613, "stomp")]),
        ("", "[rabbitmq_management_agent].", []),
    ],
)
def test_plugins_listen_where_they_are_enabled(
    tmp_path: Path, conf: str, plugins: str, listeners: list[tuple[str, int, str]]
) -> None:
    record = by_files(tmp_path, "rabbitmq", {CONF: conf, PLUGINS: plugins})

    assert [one for one in listening(record) if one != PLAIN] == listeners


def test_the_environment_of_the_broker_names_its_files(tmp_path: Path) -> None:
    files = {"/srv/own.conf": "connection_max = 1\n", CONF: "connection_max = 2\n"}
    record = by_files(tmp_path, "rabbitmq", files, environ={"RABBITMQ_CONFIG_FILE": "/srv/own"})

    assert values(record) == {"connection_max": "1"}


def test_its_file_of_variables_does_so_too(tmp_path: Path) -> None:
    files = {
        "/etc/rabbitmq/rabbitmq-env.conf": "CONFIG_FILE='/srv/own.conf' # x\n",
        "/srv/own.conf": "connection_max = 1\n",
    }

    assert values(by_files(tmp_path, "rabbitmq", files)) == {"connection_max": "1"}
