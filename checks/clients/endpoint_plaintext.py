"""Calls to another service are plain text.

An address that the section names starts with ``http://``: whoever can listen on the network takes the token that goes with
the call, a user's or Nova's own. ``cafile`` changes nothing, because it counts for ``https`` alone. Of several image servers
(``[glance] api_servers``) Nova takes one after the other, so that one of them without TLS is enough. Placement has a check
of its own; where no address is named the service catalogue decides, which no configuration shows.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from auditor.check import (
    Check,
    Client,
    Outcome,
    Scope,
    Setting,
    Severity,
    Site,
    bad,
    failed,
    good,
    moot,
    not_applicable,
    passed,
)
from auditor.semantics.clients import is_plain

#: The option that names addresses, where it is not ``endpoint_override``; it wins where both are written.
_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"glance": "api_servers", "cinder": "endpoint_template", "barbican": "barbican_endpoint"}
)


def evaluate(client: Client, _site: Site) -> Outcome:
    """Fail where one of the written addresses is http."""
    if client.section == "placement":
        return not_applicable("placement has a check of its own")
    named = next(_named(client), None)
    if named is None:
        return not_applicable("the service catalogue decides")
    addresses = (
        [str(one) for one in named.value] if isinstance(named.value, (list, tuple)) else [str(named.value)]
    )
    plain = [address for address in addresses if is_plain(address)]
    if plain:
        return failed(f"{named} is http: tokens go to {', '.join(plain)} in plain text", named)
    return passed("every address is https, or on this machine", named)


def _named(client: Client) -> Iterator[Setting]:
    for option in (_OPTIONS.get(client.section), "endpoint_override"):
        setting = None if option is None else client.setting(option)
        if setting is not None and not setting.unknown and setting.value:
            yield setting


CHECK = Check(
    id="clients-endpoint-plaintext",
    title="Calls to another service in plain text",
    severity=Severity.CRITICAL,
    scope=Scope.CLIENT,
    doc=__doc__,
    remediation="Write `https://` URLs, or remove the option and use the catalogue's.",
    options=(
        "glance.api_servers",
        "neutron.endpoint_override",
        "cinder.endpoint_template",
        "barbican.barbican_endpoint",
    ),
    evaluate=evaluate,
    examples=(
        bad("[glance]\napi_servers = http://g1.example:9292,https://g2.example:9292\n"),
        bad("[neutron]\nendpoint_override = http://neutron.example:9696\n"),
        good("[glance]\napi_servers = https://g1.example:9292\n"),
        good("[neutron]\nendpoint_override = http://127.0.0.1:9696\n"),
        moot("[neutron]\ntimeout = 5\n"),
        moot("[placement]\nendpoint_override = http://placement.example:8778\n"),
    ),
)
