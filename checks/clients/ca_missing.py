"""The authorities that a client is told to believe are in no file.

Where ``cafile`` (``verify_ssl_path`` of Barbican) names a file that is not there, requests raises OSError before anything
is sent: no error of keystoneauth, so that nothing repeats the call, and nothing in Nova that expects a service to be away
catches it (measured with every release).
"""

from auditor.check import (
    Check,
    Client,
    Missing,
    Outcome,
    Scope,
    Severity,
    Site,
    Unavailable,
    Undecidable,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.checks.subjects import CA_FILES

#: The option that names the file, where it is not ``cafile``.
_OPTIONS = {"barbican": "verify_ssl_path"}


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where the file of authorities is not there."""
    named = client.setting(_OPTIONS.get(client.section, "cafile"))
    if client.trust.kind == "unknown" and named is not None and named.is_withheld:
        raise Undecidable(f"{named} was withheld on the host: it is not in the form that a path has")
    if client.trust.path is None:
        return not_applicable("it believes no authorities of its own")
    if isinstance(client.ca_file, Missing):
        if client.ca_file.status == "elsewhere":
            raise Undecidable(
                f"{client.ca_file.path} is a path of the container, which this target does not show"
            )
        if not client.ca_file.is_absent:
            raise Unavailable(f"{client.ca_file.path}: {client.ca_file.reason}")
        return failed(
            f"{client} believes {client.trust.path}, which is not there: every https call fails", named
        )
    return passed(f"{client} believes the authorities of {client.trust.path}", named)


_PLACEMENT = "[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"

CHECK = Check(
    id="clients-ca-missing",
    title="The authorities that a client believes are not there",
    severity=Severity.HIGH,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Install the file that `cafile` names, readable for the service, or name the right one.",
    options=(
        "placement.cafile",
        "neutron.cafile",
        "cinder.cafile",
        "glance.cafile",
        "keystone_authtoken.cafile",
    ),
    evaluate=evaluate,
    examples=(
        bad(f"{_PLACEMENT}cafile = /etc/nova/missing.pem\n"),
        good(f"{_PLACEMENT}cafile = /etc/nova/ca.pem\n", files=CA_FILES),
        moot(_PLACEMENT),
    ),
)
