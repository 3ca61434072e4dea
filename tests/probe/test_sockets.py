"""The sockets of processes, from a made procfs and from the real one."""

import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from auditor.probe import sockets
from auditor.probe.filesystem import OutOfTime

HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTEN, ESTABLISHED, TIME_WAIT = "0A", "01", "06"


def never() -> None:
    """A clock that does not run out."""


def end(place: str) -> str:
    """An address and port as the kernel of this machine writes them."""
    host, _, port = place.rpartition(":")
    packed = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    return "".join(f"{word:08X}" for word in words) + f":{int(port):04X}"


def table(*rows: tuple[str, str, str, int]) -> str:
    """A table of the kernel, by rows of own end, other end, state and inode."""
    lines = [
        f"{number:4}: {end(own)} {end(other)} {state} 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1 0 100\n"
        for number, (own, other, state, inode) in enumerate(rows)
    ]
    return HEADING + "".join(lines)


def process(
    proc: Path,
    pid: int | str,
    held: Sequence[int] = (),
    tcp: str | None = HEADING,
    tcp6: str | None = None,
    namespace: str = "net:[1]",
    comm: str = "nova-conductor",
) -> Path:
    """Make a process that holds the sockets of these inodes."""
    folder = proc / str(pid)
    for name in ("fd", "ns", "net"):
        (folder / name).mkdir(parents=True)
    (folder / "ns/net").symlink_to(namespace)
    (folder / "stat").write_text(f"{pid} (a ) b) S 1 1 1\n")
    (folder / "comm").write_text(f"{comm}\n")
    (folder / "fd/0").symlink_to("/dev/null")
    for number, inode in enumerate(held, 3):
        (folder / f"fd/{number}").symlink_to(f"socket:[{inode}]")
    for file, text in (("tcp", tcp), ("tcp6", tcp6)):
        if text is not None:
            (folder / "net" / file).write_text(text)
    return folder


def peers(found: sockets.Sockets, *pids: int) -> list[tuple[object, ...]]:
    """The connections of processes, as tuples."""
    rows, reason = found.connections(pids)

    assert reason == ""
    assert rows is not None
    return [tuple(row.values()) for row in rows]


def test_the_other_ends_are_read_in_the_byte_order_of_the_host(tmp_path: Path) -> None:
    tcp = table(("10.0.0.5:40000", "192.0.2.1:5671", ESTABLISHED, 11))
    tcp6 = table(
        ("2001:db8::5:40001", "2001:db8::1:3306", ESTABLISHED, 12),
        ("::ffff:10.0.0.5:40002", "::ffff:192.0.2.7:11211", ESTABLISHED, 13),
    )
    process(tmp_path, 7, [11, 12, 13], tcp, tcp6)

    assert peers(sockets.Sockets(str(tmp_path), never), 7) == [
        ("192.0.2.1", 5671, 1),
        ("192.0.2.7", 11211, 1),
        ("2001:db8::1", 3306, 1),
    ]


def test_sockets_of_others_and_those_that_are_closing_are_left_out(tmp_path: Path) -> None:
    tcp = table(
        ("10.0.0.5:40000", "192.0.2.1:5671", ESTABLISHED, 11),
        ("10.0.0.5:40001", "192.0.2.2:5671", ESTABLISHED, 12),
        ("10.0.0.5:40002", "192.0.2.3:5671", TIME_WAIT, 0),
    )
    process(tmp_path, 7, [12, 99], tcp)

    assert peers(sockets.Sockets(str(tmp_path), never), 7) == [("192.0.2.2", 5671, 1)]


def test_a_socket_that_workers_share_counts_once(tmp_path: Path) -> None:
    tcp = table(
        ("10.0.0.5:40000", "192.0.2.1:5671", ESTABLISHED, 11),
        ("10.0.0.5:40001", "192.0.2.1:5671", ESTABLISHED, 12),
    )
    for pid, held in ((7, [11]), (8, [11, 12])):
        process(tmp_path, pid, held, tcp)

    assert peers(sockets.Sockets(str(tmp_path), never), 7, 8) == [("192.0.2.1", 5671, 2)]


@pytest.mark.parametrize("listening", ["0.0.0.0:8774", "10.0.0.5:8774", ":::8774"])
def test_what_others_opened_to_a_listener_is_no_peer(tmp_path: Path, listening: str) -> None:
    accepted = ("10.0.0.5:8774", "198.51.100.9:50123", ESTABLISHED, 12)
    row = (listening, ":::0" if listening.startswith("::") else "0.0.0.0:0", LISTEN, 11)
    process(tmp_path, 7, [11, 12], table(row, accepted))

    assert peers(sockets.Sockets(str(tmp_path), never), 7) == []


def test_each_namespace_has_a_table_of_its_own(tmp_path: Path) -> None:
    process(tmp_path, 7, [11], table(("10.0.0.5:40000", "192.0.2.1:5671", ESTABLISHED, 11)))
    other = table(("10.9.0.5:40000", "192.0.2.2:5671", ESTABLISHED, 12))
    process(tmp_path, 8, [12], other, namespace="net:[2]")

    assert peers(sockets.Sockets(str(tmp_path), never), 7, 8) == [
        ("192.0.2.1", 5671, 1),
        ("192.0.2.2", 5671, 1),
    ]


def test_a_process_without_connections_is_told_from_one_that_was_not_seen(tmp_path: Path) -> None:
    process(tmp_path, 7)
    found = sockets.Sockets(str(tmp_path), never)

    assert found.connections([7]) == ([], "")
    assert found.connections([8]) == (None, "its processes ended while they were looked at")


def test_a_process_that_ends_meanwhile_takes_nothing_with_it(tmp_path: Path) -> None:
    tcp = table(("10.0.0.5:40000", "192.0.2.1:5671", ESTABLISHED, 11))
    process(tmp_path, 7, [11], tcp)
    gone = process(tmp_path, 8, [12], tcp)
    (gone / "stat").unlink()
    (gone / "ns/net").unlink()

    assert peers(sockets.Sockets(str(tmp_path), never), 7, 8) == [("192.0.2.1", 5671, 1)]


def test_a_zombie_is_gone(tmp_path: Path) -> None:
    process(tmp_path, 7)
    zombie = process(tmp_path, 8)
    (zombie / "stat").write_text("8 (nova) Z 1 1 1\n")
    (zombie / "ns/net").unlink()

    assert sockets.Sockets(str(tmp_path), never).connections([7, 8]) == ([], "")


def test_a_living_process_whose_table_is_missing_was_not_seen(tmp_path: Path) -> None:
    process(tmp_path, 7, [11], tcp=None)
    found = sockets.Sockets(str(tmp_path), never)

    assert found.connections([7]) == (None, "the sockets of its network namespace: no such file or directory")
    assert found.denied == {7}


@pytest.mark.parametrize("row", ["0500000A:9C40 0100A8C0:1627", "XYZ:1 0500000A:0001"])
def test_a_table_of_another_form_was_not_seen(tmp_path: Path, row: str) -> None:
    text = f"{HEADING}   0: {row.replace(':1627', ':16270')} 01 0:0 0:0 0 0 0 11 1\n"
    process(tmp_path, 7, [11], text)
    rows, reason = sockets.Sockets(str(tmp_path), never).connections([7])

    assert rows is None
    assert reason == "the table of sockets has another form than Linux gives it"


def test_a_service_that_is_connected_everywhere_was_not_seen_as_a_whole(tmp_path: Path) -> None:
    rows = [
        (f"10.0.0.5:{40000 + n}", f"10.1.{n // 200}.{n % 200}:5900", ESTABLISHED, 100 + n)
        for n in range(2001)
    ]
    process(tmp_path, 7, [100 + n for n in range(2001)], table(*rows))

    assert sockets.Sockets(str(tmp_path), never).connections([7]) == (
        None,
        "it is connected to more than 2000 others",
    )


def listed(found: sockets.Sockets, roots: Mapping[int, str]) -> list[tuple[object, ...]]:
    """The listeners of a host, as tuples."""
    rows, reason = found.listeners(roots)

    assert reason == ""
    assert rows is not None
    return [tuple(row.values()) for row in rows]


def test_listeners_are_told_with_their_program_and_their_container(tmp_path: Path) -> None:
    tcp = table(
        ("10.0.0.5:5672", "0.0.0.0:0", LISTEN, 11),
        ("127.0.0.1:2049", "0.0.0.0:0", LISTEN, 12),
        ("10.0.0.5:40000", "192.0.2.1:5671", ESTABLISHED, 13),
    )
    inside = table((":::3306", ":::0", LISTEN, 21))
    process(tmp_path, "self", tcp=tcp)
    process(tmp_path, 100, [11, 13], tcp, comm="beam.smp")
    process(tmp_path, 200, [21], HEADING, inside, "net:[2]", "mariadbd")

    assert listed(sockets.Sockets(str(tmp_path), never), {200: "mariadb"}) == [
        ("10.0.0.5", 5672, "beam.smp", 100, ""),
        ("127.0.0.1", 2049, None, None, ""),
        ("::", 3306, "mariadbd", 200, "mariadb"),
    ]


def test_workers_that_share_a_port_are_one_listener(tmp_path: Path) -> None:
    rows = [("10.0.0.5:8774", "0.0.0.0:0", LISTEN, inode) for inode in (11, 12, 13)]
    process(tmp_path, "self", tcp=table(*rows))
    for pid, inode in ((9, 11), (10, 12), (30, 13)):
        process(tmp_path, pid, [inode], comm="uwsgi")

    assert listed(sockets.Sockets(str(tmp_path), never), {}) == [("10.0.0.5", 8774, "uwsgi", 9, "")]


def test_a_container_on_the_network_of_its_host_has_no_listeners_of_its_own(tmp_path: Path) -> None:
    tcp = table(("10.0.0.5:5672", "0.0.0.0:0", LISTEN, 11))
    process(tmp_path, "self", tcp=tcp)
    process(tmp_path, 100, [11], tcp, comm="beam.smp")

    assert listed(sockets.Sockets(str(tmp_path), never), {100: "rabbitmq"}) == [
        ("10.0.0.5", 5672, "beam.smp", 100, "")
    ]


def test_a_container_whose_listeners_were_not_seen_is_told(tmp_path: Path) -> None:
    process(tmp_path, "self", tcp=table(("10.0.0.5:22", "0.0.0.0:0", LISTEN, 11)))
    process(tmp_path, 100, tcp=None, namespace="net:[2]")
    rows, reason = sockets.Sockets(str(tmp_path), never).listeners({100: "rabbitmq"})

    assert rows is not None
    assert [row["port"] for row in rows] == [22]
    assert (
        reason == "the listeners of rabbitmq: the sockets of its network namespace: no such file or directory"
    )


def test_a_host_whose_table_is_missing_was_not_seen(tmp_path: Path) -> None:
    assert sockets.Sockets(str(tmp_path), never).listeners({})[0] is None


def test_the_name_of_a_program_is_told_only_where_it_is_a_name(tmp_path: Path) -> None:
    process(tmp_path, "self", tcp=table(("10.0.0.5:22", "0.0.0.0:0", LISTEN, 11)))
    process(tmp_path, 9, [11], comm="\x1b[31m'`")

    assert listed(sockets.Sockets(str(tmp_path), never), {}) == [("10.0.0.5", 22, None, 9, "")]


def large(proc: Path) -> list[int]:
    """A host with 100,000 sockets and 200 processes of 1,000 descriptors each, 500 of them sockets."""
    rows = [
        (f"10.0.0.5:{n % 60000 + 1024}", f"10.1.{n % 250}.1:5671", ESTABLISHED, n) for n in range(1, 100_001)
    ]
    tcp = proc / "tcp"
    tcp.write_text(table(*rows))
    pids = list(range(1000, 1200))
    for pid in pids:
        folder = process(proc, pid, range((pid - 1000) * 500 + 1, (pid - 999) * 500 + 1), tcp=None)
        (folder / "net/tcp").symlink_to(tcp)
        for number in range(600, 1100):
            (folder / f"fd/{number}").symlink_to("/var/log/nova/nova.log")
    process(proc, "self", tcp=None)
    (proc / "self/net/tcp").symlink_to(tcp)
    return pids


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[int]]:
    proc = tmp_path_factory.mktemp("proc")
    return str(proc), large(proc)


def test_a_crowded_host_is_read_in_seconds(crowded: tuple[str, list[int]]) -> None:
    proc, pids = crowded
    started = time.monotonic()
    found = sockets.Sockets(proc, never)
    rows = [found.connections([pid])[0] for pid in pids]

    assert time.monotonic() - started < 10
    assert [len(row or ()) for row in rows] == [250] * 200
    assert sum(len(peers(found, *pids)) for _ in range(2)) == 500


def test_the_clock_is_looked_at_all_the_time(crowded: tuple[str, list[int]]) -> None:
    proc, pids = crowded
    looks = 0

    def expire() -> None:
        nonlocal looks
        looks += 1
        if looks > 50:
            raise OutOfTime("the time limit passed")

    with pytest.raises(OutOfTime):
        sockets.Sockets(proc, expire).connections(pids)


@contextmanager
def connected(family: int, host: str) -> Iterator[tuple[int, int, int]]:
    """A connection of this process to itself: the ports of its listener, of its client, and the pid."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server((host, 0), family=family))
        client = stack.enter_context(socket.create_connection(server.getsockname()[:2]))
        accepted, _ = server.accept()
        stack.enter_context(accepted)
        yield server.getsockname()[1], client.getsockname()[1], os.getpid()


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_real_procfs_shows_a_real_connection_and_its_listener(family: int, host: str) -> None:
    with connected(family, host) as (port, own, pid):
        found = sockets.Sockets("/proc", never)
        listeners = listed(found, {})
        others = peers(found, pid)

    name = Path("/proc/self/comm").read_text().strip()
    assert (host, port, 1) in others
    assert (host, own, 1) not in others
    assert (host, port, name, pid, "") in listeners


def test_a_real_connection_over_a_socket_of_both_protocols_shows_its_ipv4_address() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        client = stack.enter_context(socket.socket(socket.AF_INET6))
        client.connect(("::ffff:127.0.0.1", server.getsockname()[1]))
        others = peers(sockets.Sockets("/proc", never), os.getpid())

    assert ("127.0.0.1", server_port(others), 1) in others


def server_port(others: list[tuple[object, ...]]) -> object:
    """The port of the one peer that is this machine."""
    (port,) = [port for address, port, _ in others if address == "127.0.0.1"]
    return port


def test_what_belongs_to_another_user_is_denied_and_not_none() -> None:
    if os.getuid() != 0:
        pids, run = [1], in_place
    else:
        pids, run = [os.getpid()], as_nobody
    rows, reason, denied = run(pids)

    assert rows is None
    assert "permission denied" in reason
    assert denied == set(pids)


def in_place(pids: Sequence[int]) -> tuple[object, str, set[int]]:
    """What this user sees of processes."""
    found = sockets.Sockets("/proc", never)
    rows, reason = found.connections(pids)
    return rows, reason, found.denied


def as_nobody(pids: Sequence[int]) -> tuple[object, str, set[int]]:
    """What nobody sees of processes."""
    script = (
        "import json, os, sys; sys.path.insert(0, sys.argv[1]); import sockets; os.setgid(65534); os.setuid(65534)\n"
        "found = sockets.Sockets('/proc', lambda: None)\n"
        "print(json.dumps([*found.connections([int(pid) for pid in sys.argv[2:]]), sorted(found.denied)]))"
    )
    folder = str(Path(sockets.__file__).parent)
    asked = [sys.executable, "-I", "-c", script, folder, *map(str, pids)]
    rows, reason, denied = json.loads(subprocess.check_output(asked, text=True))
    return rows, reason, set(denied)


def test_a_process_that_dies_during_the_read_leaves_the_others() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    looks = 0

    def kill() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            child.kill()
            child.wait()

    with connected(socket.AF_INET, "127.0.0.1") as (port, _, pid):
        others = peers(sockets.Sockets("/proc", kill), child.pid, pid)

    assert ("127.0.0.1", port, 1) in others
