"""A call to placement is repeated more than ten times.

Each attempt is a request that placement may already be working on: many retries multiply the load of the moment in which
it has least to spare, and keep the caller's thread for minutes.
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
    passed,
)
from auditor.checks.subjects import not_placement


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where more than eleven attempts are made."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    if not client.attempts:
        raise Undecidable(client.request_worst_case.arithmetic)
    silent, refused = client.attempts["no_answer"], client.attempts["503"]
    settings = (client.setting("connect_retries"), client.setting("status_code_retries"))
    if max(silent, refused) > 11:
        attempts = zip(settings, (silent, refused), strict=True)
        lines = " and ".join(f"`{setting} = 3`" for setting, tries in attempts if tries > 11)
        message = f"a call to placement is tried {max(silent, refused)} times"
        return failed(message, *settings, client.library, remedy=f"Write {lines}.")
    return passed(
        f"a call to placement is tried {max(silent, refused)} times at most", *settings, client.library
    )


CHECK = Check(
    id="placement-retries-excessive",
    title="Calls to placement are repeated very often",
    severity=Severity.LOW,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Write `[placement] connect_retries = 3`, and `status_code_retries` likewise.",
    options=("placement.connect_retries", "placement.status_code_retries"),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nstatus_code_retries = 60\n"
        ),
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nconnect_retries = 20\n",
            release="2026.2",
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nconnect_retries = 20\n",
            why="openstacksdk 4.4.0 ignores connect_retries",
        ),
        moot("[placement]\nstatus_code_retries = 60\n", why="without credentials no call is made"),
    ),
)
