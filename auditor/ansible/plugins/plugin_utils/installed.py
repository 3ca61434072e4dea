"""Whether nova-auditor is installed where Ansible runs: what judges is no part of this collection."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ansible.errors import AnsibleActionFail

_MISSING: list[ImportError] = []


@contextmanager
def optional() -> Iterator[None]:
    """Import in a `with` what may be missing; `check` tells."""
    try:
        yield
    except ImportError as error:
        _MISSING.append(error)


def check() -> None:
    """Find out before the work whether everything could be imported.

    Raises:
        AnsibleActionFail: it could not; the text says how to mend that.
    """
    if _MISSING:
        raise AnsibleActionFail(
            f"nova-auditor is not installed where Ansible runs ({_MISSING[0]}); "
            f"run: {sys.executable} -m pip install nova-auditor (Python 3.11 or later)"
        ) from _MISSING[0]
