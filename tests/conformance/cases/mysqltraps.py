"""The traps of area B that are about MySQL, by their ids, with this machine's impostors in the place of their servers."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.conformance.cases.mysqlcase import Case

TRAPS = Path(__file__).parents[2] / "traps" / "traps.json"

#: What stands in the traps, and what a case has there.
_PLACES = (
    ("db1.example:3306", "127.0.0.1:@PORT@"),
    ("db1.example", "127.0.0.1:@PORT@"),
    ("/etc/ssl/openstack/", "@DIR@/"),
    ("/run/mysqld/mysqld.sock", "@DIR@/@PORT@.sock"),
    ("/etc/nova/my.cnf", "@DIR@/mine.cnf"),
    ("/etc/nova/", "@DIR@/"),
)


def cases() -> tuple[Case, ...]:
    """A case for each connection that a trap is about."""
    return tuple(_cases())


def _cases() -> Iterator[Case]:
    for trap in json.loads(TRAPS.read_text()):
        conf = trap["files"].get("/etc/nova/nova.conf", "")
        if not trap["id"].startswith("B") or "mysql" not in conf.replace("mysql_sql_mode", ""):
            continue
        files = {
            _placed(path): _placed(text) for path, text in trap["files"].items() if path.endswith(".cnf")
        }
        case = {
            "driver": "mysqlclient" if "mysql+mysqldb" in conf else "PyMySQL",
            "conf": _placed(conf),
            "files": files,
            "name": "localhost" if "@localhost" in conf else "",
        }
        for purpose in ("database", "api_database"):
            if purpose == "database" or "[api_database]" in conf or "sql_connection" in conf:
                yield {**case, "id": f"trap {trap['id']} {purpose}", "purpose": purpose}


def _placed(text: str) -> str:
    for there, here in _PLACES:
        text = text.replace(there, here)
    return text
