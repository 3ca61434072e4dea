"""One call of nova-compute to placement can outlast the time after which Nova calls a host down.

nova-compute updates placement with the lock of its resource tracker in hand: until the call ends no instance is claimed
or freed. Where that lasts longer than ``service_down_time``, evacuation tools have given the host up before it has
answered.
"""

from auditor.check import (
    Check,
    Client,
    Outcome,
    Role,
    Scope,
    Severity,
    Site,
    Undecidable,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import not_placement


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where the worst case exceeds service_down_time."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    worst, timeout = client.request_worst_case, client.setting("timeout")
    down = client.settings["DEFAULT", "service_down_time"]
    if worst.bound == "unbounded":
        return not_applicable("it is not limited at all, which is a finding of its own")
    if timeout is not None and timeout.error is not None:
        return not_applicable("the timeout is rejected, which is a finding of its own")
    if worst.seconds is None:
        raise Undecidable(worst.arithmetic)
    if worst.seconds > down.value:
        message = f"one call to placement can block for {worst.arithmetic}, and a host counts as down after {down.value} s"
        return failed(message, timeout, down, client.library)
    return passed(f"one call to placement blocks for {worst.arithmetic} at most", timeout, down)


CHECK = Check(
    id="placement-call-outlives-service",
    title="A call to placement can outlast service_down_time",
    severity=Severity.LOW,
    scope=Scope.CLIENT,
    roles=frozenset({Role.COMPUTE}),
    doc=__doc__,
    remediation="Lower `[placement] timeout`.",
    options=("placement.timeout", "DEFAULT.service_down_time"),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 60\n",
            service="nova-compute",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10\n",
            service="nova-compute",
        ),
        moot(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n",
            service="nova-compute",
        ),
    ),
)
