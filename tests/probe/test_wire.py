"""Endpoints that answer as they should, and all the others: the probe ends within its limit and leaves nothing behind."""

import os
import ssl
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.certificates import authority, issue
from tests.listeners import (
    black_hole,
    closed_at_once,
    dripping,
    flooding,
    refused,
    saying,
    secure,
    silent,
)
from tests.probe.asking import NOTHING, asked, asked_apart, fleet, item, one

TLS_1_2 = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
TLS_1_3 = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)


def test_a_good_server_is_verified_and_shows_its_chain(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    middle = authority("middle", by=own.trusted)
    certificate, key = issue(middle, ["localhost"], key="ec:p256")
    with secure(certificate + middle.cert_pem + key) as server:
        found = one(server.port, own.path)

    assert (found["result"], found["verified"], found["version"]) == ("tls", True, "TLSv1.3")
    assert found["cipher"].startswith("TLS_")
    assert [pem.encode() for pem in found["chain"]] == [certificate, middle.cert_pem]
    assert (found["address"], found["addresses"]) == ("127.0.0.1", ["127.0.0.1"])
    assert (found["asks_client"], found["verify_error"]) == (False, None)
    assert 0 < found["seconds"] < 2


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3])
def test_a_server_sees_one_connection_that_ends_as_it_should(
    tmp_path: Path, versions: tuple[ssl.TLSVersion, ssl.TLSVersion]
) -> None:
    own = fleet(tmp_path)
    with secure(own.pem(), versions=versions) as server:
        assert one(server.port, own.path)["result"] == "tls"

    assert (server.connections, server.received, server.errors) == (1, [b""], [])


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3])
def test_a_certificate_of_another_authority_is_rejected_and_still_seen(
    tmp_path: Path, versions: tuple[ssl.TLSVersion, ssl.TLSVersion]
) -> None:
    own, other = fleet(tmp_path), fleet(tmp_path, "other")
    with secure(own.pem(), versions=versions) as server:
        found = one(server.port, other.path)

    assert (found["result"], found["verified"]) == ("rejected", False)
    assert found["verify_error"] == "unable to get local issuer certificate"
    assert found["verify_code"] == "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"
    assert len(found["chain"]) == 1
    assert found["version"] == versions[0].name.replace("_", ".", 1)
    assert found["cipher"] is not None


def test_an_expired_certificate_is_rejected(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem(days=-1)) as server:
        found = one(server.port, own.path)

    assert (found["result"], found["verify_code"]) == ("rejected", "CERT_HAS_EXPIRED")


def test_who_does_not_verify_sees_what_there_is(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem(days=-1)) as server:
        found = one(server.port)

    assert (found["result"], found["verified"], len(found["chain"])) == ("tls", None, 1)


def test_names_are_judged_elsewhere(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem("elsewhere.example")) as server:
        assert one(server.port, own.path, server_name="here.example")["verified"] is True


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1])
def test_old_versions_are_seen_as_they_are(tmp_path: Path, version: ssl.TLSVersion) -> None:
    own = fleet(tmp_path)
    with secure(own.pem(), versions=(version, version)) as server:
        found = one(server.port, own.path)

    assert (found["result"], found["version"]) == ("tls", version.name.replace("_", "."))


def test_a_server_that_asks_for_a_client_is_seen_to_ask(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem(), clients=own.trusted.cert_pem) as server:
        found = one(server.port, own.path)

    assert (found["result"], found["asks_client"]) == ("tls", True)


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3])
def test_a_server_that_insists_on_a_client_refuses_one_without(
    tmp_path: Path, versions: tuple[ssl.TLSVersion, ssl.TLSVersion]
) -> None:
    own = fleet(tmp_path)
    with secure(
        own.pem(), versions=versions, clients=own.trusted.cert_pem, are_clients_required=True
    ) as server:
        found = one(server.port, own.path)

    assert (found["result"], found["asks_client"]) == ("failed", True)
    assert found["chain"]
    assert found["reason"].startswith("it ended the handshake with an alert: ")


def test_a_client_shows_its_certificate_and_one_with_an_encrypted_key_goes_without(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    pairs = {}
    for name, password in (("open", None), ("encrypted", b"x")):
        certificate, key = issue(own.trusted, [], key="ec:p256", client=True, password=password)
        (tmp_path / f"{name}.pem").write_bytes(certificate)
        (tmp_path / f"{name}.key").write_bytes(key)
        pairs[name] = {
            "certificate": str(tmp_path / f"{name}.pem"),
            "key": str(tmp_path / f"{name}.key"),
        }
    with secure(own.pem(), clients=own.trusted.cert_pem, are_clients_required=True) as server:
        shown = one(server.port, own.path, client=pairs["open"])
        hidden = one(server.port, own.path, client=pairs["encrypted"])

    assert (shown["result"], shown["asks_client"]) == ("tls", True)
    assert (hidden["result"], hidden["asks_client"]) == ("failed", True)
    assert hidden["reason"].endswith("; without the client's certificate: its key is encrypted")


def test_a_trust_that_cannot_be_read_makes_no_connection(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    (tmp_path / "empty.pem").write_text("nothing\n")
    with secure(own.pem()) as server:
        missing = one(server.port, tmp_path / "missing.pem")
        empty = one(server.port, tmp_path / "empty.pem")

    assert missing["reason"] == f"{tmp_path}/missing.pem cannot be read: there is no such file"
    assert empty["reason"] == f"what it trusts holds no certificate: {tmp_path}/empty.pem"
    assert {missing["result"], empty["result"]} == {"failed"}
    assert server.connections == 0


def test_files_of_a_container_are_named_by_its_label(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem()) as server:
        asking = item(server.port, f"box:{own.path}")
        (found,) = asked(asking, roots={"box": os.getpid()})["handshakes"]
        (unknown,) = asked(asking)["handshakes"]

    assert found["verified"] is True
    assert unknown["result"] == "failed"


@pytest.mark.parametrize(
    ("text", "result", "reason"),
    [
        (b"AMQP\0\0\x09\x01", "plaintext", "it answered with AMQP where TLS was due"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "plaintext", "it answered with HTTP where TLS was due"),
        (b"<!DOCTYPE HTML>\n", "plaintext", "it answered with HTTP where TLS was due"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "garbage", "what it said first is not TLS"),
        (
            b"\x15\x03\x03\x00\x02\x02\x28",
            "failed",
            "it ended the handshake with an alert: handshake failure",
        ),
        (b"\x15\x03\x01\x00\x02\x02\x46", "failed", "it ended the handshake with an alert: protocol version"),
        (b"\x16\x03\x03\x00\x05garba", "garbage", "what it said is no handshake of TLS: unexpected message"),
    ],
)
def test_what_is_no_tls_is_named(text: bytes, result: str, reason: str) -> None:
    with saying(text, waits=True) as server:
        found = one(server.port)

    assert (found["result"], found["reason"]) == (result, reason)
    assert server.connections == 1


def test_a_greeting_of_mysql_where_tls_is_due_is_clear_text() -> None:
    with saying(b"\x4a\0\0\0\x0a8.0.36\0") as server:
        assert one(server.port)["result"] == "plaintext"


def test_one_that_hangs_up_is_closed() -> None:
    with closed_at_once() as server:
        found = one(server.port)

    assert found["result"] == "closed"


def test_one_that_is_silent_has_its_time_and_no_more() -> None:
    started = time.monotonic()
    with silent() as server:
        (found,) = asked(item(server.port), item_seconds=0.5)["handshakes"]

    assert (found["result"], found["reason"]) == (
        "timeout",
        "no answer within 0.5 seconds, before it said anything",
    )
    assert found["address"] == "127.0.0.1"
    assert time.monotonic() - started < 3


def test_one_that_drips_has_its_time_and_no_more() -> None:
    with dripping(b"\x16\x03\x03\x40\x00" + bytes(20)) as server:
        started = time.monotonic()
        (found,) = asked(item(server.port), item_seconds=1)["handshakes"]

    assert (found["result"], found["reason"]) == (
        "timeout",
        "no answer within 1 seconds, in the middle of the handshake",
    )
    assert 1 <= time.monotonic() - started < 3


@pytest.mark.parametrize("text", [b"x" * 1024, b"\x16\x03\x03\x40\x00\x0b\xff\xff\xff" + bytes(0x3FFC)])
def test_one_that_floods_is_cut_off(text: bytes) -> None:
    with flooding(text) as server:
        started = time.monotonic()
        found = one(server.port)

    assert found["result"] == "garbage"
    assert time.monotonic() - started < 1


def test_a_long_chain_is_kept_as_far_as_anyone_reads_it_and_an_endless_one_fails(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    certificate, key = issue(own.trusted, ["localhost"], key="ec:p256")
    with secure(certificate + own.trusted.cert_pem * 20 + key) as server:
        long = one(server.port, own.path)
    with secure(certificate + own.trusted.cert_pem * 400 + key) as server:
        endless = one(server.port, own.path)

    assert (long["result"], len(long["chain"])) == ("tls", 10)
    assert (endless["result"], endless["chain"]) == (
        "failed",
        [],
    )


def test_a_port_that_nobody_listens_on_is_refused() -> None:
    found = one(refused())

    assert (found["result"], found["reason"]) == ("refused", "127.0.0.1: connection refused")
    assert (found["address"], found["addresses"]) == (None, ["127.0.0.1"])


def test_a_port_that_drops_everything_is_silent() -> None:
    with black_hole() as port:
        (found,) = asked(item(port), item_seconds=0.5)["handshakes"]

    assert (found["result"], found["reason"]) == ("timeout", "no connection within 0.5 seconds")
    assert found["address"] is None


def test_ipv6_is_spoken(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem("::1"), host="::1") as server:
        found = one(server.port, own.path, host="::1")

    assert (found["result"], found["address"]) == ("tls", "::1")


def test_a_name_stands_for_all_its_addresses_and_one_that_stands_for_none_is_unresolved(
    tmp_path: Path,
) -> None:
    own = fleet(tmp_path)
    with secure(own.pem()) as server:
        document, left = asked_apart(
            item(server.port, own.path, host="localhost"),
            item(server.port, own.path, host="nowhere.invalid"),
            item(server.port, own.path, host="x" * 70),
        )
    found, nowhere, long = document["handshakes"]

    assert (found["result"], found["address"]) == ("tls", "127.0.0.1")
    assert "127.0.0.1" in found["addresses"]
    assert (nowhere["result"], nowhere["addresses"]) == ("unresolved", [])
    assert long["result"] == "unresolved"
    assert server.connections == 1
    assert left == NOTHING


def test_answers_stand_in_the_order_of_the_plan(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem()) as server, silent() as other:
        ports = [server.port, other.port, refused(), server.port]
        found = asked(*(item(port) for port in ports), item_seconds=0.5, jitter=0.2)["handshakes"]

    assert [one["port"] for one in found] == ports
    assert [one["result"] for one in found] == ["tls", "timeout", "refused", "tls"]


def test_items_begin_within_the_jitter_and_not_at_once(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    begun: list[float] = []
    with secure(own.pem(), prelude=lambda _: begun.append(time.monotonic())) as server:
        started = time.monotonic()
        document = asked(*(item(server.port) for _ in range(12)), seconds=20, jitter=1)

    assert {one["result"] for one in document["handshakes"]} == {"tls"}
    assert max(begun) - min(begun) > 0.3
    assert max(begun) - started < 1.5


def test_fifty_endpoints_of_which_half_are_dead_end_within_the_limit_and_leave_nothing(
    tmp_path: Path,
) -> None:
    own = fleet(tmp_path)
    with ExitStack() as stack:
        good = [stack.enter_context(secure(own.pem())) for _ in range(25)]
        holes = [stack.enter_context(black_hole()) for _ in range(8)]
        quiet = [stack.enter_context(silent()).port for _ in range(6)]
        slow = [stack.enter_context(dripping(b"\x16\x03\x03\x40\x00")).port for _ in range(3)]
        dead = [*holes, *quiet, *slow, *(refused() for _ in range(8))]
        ports = [port for pair in zip((one.port for one in good), dead, strict=True) for port in pair]
        started = time.monotonic()
        document, left = asked_apart(*(item(port, own.path) for port in ports), item_seconds=1, seconds=20)
        seconds = time.monotonic() - started
    results = [one["result"] for one in document["handshakes"]]

    assert results[::2] == ["tls"] * 25
    assert results[1::2] == ["timeout"] * 17 + ["refused"] * 8
    assert document["incomplete"] == []
    assert seconds < 5
    assert [one.connections for one in good] == [1] * 25
    assert left == NOTHING


def test_what_the_limit_of_the_whole_cuts_off_is_named_and_not_called_silent(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem()) as server, ExitStack() as stack:
        quiet = [stack.enter_context(silent()).port for _ in range(20)]
        started = time.monotonic()
        document, left = asked_apart(
            item(server.port, own.path), *(item(port) for port in quiet), item_seconds=5, seconds=1
        )
        seconds = time.monotonic() - started
    results = [one["result"] for one in document["handshakes"]]

    assert results == ["tls"] + ["unasked"] * 20
    assert {one["reason"] for one in document["handshakes"][1:]} == {
        "the time limit of 1 seconds passed first"
    }
    assert document["incomplete"] == ["20 of 21 endpoints were not asked to the end"]
    assert seconds < 4
    assert left == NOTHING


def test_a_file_that_does_not_answer_holds_nothing_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pem")
    found = one(refused(), tmp_path / "pipe.pem")

    assert (found["result"], found["reason"]) == (
        "failed",
        f"{tmp_path}/pipe.pem cannot be read: not a regular file",
    )


def test_an_item_that_makes_no_sense_ends_the_rest_but_raises_nothing(tmp_path: Path) -> None:
    document = asked({**item(refused()), "trust": None, "verify": True}, item(refused()))

    assert document["incomplete"][0].startswith("the probe failed: TypeError at trust.py:")
    assert [one["result"] for one in document["handshakes"]] == ["unasked", "unasked"]


def test_no_thread_is_started_here(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem()) as server:
        before = threading.active_count()
        asked(item(server.port, own.path), seconds=5)

        assert threading.active_count() <= before + 1  # the server's own, for the connection


def test_the_system_trusts_what_the_host_trusts(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem()) as server:
        asking = item(server.port, own.path, trust={"kind": "system", "path": None})
        known, _ = asked_apart(asking, environment={"SSL_CERT_FILE": str(own.path)})
        unknown, _ = asked_apart(asking)

    assert known["handshakes"][0]["verified"] is True
    assert unknown["handshakes"][0]["result"] == "rejected"
