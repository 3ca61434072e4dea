"""A call to placement can block for ever.

keystoneauth waits without limit unless ``timeout`` is set: a placement behind a load balancer that lost its backend
accepts the connection and never answers. The scheduler then places nothing, and nova-compute stands still with the lock
of its resource tracker in hand, so that evacuations find no host; TCP keepalive notices a dead peer, not a silent one.
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
    """Fail where no timeout limits a call."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    timeout = client.setting("timeout")
    if timeout is not None and timeout.error is not None:
        return not_applicable("the timeout is rejected, which is a finding of its own")
    if timeout is None or timeout.value is None:
        return failed("[placement] timeout is not set: a call can block for ever", timeout)
    return passed(f"a call to placement is given up after {timeout.value:g} s without an answer", timeout)


CHECK = Check(
    id="placement-timeout-unset",
    title="No timeout for calls to placement",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Write `[placement] timeout = 5`: the longest that placement may take to answer, in seconds.",
    options=("placement.timeout",),
    evaluate=evaluate,
    examples=(
        bad("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout =\n",
            why="blank means none",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10\n"
        ),
        moot("[placement]\nregion_name = RegionOne\n", why="without credentials no call is made"),
        moot(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n",
            service="nova-novncproxy",
            why="a console proxy never calls placement",
        ),
    ),
)
