"""Calls to placement are plain text.

``endpoint_override`` starts with ``http://``: whoever can listen on the network takes Nova's token, which is good for
everything that the user nova may do, until it expires. ``cafile`` changes nothing, because it counts for ``https``
alone. Without ``endpoint_override`` the service catalogue decides, which no configuration shows.
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
from auditor.semantics.clients import is_plain


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where the written endpoint is http."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    endpoint = client.setting("endpoint_override")
    if endpoint is None or not endpoint.value:
        return not_applicable("the service catalogue decides")
    if is_plain(str(endpoint.value)):
        return failed(f"{endpoint} is http: Nova's token goes to {endpoint.value} in plain text", endpoint)
    return passed("the endpoint is https, or on this machine", endpoint)


CHECK = Check(
    id="placement-endpoint-plaintext",
    title="Calls to placement in plain text",
    severity=Severity.CRITICAL,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Write an `https://` URL into `[placement] endpoint_override`, or remove it and use the catalogue's.",
    options=("placement.endpoint_override",),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nendpoint_override = http://placement.example:8778\n"
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nendpoint_override = https://placement.example:8778\n"
        ),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nendpoint_override = http://127.0.0.1:8778\n"
        ),
        moot("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
    ),
)
