"""The planes are what the other tests take them for: real services that talk through TLS and nothing else."""

import json

import pytest

from tests.cloud.cloud import RELEASES, Cloud
from tests.cloud.configuration import CELLS, LOGIN

pytestmark = pytest.mark.real


def test_the_broker_calls_every_connection_encrypted(cloud: Cloud) -> None:
    told = cloud.broker.ask("list_connections", "vhost", "ssl", "user", "--formatter", "json")
    known = {(one["vhost"], one["user"], one["ssl"]) for one in json.loads(told)}
    ends = [plane.ends for plane in cloud.planes.values()]

    assert known == {(one.vhost(cell), LOGIN, True) for one in ends for cell in ("", *CELLS)}


def test_the_database_lets_nobody_in_without_tls(cloud: Cloud) -> None:
    told = cloud.database.execute(
        "SELECT DISTINCT db FROM information_schema.PROCESSLIST WHERE user = 'nova'"
    )
    ends = [plane.ends for plane in cloud.planes.values()]
    used = {schema for schema in told.split() if schema != "NULL"}

    assert cloud.database.execute("SELECT @@require_secure_transport, @@have_ssl").split() == ["1", "YES"]
    assert used >= {one.schema(name) for one in ends for name in ("api", "cell0", *CELLS)}


@pytest.mark.parametrize("release", RELEASES)
def test_the_services_report_to_their_cells(cloud: Cloud, release: str) -> None:
    ends = cloud.planes[release].ends
    schemas = [ends.schema(cell) for cell in ("cell0", *CELLS)]
    asked = "".join(f"SELECT `binary` FROM {schema}.services;\n" for schema in schemas)  # noqa: S608

    assert sorted(cloud.database.execute(asked).split()) == [
        *["nova-conductor"] * 3,
        "nova-osapi_compute",
        "nova-scheduler",
    ]
