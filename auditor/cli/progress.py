"""How far a run is, told on standard error."""

import logging
import os
import sys

LOG = logging.getLogger(__name__)


class Progress:
    """Tells how far the run is: on one line of a terminal, line by line with -v, or not at all."""

    def __init__(self, total: int | None, verbosity: int) -> None:
        self._total = total
        self._stream = sys.stderr
        self._is_live = self._stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not verbosity
        self._done = 0

    def __call__(self, host: str, word: str, reason: str | None = None) -> None:
        """Tell that a host is done, and with -v the reason for what was left out."""
        from auditor.formats import visible

        self._done += 1
        of = f"{self._done}" if self._total is None else f"{self._done} of {self._total}"
        said = word if reason is None else f"{word}, {visible(reason)}"
        LOG.info("%s %s (%s)", visible(host), said, of)
        if self._is_live:
            self._stream.write(f"\r\x1b[K{of} hosts: {visible(host)[:50]}")
            self._stream.flush()

    def close(self) -> None:
        """Take the line away."""
        if self._is_live and self._done:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
