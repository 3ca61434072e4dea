"""Traps of `traps.json` that no transport, logger or client of the other subjects holds, and what lies around them.

A case is ``{"id", "trap", "driver", "measure", "conf", "files"}``; ``measure`` is what is looked at
(`tests.conformance.measure.traps`). In its text ``@R1@`` and ``@R2@`` stand for the ports of two brokers, ``@PLACEMENT@``
for one that tells placement's versions and nothing else, ``@SILENT@`` for one that takes connections and says nothing,
``@CLOSED@`` for one where nobody listens.
"""

from collections.abc import Mapping
from typing import Any

Case = Mapping[str, Any]

RABBIT = "[DEFAULT]\ntransport_url = rabbit://nova:pw@127.0.0.1:@R1@/\n"
PAIR = "[DEFAULT]\ntransport_url = rabbit://nova:pw@127.0.0.1:@R1@,nova:pw@127.0.0.1:@R2@/\n"
FAKE = "[DEFAULT]\ntransport_url = fake://\n"
PLACEMENT = f"{FAKE}[placement]\nauth_type = admin_token\ntoken = t\n"
#: Unset, Nova would dial the database when the engine is made.
DATABASE = f"{FAKE}[database]\nconnection = mysql+pymysql://nova:pw@127.0.0.1/nova\nmax_retries = 0\n"
BARBICAN = f"{FAKE}[barbican]\nbarbican_endpoint = http://127.0.0.1:@PLACEMENT@\nbarbican_api_version = v1\n"
FILTER = "[filter:authtoken]\npaste.filter_factory = keystonemiddleware.auth_token:filter_factory\n"


def cases() -> tuple[Case, ...]:
    """All cases, in the order of their traps."""
    return (
        *(
            _case(
                trap,
                f"placement-{name}",
                "keystoneauth1",
                "placement",
                f"{PLACEMENT}endpoint_override = {rest}endpoint = {rest.splitlines()[0]}\n",
                silent=silent,
                from_start="@PLACEMENT@" not in rest,
            )
            for trap, name, rest, silent in _PLACEMENT
        ),
        *(_middleware(trap, name, conf, FILTER) for trap, name, conf in _CACHES),
        *(
            _case("C25", f"barbican-{name}", "castellan", "barbican", BARBICAN + lines)
            for name, lines in _BARBICAN
        ),
        _case(
            "C26",
            "image-servers",
            "nova",
            "api_servers",
            f"{FAKE}[glance]\napi_servers = http://g1:9292,https://g2:9292\n",
        ),
        *(
            _middleware("E26", name, "[keystone_authtoken]\nhttp_connect_timeout = 7\n", FILTER + lines)
            for name, lines in _FILTERS
        ),
        *(_case(trap, f"logs-{name}", "oslo.log", "logs", f"{FAKE}{lines}") for trap, name, lines in _LOGS),
        *(_rabbit("F04", name, "heartbeat", lines) for name, lines in _HEARTBEATS),
        *(_case("F06", f"pool-{name}", "oslo.messaging rabbit", "pool", conf) for name, conf in _POOLS),
        *(_rabbit("F08", name, "connection", lines) for name, lines in _RECONNECT_DELAYS),
        *(_case("F09", f"calls-{name}", "nova", "calls", f"{FAKE}{lines}") for name, lines in _CALLS),
        *(
            _case(trap, f"engine-{name}", "oslo.db", "engine", f"{DATABASE}{lines}")
            for trap, name, lines in _ENGINES
        ),
        *(_rabbit("F19", name, "reply", lines) for name, lines in _REPLIES),
        _case("F22", "order-of-two-brokers", "oslo.messaging rabbit", "order", PAIR),
        _case(
            "F22",
            "order-with-round-robin",
            "oslo.messaging rabbit",
            "order",
            f"{PAIR}[oslo_messaging_rabbit]\nkombu_failover_strategy = round-robin\n",
        ),
        _case("F22", "order-of-one-broker", "oslo.messaging rabbit", "order", RABBIT),
        *(
            _case(trap, f"reconnection-{name}", "oslo.messaging rabbit", "reconnection", conf)
            for trap, name, conf in _reconnections()
        ),
        *(_case("F26", f"compute-{name}", "nova", "database_on_compute", conf) for name, conf in _COMPUTES),
    )


def _case(trap: str, name: str, driver: str, measure: str, conf: str, **more: Any) -> Case:
    return {"id": f"{trap}-{name}", "trap": trap, "driver": driver, "measure": measure, "conf": conf, **more}


def _rabbit(trap: str, name: str, measure: str, lines: str) -> Case:
    conf = f"{RABBIT}[oslo_messaging_rabbit]\n{lines}"
    return _case(trap, f"{measure}-{name}", "oslo.messaging rabbit", measure, conf)


def _middleware(trap: str, name: str, conf: str, paste: str) -> Case:
    return _case(
        trap,
        f"middleware-{name}",
        "keystonemiddleware",
        "middleware",
        f"{FAKE}{conf}",
        files={"api-paste.ini": paste},
        options=[
            "insecure",
            "cafile",
            "http_connect_timeout",
            "http_request_max_retries",
            "service_token_roles_required",
        ],
    )


#: What happens, the end of nova.conf, and whether placement falls silent (or closes) once the client is made.
_PLACEMENT = (
    ("C07", "falls-silent", "http://127.0.0.1:@PLACEMENT@\ntimeout = 1\n", True),
    ("C07", "is-silent-from-the-start", "http://127.0.0.1:@SILENT@\ntimeout = 1\n", True),
    ("C07", "refuses", "http://127.0.0.1:@PLACEMENT@\ntimeout = 1\n", False),
    ("C04", "refuses-without-timeout", "http://127.0.0.1:@PLACEMENT@\n", False),
    ("C07", "refuses-from-the-start", "http://127.0.0.1:@CLOSED@\ntimeout = 1\n", False),
    ("C04", "refuses-from-the-start-without-timeout", "http://127.0.0.1:@CLOSED@\n", False),
    (
        "C12",
        "refuses-with-cafile-missing",
        "http://127.0.0.1:@PLACEMENT@\ntimeout = 1\ncafile = /nowhere/ca.pem\n",
        False,
    ),
    ("C05", "timeout-of-zero", "http://127.0.0.1:@PLACEMENT@\ntimeout = 0\n", True),
    ("C05", "timeout-below-zero", "http://127.0.0.1:@PLACEMENT@\ntimeout = -1\n", True),
    ("C10", "cafile-missing", "https://127.0.0.1:@PLACEMENT@\ntimeout = 1\ncafile = /nowhere/ca.pem\n", True),
    (
        "C10",
        "cafile-missing-and-insecure",
        "https://127.0.0.1:@SILENT@\ntimeout = 1\ninsecure = true\ncafile = /nowhere/ca.pem\n",
        True,
    ),
    ("C14", "interface-invalid", "http://127.0.0.1:@PLACEMENT@\nvalid_interfaces = internalURL\n", True),
)

_BARBICAN = (
    ("as-shipped", ""),
    ("with-authorities", "verify_ssl = true\nverify_ssl_path = /etc/ssl/openstack/ca.pem\n"),
    ("with-cafile", "cafile = /etc/ssl/openstack/ca.pem\n"),
    ("unverified", "verify_ssl = false\nverify_ssl_path = /etc/ssl/openstack/ca.pem\n"),
    ("insecure", "insecure = true\n"),
)

_CACHES = (
    ("C18", "service-roles-not-required", "[keystone_authtoken]\nservice_token_roles_required = false\n"),
    ("C18", "as-shipped", ""),
    (
        "C20",
        "encrypted-in-process",
        "[keystone_authtoken]\nmemcache_security_strategy = ENCRYPT\nmemcache_secret_key = k\n",
    ),
    ("C20", "encrypted-without-key", "[keystone_authtoken]\nmemcache_security_strategy = ENCRYPT\n"),
)

_FILTERS = (
    ("paste-silent", ""),
    ("paste-insecure", "insecure = true\n"),
    ("paste-insecure-off", "insecure = False\n"),
    ("paste-timeout", "http_connect_timeout = 3\ncafile = /etc/nova/ca.pem\n"),
    ("paste-retries", "http_request_max_retries = 1\n"),
    ("paste-unknown", "ca_file = /etc/nova/ca.pem\n"),
    ("paste-service-roles", "service_token_roles_required = true\n"),
)

_BOTH = "rate_limit_burst = 100\nrate_limit_interval = 60\n"
_LOG = "log_file = @DIR@/nova.log\n"
_LOGS = (
    ("D14", "as-shipped", ""),
    ("D14", "burst-alone", "rate_limit_burst = 100\n"),
    ("D14", "interval-alone", "rate_limit_interval = 60\n"),
    ("D14", "burst-and-interval", _BOTH),
    ("D14", "all-exempt", f"{_BOTH}rate_limit_except_level = DEBUG\n"),
    ("D15", "rotated-without-file", "log_rotation_type = size\nlog_config_append =\n"),
    ("D15", "rotated-by-size", f"{_LOG}log_rotation_type = size\n"),
    ("D15", "rotated-by-interval", f"{_LOG}log_rotation_type = interval\n"),
    ("D15", "rotated-in-a-folder", "log_dir = @DIR@\nlog_rotation_type = size\n"),
    ("D15", "watched", f"{_LOG}log_rotation_type = size\nwatch_log_file = true\n"),
    ("D15", "not-rotated", _LOG),
)

_HEARTBEATS = (
    ("as-shipped", ""),
    ("off", "heartbeat_timeout_threshold = 0\n"),
    ("short", "heartbeat_timeout_threshold = 10\n"),
    ("longer-than-the-brokers", "heartbeat_timeout_threshold = 90\n"),
)

_POOLS = (
    ("as-shipped", FAKE.replace("fake://", "rabbit://")),
    ("in-default", f"{RABBIT}rpc_conn_pool_size = 100\n"),
    ("in-its-section", f"{RABBIT}[oslo_messaging_rabbit]\nrpc_conn_pool_size = 100\n"),
    ("in-both", f"{RABBIT}rpc_conn_pool_size = 100\n[oslo_messaging_rabbit]\nrpc_conn_pool_size = 40\n"),
    ("below-its-minimum", f"{RABBIT}[oslo_messaging_rabbit]\nrpc_conn_pool_size = 1\n"),
)

_RECONNECT_DELAYS = (
    ("reconnect-delay-of-four", "kombu_reconnect_delay = 4\n"),
    ("reconnect-delay-of-300", "kombu_reconnect_delay = 300\n"),
)

_CALLS = (
    ("as-shipped", ""),
    ("of-600-seconds", "rpc_response_timeout = 600\n"),
    ("of-61-seconds", "rpc_response_timeout = 61\n"),
    ("of-60-seconds", "rpc_response_timeout = 60\n"),
    ("of-no-length", "rpc_response_timeout =\n"),
    ("of-30-seconds", "rpc_response_timeout = 30\nlong_rpc_timeout = 900\n"),
)

_ENGINES = (
    ("F15", "as-shipped", ""),
    ("F14", "unlimited", "max_pool_size = 0\n"),
    (
        "F15",
        "small",
        "max_pool_size = 5\nmax_overflow = 10\npool_timeout = 5\n[DEFAULT]\nexecutor_thread_pool_size = 64\n",
    ),
    ("F16", "recycling", "connection_recycle_time = 3600\n"),
    ("F16", "recycling-never", "connection_recycle_time = -1\n"),
    ("F15", "without-overflow", "max_overflow = 0\nmax_pool_size = 20\n"),
)

_REPLIES = (
    ("for-a-second", "kombu_missing_consumer_retry_timeout = 1\n"),
    ("for-two-seconds", "kombu_missing_consumer_retry_timeout = 2\n"),
)

_COMPUTES = (
    (
        "with-api-database",
        f"{FAKE}[api_database]\nconnection = mysql+pymysql://nova:pw@127.0.0.1/nova_api\n[upgrade_levels]\ncompute = auto\n",
    ),
    (
        "with-api-database-unpinned",
        f"{FAKE}[api_database]\nconnection = mysql+pymysql://nova:pw@127.0.0.1/nova_api\n",
    ),
)


def _reconnections() -> tuple[tuple[str, str, str], ...]:
    def options(**values: int) -> str:
        return "[oslo_messaging_rabbit]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())

    return (
        ("F24", "as-shipped", RABBIT),
        (
            "F24",
            "to-two-brokers",
            PAIR + options(rabbit_retry_interval=1, rabbit_retry_backoff=2, rabbit_interval_max=30),
        ),
        (
            "F24",
            "in-larger-steps",
            RABBIT + options(rabbit_retry_interval=5, rabbit_retry_backoff=10, rabbit_interval_max=12),
        ),
        (
            "F24",
            "without-growing",
            RABBIT + options(rabbit_retry_interval=3, rabbit_retry_backoff=1, rabbit_interval_max=3),
        ),
        ("F20", "with-interval-of-zero", RABBIT + options(rabbit_retry_interval=0)),
    )
