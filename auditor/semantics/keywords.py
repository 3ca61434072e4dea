"""The names that drivers take; what else stands in a URL ends in an exception."""

from collections.abc import Mapping
from types import MappingProxyType


def words(text: str) -> frozenset[str]:
    """The words of a text, as a table of names."""
    return frozenset(text.split())


#: ``pymysql.connections.Connection.__init__`` of 1.0.2.
PYMYSQL = words(
    "user password host database unix_socket port charset sql_mode read_default_file conv use_unicode client_flag"
    " cursorclass init_command connect_timeout read_default_group autocommit local_infile max_allowed_packet"
    " defer_connect auth_plugin_map read_timeout write_timeout bind_address binary_prefix program_name"
    " server_public_key ssl ssl_ca ssl_cert ssl_disabled ssl_key ssl_verify_cert ssl_verify_identity compress"
    " named_pipe passwd db"
)

#: What came later, with the first version that has it.
PYMYSQL_LATER: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"collation": (1, 1), "ssl_key_password": (1, 1, 1)}
)

#: ``MySQLdb.connections.Connection`` and ``_mysql.connect`` of 1.4.6.
MYSQLCLIENT = words(
    "host user passwd password db database port unix_socket conv connect_timeout compress named_pipe init_command"
    " read_default_file read_default_group client_flag ssl local_infile read_timeout write_timeout charset"
    " cursorclass use_unicode sql_mode binary_prefix autocommit auth_plugin"
)

#: What came later, with the first version that has it.
MYSQLCLIENT_LATER: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "ssl_mode": (2,),
        "multi_statements": (2,),
        "collation": (2, 2),
        "server_public_key_path": (2, 2),
    }
)

#: What libpq 17 accepts in a connection string, and what psycopg2.connect and psycopg.connect take besides.
LIBPQ = words(
    "host hostaddr port dbname database user password passfile require_auth channel_binding connect_timeout"
    " client_encoding options application_name fallback_application_name keepalives keepalives_idle"
    " keepalives_interval keepalives_count tcp_user_timeout replication gssencmode sslmode sslnegotiation"
    " requiressl sslcompression sslcert sslkey sslpassword sslcertmode sslrootcert sslcrl sslcrldir sslsni"
    " requirepeer ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version"
    " krbsrvname gsslib gssdelegation service servicefile target_session_attrs load_balance_hosts authtype tty"
    " dsn connection_factory cursor_factory async async_ conninfo autocommit prepare_threshold context row_factory"
    " scram_client_key scram_server_key oauth_issuer oauth_client_id oauth_client_secret oauth_scope"
    " sslkeylogfile"
)
