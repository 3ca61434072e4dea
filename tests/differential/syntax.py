"""Sets about how a file is written: what the parser joins, strips, splits, ignores and refuses."""

import base64
from collections.abc import Callable, Iterator
from random import Random

from tests.differential.writing import PROGRAMS, Case, Catalogue, deployed

Lines = list[str]


def _at(rng: Random, lines: Lines, *new: str) -> Lines:
    place = rng.randrange(len(lines) + 1)
    return [*lines[:place], *new, *lines[place:]]


def _change(rng: Random, lines: Lines, change: Callable[[str], str], of: Callable[[str], bool]) -> Lines:
    places = [number for number, text in enumerate(lines) if of(text)]
    if not places:
        return lines
    place = rng.choice(places)
    return [*lines[:place], change(lines[place]), *lines[place + 1 :]]


def _is_header(text: str) -> bool:
    return text.startswith("[")


def _is_assignment(text: str) -> bool:
    return "=" in text and not text.startswith(("#", ";", "["))


# Lines that are put in anywhere.
INSERTED = (
    ("  continued",), ("\tcontinued",), ("  # indented comment",), ("\t; indented comment",), ("  debug = true",), (" [vnc]",), ("  ",), ("\t",), ("",),
    ("# comment",), ("#",), (";",), (";x=1",), ("#[vnc]",), ("no delimiter",), ("= value",), (": value",), (" = value",), ("=",), ("host",), ("host =",),
    ("host=",), ("host:",), ("host = ", "  10.0.0.7"), ("host = a", "", "  b"), ("host = a", "# c", "  b"), ("console_host = a", "  b", "\tc", "  ", "  d"), ("console_host =", "  a", "  b"),
    ("console_host = 'a", "  b'"), ('console_host = "a"', "  b"), ("[glance]", "api_servers = http://a,", "  http://b,", "  http://c"), ("[filter_scheduler]", "enabled_filters =", "  A", "  B"),
    ("[pci]", "alias = one", "  two", "alias = three"), ("[placement]", "timeout = 5", "  6"), ("[placement]", "timeout =", "  6"), ("[]",), ("[",), ("[ ]",), ("[[vnc]]", "enabled = false"),
    ("[vnc", "enabled = false"), ("vnc]", "enabled = false"), ("[vnc]]", "enabled = false"), ("[vnc] # x",), ("[vnc];x",), ("[vnc]\t", "enabled = false"), ("[ vnc ]", "enabled = false"), ("[VNC]", "enabled = false"),
    ("[Vnc]", "enabled = false", "[vNC]", "server_listen = node9"), ("[default]", "host = lower"), ("[Default]", "host = mixed"), ("[DEFAULT]", "host = again"), ("[no_such_group]", "host = x"), ("[DEFAULT ]", "host = x"),
    ("[vnc]", "Enabled = false"), ("[vnc]", "ENABLED = false"), ("[vnc]", "server-listen = node8"), ("[DEFAULT]", "no_such_option = 1"), ("[DEFAULT]", "my-ip = 10.8.8.8"), ("[placement]", "auth-url = http://node1/"),
    ("[placement]", "user-name = zorb", "user_domain_id = x"), ("[DEFAULT]", "log-dir = /srv/log"), ("[DEFAULT]", "log_file : /srv/x=y.log"), ("[DEFAULT]", "log_file = /srv/x:y.log"), ("[DEFAULT]", "transport_url:rabbit://a=b"),
    ("\u00a0host = nbsp",), ("\u3000host = wide",), ("\x0bhost = vt",), ("\x0chost = ff",), ("\x0c",), ("\x0c\x0c",), ("\u2028host = ls",), ("\x85host = nel",), ("\u200bhost = zero-width",), ("\ufeffhost = bom",),
    ("host\u00a0= nbsp-name",), ("ho\u00ad st = x",), ("host\u2028 = x",), ("\u00a0",), ("\u3000",), ("\u00a0[vnc]",), ("\u00a0# x",), ("[vnc]\u00a0", "enabled = false"), ("[v\u00a0nc]",), ("[\u212anc]",),
    ("host = a\x0chost = b",), ("console_host = a\u2028console_ports = b",), ("console_host = a\x85b",), ("console_host = a\x1cb",), ("console_host = a\u00a0",), ("console_host = \u00a0a",), ("\x1chost = x",), (" \x0chost = x",), ("\x0c  continued",),
    ("host == x",), ("host := x",), ("host =: x",), ("host += x",), ("host ?= x",), ("export host = x",), ("host = x = y",), ("set host x",), ("%include other",), ("<<: x",), ("---",), ("host: [a, b]",), ("'host' = x",), ('"host" = x',), ("host = |", "  block"),
    ("[DEFAULT]", "host = x \\", "  y"), ("host = \\",), ("// host = x",), ("-- host = x",), ("REM = x",), ("host = x;host = y",), ("host =\u00a0",), ("# ñ \u2028 host = x",), ("; \x85 broken",), ("ñ = 1",), ("[ñ]", "a = 1"), ("[VNC.x]",), ("[a:b]", "c = d"), ("[a=b]", "c = d"),
    ("[vnc]", "= false"), ("  ", "  continued"), ("host = a", "  ", "  b"), ("host = a", "\u00a0", "  b"), ("host = a", "\u00a0 b"), ("host = a", "[vnc]", "  b"), ("host = a", "  = b"), ("host = a", "  [vnc]"), ("host = a", "  b = c", "d"),
)  # fmt: skip

CHANGES: tuple[Callable[[Random, Lines], Lines], ...] = (
    lambda rng, lines: _change(rng, lines, lambda text: "  " + text, _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: "\t" + text, _is_header),
    lambda rng, lines: _change(rng, lines, lambda text: text + "  # note", _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text + " ; note", _is_header),
    lambda rng, lines: _change(rng, lines, str.upper, _is_header),
    lambda rng, lines: _change(rng, lines, str.swapcase, _is_header),
    lambda rng, lines: _change(rng, lines, lambda text: f"[ {text[1:-1]} ]", _is_header),
    lambda rng, lines: _change(rng, lines, lambda text: text + "   \t", lambda text: True),
    lambda rng, lines: _change(rng, lines, lambda text: text.replace("=", ":", 1), _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text.replace("=", " ", 1), _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text.split("=")[0] + "=", _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text.split("=")[0], _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: "=" + text.split("=", 1)[1], _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text.replace("_", "-", 1), _is_assignment),
    lambda rng, lines: _change(
        rng, lines, lambda text: text.split("=", 1)[0].upper() + "=" + text.split("=", 1)[1], _is_assignment
    ),
    lambda rng, lines: _change(rng, lines, lambda text: text.replace("= ", "= '", 1) + "'", _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text.replace("= ", '= "', 1), _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text + "\n  more\n\tand more", _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: text + "\n\n  after a blank line", _is_assignment),
    lambda rng, lines: _change(rng, lines, lambda text: "", _is_header),
    lambda rng, lines: lines[1:],
    lambda rng, lines: [*lines, *lines],
    lambda rng, lines: [*lines, *reversed([text for text in lines if text.strip()])],
    lambda rng, lines: sorted(lines),
    lambda rng, lines: [text.strip("\t ") + " " for text in lines],
)


def spelled_oddly(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """A plausible file with one to three oddities; every odd line of the tables occurs at least once."""
    for number in range(len(INSERTED) * 2):
        lines = deployed(
            rng, ("DEFAULT.host", "node1"), ("vnc.enabled", "true"), ("placement.timeout", "30")
        ).split("\n")
        lines = (
            _at(rng, lines, *INSERTED[number % len(INSERTED)])
            if number % 2
            else [*lines[:-1], *INSERTED[number % len(INSERTED)], ""]
        )
        if rng.random() < 0.3:
            lines = rng.choice(CHANGES)(rng, lines)
        yield _case(rng, "\n".join(lines))
    for number in range(len(CHANGES) * 3):
        lines = deployed(
            rng, ("DEFAULT.host", "node1"), ("vnc.enabled", "true"), ("placement.timeout", "30")
        ).split("\n")
        lines = CHANGES[number % len(CHANGES)](rng, lines)
        if number % 3 == 2:
            lines = rng.choice(CHANGES)(rng, lines)
        yield _case(rng, rng.choice(("\n", "\n", "\r\n")).join(lines))


def _case(rng: Random, text: str) -> Case:
    path = rng.choice(("/etc/nova/nova.conf", "/etc/nova/nova.conf", "/etc/nova/nova.conf.d/x.conf"))
    return {"program": rng.choice(PROGRAMS), "files": {path: text}}


def raw_bytes(catalogue: Catalogue, rng: Random) -> Iterator[Case]:
    """Line ends, byte order marks, other encodings and bytes that are no UTF-8."""
    base = "# Köln\n[DEFAULT]\nhost = node1\nmy_ip = 10.0.0.5\n[pci]\nalias = one\nalias = two\n[placement]\nregion_name = a\n  b\n\n[vnc]\nenabled = false\n"
    texts = (
        base.encode(), base.replace("\n", "\r\n").encode(), base.replace("\n", "\r").encode(), base.replace("\n", "\n\r").encode(),
        base.replace("\n", "\r\r\n").encode(), base.encode("utf-8-sig"), base.encode("utf-16"), base.encode("utf-16-le"), base.encode("utf-32"),
        base.encode("latin-1"), base.replace("ö", "o").encode("latin-1"), base.encode().replace(b"\n", b"\x0b"), base.encode().replace(b"\n", b"\x0c\n"),
        base.replace("\n", "\u2028").encode(), base.replace("\n", "\x85").encode(), b"\xef\xbb\xbf", b"\xef\xbb\xbf\n" + base.encode(), b"\xef\xbb\xbf# c\n" + base.encode(),
        b"\xef\xbb\xbf[DEFAULT]\nhost = x\n", b"\n\xef\xbb\xbf[DEFAULT]\n", b"\xff", b"\x00", b"\x00\n" + base.encode(), base.encode() + b"\x1a", base.encode() + b"\x00",
        base.encode() + b"host = caf\xe9\n", base.encode() + b"# caf\xe9\n", base.encode() + b"[caf\xe9]\n", base.encode() + b"server_listen = \xed\xa0\x80\n", base.encode() + b"x = \xc0\x80\n",
        base.encode() + b"x = \xf5\x80\x80\x80\n", base.encode() + b"server_listen = \xf4\x8f\xbf\xbf\n", b"\x1f\x8b\x08\x00" + bytes(range(256)), bytes(range(32, 127)), b"[DEFAULT]\rhost = x\rconsole_host = y\r",
        b"[DEFAULT]\nhost = a\rconsole_host = b\r\nmy_block_storage_ip = c\n\rcompute_driver = d", b"[DEFAULT]\r\nconsole_host = a\r\n  b\r\n\r\n", b"[DEFAULT]\nconsole_host = a\r  b\r\r  c\n", b"[DEFAULT]\nconsole_host = a\\\r\nb=c\n",
        "[DEFAULT]\nconsole_host = e\u0301\n".encode(), "[DEFAULT]\nconsole_host = \u202ex\u202c\n".encode(), "[DEFAULT]\nconsole_host = \U000e0001\n".encode(), "[DEFAULT]\nconsole_host = \ufffe\uffff\n".encode(),
        b"PK\x03\x04" + bytes(100), b"#!/bin/sh\nx=1\n", b"\x7fELF" + bytes(range(200)), b'{"DEFAULT": {"host": "x"}}\n', b"<nova><host>x</host></nova>\n", b"DEFAULT:\n  host: x\n", b"[DEFAULT]\nhost: x\n...\n",
    )  # fmt: skip
    for raw in texts:
        for path in ("/etc/nova/nova.conf", "/etc/nova/nova.conf.d/1.conf"):
            yield {
                "program": rng.choice(PROGRAMS),
                "files": {
                    "/etc/nova/nova.conf": "[DEFAULT]\nconsole_host = before\n",
                    path: {"base64": base64.b64encode(raw).decode()},
                },
            }
