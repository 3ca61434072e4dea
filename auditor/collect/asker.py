"""Both questions to one host, for the doors that ask their hosts in threads of ours."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from auditor.collect import Collector, Options, live, wire
from auditor.collect.turns import Turns
from auditor.evidence import Document, Lost
from auditor.model import Target


class Asker:
    """A collector that asks both questions, one after the other, through another collector that asks one."""

    def __init__(self, obtain: Collector, options: Options, turns: Turns | None = None) -> None:
        self._obtain = obtain
        self._options = options
        self._turns = turns or Turns()
        # What resolves configuration is not made for several threads, and would gain nothing by them.
        self._planning = Lock()

    def __call__(self, target: Target, request: Mapping[str, Any]) -> Document | Lost:
        """The evidence of a target with the answers of its endpoints, or why there is none."""
        first = self._obtain(target, request)
        if isinstance(first, Lost) or not wire.is_running(first):
            return first
        with self._planning:
            planned = live.plan(first, self._options.release)
        document = wire.prepared(first, planned)
        if not planned.items:
            return document
        with self._turns.take([item.endpoint for item in planned.items]) as has_turn:
            if not has_turn:
                return wire.failed(document, "the run ended before it could ask")
            second = self._obtain(
                target, {**wire.question(request, self._options), **wire.asked(first, planned)}
            )
        return wire.completed(document, second)

    def end(self) -> None:
        """Begin no second question any more."""
        self._turns.end()
