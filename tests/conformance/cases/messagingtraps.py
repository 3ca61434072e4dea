"""The traps of messaging that speak of a posture, as cases: area A of `tests/traps/traps.json`, and area F by heart."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_TRAPS = Path(__file__).parents[2] / "traps" / "traps.json"

#: Templates of cells, which are asked as `tests.conformance.cases.cells`.
_CELLS = ("A44", "A45")
_TWO = "[DEFAULT]\ntransport_url = rabbit://nova:pw@r1:5672,nova:pw@r2:5672/\n"

#: The traps of area F about brokers and queues: what their files say.
_QUEUES: Mapping[str, str] = {
    "F01": "[oslo_messaging_rabbit]\nrabbit_quorum_queue = true\nrabbit_ha_queues = true\n",
    "F03": "[oslo_messaging_rabbit]\nrabbit_stream_fanout = true\n",
    "F04": "[oslo_messaging_rabbit]\nheartbeat_timeout_threshold = 0\n",
    "F06": "[DEFAULT]\nrpc_conn_pool_size = 100\n",
    "F07": "[oslo_messaging_rabbit]\nrpc_conn_pool_size = 1\n",
    "F08": "[oslo_messaging_rabbit]\nkombu_reconnect_delay = 300\n",
    "F19": "[oslo_messaging_rabbit]\nkombu_missing_consumer_retry_timeout = 300\n",
    "F20": "[oslo_messaging_rabbit]\nrabbit_retry_interval = 0\n",
    "F22": f"{_TWO}[oslo_messaging_rabbit]\nkombu_failover_strategy = round-robin\n",
    "F24": f"{_TWO}[oslo_messaging_rabbit]\nrabbit_retry_backoff = 2\nrabbit_interval_max = 30\n",
}
_NOTIFICATIONS = ("A34", "A35", "A38")

#: Traps with two brokers, by the one that is dialled first here.
_BROKERS: Mapping[str, str] = {"F22": "r1", "F24": "r1"}

#: Where the files and the brokers of a trap are while measuring.
_PLACES = (
    ("/etc/ssl/openstack", "@DIR@"),
    ("/etc/ssl/certs", "@DIR@/folder"),
    ("//k1:9093", "//127.0.0.1:@PORT@"),
)


def cases() -> Iterator[Mapping[str, Any]]:
    """Each by its id; those of area F serve on a broker that is fine."""
    traps = {trap["id"]: trap.get("files", {}) for trap in json.loads(_TRAPS.read_text())}
    for name, files in traps.items():
        if name.startswith("A") and name not in _CELLS:
            yield _case(name, files["/etc/nova/nova.conf"])
    for name, conf in _QUEUES.items():
        yield {**_case(name, conf), "use": "serve"}


def _case(name: str, conf: str) -> dict[str, Any]:
    for text, place in _PLACES:
        conf = conf.replace(text, place)
    case: dict[str, Any] = {
        "id": f"trap-{name}",
        "driver": "confluent-kafka" if "kafka://" in conf else "oslo.messaging rabbit",
        "purpose": "notifications" if name in _NOTIFICATIONS else "rpc",
        "conf": conf,
    }
    if "rabbit1.example" in conf:
        case["name"] = "rabbit1.example"
    if name in _BROKERS:
        case["first"] = _BROKERS[name]
    return case
