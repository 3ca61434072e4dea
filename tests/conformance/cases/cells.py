"""Cases of the table of cells: rows, and the URLs that fill them in.

A case's ``row`` is what the table holds, ``kind`` which of its columns (``broker`` or ``database``), ``base`` the URL of
the configuration, None where that is unset.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

Case = Mapping[str, Any]

_TRAP_BASE = "rabbit://nova:pw@rabbit1.example:5671/?ssl=1"
_TRAP_ROW = "{scheme}://{username}:{password}@{hostname}:{port}/"

_BROKERS: Mapping[str, str | None] = {
    "unset": None,
    "tls": "rabbit://nova:pw@rabbit1.example:5671/nova?ssl=1&ssl_ca_file=/etc/ssl/openstack/ca.pem",
    "no-port": "rabbit://nova:pw@rabbit1.example/",
    "no-login": "rabbit://rabbit1.example:5672/",
    "capitals": "rabbit://nova:pw@Rabbit1.Example:5671//",
    "quoted": "rabbit://nova:p%40%7Bw@rabbit1.example:5671/%2F",
    "fragment": "rabbit://nova:pw@rabbit1.example:5671/?ssl=1#x",
    "ipv6": "rabbit://nova:pw@[2001:db8::1]:5671/",
    "two": "rabbit://nova:pw@rabbit1.example:5671,nova2:pw2@rabbit2.example:5672/?ssl=1",
    "two-one-login": "rabbit://nova:pw@rabbit1.example:5671,rabbit2.example/",
    "two-ipv6": "rabbit://nova:pw@[2001:db8::1]:5671,nova:pw@[2001:db8::2]/",
    "three": "rabbit://a:b@h1:1,c:d@h2:2,e:f@h3:3/v",
    "bad-port": "rabbit://nova:pw@rabbit1.example:amqp/",
    "large-port": "rabbit://nova:pw@rabbit1.example:70000/",
    "open-bracket": "rabbit://nova:pw@[::1:5671/",
}
_DATABASES: Mapping[str, str | None] = {
    "unset": None,
    "tls": "mysql+pymysql://nova:pw@db1.example/nova?ssl_ca=/etc/ssl/openstack/ca.pem",
    "port": "mysql+pymysql://nova:pw@db1.example:3306/nova_cell0",
    "postgresql": "postgresql://nova:pw@db1.example/nova?sslmode=verify-full",
    "no-host": "mysql+pymysql://nova:pw@/nova?unix_socket=/run/mysqld/mysqld.sock",
    "quoted": "mysql+pymysql://nova:p%2Fw@db1.example/nova",
    "sqlite": "sqlite:////var/lib/nova/nova.sqlite",
    "hash": "mysql+pymysql://nova:pw@db1.example/nova?charset=utf8#x",
}

#: Name, row. Every row is filled in from every base of its kind.
_BROKER_ROWS: Mapping[str, str] = {
    "whole": "{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}",
    "no-query": "{scheme}://{username}:{password}@{hostname}:{port}/{path}",
    "no-path": "{scheme}://{username}:{password}@{hostname}:{port}/?{query}",
    "other-host": "rabbit://{username}:{password}@cell1.example:5671/?{query}",
    "two": "rabbit://{username1}:{password1}@{hostname1}:{port1},{username2}:{password2}@{hostname2}:{port2}/?{query}",
    "second-only": "rabbit://{username2}:{password2}@{hostname2}:{port2}/",
    "third": "rabbit://{username3}@{hostname3}:{port3}/",
    "zeroth": "rabbit://{hostname0}/",
    "plain": "rabbit://cell:pw@cell1.example:5671/?ssl=1",
    "none": "none:///",
    "unknown": "rabbit://{user}:{password}@{hostname}/",
    "virtual-host": "rabbit://{hostname}/{virtual_host}",
    "empty-name": "rabbit://{}:{}@{hostname}/",
    "number": "rabbit://{0}@{hostname}/",
    "open": "rabbit://{username@{hostname}/",
    "closing": "rabbit://nova:p}w@{hostname}/",
    "doubled": "rabbit://nova:p{{w}}@{hostname}/",
    "fragment": "rabbit://{hostname}/#{fragment}",
    "conversion": "rabbit://{username!s}@{hostname}/",
    "representation": "rabbit://{username!r}@{hostname}/",
    "bad-conversion": "rabbit://{username!x}@{hostname}/",
    "width": "rabbit://{hostname:>20}/",
    "bad-width": "rabbit://{hostname:d}/",
    "port-as-number": "rabbit://{hostname}:{port:05d}/",
    "spaces": "rabbit://{ hostname }/",
    "capitals": "rabbit://{HOSTNAME}/",
    "query-literal": "rabbit://{username}:{password}@{hostname}:{port}/?ssl=1",
    "scheme-only": "{scheme}://cell:pw@cell1.example/",
    "twice": "rabbit://{username}:{password}@{hostname}:{port},{username}:{password}@{hostname}:{port}/",
    "nothing": "",
}
_DATABASE_ROWS: Mapping[str, str] = {
    "whole": "{scheme}://{username}:{password}@{hostname}:{port}/{path}?{query}",
    "usual": "{scheme}://{username}:{password}@{hostname}/nova_cell1?{query}",
    "no-query": "{scheme}://{username}:{password}@{hostname}/nova_cell1",
    "no-port": "{scheme}://{username}:{password}@{hostname}/{path}?{query}",
    "cell0": "{scheme}://{username}:{password}@{hostname}/{path}_cell0?{query}",
    "parameters": "{scheme}://{username}:{password}@{hostname}/nova?{query}&ssl_check_hostname=true",
    "fragment": "{scheme}://{hostname}/{path}#{fragment}",
    "plain": "mysql+pymysql://cell:pw@cell1.example/nova_cell1",
    "none": "none://",
    "unknown": "{scheme}://{database}",
    "indexed": "{scheme}://{hostname1}/{path}",
    "open": "mysql+pymysql://nova:p{w@h/nova",
}


def cases() -> tuple[Case, ...]:
    """Every row with every base, and the traps."""
    rows = [
        *(
            (kind, row, base)
            for kind, row, base in product(["broker"], _BROKER_ROWS.items(), _BROKERS.items())
        ),
        *(
            (kind, row, base)
            for kind, row, base in product(["database"], _DATABASE_ROWS.items(), _DATABASES.items())
        ),
    ]
    return (
        *(
            _case(f"{kind}-{name}-from-{source}", kind, row, base)
            for kind, (name, row), (source, base) in rows
        ),
        _case("trap-A44", "broker", _TRAP_ROW, _TRAP_BASE),
        _case("trap-A45", "broker", _TRAP_ROW, "rabbit://nova:pw@rabbit1.example/"),
        _case("attribute", "broker", "rabbit://{hostname.__class__}/", _TRAP_BASE),
        _case("item", "broker", "rabbit://{hostname[0]}/", _TRAP_BASE),
    )


def _case(name: str, kind: str, row: str, base: str | None) -> Case:
    section, option = ("DEFAULT", "transport_url") if kind == "broker" else ("database", "connection")
    written = "" if base is None else f"{option} = {base}\n"
    return {
        "id": name,
        "driver": "nova cell_mappings",
        "kind": kind,
        "row": row,
        "base": base,
        "conf": f"[{section}]\n{written}",
    }
