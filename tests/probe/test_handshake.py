"""How MySQL and PostgreSQL come to TLS, and what is none: told in bytes, without a connection."""

import socket
import ssl
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from auditor.probe.handshake import BYTES, Handshake
from tests.listeners import saying, secure, server_context
from tests.probe.asking import fleet, one
from tests.probe.test_wire import TLS_1_2, TLS_1_3

CLIENT_SSL = 0x800


def greeting(capabilities: int = 0xFFFF, version: bytes = b"5.5.5-10.11.6-MariaDB\0") -> bytes:
    """What a server of MySQL says first."""
    content = b"\x0a" + version + struct.pack("<I", 7) + b"12345678\0" + struct.pack("<H", capabilities)
    content += struct.pack("<BHHB", 45, 2, 0x81FF, 21) + bytes(10) + b"123456789012\0mysql_native_password\0"
    return packet(content)


def packet(content: bytes, number: int = 0) -> bytes:
    return struct.pack("<I", len(content) | number << 24) + content


def client(protocol: str) -> Handshake:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return Handshake(protocol, context, None)


def talk(protocol: str, *said: bytes) -> tuple[str, str, Sequence[bytes]]:
    """What a handshake comes to (nothing yet: it waits), and what it sent, when this is said to it."""
    handshake = client(protocol)
    talking = handshake.talk()
    sent = [next(talking)[0]]
    # A map ends where the talk does.
    for step in map(talking.send, said):
        sent.append(step[0])  # noqa: PERF401 - a comprehension would lose what came before the end
    return handshake.result, handshake.reason, sent


def test_amqp_and_https_begin_with_tls() -> None:
    for protocol in ("amqp", "https"):
        result, _, sent = talk(protocol)

        assert (result, sent[0][:2]) == ("", b"\x16\x03")


def test_mysql_is_asked_for_tls_when_its_greeting_offers_it() -> None:
    result, _, sent = talk("mysql", greeting())
    length, capabilities, _, _ = struct.unpack("<IIIB", sent[1][:13])

    assert (result, sent[0]) == ("", b"")
    assert length == 32 | 1 << 24
    assert capabilities & CLIENT_SSL
    assert sent[1][36:38] == b"\x16\x03"


def test_a_greeting_may_come_in_pieces() -> None:
    whole = greeting()
    result, _, sent = talk("mysql", *(whole[at : at + 1] for at in range(len(whole))))

    assert result == ""
    assert sent[-1][36:38] == b"\x16\x03"


@pytest.mark.parametrize(
    ("said", "result", "reason"),
    [
        (greeting(0xF7FF), "plaintext", "its greeting says that it has no TLS"),
        (packet(b"\x093.22.1\0" + bytes(30)), "plaintext", "its greeting says that it has no TLS"),
        (greeting() + b"x", "garbage", "it said more than its greeting before TLS"),
        (packet(b"\x0a8.0"), "garbage", "its greeting is cut"),
        (packet(b"\x0a8.0\0" + bytes(13)), "garbage", "its greeting is cut"),
        (b"HTTP/1.1 400 Bad Request\r\n", "garbage", "what it said first is no greeting of MySQL"),
        (b"\xff\xff\xff\0\x0a", "garbage", "what it said first is no greeting of MySQL"),
        (
            packet(b"\xff" + struct.pack("<H", 1129) + b"Host '10.0.0.1' is blocked\x1b[2J\n"),
            "failed",
            "it turns this host away: error 1129, Host '10.0.0.1' is blocked [2J",
        ),
        (b"", "closed", "it closed the connection, before it said anything"),
    ],
)
def test_other_greetings_of_mysql(said: bytes, result: str, reason: str) -> None:
    assert talk("mysql", said)[:2] == (result, reason)


def test_mysql_may_refuse_after_all() -> None:
    error = packet(b"\xff" + struct.pack("<H", 1043) + b"#08S01Bad handshake", 2)

    assert talk("mysql", greeting(), error)[:2] == (
        "failed",
        "it refuses TLS: error 1043, #08S01Bad handshake",
    )


@pytest.mark.parametrize(
    ("said", "result", "reason"),
    [
        (b"N", "plaintext", "it says that it has no TLS"),
        (b"S\x16\x03\x03", "garbage", "it sent more than its consent before TLS"),
        (b"E\0\0\0\x20SFATAL\0Mtoo many\0", "failed", "it turns this host away: SFATAL Mtoo many"),
        (b"H", "garbage", "what it said first is no answer of PostgreSQL"),
        (b"", "closed", "it closed the connection, before it said anything"),
    ],
)
def test_answers_of_postgresql_that_are_no_tls(said: bytes, result: str, reason: str) -> None:
    assert talk("postgresql", said)[:2] == (result, reason)


def test_postgresql_is_asked_for_tls() -> None:
    result, _, sent = talk("postgresql", b"S")

    assert (result, sent[0]) == ("", struct.pack(">ii", 8, 80877103))
    assert sent[1][:2] == b"\x16\x03"


@pytest.mark.parametrize(("protocol", "said"), [("mysql", greeting()), ("postgresql", b"S")])
def test_what_follows_consent_has_to_be_tls(protocol: str, said: bytes) -> None:
    assert talk(protocol, said, b"AMQP\0")[:2] == (
        "garbage",
        "it agreed to TLS, but what it said then is none",
    )


def test_nobody_says_more_than_a_handshake_needs() -> None:
    record = b"\x16\x03\x03\x40\x00" + b"\x02\x00\xff\xff" + bytes(0x3FFC)
    result, _, sent = talk("amqp", *[record] * 20)

    assert result in ("garbage", "failed")
    assert len(sent) * len(record) <= BYTES + 2 * len(record)


def test_whatever_is_damaged_comes_to_an_end_that_has_a_name(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    chance = Random(1)  # noqa: S311 - the same damage each time
    servers = [server_context(own.pem(), version) for version in (TLS_1_2, TLS_1_3)]
    results = {damaged(servers[number % 2], chance) for number in range(300)}

    assert results <= {"tls", "garbage", "failed", "closed", "plaintext", ""}
    assert len(results) > 3


def damaged(context: ssl.SSLContext, chance: Random) -> str:
    """What a handshake comes to with a server of whose every flight some bytes are lost, changed or doubled."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    handshake = client("amqp")
    talking = handshake.talk()
    send = next(talking)[0]
    for _ in range(6):
        incoming.write(send)
        with suppress(ssl.SSLError):
            server.do_handshake()
        flight = bytearray(outgoing.read())
        for _ in range(chance.randrange(4) if flight else 0):
            at, size = chance.randrange(len(flight)), chance.randrange(20)
            flight[at : at + size] = chance.choice([b"", chance.randbytes(size), flight[at : at + size] * 2])
        try:
            send = talking.send(bytes(flight))[0]
        except StopIteration:
            break
    return str(handshake.facts()["result"])


def test_no_client_asks_for_an_empty_name(tmp_path: Path) -> None:
    with saying(b"") as server:
        found = one(server.port, server_name="")

    assert found["result"] == "failed"
    assert found["reason"].startswith("no client can ask for this name: ")


@pytest.mark.parametrize("protocol", ["mysql", "postgresql"])
def test_a_chain_is_seen_behind_what_leads_to_tls(tmp_path: Path, protocol: str) -> None:
    own = fleet(tmp_path)

    def greet(connection: socket.socket) -> None:
        if protocol == "mysql":
            connection.sendall(greeting())
            connection.recv(36, socket.MSG_WAITALL)
        else:
            connection.recv(8, socket.MSG_WAITALL)
            connection.sendall(b"S")

    with secure(own.pem(), prelude=greet) as server:
        found = one(server.port, own.path, protocol=protocol)

    assert (found["result"], found["verified"], len(found["chain"])) == ("tls", True, 1)
    assert server.errors == []
