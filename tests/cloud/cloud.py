"""Both control planes and the servers between them, from nothing in half a minute."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import certificates
from tests.cloud import servers
from tests.cloud.configuration import CELLS, HOST, OPEN, SCHEMAS, Ends
from tests.cloud.plane import Plane, fill, laid_out
from tests.conformance.servers.process import STARTING, free_ports

RELEASES = ("zed", "2026.2")

#: How many processes of a plane connect to the broker as they start: two of each conductor, and the scheduler's.
CONNECTED = 7


@dataclass(frozen=True, slots=True)
class Cloud:
    """All that runs: planes by release, their servers, the authority that all trust, and one that nobody does."""

    folder: Path
    planes: Mapping[str, Plane]
    broker: servers.Broker
    database: servers.Database
    authority: certificates.Authority
    other: certificates.Authority


def certificate(
    authority: certificates.Authority, names: Sequence[str] = (HOST, "127.0.0.1"), days: float = 365
) -> bytes:
    """A server's certificate and its key."""
    return b"".join(certificates.issue(authority, names, days))


@contextmanager
def reachable(address: str) -> Iterator[None]:
    """Have the loopback interface answer to one more address."""
    words = (f"{address}/32", "dev", "lo")
    subprocess.run(["ip", "address", "replace", *words], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "address", "delete", *words], check=False)


def settle(port: int, connections: int) -> None:
    """Wait until so many clients are connected to a port: services say that they are ready a little earlier."""
    deadline = time.monotonic() + STARTING
    command = ["ss", "-Htn", "state", "established", "sport", "=", f":{port}"]
    while len(subprocess.run(command, capture_output=True, check=True).stdout.splitlines()) < connections:
        assert time.monotonic() < deadline, "the services are not connected to the broker"
        time.sleep(0.2)


@contextmanager
def started(releases: Sequence[str] = RELEASES) -> Iterator[Cloud]:
    """Run the planes of some releases, and the servers that they share, to the end of the block."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="cloud-", dir="/tmp"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        stack.enter_context(reachable(OPEN))
        authority, other = certificates.authority("cloud"), certificates.authority("elsewhere")
        amqp, epmd, distribution, mysql, keystone, *web = free_ports(5 + 2 * len(releases))
        ends = [
            Ends(release, amqp, mysql, web.pop(), web.pop(), keystone, folder / release / "ca.pem")
            for release in releases
        ]
        schemas = [one.schema(name) for one in ends for name in SCHEMAS]
        vhosts = [one.vhost(cell) for one in ends for cell in ("", *CELLS)]
        # Two at a time, for that many processors; the broker mostly waits.
        with ThreadPoolExecutor(2) as pool, ThreadPoolExecutor(1) as apart:
            brokers = apart.submit(
                stack.enter_context,
                servers.broker(folder / "broker", (amqp, epmd, distribution), certificate(authority), vhosts),
            )
            laying = [
                pool.submit(laid_out, folder / one.release, one, authority.cert_pem, certificate(authority))
                for one in ends
            ]
            database = stack.enter_context(
                servers.database(folder / "database", mysql, certificate(authority), schemas)
            )
            regions = {one.label: f"https://{HOST}:{one.placement}" for one in ends}
            stack.enter_context(
                servers.identity(folder / "identity", keystone, certificate(authority), regions)
            )
            planes = {plane.ends.release: plane for plane in (done.result() for done in laying)}
            for plane in planes.values():
                for services in plane.stacks.values():
                    stack.callback(services.close)
            list(pool.map(lambda plane: fill(plane, database), planes.values()))
            broker = brokers.result()
            starts = [(plane, name) for plane in planes.values() for name in plane.services]
            list(pool.map(lambda start: start[0].start(start[1]), starts))
        settle(amqp, CONNECTED * len(releases))
        yield Cloud(folder, planes, broker, database, authority, other)
