"""How a configuration file of a set is written down."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Generic, TypeVar

Case = dict[str, Any]
Catalogue = Mapping[str, Any]
T = TypeVar("T")

HOME = "/var/lib/nova"
PROGRAMS = ("nova-compute", "nova-conductor", "nova-scheduler", "nova-novncproxy")


class Cycle(Generic[T]):
    """Hands out its items in random order, all of them before any comes again."""

    def __init__(self, items: Sequence[T], rng: Random) -> None:
        self._items = list(items)
        self._rng = rng
        self._left: list[T] = []

    def next(self) -> T:
        if not self._left:
            self._left = self._rng.sample(self._items, len(self._items))
        return self._left.pop()


def line(rng: Random, name: str, value: str) -> str:
    """One assignment, with one of the delimiters and spacings people use."""
    return name + rng.choice((" = ", " = ", " = ", "=", ":", ": ", " : ", " =", "\t=\t")) + value


def sectioned(rng: Random, rows: Sequence[tuple[str, str, str]]) -> str:
    """A file of (group, name, value) rows: grouped by section, or as they come, with comments and blank lines."""
    if rng.random() < 0.7:
        order = list(dict.fromkeys(group for group, _, _ in rows))
        rows = sorted(rows, key=lambda row: order.index(row[0]))
    lines: list[str] = []
    current = None
    for group, name, value in rows:
        if group != current:
            lines += [*rng.choice(([], [""], ["# section"])), f"[{group}]"]
            current = group
        lines += rng.choice(([], [], [], ["# " + name + " = commented"], [""], ["; note"]))
        lines.append(line(rng, name, value))
    return "\n".join(lines) + rng.choice(("\n", "\n", "", "\n\n"))


def configuration(rng: Random, assignments: Sequence[tuple[str, str]]) -> str:
    """A file of ("group.name", value) pairs."""
    return sectioned(rng, [(*key.split(".", 1), value) for key, value in assignments])  # type: ignore[misc]


def named(key: str, value: str) -> dict[str, str]:
    """The environment variable of an option, as oslo.config names it."""
    group, name = key.split(".", 1)
    return {f"OS_{group.upper()}__{name.upper()}": value}


def deployed(rng: Random, *assignments: tuple[str, str]) -> str:
    """A plausible nova.conf with some assignments of its own."""
    usual = (
        ("DEFAULT.transport_url", "rabbit://nova:zorblatt@node1:5671/"),
        ("DEFAULT.my_ip", "10.0.0.11"),
        ("DEFAULT.state_path", "/var/lib/nova"),
        ("api_database.connection", "mysql+pymysql://nova_api:quimbert@node1/nova_api"),
        ("database.connection", "mysql+pymysql://nova:quimbert@node1/nova?charset=utf8"),
        ("placement.auth_url", "http://node1:5000/v3"),
        ("placement.password", "vlinderdas"),
        ("vnc.server_listen", "$my_ip"),
        ("oslo_concurrency.lock_path", "$state_path/tmp"),
        ("glance.api_servers", "http://node1:9292,http://node2:9292"),
    )
    return configuration(rng, [*rng.sample(usual, 4), *assignments])
