"""The HTTP clients of a service: how often each really asks, and how long one request can block its caller.

Options say less than they seem to: which of them count depends on the versions of openstacksdk and keystoneauth1.
Measured with Nova's own `nova.utils.get_sdk_adapter("placement")` against servers on the loopback that refuse, stay
silent, or answer 503, 429 and 500, in Zed (openstacksdk 0.101, keystoneauth1 5.0.1), 2025.1 (4.4.0, 5.10.0) and
2026.2 (4.22.0, 5.18.1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

from auditor.errors import Undecidable
from auditor.model import Bound, Client, Role, Service, Setting, Settings
from auditor.semantics.libraries import required
from auditor.semantics.urls import is_loopback

#: From which openstacksdk on an option of ``[placement]`` reaches keystoneauth
#: (`openstack.config.cloud_region.CloudRegion.get_session_client`, `openstack.proxy.Proxy.request`). Before 4.15
#: every request is repeated once, whatever ``connect_retries`` says.
HONOURED_FROM: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "connect_retry_delay": (4, 11),
        "status_code_retry_delay": (4, 11),
        "connect_retries": (4, 15),
        "retriable_status_codes": (4, 22),
    }
)

#: From which keystoneauth1 on 429 is repeated like 503, and ``Retry-After`` is obeyed without limit
#: (`keystoneauth1.session.Session._send_request`).
_RETRY_AFTER_FROM = (5, 16)

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 60.0

_COMPUTE_API = frozenset({Role.API, Role.CONDUCTOR, Role.COMPUTE})


@lru_cache(maxsize=256)
def clients(service: Service) -> tuple[Client, ...]:
    """The sections through which a service calls others, as far as their behaviour is known.

    A service of unknown role has those that are written; others have those that their role uses
    (nova/network/neutron.py, nova/volume/cinder.py, nova/image/glance.py, nova/scheduler/client/report.py,
    keystonemiddleware/auth_token). Never raises: what cannot be told is in the client's bound.
    """
    return tuple(
        _client(service, use) for use in _USES if service.project in use.projects and _is_used(service, use)
    )


def placement(service: Service) -> Client | None:
    """The client of ``[placement]``, or None where the service does not call placement."""
    return next((client for client in clients(service) if client.section == "placement"), None)


def has_credentials(settings: Settings, section: str) -> bool:
    """True where an auth plugin is named for the section, or another section that may name one."""
    named = (settings.find(section, "auth_section"), settings.find(section, "auth_type"))
    return any(setting is not None and bool(setting.resolved) for setting in named)


def auth_setting(settings: Settings, section: str, name: str) -> Setting | None:
    """An option of the auth plugin, from the section that ``auth_section`` names if it names one (`keystoneauth1.loading`).

    Options of the session and the adapter (``timeout``, ``cafile``) always come from the client's own section.

    Raises:
        Undecidable: that section's name was withheld, or it is one that the release does not know: keystoneauth
            registers its options there when it is used.
    """
    named = settings.find(section, "auth_section")
    if named is None or not named.value:
        return settings.find(section, name)
    if settings.find(str(named.value), "auth_type") is None:
        raise Undecidable(f"{named} names [{named.value}], whose options this release does not know")
    return settings.find(str(named.value), name)


def is_plain(url: str) -> bool:
    """True for an ``http`` URL of another machine."""
    parts = urlsplit(url)
    return parts.scheme.lower() == "http" and not is_loopback(parts.hostname or "")


def obeys_retry_after(service: Service) -> bool:
    """True where the installed keystoneauth1 waits as long as a ``Retry-After`` header says."""
    return required(service, "keystoneauth1").release >= _RETRY_AFTER_FROM


def ignored(client: Client) -> tuple[tuple[Setting, str], ...]:
    """The written options of ``[placement]`` that the installed openstacksdk drops, each with the version that does not."""
    if client.section != "placement" or client.library is None:
        return ()
    dropped = []
    for name, version in HONOURED_FROM.items():
        setting = client.setting(name)
        is_dropped = setting is not None and setting.is_written and client.library.release < version
        if setting is not None and is_dropped:
            dropped.append((setting, ".".join(str(part) for part in version)))
    return tuple(dropped)


@dataclass(frozen=True, slots=True)
class _Retries:
    """How a request is repeated: counts on top of the first attempt, the delays between them, and the option that limits one.

    A fixed delay of None doubles from half a second to a minute. ``is_one_budget``: silence and status codes are
    repeated from the same count, ``silent``.
    """

    timeout: str
    silent: int
    silent_delay: float | None = None
    status: int = 0
    status_delay: float | None = None
    codes: frozenset[int] = frozenset({503})
    is_one_budget: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Use:
    """A section, who uses it, and how its retries are read."""

    section: str
    roles: frozenset[Role]
    retries: Callable[[Service], _Retries]
    library: str
    projects: frozenset[str] = frozenset({"nova"})


def _is_used(service: Service, use: _Use) -> bool:
    if service.role is not Role.UNKNOWN:
        return service.role in use.roles
    return any(setting.group == use.section for setting in service.settings.written())


def _client(service: Service, use: _Use) -> Client:
    library = required(service, use.library)
    try:
        retries = use.retries(service)
    except Undecidable as reason:
        bound = Bound("unknown", None, str(reason))
        return Client(use.section, MappingProxyType({}), bound, service.settings, library)
    attempts = {"no_answer": 1 + retries.silent}
    repeated = retries.silent if retries.is_one_budget else retries.status
    for code in (503, 429):
        attempts[str(code)] = 1 + (repeated if code in retries.codes else 0)
    try:
        bound = _bound(_number(service, use.section, retries.timeout), retries)
    except Undecidable as reason:
        bound = Bound("unknown", None, str(reason))
    return Client(use.section, MappingProxyType(attempts), bound, service.settings, library)


def _bound(timeout: float | None, retries: _Retries) -> Bound:
    """The longest that one request can block, against a server that answers with nothing or with errors.

    Connecting and each read are limited by the timeout (`requests`), so that a server that drips bytes can take
    longer; and a first call may also discover versions and fetch a token, each with the same timeout.
    """
    if timeout is None:
        return Bound("unbounded", None, "no timeout: one attempt can last for ever")
    if timeout <= 0:
        return Bound("unknown", None, f"timeout = {timeout:g}: requests refuses it and every call fails")
    attempts = 1 + retries.silent + retries.status
    waiting = _delays(retries.silent, retries.silent_delay) + _delays(retries.status, retries.status_delay)
    seconds = attempts * timeout + waiting
    pauses = f" + {waiting:g} s between attempts" if waiting else ""
    return Bound("finite", seconds, f"{attempts} x {timeout:g} s{pauses} = {seconds:g} s{retries.note}")


def _delays(count: int, fixed: float | None) -> float:
    """The seconds slept between ``count + 1`` attempts (`keystoneauth1.session._Retries`; a delay of 0 is none)."""
    if fixed:
        return count * fixed
    return sum(min(_FIRST_DELAY * 2.0**index, _LONGEST_DELAY) for index in range(count))


# --- how each section's retries are read


def _placement(service: Service) -> _Retries:
    sdk = required(service, "openstacksdk")

    def honoured(name: str) -> float | None:
        return _number(service, "placement", name) if sdk.release >= HONOURED_FROM[name] else None

    status = _count(_number(service, "placement", "status_code_retries"))
    obeys = obeys_retry_after(service)
    codes = frozenset({429, 503}) if obeys else frozenset({503})
    if sdk.release >= HONOURED_FROM["retriable_status_codes"]:
        codes = _codes(service) or codes
    return _Retries(
        timeout="timeout",
        silent=(
            _count(honoured("connect_retries")) if sdk.release >= HONOURED_FROM["connect_retries"] else 1
        ),
        silent_delay=honoured("connect_retry_delay"),
        status=status,
        status_delay=honoured("status_code_retry_delay"),
        codes=codes,
        note=", plus what a Retry-After header asks for" if obeys and status else "",
    )


def _neutron(service: Service) -> _Retries:
    """``[neutron] connect_retries`` and ``status_code_retries`` are registered but never used (`get_client`)."""
    return _Retries("timeout", _count(_number(service, "neutron", "http_retries")))


def _cinder(service: Service) -> _Retries:
    return _Retries("timeout", _count(_number(service, "cinder", "http_retries")))


def _glance(service: Service) -> _Retries:
    """`GlanceClientWrapper.call` repeats silence and 503 alike, from one budget, after a second each."""
    count = _count(_number(service, "glance", "num_retries"))
    return _Retries("timeout", count, 1.0, is_one_budget=True)


def _keystone_authtoken(service: Service) -> _Retries:
    """`keystonemiddleware.auth_token.AuthProtocol._create_identity_server`."""
    return _Retries(
        "http_connect_timeout",
        _count(_number(service, "keystone_authtoken", "http_request_max_retries")),
    )


def _number(service: Service, group: str, name: str) -> float | None:
    setting = service.find(group, name)
    if setting is None or setting.unknown:
        return None
    value = setting.value
    return None if value is None else float(value)


def _count(value: float | None) -> int:
    return max(0, int(value or 0))


def _codes(service: Service) -> frozenset[int]:
    setting = service.find("placement", "retriable_status_codes")
    if setting is None or setting.unknown or not setting.value:
        return frozenset()
    try:
        return frozenset(int(code) for code in setting.value)
    except ValueError:
        raise Undecidable(f"{setting} is not a list of numbers") from None


_USES: tuple[_Use, ...] = (
    _Use("placement", _COMPUTE_API | {Role.SCHEDULER}, _placement, "openstacksdk"),
    _Use("neutron", _COMPUTE_API | {Role.METADATA}, _neutron, "keystoneauth1"),
    _Use("cinder", _COMPUTE_API, _cinder, "keystoneauth1"),
    _Use("glance", _COMPUTE_API, _glance, "keystoneauth1"),
    _Use(
        "keystone_authtoken",
        frozenset({Role.API, Role.PLACEMENT}),
        _keystone_authtoken,
        "keystoneauth1",
        frozenset({"nova", "placement"}),
    ),
)
