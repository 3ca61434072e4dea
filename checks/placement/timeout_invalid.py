"""Every call to placement fails, because the timeout is 0, negative or no number.

The help of the option says that 0 means no timeout; requests and urllib3 refuse 0 and negative numbers with ValueError,
which nothing in Nova expects (measured with Zed, 2025.1 and 2026.2). What is no number at all (``60s``; before 2026.2
also ``0.5``) is rejected by oslo.config when the client is made: nova-compute does not start.
"""

from auditor.check import (
    Check,
    Client,
    Outcome,
    Scope,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import not_placement


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where the timeout is no positive number."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    timeout = client.setting("timeout")
    if timeout is not None and timeout.error is not None:
        return failed(
            f"{timeout} is rejected, and no client for placement can be made: {timeout.error}", timeout
        )
    if timeout is None or timeout.value is None:
        return not_applicable("no timeout is set, which is a finding of its own")
    if timeout.value <= 0:
        return failed(
            f"timeout = {timeout.value:g} makes every call to placement fail with ValueError", timeout
        )
    return passed("the timeout is a positive number", timeout)


CHECK = Check(
    id="placement-timeout-invalid",
    title="A timeout for placement that makes every call fail",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Write `[placement] timeout = 5`.",
    options=("placement.timeout",),
    evaluate=evaluate,
    examples=(
        bad("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 0\n"),
        bad("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = -1\n"),
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 60s\n",
            why="oslo.config knows no units",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10\n"
        ),
        moot("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
    ),
)
