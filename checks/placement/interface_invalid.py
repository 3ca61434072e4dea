"""Nova cannot call placement, because it names an interface that does not exist.

keystoneauth takes ``public``, ``internal`` and ``admin``; anything else, such as ``internalURL``, raises TypeError where
the adapter is made, and openstacksdk then disables the service: ServiceDisabledException at the first call
(``keystoneauth1.loading.adapter``, measured).
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
    """Fail where an interface is none of the three."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    interfaces = client.setting("valid_interfaces")
    if interfaces is None or not interfaces.value:
        return not_applicable("no interface is named")
    wrong = [str(name) for name in interfaces.value if name not in ("public", "internal", "admin")]
    if wrong:
        return failed(f"placement cannot be called: {', '.join(wrong)} is no interface", interfaces)
    return passed("every interface exists", interfaces)


CHECK = Check(
    id="placement-interface-invalid",
    title="An interface of placement that does not exist",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Write `[placement] valid_interfaces = internal`.",
    options=("placement.valid_interfaces",),
    evaluate=evaluate,
    examples=(
        bad(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\nvalid_interfaces = internalURL\n"
        ),
        good("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
        moot("[placement]\nvalid_interfaces = internalURL\n", why="without credentials no call is made"),
    ),
)
