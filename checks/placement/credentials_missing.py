"""Nova has no credentials for placement.

Without ``auth_type`` (here, or in the section that ``auth_section`` names) every call ends in MissingAuthPlugin, and
without ``auth_url`` the password plugin has nobody to ask: the scheduler finds no host and nova-compute does not report
its resources, so every build fails (nova/scheduler/client/report.py).
"""

from auditor.check import (
    Check,
    Outcome,
    Role,
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
from auditor.semantics.options import auth_setting, has_credentials

#: Plugins that ask no Keystone of their own accord.
_WITHOUT_URL = frozenset({"none", "noauth", "http_basic", "admin_token", "v2adfspassword"})


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where no auth plugin or no URL of Keystone is named."""
    kind, url = (auth_setting(service.settings, "placement", name) for name in ("auth_type", "auth_url"))
    if not has_credentials(service.settings, "placement") or kind is None or not kind.value:
        return failed("placement cannot be called: no auth_type is set", kind)
    if kind.value in _WITHOUT_URL:
        return not_applicable("its auth_type asks no Keystone")
    if url is None or not url.value:
        return failed(f"placement cannot be called: the plugin {kind.value} needs auth_url", kind, url)
    return passed(f"placement is called with {kind.value} from {url.value}", kind, url)


CHECK = Check(
    id="placement-credentials-missing",
    title="No credentials for placement",
    severity=Severity.HIGH,
    scope=Scope.SERVICE,
    roles=frozenset({Role.API, Role.SCHEDULER, Role.COMPUTE}),
    doc=__doc__,
    remediation="Write `auth_type`, `auth_url`, `username`, `password`, `project_name` and the domains into `[placement]`.",
    options=("placement.auth_type", "placement.auth_url", "placement.auth_section"),
    evaluate=evaluate,
    examples=(
        bad("[DEFAULT]\ndebug = false\n", service="nova-scheduler"),
        bad("[placement]\nauth_type = password\n", service="nova-compute"),
        good(
            "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n",
            service="nova-scheduler",
        ),
        moot("[DEFAULT]\ndebug = false\n", service="nova-novncproxy"),
    ),
)
