"""What a file says and another one overrides."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.effective.services import NOVA_CONF, settings_of

DROP_IN = "/etc/nova/nova.conf.d/50-site.conf"
LAST = "/etc/nova/nova.conf.d/90-site.conf"
TOKEN = "REDACTED-2-0123456789abcdef"
OTHER = "REDACTED-2-fedcba9876543210"


def lost(
    files: Mapping[str, str], sources: Sequence[tuple[str, str]] | None = None, **rest: Any
) -> list[Any]:
    """What loses: the option, its value, its place and name there, and the value and place in effect."""
    return [
        (str(lost), lost.resolved, str(lost.origin), lost.written_as, counts.resolved, str(counts.origin))
        for lost, counts in settings_of(files, sources, **rest).overridden()
    ]


def test_a_value_that_a_later_file_overrides_is_told_with_both_places() -> None:
    found = lost({DROP_IN: "[vnc]\nenabled = yes\n", NOVA_CONF: "[vnc]\n\nenabled = no\n"})

    assert found == [
        ("[vnc] enabled", True, f"{DROP_IN}:2", "vnc.enabled", False, f"{NOVA_CONF}:3"),
    ]


def test_each_file_that_loses_is_told_the_newest_first() -> None:
    texts = {path: f"[api]\nmax_limit = {n}\n" for n, path in enumerate((NOVA_CONF, DROP_IN, LAST), 1)}

    assert [(one[1], one[2], one[4]) for one in lost(texts)] == [
        (2, f"{DROP_IN}:2", 3),
        (1, f"{NOVA_CONF}:2", 3),
    ]


def test_the_same_value_in_other_words_does_not_lose() -> None:
    texts = {
        DROP_IN: "[vnc]\nenabled = yes\n[DEFAULT]\nmy_ip = 192.0.2.1\ndefault_log_levels = a=INFO,b=WARN\n",
        NOVA_CONF: "[vnc]\nenabled = TRUE\n[DEFAULT]\nmy_ip = 192.0.2.1\ndefault_log_levels = a=INFO, b=WARN\n",
    }

    assert lost(texts) == []


def test_an_older_name_loses_to_the_present_one() -> None:
    texts = {
        DROP_IN: "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\n",
        NOVA_CONF: "[oslo_messaging_rabbit]\nssl = false\n",
    }
    (found,) = lost(texts, release="2024.2")

    assert found[0] == "[oslo_messaging_rabbit] ssl"
    assert found[3] == "oslo_messaging_rabbit.rabbit_use_ssl"


def test_a_secret_loses_to_another_and_not_to_itself() -> None:
    url = "[DEFAULT]\ntransport_url = rabbit://nova:{}@mq.example/\n"
    same = {DROP_IN: url.format(TOKEN), NOVA_CONF: url.format(TOKEN)}
    other = {DROP_IN: url.format(TOKEN), NOVA_CONF: url.format(OTHER)}

    assert lost(same) == []
    assert len(lost(other)) == 1


def test_a_value_that_was_withheld_stays_so() -> None:
    texts = {DROP_IN: f"[placement]\npassword = {TOKEN}\n", NOVA_CONF: f"[placement]\npassword = {OTHER}\n"}
    texts = {path: f"{text}auth_type = password\n" for path, text in texts.items()}
    (found,) = lost(texts)

    assert str(found[1]) == str(found[4]) == "(withheld)"


def test_values_that_add_up_and_lines_of_one_file_do_not_lose() -> None:
    texts = {
        DROP_IN: '[pci]\nalias = {"name": "a"}\n[vnc]\nenabled = no\nenabled = yes\n',
        NOVA_CONF: '[pci]\nalias = {"name": "b"}\n',
    }

    assert lost(texts) == []


def test_a_file_loses_to_the_environment_and_to_the_command_line() -> None:
    found = lost(
        {NOVA_CONF: "[vnc]\nenabled = yes\n[DEFAULT]\ndebug = false\n"},
        [(NOVA_CONF, "argument")],
        arguments=("--config-file", NOVA_CONF, "--debug"),
        environment={"OS_VNC__ENABLED": "no"},
    )

    assert [(one[0], one[1], one[4]) for one in found] == [
        ("[DEFAULT] debug", False, True),
        ("[vnc] enabled", True, False),
    ]


def test_a_name_that_the_release_does_not_know_does_not_lose() -> None:
    assert lost({DROP_IN: "[vnc]\nenable = yes\n", NOVA_CONF: "[vnc]\nenable = no\n"}) == []


def test_what_oslo_config_cannot_convert_loses_as_text() -> None:
    (found,) = lost({DROP_IN: "[api]\nmax_limit = many\n", NOVA_CONF: "[api]\nmax_limit = 5\n"})

    assert found[1] == "many"
