"""Options of TLS are written for the broker, and nothing reads them.

Whoever wrote them believes that messages are encrypted. They count only where ``ssl`` is on; and ``rabbit_use_ssl`` and
``kombu_ssl_*`` are unknown from oslo.messaging 16.0.0 (2025.1) on, so that an upgrade turns such a file into plain
text, or into TLS without its authority, without a word. What that leaves unprotected is a finding of its own; this one
tells why it is not as it looks.
"""

from auditor.check import (
    Check,
    Outcome,
    Posture,
    Scope,
    Service,
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
from auditor.checks.subjects import (
    CA_FILES,
    OLD_TLS_OPTIONS,
    is_rabbit,
    is_unlisted,
    posture,
    require_cells,
)
from auditor.semantics.transports import transports

_GROUP = "oslo_messaging_rabbit"
_BESIDE = ("ssl_ca_file", "ssl_cert_file", "ssl_key_file", "ssl_version", "ssl_enforce_hostname_verification")


def evaluate(service: Service, _site: Site) -> Outcome:
    """Fail where ssl options are written that no connection to a broker uses."""
    brokers = [
        transport
        for transport in transports(service)
        if not is_unlisted(transport) and is_rabbit(transport) and transport.posture is not Posture.BROKEN
    ]
    if not brokers:
        require_cells(service)
        return not_applicable("it has no connection to RabbitMQ")
    old, beside = _written(service, tuple(OLD_TLS_OPTIONS)), _written(service, _BESIDE)
    dead = [setting for setting in old if setting.unknown]
    if dead:
        return failed(
            f"[{_GROUP}] {_names(dead)}: nothing reads these names from oslo.messaging 16.0.0 (2025.1) on",
            *dead,
            remedy=f"In `[{_GROUP}]`, {', '.join(_renamed(setting.name) for setting in dead)}.",
        )
    if not beside and not old:
        return not_applicable("no option of TLS is written")
    if all(posture(transport) is Posture.PLAINTEXT for transport in brokers):
        require_cells(service)
        return failed(
            f"[{_GROUP}] {_names(beside or old)}: not used, because ssl is off",
            *beside,
            *old,
            service.find(_GROUP, "ssl"),
            remedy=f"Write `[{_GROUP}] ssl = true`, or remove these lines.",
        )
    return passed("ssl is on, and the options beside it are read", service.find(_GROUP, "ssl"), *beside, *old)


def _written(service: Service, names: tuple[str, ...]) -> list[Setting]:
    return [
        setting for setting in service.settings.written() if setting.group == _GROUP and setting.name in names
    ]


def _names(settings: list[Setting]) -> str:
    return ", ".join(setting.name for setting in settings)


def _renamed(name: str) -> str:
    new = OLD_TLS_OPTIONS[name]
    return f"remove `{name}`" if new is None else f"write `{new}` for `{name}`"


CHECK = Check(
    id="messaging-tls-options-ignored",
    title="Options of TLS for the broker that nothing reads",
    severity=Severity.LOW,
    scope=Scope.SERVICE,
    doc=__doc__,
    remediation="Write `[oslo_messaging_rabbit] ssl = true`, and `ssl_ca_file` for `kombu_ssl_ca_certs`.",
    options=("oslo_messaging_rabbit.ssl", "oslo_messaging_rabbit.ssl_ca_file"),
    evaluate=evaluate,
    examples=(
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\nkombu_ssl_ca_certs = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        bad(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"
            "[oslo_messaging_rabbit]\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nrabbit_use_ssl = true\nkombu_ssl_ca_certs = /etc/nova/ca.pem\n",
            files=CA_FILES,
            release="2024.1",
        ),
        good(
            "[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5671/\n"
            "[oslo_messaging_rabbit]\nssl = true\nssl_ca_file = /etc/nova/ca.pem\n",
            files=CA_FILES,
        ),
        moot("[DEFAULT]\ntransport_url = rabbit://nova:yFw7hPq2kZ4tLm9sXc@rabbit.example:5672/\n"),
    ),
)
