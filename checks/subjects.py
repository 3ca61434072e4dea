"""What the checks of an area have in common: which objects they judge, and why they set others aside."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from auditor.check import (
    Client,
    Outcome,
    Posture,
    Role,
    Service,
    Setting,
    Transport,
    Undecidable,
    not_applicable,
)
from auditor.checks.exhibits import AUTHORITY
from auditor.releases import load
from auditor.semantics.cells import UNLISTED, UNREAD, mend
from auditor.semantics.certificates import is_public
from auditor.semantics.options import has_credentials
from auditor.semantics.rabbit import OLD_NAMES

#: Services that open database connections (`nova.db.main.api.DISABLE_DB_ACCESS` keeps nova-compute from it).
#: A configuration of unknown role is judged as one of them, because somebody wrote the connection for somebody.
DATABASE_ROLES = frozenset(
    {
        Role.API,
        Role.METADATA,
        Role.CONDUCTOR,
        Role.SCHEDULER,
        Role.CONSOLE_PROXY,
        Role.PLACEMENT,
        Role.UNKNOWN,
    }
)

#: The postures of connections that verify the certificate.
VERIFYING = frozenset({Posture.VERIFIED_CA, Posture.VERIFIED_FULL})

#: Parameters that make PyMySQL build its TLS anew from its own arguments, without what SQLAlchemy made of ``ssl_ca``.
_REPLACING = ("ssl_verify_cert", "ssl_verify_identity")

#: Options of TLS for the broker whose names oslo.messaging dropped in 16.0.0, and what is written today (None: nothing).
OLD_TLS_OPTIONS: Mapping[str, str | None] = MappingProxyType({**OLD_NAMES, "kombu_ssl_version": None})

#: The authority that examples point to.
CA_FILES: Mapping[str, str] = MappingProxyType({"/etc/nova/ca.pem": AUTHORITY})


def with_cell(transport_url: str, database_connection: str) -> Mapping[str, Any]:
    """For examples: the record of a service whose only cell has these URLs, as nova-manage shows them."""
    row = {"name": "cell1", "uuid": "6f1b4f5c-3f0e-4b9e-9a52-0d5a3b1c2d4e", "disabled": False}
    urls = {"transport_url": transport_url, "database_connection": database_connection}
    return {"cells": {"status": "read", "reason": None, "user": "nova", "rows": [{**row, **urls}]}}


def is_messaging(transport: Transport) -> bool:
    """True for RPC and notifications, of Nova itself or of a cell."""
    return transport.purpose in ("rpc", "notifications") or transport.purpose.endswith(":rpc")


def is_unlisted(transport: Transport) -> bool:
    """True for what stands for the cells where these could not be listed."""
    return transport.purpose.startswith(f"cell:{UNLISTED}:")


def require_url(transport: Transport) -> None:
    """Raise `Undecidable` where the URL is not known, with the reason."""
    if is_unlisted(transport):
        raise Undecidable(transport.reason)
    if transport.url.is_withheld:
        raise Undecidable(f"{transport.url} was withheld on the host: it is not in a canonical form")


def require_cells(service: Service) -> None:
    """Raise `Undecidable` where cells were asked for and could not be listed, with the reason."""
    if service.cells is not None and service.cells.reason is not None:
        raise Undecidable(UNREAD.format(service.cells.reason))


def in_cell(transport: Transport, remedy: str) -> str | None:
    """The remedy for the URL of a cell, which stands in no file; None for any other: its check has one."""
    mended = mend(transport, remedy)
    return None if mended == remedy else mended


def is_rabbit(transport: Transport) -> bool:
    """True for a connection through oslo.messaging's driver for RabbitMQ; raises `Undecidable` where its URL is withheld."""
    if is_messaging(transport):
        require_url(transport)
    return is_messaging(transport) and transport.driver.partition("+")[0].lower() in ("rabbit", "kombu")


def of_another_area(transport: Transport, messaging: bool) -> Outcome | None:
    """The outcome for a transport of the other area; None for one of this area."""
    if is_messaging(transport) is messaging:
        return None
    return not_applicable("it is a database connection" if messaging else "it is a messaging connection")


def set_aside(transport: Transport, messaging: bool) -> Outcome | None:
    """The outcome for a transport of the other area, or one that carries nothing off the machine; None to judge it."""
    other = of_another_area(transport, messaging)
    if other is not None:
        return other
    if is_unlisted(transport):
        raise Undecidable(transport.reason)
    if not transport.is_opened:
        return not_applicable("a service of this role never opens it")
    if transport.posture is Posture.BROKEN:
        return not_applicable("the service cannot connect this way")
    if transport.posture is Posture.LOCAL:
        return not_applicable("it never leaves the machine")
    return None


def posture(transport: Transport) -> Posture:
    """The posture to judge; raises `Undecidable` where it is unknown."""
    if transport.posture is Posture.UNKNOWN:
        raise Undecidable(transport.reason)
    return transport.posture


def once_encrypted(transport: Transport) -> Posture | None:
    """The posture while TLS is in use, whether or not somebody could prevent it; None where it never is."""
    found = posture(transport)
    if found is Posture.OPPORTUNISTIC:
        return transport.when_encrypted
    return None if found is Posture.PLAINTEXT else found


def is_limited_by_library(transport: Transport) -> bool:
    """True where only another version of a library would protect it better."""
    return transport.limited_by is not None and transport.limited_by.kind == "library"


def trusts_public(transport: Transport) -> bool:
    """True where the certificates of public authorities are believed."""
    return is_public(transport.trust, transport.ca_file)


def replacing_ca(transport: Transport) -> tuple[str, ...]:
    """The parameters that stand beside ``ssl_ca`` and make PyMySQL ignore it."""
    if "pymysql" not in transport.driver:
        return ()
    written: set[str] = set()
    for setting in transport.judging:
        if setting.name == "connection_parameters":
            written.update(name for name, _ in parse_qsl(str(setting.value)))
        else:
            written.add(setting.name.rpartition("?")[2])
    return tuple(name for name in _REPLACING if name in written) if "ssl_ca" in written else ()


def with_every_name(transport: Transport, remedy: str | None) -> str | None:
    """A remedy that switches the check of names on, and what that asks of several brokers (kombu up to 5.7.0)."""
    if remedy is None or not is_rabbit(transport) or len(transport.endpoints) < 2:
        return remedy
    return (
        f"{remedy} First give every broker a certificate with the names of all: kombu goes on to expect the name of the "
        "broker that it dialled first, and failover breaks."
    )


def not_placement(client: Client) -> Outcome | None:
    """The outcome for a client of another service, or one that makes no call; None to judge a client of placement."""
    if client.section != "placement":
        return not_applicable("it is a client of another service")
    if not has_credentials(client.settings, client.section):
        return not_applicable("[placement] has no credentials, so no call is made")
    return None


def leftovers(service: Service) -> tuple[Setting, ...]:
    """The written options that the release does not know, in sections that it does.

    Left out is what keystoneauth's adapters know (``region_name``) in sections where Nova makes none: templates write it
    everywhere, and nothing depends on it.
    """
    known = load(service.release).projects[service.project]
    adapter = known.get("placement", {})
    return tuple(
        setting
        for setting in service.settings.written()
        if setting.unknown
        and setting.group in known
        and not (setting.name in adapter and "auth_type" in known[setting.group])
    )


def listed(settings: Sequence[Setting]) -> str:
    """Options by section: ``[DEFAULT] a, b; [neutron] c``."""
    groups: dict[str, list[str]] = {}
    for setting in settings:
        groups.setdefault(setting.group, []).append(setting.name)
    return "; ".join(f"[{group}] {', '.join(names)}" for group, names in groups.items())


def meant(service: Service, setting: Setting) -> str | None:
    """The name of the same section that an unknown one resembles, or None."""
    name = setting.name.replace("-", "_").lower()
    return _resembled(service.release, service.project, setting.group, name)


@lru_cache(maxsize=4096)
def _resembled(release: str, project: str, group: str, name: str) -> str | None:
    # Kept, because the hosts of a fleet share their templates: looking anew each time took 8 % of a large run.
    known = load(release).projects[project][group]
    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.88)), None)
