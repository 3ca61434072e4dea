"""One call to placement can outlast those who wait for it.

nova-compute updates placement with the lock of its resource tracker in hand: until the call ends no instance is claimed
or freed, and where that lasts longer than ``service_down_time``, evacuation tools have given the host up before it has
answered. A scheduler is waited for as long as ``long_rpc_timeout`` says, a conductor as long as ``rpc_response_timeout``
does (``nova.scheduler.rpcapi``, ``nova.conductor.rpcapi``): after that the answer comes too late for whoever asked, and
the request is lost or done twice. A call is more than its request: where the token has expired it asks the identity service
first, and versions when it is the first of its process.
"""

from collections.abc import Mapping
from types import MappingProxyType

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

#: Who waits for a service of that role, and for how long.
_LIMITS: Mapping[Role, tuple[str, str]] = MappingProxyType(
    {
        Role.COMPUTE: ("service_down_time", "a host counts as down"),
        Role.SCHEDULER: ("long_rpc_timeout", "a conductor gives the scheduler up"),
        Role.CONDUCTOR: ("rpc_response_timeout", "the API gives the conductor up"),
    }
)


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where a whole call, with what it may need first, exceeds the limit of those who wait for this role."""
    aside = not_placement(client) or _bounded_elsewhere(client)
    if aside is not None:
        return aside
    worst, timeout = client.call_worst_case, client.setting("timeout")
    if worst.seconds is None:
        raise Undecidable(worst.arithmetic)
    name, consequence = _LIMITS[client.role]
    limit = client.settings["DEFAULT", name]
    if limit.value is None:
        return passed(f"{limit} is not set, so nobody stops waiting", timeout, limit)
    if worst.seconds > limit.value:
        return failed(
            f"one call to placement can block for {worst.arithmetic}, and {consequence} after {limit.value:g} s ({name})",
            timeout,
            limit,
            client.library,
        )
    return passed(
        f"one call to placement blocks for {worst.arithmetic} at most, and {name} is {limit.value:g} s",
        timeout,
        limit,
    )


def _bounded_elsewhere(client: Client) -> Outcome | None:
    """The outcome where a check of its own says what is wrong with the timeout."""
    timeout = client.setting("timeout")
    if client.request_worst_case.bound == "unbounded":
        return not_applicable("it is not limited at all, which is a finding of its own")
    if timeout is not None and timeout.error is not None:
        return not_applicable("the timeout is rejected, which is a finding of its own")
    return None


CHECK = Check(
    id="placement-call-outlives-service",
    title="A call to placement can outlast those who wait for it",
    severity=Severity.LOW,
    scope=Scope.CLIENT,
    roles=frozenset(_LIMITS),
    doc=__doc__,
    remediation="Lower `[placement] timeout`, or the retries beside it.",
    options=(
        "placement.timeout",
        "DEFAULT.service_down_time",
        "DEFAULT.long_rpc_timeout",
        "DEFAULT.rpc_response_timeout",
    ),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10\n",
            service="nova-compute",
            why="20.5 s for the request, and 71 s for tokens and versions before it and after a 401",
        ),
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 40\n",
            service="nova-conductor",
        ),
        bad(
            "[DEFAULT]\nlong_rpc_timeout = 60\n[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 40\n",
            service="nova-scheduler",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 40\n",
            service="nova-scheduler",
            why="a conductor waits for long_rpc_timeout, half an hour by default",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 5\n",
            service="nova-compute",
            why="46.5 s with tokens and versions",
        ),
        moot(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n",
            service="nova-compute",
        ),
    ),
)
