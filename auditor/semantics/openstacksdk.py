"""Which options of a section reach keystoneauth through openstacksdk, by which Nova calls placement, Ironic and others.

Read in openstacksdk 0.101 to 4.22.0 and measured with 0.101, 1.0.2, 1.5.1, 3.0.0, 4.0.1, 4.4.0, 4.7.2, 4.10.0, 4.11.0,
4.13.0, 4.15.0, 4.18.0 and 4.22.0.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from auditor.model import Service
from auditor.semantics import keystoneauth
from auditor.semantics.keystoneauth import Conversation, Repetition
from auditor.semantics.libraries import is_capable, required
from auditor.semantics.options import Dropped, codes, count, number

#: From which openstacksdk on an option reaches keystoneauth. `openstack.config.cloud_region.CloudRegion.get_session_client`
#: hands options to the adapter (4.11 and 4.12 read ``connect_retry_delay`` and hand it to nobody);
#: `openstack.proxy.Proxy.request` overruled ``connect_retries`` by 1 before 4.15. ``timeout``, ``insecure`` and ``cafile``
#: are the session's and always count, as does ``status_code_retries``.
HONOURED_FROM: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "connect_retry_delay": (4, 13),
        "connect_retries": (4, 15),
        "status_code_retry_delay": (4, 22),
        "retriable_status_codes": (4, 22),
    }
)

#: The statuses that the proxy of a service repeats unless an option names others: a node that is locked, and no conductor
#: (`openstack.baremetal.v1._common.RETRIABLE_STATUS_CODES`).
_CODES: Mapping[str, frozenset[int]] = MappingProxyType({"ironic": frozenset({409, 503})})

#: What `Proxy.request` does while it does not ask ``connect_retries``.
BUILT_IN_RETRIES = 1


def is_honoured(service: Service, option: str) -> bool:
    """True where the installed openstacksdk hands the option on; its source decides where it was seen."""
    by_version = required(service, "openstacksdk").release >= HONOURED_FROM[option]
    return is_capable(service, f"openstacksdk:{option}", by_version)


def repetition(section: str) -> Callable[[Service], Repetition]:
    """How a section's requests are repeated, as far as its options reach keystoneauth."""

    def found(service: Service) -> Repetition:
        def delay(option: str) -> float | None:
            return number(service, section, option) if is_honoured(service, option) else None

        default = _CODES.get(section, keystoneauth.default_codes(service))
        is_listed = is_honoured(service, "retriable_status_codes")
        return Repetition(
            count(service, section, "connect_retries")
            if is_honoured(service, "connect_retries")
            else BUILT_IN_RETRIES,
            delay("connect_retry_delay"),
            count(service, section, "status_code_retries"),
            delay("status_code_retry_delay"),
            codes(service, section, default) if is_listed else default,
            obeys_retry_after=keystoneauth.obeys_retry_after(service),
        )

    return found


def bare_repetition(service: Service) -> Repetition:
    """How requests are repeated through a connection that was made without any options."""
    return Repetition(0 if is_honoured(service, "connect_retries") else BUILT_IN_RETRIES)


def conversation(_service: Service) -> Conversation:
    """A first call asks Keystone for versions and a token, and the other side for versions, once more where that failed.

    (`openstack.service_description.ServiceDescription._make_proxy`, `keystoneauth1.adapter.Adapter.get_api_major_version`)
    """
    return Conversation(tokens=2, versions=2)


def ignored(service: Service, section: str) -> Dropped:
    """The written options of a section that the installed openstacksdk drops, each with the version that does not."""
    dropped = []
    for option, version in HONOURED_FROM.items():
        setting = service.find(section, option)
        if setting is not None and setting.is_written and not is_honoured(service, option):
            dropped.append((setting, ".".join(str(part) for part in version)))
    return tuple(dropped)
