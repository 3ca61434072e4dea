"""Nova sends its password to Keystone in plain text, in order to call placement.

``auth_url`` starts with ``http://``: whoever can listen on the network takes the password of the user nova, at every
new token.
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
from auditor.semantics.options import auth_setting


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where the URL of Keystone is http."""
    aside = not_placement(client)
    if aside is not None:
        return aside
    url = auth_setting(client.settings, client.section, "auth_url")
    if url is None or not url.value:
        return not_applicable("no auth_url is written")
    if is_plain(str(url.value)):
        return failed(f"{url} is http: Nova's password goes to {url.value} in plain text", url)
    return passed("Keystone is reached by https, or on this machine", url)


CHECK = Check(
    id="placement-identity-plaintext",
    title="Nova's password goes to Keystone in plain text",
    severity=Severity.CRITICAL,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Write the `https://` URL of Keystone into `auth_url`.",
    options=("placement.auth_url",),
    evaluate=evaluate,
    examples=(
        bad("[placement]\nauth_type = password\nauth_url = http://keystone.example:5000/v3\n"),
        bad(
            "[placement]\nauth_section = keystone_authtoken\n"
            "[keystone_authtoken]\nauth_type = password\nauth_url = http://keystone.example:5000\n",
            why="auth_section takes the credentials from another section",
        ),
        good("[placement]\nauth_type = password\nauth_url = https://keystone.example:5000/v3\n"),
        moot("[placement]\nregion_name = RegionOne\n"),
    ),
)
