"""Options for retries to placement are written, and the installed openstacksdk drops them.

Nova calls placement through openstacksdk, which hands ``connect_retry_delay`` on from 4.13, ``connect_retries`` from 4.15,
``status_code_retry_delay`` and ``retriable_status_codes`` from 4.22 on only (measured). Before, a call without an answer is
repeated once, after half a second, pauses double from half a second on, and only 503 (with keystoneauth1 5.16 or later 429
too) counts as worth repeating.
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
from auditor.semantics.openstacksdk import HONOURED_FROM


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where written options do not reach keystoneauth."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    written = [
        setting
        for setting in map(client.setting, HONOURED_FROM)
        if setting is not None and setting.is_written
    ]
    if not written:
        return not_applicable("none of the options is written")
    if client.ignored:
        names = " and ".join(
            f"{setting.name} (honoured from {version} on)" for setting, version in client.ignored
        )
        settings = (setting for setting, _ in client.ignored)
        return failed(f"{client.library} ignores {names}", *settings, client.library)
    return passed(f"{client.library} honours what is written", *written, client.library)


CHECK = Check(
    id="placement-retries-ignored",
    title="Retries to placement that the installed library ignores",
    severity=Severity.LOW,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Remove the options, or install an openstacksdk that honours them.",
    options=(
        "placement.connect_retries",
        "placement.connect_retry_delay",
        "placement.status_code_retry_delay",
        "placement.retriable_status_codes",
    ),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 5\nconnect_retries = 4\n"
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 5\nconnect_retries = 2\n",
            release="2026.2",
        ),
        moot("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\ntimeout = 5\n"),
    ),
)
