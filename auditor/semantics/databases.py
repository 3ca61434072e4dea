"""What oslo.db and SQLAlchemy do with a database URL before a driver sees it.

Sources: ``oslo_db.sqlalchemy.engines.create_engine`` 12.1 to 18.1, ``sqlalchemy.dialects.registry`` and
``sqlalchemy.engine.url`` 1.4 to 2.1.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from auditor.model import Library, Posture, Transport
from auditor.releases import load
from auditor.semantics import libraries, mysqlclient, postgresql, pymysql
from auditor.semantics.connection import Broken, Connection, Unseen, rejected, withheld
from auditor.semantics.parameters import Parameters, read
from auditor.semantics.urls import endpoint

#: Dialect and driver of SQLAlchemy to the distribution that carries the driver's module, as far as it is known here.
_DISTRIBUTIONS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("mysql", "pymysql"): "PyMySQL",
        ("mysql", "mysqldb"): "mysqlclient",
        ("mysql", "cymysql"): "cymysql",
        ("mysql", "mysqlconnector"): "mysql-connector-python",
        ("mysql", "mariadbconnector"): "mariadb",
        ("mysql", "pyodbc"): "pyodbc",
        ("postgresql", "psycopg2"): "psycopg2",
        ("postgresql", "psycopg"): "psycopg",
        ("postgresql", "psycopg2cffi"): "psycopg2cffi",
        ("postgresql", "pg8000"): "pg8000",
    }
)

#: Drivers that speak asyncio only, which Nova's engines cannot use.
_ASYNCHRONOUS = frozenset(("aiomysql", "asyncmy", "asyncpg", "psycopg_async", "aiosqlite"))

_JUDGES: Mapping[str, Callable[[Connection, Parameters], Transport]] = MappingProxyType(
    {
        "PyMySQL": pymysql.judge,
        "mysqlclient": mysqlclient.judge,
        "psycopg2": postgresql.judge,
        "psycopg": postgresql.judge,
        "psycopg2cffi": postgresql.judge,
    }
)

_PORTS = MappingProxyType({"mysql": 3306, "postgresql": 5432})


def judge(connection: Connection) -> Transport:
    """The transport of a connection to a database."""
    try:
        connection, parameters = _locate(connection)
        return _judge(connection, parameters)
    except (Broken, Unseen) as refusal:
        return connection.refused(refusal)


def _locate(connection: Connection) -> tuple[Connection, Parameters]:
    """The connection with what its URL says, and its parameters; raises `Broken` and `Unseen`."""
    version = libraries.required(connection.service, "SQLAlchemy").release
    parameters = read(connection, unquotes_database=version >= (2, 1))
    url = parameters.url
    dialect = _dialect(url.name)[0]
    host = url.host or "localhost"
    places = [(host, endpoint(host, url.port or _PORTS[dialect]))] if dialect in _PORTS else []
    return connection.to(*places, user=url.user, password=withheld(url.password)), parameters


def _judge(connection: Connection, parameters: Parameters) -> Transport:
    """The transport of a located connection; raises `Broken` and `Unseen`."""
    service, group = connection.service, connection.url.group
    wrong = rejected(service, group, iter(load(service.release).projects[service.project].get(group, {})))
    if wrong is not None:
        raise Broken(
            f"{wrong} is rejected by oslo.config, and the service reads every option of [{group}] when it starts:"
            f" {wrong.error}",
            wrong,
        )
    _check_ndb(connection)
    name = parameters.url.name
    dialect, driver = _dialect(name)
    if dialect == "sqlite" and driver in ("", "pysqlite"):
        return connection.to().transport(Posture.LOCAL, "SQLite is a file of this host")
    if not driver:
        driver = _default_driver(connection, dialect)
    if driver in _ASYNCHRONOUS:
        raise Broken(f"{name}:// speaks asyncio only, which Nova's engines cannot use")
    distribution = _DISTRIBUTIONS.get((dialect, driver))
    if distribution is None:
        hint = "; PostgreSQL's name is postgresql" if dialect == "postgres" else ""
        raise Broken(f"SQLAlchemy has no driver for {name}:// that Nova could use{hint}")
    if driver == "psycopg" and libraries.required(service, "SQLAlchemy").release < (2,):
        raise Broken(f"SQLAlchemy knows {name}:// from 2.0 on: the service ends in NoSuchModuleError")
    library = _installed(connection, distribution)
    if distribution not in _JUDGES:
        raise Unseen(
            f"what {distribution} does with these settings is not known to this version of the auditor"
        )
    return _JUDGES[distribution](replace(connection, library=library), parameters)


def _check_ndb(connection: Connection) -> None:
    """An option whose use oslo.db warns of, whereupon it is not the option any more that oslo.db registers once more.

    ``oslo_config.cfg.Opt.__eq__`` compares the memory of the warning too, and Nova registers copies of oslo.db's options
    (``nova.conf.database``); the option is deprecated since oslo.db 12.2 and gone in 14. Measured with 12.3.3: written in
    either group, with either value, no engine of Nova's can be made.
    """
    service = connection.service
    if service.project != "nova" or not (12, 2) <= libraries.required(service, "oslo.db").release < (14,):
        return
    for group in ("database", "api_database"):
        setting = service.find(group, "mysql_enable_ndb")
        if setting is not None and setting.is_written:
            raise Broken(
                f"{setting} has oslo.db register it once more when an engine is made, which ends in DuplicateOptError",
                setting,
                remedy=f"Remove `mysql_enable_ndb` from `[{group}]`.",
            )


def _dialect(name: str) -> tuple[str, str]:
    dialect, _, driver = name.partition("+")
    return ("mysql" if dialect == "mariadb" else dialect), driver


def _default_driver(connection: Connection, dialect: str) -> str:
    """The driver of a URL that names none; it changed for PostgreSQL in SQLAlchemy 2.1."""
    if dialect == "mysql":
        return "mysqldb"
    if dialect == "postgresql":
        version = libraries.required(connection.service, "SQLAlchemy").release
        return "psycopg" if version >= (2, 1) else "psycopg2"
    return ""


def _installed(connection: Connection, distribution: str) -> Library | None:
    try:
        return libraries.driver(connection.service, distribution)
    except LookupError:
        raise Broken(
            f"{connection.driver}:// needs {distribution}, which is not installed",
            remedy=_instead(connection, distribution),
        ) from None


def _instead(connection: Connection, distribution: str) -> str:
    """What to do about a driver that is not there: name the one that is, or install it."""
    for scheme, other in (("mysql+pymysql", "PyMySQL"), ("postgresql+psycopg2", "psycopg2")):
        is_same = _dialect(scheme)[0] == _dialect(connection.driver)[0]
        if is_same and other != distribution and libraries.is_installed(connection.service, other):
            return f"Write `{scheme}://` in `{connection.url}`."
    return f"Install {distribution}."
