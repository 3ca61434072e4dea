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

#: The charsets that both drivers know; PyMySQL 1.0 has ``utf8`` besides, and 1.1 ``utf8mb3`` (``pymysql.charset``).
CHARSETS = words(
    "armscii8 ascii big5 binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr gb18030"
    " gb2312 gbk geostd8 greek hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7 macce macroman sjis swe7"
    " tis620 ujis utf8mb4"
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
        "executemany_fallback": (2, 3),
    }
)

#: What libpq 13 accepts in a connection string and every later one too (``PQconninfoOptions``).
LIBPQ = words(
    "host hostaddr port dbname user password passfile channel_binding connect_timeout client_encoding options"
    " application_name fallback_application_name keepalives keepalives_idle keepalives_interval keepalives_count"
    " tcp_user_timeout replication gssencmode sslmode requiressl sslcompression sslcert sslkey sslpassword"
    " sslrootcert sslcrl requirepeer ssl_min_protocol_version ssl_max_protocol_version krbsrvname gsslib service"
    " target_session_attrs"
)

#: What came later, with the first major version that has it.
LIBPQ_LATER: Mapping[str, int] = MappingProxyType(
    {
        "sslcrldir": 14,
        "sslsni": 14,
        "require_auth": 16,
        "sslcertmode": 16,
        "load_balance_hosts": 16,
        "gssdelegation": 16,
        "sslnegotiation": 17,
        "sslkeylogfile": 18,
        "servicefile": 18,
        "min_protocol_version": 18,
        "max_protocol_version": 18,
        "scram_client_key": 18,
        "scram_server_key": 18,
        "oauth_issuer": 18,
        "oauth_client_id": 18,
        "oauth_client_secret": 18,
        "oauth_scope": 18,
    }
)

#: What ``psycopg2.connect`` and ``psycopg.connect`` take besides without minding that it is a text.
PSYCOPG2 = words("cursor_factory")
PSYCOPG = words("autocommit prepare_threshold context row_factory cursor_factory")

#: Where they take a whole connection string.
STRINGS = words("dsn conninfo")
