"""The shape of a case about MySQL, and how its parts are combined."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

#: ``id``, ``driver`` (for the table), ``purpose``, ``conf`` and ``files`` of the host. Besides, where it matters:
#: ``project`` (placement), ``name`` (the impostors have certificates for that name), ``authority`` (the file that the
#: connection trusts, where it is not ca.pem), ``without`` (a module that is not installed).
Case = Mapping[str, Any]

PYMYSQL = "mysql+pymysql://nova:pw@127.0.0.1:@PORT@/nova"
MYSQLCLIENT = "mysql://nova:pw@127.0.0.1:@PORT@/nova"


def database(
    identity: str, driver: str, url: str, files: Mapping[str, str] | None = None, more: str = "", **keys: Any
) -> Case:
    """A case whose ``[database]`` has this URL, and ``more`` lines."""
    conf = f"[database]\nconnection = {url}\n{more}"
    return {
        "id": identity,
        "driver": driver,
        "purpose": "database",
        "conf": conf,
        "files": files or {},
        **keys,
    }


def queries(options: Mapping[str, Sequence[str | None]]) -> Iterator[str]:
    """Every combination of options with these values as a query; None leaves the option out."""
    for values in product(*options.values()):
        pairs = [f"{name}={value}" for name, value in zip(options, values, strict=True) if value is not None]
        yield "&".join(pairs)


def asking(url: str, query: str) -> str:
    """The URL with that query, if it says anything."""
    return f"{url}?{query}" if query else url
