"""What Nova's clients are asked to do: every section, its options, and other sides that refuse, stay silent, drip or lie.

``call`` is ``next`` where the client has a token and knows the versions already, else ``first``; ``client`` names the way
Nova makes it where there is more than one. A behaviour (``tests/conformance/measure/web.py``) is for the requests of one
kind: ``requests``, ``tokens``, ``discoveries``, or ``all``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_AUTH = """auth_type = password
auth_url = @IDENTITY@/v3
username = nova
password = secret
project_name = service
user_domain_name = Default
project_domain_name = Default
"""

#: Sections whose other side is Keystone itself.
_OF_KEYSTONE = frozenset({"keystone", "keystone_authtoken", "oslo_limit"})

_PROJECT = "1" * 32

#: Section to the options of its timeout and its repetitions, and what else it takes to have that client.
_TIMEOUTS: Mapping[str, str] = {"keystone_authtoken": "http_connect_timeout"}
_RETRIES: Mapping[str, str] = {
    "neutron": "http_retries",
    "cinder": "http_retries",
    "glance": "num_retries",
    "keystone_authtoken": "http_request_max_retries",
}
_BESIDE: Mapping[str, str] = {
    "barbican": "[key_manager]\nbackend = barbican\n",
    "ironic": "[DEFAULT]\ncompute_driver = ironic.IronicDriver\n",
    "oslo_limit": "[quota]\ndriver = nova.quota.UnifiedLimitsDriver\n",
    "vendordata_dynamic_auth": "[api]\nvendordata_providers = StaticJSON,DynamicJSON\n"
    "vendordata_dynamic_targets = name@@SERVICE@/data\nvendordata_dynamic_failure_fatal = true\n"
    "vendordata_dynamic_connect_timeout = 3\nvendordata_dynamic_read_timeout = 3\n",
}
_OWN: Mapping[str, str] = {
    "barbican": "barbican_endpoint = @SERVICE@\nbarbican_api_version = v1\n",
    "oslo_limit": "endpoint_id = e\n",
}

#: Ways to make the clients, by section; in nova-api they go with the user's token and the middleware's.
_CLIENTS: Mapping[str, Sequence[str]] = {
    "placement": ("placement",),
    "neutron": ("neutron", "neutron_in_api"),
    "cinder": ("cinder", "cinder_with_microversion", "cinder_in_api"),
    "glance": ("glance", "glance_in_api"),
    "keystone": ("keystone",),
    "ironic": ("ironic",),
    "cyborg": ("cyborg", "cyborg_in_api"),
    "manila": ("manila",),
    "keystone_authtoken": ("keystone_authtoken",),
    "vendordata_dynamic_auth": ("vendordata_dynamic_auth",),
    "oslo_limit": ("oslo_limit",),
}

#: Where a service's endpoint lies, which decides how often versions are asked for.
_ENDPOINTS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "placement": ({}, {"placement": "/v1"}, {"placement": "/service"}),
    "glance": ({}, {"image": "/v2"}, {"image": "/service"}),
    "ironic": ({}, {"baremetal": "/v1"}, {"baremetal": "/service"}),
    "cyborg": ({}, {"accelerator": ""}, {"accelerator": "/v2/" + _PROJECT}),
    "manila": ({}, {"shared-file-system": ""}, {"shared-file-system": "/v2/" + _PROJECT}),
    "keystone": ({}, {"identity": ""}),
    "keystone_authtoken": ({}, {"identity": ""}),
    "oslo_limit": ({}, {"identity": ""}),
}

#: What keystoneauth's adapters know, for sections that go through them or through openstacksdk.
_ADAPTERS: Sequence[Mapping[str, Any]] = (
    {"timeout": 1},
    {"timeout": 2},
    {"timeout": 1, "connect_retries": 0},
    {"timeout": 1, "connect_retries": 3},
    {"timeout": 1, "connect_retries": 1, "connect_retry_delay": 1},
    {"timeout": 1, "connect_retries": 2, "connect_retry_delay": 0},
    {"timeout": 1, "status_code_retries": 2},
    {"timeout": 1, "status_code_retries": 1, "status_code_retry_delay": 1},
    {"timeout": 1, "status_code_retries": 1, "retriable_status_codes": "500,502"},
    {"timeout": 1, "connect_retries": 1, "status_code_retries": 1},
)
_FEW = (_ADAPTERS[0], _ADAPTERS[3], _ADAPTERS[6], _ADAPTERS[8])
_WITH_ADAPTER = frozenset({"placement", "ironic", "cyborg", "keystone", "manila"})

_BEHAVIOURS = (
    "refused",
    "silent",
    "dropped",
    "closed",
    "503",
    "429",
    "500",
    "503+2",
    "429+2",
    "dripping",
    "slow503,silent",
    "401",
    "slow401,silent",
)
_MAIN = ("refused", "silent", "503", "429+2", "401", "slow401,silent")

_OF_SECTION: Mapping[str, Sequence[str]] = {"placement": _BEHAVIOURS, "ironic": (*_MAIN, "409")}

#: What may go wrong before a request is sent at all.
_FIRST: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "good": {},
    "silent": {"other": {"behaviour": "silent"}},
    "slow": {"identity": {"behaviour": "slow"}, "service": {"behaviour": "slow"}},
    "401": {"other": {"behaviour": "401,good", "for": "requests"}},
    "identity-silent": {"identity": {"behaviour": "silent"}},
    "tokens-silent": {"identity": {"behaviour": "silent", "for": "tokens"}},
    "versions-silent": {"other": {"behaviour": "silent", "for": "discoveries"}},
    "everything-slow": {
        "identity": {"behaviour": "slow"},
        "service": {"behaviour": "slow"},
        "other": {"behaviour": "slow401,silent", "for": "requests"},
    },
}

#: Of these, what depends on where the endpoint lies.
_OF_VERSIONS = frozenset({"silent", "versions-silent", "everything-slow"})

_FACES: Mapping[str, str | None] = {
    "right": "ca-right.pem",
    "wrong-name": "ca-wrong.pem",
    "wrong-ca": "other-right.pem",
    "system": "system-right.pem",
    "system-wrong-name": "system-wrong.pem",
    "common-name": "ca-cn.pem",
    "plain": None,
}

#: Options of TLS, as far as a nova.conf names files that exist or not.
_TLS: Sequence[str] = (
    "",
    "cafile = @DIR@/ca.pem\n",
    "cafile =\n",
    "insecure = true\n",
    "insecure = true\ncafile = @DIR@/ca.pem\n",
    "cafile = @DIR@/missing.pem\n",
    "ca_file = @DIR@/ca.pem\n",
)


def cases() -> tuple[Mapping[str, Any], ...]:
    """Every case, in an order that puts the long ones first."""
    found = (*_dripping(), *_requests(), *_first_calls(), *_without_end(), *_certificates(), *_other())
    return tuple(sorted(found, key=lambda case: case["id"]))


def _conf(section: str, options: Mapping[str, Any], extra: str = "") -> str:
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    auth = "" if section == "barbican" else _AUTH
    own = f"[{section}]\n{auth}{_OWN.get(section, '')}{lines}"
    beside = (
        "" if section == "keystone_authtoken" else f"[keystone_authtoken]\n{_AUTH}http_connect_timeout = 1\n"
    )
    return own + _BESIDE.get(section, "") + beside + extra


def _named(section: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Options under the names that the section has for them."""
    names = {"timeout": _TIMEOUTS.get(section, "timeout"), "retries": _RETRIES.get(section, "retries")}
    return {names.get(name, name): value for name, value in options.items()}


def _case(section: str, name: str, conf: str, **rest: Any) -> Mapping[str, Any]:
    return {"id": f"{section}/{name}", "driver": section, "conf": conf, "timeout": 1, **rest}


def _other_side(section: str) -> str:
    return "identity" if section in _OF_KEYSTONE else "service"


def _grid(section: str) -> Sequence[Mapping[str, Any]]:
    if section == "placement":
        return _ADAPTERS
    if section in _WITH_ADAPTER:
        return _FEW
    if section in _RETRIES:
        return tuple(
            {"timeout": timeout, "retries": retries} for timeout, retries in ((1, 0), (1, 2), (2, 1))
        )
    return ({"timeout": 1},)


def _words(options: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in options.items()) or "defaults"


def _requests() -> Iterator[Mapping[str, Any]]:
    for section, ways in _CLIENTS.items():
        for options in _grid(section):
            named = _named(section, options)
            for behaviour in _OF_SECTION.get(section, _MAIN):
                if behaviour == "dripping":
                    continue
                # A connection is refused or dropped whatever is sent; manila asks for versions before each request.
                every = behaviour in ("refused", "dropped")
                if every and section == "manila":
                    continue
                yield _case(
                    section,
                    f"{_words(named)}/{behaviour}",
                    _conf(section, named),
                    timeout=3 if section == "vendordata_dynamic_auth" else options["timeout"],
                    client=ways[0],
                    call="next",
                    **{_other_side(section): {"behaviour": behaviour, "for": "all" if every else "requests"}},
                )


def _dripping() -> Iterator[Mapping[str, Any]]:
    for section in ("placement", "neutron", "glance", "keystone_authtoken"):
        named = _named(section, {"timeout": 1, **({"retries": 0} if section in _RETRIES else {})})
        side = {_other_side(section): {"behaviour": "dripping", "for": "requests"}}
        yield _case(
            section, f"{_words(named)}/dripping", _conf(section, named), client=section, call="next", **side
        )


def _first_calls() -> Iterator[Mapping[str, Any]]:
    for section, ways in _CLIENTS.items():
        named = _named(section, {"timeout": 1, **({"retries": 1} if section in _RETRIES else {})})
        for way in ways:
            for endpoints in _ENDPOINTS.get(section, ({},)):
                for token in ("", "service-token ") if way in _WITH_SERVICE_TOKEN else ("",):
                    for kind, sides in _FIRST.items():
                        if endpoints and kind not in _OF_VERSIONS:
                            continue
                        where = "".join(f" at {path or '/'}" for path in endpoints.values())
                        extra = f"[service_user]\nsend_service_user_token = true\n{_AUTH}" if token else ""
                        if section == "manila":
                            extra = f"[service_user]\n{_AUTH}"
                        placed = {
                            ("service" if name == "other" else name): side for name, side in sides.items()
                        }
                        if "other" in sides:
                            placed[_other_side(section)] = sides["other"]
                        if section in _OF_KEYSTONE and "other" in sides:
                            placed.pop("service", None)
                        yield _case(
                            section,
                            f"{way}{where}/{token}first-{kind}",
                            _conf(section, named, extra),
                            client=way,
                            call="first",
                            endpoints=endpoints,
                            **placed,
                        )


_WITH_SERVICE_TOKEN = frozenset({"neutron", "cinder_in_api", "glance", "glance_in_api", "cyborg"})


def _without_end() -> Iterator[Mapping[str, Any]]:
    """Clients without a timeout: the other side holds its answer back for five seconds, and all of them wait."""
    held = {"behaviour": "held", "for": "requests"}
    for section, ways in _CLIENTS.items():
        options: Mapping[str, Any] = {_RETRIES[section]: 0} if section in _RETRIES else {}
        if section == "vendordata_dynamic_auth":
            continue
        side = {_other_side(section): held}
        extra = f"[service_user]\n{_AUTH}" if section == "manila" else ""
        yield _case(
            section, "no timeout/held", _conf(section, options, extra), client=ways[0], call="next", **side
        )
    yield _case(
        "manila",
        "timeout=1, with the user's token/held",
        _conf("manila", {"timeout": 1}, f"[service_user]\n{_AUTH}"),
        client="manila_user",
        call="next",
        service=held,
    )
    yield _case(
        "barbican", "no timeout/held", _conf("barbican", {}), call="first", service={"behaviour": "held"}
    )
    yield _case("barbican", "good", _conf("barbican", {}), call="first")
    for section in ("placement", "keystone_authtoken", "neutron"):
        for timeout in (0, -1):
            named = _named(section, {"timeout": timeout})
            yield _case(section, f"{_words(named)}/good", _conf(section, named), client=section, call="first")


def _certificates() -> Iterator[Mapping[str, Any]]:
    """Whose certificates are believed, for which names; and what an address without TLS makes of it all."""
    for section in ("placement", "keystone_authtoken", "neutron"):
        for written in _TLS:
            for face, certificate in _FACES.items():
                named = _named(section, {"timeout": 2})
                conf = _conf(section, named).replace(f"[{section}]\n", f"[{section}]\n{written}", 1)
                words = ", ".join(written.replace("@DIR@/", "").split("\n")).rstrip(", ") or "defaults"
                yield _case(
                    section,
                    f"tls {words}/{face}",
                    conf,
                    client=section,
                    call="first",
                    scheme="https",
                    certificate=certificate,
                    timeout=2,
                )


def _other() -> Iterator[Mapping[str, Any]]:
    """Ways to have no client of placement at all."""
    for interfaces in ("internalURL", "internal", "public,admin"):
        conf = _conf("placement", {"timeout": 1, "valid_interfaces": interfaces})
        yield _case(
            "placement", f"valid_interfaces={interfaces}/good", conf, client="placement", call="first"
        )
