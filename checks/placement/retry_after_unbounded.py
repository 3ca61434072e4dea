"""A header in placement's answer decides how long Nova waits.

From keystoneauth1 5.16 on, a call that is repeated because of its status code waits for as many seconds as
``Retry-After`` says, without a limit (``keystoneauth1.session.Session._send_request``, measured: 3600 means an hour).
It concerns those who set ``status_code_retries``.
"""

from auditor.check import (
    Check,
    Outcome,
    Scope,
    Service,
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
from auditor.semantics.clients import placement
from auditor.semantics.keystoneauth import obeys_retry_after


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where status codes are retried by a keystoneauth that obeys Retry-After."""
    client = placement(service)
    if client is None:
        return not_applicable("it does not call placement")
    aside = not_placement(client)
    if aside is not None:
        return aside
    retries = client.setting("status_code_retries")
    if retries is None or not retries.value or retries.value < 0:
        return not_applicable("no status code is retried")
    if obeys_retry_after(service):
        return failed("a Retry-After header of placement is obeyed without a limit", retries)
    return passed("the installed keystoneauth1 ignores Retry-After", retries)


CHECK = Check(
    id="placement-retry-after-unbounded",
    title="A header of placement decides how long Nova waits",
    severity=Severity.LOW,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Remove `[placement] status_code_retries`, or accept it where placement and the proxies before it are trusted.",
    options=("placement.status_code_retries",),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nstatus_code_retries = 2\n",
            release="2026.2",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nstatus_code_retries = 2\n"
        ),
        moot("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
    ),
)
