"""The cases that are put to real servers: of each driver a dozen that differ in what the client insists on."""

from collections.abc import Mapping

#: What psycopg2 and psycopg hand to libpq alike.
_LIBPQ = (
    "sslmode unset, no root",
    "sslmode unset, good root",
    "sslmode disable, good root",
    "sslmode allow, no root",
    "sslmode prefer, other root",
    "sslmode require, no root",
    "sslmode require, good root",
    "sslmode require, missing root",
    "sslmode verify-ca, good root",
    "sslmode verify-ca, no root",
    "sslmode verify-full, good root",
    "sslmode verify-full, other root",
    "sslmode verify-full, system.pem",
    "ssl=true",
    "appended",
)

CHOSEN: Mapping[str, tuple[str, ...]] = {
    "messaging": (
        "off-nothing-ssl-unset",
        "off-ca-ssl-unset",
        "tls-no-ca-any-names-unset",
        "tls-ca-any-names-unset",
        "tls-ca-any-names-true",
        "tls-ca-any-names-false",
        "tls-other-any-names-unset",
        "tls-system-any-names-unset",
        "tls-missing-any-names-unset",
        "tls-no-ca-TLSv1_2-names-unset",
        "tls-ca-TLSv1_2-names-unset",
        "tls-ca-TLSv1-names-unset",
        "tls-ca-bogus-names-unset",
        "names-old",
        "query-ca-any-names-unset-alone",
        "queues-defaults-serve",
        "queues-durable-serve",
        "queues-quorum-serve",
        "queues-quorum-and-ha-serve",
        "queues-stream-serve",
        "queues-stream-complete-serve",
        "queues-pool-smaller-than-least-serve",
    ),
    "mysql": (
        "pymysql (no query)",
        "pymysql ssl_ca=@DIR@/ca.pem",
        "pymysql ssl_ca=@DIR@/other.pem",
        "pymysql ssl_ca=@DIR@/system.pem",
        "pymysql ssl_ca=@DIR@/missing.pem",
        "pymysql ssl_capath=@DIR@/hashed",
        "pymysql ssl_ca=@DIR@/ca.pem&ssl_check_hostname=false",
        "pymysql ssl_ca=@DIR@/ca.pem&ssl_verify_cert=true",
        "pymysql ssl_ca=@DIR@/ca.pem&ssl_verify_cert=false",
        "pymysql ssl_ca=@DIR@/ca.pem&ssl_verify_identity=true",
        "pymysql ssl_verify_cert=true",
        "pymysql ssl_check_hostname=true",
        "pymysql ssl_disabled=true",
        "pymysql ssl=true",
        "pymysql odd: ssl_mode=REQUIRED",
        "pymysql option file: dash",
        "pymysql connection_parameters=ssl_ca=@DIR@/ca.pem with no query",
        "purpose api_database with TLS",
        "mysqlclient (no query)",
        "mysqlclient ssl_ca=@DIR@/ca.pem",
        "mysqlclient ssl_ca=@DIR@/missing.pem",
        "mysqlclient ssl=true",
        "mysqlclient ssl_check_hostname=true",
        "mysqlclient ssl_mode=REQUIRED",
        "mysqlclient ssl_mode=VERIFY_IDENTITY",
        "mysqlclient option file: dash",
        "mysqlclient option file: verified",
        "mysqlclient option file: enforced",
        "mysqlclient option file verified and ssl_ca=@DIR@/ca.pem",
        "mysqlclient connection_parameters=ssl_ca=@DIR@/ca.pem with no query",
        "mysqlclient mysql+mysqldb://",
    ),
    "postgresql": (
        *(f"postgresql+psycopg2: {name}" for name in _LIBPQ),
        *(f"postgresql+psycopg: {name}" for name in _LIBPQ),
        "postgresql: sslmode unset, no root",
        "postgresql: sslmode verify-full, good root",
    ),
}

#: Of these, what a service does not start with: trap, and what the error says by release ("" where it starts).
TRAPS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "queues-quorum-and-ha-serve": (
        "F01",
        {"zed": "rabbit_ha_queues both enabled", "2026.2": "rabbit_ha_queues both enabled"},
    ),
    "queues-stream-serve": (
        "F03",
        {"zed": "", "2026.2": "rabbit_stream_fanout need rabbit_qos_prefetch_count"},
    ),
    "queues-pool-smaller-than-least-serve": (
        "F07",
        {"zed": "equal to conn_pool_min_size: 2", "2026.2": "equal to conn_pool_min_size: 2"},
    ),
}
