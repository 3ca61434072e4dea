"""The recorded truth of the oldest and the newest release is what their libraries do today: measured anew, and compared.

All is measured two at a time from the first test on, but for what measures time: that comes first and alone.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest

from tests.conformance import truth

RELEASES = ("zed", "2026.2")

#: Subjects whose results are times, so that nothing else may keep this machine busy.
TIMED = ("clients", "pools")

#: Libraries that the machine has and no pin names.
MACHINES = {"Connector/C"}

type Measurements = Mapping[tuple[str, str], Future[Mapping[str, Any]]]
