"""One call to placement can block longer than this site accepts.

The worst case is more than ``timeout``: it counts once per attempt, and keystoneauth sleeps between attempts. How many
there are depends on the library: openstacksdk before 4.15 repeats a call without an answer once, whatever
``connect_retries`` says. The site decides what is too long (``placement_call_seconds``).

No setting limits a server that keeps sending a byte now and then: ``timeout`` counts for connecting and for each read
(requests, every version), so that such a server holds its caller for as long as it likes.
"""

from auditor.check import (
    Check,
    Client,
    Outcome,
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


def evaluate(client: Client, site: Site) -> Outcome:
    """Fail where the worst case exceeds the site's threshold."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    worst, accepted = client.request_worst_case, site.thresholds.placement_call_seconds
    timeout = client.setting("timeout")
    if worst.bound == "unbounded":
        return not_applicable("it is not limited at all, which is a finding of its own")
    if timeout is not None and timeout.error is not None:
        return not_applicable("the timeout is rejected, which is a finding of its own")
    if worst.seconds is None:
        raise Undecidable(worst.arithmetic)
    if worst.seconds > accepted:
        call = client.call_worst_case.seconds
        whole = "" if call is None else f"; a first one, with versions and tokens, for {call:g} s"
        return failed(
            f"one call to placement can block for {worst.arithmetic}, more than {accepted:g} s{whole}",
            timeout,
            client.library,
        )
    return passed(f"one call to placement blocks for {worst.arithmetic} at most", timeout, client.library)


CHECK = Check(
    id="placement-call-too-long",
    title="A call to placement can block too long",
    severity=Severity.MEDIUM,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Lower `[placement] timeout`, or the retries beside it.",
    options=(
        "placement.timeout",
        "placement.connect_retries",
        "placement.connect_retry_delay",
        "placement.status_code_retries",
        "placement.status_code_retry_delay",
    ),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 60\n",
            why="2 x 60 s + 0.5 s: openstacksdk 4.4.0 repeats it once",
        ),
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10\nconnect_retries = 3\n",
            release="2026.2",
            why="4 x 10 s + 3.5 s: openstacksdk 4.22.0 honours connect_retries",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10\n"
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 10\nconnect_retries = 3\n",
            why="openstacksdk 4.4.0 ignores connect_retries",
        ),
        moot("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
    ),
)
