"""Cases of RPC and notifications: what may be written for RabbitMQ and Kafka.

A case's ``purpose`` is the transport that is opened. ``use`` has a broker that is fine declare the first queues of who
serves, calls or notifies, before the faces are shown; ``certificates`` has two brokers take over from each other, with
certificates of their ``own`` or one that is ``shared``; ``retries`` names the face that is dialled again and again; ``silent`` has a broker that says nothing;
``name`` is what the right certificate is for; ``authority`` is whose certificates the configuration believes, where
that is not ``ca``.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from auditor.probe.libraries import MARKERS
from tests.conformance.cases import kafka, messagingtraps, messagingurls

Case = Mapping[str, Any]

RABBIT = "oslo.messaging rabbit"
HOSTNAME = "ssl_enforce_hostname_verification"
URL = "rabbit://nova:pw@127.0.0.1:5671/"
TWO = "rabbit://nova:pw@127.0.0.2:5671,nova:pw@127.0.0.3:5671/"

Options = Mapping[str, str]

_CA = {"ssl": "true", "ssl_ca_file": "@DIR@/ca.pem"}

#: Word to the option's value, None where it is not written.
_FILES: Mapping[str, str | None] = {
    "no-ca": None,
    "ca": "@DIR@/ca.pem",
    "other": "@DIR@/other.pem",
    "system": "@DIR@/system.pem",
    "missing": "@DIR@/missing.pem",
    "empty": "@DIR@/empty.pem",
    "garbage": "@DIR@/garbage.pem",
    "folder": "@DIR@/folder",
}
_VERSIONS = (None, "TLSv1_2", "SSLv23", "tlsv1_2", "TLSv1", "TLSv1_1", "SSLv3", "bogus")
_NAMES = (None, "true", "false")
_CLIENTS: Mapping[str, Options] = {
    "pair": {"ssl_cert_file": "@DIR@/client.pem", "ssl_key_file": "@DIR@/client.key"},
    "cert-only": {"ssl_cert_file": "@DIR@/client.pem"},
    "key-only": {"ssl_key_file": "@DIR@/client.key"},
    "both-in-one": {"ssl_cert_file": "@DIR@/both.pem"},
    "both-twice": {"ssl_cert_file": "@DIR@/both.pem", "ssl_key_file": "@DIR@/both.pem"},
    "cert-missing": {"ssl_cert_file": "@DIR@/missing.pem", "ssl_key_file": "@DIR@/client.key"},
    "key-missing": {"ssl_cert_file": "@DIR@/client.pem", "ssl_key_file": "@DIR@/missing.key"},
    "garbage": {"ssl_cert_file": "@DIR@/garbage.pem", "ssl_key_file": "@DIR@/client.key"},
    "empty": {"ssl_cert_file": "@DIR@/empty.pem", "ssl_key_file": "@DIR@/client.key"},
    "folder": {"ssl_cert_file": "@DIR@/folder", "ssl_key_file": "@DIR@/client.key"},
}


def cases() -> tuple[Case, ...]:
    """All cases; the first asks what of the installed source the probe looks for."""
    markers = [[marker, file, pattern.pattern] for marker, _, file, pattern in MARKERS if "oslo" in marker]
    source = {"id": "source", "driver": RABBIT, "markers": markers, "conf": ""}
    return (
        source,
        *_grid(),
        *_switched_off(),
        *_deprecated(),
        *(rabbit(f"url-{words}", url, section, **more) for words, url, section, more in messagingurls.URLS),
        *_queries(),
        *_environment(),
        *_brokers(),
        *_queues(),
        *_rejected(),
        *_notifications(),
        *_for_ever(),
        *kafka.cases(),
        *messagingtraps.cases(),
    )


def rabbit(words: str, url: str | None, section: Options | str, **more: Any) -> dict[str, Any]:
    """A case with a transport_url (None where none is written) and options of [oslo_messaging_rabbit]."""
    lines = ["[DEFAULT]", *([] if url is None else [f"transport_url = {url}"]), "[oslo_messaging_rabbit]"]
    if isinstance(section, str):
        lines.append(section)
    else:
        lines += [f"{option} = {value}" for option, value in section.items()]
    conf = "\n".join([*lines, ""])
    return {"id": words, "driver": RABBIT, "purpose": "rpc", "conf": conf, **more}


def _options(ca: str, version: str | None, names: str | None) -> dict[str, str]:
    others = {"ssl_ca_file": _FILES[ca], "ssl_version": version, HOSTNAME: names}
    return {"ssl": "true", **{option: value for option, value in others.items() if value is not None}}


def _authority(ca: str) -> Mapping[str, str]:
    return {"authority": ca} if ca in ("other", "system") else {}


def _grid() -> Iterator[Case]:
    """Every combination of what decides of TLS, then each client certificate and FIPS on what differs."""
    for ca, version, names in product(_FILES, _VERSIONS, _NAMES):
        words = f"tls-{ca}-{version or 'any'}-names-{names or 'unset'}"
        yield rabbit(words, URL, _options(ca, version, names), **_authority(ca))
    for client, ca, version, names in product(
        _CLIENTS, ("no-ca", "ca", "missing"), (None, "TLSv1_2"), (None, "true")
    ):
        if client == "both-in-one" and (ca, version, names) != ("ca", None, None):
            continue  # what lies beside a certificate does not leave its host
        words = f"client-{client}-{ca}-{version or 'any'}-names-{names or 'unset'}"
        yield rabbit(words, URL, {**_options(ca, version, names), **_CLIENTS[client]})
    for ca, version, names in product(("no-ca", "ca", "missing"), (None, "TLSv1_2", "bogus"), (None, "true")):
        words = f"fips-{ca}-{version or 'any'}-names-{names or 'unset'}"
        yield rabbit(words, URL, {**_options(ca, version, names), "ssl_enforce_fips_mode": "true"})


def _switched_off() -> Iterator[Case]:
    """Whatever else is written has no effect while ssl is off."""
    others: Mapping[str, Options] = {
        "nothing": {},
        "ca": {"ssl_ca_file": "@DIR@/ca.pem"},
        "ca-missing": {"ssl_ca_file": "@DIR@/missing.pem"},
        "version": {"ssl_version": "TLSv1_2"},
        "version-bogus": {"ssl_version": "bogus"},
        "names": {HOSTNAME: "true"},
        "fips": {"ssl_enforce_fips_mode": "true"},
        **{f"client-{name}": section for name, section in _CLIENTS.items()},
    }
    for (words, section), ssl in product(others.items(), (None, "false")):
        written = {**section} if ssl is None else {"ssl": ssl, **section}
        yield rabbit(f"off-{words}-ssl-{ssl or 'unset'}", URL, written)
    for word in ("1", "on", "yes", "True", "TRUE", "0", "off", "no", "False"):
        yield rabbit(f"word-{word}", URL, {"ssl": word, "ssl_ca_file": "@DIR@/ca.pem"})


def _deprecated() -> Iterator[Case]:
    """The names that were dropped in 16.0.0, alone and beside today's."""
    old = {"rabbit_use_ssl": "true", "kombu_ssl_ca_certs": "@DIR@/ca.pem"}
    pair = {"kombu_ssl_certfile": "@DIR@/client.pem", "kombu_ssl_keyfile": "@DIR@/client.key"}
    sections: Mapping[str, Options] = {
        "old": old,
        "old-alone": {"rabbit_use_ssl": "true"},
        "old-off": {"rabbit_use_ssl": "false"},
        "old-version": {**old, "kombu_ssl_version": "TLSv1_2"},
        "old-version-bogus": {**old, "kombu_ssl_version": "bogus"},
        "old-version-alone": {"rabbit_use_ssl": "true", "kombu_ssl_version": "TLSv1_2"},
        "old-client": {**old, **pair},
        "old-missing": {"rabbit_use_ssl": "true", "kombu_ssl_ca_certs": "@DIR@/missing.pem"},
        "old-ca-with-ssl": {"ssl": "true", "kombu_ssl_ca_certs": "@DIR@/ca.pem"},
        "old-ssl-with-ca": {"rabbit_use_ssl": "true", "ssl_ca_file": "@DIR@/ca.pem"},
        "old-client-with-ca": {**_CA, **pair},
        "old-names": {**old, HOSTNAME: "true"},
        "old-on-new-off": {"ssl": "false", **old},
        "old-off-new-on": {**_CA, "rabbit_use_ssl": "false"},
        "old-ca-good-new-missing": {"ssl": "true", "ssl_ca_file": "@DIR@/missing.pem", **old},
        "old-ca-missing-new-good": {**_CA, "kombu_ssl_ca_certs": "@DIR@/missing.pem"},
        "dashes": {"ssl": "true", "ssl-ca-file": "@DIR@/ca.pem"},
        "capitals": {"SSL": "true", "SSL_CA_FILE": "@DIR@/ca.pem"},
    }
    for words, section in sections.items():
        yield rabbit(f"names-{words}", URL, section)
    yield rabbit("names-old-group", URL, f"[DEFAULT]\n{_written(old)}")
    yield rabbit("names-new-in-default", URL, f"[DEFAULT]\n{_written(_CA)}")


def _written(section: Options) -> str:
    return "\n".join(f"{option} = {value}" for option, value in section.items())


def _queries() -> Iterator[Case]:
    """The same options by the query of the URL, over what the section says."""
    for (ca, version, names), section in product(
        product(("no-ca", "ca", "missing"), (None, "TLSv1_2", "bogus"), _NAMES),
        ({}, {"ssl": "false", "ssl_ca_file": "@DIR@/missing.pem"}),
    ):
        query = "&".join(f"{option}={value}" for option, value in _options(ca, version, names).items())
        over = "over-a-section" if section else "alone"
        yield rabbit(
            f"query-{ca}-{version or 'any'}-names-{names or 'unset'}-{over}", f"{URL}?{query}", section
        )
    for client in ("pair", "cert-only", "key-only", "both-twice"):
        query = "&".join(f"{option}={value}" for option, value in {**_CA, **_CLIENTS[client]}.items())
        yield rabbit(f"query-client-{client}", f"{URL}?{query}", {})
    for words, query, written in messagingurls.QUERIES:
        yield rabbit(f"query-{words}", URL + query, written)


def _environment() -> Iterator[Case]:
    """oslo.config's variables, which beat the file and lose to the query."""
    name = "OS_OSLO_MESSAGING_RABBIT__SSL"
    yield rabbit("environment-on", URL, {}, environment={name: "true"})
    yield rabbit("environment-off", URL, _CA, environment={name: "false"})
    yield rabbit(
        "environment-off-query-on", f"{URL}?ssl=1", {"ssl_ca_file": "@DIR@/ca.pem"}, environment={name: "0"}
    )
    yield rabbit("environment-url", "rabbit://", _CA, environment={"OS_DEFAULT__TRANSPORT_URL": URL})


def _brokers() -> Iterator[Case]:
    """Two brokers: each face, then one that goes and one that takes over."""
    sections = {
        "plain": {},
        "system": {"ssl": "true"},
        "ca": _CA,
        "names": {**_CA, HOSTNAME: "true"},
        "no-names": {**_CA, HOSTNAME: "false"},
        "version": {**_CA, "ssl_version": "TLSv1_2", HOSTNAME: "true"},
        "client": {**_CA, **_CLIENTS["pair"], HOSTNAME: "true"},
    }
    for words, section in sections.items():
        yield rabbit(f"brokers-{words}", TWO, section, first="127.0.0.2", name="127.0.0.2 127.0.0.3")
        for certificates in ("own", "shared"):
            face = {"plain": "plain", "system": "system"}.get(words, "right")
            yield rabbit(
                f"failover-{words}-{certificates}", TWO, section, certificates=certificates, face=face
            )
    query = f"?ssl=1&ssl_ca_file=@DIR@/ca.pem&{HOSTNAME}=1"
    for strategy, certificates in product(("round-robin", "shuffle"), ("own", "shared")):
        section = {**_CA, HOSTNAME: "true", "kombu_failover_strategy": strategy}
        yield rabbit(
            f"failover-{strategy}-{certificates}", TWO, section, certificates=certificates, face="right"
        )
    yield rabbit("failover-query-own", TWO + query, {}, certificates="own", face="right")
    yield rabbit(
        "brokers-second-without-port",
        "rabbit://nova:pw@127.0.0.2:5671,nova:pw@127.0.0.3/",
        _CA,
        first="127.0.0.2",
        name="127.0.0.2 127.0.0.3",
    )
    yield rabbit(
        "brokers-second-with-slash",
        "rabbit://nova:pw@127.0.0.2:5671,nova:p%2Fw@127.0.0.3:5671/",
        {},
        first="127.0.0.3",
    )


def _queues() -> Iterator[Case]:
    """Options that contradict each other, for who serves, who calls and who notifies."""
    sections: Mapping[str, Options] = {
        "defaults": {},
        "quorum": {"rabbit_quorum_queue": "true"},
        "ha": {"rabbit_ha_queues": "true"},
        "quorum-and-ha": {"rabbit_quorum_queue": "true", "rabbit_ha_queues": "true"},
        "transient-quorum": {"rabbit_transient_quorum_queue": "true"},
        "transient-quorum-and-ha": {"rabbit_transient_quorum_queue": "true", "rabbit_ha_queues": "true"},
        "stream": {"rabbit_stream_fanout": "true"},
        "stream-with-prefetch": {"rabbit_stream_fanout": "true", "rabbit_qos_prefetch_count": "10"},
        "stream-with-quorum": {"rabbit_stream_fanout": "true", "rabbit_transient_quorum_queue": "true"},
        "stream-complete": {
            "rabbit_stream_fanout": "true",
            "rabbit_qos_prefetch_count": "10",
            "rabbit_transient_quorum_queue": "true",
        },
        "heartbeat-rate-0": {"heartbeat_rate": "0"},
        "heartbeat-off": {"heartbeat_timeout_threshold": "0"},
        "pool-smaller-than-least": {"rpc_conn_pool_size": "1"},
        "pool-and-least": {"rpc_conn_pool_size": "1", "conn_pool_min_size": "1"},
        "prefetch": {"rabbit_qos_prefetch_count": "10"},
        "durable": {"amqp_durable_queues": "true"},
        "no-expiry": {"rabbit_transient_queues_ttl": "0"},
    }
    uses = {"serve": "nova-conductor", "call": "nova-api", "notify": "nova-conductor"}
    for (words, section), (use, service) in product(sections.items(), uses.items()):
        case = rabbit(f"queues-{words}-{use}", URL, section, use=use, service=service)
        if use == "notify":
            case["conf"] += "[oslo_messaging_notifications]\ndriver = messagingv2\n"
            case["purpose"] = "notifications"
        yield case
    yield rabbit("queues-pool-in-default", URL, "[DEFAULT]\nrpc_conn_pool_size = 1\n")
    query = "?rabbit_quorum_queue=1&rabbit_ha_queues=1"
    yield rabbit("queues-quorum-and-ha-query", URL + query, {}, use="serve")
    yield rabbit("queues-large-pool-in-default", URL, "[DEFAULT]\nrpc_conn_pool_size = 100\n", use="serve")


def _rejected() -> Iterator[Case]:
    """Values that oslo.config refuses when the driver reads them, or never reads."""
    for option, value in messagingurls.REJECTED:
        yield rabbit(f"rejected-{option}-{value}", URL, {option: value})
    for option, value in messagingurls.LOGINS:
        yield rabbit(f"login-{option}-{value}", URL, {option: value})


def _notifications() -> Iterator[Case]:
    """Notifications take a URL of their own or RPC's, and are sent by a driver or not at all."""
    drivers = (
        "messaging",
        "messagingv2",
        "log",
        "noop",
        "routing",
        "test",
        "bogus",
        "log\ndriver = messaging",
        "",
    )
    for (words, own), driver in product(
        {"rpc-url": None, "own-url": f"{URL}?ssl=0", "empty-url": ""}.items(), (None, *drivers)
    ):
        lines = ["[oslo_messaging_notifications]"]
        lines += [] if own is None else [f"transport_url = {own}"]
        lines += [] if driver is None else [f"driver = {driver}"]
        named = "unset" if driver is None else driver.replace("\ndriver = ", "-and-") or "empty"
        case = rabbit(f"notifications-{words}-driver-{named}", URL, _CA, purpose="notifications")
        case["conf"] += "\n".join([*lines, ""])
        yield case
    for words, url in (
        ("unknown-scheme", "rabbits://nova:pw@127.0.0.1/"),
        ("unknown-key", f"{URL}?bogus=1"),
        ("bad-value", f"{URL}?ssl=maybe"),
        ("no-scheme", "nova:pw@127.0.0.1"),
        ("pool", f"{URL}?rpc_conn_pool_size=1"),
        ("missing-ca", f"{URL}?ssl_ca_file=@DIR@/missing.pem"),
    ):
        for driver in (None, "messagingv2"):
            case = rabbit(
                f"notifications-{words}-{'sent' if driver else 'unsent'}", URL, _CA, purpose="notifications"
            )
            case["conf"] += f"[oslo_messaging_notifications]\ntransport_url = {url}\n"
            case["conf"] += f"driver = {driver}\n" if driver else ""
            yield case
    routed = rabbit("notifications-routed", URL, _CA, purpose="notifications")
    routed["conf"] += (
        "[oslo_messaging_notifications]\ndriver = routing\nrouting_config = @DIR@/routing.yaml\n"
    )
    routed["files"] = {"@DIR@/routing.yaml": "all:\n  messagingv2:\n    accepted_priorities: [info]\n"}
    yield routed
    fake = rabbit("notifications-fake", URL, _CA, purpose="notifications")
    fake["conf"] += "[oslo_messaging_notifications]\ntransport_url = fake://\ndriver = messagingv2\n"
    yield fake
    old = f"[DEFAULT]\nnotification_driver = messagingv2\nnotification_transport_url = {URL}?ssl=0\n"
    yield rabbit("notifications-old-names", URL, f"{_written(_CA)}\n{old}", purpose="notifications")


def _for_ever() -> Iterator[Case]:
    """What is tried again and again, left alone; and a broker that accepts and stays silent."""
    for words, section, face in (
        ("missing-ca", {"ssl": "true", "ssl_ca_file": "@DIR@/missing.pem"}, "right"),
        ("wrong-authority", _CA, "other"),
        ("no-tls", _CA, "plain"),
        ("old-protocol", {**_CA, "ssl_version": "TLSv1"}, "right"),
        ("key-missing", {**_CA, **_CLIENTS["cert-only"]}, "right"),
    ):
        yield rabbit(f"for-ever-{words}", URL, section, retries=face)
    yield rabbit("silent-tls", URL, _CA, silent=True)
    yield rabbit("silent-plain", URL, {}, silent=True)
