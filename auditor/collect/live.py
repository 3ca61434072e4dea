"""The plan of the second question: which endpoints a host is to ask, and how, by what the first question brought.

    document -> its services as each candidate release has them -> transports and clients -> one item per endpoint

An item holds no secret: places, names, and the paths of files on the host. No login is made, so that the endpoints that
only keystone's catalogue knows are not asked; they are named among ``unasked``.
"""

import ipaddress
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from auditor.answers import protocol
from auditor.check import Outcome
from auditor.evidence import Document, Evidence
from auditor.model import Client, Missing, Posture, Service, Setting, Transport, Trust
from auditor.probe import roots, tokens
from auditor.releases import UnknownRelease, canonical
from auditor.semantics.endpoints import https_endpoints
from auditor.views import View, attempt, views_of

#: Whose endpoints are not asked: nobody speaks TLS there, or nobody connects.
_SILENT = frozenset({Posture.PLAINTEXT, Posture.LOCAL, Posture.BROKEN})

_VERIFYING = frozenset({Posture.VERIFIED_CA, Posture.VERIFIED_FULL})

_NO_TRUST = Trust("none")

#: The options, in the words of each library, that name a client's certificate and its key.
_CERTIFICATES = (
    ("ssl_cert_file", "ssl_key_file"),
    ("ssl_cert", "ssl_key"),
    ("ssl-cert", "ssl-key"),
    ("sslcert", "sslkey"),
    ("certfile", "keyfile"),
)

#: Variables that name a file of authorities for requests, the first that is set (2.25 to 2.32, sessions.py).
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")

#: Where the packages of distributions lie.
_PACKAGED = ("/usr/lib/python3/", "/usr/lib/python3.", "/usr/lib64/python3.")

#: Options of single sections that say where another service is; they are not asked (`https_endpoints`).
_OTHER_PLACES = ("api_servers", "endpoint_template", "barbican_endpoint")

#: Sections that speak to keystone alone, or to places that other options name.
_WITHOUT_CATALOGUE = frozenset({"keystone_authtoken", "service_user", "vendordata_dynamic_auth"})

_CATALOGUE = "where it is stands in keystone's catalogue, for which one has to log in"


@dataclass(frozen=True, slots=True)
class Item:
    """An endpoint to be asked, as the strictest of those that connect there would.

    ``who`` names that one. ``trust`` and the two paths of ``client`` (certificate and key, the second empty where it lies in
    the same file) are keys of the host's files.
    """

    spoken: str
    host: str
    port: int
    who: str
    trust: Trust = _NO_TRUST
    client: tuple[str, str] | None = None

    @property
    def endpoint(self) -> str:
        """What no two items share: what is spoken, and where."""
        return f"{self.spoken} {_place(self.host, self.port)}"

    def content(self) -> Mapping[str, Any]:
        """The item as the host is asked it (`auditor.probe.wire`)."""
        return {
            "id": self.endpoint,
            "protocol": self.spoken,
            "host": self.host,
            "port": self.port,
            "server_name": None if _is_address(self.host) else self.host,
            "verify": self.trust.kind != "none",
            "trust": {"kind": self.trust.kind, "path": self.trust.path},
            "client": None
            if self.client is None
            else {"certificate": self.client[0], "key": self.client[1] or self.client[0]},
            "minimum": None,
        }

    def unasked(self, reason: str) -> Mapping[str, Any]:
        """What stands in the place of its handshake where there is none."""
        return {
            "protocol": self.spoken,
            "host": self.host,
            "port": self.port,
            "result": "unasked",
            "reason": reason,
            "trust": {"kind": self.trust.kind, "path": self.trust.path},
        }


@dataclass(frozen=True, slots=True)
class Left:
    """What is not asked, or not as somebody would: who would, and why not. ``item`` is the endpoint, where it is known."""

    who: str
    reason: str
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a host is asked, and what it is not. ``trouble`` is why nothing could be planned, None where it could."""

    items: tuple[Item, ...] = ()
    left: tuple[Left, ...] = ()
    trouble: str | None = None

    @property
    def labels(self) -> frozenset[str]:
        """The labels of the containers whose files the items name."""
        paths = [path for item in self.items for path in (item.trust.path, *(item.client or ())) if path]
        return frozenset(roots.split(path)[0] for path in paths) - {""}

    def content(self) -> Sequence[Mapping[str, Any]]:
        """The items as the host is asked them."""
        return [item.content() for item in self.items]


def plan(document: Document, release: str | None = None) -> Plan:
    """Plan the second question to the host of a document; never raises for what the host gave.

    Args:
        document: what it answered to the first.
        release: the operator's word on services that show none; without it the endpoints of all candidates are asked.
    """
    try:
        evidence = document.read()
        told = release if evidence.told.release is None else canonical(evidence.told.release)
    except (ValueError, UnknownRelease) as error:
        return Plan(trouble=f"its evidence cannot be read: {error}")
    planned = attempt(partial(plan_of, evidence, told), f"planning what {document.host} is asked")
    return Plan(trouble=planned.message) if isinstance(planned, Outcome) else planned


def plan_of(evidence: Evidence, release: str | None = None) -> Plan:
    """Plan the second question by evidence: every endpoint once, with the strictest trust that anybody has there."""
    wanted: dict[str, Item] = {}
    left: dict[Left, None] = {}
    for found in _wanted(evidence, release):
        if isinstance(found, Left):
            left[found] = None
            continue
        other = wanted.setdefault(found.endpoint, found)
        if other is found:
            continue
        kept, lost = (found, other) if _strictness(found) > _strictness(other) else (other, found)
        wanted[found.endpoint] = replace(kept, client=kept.client or lost.client)
        if lost.who != kept.who and not _is_same_trust(evidence, kept.trust, lost.trust):
            left[Left(lost.who, _outdone(kept, lost))] = None
    # Somebody else may ask what one does not.
    rest = (one for one in left if one.item is None or one.item.endpoint not in wanted)
    return Plan(tuple(wanted.values()), tuple(rest))


def _wanted(evidence: Evidence, release: str | None) -> Iterator[Item | Left]:
    for record in evidence.services:
        for view in views_of(evidence, record, release):
            yield from _of_view(record.id, view)


def _of_view(name: str, view: View) -> Iterator[Item | Left]:
    if isinstance(view.service, Outcome):
        yield Left(name, view.service.message)
        return
    if isinstance(view.transports, Outcome):
        yield Left(name, view.transports.message)
    else:
        for transport in view.transports.values():
            yield from _of_transport(f"{name} {transport.name}", view.service, transport)
    if isinstance(view.clients, Outcome):
        yield Left(name, view.clients.message)
    else:
        for client in view.clients.values():
            yield from _of_client(f"{name} [{client.section}]", view.service, client)


def _of_transport(who: str, service: Service, transport: Transport) -> Iterator[Item | Left]:
    if transport.posture in _SILENT:
        return
    if not transport.endpoints:
        yield Left(who, f"where it goes is not known: {transport.reason}")
        return
    spoken = protocol(transport)
    if spoken is None:
        yield Left(who, f"nobody asks {transport.driver}")
        return
    verifies = (transport.when_encrypted or transport.posture) in _VERIFYING
    for place in transport.endpoints:
        item = _item(who, spoken, place)
        if item is None:
            yield Left(who, f"{place} is no place that could be asked")
        elif not transport.is_opened:
            yield Left(who, f"a {service.role} service never opens this connection", item)
        elif transport.posture is Posture.UNKNOWN:
            yield Left(who, f"whether TLS is spoken there is not known: {transport.reason}", item)
        else:
            pair = _certificate(service, transport.judging)
            yield from _trusting(
                replace(item, client=pair), service, transport.trust if verifies else _NO_TRUST
            )


def _of_client(who: str, service: Service, client: Client) -> Iterator[Item | Left]:
    options = (client.setting(name) for name in ("certfile", "keyfile"))
    pair = _certificate(service, [option for option in options if option is not None])
    for place in https_endpoints(client):
        item = _item(who, "https", place)
        if item is None:
            yield Left(who, f"{place} is no place that could be asked")
        else:
            bundle = _bundle(service) if client.trust == Trust("system") else None
            if bundle is not None:
                yield replace(item, client=pair, trust=bundle)
            else:
                yield from _trusting(replace(item, client=pair), service, client.trust)
    if client.section in _WITHOUT_CATALOGUE or _is_given(client.setting("endpoint_override")):
        return
    others = [name for name in _OTHER_PLACES if _is_given(client.setting(name))]
    yield Left(who, f"the places of {others[0]} are not asked" if others else _CATALOGUE)


def _is_given(setting: Setting | None) -> bool:
    return setting is not None and bool(setting.error or setting.resolved)


def _trusting(item: Item, service: Service, trust: Trust) -> Iterator[Item | Left]:
    """The item with what its client trusts; where that cannot be had on the host, it is asked without."""
    if trust.kind == "unknown":
        yield Left(item.who, f"whose certificates it believes at {item.endpoint} is not known")
        yield item
        return
    if trust.path is None:
        label = _label(service)
        yield replace(
            item, trust=Trust("system", f"{label}:/") if label and trust.kind == "system" else trust
        )
        return
    key = _key(service, trust.path)
    if key is None:
        yield Left(item.who, f"{trust.path}, whose certificates it believes, was not seen on this host")
        yield item
    else:
        # What the environment puts in the place of the system's is a file like any other.
        yield replace(item, trust=Trust("file", key))


def _item(who: str, spoken: str, place: str) -> Item | None:
    host, separator, port = place.rpartition(":")
    host = host.strip("[]")
    is_place = separator and host and port.isdecimal() and 0 < int(port) < 65536
    return Item(spoken, host, int(port), who) if is_place and not tokens.occurs(place) else None


def _certificate(service: Service, settings: Iterable[Setting]) -> tuple[str, str] | None:
    """The client's certificate and key, as keys of the host's files, where it has a certificate."""
    written: dict[str, str] = {}
    for setting in settings:
        if not isinstance(setting.resolved, str):
            continue
        if setting.name == "connection_parameters":
            written |= dict(parse_qsl(setting.resolved))
        else:
            written[setting.name.rpartition("?")[2]] = setting.resolved
    for certificate, key in _CERTIFICATES:
        if written.get(certificate):
            found = _key(service, written[certificate])
            own = _key(service, written[key]) if written.get(key) else ""
            return None if found is None or own is None else (found, own)
    return None


def _key(service: Service, path: str) -> str | None:
    """The key of the host's files for a path as the service names it, None where that lies in an image."""
    found = service.files.at(path)
    return None if isinstance(found, Missing) and found.status == "elsewhere" else found.path


def _label(service: Service) -> str:
    """The label of the container whose files the service reads, empty for the host's own."""
    files = (source.file for source in service.sources if source.file is not None)
    return next((roots.split(file)[0] for file in files), "")


def _bundle(service: Service) -> Trust | None:
    """The file that stands for the system's authorities in requests, None where it is the system's own.

    What the environment names goes first (``requests.Session.merge_environment_settings``), then certifi's own list, which
    the packages of distributions replace by the system's.
    """
    named = next((service.environment.get(name) for name in _BUNDLES if service.environment.get(name)), None)
    if named is not None:
        key = _key(service, named)
        return None if key is None else Trust("file", key)
    certifi = service.libraries.find("certifi")
    if certifi is None or certifi.path is None:
        return None
    place = posixpath.dirname(certifi.path)
    is_packaged = roots.split(place)[1].startswith(_PACKAGED)
    return None if is_packaged else Trust("file", f"{place}/certifi/cacert.pem")


def _strictness(item: Item) -> int:
    return ("none", "system", "file").index(item.trust.kind)


def _is_same_trust(evidence: Evidence, one: Trust, other: Trust) -> bool:
    """Whether two believe the same: the same file, or a copy of it in another container."""
    if one == other or one.kind != other.kind:
        return one == other
    texts = [getattr(evidence.files.get(str(trust.path)), "text", None) for trust in (one, other)]
    return texts[0] is not None and texts[0] == texts[1]


def _outdone(kept: Item, lost: Item) -> str:
    trusts = {"none": "no authority", "system": "the system's authorities"}
    own, other = (item.trust.path or trusts[item.trust.kind] for item in (lost, kept))
    return f"{kept.endpoint} was asked once, with {other} as {kept.who} has it, not with {own}"


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
