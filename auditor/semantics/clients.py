"""The HTTP clients of a service: how often each really asks, how long it can block its caller, whose certificates it believes.

Options say less than they seem to: which of them count depends on how Nova makes the client, and on the versions of
openstacksdk and keystoneauth1. Each section's function says where that is read; everything is measured with Nova's own
code in every release (``tests/conformance/measure/clients.py``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

from auditor.errors import Unavailable, Undecidable
from auditor.model import Bound, Client, Library, Role, Service, Trust
from auditor.semantics import keystoneauth, openstacksdk
from auditor.semantics import novaclients as nova
from auditor.semantics.keystoneauth import Conversation, Repetition
from auditor.semantics.libraries import is_from, required
from auditor.semantics.options import Dropped, is_written, number
from auditor.semantics.urls import is_loopback

_COMPUTE_API = frozenset({Role.API, Role.CONDUCTOR, Role.COMPUTE})


@lru_cache(maxsize=256)
def clients(service: Service) -> tuple[Client, ...]:
    """The sections through which a service calls others.

    A service of unknown role has those that are written; others have those that their role and settings use. Never
    raises: what cannot be told is in the client's bounds.
    """
    return tuple(
        _client(service, use) for use in _USES if service.project in use.projects and _is_used(service, use)
    )


def placement(service: Service) -> Client | None:
    """The client of ``[placement]``, or None where the service does not call placement."""
    return next((client for client in clients(service) if client.section == "placement"), None)


def is_plain(url: str) -> bool:
    """True for an ``http`` URL of another machine."""
    parts = urlsplit(url)
    return parts.scheme.lower() == "http" and not is_loopback(parts.hostname or "")


@dataclass(frozen=True, slots=True)
class _Use:
    """A section: who uses it and when, what it repeats, what a whole call sends, whose certificates it believes.

    ``timeout`` and ``token_timeout`` (None: the same) give the seconds for requests and for tokens; ``unbounded`` says
    why no setting bounds it.
    """

    section: str
    roles: frozenset[Role]
    repetition: Callable[[Service], Repetition]
    conversation: Callable[[Service], Conversation]
    library: str = "keystoneauth1"
    timeout: Callable[[Service], float | None] | None = None
    token_timeout: Callable[[Service], float | None] | None = None
    projects: frozenset[str] = frozenset({"nova"})
    condition: Callable[[Service], bool] = lambda _service: True
    trust: Callable[[Service], Trust] | None = None
    dropped: Callable[[Service], Dropped] = lambda _service: ()
    unbounded: str | None = None


def _is_used(service: Service, use: _Use) -> bool:
    if service.role is Role.UNKNOWN:
        return is_written(service, use.section)
    try:
        return service.role in use.roles and use.condition(service)
    except (Undecidable, Unavailable):
        return True


def _client(service: Service, use: _Use) -> Client:
    library, trust = required(service, use.library), _trust(service, use)
    try:
        repetition = use.repetition(service)
    except (Undecidable, Unavailable) as reason:
        nothing = _all(Bound(keystoneauth.UNKNOWN, None, str(reason)))
        attempts: Mapping[str, int] = MappingProxyType({})
        return _made(service, use, library, attempts, nothing["silent"], nothing, trust)
    try:
        timeout, tokens = _timeouts(service, use)
        request = keystoneauth.one_request(timeout, repetition)
        worst = {**keystoneauth.worst_cases(timeout, repetition)}
        worst["call"] = keystoneauth.whole_call(timeout, repetition, use.conversation(service), tokens)
    except (Undecidable, Unavailable) as reason:
        request = Bound(keystoneauth.UNKNOWN, None, str(reason))
        worst = {**_all(request)}
    if use.unbounded is not None:
        request = Bound(keystoneauth.UNBOUNDED, None, use.unbounded)
        worst |= {"silent": request, "call": request}
    return _made(service, use, library, repetition.attempts(), request, worst, trust)


def _made(
    service: Service,
    use: _Use,
    library: Library,
    attempts: Mapping[str, int],
    request: Bound,
    worst: Mapping[str, Bound],
    trust: Trust,
) -> Client:
    return Client(
        section=use.section,
        attempts=attempts,
        request_worst_case=request,
        settings=service.settings,
        library=library,
        worst_cases=MappingProxyType(dict(worst)),
        trust=trust,
        names=_names(service, trust),
        ignored=use.dropped(service),
        role=service.role,
        ca_file=None if trust.path is None else service.files.at(trust.path),
    )


def _all(bound: Bound) -> Mapping[str, Bound]:
    kinds = ("refused", "silent", "503", "429", "retry_after", "dripping", "call")
    return dict.fromkeys(kinds, bound)


def _timeouts(service: Service, use: _Use) -> tuple[float | None, float | None]:
    """The seconds for requests, and for tokens."""
    timeout = number(service, use.section, "timeout") if use.timeout is None else use.timeout(service)
    return timeout, timeout if use.token_timeout is None else use.token_timeout(service)


def _trust(service: Service, use: _Use) -> Trust:
    try:
        return keystoneauth.trust(service, use.section) if use.trust is None else use.trust(service)
    except (Undecidable, Unavailable):
        return Trust("unknown")


def _names(service: Service, trust: Trust) -> str:
    """Which names of a certificate count: urllib3 before 2 takes the common name where there is no alternative name."""
    if trust.kind in ("none", "unknown"):
        return "any" if trust.kind == "none" else "unknown"
    return "alternative-name" if required(service, "urllib3").release >= (2,) else "common-name"


_USES: tuple[_Use, ...] = (
    # `nova.scheduler.client.report.SchedulerReportClient` through `nova.utils.get_sdk_adapter`.
    _Use(
        "placement",
        _COMPUTE_API | {Role.SCHEDULER},
        openstacksdk.repetition("placement"),
        openstacksdk.conversation,
        "openstacksdk",
        dropped=lambda service: openstacksdk.ignored(service, "placement"),
    ),
    _Use(
        "neutron",
        _COMPUTE_API | {Role.METADATA},
        nova.http_retries("neutron"),
        nova.call_of_nova(),
        token_timeout=nova.token_timeout("neutron"),
        dropped=nova.unread("neutron", nova.ADAPTER_OPTIONS),
    ),
    # `cinderclient` asks for microversions anew with each call that needs one.
    _Use(
        "cinder",
        _COMPUTE_API,
        nova.http_retries("cinder"),
        nova.call_of_nova(versions=1),
        token_timeout=nova.token_timeout("cinder"),
    ),
    _Use(
        "glance",
        _COMPUTE_API,
        nova.glance,
        nova.glance_call,
        token_timeout=nova.token_timeout("glance"),
        dropped=nova.unread("glance", nova.ADAPTER_OPTIONS),
    ),
    # `nova.api.openstack.identity.verify_project_id`.
    _Use(
        "keystone",
        frozenset({Role.API}),
        nova.adapter("keystone"),
        nova.call_of_user(versions=3),
        token_timeout=nova.token_timeout("keystone"),
    ),
    # `nova.virt.ironic.driver` and, from 2024.1 on, `nova.api.openstack.compute.baremetal_nodes`.
    _Use(
        "ironic",
        frozenset({Role.API, Role.COMPUTE}),
        openstacksdk.repetition("ironic"),
        openstacksdk.conversation,
        "openstacksdk",
        condition=nova.is_ironic,
        dropped=lambda service: openstacksdk.ignored(service, "ironic"),
    ),
    _Use(
        "cyborg",
        _COMPUTE_API,
        nova.cyborg,
        nova.call_of_user(versions=2),
        token_timeout=nova.token_timeout("cyborg"),
        condition=lambda service: is_written(service, "cyborg"),
        dropped=nova.cyborg_dropped,
    ),
    # `nova.share.manila._manilaclient`, from 2025.1 on; `nova.utils.get_sdk_adapter` with ``admin=False``.
    _Use(
        "manila",
        _COMPUTE_API,
        openstacksdk.repetition("manila"),
        openstacksdk.conversation,
        "openstacksdk",
        condition=lambda service: is_from(service, "2025.1") and is_written(service, "manila"),
        trust=nova.manila_trust,
        dropped=lambda service: openstacksdk.ignored(service, "manila"),
        unbounded="with the user's token Nova gives openstacksdk none of the options of [manila]: no timeout",
    ),
    # castellan makes its session without a timeout; number_of_retries is for orders, which Nova never makes.
    _Use(
        "barbican",
        _COMPUTE_API,
        lambda _service: Repetition(),
        lambda _service: Conversation(),
        timeout=lambda _service: None,
        condition=lambda service: is_written(service, "barbican"),
        trust=nova.barbican_trust,
        unbounded="castellan has no option for a timeout: one attempt can last for ever",
    ),
    _Use(
        "service_user",
        _COMPUTE_API,
        lambda _service: Repetition(),
        lambda _service: Conversation(renewal=0),
        timeout=nova.service_user_timeout,
        condition=nova.sends_service_token,
        trust=lambda _service: Trust("unknown"),
        dropped=nova.unread("service_user", ("timeout", "insecure", "cafile", "certfile", "keyfile")),
    ),
    _Use(
        "keystone_authtoken",
        frozenset({Role.API, Role.PLACEMENT}),
        nova.keystone_authtoken,
        nova.authtoken_call,
        timeout=nova.authtoken_timeout,
        projects=frozenset({"nova", "placement"}),
        trust=nova.authtoken_trust,
        dropped=nova.unread("keystone_authtoken", ("timeout",)),
    ),
    _Use(
        "vendordata_dynamic_auth",
        frozenset({Role.API, Role.METADATA, Role.COMPUTE}),
        lambda _service: Repetition(),
        nova.vendordata_call,
        timeout=nova.vendordata_timeout,
        token_timeout=nova.vendordata_tokens,
        condition=nova.has_vendordata,
        trust=nova.vendordata_trust,
    ),
    _Use(
        "oslo_limit",
        frozenset({Role.API, Role.CONDUCTOR}),
        nova.oslo_limit,
        lambda _service: Conversation(tokens=4),
        "openstacksdk",
        condition=nova.has_unified_limits,
    ),
)
