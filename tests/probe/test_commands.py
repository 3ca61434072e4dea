"""Command lines."""

import re

import pytest

from auditor.probe import commands
from tests.probe.redaction import REDACTOR


def redacted(text: str) -> str:
    """What leaves of arguments, each token written as *."""
    left = " ".join(commands.redact(commands.split(text), REDACTOR))
    return re.sub(r"REDACTED-[a-z0-9]+-[0-9a-f]{16}", "*", left)


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ("--config-file /etc/nova/nova.conf", "--config-file /etc/nova/nova.conf"),
        ("--config-file=/etc/nova/nova.conf --config-dir=/d", "--config-file=/etc/nova/nova.conf --config-dir=/d"),
        ("--ssl_only --cert /x.pem --key=/y.pem", "--ssl_only --cert /x.pem --key=/y.pem"),
        ("--debug --log-file /var/log/x", "--debug --log-file /var/log/x"),
        ("--nodebug hunter2", "--nodebug *"),
        ("--vnc-novncproxy_host 0.0.0.0 --vnc-novncproxy_port 6080", "--vnc-novncproxy_host 0.0.0.0 --vnc-novncproxy_port 6080"),
        ("--password hunter2", "--password *"),
        ("--password=hunter2", "--password=*"),
        ("--token --hunter2 x", "--token --hunter2 *"),
        ("hunter2", "*"),
        ("--log-file 'hunter2 x'", "--log-file *"),
        ("-d -phunter2 -x hunter2", "-d -phunter2 -x *"),
        ("--ini /etc/x.ini --http-socket hunter2", "--ini /etc/x.ini --http-socket *"),
    ],
)  # fmt: skip
def test_arguments_leave_by_the_kind_of_their_option(arguments: str, left: str) -> None:
    assert redacted(arguments) == left


def test_an_unclosed_quote_splits_at_white_space() -> None:
    assert commands.split("a 'b c") == ["a", "'b", "c"]


def test_variables_are_replaced_as_systemd_does() -> None:
    environment = {"A": "x y", "B": "z"}

    assert commands.expand(["$A", "${A}", "--b=${B}", "$C"], environment) == ["x", "y", "x y", "--b=z"]


def test_a_line_keeps_its_program() -> None:
    assert commands.line("-/usr/bin/nova-compute --debug", REDACTOR) == "-/usr/bin/nova-compute --debug"
    assert commands.line("", REDACTOR) == ""
    assert "hunter2" not in commands.line("'hunter2 x' y", REDACTOR)
