"""How Nova makes the client of each section: which options it reads, what a call sends, and when there is one at all.

Read in nova 26 to 34 and measured with its own functions (``tests/conformance/measure/clients.py``).
"""

from collections.abc import Callable

from auditor.model import Role, Service, Trust
from auditor.semantics import authtoken, keystoneauth, openstacksdk
from auditor.semantics.keystoneauth import Conversation, Repetition
from auditor.semantics.libraries import is_from
from auditor.semantics.options import (
    Dropped,
    as_number,
    codes,
    count,
    has_credentials,
    is_on,
    longest,
    number,
)

#: Options of keystoneauth's adapters, for sections whose client is made without them.
ADAPTER_OPTIONS = (
    "connect_retries",
    "connect_retry_delay",
    "status_code_retries",
    "status_code_retry_delay",
    "retriable_status_codes",
)


def adapter(section: str) -> Callable[[Service], Repetition]:
    """A client that is keystoneauth's own adapter with all of its options (`nova.utils.get_ksa_adapter`)."""

    def repetition(service: Service) -> Repetition:
        return Repetition(
            count(service, section, "connect_retries"),
            number(service, section, "connect_retry_delay"),
            count(service, section, "status_code_retries"),
            number(service, section, "status_code_retry_delay"),
            codes(service, section, keystoneauth.default_codes(service)),
            obeys_retry_after=keystoneauth.obeys_retry_after(service),
        )

    return repetition


def http_retries(section: str) -> Callable[[Service], Repetition]:
    """``http_retries`` alone: `nova.network.neutron.get_client`, `nova.volume.cinder.cinderclient`."""
    return lambda service: Repetition(count(service, section, "http_retries"))


def unread(section: str, options: tuple[str, ...]) -> Callable[[Service], Dropped]:
    """The written options of a section that nothing reads."""

    def dropped(service: Service) -> Dropped:
        found = (service.find(section, option) for option in options)
        return tuple((setting, None) for setting in found if setting is not None and setting.is_written)

    return dropped


def sends_service_token(service: Service) -> bool:
    """True where a token of Nova's own goes with the user's (`nova.service_auth`)."""
    return is_on(service, "service_user", "send_service_user_token") and has_credentials(
        service.settings, "service_user"
    )


def call_of_user(versions: int = 0) -> Callable[[Service], Conversation]:
    """A call with the user's token.

    In nova-api keystonemiddleware adds a token of its own (`keystonemiddleware.auth_token._user_plugin`) and a 401 makes
    keystoneauth send the request again; elsewhere Nova's context has the token and the endpoints
    (`nova.context._ContextAuthPlugin`), and nothing is repeated.
    """

    def conversation(service: Service) -> Conversation:
        is_api, has_service = service.role is Role.API, sends_service_token(service)
        return Conversation(
            tokens=2 * (is_api + has_service),
            versions=versions,
            renewal=is_api + has_service,
        )

    return conversation


def call_of_nova(versions: int = 0) -> Callable[[Service], Conversation]:
    """A call with Nova's own credentials, to which a token of ``[service_user]`` may come."""

    def conversation(service: Service) -> Conversation:
        extra = int(sends_service_token(service))
        return Conversation(tokens=2 + 2 * extra, versions=versions, renewal=1 + extra)

    return conversation


def token_timeout(section: str) -> Callable[[Service], float | None]:
    """Seconds for a token: in nova-api it may be keystonemiddleware's own, with that one's timeout."""

    def seconds(service: Service) -> float | None:
        own = number(service, section, "timeout")
        if service.role is not Role.API:
            return own
        return longest(own, authtoken_timeout(service))

    return seconds


def glance(service: Service) -> Repetition:
    """`nova.image.glance.GlanceClientWrapper.call` repeats silence and 503 alike, from one budget, after a second each."""
    return Repetition(count(service, "glance", "num_retries"), 1.0, is_one_budget=True)


def glance_call(service: Service) -> Conversation:
    """Each attempt asks for the image and for its schema, in nova-api or with a service token for tokens too.

    There a 401 makes either of them be sent again, and a token that does not come is an attempt that failed.
    """
    is_api, has_service = service.role is Role.API, sends_service_token(service)
    asks = is_api or has_service
    return Conversation(
        tokens=2 * (is_api + has_service), versions=3 * is_api, renewal=0, requests=7 if asks else 2
    )


def cyborg(service: Service) -> Repetition:
    """The adapter of keystoneauth until 2026.1, openstacksdk from 2026.2 on (`nova.accelerator.cyborg._CyborgClient`)."""
    if is_from(service, "2026.2"):
        return openstacksdk.repetition("cyborg")(service)
    return adapter("cyborg")(service)


def cyborg_dropped(service: Service) -> Dropped:
    """What openstacksdk drops, from the release on that goes through it."""
    return openstacksdk.ignored(service, "cyborg") if is_from(service, "2026.2") else ()


def oslo_limit(service: Service) -> Repetition:
    """`oslo_limit.limit._get_keystone_connection` gives openstacksdk a session and none of the adapter's options."""
    return openstacksdk.bare_repetition(service)


def keystone_authtoken(service: Service) -> Repetition:
    """`keystonemiddleware.auth_token.AuthProtocol._create_identity_server`."""
    retries = as_number(authtoken.setting(service, "http_request_max_retries"))
    return Repetition(max(0, int(retries or 0)))


def authtoken_trust(service: Service) -> Trust:
    """`AuthProtocol._create_session`: options of api-paste.ini win."""
    return keystoneauth.trust_of(authtoken.setting(service, "insecure"), authtoken.setting(service, "cafile"))


def authtoken_call(_service: Service) -> Conversation:
    """Up to three requests for versions, a token, and validation, which is tried anew after a second 401.

    (`keystonemiddleware.auth_token._identity.IdentityServer.verify_token`)
    """
    return Conversation(tokens=4, renewal=1, again=2)


def authtoken_timeout(service: Service) -> float | None:
    """``timeout`` of this section has no effect (`AuthProtocol._create_session`)."""
    return as_number(authtoken.setting(service, "http_connect_timeout"))


def vendordata_timeout(service: Service) -> float | None:
    """Connecting and reading have a timeout each (`nova.api.metadata.vendordata_dynamic.DynamicVendorData`)."""
    return longest(
        *(number(service, "api", f"vendordata_dynamic_{part}_timeout") for part in ("connect", "read"))
    )


def vendordata_call(service: Service) -> Conversation:
    """A token goes with the request only where the section has credentials."""
    if not has_credentials(service.settings, "vendordata_dynamic_auth"):
        return Conversation(tokens=0, renewal=0)
    return Conversation()


def vendordata_tokens(service: Service) -> float | None:
    """The section's own timeout is for its token."""
    return number(service, "vendordata_dynamic_auth", "timeout")


def vendordata_trust(service: Service) -> Trust:
    """``[api] vendordata_dynamic_ssl_certfile`` is for the request; this section's own options are for tokens."""
    cafile = service.find("api", "vendordata_dynamic_ssl_certfile")
    return Trust("file", str(cafile.value)) if cafile is not None and cafile.value else Trust("system")


def barbican_trust(service: Service) -> Trust:
    """`castellan.key_manager.barbican_key_manager`: ``verify_ssl`` and ``verify_ssl_path``, not ``cafile``."""
    verify, path = service.find("barbican", "verify_ssl"), service.find("barbican", "verify_ssl_path")
    if verify is not None and verify.value is False:
        return Trust("none")
    return Trust("file", str(path.value)) if path is not None and path.value else Trust("system")


def manila_trust(service: Service) -> Trust:
    """With a user's token openstacksdk makes a session of its own, which believes the system's authorities."""
    found = keystoneauth.trust(service, "manila")
    return found if found.kind == "none" else Trust("system")


def service_user_timeout(service: Service) -> float | None:
    """Its tokens are fetched in the sessions of the sections that send them, with those sections' timeouts."""
    return longest(*(number(service, section, "timeout") for section in ("neutron", "cinder", "glance")))


def is_ironic(service: Service) -> bool:
    """True where the service calls Ironic: as its driver, or in the API (`nova.api.openstack.compute.baremetal_nodes`)."""
    driver = service.find("DEFAULT", "compute_driver")
    is_driver = driver is not None and "ironic" in str(driver.value or "")
    return has_credentials(service.settings, "ironic") and (service.role is Role.API or is_driver)


def has_vendordata(service: Service) -> bool:
    """True where metadata is asked for at other services (`nova.api.metadata.base.InstanceMetadata`)."""
    providers, targets = (
        service.find("api", name) for name in ("vendordata_providers", "vendordata_dynamic_targets")
    )
    if providers is None or targets is None:
        return False
    return "DynamicJSON" in (providers.value or ()) and bool(targets.value)


def has_unified_limits(service: Service) -> bool:
    """True where limits are Keystone's (`nova.quota.UnifiedLimitsDriver`)."""
    driver = service.find("quota", "driver")
    return driver is not None and "UnifiedLimits" in str(driver.value or "")
