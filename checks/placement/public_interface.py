"""Nova calls placement through its public endpoint.

``valid_interfaces`` puts ``public`` first: calls between services leave the network made for them, through the same
proxies, limits and certificates as those of the cloud's users.
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
    """Fail where the first interface is public."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    interfaces, override = client.setting("valid_interfaces"), client.setting("endpoint_override")
    if override is not None and override.value:
        return not_applicable("endpoint_override decides")
    if interfaces is None or not interfaces.value:
        return not_applicable("no interface is named")
    if next(iter(interfaces.value)) == "public":
        return failed("placement is called through its public endpoint first", interfaces)
    return passed("placement is called through an endpoint that is not public first", interfaces)


CHECK = Check(
    id="placement-public-interface",
    title="Placement is called through its public endpoint",
    severity=Severity.LOW,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Remove `[placement] valid_interfaces`: the default is `internal,public`.",
    options=("placement.valid_interfaces",),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nvalid_interfaces = public\n"
        ),
        good("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nvalid_interfaces = internal\n"
        ),
        moot(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nendpoint_override = https://placement.example:8778\nvalid_interfaces = public\n"
        ),
    ),
)
