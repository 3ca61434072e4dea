"""One change at a time turns exactly the findings that it should; undone, it leaves none."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.cloud import changes
from tests.cloud.cloud import RELEASES, Cloud, certificate
from tests.cloud.configuration import CELLS, HOST, OPEN
from tests.cloud.seen import Finding, audit

pytestmark = pytest.mark.real

#: The findings that a change brings, given the change and what is asked besides.
Turn = Callable[..., frozenset[Finding]]

CONDUCTORS = ("nova-conductor", *(f"nova-conductor/{cell}" for cell in CELLS))
NOVA = (*CONDUCTORS, "nova-scheduler", "nova-api")
ALL = tuple(f"{release}/{name}" for release in RELEASES for name in NOVA)


@pytest.fixture(scope="module")
def turned(cloud: Cloud) -> Turn:
    before: dict[tuple[str, ...], frozenset[Finding]] = {}

    def turned(change: AbstractContextManager[None], *asked: str) -> frozenset[Finding]:
        if asked not in before:
            before[asked] = audit(*asked).findings
        with change:
            now = audit(*asked).findings

        assert now >= before[asked], "a change for the worse must not turn a finding into something else"

        return now - before[asked]

    return turned


def failing(
    check: str, services: Sequence[str] = ("",), objects: Sequence[str] = ("",)
) -> frozenset[Finding]:
    """Failures of a check, of each service and each of these objects."""
    return frozenset(Finding(check, service, one, "fail") for service in services for one in objects)


def test_a_file_edited_without_a_restart(cloud: Cloud, turned: Turn) -> None:
    file = cloud.planes["zed"].nova / "nova.conf"
    change = changes.edited(file, "rpc_response_timeout = 60", "rpc_response_timeout = 61")
    services = ["zed/nova-conductor", "zed/nova-scheduler", "zed/nova-api"]

    assert turned(change) == failing("files-newer-than-process", services)


def test_a_variable_of_the_environment_that_overrides_a_file(cloud: Cloud, turned: Turn) -> None:
    change = changes.restarted(cloud.planes["zed"], ["scheduler"], OS_DEFAULT__RPC_RESPONSE_TIMEOUT="61")

    assert turned(change) == failing("files-environment-overrides", ["zed/nova-scheduler"])


def test_a_drop_in_that_loses_to_the_file_of_the_command_line(cloud: Cloud, turned: Turn) -> None:
    plane = cloud.planes["zed"]
    home = plane.services["scheduler"].folder / ".nova"

    @contextmanager
    def dropped_in() -> Iterator[None]:
        (home / "nova.conf.d").mkdir(parents=True)
        (home / "nova.conf.d" / "50-timeout.conf").write_text("[DEFAULT]\nrpc_response_timeout = 90\n")
        try:
            with changes.restarted(plane, ["scheduler"]):
                yield
        finally:
            shutil.rmtree(home)

    # Where it lies, in the home of the service, is wrong in itself.
    checks = ("files-drop-in-overridden", "files-shadowed-in-home")

    assert turned(dropped_in()) == frozenset().union(
        *(failing(check, ["zed/nova-scheduler"]) for check in checks)
    )


def test_debug_logging(cloud: Cloud, turned: Turn) -> None:
    plane = cloud.planes["2026.2"]

    @contextmanager
    def debugging() -> Iterator[None]:
        file = plane.nova / "nova-cell1.conf"
        with changes.edited(file, "debug = false", "debug = true"), changes.restarted(plane, ["cell1"]):
            yield

    assert turned(debugging()) == failing("logging-debug-enabled", ["2026.2/nova-conductor/cell1"])


def test_a_plain_listener_of_the_broker(cloud: Cloud, turned: Turn) -> None:
    change = changes.broker_listens_in_the_clear(cloud)
    port, listener = (
        failing("servers-plaintext-port-open"),
        failing("servers-plaintext-listener", objects=["rabbitmq"]),
    )

    assert turned(change) == port
    assert turned(changes.broker_listens_in_the_clear(cloud), "--servers") == port | listener


def test_a_database_that_no_longer_requires_tls(cloud: Cloud, turned: Turn) -> None:
    switch = "SET GLOBAL require_secure_transport = {};".format
    change = changes.executed(cloud, switch("OFF"), switch("ON"))
    checks = ("servers-account-without-tls", "servers-tls-optional")

    assert turned(change, "--servers") == frozenset().union(
        *(failing(check, objects=["mysql"]) for check in checks)
    )


def test_a_broker_with_a_certificate_for_another_name(cloud: Cloud, turned: Turn) -> None:
    change = changes.broker_presents(cloud, certificate(cloud.authority, ["elsewhere.example"]))

    assert turned(change, "--live") == failing("messaging-certificate-name-missing", ALL, ["rpc"])


def test_a_broker_with_an_expired_certificate(cloud: Cloud, turned: Turn) -> None:
    change = changes.broker_presents(cloud, certificate(cloud.authority, days=-3))

    assert turned(change, "--live") == failing("messaging-certificate-expiring", ALL, ["rpc"])


def test_a_broker_with_a_certificate_of_another_authority(cloud: Cloud, turned: Turn) -> None:
    change = changes.broker_presents(cloud, certificate(cloud.other))

    assert turned(change, "--live") == failing("messaging-certificate-untrusted", ALL, ["rpc"])


def test_a_database_with_a_certificate_for_another_name(cloud: Cloud, turned: Turn) -> None:
    change = changes.database_presents(cloud, certificate(cloud.authority, ["elsewhere.example"]))
    check = "database-certificate-name-missing"
    placements = [f"{release}/placement-api" for release in RELEASES]
    expected = failing(check, ALL, ["database", "api_database"])

    assert turned(change, "--live") == expected | failing(check, placements, ["placement_database"])


def test_an_authority_that_was_swapped(cloud: Cloud, turned: Turn) -> None:
    ours, others = (one.cert_pem.decode() for one in (cloud.authority, cloud.other))
    change = changes.edited(cloud.planes["zed"].ends.authority, ours, others)
    nova = [f"zed/{name}" for name in NOVA]
    checking = ["zed/nova-api", "zed/placement-api"]

    assert turned(change, "--live") == (
        failing("messaging-certificate-untrusted", nova, ["rpc"])
        | failing("database-certificate-untrusted", nova, ["database", "api_database"])
        | failing("database-certificate-untrusted", ["zed/placement-api"], ["placement_database"])
        | failing("clients-certificate-untrusted", nova, ["placement"])
        | failing("clients-certificate-untrusted", checking, ["keystone_authtoken"])
    )


def test_a_cell_that_is_mapped_without_tls(cloud: Cloud, turned: Turn) -> None:
    ends = cloud.planes["zed"].ends
    map_to = f"UPDATE {ends.schema('api')}.cell_mappings SET database_connection = '{{}}' WHERE name = 'cell1';".format  # noqa: S608
    url = ends.connection("cell1")
    bare = url.replace(f"@{HOST}:", f"@{OPEN}:").replace(f"&ssl_ca={ends.authority}", "")
    change = changes.executed(cloud, map_to(bare), map_to(url))
    services = [f"zed/{name}" for name in NOVA]

    assert turned(change, "--cells") == failing("database-plaintext", services, ["cell:cell1:database"])


def test_what_was_undone_leaves_no_finding(turned: Turn) -> None:
    @contextmanager
    def nothing() -> Iterator[None]:
        yield

    assert turned(nothing(), "--live") == frozenset()
