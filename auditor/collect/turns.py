"""Who may ask endpoints now: a bounded number of hosts at a time, and fewer at any one endpoint.

A fleet that dials its brokers all at once fills their logs with half-made connections and wakes whoever watches them.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import Condition

#: How many hosts ask at a time.
HOSTS = 8

#: How many of them ask the same endpoint.
AT_ONE = 4


class Turns:
    """Turns for the threads of one run."""

    def __init__(self, hosts: int = HOSTS, at_one: int = AT_ONE) -> None:
        self._free = hosts
        self._at_one = at_one
        self._asked: Counter[str] = Counter()
        self._changed = Condition()
        self._is_over = False

    @contextmanager
    def take(self, endpoints: Collection[str]) -> Iterator[bool]:
        """Wait for a turn at all of these endpoints, and have it for the time of a ``with``; False where there is none left.

        All are taken at once or none, so that no two threads wait for each other.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or self._has_room(endpoints))
            has_turn = not self._is_over
            if has_turn:
                self._free -= 1
                self._asked.update(set(endpoints))
        try:
            yield has_turn
        finally:
            if has_turn:
                with self._changed:
                    self._free += 1
                    self._asked.subtract(set(endpoints))
                    self._changed.notify_all()

    def end(self) -> None:
        """Give nobody a turn any more: the run was interrupted."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _has_room(self, endpoints: Collection[str]) -> bool:
        return self._free > 0 and all(self._asked[one] < self._at_one for one in endpoints)
