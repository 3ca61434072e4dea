"""Turns to ask endpoints, among the processes that Ansible forks for hosts: so many hosts at a time in a whole run."""

from __future__ import annotations

import errno
import hmac
import multiprocessing
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from auditor.collect.turns import HOSTS

#: Seconds between two attempts to have a turn, at most.
_PAUSE = 0.5


@contextmanager
def take() -> Iterator[None]:
    """Wait for a turn, and have it for the time of a `with`.

    A turn is a name that a socket of this process has alone (Linux's abstract ones: no file, and gone with the process).
    All processes of a run make the same names, from the key that Python gives them, and nobody else does.
    """
    run = hmac.digest(multiprocessing.current_process().authkey, b"nova-auditor turns", "sha256").hex()
    with socket.socket(socket.AF_UNIX) as held:
        while not any(_is_bound(held, f"\0nova-auditor-{run}-{number}") for number in range(HOSTS)):
            time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 - no secret
        yield


def _is_bound(held: socket.socket, name: str) -> bool:
    try:
        held.bind(name)
    except OSError as error:
        # Where there are no such names (macOS), nobody waits.
        return error.errno != errno.EADDRINUSE
    return True
