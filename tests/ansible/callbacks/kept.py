"""A callback of Ansible for the tests: keeps the result of every task and host, as other callbacks get it."""

import json
import os
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: kept
type: aggregate
short_description: keeps results as lines of JSON
description: Keeps results as lines of JSON in the file that KEPT_RESULTS names.
"""


class CallbackModule(CallbackBase):
    """Writes a line of JSON per result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kept"
    CALLBACK_NEEDS_ENABLED = True

    def _keep(self, outcome, result):
        shown = json.loads(self._dump_results(result._result, keep_invocation=True))
        task = result._task.get_name().rpartition(" : ")[2]
        line = {"task": task, "host": result._host.get_name(), "outcome": outcome, "result": shown}
        with Path(os.environ["KEPT_RESULTS"]).open("a") as file:
            file.write(json.dumps(line) + "\n")

    def v2_runner_on_ok(self, result):
        self._keep("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._keep("failed", result)

    def v2_runner_on_unreachable(self, result):
        self._keep("unreachable", result)

    def v2_runner_on_skipped(self, result):
        self._keep("skipped", result)
