"""Real servers, and every Python at hand: what they answer, and what they think of being asked."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Any

import pytest

from auditor.collect import payload
from tests.certificates import authority, issue
from tests.conformance.test_old_interpreters import interpreters
from tests.listeners import black_hole, secure
from tests.probe.asking import Fleet, fleet, item, one
from tests.probe.test_wire import TLS_1_2, TLS_1_3
from tests.servers import Server, mariadb, postgresql, rabbitmq

pytestmark = pytest.mark.real


@contextmanager
def heard(server: Server) -> Iterator[list[str]]:
    """What a server says meanwhile."""
    before = server.log.stat().st_size
    said: list[str] = []
    yield said
    time.sleep(1)
    text = server.log.read_bytes()[before:].decode(errors="replace")
    said.extend(line for line in text.splitlines() if line.strip())


def pair(own: Fleet) -> tuple[bytes, bytes]:
    return issue(own.trusted, ["localhost", "127.0.0.1"])


def test_rabbitmq_is_verified_in_silence_and_its_plain_port_seen(tmp_path: Path) -> None:
    own, other = fleet(tmp_path), fleet(tmp_path, "other")
    with rabbitmq(*pair(own), has_plain_port=True) as server:
        with heard(server) as said:
            good = one(server.port, own.path)
        rejected = one(server.port, other.path)
        plain = one(server.plain_port, own.path)
        server.ask("list_users")

    assert (good["result"], good["verified"], good["version"]) == ("tls", True, "TLSv1.3")
    assert said == []
    assert (rejected["result"], len(rejected["chain"])) == ("rejected", 1)
    assert (plain["result"], plain["reason"]) == ("plaintext", "it answered with AMQP where TLS was due")


def test_rabbitmq_that_insists_on_a_client_is_seen_to(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    for name, content in zip(("cert", "key"), issue(own.trusted, [], client=True), strict=True):
        (tmp_path / name).write_bytes(content)
    shown = {"certificate": f"{tmp_path}/cert", "key": f"{tmp_path}/key"}
    with rabbitmq(
        *pair(own), own.trusted.cert_pem, settings="ssl_options.fail_if_no_peer_cert = true"
    ) as server:
        without = one(server.port, own.path)
        having = one(server.port, own.path, client=shown)

    assert (without["result"], without["asks_client"]) == ("failed", True)
    assert "certificate required" in without["reason"]
    assert (having["result"], having["asks_client"]) == ("tls", True)


def test_mariadb_counts_one_aborted_connection(tmp_path: Path) -> None:
    own, other = fleet(tmp_path), fleet(tmp_path, "other")
    count = "SHOW GLOBAL STATUS LIKE 'Aborted_connects'"
    with mariadb(*pair(own)) as server:
        before = int(server.ask(count).split()[-1])
        with heard(server) as said:
            good = one(server.port, own.path, protocol="mysql")
        after = int(server.ask(count).split()[-1])
        rejected = one(server.port, other.path, protocol="mysql")

    assert (good["result"], good["verified"]) == ("tls", True)
    assert after == before + 1
    assert len(said) == 1
    assert "This connection closed normally without authentication" in said[0]
    assert (rejected["result"], len(rejected["chain"])) == ("rejected", 1)


def test_mariadb_without_tls_says_so(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with mariadb(*pair(own), options=["--skip-ssl"]) as server:
        assert one(server.port, own.path, protocol="mysql")["result"] == "plaintext"


def test_postgresql_says_nothing_of_being_asked(tmp_path: Path) -> None:
    own, other = fleet(tmp_path), fleet(tmp_path, "other")
    with postgresql(*pair(own)) as server:
        with heard(server) as said:
            good = one(server.port, own.path, protocol="postgresql")
        rejected = one(server.port, other.path, protocol="postgresql")

    assert (good["result"], good["verified"]) == ("tls", True)
    assert said == []
    assert (rejected["result"], len(rejected["chain"])) == ("rejected", 1)


def test_postgresql_without_tls_says_so(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with postgresql(*pair(own), settings={"ssl": "off"}) as server:
        assert one(server.port, own.path, protocol="postgresql")["result"] == "plaintext"


def answered(interpreter: str, *items: Any) -> Any:
    """What the payload answers with an interpreter, but for what differs from run to run."""
    text = payload.wire_script({"host": "h", "salt_id": "s", "wire": items, "item_seconds": 5})
    done = subprocess.run([interpreter, "-I", "-"], input=text.encode(), capture_output=True, check=True)
    document = payload.answer(done.stdout)

    assert document is not None
    assert (document["incomplete"], done.stderr) == ([], b"")
    return [{**one, "seconds": 0} for one in document["handshakes"]]


def test_every_python_at_hand_sees_the_same(tmp_path: Path) -> None:
    own, other = fleet(tmp_path), fleet(tmp_path, "other")
    middle = authority("middle", by=own.trusted)
    certificate, key = issue(middle, ["localhost"], key="ec:p256")
    pem = certificate + middle.cert_pem + key
    clients = own.trusted.cert_pem
    with secure(pem, versions=TLS_1_2) as server, secure(pem, versions=TLS_1_2, clients=clients) as asking:
        items = [
            item(server.port, own.path, host="localhost", server_name="localhost"),
            item(server.port, other.path),
            item(server.port),
            item(asking.port, own.path),
        ]
        here = interpreters()
        found = {version: answered(interpreter, *items) for version, interpreter in here.items()}
    newest = list(found.values())[-1]

    assert len(found) >= 2
    assert [one["result"] for one in newest] == ["tls", "rejected", "tls", "tls"]
    assert [one["asks_client"] for one in newest] == [False, None, False, True]
    assert [len(one["chain"]) for one in newest] == [2, 2, 2, 2]
    for version, seen in found.items():
        words = (
            {}
            if version != "3.6"
            else {name: newest[1][name] for name in ("verify_error", "verify_code", "reason")}
        )
        assert [seen[0], {**seen[1], **words}, *seen[2:]] == newest, version


def test_the_newest_tls_is_spoken_where_python_shows_its_messages(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem()) as server:
        found = {
            version: answered(interpreter, item(server.port, own.path))[0]
            for version, interpreter in interpreters().items()
        }

    for version, seen in found.items():
        expected = "TLSv1.2" if version in ("3.6", "3.7") else "TLSv1.3"
        assert (seen["result"], seen["version"], len(seen["chain"])) == ("tls", expected, 1), version


def test_a_server_of_tls_1_3_alone_is_named_where_python_cannot_offer_it(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    with secure(own.pem(), versions=TLS_1_3) as server:
        found = {
            version: answered(interpreter, item(server.port, own.path))[0]
            for version, interpreter in interpreters().items()
        }

    for version, seen in found.items():
        if version in ("3.6", "3.7"):
            assert seen["result"] == "failed"
            assert seen["reason"].startswith("it speaks newer versions only than TLS 1.2")
        else:
            assert seen["result"] == "tls", version


_OTHER_HOSTS = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'


def test_the_next_address_is_tried_where_one_does_not_answer(tmp_path: Path) -> None:
    own = fleet(tmp_path)
    (tmp_path / "hosts").write_text("127.0.0.1 two.example\n127.0.0.2 two.example\n127.0.0.3 two.example\n")
    with secure(own.pem("two.example"), host="127.0.0.3") as server, black_hole(("127.0.0.2", server.port)):
        text = payload.wire_script(
            {
                "host": "h",
                "salt_id": "s",
                "wire": [item(server.port, own.path, host="two.example")],
                "item_seconds": 3,
            }
        )
        script = ["unshare", "--mount", "sh", "-c", _OTHER_HOSTS, "sh", str(tmp_path / "hosts")]
        done = subprocess.run(
            [*script, sys.executable, "-I", "-"], input=text.encode(), capture_output=True, check=True
        )
    document = payload.answer(done.stdout)

    assert document is not None
    (found,) = document["handshakes"]
    assert (found["result"], found["verified"], found["address"]) == ("tls", True, "127.0.0.3")
    assert found["addresses"] == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    assert 1 < found["seconds"] < 3
    assert server.connections == 1


_OTHER_RESOLVER = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'


@contextmanager
def without_names(folder: Path, seconds: int) -> Iterator[tuple[list[str], bytes]]:
    """A command, and its input, that asks two endpoints, for one of which a name server would have to answer."""
    (folder / "resolv.conf").write_text("nameserver 127.0.0.99\n")
    asked = {"host": "h", "salt_id": "s", "wire": [item(1, host="broker.example.org"), item(1)]}
    text = payload.wire_script({**asked, "item_seconds": 1, "seconds": seconds})
    script = ["unshare", "--mount", "sh", "-c", _OTHER_RESOLVER, "sh", str(folder / "resolv.conf")]
    with closing(socket(AF_INET, SOCK_DGRAM)) as server:
        server.bind(("127.0.0.99", 53))
        yield [*script, sys.executable, "-I", "-"], text.encode()


def test_a_name_server_that_is_silent_holds_nothing_up(tmp_path: Path) -> None:
    with without_names(tmp_path, 20) as (command, text):
        started = time.monotonic()
        done = subprocess.run(command, input=text, capture_output=True, check=True)
        seconds = time.monotonic() - started
    document = payload.answer(done.stdout)

    assert document is not None
    assert [one["result"] for one in document["handshakes"]] == ["unresolved", "refused"]
    assert document["handshakes"][0]["reason"] == "the resolver gave no answer within 1 seconds"
    assert seconds < 3


def test_who_asks_for_names_ends_even_if_the_probe_is_killed(tmp_path: Path) -> None:
    with without_names(tmp_path, 3) as (command, text):
        probe = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert probe.stdin is not None
        with probe.stdin as stream:
            stream.write(text)
        (child,) = eventually(lambda: children(probe.pid))
        probe.kill()
        probe.wait()

        assert eventually(lambda: not Path(f"/proc/{child}").exists())


def children(pid: int) -> list[int]:
    """The children that run what their parent does: those of the shell before it do not."""
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(word) for word in words if "-I" in Path(f"/proc/{word}/cmdline").read_text().split("\0")]


def eventually(ask: Callable[[], Any]) -> Any:
    """What is true before ten seconds have passed."""
    ends = time.monotonic() + 10
    while not (found := ask()) and time.monotonic() < ends:
        time.sleep(0.05)
    return found
